import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN_LIMITS } from './limits.ts';

/** Folder inside the data directory that Chromium keeps to itself; its lock is also the app's claim on the directory. */
export const WINDOW_FOLDER = 'window';

/** The part of Electron's `app` that claims a directory; tests pass their own. */
export interface ClaimingApp {
  setPath(name: string, path: string): void;
  requestSingleInstanceLock(): boolean;
  releaseSingleInstanceLock(): void;
  hasSingleInstanceLock(): boolean;
}

/** The data directory cannot be made or written. */
export class DataDirError extends Error {
  readonly dataDir: string;

  constructor(dataDir: string, cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'this user may not write there'
        : code === 'ENOTDIR' || code === 'EEXIST'
          ? 'a file is in its way'
          : code === 'ENOSPC'
            ? 'the disk is full'
            : cause instanceof Error
              ? cause.message
              : String(cause);
    super(`The data directory ${dataDir} cannot be used: ${why}. Set DATA_DIR to a folder that this user may write to.`);
    this.name = 'DataDirError';
    this.dataDir = dataDir;
  }
}

/**
 * Takes a data directory for this process: makes it, puts Electron's `userData` inside it and asks for the lock there. That
 * lock belongs to the directory, not to the program, so nodes with different directories run side by side; the system
 * frees it when the process dies, however it dies. A lock held before is given back.
 *
 * @returns false when another Chainscope has it
 * @throws DataDirError when it cannot be made or written
 */
export function claimDataDir(app: ClaimingApp, dataDir: string): boolean {
  const folder = join(dataDir, WINDOW_FOLDER);
  try {
    // Nobody else on this computer needs to read what a node knows; a directory that is there keeps the rights that its owner gave it.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new DataDirError(dataDir, error);
  }
  if (app.hasSingleInstanceLock()) app.releaseSingleInstanceLock();
  app.setPath('userData', folder);
  app.setPath('crashDumps', join(folder, 'crashes'));
  return app.requestSingleInstanceLock();
}

/** `<dir>-2`, `<dir>-3` … in the order in which they are tried. */
export function* besideDirs(base: string): Generator<string> {
  for (let number = 2; number <= MAIN_LIMITS.besideLast; number += 1) yield `${base}-${String(number)}`;
}

/**
 * Takes the first directory beside `base` that nobody holds. One that an earlier second node left is taken again, so its
 * chain is there again.
 *
 * @param skip directories that turned out to be held by a node without a window
 * @throws DataDirError when none can be had
 */
export function claimBeside(app: ClaimingApp, base: string, skip: ReadonlySet<string> = new Set()): string {
  for (const dir of besideDirs(base)) {
    if (!skip.has(dir) && claimDataDir(app, dir)) return dir;
  }
  throw new DataDirError(base, new Error(`all ${String(MAIN_LIMITS.besideLast)} directories beside it are in use`));
}

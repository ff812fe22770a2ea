import { accessSync, constants, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../node/index.ts';
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
    makeDirectory(folder);
    proveLockable(folder);
  } catch (error) {
    throw new DataDirError(dataDir, error);
  }
  if (app.hasSingleInstanceLock()) app.releaseSingleInstanceLock();
  app.setPath('userData', folder);
  app.setPath('crashDumps', join(folder, 'crashes'));
  return app.requestSingleInstanceLock();
}

/**
 * The lock is refused in the same way when somebody has it and when it cannot be made; so what it is made of is tried before. On Linux and
 * macOS that is a symbolic link (Chromium's `process_singleton_posix.cc`), which not every file system has.
 */
function proveLockable(folder: string): void {
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  if (process.platform === 'win32') return;
  const probe = join(folder, `probe-${String(process.pid)}`);
  rmSync(probe, { force: true });
  try {
    symlinkSync('nowhere', probe);
  } catch (error) {
    if (/^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS)$/.test((error as NodeJS.ErrnoException).code ?? '')) {
      throw new Error('its file system has no symbolic links, which the lock of the window needs', { cause: error });
    }
    throw error;
  }
  rmSync(probe, { force: true });
}

/** Folder made inside a chosen one that holds other things: a chain must not be strewn among somebody's documents. */
const OWN_FOLDER = 'Chainscope';

/** The data directory for a folder that a person chose: itself when it is empty, new, or a data directory already. */
export function folderFor(chosen: string): string {
  let names: string[] = [];
  try {
    names = readdirSync(chosen);
  } catch {
    // One that cannot be read is told when it is claimed.
  }
  return names.length === 0 || names.includes('schema') || names.includes(WINDOW_FOLDER) ? chosen : join(chosen, OWN_FOLDER);
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
  throw new DataDirError(base, new Error(`all ${String(MAIN_LIMITS.besideLast - 1)} directories beside it are in use`));
}

/**
 * A database looked at without a change to it. LevelDB writes on every opening: it turns its log into a table and begins a new manifest.
 * So it is given another directory, in which tables are links to the real ones (LevelDB never writes to a table that is complete) and
 * everything else is a copy. LOCK is a link, too: the lock on it is the one that a node takes, and is held until `close`.
 */
import { constants } from 'node:fs';
import { access, copyFile, link, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { noChain, StoreError, toStoreError } from './errors.ts';
import { isInUse } from './in-use.ts';
import { DATABASE_DIRECTORY, hasDatabaseFiles } from './level-directory.ts';
import type { Database } from './salvage.ts';

const TABLE = /\.(ldb|sst)$/;

export interface Mirror {
  readonly db: Database;
  /** False where the directory cannot be written to: then nobody can be kept from it either. */
  readonly locked: boolean;
  close(): Promise<void>;
}

/**
 * Opens the database of a data directory for reading.
 * @throws StoreError `data-dir-locked`, `data-dir-unusable` when there is no database, `corrupt` when it cannot be opened
 */
export async function openMirror(dataDir: string): Promise<Mirror> {
  const database = resolve(dataDir, DATABASE_DIRECTORY);
  if (isInUse(database)) throw new StoreError('data-dir-locked', `This process has the data directory ${dataDir} open; close the node first.`);
  const found = await stat(database).catch(() => undefined);
  if (found?.isDirectory() !== true || !(await hasDatabaseFiles(database).catch(() => false))) throw noChain(dataDir);
  const folder = await mkdtemp(join(tmpdir(), 'chainscope-verify-'));
  let db: Database | undefined;
  const close = async (): Promise<void> => {
    await db?.close().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const locked = await linkLock(database, folder);
    for (const file of await readdir(database, { withFileTypes: true })) {
      if (!file.isFile() || file.name === 'LOCK' || file.name.startsWith('LOG')) continue;
      await bring(join(database, file.name), join(folder, file.name));
    }
    // Made only now: it opens by itself as soon as it is made.
    const opened: Database = new ClassicLevel(folder, { keyEncoding: 'view', valueEncoding: 'view', createIfMissing: false });
    db = opened;
    await opened.open({ createIfMissing: false }).catch((error: unknown) => {
      const failure = toStoreError(error, dataDir);
      if (failure.code === 'data-dir-locked' || failure.code === 'disk-full') throw failure;
      // The mirror is our own and can be used: whatever LevelDB does not like is in the files of the database.
      throw new StoreError('corrupt', `The database in ${dataDir} cannot be opened: it is damaged.`, error);
    });
    return { db: opened, locked, close };
  } catch (error) {
    await close();
    const failure = toStoreError(error, dataDir);
    if (failure.code !== 'disk-full') throw failure;
    throw new StoreError('disk-full', `There is no room in ${tmpdir()} to open the database without changing it; free some space there.`, error);
  }
}

/** @returns whether the lock can be had by way of the mirror */
async function linkLock(database: string, folder: string): Promise<boolean> {
  const lock = join(database, 'LOCK');
  const writable = await access(lock, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return false;
  const target = join(folder, 'LOCK');
  // Windows lets few users make symbolic links; a hard link is the same file there as well.
  return symlink(lock, target)
    .catch(() => link(lock, target))
    .then(
      () => true,
      () => false,
    );
}

async function bring(from: string, to: string): Promise<void> {
  if (!TABLE.test(from)) return copyFile(from, to);
  return symlink(from, to).catch(() => link(from, to).catch(() => copyFile(from, to)));
}

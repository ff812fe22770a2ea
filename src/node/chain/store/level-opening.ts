/** Opening the database of a data directory, and what is done when it cannot be opened or read. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import type { HashHex } from '../../../shared/blocks.ts';
import { displayHash, HASH_BYTES, internalHash } from '../../util/bytes.ts';
import { put } from './batch.ts';
import { MISLED, NEVER_CREATED, REFUSED, toStoreError, unusable } from './errors.ts';
import { exchange, FRESH_DIRECTORY, hasDatabaseFiles, keepCopy, markDamaged, newerSchema } from './level-directory.ts';
import * as records from './records.ts';
import { salvage, type Database } from './salvage.ts';
import { dropDamagedSmall } from './small-records.ts';
import type { StoreOpenReport } from './store.ts';

export interface DatabasePlace {
  readonly dataDir: string;
  /** Of the database itself, in the data directory. */
  readonly path: string;
  /** The chain that belongs there. */
  readonly genesisHash: HashHex;
}

export async function openDatabase(path: string, createIfMissing: boolean): Promise<Database> {
  const db: Database = new ClassicLevel(path, { keyEncoding: 'view', valueEncoding: 'view', createIfMissing });
  await db.open({ createIfMissing });
  return db;
}

/** First without creating: LevelDB starts an empty database over the remains of one that lost its CURRENT. Throws StoreError or what LevelDB throws. */
export async function openOrRepair(place: DatabasePlace, report: StoreOpenReport): Promise<Database> {
  try {
    return await openDatabase(place.path, false);
  } catch (error) {
    const { code } = toStoreError(error, place.dataDir);
    const words = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    const remains = await hasDatabaseFiles(place.path).catch(() => false);
    if (NEVER_CREATED.test(words) && !remains) return openDatabase(place.path, true);
    if (code !== 'corrupt' && !(remains && MISLED.test(words))) throw error;
  }
  return repairDatabase(place, report);
}

async function repairDatabase({ dataDir, path }: DatabasePlace, report: StoreOpenReport): Promise<Database> {
  const copy = await keepCopy(dataDir, path);
  report.repaired = true;
  try {
    await ClassicLevel.repair(path);
    const db = await openDatabase(path, false);
    report.messages.push(`The database was damaged and has been repaired; the old one is kept as ${copy} in the data directory.`);
    return db;
  } catch (error) {
    // What was refused from outside (no room, no permission, a failing disk) says nothing of the database: it stays, and the next start repairs it.
    const { code, message } = toStoreError(error, dataDir);
    if (code === 'data-dir-locked' || code === 'disk-full' || REFUSED.test(message)) throw error;
    await rm(path, { recursive: true, force: true });
    const db = await openDatabase(path, true);
    report.messages.push(
      `The database was damaged beyond repair and a new one was begun; the old one is kept as ${copy} in the data directory, and the chain is fetched again from peers.`,
    );
    return db;
  }
}

/** A database that opens but cannot be read everywhere: what can be read goes into a new one, which takes its place. Closes the old one. */
export async function salvageDatabase({ dataDir, path }: DatabasePlace, from: Database, report: StoreOpenReport): Promise<Database> {
  const copy = await keepCopy(dataDir, path);
  const fresh = join(dataDir, FRESH_DIRECTORY);
  await rm(fresh, { recursive: true, force: true });
  const to = await openDatabase(fresh, true);
  await salvage(from, to).finally(() => to.close());
  await from.close();
  await exchange(dataDir);
  const db = await openDatabase(path, false);
  await markDamaged(dataDir, false);
  report.repaired = true;
  report.messages.push(`The database was damaged; what could be read is in a new one, the old one is kept as ${copy} in the data directory.`);
  return db;
}

/** Schema and network of what is in the database. Throws StoreError for a newer schema and for the chain of another network. */
export async function checkContents({ dataDir, genesisHash }: DatabasePlace, db: Database, report: StoreOpenReport): Promise<void> {
  const schema = await recordOf(db, records.SCHEMA_KEY);
  const version = schema === undefined ? undefined : records.decodeVersion(schema);
  if (version !== undefined && version > records.SCHEMA_VERSION) throw newerSchema(dataDir, version);
  const genesis = await recordOf(db, records.GENESIS_KEY);
  if (genesis?.length === HASH_BYTES && displayHash(genesis) !== genesisHash) throw unusable(dataDir, 'it holds the chain of another network');
  report.messages.push(...(await dropDamagedSmall(db)));
  if (version === records.SCHEMA_VERSION && genesis !== undefined) return;
  const empty = (await db.keys({ limit: 1 }).all()).length === 0;
  // One that an older Chainscope wrote is read as it is; that one must not read what is written from now on.
  if (!empty && (version === undefined || genesis === undefined)) report.repaired = true;
  await db.batch([put(records.SCHEMA_KEY, records.encodeVersion(records.SCHEMA_VERSION)), put(records.GENESIS_KEY, internalHash(genesisHash))], { sync: true });
}

/** A record without its seal; undefined when there is none, or when its checksum is wrong. */
export async function recordOf(db: Database, key: Uint8Array): Promise<Uint8Array | undefined> {
  const sealed = await db.get(key);
  const value = sealed === undefined ? undefined : records.unseal(key, sealed);
  return value === undefined ? undefined : new Uint8Array(value);
}

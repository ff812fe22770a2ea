/** What surrounds the database in the data directory: the place itself, the schema file, copies of damaged databases. */
import { constants } from 'node:fs';
import { access, copyFile, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { utf8Encode } from '../../util/bytes.ts';
import { makeDirectory } from '../../util/make-directory.ts';
import { MAX_DAMAGED_COPIES } from '../limits.ts';
import { StoreError, toStoreError, unusable } from './errors.ts';
import { decodeVersion, SCHEMA_VERSION } from './records.ts';

export const DATABASE_DIRECTORY = 'chain';
/** A database under construction; complete as soon as there is no DATABASE_DIRECTORY. */
export const FRESH_DIRECTORY = 'chain-new';
const OLD_DIRECTORY = 'chain-old';
const SCHEMA_FILE = 'schema';
const DAMAGED_FILE = 'chain-is-damaged';
const DAMAGED = /^chain-damaged-(\d+)$/;
/** Files that only a database leaves: its directory is not a fresh one. */
const DATABASE_FILE = /^(\d+\.(ldb|sst|log)|MANIFEST-\d+)$/;

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Makes the directory when it is missing, for this user alone, and sees that it can be written to. Rejects with StoreError `data-dir-unusable`. */
export async function prepareDirectory(dataDir: string): Promise<void> {
  try {
    const found = await stat(dataDir).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) makeDirectory(dataDir);
    else if (!found.isDirectory()) throw unusable(dataDir, 'it is a file');
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw toStoreError(error, dataDir);
  }
}

export function newerSchema(dataDir: string, version: number): StoreError {
  return new StoreError(
    'schema-newer',
    `The data directory ${dataDir} was written by a newer Chainscope (schema ${version}, this one reads up to ${SCHEMA_VERSION}); update Chainscope, or choose another directory.`,
  );
}

export interface SchemaFile {
  /** undefined when there is no such file, or it is damaged. */
  readonly version: number | undefined;
  readonly damaged: boolean;
}

/** Reads the schema's number before the database is touched: LevelDB rewrites files on every opening. */
export async function readSchemaFile(dataDir: string): Promise<SchemaFile> {
  try {
    return decodeSchemaFile(await readFile(join(dataDir, SCHEMA_FILE)));
  } catch (error) {
    // The number in the database decides when the file is missing.
    if (codeOf(error) === 'ENOENT') return { version: undefined, damaged: false };
    throw toStoreError(error, dataDir);
  }
}

/**
 * The number and its CRC-32: a flipped byte must not pass for a newer Chainscope's number. Before schema 2 got its checksum the number stood
 * alone, and a later version may write it like that again.
 */
export function decodeSchemaFile(bytes: Uint8Array): SchemaFile {
  const text = Buffer.from(bytes).toString('latin1');
  const [number = '', sum, ...more] = text.trim().split(' ');
  const version = decodeVersion(utf8Encode(number));
  const whole = version !== undefined && more.length === 0 && (sum === undefined || sum === checksumOf(number));
  return whole ? { version, damaged: false } : { version: undefined, damaged: true };
}

export function encodeSchemaFile(version: number): Uint8Array {
  return utf8Encode(`${String(version)} ${checksumOf(String(version))}\n`);
}

function checksumOf(number: string): string {
  return crc32(number).toString(16).padStart(8, '0');
}

/** Refuses a directory of a newer Chainscope. @returns a sentence about a damaged file */
export async function checkSchemaFile(dataDir: string): Promise<string | undefined> {
  const { version, damaged } = await readSchemaFile(dataDir);
  if (version !== undefined && version > SCHEMA_VERSION) throw newerSchema(dataDir, version);
  return damaged ? 'The file schema was damaged and has been written again; the number in the database counted.' : undefined;
}

export async function writeSchemaFile(dataDir: string): Promise<void> {
  const path = join(dataDir, SCHEMA_FILE);
  try {
    await writeFile(`${path}.new`, encodeSchemaFile(SCHEMA_VERSION), { flush: true });
    await rename(`${path}.new`, path);
  } catch (error) {
    throw toStoreError(error, dataDir);
  }
}

/** A note for the next start: the database must be repaired. */
export async function markDamaged(dataDir: string, damaged: boolean): Promise<void> {
  const path = join(dataDir, DAMAGED_FILE);
  if (damaged) await writeFile(path, '');
  else await rm(path, { force: true });
}

export async function isMarkedDamaged(dataDir: string): Promise<boolean> {
  return (await names(dataDir)).includes(DAMAGED_FILE);
}

async function names(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Whether a database once was in this directory. */
export async function hasDatabaseFiles(directory: string): Promise<boolean> {
  return (await names(directory)).some((name) => DATABASE_FILE.test(name));
}

/**
 * Copies a database before it is repaired, and returns the copy's name. Tables never change once written, so a hard link is
 * enough for them; where the file system has none they are copied. Only the last MAX_DAMAGED_COPIES copies stay.
 */
export async function keepCopy(dataDir: string, database: string): Promise<string> {
  const numbers = (await names(dataDir)).flatMap((name) => {
    const match = DAMAGED.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
  numbers.sort((a, b) => a - b);
  const name = `chain-damaged-${(numbers[numbers.length - 1] ?? 0) + 1}`;
  const target = join(dataDir, name);
  await mkdir(target);
  for (const file of await readdir(database, { withFileTypes: true })) {
    if (!file.isFile() || file.name === 'LOCK') continue;
    const from = join(database, file.name);
    const to = join(target, file.name);
    if (!/\.(ldb|sst)$/.test(file.name)) await copyFile(from, to);
    else await link(from, to).catch(() => copyFile(from, to));
  }
  for (const old of numbers.slice(0, Math.max(0, numbers.length + 1 - MAX_DAMAGED_COPIES))) {
    await rm(join(dataDir, `chain-damaged-${old}`), { recursive: true, force: true });
  }
  return name;
}

/** Puts the fresh database in the place of the other. Renames only, until it stands there: killed in between, the next start ends it. */
export async function exchange(dataDir: string): Promise<void> {
  const old = join(dataDir, OLD_DIRECTORY);
  await rm(old, { recursive: true, force: true });
  await rename(join(dataDir, DATABASE_DIRECTORY), old);
  await rename(join(dataDir, FRESH_DIRECTORY), join(dataDir, DATABASE_DIRECTORY));
  await rm(old, { recursive: true, force: true });
}

/** Ends an exchange that was cut short. */
export async function finishExchange(dataDir: string): Promise<void> {
  const found = await names(dataDir);
  if (found.includes(FRESH_DIRECTORY) && !found.includes(DATABASE_DIRECTORY)) {
    await rename(join(dataDir, FRESH_DIRECTORY), join(dataDir, DATABASE_DIRECTORY));
  }
}

/** Bytes of all files in a directory, not below it; 0 when there is none. */
export async function directoryBytes(directory: string): Promise<number> {
  let sum = 0;
  for (const name of await names(directory)) {
    // LevelDB removes files as it compacts: one that is gone by now counts nothing.
    const found = await stat(join(directory, name)).catch(() => undefined);
    if (found?.isFile() === true) sum += found.size;
  }
  return sum;
}

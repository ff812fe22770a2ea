import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { makeDirectory } from '../node/index.ts';
import { MAIN_LIMITS } from './limits.ts';

export type StateFileRead<T> =
  | { status: 'read'; value: T }
  | { status: 'absent' }
  /** It was there but not usable; its content was moved to `movedTo`, or left in place when even that failed. */
  | { status: 'corrupt'; reason: string; movedTo?: string };

/**
 * Reads a small JSON file and checks it. A file that cannot be used is kept under another name, never deleted: what is in
 * it may still matter to somebody.
 */
export function readStateFile<S extends z.ZodType>(path: string, schema: S): StateFileRead<z.infer<S>> {
  let text: string;
  try {
    if (statSync(path).size > MAIN_LIMITS.stateFileBytes) return setAside(path, 'it is too large');
    // Editors on Windows put a byte order mark in front, which JSON does not know.
    text = readFileSync(path, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { status: 'absent' };
    return { status: 'corrupt', reason: (error as Error).message };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return setAside(path, 'it is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { status: 'read', value: parsed.data };
  return setAside(path, parsed.error.issues[0]?.message ?? 'its content is not as expected');
}

function setAside(path: string, reason: string): StateFileRead<never> {
  const names = Array.from({ length: MAIN_LIMITS.setAsideFiles }, (_, at) => `${path}.unreadable${at === 0 ? '' : `-${String(at + 1)}`}`);
  const movedTo = names.find((name) => !existsSync(name));
  // Whoever has so many of them should look at them first.
  if (movedTo === undefined) return { status: 'corrupt', reason };
  try {
    renameSync(path, movedTo);
    return { status: 'corrupt', reason, movedTo };
  } catch {
    return { status: 'corrupt', reason };
  }
}

/**
 * Writes a small JSON file so that a crash leaves either the old content or the new. Throws the file system's error.
 */
export function writeStateFile(path: string, value: unknown): void {
  const temporary = `${path}.${process.pid}.tmp`;
  makeDirectory(dirname(path));
  try {
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

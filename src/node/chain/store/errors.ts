export type StoreErrorCode =
  /** Another process has this data directory open. */
  | 'data-dir-locked'
  /** It cannot be made, read or written: a file in its place, no permission, a read-only or vanished disk. */
  | 'data-dir-unusable'
  /** Written by a newer Chainscope. */
  | 'schema-newer'
  /** Damaged beyond what was tried. */
  | 'corrupt'
  | 'disk-full'
  /** Another failure of input or output. */
  | 'io'
  | 'closed';

/** The store said no. `message` is one sentence for a person: the cause, then the next step. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.code = code;
  }
}

interface Failure {
  readonly codes: ReadonlySet<string>;
  readonly text: string;
}

/** Codes and messages of an error and its causes: classic-level puts LevelDB's own words into the cause. */
function failureOf(error: unknown): Failure {
  const codes = new Set<string>();
  const texts: string[] = [];
  let at: unknown = error;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string') codes.add(code);
    texts.push(at.message);
    at = at.cause;
  }
  return { codes, text: texts.join(' / ') };
}

/** strerror and errno names of a full disk, a quota and a file size limit: room is what is missing in all three. */
const FULL = /No space left|Disk quota exceeded|File too large|not enough space|ENOSPC|EDQUOT|EFBIG/i;
const UNUSABLE =
  /Read-only file system|Permission denied|Operation not permitted|Not a directory|Is a directory|No such file|File exists|not accessible|EROFS|EACCES|EPERM|ENOTDIR|EISDIR|ENOENT|EEXIST/i;

/** What a disk or the system refuses for reasons of its own: nothing is said of what the files hold. */
export const REFUSED = /Read-only file system|Permission denied|Operation not permitted|Input\/output error|Too many open files|EROFS|EACCES|EPERM|EIO|EMFILE|ENFILE/i;

/** An error of LevelDB or the file system as StoreError. `directory` is what the message names. */
export function toStoreError(error: unknown, directory: string): StoreError {
  if (error instanceof StoreError) return error;
  const { codes, text } = failureOf(error);
  if (codes.has('LEVEL_LOCKED')) {
    return new StoreError(
      'data-dir-locked',
      `Another Chainscope has the data directory ${directory} open; close it, or choose another directory.`,
      error,
    );
  }
  if (FULL.test(text)) {
    return new StoreError('disk-full', `There is no room left for the data directory ${directory}; free some space and it goes on.`, error);
  }
  if (codes.has('LEVEL_CORRUPTION')) {
    return new StoreError('corrupt', `The database in ${directory} is damaged; restart to have it repaired.`, error);
  }
  if (UNUSABLE.test(text)) return unusable(directory, text, error);
  return new StoreError('io', `The database in ${directory} failed (${text}); check the disk and try again.`, error);
}

export function unusable(directory: string, why: string, cause?: unknown): StoreError {
  return new StoreError(
    'data-dir-unusable',
    `The data directory ${directory} cannot be used (${why}); make it a directory that you can write to, or choose another.`,
    cause,
  );
}

/** Where a chain was to be looked at and there is none. `what` says of which kind. */
export function noChain(directory: string, what = ''): StoreError {
  return new StoreError('data-dir-unusable', `There is no chain${what === '' ? '' : ` ${what}`} in ${directory}; name the data directory of a node.`);
}

/** Where the chain of another network is than the one that was asked for. */
export function otherNetwork(directory: string, held: string, asked: string): StoreError {
  return new StoreError('data-dir-unusable', `The data directory ${directory} holds the chain of another network (${held}, not ${asked}); name the other network or another directory.`);
}

/** Whether the database itself is broken, as opposed to what surrounds it. */
export function isCorruption(error: unknown): boolean {
  return error instanceof StoreError ? error.code === 'corrupt' : failureOf(error).codes.has('LEVEL_CORRUPTION');
}

/** LevelDB's words for a directory without CURRENT, and for a file that CURRENT or MANIFEST names wrongly or that is not there. */
export const NEVER_CREATED = /does not exist \(create_if_missing is false\)/;
export const MISLED = /No such file|Not a directory|Is a directory|Invalid argument/;

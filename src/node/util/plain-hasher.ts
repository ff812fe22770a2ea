import * as crypto from 'node:crypto';
import { checkForest, countRows, DIGEST_BYTES, ROW_BYTES, type Forest, type Hasher } from './hasher.ts';

type OneShot = (algorithm: string, data: Uint8Array, encoding: 'buffer') => Uint8Array;

/** `crypto.hash` (Node 20.12, 21.7) makes no Hash object and is about twice as fast on short input; it is absent before. */
const oneShot = (crypto as { hash?: OneShot }).hash;

/** SHA-256 through a Hash object: the way that works in every version. Exported for the test that compares both. */
export function sha256WithHashObject(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(crypto.createHash('sha256').update(bytes).digest());
}

/** SHA-256 by node:crypto, 32 bytes. */
export const plainSha256: (bytes: Uint8Array) => Uint8Array =
  oneShot === undefined ? sha256WithHashObject : (bytes) => new Uint8Array(oneShot('sha256', bytes, 'buffer'));

/** SHA-256 of the SHA-256 by node:crypto, and by nothing else: what is measured against, and what is left when WebAssembly fails. */
export function plainHash256(bytes: Uint8Array): Uint8Array {
  return plainSha256(plainSha256(bytes));
}

/** node:crypto, one hash at a time. */
export class PlainHasher implements Hasher {
  readonly name = 'plain';
  readonly sha256 = plainSha256;
  readonly hash256 = plainHash256;

  hashRows(rows: Uint8Array): Uint8Array {
    return eachRow(rows, ROW_BYTES);
  }

  hashMany(messages: readonly Uint8Array[]): Uint8Array {
    const hashes = new Uint8Array(DIGEST_BYTES * messages.length);
    messages.forEach((message, i) => {
      hashes.set(plainHash256(message), DIGEST_BYTES * i);
    });
    return hashes;
  }

  hashForest(leaves: Uint8Array, counts: readonly number[]): Forest {
    checkForest(leaves, counts);
    const roots = new Uint8Array(DIGEST_BYTES * counts.length);
    const mutated = new Uint8Array(counts.length);
    let at = 0;
    counts.forEach((count, i) => {
      const tree = treeRoot(leaves.subarray(at, at + DIGEST_BYTES * count));
      roots.set(tree.root, DIGEST_BYTES * i);
      mutated[i] = tree.mutated ? 1 : 0;
      at += DIGEST_BYTES * count;
    });
    return { roots, mutated };
  }
}

function treeRoot(leaves: Uint8Array): { root: Uint8Array; mutated: boolean } {
  let level = leaves;
  let mutated = false;
  while (level.length > DIGEST_BYTES) {
    for (let at = 0; at + 2 * DIGEST_BYTES <= level.length; at += 2 * DIGEST_BYTES) mutated ||= isTwice(level, at);
    if (level.length % (2 * DIGEST_BYTES) !== 0) {
      const even = new Uint8Array(level.length + DIGEST_BYTES);
      even.set(level);
      even.copyWithin(level.length, level.length - DIGEST_BYTES, level.length);
      level = even;
    }
    level = eachRow(level, 2 * DIGEST_BYTES);
  }
  return { root: level, mutated };
}

function eachRow(rows: Uint8Array, size: number): Uint8Array {
  const count = countRows(rows, size);
  const hashes = new Uint8Array(DIGEST_BYTES * count);
  for (let i = 0; i < count; i++) hashes.set(plainHash256(rows.subarray(size * i, size * (i + 1))), DIGEST_BYTES * i);
  return hashes;
}

/** Whether the hash at `at` and the one after it are equal. */
function isTwice(level: Uint8Array, at: number): boolean {
  for (let i = at; i < at + DIGEST_BYTES; i++) if (level[i] !== level[i + DIGEST_BYTES]) return false;
  return true;
}

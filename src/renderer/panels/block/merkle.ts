/**
 * The Merkle tree over a block's transactions, level by level. Bitcoin's: pairs are hashed twice with SHA-256, the last of an odd
 * level with itself, and ids and root are shown byte-reversed.
 */
import type { HashHex } from '../../../shared/blocks.ts';

export interface MerkleLevels {
  /** The ids first, the root last; a level has half as many hashes as the one before, rounded up. */
  levels: readonly (readonly HashHex[])[];
  root: HashHex;
}

type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<ArrayBuffer>;

const sha256: Digest = (bytes) => crypto.subtle.digest('SHA-256', bytes);

function reversedBytes(hex: HashHex): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)).reverse();
}

function display(bytes: Uint8Array): HashHex {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .reverse()
    .join('');
}

async function hashPair(left: Uint8Array, right: Uint8Array, digest: Digest): Promise<Uint8Array> {
  const both = new Uint8Array(64);
  both.set(left, 0);
  both.set(right, 32);
  return new Uint8Array(await digest(new Uint8Array(await digest(both))));
}

/** @throws RangeError without an id: a block always has its coinbase */
export async function merkleLevels(ids: readonly HashHex[], digest: Digest = sha256): Promise<MerkleLevels> {
  if (ids.length === 0) throw new RangeError('a tree needs a leaf');
  const levels: HashHex[][] = [[...ids]];
  let level = ids.map(reversedBytes);
  while (level.length > 1) {
    const next: Promise<Uint8Array>[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const left = level[at] as Uint8Array;
      next.push(hashPair(left, level[at + 1] ?? left, digest));
    }
    level = await Promise.all(next);
    levels.push(level.map(display));
  }
  return { levels, root: levels.at(-1)?.[0] ?? '' };
}

import type { HashHex } from '../../../shared/blocks.ts';
import type { BlockIndexEntry } from '../../chain/types.ts';
import { encodeHeaders, type BlockHeader } from '../../primitives/header.ts';
import { displayHash, equalBytes, HASH_BYTES } from '../../util/bytes.ts';
import { hash256Rows } from '../../util/hash.ts';

/** A branch with (so far) less work than our tip that leaves our chain deep down: counted, not stored. */
export interface Presync {
  fork: BlockIndexEntry;
  last: HashHex;
  work: bigint;
  count: number;
  /** Hashes at some heights, about every 2,000: what is sent the second time must be the same branch. */
  marks: Map<number, HashHex>;
}

/** Whether these headers above a block at `height` are part of the branch that the marks are of. */
export function isMarked(marks: ReadonlyMap<number, HashHex>, height: number, hashes: readonly HashHex[]): boolean {
  let any = false;
  for (const [at, hash] of marks) {
    const own = hashes[at - height - 1];
    if (own === undefined) continue;
    if (own !== hash) return false;
    any = true;
  }
  return any;
}

export interface LinkedHashes {
  /** One behind the other, 32 bytes each, internal order. */
  readonly internal: Uint8Array;
  /** The same as people see them. */
  readonly shown: HashHex[];
}

/** The hashes of headers each of which names the one before it; undefined when one does not. */
export function linkedHashes(headers: readonly BlockHeader[]): LinkedHashes | undefined {
  const internal = hash256Rows(encodeHeaders(headers));
  const shown: HashHex[] = [];
  let previous: Uint8Array | undefined;
  for (const [i, header] of headers.entries()) {
    if (previous !== undefined && !equalBytes(header.previousHash, previous)) return undefined;
    previous = internal.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES);
    shown.push(displayHash(previous));
  }
  return { internal, shown };
}

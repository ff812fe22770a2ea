import { HEADER_BYTES, NONCE_OFFSET } from '../primitives/header.ts';
import { plainHash256 } from '../util/hash.ts';
import type { HashKernel, SearchResult } from './types.ts';

/** The order of two hashes in internal order, read as little-endian numbers: negative when `a` is the smaller one. */
export function compareHashes(a: Uint8Array, b: Uint8Array): number {
  for (let index = a.length - 1; index >= 0; index -= 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The kernel that runs everywhere: node:crypto, one hash at a time. */
export class PlainKernel implements HashKernel {
  readonly name = 'plain';

  search(header: Uint8Array, target: Uint8Array, start: number, count: number): SearchResult {
    if (header.length !== HEADER_BYTES) throw new RangeError(`a header has ${String(HEADER_BYTES)} bytes`);
    const bytes = new Uint8Array(header);
    const view = new DataView(bytes.buffer);
    let best = new Uint8Array(target.length).fill(0xff);
    for (let index = 0; index < count; index += 1) {
      view.setUint32(NONCE_OFFSET, start + index, true);
      const hash = plainHash256(bytes);
      // The top two bytes settle nearly every comparison.
      if ((hash[31] ?? 0) > (best[31] ?? 0) || compareHashes(hash, best) >= 0) continue;
      best = hash as Uint8Array<ArrayBuffer>;
      if (compareHashes(hash, target) <= 0) return { nonce: start + index, hashes: index + 1, best };
    }
    return { nonce: -1, hashes: count, best };
  }
}

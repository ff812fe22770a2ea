import { HEADER_BYTES, NONCE_OFFSET } from '../primitives/header.ts';
import { plainHash256 } from '../util/hash.ts';
import { compareHashes } from './kernel.ts';
import type { HashKernel, KernelName, SearchResult } from './types.ts';

/** The highest word of a hash or target in internal order. */
const topOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(28, true);

/** A loop over nonces that is not written in JavaScript. It hashes `lanes` consecutive nonces at a time: a group. */
export interface Scanner {
  readonly lanes: number;
  /** Groups that `scan` takes at once, at most. */
  readonly most: number;
  /** The highest word of each hash of the group at which `scan` stopped, unsigned. */
  readonly tops: Uint32Array;
  /** Takes another header, 80 bytes, whose nonce is ignored. It is not kept, nor changed before the next call. */
  prepare(header: Uint8Array): void;
  /**
   * Tries `groups` groups, from the nonce `start` on and wrapping at 2^32, until the highest word of a hash is at most `limit`.
   * @returns how many groups were left then, or -1
   */
  scan(start: number, groups: number, limit: number): number;
}

/**
 * A kernel around a scanner, which knows only the highest word of each hash and stops at each that is as low as the lowest so far;
 * here such a hash is made again in full and judged. That happens a few times in a batch, so it costs nothing.
 */
export class ScanKernel implements HashKernel {
  readonly name: KernelName;
  readonly #scanner: Scanner;
  /** The header that the scanner has, with the nonce that is tried in full. */
  readonly #header = new Uint8Array(HEADER_BYTES);
  #prepared = false;

  constructor(name: KernelName, scanner: Scanner) {
    this.name = name;
    this.#scanner = scanner;
  }

  search(header: Uint8Array, target: Uint8Array, start: number, count: number): SearchResult {
    this.#prepare(header);
    const targetTop = topOf(target);
    const { lanes, most, tops } = this.#scanner;
    let best: Uint8Array | undefined;
    let bestNonce = -1;
    let limit = 0xffff_ffff;
    let done = 0;
    while (done < count) {
      const groups = Math.min(most, Math.ceil((count - done) / lanes));
      const left = this.#scanner.scan(start + done, groups, limit);
      if (left < 0) {
        done += groups * lanes;
        continue;
      }
      done += (groups - 1 - left) * lanes;
      for (let lane = 0; lane < lanes && done + lane < count; lane += 1) {
        const top = tops[lane] ?? 0;
        if (top > limit) continue;
        const nonce = start + done + lane;
        if (bestNonce >= 0 && top === limit) {
          // The same highest word: the rest of both decides.
          const hash = this.#hash(nonce);
          best ??= this.#hash(bestNonce);
          if (compareHashes(hash, best) >= 0) continue;
          best = hash;
        } else best = undefined;
        bestNonce = nonce;
        limit = top;
        if (top > targetTop) continue;
        best ??= this.#hash(nonce);
        if (compareHashes(best, target) <= 0) return { nonce, hashes: done + lane + 1, best };
      }
      done += lanes;
    }
    if (bestNonce < 0) best = new Uint8Array(target.length).fill(0xff);
    return { nonce: -1, hashes: count, best: best ?? this.#hash(bestNonce) };
  }

  #prepare(header: Uint8Array): void {
    if (header.length !== HEADER_BYTES) throw new RangeError(`a header has ${String(HEADER_BYTES)} bytes`);
    const same = this.#prepared && this.#header.every((byte, index) => index >= NONCE_OFFSET || byte === header[index]);
    if (same) return;
    this.#header.set(header);
    this.#scanner.prepare(this.#header);
    this.#prepared = true;
  }

  #hash(nonce: number): Uint8Array {
    new DataView(this.#header.buffer).setUint32(NONCE_OFFSET, nonce, true);
    return plainHash256(this.#header);
  }
}

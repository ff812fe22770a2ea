import { HEADER_BYTES, NONCE_OFFSET } from '../primitives/header.ts';
import { hash256 } from '../util/hash.ts';
import { KERNEL_LAYOUT, SCALAR_KERNEL, SIMD_KERNEL } from '../util/sha256-module.ts';
import { putConstants, putHeader } from './kernel-tables.ts';
import { compareHashes } from './kernel.ts';
import type { HashKernel, SearchResult } from './types.ts';

/** See scripts/lib/kernel-wat.mjs. Numbers are signed on their way out of WebAssembly, and may be either on their way in. */
interface KernelExports {
  memory: WebAssembly.Memory;
  scan: (nonce: number, groups: number, limit: number) => number;
}

/** The highest word of a hash or target in internal order. */
const topOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(28, true);

/**
 * A kernel in WebAssembly. The module knows only the highest word of each hash and stops at each that is as low as the lowest so far;
 * here such a hash is made again in full and judged. That happens a few times in a batch, so it costs nothing.
 */
export class WasmKernel implements HashKernel {
  readonly name: string;
  readonly #lanes: number;
  readonly #words: Int32Array;
  readonly #scan: KernelExports['scan'];
  /** The header whose tables are in the memory, with the nonce that is tried in full. */
  readonly #header = new Uint8Array(HEADER_BYTES);
  #prepared = false;

  /** @throws WebAssembly.CompileError where there is no SIMD */
  static simd(): WasmKernel {
    return new WasmKernel('wasm-simd', SIMD_KERNEL, 4);
  }

  static scalar(): WasmKernel {
    return new WasmKernel('wasm', SCALAR_KERNEL, 1);
  }

  private constructor(name: string, base64: string, lanes: number) {
    this.name = name;
    this.#lanes = lanes;
    const { memory, scan } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, 'base64'))).exports as unknown as KernelExports;
    this.#words = new Int32Array(memory.buffer);
    this.#scan = scan;
    putConstants(this.#put);
  }

  search(header: Uint8Array, target: Uint8Array, start: number, count: number): SearchResult {
    this.#prepare(header);
    const targetTop = topOf(target);
    const lanes = this.#lanes;
    let best: Uint8Array | undefined;
    let bestNonce = -1;
    let limit = 0xffff_ffff;
    let done = 0;
    while (done < count) {
      const groups = Math.ceil((count - done) / lanes);
      const left = this.#scan(start + done, groups, limit);
      if (left < 0) break;
      done += (groups - 1 - left) * lanes;
      for (let lane = 0; lane < lanes && done + lane < count; lane += 1) {
        const top = (this.#words[KERNEL_LAYOUT.tops * lanes + lane] ?? 0) >>> 0;
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

  #put = (place: number, word: number): void => {
    this.#words.fill(word, place * this.#lanes, (place + 1) * this.#lanes);
  };

  #prepare(header: Uint8Array): void {
    if (header.length !== HEADER_BYTES) throw new RangeError(`a header has ${String(HEADER_BYTES)} bytes`);
    const same = this.#prepared && this.#header.every((byte, index) => index >= NONCE_OFFSET || byte === header[index]);
    if (same) return;
    this.#header.set(header);
    putHeader(this.#put, this.#header);
    this.#prepared = true;
  }

  #hash(nonce: number): Uint8Array {
    new DataView(this.#header.buffer).setUint32(NONCE_OFFSET, nonce, true);
    return hash256(this.#header);
  }
}

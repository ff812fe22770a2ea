import type { Block } from '../primitives/block.ts';
import type { BlockHeader } from '../primitives/header.ts';

/** A block to be mined: all but a nonce that meets the target. */
export interface BlockTemplate {
  block: Block;
  header: BlockHeader;
  height: number;
  /** 256-bit target, little-endian compare as a number. */
  target: bigint;
}

/** Result of one batch of a kernel. */
export interface SearchResult {
  /** Nonce whose hash is at most the target, or -1. */
  nonce: number;
  /** Hashes tried. */
  hashes: number;
  /** The lowest hash seen in this batch, internal byte order (32 bytes). */
  best: Uint8Array;
}

/** All kernels, the fastest first wherever it was measured (docs/performance.md). */
export const KERNEL_NAMES = ['sha-ni', 'avx2', 'wasm-simd', 'wasm', 'plain'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/** The one small interface that every kernel has. */
export interface HashKernel {
  readonly name: string;
  /** Tries `count` nonces from `start` (wrapping is the caller's business: start + count <= 2^32). `header` is 80 bytes; its nonce is ignored. */
  search(header: Uint8Array, target: Uint8Array, start: number, count: number): SearchResult;
}

import type { KernelName } from './types.ts';

/** What goes between the miner and its worker threads. */

/** Handed to a worker when it starts. */
export interface WorkerSetup {
  /** One Int32: the number of the search that is wanted now. A worker that searches for another one stops after its batch. */
  control: SharedArrayBuffer;
  /** This worker takes every `stride`-th stripe, beginning with number `index`. */
  index: number;
  stride: number;
  /** The fastest kernel that may be used. The plain one after a fast one did not answer, or ended its thread. */
  fastest: KernelName;
  /** The part of its time that it hashes, above 0 and at most 1. */
  share: number;
}

/** "Search this": to a worker. */
export interface SearchOrder {
  search: number;
  /** 80 bytes. */
  header: Uint8Array;
  /** 32 bytes, little-endian. */
  target: Uint8Array;
  /** Nonces from 0 up to this (2^32 outside of tests). */
  nonces: number;
}

export type WorkerReport =
  /** The first one: the kernel that this worker hashes with. */
  | { type: 'ready'; kernel: string }
  /** Since the last report of this search: how many hashes, and the lowest one. */
  | { type: 'progress'; search: number; hashes: number; best: Uint8Array | undefined }
  /** The search is over for this worker. Comes exactly once for each order. */
  | { type: 'ended'; search: number; reason: 'found'; nonce: number }
  | { type: 'ended'; search: number; reason: 'exhausted' | 'halted' };

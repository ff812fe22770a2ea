import { compareHashes } from './kernel.ts';
import { MINING_LIMITS } from './limits.ts';
import type { SearchOrder, WorkerReport } from './messages.ts';
import type { HashKernel } from './types.ts';

export interface SearchPlace {
  index: number;
  stride: number;
  kernel: HashKernel;
  /** False as soon as another search is wanted. Asked after every batch. */
  wanted: () => boolean;
  report: (report: WorkerReport) => void;
  /** Rests so many ms, or until another search is wanted: how a thread works only a share of its time. */
  throttle?: { share: number; rest: (ms: number) => void };
  /** Milliseconds that never go back. */
  monotonic: () => number;
}

/**
 * Searches this worker's share of the nonces until a hash meets the target, the share is used up, or the search is no longer
 * wanted. Blocks its thread; the batches are fitted to the machine, so that `wanted` is asked every few milliseconds.
 */
export function runSearch(order: SearchOrder, place: SearchPlace): void {
  const { search } = order;
  const { report } = place;
  let hashes = 0;
  let best: Uint8Array | undefined;
  let batch: number = MINING_LIMITS.batchMin;
  let reportedAt = place.monotonic();
  const flush = (): void => {
    if (hashes > 0) report({ type: 'progress', search, hashes, best });
    hashes = 0;
    best = undefined;
    reportedAt = place.monotonic();
  };

  for (let stripe = place.index; stripe * MINING_LIMITS.stripe < order.nonces; stripe += place.stride) {
    let nonce = stripe * MINING_LIMITS.stripe;
    const end = Math.min(nonce + MINING_LIMITS.stripe, order.nonces);
    while (nonce < end) {
      if (!place.wanted()) {
        flush();
        report({ type: 'ended', search, reason: 'halted' });
        return;
      }
      const count = Math.min(batch, end - nonce);
      const before = place.monotonic();
      const result = place.kernel.search(order.header, order.target, nonce, count);
      const now = place.monotonic();
      hashes += result.hashes;
      if (best === undefined || compareHashes(result.best, best) < 0) best = result.best;
      if (result.nonce >= 0) {
        flush();
        report({ type: 'ended', search, reason: 'found', nonce: result.nonce });
        return;
      }
      nonce += count;
      // The rest of a stripe is too short a measurement.
      if (count === batch) batch = fitBatch(batch, now - before);
      if (now - reportedAt >= MINING_LIMITS.reportMs) flush();
      if (place.throttle !== undefined) place.throttle.rest((now - before) * (1 / place.throttle.share - 1));
    }
  }
  flush();
  report({ type: 'ended', search, reason: 'exhausted' });
}

/** The size of the next batch after one of `size` nonces took `ms`: at most doubled, so that one lucky measurement does no harm. */
export function fitBatch(size: number, ms: number): number {
  const wanted = ms <= 0 ? size * 2 : Math.min(size * 2, Math.floor((size * MINING_LIMITS.batchMs) / ms));
  return Math.max(MINING_LIMITS.batchMin, Math.min(MINING_LIMITS.stripe, wanted));
}

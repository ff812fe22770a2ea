import { describe, expect, it } from 'vitest';
import { MINING_LIMITS } from '../../../src/node/mining/limits.ts';
import type { WorkerReport } from '../../../src/node/mining/messages.ts';
import { fitBatch, runSearch } from '../../../src/node/mining/search-loop.ts';
import type { HashKernel } from '../../../src/node/mining/types.ts';

/** Counts what it is asked for, finds `found`, and takes one virtual ms for each hundred nonces. */
function scripted(found = -1): { kernel: HashKernel; asked: [number, number][]; time: () => number } {
  const asked: [number, number][] = [];
  let time = 0;
  return {
    asked,
    time: () => time,
    kernel: {
      name: 'scripted',
      search: (_header, _target, start, count) => {
        asked.push([start, count]);
        time += count / 100;
        const hit = found >= start && found < start + count;
        return { nonce: hit ? found : -1, hashes: hit ? found - start + 1 : count, best: new Uint8Array(32).fill(start % 251) };
      },
    },
  };
}

const order = (nonces: number) => ({ search: 7, header: new Uint8Array(80), target: new Uint8Array(32), nonces });

describe('runSearch', () => {
  it('takes each stride-th stripe, so that the workers together try every nonce once', () => {
    const nonces = MINING_LIMITS.stripe * 5 + 100;
    const seen = new Map<number, number>();
    for (const index of [0, 1, 2]) {
      const { kernel, asked, time } = scripted();
      const reports: WorkerReport[] = [];
      runSearch(order(nonces), { index, stride: 3, kernel, wanted: () => true, report: (report) => reports.push(report), monotonic: time });
      for (const [start, count] of asked) for (let nonce = start; nonce < start + count; nonce += 1) seen.set(nonce, (seen.get(nonce) ?? 0) + 1);
      expect(reports.at(-1)).toEqual({ type: 'ended', search: 7, reason: 'exhausted' });
    }
    expect(seen.size).toBe(nonces);
    expect([...seen.values()].every((times) => times === 1)).toBe(true);
  });

  it('rests after each batch for its share of the time', () => {
    const { kernel, asked, time } = scripted();
    let rested = 0;
    const throttle = { share: 0.25, rest: (ms: number) => void (rested += ms) };
    runSearch(order(MINING_LIMITS.stripe), { index: 0, stride: 1, kernel, wanted: () => true, report: () => undefined, monotonic: time, throttle });
    expect(asked.length).toBeGreaterThan(3);
    expect(rested).toBeCloseTo(time() * 3, 6);
  });

  it('stops after the batch in hand when it is no longer wanted, and reports what it did', () => {
    const { kernel, asked, time } = scripted();
    const reports: WorkerReport[] = [];
    runSearch(order(MINING_LIMITS.nonces), { index: 0, stride: 1, kernel, wanted: () => asked.length < 3, report: (report) => reports.push(report), monotonic: time });
    expect(asked).toHaveLength(3);
    const hashes = asked.reduce((sum, [, count]) => sum + count, 0);
    expect(reports).toMatchObject([
      { type: 'progress', search: 7, hashes },
      { type: 'ended', search: 7, reason: 'halted' },
    ]);
  });

  it('fits its batches to the machine and reports ten times a second', () => {
    const { kernel, asked, time } = scripted();
    const reports: WorkerReport[] = [];
    runSearch(order(MINING_LIMITS.nonces), { index: 0, stride: 1, kernel, wanted: () => time() < 2_000, report: (report) => reports.push(report), monotonic: time });
    const longest = Math.max(...asked.map(([, count]) => count / 100));
    expect(longest).toBeLessThanOrEqual(MINING_LIMITS.batchMs + 1);
    const progress = reports.filter((report) => report.type === 'progress');
    // Two seconds, each report at most one batch late.
    expect(progress.length).toBeGreaterThanOrEqual(Math.floor(2_000 / (MINING_LIMITS.reportMs + MINING_LIMITS.batchMs + 1)));
    expect(progress.length).toBeLessThanOrEqual(2_000 / MINING_LIMITS.reportMs + 1);
  });

  it('reports the nonce that it found', () => {
    const { kernel, time } = scripted(5_000);
    const reports: WorkerReport[] = [];
    runSearch(order(MINING_LIMITS.nonces), { index: 0, stride: 1, kernel, wanted: () => true, report: (report) => reports.push(report), monotonic: time });
    expect(reports.at(-1)).toEqual({ type: 'ended', search: 7, reason: 'found', nonce: 5_000 });
  });
});

describe('fitBatch', () => {
  it('stays between its limits', () => {
    expect(fitBatch(MINING_LIMITS.batchMin, 1_000)).toBe(MINING_LIMITS.batchMin);
    expect(fitBatch(MINING_LIMITS.stripe, 0)).toBe(MINING_LIMITS.stripe);
    expect(fitBatch(1_000, MINING_LIMITS.batchMs * 2)).toBe(500);
    expect(fitBatch(1_000, 0.001)).toBe(2_000);
  });
});

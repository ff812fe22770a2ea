import { describe, expect, it } from 'vitest';
import { MINING_LIMITS } from '../../../src/node/mining/limits.ts';
import { RateMeter } from '../../../src/node/mining/rate-meter.ts';

describe('RateMeter', () => {
  it('measures over its window only: what was before it is forgotten', () => {
    const meter = new RateMeter();
    meter.restart(0);
    // Ten times as fast until the window begins, 100 a second within it.
    let hashes = 0;
    let at = 0;
    for (; at < 4 * MINING_LIMITS.rateWindowMs; at += MINING_LIMITS.progressMs) meter.sample(at, (hashes += MINING_LIMITS.progressMs));
    expect(meter.rate).toBe(1000);
    const end = at + MINING_LIMITS.rateWindowMs;
    for (; at < end; at += MINING_LIMITS.progressMs) meter.sample(at, (hashes += MINING_LIMITS.progressMs / 10));
    expect(meter.rate).toBe(100);
  });

  it('remembers a bounded number of rates, the latest last', () => {
    const meter = new RateMeter();
    meter.restart(0);
    for (let index = 1; index <= MINING_LIMITS.rateHistory + 5; index += 1) meter.sample(index * 1000, index * 7000);
    expect(meter.history).toHaveLength(MINING_LIMITS.rateHistory);
    expect(meter.history.at(-1)).toBe(7000);
  });

  it('says nothing before there is a span of time', () => {
    const meter = new RateMeter();
    expect(meter.rate).toBe(0);
    meter.restart(5);
    meter.sample(5, 100);
    expect(meter.rate).toBe(0);
  });
});

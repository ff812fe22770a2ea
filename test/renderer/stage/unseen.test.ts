import { describe, expect, it } from 'vitest';
import { seenNow } from '../../../src/renderer/stage/unseen.ts';

const seen = { height: 10, reorgId: 0 };
const away = { tipHeight: 10, tipInSight: false, reorgId: 0, fork: undefined };

describe('what of the chain was seen', () => {
  it('stands while the tip is out of sight, and goes with it while it is in sight', () => {
    expect(seenNow(seen, { ...away, tipHeight: 13 })).toBe(seen);
    expect(seenNow(seen, { ...away, tipHeight: 13, tipInSight: true })).toEqual({ height: 13, reorgId: 0 });
  });

  it('ends where a reorg parted from it: two blocks left, three joined, so three are new', () => {
    const after = seenNow(seen, { tipHeight: 11, tipInSight: false, reorgId: 1, fork: 8 });
    expect(11 - after.height).toBe(3);
    // Once for each reorg: what was seen afterwards stays seen.
    expect(seenNow({ height: 11, reorgId: 1 }, { tipHeight: 11, tipInSight: false, reorgId: 1, fork: 8 })).toEqual({ height: 11, reorgId: 1 });
    expect(seenNow(after, { tipHeight: 12, tipInSight: false, reorgId: 2, fork: 11 }).height).toBe(8);
  });

  it('never lies above the tip', () => {
    expect(seenNow(seen, { ...away, tipHeight: 7 }).height).toBe(7);
  });
});

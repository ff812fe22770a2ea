import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchorFor, dueTime, nextBits, type Anchor } from '../../../src/node/consensus/difficulty.ts';
import { MAIN, REGTEST } from '../../../src/node/consensus/params.ts';
import { bitsToTarget, difficultyOf, expectedHashes, targetToBits } from '../../../src/node/consensus/target.ts';
import { everyFloorBlock, fixedAnchor, forgiving, SimulatedChain, type AnchorRule } from './simulate.ts';

const FLOOR = MAIN.powLimitBits;
/** Hashes per second at which `main` settles at this difficulty. */
const rateFor = (difficulty: number): number => (difficulty * expectedHashes(FLOOR)) / MAIN.spacing;

describe('anchorFor', () => {
  const start: Anchor = { anchorHeight: 0, anchorParentTime: 990 };
  /** Times of the last eleven blocks up to `height`, each so late against `start`. */
  const late = (height: number, lateness: number[]): number[] =>
    lateness.map((seconds, index) => dueTime(MAIN, start, height - (lateness.length - 1 - index)) + seconds);

  it('puts the genesis block on time', () => {
    const anchor = anchorFor(MAIN, { height: 0, times: [1_000] }, undefined);
    expect(anchor).toEqual(start);
    expect(dueTime(MAIN, anchor, 0)).toBe(1_000);
    expect(dueTime(MAIN, anchor, 7)).toBe(1_070);
  });

  it('keeps the schedule while one of the last eleven was on time', () => {
    for (let punctual = 0; punctual < 11; punctual++) {
      const times = late(50, new Array<number>(11).fill(500).with(punctual, 0));
      expect(anchorFor(MAIN, { height: 50, times }, start)).toBe(start);
    }
  });

  it('forgives what all eleven are late, and no more', () => {
    const lateness = [500, 510, 90, 400, 500, 600, 700, 800, 900, 100, 120];
    const moved = anchorFor(MAIN, { height: 50, times: late(50, lateness) }, start);
    expect(moved.anchorHeight).toBe(50);
    for (const height of [50, 51, 60]) expect(dueTime(MAIN, moved, height)).toBe(dueTime(MAIN, start, height) + 90);
  });

  it('looks at no more than eleven', () => {
    const times = late(50, [0, ...new Array<number>(11).fill(7)]);
    expect(dueTime(MAIN, anchorFor(MAIN, { height: 50, times }, start), 50)).toBe(dueTime(MAIN, start, 50) + 7);
  });

  it('moves nothing as long as the genesis block is among the last eleven', () => {
    for (let height = 1; height <= 10; height++) {
      const times = [1_000, ...late(height, new Array<number>(height).fill(1e6))];
      expect(anchorFor(MAIN, { height, times }, start)).toBe(start);
    }
    expect(anchorFor(MAIN, { height: 11, times: late(11, new Array<number>(11).fill(1e6)) }, start).anchorHeight).toBe(11);
  });

  it('never moves the schedule back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9_000, max: 9_000 }), { minLength: 11, maxLength: 11 }), (lateness) => {
        const moved = anchorFor(MAIN, { height: 99, times: late(99, lateness) }, start);
        const by = dueTime(MAIN, moved, 99) - dueTime(MAIN, start, 99);
        expect(by).toBe(Math.max(0, Math.min(...lateness)));
      }),
    );
  });

  it('needs a time', () => {
    expect(() => anchorFor(MAIN, { height: 1, times: [] }, start)).toThrow(RangeError);
  });
});

describe('nextBits', () => {
  const anchor: Anchor = { anchorHeight: 100, anchorParentTime: 5_000 };
  const after = (height: number, lateness: number): number =>
    nextBits(MAIN, { height, time: dueTime(MAIN, anchor, height) + lateness, ...anchor });

  it('is the floor on time and late, and twice as hard for every 300 s early', () => {
    expect(after(100, 0)).toBe(FLOOR);
    expect(after(200, 0)).toBe(FLOOR);
    expect(after(200, 10_000)).toBe(FLOOR);
    expect(after(200, -300)).toBe(targetToBits(MAIN.powLimit >> 1n));
    expect(after(200, -3_000)).toBe(targetToBits(MAIN.powLimit >> 10n));
  });

  it('changes by 2.3 % for a block that took no time', () => {
    const ratio = Number(bitsToTarget(after(200, -10))) / Number(MAIN.powLimit);
    expect(ratio).toBeCloseTo(2 ** (-10 / 300), 3);
  });

  it('never changes on regtest', () => {
    for (const lateness of [-1e6, 0, 1e6]) {
      expect(nextBits(REGTEST, { height: 9, time: dueTime(REGTEST, anchor, 9) + lateness, ...anchor })).toBe(0x207fffff);
    }
  });
});

describe('a simulated network', () => {
  const HOURS = 3_600;
  const seeds = [1, 2, 3, 4, 5];
  const settled = (rule: AnchorRule, seed: number, difficulty: number): SimulatedChain => {
    const chain = new SimulatedChain(rule, seed);
    chain.mineMany(2_000, rateFor(difficulty));
    return chain;
  };

  it.each([1.2, 2, 16, 1_024])('settles at 10 s a block with difficulty %d', (difficulty) => {
    for (const seed of seeds) {
      const chain = settled(forgiving, seed, difficulty);
      expect(chain.spacing(1_000)).toBeGreaterThan(9);
      expect(chain.spacing(1_000)).toBeLessThan(11);
    }
  });

  it('stays at the floor when nobody can keep up', () => {
    const chain = settled(forgiving, 1, 0.25);
    expect(difficultyOf(chain.nextBits, FLOOR)).toBeLessThan(1.1);
    expect(chain.spacing(1_000)).toBeGreaterThan(30);
  });

  it('starts months after its genesis block without a burst that lasts', () => {
    const chain = new SimulatedChain(forgiving, 1);
    chain.now += 325 * 24 * HOURS;
    chain.mineFor(1 * HOURS, rateFor(16));
    chain.mineMany(200, rateFor(16));
    expect(chain.spacing(200)).toBeGreaterThan(8);
  });

  it.each([
    ['the rule', forgiving],
    ['the simpler rule', everyFloorBlock],
  ])('is back at 10 s within 20 minutes of a pause of 8 hours, by %s', (_name, rule) => {
    for (const difficulty of [2, 8, 64]) {
      for (const seed of seeds) {
        const chain = settled(rule, seed, difficulty);
        chain.now += 8 * HOURS;
        chain.mineFor(20 * 60, rateFor(difficulty));
        const blocks = chain.mineFor(HOURS, rateFor(difficulty)).length;
        // 360 in an hour; the standard deviation of a network that corrects itself is far below 36.
        expect(Math.abs(blocks - 360)).toBeLessThan(72);
      }
    }
  });

  it('would with a fixed anchor still be at the floor hours later', () => {
    for (const seed of seeds) {
      const chain = settled(fixedAnchor, seed, 2);
      chain.now += 8 * HOURS;
      chain.mineFor(4 * HOURS, rateFor(2));
      const blocks = chain.mineFor(HOURS, rateFor(2)).length;
      expect(blocks).toBeGreaterThan(600);
      expect(difficultyOf(chain.nextBits, FLOOR)).toBe(1);
    }
  });

  it.each([
    ['the rule', forgiving],
    ['a fixed anchor', fixedAnchor],
  ])('forgets one block whose clock is two hours ahead, by %s', (_name, rule) => {
    for (const seed of seeds) {
      const chain = settled(rule, seed, 16);
      const before = difficultyOf(chain.nextBits, FLOOR);
      chain.mine(rateFor(16), 2 * HOURS);
      // The child of that block is cheap: ASERT believes its parent. The grandchild is not.
      expect(difficultyOf(chain.nextBits, FLOOR)).toBe(1);
      chain.mine(rateFor(16));
      expect(difficultyOf(chain.nextBits, FLOOR) / before).toBeGreaterThan(0.7);
      expect(difficultyOf(chain.nextBits, FLOOR) / before).toBeLessThan(1.4);
    }
  });

  it('would be halted by that block if every block at the floor were an anchor', () => {
    const chain = settled(everyFloorBlock, 1, 16);
    chain.mine(rateFor(16), 2 * HOURS);
    chain.mine(rateFor(16));
    // Days for a network that finds a block in 10 s: 2^24 times the floor.
    expect(expectedHashes(chain.nextBits) / rateFor(16)).toBeGreaterThan(24 * HOURS);
  });
});

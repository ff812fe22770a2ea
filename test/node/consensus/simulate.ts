import { anchorFor, nextBits, type Anchor } from '../../../src/node/consensus/difficulty.ts';
import { medianTimePast } from '../../../src/node/consensus/median-time.ts';
import { MAIN } from '../../../src/node/consensus/params.ts';
import { expectedHashes } from '../../../src/node/consensus/target.ts';
import { seededRandom } from '../../../src/node/util/random.ts';

export interface SimulatedBlock {
  height: number;
  /** The time in its header. */
  time: number;
  bits: number;
  /** When it was really found, seconds. */
  foundAt: number;
}

/** How the anchor for a block's children follows from its last times and its parent's anchor. */
export type AnchorRule = (block: { height: number; bits: number; times: readonly number[] }, parent: Anchor) => Anchor;

/** The rule of consensus. */
export const forgiving: AnchorRule = (block, parent) => anchorFor(MAIN, block, parent);

/** Plain aserti3-2d: the genesis block for ever. */
export const fixedAnchor: AnchorRule = (_block, parent) => parent;

/** The rule that was thought of first and dropped: every block at the floor is an anchor. */
export const everyFloorBlock: AnchorRule = (block, parent) =>
  block.bits === MAIN.powLimitBits
    ? { anchorHeight: block.height, anchorParentTime: block.times[block.times.length - 2] as number }
    : parent;

/** A chain on `main`'s difficulty rules whose blocks cost no work: how long each takes is drawn from the exponential distribution. */
export class SimulatedChain {
  readonly blocks: SimulatedBlock[];
  readonly #rule: AnchorRule;
  readonly #random;
  #anchor: Anchor;
  /** The real time, seconds since 1970. */
  now: number;

  constructor(rule: AnchorRule, seed: number) {
    this.#rule = rule;
    this.#random = seededRandom(seed);
    this.now = MAIN.genesis.header.time;
    this.blocks = [{ height: 0, time: this.now, bits: MAIN.powLimitBits, foundAt: this.now }];
    this.#anchor = anchorFor(MAIN, { height: 0, times: [this.now] }, undefined);
  }

  get tip(): SimulatedBlock {
    return this.blocks[this.blocks.length - 1] as SimulatedBlock;
  }

  /** Bits that the next block must carry. */
  get nextBits(): number {
    return nextBits(MAIN, { ...this.tip, ...this.#anchor });
  }

  /** Mines one block at a hash rate in hashes per second. `clockError` is what its miner's clock is off, seconds. */
  mine(hashRate: number, clockError = 0): SimulatedBlock {
    const bits = this.nextBits;
    this.now += (-Math.log(1 - this.#random.float()) * expectedHashes(bits)) / hashRate;
    const earliest = medianTimePast(this.#times()) + 1;
    const time = Math.max(Math.floor(this.now + clockError), earliest);
    const block = { height: this.tip.height + 1, time, bits, foundAt: this.now };
    this.blocks.push(block);
    this.#anchor = this.#rule({ height: block.height, bits, times: this.#times() }, this.#anchor);
    return block;
  }

  mineMany(count: number, hashRate: number): void {
    for (let i = 0; i < count; i++) this.mine(hashRate);
  }

  /** Mines for so many seconds and returns the blocks found. */
  mineFor(seconds: number, hashRate: number): SimulatedBlock[] {
    const first = this.blocks.length;
    const end = this.now + seconds;
    while (this.now < end) this.mine(hashRate);
    return this.blocks.slice(first);
  }

  /** Mean seconds between the last `count` blocks. */
  spacing(count: number): number {
    const before = this.blocks[this.blocks.length - 1 - count] as SimulatedBlock;
    return (this.tip.foundAt - before.foundAt) / count;
  }

  #times(): number[] {
    return this.blocks.slice(-11).map((block) => block.time);
  }
}

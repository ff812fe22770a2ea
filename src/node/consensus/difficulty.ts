/**
 * Which bits the next block must carry: ASERT on a schedule that forgives lateness.
 *
 * ASERT compares a block's time with a schedule of one block per `spacing` seconds. On a network that sleeps (everybody closes
 * the window overnight) the schedule runs away, and afterwards thousands of blocks at the floor would have to be mined to
 * catch up. So the schedule moves: when the last eleven blocks are all late against the floor, the lateness that they all share
 * is dropped. Eleven and not one, because one block's time is whatever its miner says: see docs/consensus.md.
 */
import { asert } from './asert.ts';
import { MEDIAN_TIME_SPAN } from './limits.ts';
import type { NetworkParams } from './params.ts';

type Schedule = Pick<NetworkParams, 'spacing' | 'halfLife' | 'powLimit' | 'powLimitBits' | 'retarget'>;

/** The line on which blocks are due: the block at `anchorHeight` is due `spacing` seconds after `anchorParentTime`. */
export interface Anchor {
  anchorHeight: number;
  /** Seconds since 1970. */
  anchorParentTime: number;
}

/**
 * The anchor for the children of a block.
 *
 * @param block        its height, and the times of the last up to 11 blocks, oldest first, its own last: the same list
 *                     whose median is its median time past
 * @param parentAnchor the anchor for the children of its parent; undefined for the genesis block
 */
export function anchorFor(
  params: Schedule,
  block: { height: number; times: readonly number[] },
  parentAnchor: Anchor | undefined,
): Anchor {
  const { spacing } = params;
  const { height } = block;
  const times = block.times.slice(-MEDIAN_TIME_SPAN);
  const own = times[times.length - 1];
  if (own === undefined) throw new RangeError('an anchor needs the time of its block');
  if (parentAnchor === undefined) return { anchorHeight: height, anchorParentTime: own - spacing };

  // Near the genesis block there are fewer than eleven; the genesis block is never late, so nothing moves there either way.
  let shared = Infinity;
  times.forEach((time, index) => {
    const blockHeight = height - (times.length - 1 - index);
    shared = Math.min(shared, time - dueTime(params, parentAnchor, blockHeight));
  });
  if (shared <= 0) return parentAnchor;
  return { anchorHeight: height, anchorParentTime: dueTime(params, parentAnchor, height) + shared - spacing };
}

/** When the block at a height is due, seconds since 1970. */
export function dueTime(params: Pick<Schedule, 'spacing'>, anchor: Anchor, height: number): number {
  return anchor.anchorParentTime + params.spacing * (height - anchor.anchorHeight + 1);
}

/** What `nextBits` needs to know of the block below. `anchor…` are those for its children. */
export interface DifficultyParent extends Anchor {
  height: number;
  time: number;
}

/** Bits that a child of `parent` must carry. Always the easiest ones on a network that does not retarget. */
export function nextBits(params: Schedule, parent: DifficultyParent): number {
  if (!params.retarget) return params.powLimitBits;
  return asert(
    params.powLimitBits,
    parent.time - parent.anchorParentTime,
    parent.height - parent.anchorHeight,
    params.spacing,
    params.halfLife,
    params.powLimit,
  );
}

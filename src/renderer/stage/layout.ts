/**
 * Where every block of the strip stands: a column for its height, a lane for its branch. Pure, and keyed by hash throughout: a
 * height may belong to several blocks, and in a reorg it changes hands.
 *
 * Lane 0 is the active chain. Side branches are packed below it greedily, the latest fork first: a branch that left earlier
 * then lies lower, and its link comes down to the left of the others instead of through them. A branch that had a lane keeps
 * it until the caller forgets the lanes (at a reorg), so that nothing moves because something else grew.
 */
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import { MAX_SIDE_LANES } from './limits.ts';
import { hueOf } from './seal/seal.ts';

export interface PlacedBlock {
  readonly block: BlockSummary;
  /** 0 is the active chain. */
  readonly lane: number;
  /** Hue of the parent, in degrees; null on the first block of all, which has no parent. */
  readonly leftHue: number | null;
  /** Own hue, in degrees. */
  readonly rightHue: number;
  /** The last of its branch: nothing that is drawn stands on it. */
  readonly isEnd: boolean;
}

export interface PlacedLink {
  /** Hash of the child: every block has one link to its parent. */
  readonly key: HashHex;
  readonly from: HashHex;
  readonly to: HashHex;
  readonly fromHeight: number;
  readonly fromLane: number;
  readonly toHeight: number;
  readonly toLane: number;
  readonly hue: number;
}

export interface PlacedBranch {
  /** Lowest block first; all in one lane. */
  readonly hashes: readonly HashHex[];
  readonly lane: number;
  readonly forkHeight: number;
  readonly tipHash: HashHex;
  readonly tipHeight: number;
  /** First column to the right of the branch's end in which the same lane is taken again; Infinity when it stays free. */
  readonly freeUntil: number;
}

export interface ChainLayout {
  readonly blocks: ReadonlyMap<HashHex, PlacedBlock>;
  readonly branches: readonly PlacedBranch[];
  /** Side lanes in use. */
  readonly sideLanes: number;
  /** Branches without a lane: how many left the chain at each height. */
  readonly hidden: ReadonlyMap<number, number>;
  /** Lowest and highest height with a block; both 0 when there is none. */
  readonly firstHeight: number;
  readonly lastHeight: number;
  /** The last block of lane 0. */
  readonly tipHash: HashHex | null;
  /** Lane of every side block by hash: hand it to the next call to keep branches where they are. */
  readonly lanes: ReadonlyMap<HashHex, number>;
}

interface Branch {
  blocks: BlockSummary[];
  forkHeight: number;
  tipHash: HashHex;
  tipHeight: number;
}

/** The first block of all names this as its parent. */
export const NO_PARENT = /^0{64}$/;

/** More work first; equal work: the lower hash, so that the order never depends on arrival. */
function byWork(a: BlockSummary, b: BlockSummary): number {
  if (a.chainwork.length !== b.chainwork.length) return b.chainwork.length - a.chainwork.length;
  if (a.chainwork !== b.chainwork) return a.chainwork < b.chainwork ? 1 : -1;
  return a.hash < b.hash ? -1 : 1;
}

/** Active blocks by the walk that the store gives, and what stands on its end already: its tip event is on the way. */
function laneZero(
  blocks: ReadonlyMap<HashHex, BlockSummary>,
  active: readonly HashHex[],
  children: ReadonlyMap<HashHex, BlockSummary[]>,
): BlockSummary[] {
  const chain: BlockSummary[] = [];
  for (const hash of active) {
    const block = blocks.get(hash);
    if (block !== undefined) chain.push(block);
  }
  for (let last = chain.at(-1); last !== undefined; ) {
    const next: BlockSummary | undefined = children.get(last.hash)?.find((child) => child.branch !== 'invalid');
    if (next !== undefined) chain.push(next);
    last = next;
  }
  return chain;
}

/** Splits the side blocks into branches: each runs from where it left its parent to its end, along the child with most work. */
function splitBranches(
  side: readonly BlockSummary[],
  children: ReadonlyMap<HashHex, BlockSummary[]>,
  isSide: (hash: HashHex) => boolean,
): Branch[] {
  const branches: Branch[] = [];
  /** The heaviest end above each block, found from the highest block downwards. */
  const bestEnd = new Map<HashHex, BlockSummary>();
  const bestChild = new Map<HashHex, BlockSummary>();
  for (const block of [...side].sort((a, b) => b.height - a.height)) {
    let end = block;
    for (const child of children.get(block.hash) ?? []) {
      if (!isSide(child.hash)) continue;
      const childEnd = bestEnd.get(child.hash) ?? child;
      if (end === block || byWork(childEnd, end) < 0) {
        end = childEnd;
        bestChild.set(block.hash, child);
      }
    }
    bestEnd.set(block.hash, end);
  }
  for (const first of side) {
    const continues = isSide(first.previousHash) && bestChild.get(first.previousHash)?.hash === first.hash;
    if (continues) continue;
    const blocks: BlockSummary[] = [];
    for (let block: BlockSummary | undefined = first; block !== undefined; block = bestChild.get(block.hash)) blocks.push(block);
    const tip = blocks.at(-1) ?? first;
    branches.push({ blocks, forkHeight: first.height - 1, tipHash: tip.hash, tipHeight: tip.height });
  }
  return branches.sort((a, b) => b.forkHeight - a.forkHeight || (a.tipHash < b.tipHash ? -1 : 1));
}

interface Interval {
  from: number;
  to: number;
}

/**
 * A lane's columns that are taken. A branch takes its fork's column (its link comes down there) up to its end and one more,
 * for who stands at its end.
 */
class LaneColumns {
  readonly #taken: Interval[] = [];

  fits({ from, to }: Interval): boolean {
    return this.#taken.every((other) => to < other.from || from > other.to);
  }

  take(interval: Interval): void {
    this.#taken.push(interval);
  }
}

const intervalOf = (branch: Branch): Interval => ({ from: branch.forkHeight, to: branch.tipHeight + 1 });

/** Counts how many branches pass each column: more than there are lanes cannot be drawn side by side. */
class Crowding {
  readonly #count = new Map<number, number>();

  hasRoom({ from, to }: Interval): boolean {
    for (let column = from; column <= to; column += 1) if ((this.#count.get(column) ?? 0) >= MAX_SIDE_LANES) return false;
    return true;
  }

  add({ from, to }: Interval): void {
    for (let column = from; column <= to; column += 1) this.#count.set(column, (this.#count.get(column) ?? 0) + 1);
  }
}

function byWeight(a: Branch, b: Branch): number {
  const [aTip, bTip] = [a.blocks.at(-1), b.blocks.at(-1)];
  const work = aTip === undefined || bTip === undefined ? 0 : byWork(aTip, bTip);
  return b.blocks.length - a.blocks.length || work;
}

/**
 * Gives branches their lanes, in three steps: those that had one keep it; of the rest, the longest are let in as long as no column
 * holds more than there are lanes; then those are packed, the latest fork into the highest free lane.
 */
function pack(branches: readonly Branch[], remembered: ReadonlyMap<HashHex, number>): Map<Branch, number> {
  const lanes = Array.from({ length: MAX_SIDE_LANES }, () => new LaneColumns());
  const crowding = new Crowding();
  const placed = new Map<Branch, number>();
  const put = (branch: Branch, lane: number): boolean => {
    const columns = lanes[lane - 1];
    const interval = intervalOf(branch);
    if (columns === undefined || !columns.fits(interval)) return false;
    columns.take(interval);
    placed.set(branch, lane);
    return true;
  };
  for (const branch of branches) {
    const lane = branch.blocks.map((block) => remembered.get(block.hash)).find((value) => value !== undefined);
    if (lane !== undefined && put(branch, lane)) crowding.add(intervalOf(branch));
  }
  const admitted = new Set<Branch>();
  for (const branch of [...branches].sort(byWeight)) {
    const interval = intervalOf(branch);
    if (placed.has(branch) || !crowding.hasRoom(interval)) continue;
    crowding.add(interval);
    admitted.add(branch);
  }
  for (const branch of branches) {
    if (!admitted.has(branch)) continue;
    for (let lane = 1; lane <= MAX_SIDE_LANES; lane += 1) if (put(branch, lane)) break;
  }
  return placed;
}

export interface LayoutInput {
  /** All blocks of the window, by hash. */
  blocks: ReadonlyMap<HashHex, BlockSummary>;
  /** The active chain among them, ascending by height. */
  active: readonly HashHex[];
  /** `lanes` of the last layout; empty or absent to pack afresh, as after a reorg. */
  remembered?: ReadonlyMap<HashHex, number>;
}

/** The same object for the same block in the same place: a tile that stays as it is needs no drawing, and no hues worked out. */
const placedBefore = new WeakMap<BlockSummary, PlacedBlock>();

function placedAt(block: BlockSummary, lane: number, isEnd: boolean): PlacedBlock {
  const before = placedBefore.get(block);
  if (before !== undefined && before.lane === lane && before.isEnd === isEnd) return before;
  const leftHue = NO_PARENT.test(block.previousHash) ? null : hueOf(block.previousHash);
  const placed = { block, lane, leftHue, rightHue: hueOf(block.hash), isEnd };
  placedBefore.set(block, placed);
  return placed;
}

/** The link of every laid out block whose parent is laid out too. */
export function linksOf({ blocks }: Pick<ChainLayout, 'blocks'>): PlacedLink[] {
  const links: PlacedLink[] = [];
  for (const { block, lane } of blocks.values()) {
    const parent = blocks.get(block.previousHash);
    if (parent === undefined) continue;
    links.push({
      key: block.hash,
      from: parent.block.hash,
      to: block.hash,
      fromHeight: parent.block.height,
      fromLane: parent.lane,
      toHeight: block.height,
      toLane: lane,
      hue: parent.rightHue,
    });
  }
  return links;
}

/** Places every block of the window. Linear in their number but for sorting; any order of `blocks` gives the same result. */
export function layoutChain({ blocks, active, remembered = new Map() }: LayoutInput): ChainLayout {
  // Of blocks beside the chain, and of those whose tip event is on the way: the chain itself needs none.
  const known = new Set(active);
  const children = new Map<HashHex, BlockSummary[]>();
  for (const block of blocks.values()) {
    if (known.has(block.hash)) continue;
    const siblings = children.get(block.previousHash);
    if (siblings === undefined) children.set(block.previousHash, [block]);
    else siblings.push(block);
  }
  for (const siblings of children.values()) siblings.sort(byWork);

  const chain = laneZero(blocks, active, children);
  const onChain = new Set(chain.map((block) => block.hash));
  const isSide = (hash: HashHex): boolean => blocks.has(hash) && !onChain.has(hash);
  const side = [...blocks.values()].filter((block) => !onChain.has(block.hash));
  const branches = splitBranches(side, children, isSide);
  const lanesOf = pack(branches, remembered);

  const placed = new Map<HashHex, PlacedBlock>();
  const lanes = new Map<HashHex, number>();
  const place = (block: BlockSummary, lane: number, isEnd: boolean): void => {
    placed.set(block.hash, placedAt(block, lane, isEnd));
    if (lane > 0) lanes.set(block.hash, lane);
  };
  chain.forEach((block, index) => place(block, 0, index === chain.length - 1));

  const hidden = new Map<number, number>();
  const drawn: PlacedBranch[] = [];
  let sideLanes = 0;
  for (const branch of branches) {
    const lane = lanesOf.get(branch);
    if (lane === undefined) {
      hidden.set(branch.forkHeight, (hidden.get(branch.forkHeight) ?? 0) + 1);
      continue;
    }
    sideLanes = Math.max(sideLanes, lane);
    for (const block of branch.blocks) place(block, lane, block.hash === branch.tipHash);
    let freeUntil = Infinity;
    for (const [other, otherLane] of lanesOf) {
      if (otherLane === lane && other.forkHeight > branch.tipHeight) freeUntil = Math.min(freeUntil, other.forkHeight);
    }
    const { forkHeight, tipHash, tipHeight } = branch;
    drawn.push({ hashes: branch.blocks.map((block) => block.hash), lane, forkHeight, tipHash, tipHeight, freeUntil });
  }

  let firstHeight = Infinity;
  let lastHeight = -Infinity;
  for (const { block } of placed.values()) {
    firstHeight = Math.min(firstHeight, block.height);
    lastHeight = Math.max(lastHeight, block.height);
  }
  return {
    blocks: placed,
    branches: drawn,
    sideLanes,
    hidden,
    firstHeight: Number.isFinite(firstHeight) ? firstHeight : 0,
    lastHeight: Number.isFinite(lastHeight) ? lastHeight : 0,
    tipHash: chain.at(-1)?.hash ?? null,
    lanes,
  };
}

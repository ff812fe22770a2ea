/**
 * The whole chain as the stage sees it: the window's recent blocks as they are laid out, and below them the active blocks that
 * were fetched for looking at them. Keyed by hash; a height is only a place to look. Pure.
 */
import type { BlockSummary, HashHex } from '../../../shared/blocks.ts';
import type { ChainLayout, PlacedBlock } from '../layout.ts';
import { linksOf, NO_PARENT } from '../layout.ts';
import { hueOf } from '../seal/seal.ts';

/** Blocks of the active chain that are older than the window's, as far as they are known. */
export interface OlderBlocks {
  at(height: number): BlockSummary | undefined;
  find(hash: HashHex): BlockSummary | undefined;
}

/** What the index of the whole active chain says of a height (`ChainColumns`). */
export interface HeightIndex {
  has(height: number): boolean;
  /** The last 16 hex digits of the hash. */
  tailAt(height: number): string | undefined;
  /** Degrees; -1 when the block is not known. */
  hueAt(height: number): number;
}

const NO_INDEX: HeightIndex = { has: () => false, tailAt: () => undefined, hueAt: () => -1 };

export type Direction = 'parent' | 'child' | 'up' | 'down' | 'first' | 'last' | 'page-back' | 'page-on';
/** Columns of a page for PageUp and PageDown. */
export const PAGE_COLUMNS = 10;

/** A place to go to: a block, or the active block of a height that is not known yet (`hash` null). */
export interface Place {
  readonly height: number;
  readonly hash: HashHex | null;
}

/** The same object for the same block, so that what is drawn for it is not drawn anew. */
const placedOlder = new WeakMap<BlockSummary, PlacedBlock>();

function place(block: BlockSummary): PlacedBlock {
  let placed = placedOlder.get(block);
  if (placed === undefined) {
    const leftHue = NO_PARENT.test(block.previousHash) ? null : hueOf(block.previousHash);
    placed = { block, lane: 0, leftHue, rightHue: hueOf(block.hash), isEnd: false };
    placedOlder.set(block, placed);
  }
  return placed;
}

/** Lanes are few; heights have 32 bits. */
const LANES_OF_KEY = 16;
const placeKey = (lane: number, height: number): number => height * LANES_OF_KEY + lane;

export class ChainView {
  readonly layout: ChainLayout;
  readonly tipHeight: number;
  readonly #older: OlderBlocks;
  readonly #active = new Map<number, PlacedBlock>();
  readonly #side = new Map<number, PlacedBlock>();
  /** The last answer of `inColumns`: a camera that moves a few pixels sees the same columns. */
  #seen: { first: number; last: number; blocks: PlacedBlock[] } | null = null;
  /** The active chain as far as only its seals and times are known. */
  readonly index: HeightIndex;

  /** @param older and @param index must not change in the view's life: whoever changes them makes a new view. */
  constructor(layout: ChainLayout, older: OlderBlocks, index: HeightIndex = NO_INDEX) {
    this.layout = layout;
    this.#older = older;
    this.index = index;
    for (const placed of layout.blocks.values()) {
      if (placed.lane === 0) this.#active.set(placed.block.height, placed);
      else this.#side.set(placeKey(placed.lane, placed.block.height), placed);
    }
    this.tipHeight = (layout.tipHash === null ? undefined : layout.blocks.get(layout.tipHash)?.block.height) ?? 0;
  }

  /** The active block of a height; undefined when it is not known (yet). */
  at(height: number): PlacedBlock | undefined {
    const recent = this.#active.get(height);
    if (recent !== undefined) return recent;
    const older = height > this.tipHeight ? undefined : this.#older.at(height);
    return older === undefined ? undefined : place(older);
  }

  get(hash: HashHex): PlacedBlock | undefined {
    const recent = this.layout.blocks.get(hash);
    if (recent !== undefined) return recent;
    const older = this.#older.find(hash);
    return older === undefined ? undefined : place(older);
  }

  /** The block of a lane and a height. */
  in(lane: number, height: number): PlacedBlock | undefined {
    return lane === 0 ? this.at(height) : this.#side.get(placeKey(lane, height));
  }

  /** Known blocks of these heights, in reading order. */
  inColumns(first: number, last: number): readonly PlacedBlock[] {
    if (this.#seen?.first !== first || this.#seen.last !== last) this.#seen = { first, last, blocks: this.#find(first, last) };
    return this.#seen.blocks;
  }

  #find(first: number, last: number): PlacedBlock[] {
    const found: PlacedBlock[] = [];
    for (let height = Math.max(0, first); height <= Math.min(last, this.layout.lastHeight); height += 1) {
      for (let lane = 0; lane <= this.layout.sideLanes; lane += 1) {
        const placed = this.in(lane, height);
        if (placed !== undefined) found.push(placed);
      }
    }
    return found;
  }

  /** Heights of the active chain among these whose blocks are not known. */
  unknown(first: number, last: number): number[] {
    const heights: number[] = [];
    for (let height = Math.max(0, first); height <= Math.min(last, this.tipHeight); height += 1) {
      if (this.at(height) === undefined) heights.push(height);
    }
    return heights;
  }

  /**
   * Where an arrow key leads from a block; null when there is nothing that way. `up` and `down` go to the nearest lane with a
   * block, and there to the nearest height; paging and Home/End stay on the active chain.
   */
  neighbour(hash: HashHex, direction: Direction): Place | null {
    const here = this.get(hash);
    if (here === undefined) return this.#activePlace(this.tipHeight);
    const { height, previousHash } = here.block;
    switch (direction) {
      case 'parent': {
        const parent = this.get(previousHash);
        if (parent !== undefined) return { height: height - 1, hash: previousHash };
        return height === 0 ? null : this.#activePlace(height - 1);
      }
      case 'child': {
        const next = linksOf(this.layout).filter((link) => link.from === hash);
        const straight = next.find((link) => link.toLane === here.lane) ?? next[0];
        if (straight !== undefined) return { height: straight.toHeight, hash: straight.to };
        return here.lane === 0 && height < this.tipHeight ? this.#activePlace(height + 1) : null;
      }
      case 'up':
      case 'down': {
        const step = direction === 'down' ? 1 : -1;
        for (let lane = here.lane + step; lane >= 0 && lane <= this.layout.sideLanes; lane += step) {
          const found = this.#nearest(lane, height);
          if (found !== null) return found;
        }
        return null;
      }
      case 'first':
        return this.#activePlace(0);
      case 'last':
        return this.#activePlace(this.tipHeight);
      case 'page-back':
        return this.#activePlace(Math.max(0, height - PAGE_COLUMNS));
      case 'page-on':
        return this.#activePlace(Math.min(this.tipHeight, height + PAGE_COLUMNS));
    }
  }

  #activePlace(height: number): Place {
    return { height, hash: this.at(height)?.block.hash ?? null };
  }

  #nearest(lane: number, height: number): Place | null {
    if (lane === 0) return this.#activePlace(Math.min(height, this.tipHeight));
    let best: PlacedBlock | undefined;
    for (const candidate of this.#side.values()) {
      if (candidate.lane !== lane) continue;
      const distance = Math.abs(candidate.block.height - height);
      if (best === undefined || distance < Math.abs(best.block.height - height)) best = candidate;
    }
    return best === undefined ? null : { height: best.block.height, hash: best.block.hash };
  }
}

/**
 * The blocks that the listbox offers as options: those in sight, at most `limit`, the nearest to `centre` first served; and the
 * one that the keyboard stands on, wherever that is. In reading order.
 */
export function optionBlocks(
  view: ChainView,
  first: number,
  last: number,
  always: PlacedBlock | undefined,
  limit: number,
  centre = always?.block.height ?? last,
): PlacedBlock[] {
  let chosen = [...view.inColumns(first, last)];
  const holds = always !== undefined && chosen.some(({ block }) => block.hash === always.block.hash);
  const room = limit - (always === undefined || holds ? 0 : 1);
  if (chosen.length > room) {
    const from = Math.min(Math.max(centre, first), last);
    const far = ({ block, lane }: PlacedBlock): number =>
      block.hash === always?.block.hash ? -1 : Math.abs(block.height - from) + lane / 10;
    chosen = chosen.sort((a, b) => far(a) - far(b)).slice(0, room);
  }
  if (always !== undefined && !holds) chosen.push(always);
  return chosen.sort((a, b) => a.block.height - b.block.height || a.lane - b.lane);
}

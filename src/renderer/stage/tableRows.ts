/** Which block stands in which row of the table: newest first, side blocks among the active ones by height. Pure. */
import type { BlockSummary } from '../../shared/blocks.ts';

export type TableRow = { height: number; side: BlockSummary } | { height: number; side: null };

export class TableRows {
  readonly #tipHeight: number;
  /** Highest first. */
  readonly #side: readonly BlockSummary[];
  /** Row of each side block. */
  readonly #rowOf: readonly number[];
  readonly count: number;

  /**
   * @param tipHeight height of the active tip; -1 when there is no block at all.
   * @param side every known block beside the active chain, in any order.
   */
  constructor(tipHeight: number, side: Iterable<BlockSummary>) {
    this.#tipHeight = tipHeight;
    this.#side = [...side].sort((a, b) => b.height - a.height || (a.hash < b.hash ? -1 : 1));
    // Before a side block come the active blocks of its height and above, and the side blocks sorted before it.
    this.#rowOf = this.#side.map((block, index) => Math.max(0, tipHeight - block.height + 1) + index);
    this.count = tipHeight + 1 + this.#side.length;
  }

  /** The blocks beside the active chain. */
  get side(): readonly BlockSummary[] {
    return this.#side;
  }

  /** @param index 0 to count - 1, top row first. */
  at(index: number): TableRow {
    const before = this.#sideBefore(index);
    const side = this.#side[before];
    if (side !== undefined && this.#rowOf[before] === index) return { height: side.height, side };
    return { height: this.#tipHeight - (index - before), side: null };
  }

  /** Row of the active block of a height; null when there is none. */
  rowOfHeight(height: number): number | null {
    if (height < 0 || height > this.#tipHeight) return null;
    return this.#tipHeight - height + this.#countAbove(height);
  }

  /** Row of a side block; null when it is none of them. */
  rowOfSide(hash: string): number | null {
    const index = this.#side.findIndex((block) => block.hash === hash);
    return this.#rowOf[index] ?? null;
  }

  /** Row of what a row shows; null when it is not here. */
  rowOf(row: TableRow): number | null {
    return row.side === null ? this.rowOfHeight(row.height) : this.rowOfSide(row.side.hash);
  }

  /** The row that stands for one which is gone: the active block of its height, which a side block may have become, or the tip below it. */
  heirOf(row: TableRow): TableRow | null {
    return this.#tipHeight < 0 ? null : { height: Math.min(row.height, this.#tipHeight), side: null };
  }

  /**
   * By how many rows that which stood in row `index` of `before` has moved down since. Where it is gone, the next one below it that is still here
   * tells: that one closes up to the place of what is gone.
   */
  movedSince(before: TableRows, index: number): number {
    for (let row = Math.max(0, index); row < before.count; row += 1) {
      const now = this.rowOf(before.at(row));
      if (now !== null) return now - row;
    }
    return this.count - before.count;
  }

  #countAbove(height: number): number {
    let low = 0;
    let high = this.#side.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#side[middle]?.height ?? 0) > height) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many side blocks stand in rows before `index`. */
  #sideBefore(index: number): number {
    let low = 0;
    let high = this.#rowOf.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rowOf[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

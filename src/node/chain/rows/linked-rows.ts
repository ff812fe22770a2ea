import type { HeaderTree } from './header-tree.ts';
import { HAS_BLOCK, LINKED, LIVE, NO_ROW, PARENT } from './rows.ts';

/** Which rows are linked: what fork choice may choose from, because the body is there and so are those of all ancestors. */
export class LinkedRows {
  /** Rows that are not linked, in the order in which they came. */
  readonly pending = new Set<number>();
  /** Linked rows without linked children. */
  readonly leaves = new Set<number>();
  readonly #tree: HeaderTree;

  constructor(tree: HeaderTree) {
    this.#tree = tree;
  }

  /** Back to the first row alone, which is linked. */
  reset(first: number): void {
    this.pending.clear();
    this.leaves.clear();
    this.#tree.rows.setFlag(first, LINKED, true);
    this.leaves.add(first);
  }

  /** Call when a row has its body. Returns the rows that are linked now and were not before, parents first. */
  link(row: number): number[] {
    const { rows } = this.#tree;
    const linked: number[] = [];
    const parent = rows.word(row, PARENT);
    if (rows.flag(row, LINKED) || !rows.flag(row, HAS_BLOCK) || parent === NO_ROW || !rows.flag(parent, LINKED)) return linked;
    const stack = [row];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      rows.setFlag(at, LINKED, true);
      this.pending.delete(at);
      this.leaves.delete(rows.word(at, PARENT));
      this.#refreshLeaf(at);
      linked.push(at);
      for (const child of this.#tree.children(at)) if (rows.flag(child, HAS_BLOCK) && !rows.flag(child, LINKED)) stack.push(child);
    }
    return linked;
  }

  /** Marks a row and all its ancestors, whatever their bodies, when the store was just read: they were checked when they were connected. */
  linkPath(tip: number): void {
    const { rows } = this.#tree;
    let at = tip;
    for (; at !== NO_ROW && !rows.flag(at, LINKED); at = rows.word(at, PARENT)) rows.setFlag(at, LINKED, true);
    if (at !== NO_ROW) this.#refreshLeaf(at);
    this.#refreshLeaf(tip);
  }

  /** Takes all rows that are not linked for pending, when the store was just read. */
  addPending(): void {
    const { rows } = this.#tree;
    for (let row = 0; row < rows.end; row++) if (rows.flag(row, LIVE) && !rows.flag(row, LINKED)) this.pending.add(row);
  }

  /** A row that is not active lost its body: nothing above it can be chosen until it is back. */
  unlink(row: number): void {
    const { rows } = this.#tree;
    if (!rows.flag(row, LINKED)) return;
    const stack = [row];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      rows.setFlag(at, LINKED, false);
      this.leaves.delete(at);
      this.pending.add(at);
      for (const child of this.#tree.children(at)) if (rows.flag(child, LINKED)) stack.push(child);
    }
    const parent = rows.word(row, PARENT);
    if (parent !== NO_ROW) this.#refreshLeaf(parent);
  }

  #refreshLeaf(row: number): void {
    const { rows } = this.#tree;
    let leaf = rows.flag(row, LINKED);
    for (const child of this.#tree.children(row)) if (rows.flag(child, LINKED)) leaf = false;
    if (leaf) this.leaves.add(row);
    else this.leaves.delete(row);
  }
}

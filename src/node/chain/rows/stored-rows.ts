/** What the store says of a block, into its row. */
import type { BodyState, PackedRecords } from '../store/store.ts';
import type { HeaderTree } from './header-tree.ts';
import { FROM_PEER, HAS_BLOCK, HEIGHT, INVALID, LINKED, LIVE, MINED, NO_ROW, PERSISTED, type Rows, SIZE, STATE, TRANSACTIONS } from './rows.ts';

/** All of it but whether the body is there, which whoever counts bodies sets. */
export function setBodyState(rows: Rows, row: number, state: BodyState): void {
  const chunk = rows.chunk(row);
  const base = rows.base(row);
  const kept = (chunk.words[base + STATE] as number) & (HAS_BLOCK | LINKED | INVALID | LIVE);
  const origin = state.hasBlock ? (state.mined ? MINED : FROM_PEER) : chunk.origin(base);
  chunk.words[base + STATE] = kept | origin | PERSISTED | (state.invalid ? INVALID : 0);
  chunk.words[base + SIZE] = state.size;
  chunk.words[base + TRANSACTIONS] = state.transactionCount;
  chunk.setReceived(base, state.receivedAt);
  chunk.setSequence(base, state.sequence);
}

export interface InsertedPage {
  /** Records, counted from the first, that found their place. */
  readonly inserted: number;
  /** Those of them with a body. */
  readonly bodies: number;
  /** The highest. */
  readonly sequence: number;
  /** The row with the most chainwork of those and `best`. */
  readonly best: number;
}

/** Hangs the records of a page into the tree, one on the other. `read` gives what follows the header at an offset. */
export function insertPage(tree: HeaderTree, page: PackedRecords, read: (view: DataView, at: number) => BodyState, best: number): InsertedPage {
  const { rows } = tree;
  const source = { view: page.view, headerAt: 0, hashAt: 0 };
  const result = { inserted: 0, bodies: 0, sequence: 0, best };
  let parent = tree.findAt(page.view, page.parentAt);
  if (parent === NO_ROW || rows.word(parent, HEIGHT) !== page.height - 1) return result;
  for (; result.inserted < page.count; result.inserted++) {
    source.headerAt = page.offset(result.inserted);
    source.hashAt = page.hashAt(result.inserted);
    const row = tree.insert(source, parent);
    if (row === NO_ROW) return result;
    const state = read(page.view, source.headerAt);
    setBodyState(rows, row, state);
    if (state.hasBlock) {
      rows.setFlag(row, HAS_BLOCK, true);
      result.bodies++;
    }
    if (state.sequence > result.sequence) result.sequence = state.sequence;
    if (!rows.flag(row, INVALID) && tree.compareWork(row, result.best) > 0) result.best = row;
    parent = row;
  }
  return result;
}

/** What the store says of a block, into its row. */
import { RECORD_AT, RECORD_FLAG, readU64 } from '../store/records.ts';
import type { BodyState, PackedRecords } from '../store/store.ts';
import type { HeaderTree } from './header-tree.ts';
import { type Chunk, FROM_PEER, HAS_BLOCK, HEIGHT, INVALID, LINKED, LIVE, MINED, PERSISTED, type Rows, SIZE, STATE, TRANSACTIONS } from './rows.ts';

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

/** The same, body or not, from the record that begins at `at`, into a row that has nothing of it yet, and linked. Makes no object. */
function readState(chunk: Chunk, base: number, view: DataView, at: number): void {
  const flags = view.getUint8(at + RECORD_AT.flags);
  const body = (flags & RECORD_FLAG.hasBlock) !== 0 ? HAS_BLOCK | ((flags & RECORD_FLAG.mined) !== 0 ? MINED : FROM_PEER) : 0;
  const state = (chunk.words[base + STATE] as number) | body | PERSISTED | LINKED;
  chunk.words[base + STATE] = (flags & RECORD_FLAG.invalid) === 0 ? state : state | INVALID;
  chunk.words[base + SIZE] = view.getInt32(at + RECORD_AT.size, true);
  chunk.words[base + TRANSACTIONS] = view.getInt32(at + RECORD_AT.transactions, true);
  chunk.setReceived(base, readU64(view, at + RECORD_AT.received));
  chunk.setSequence(base, readU64(view, at + RECORD_AT.sequence));
}

export interface AppendedPage {
  /** The row of the last record. */
  readonly last: number;
  /** Records with a body. */
  readonly bodies: number;
  /** The highest. */
  readonly sequence: number;
  /** The row with the most chainwork of those and `best`. */
  readonly best: number;
}

/** Hangs the records of a page onto `parent`, one on the other, all linked; undefined when the first one does not belong there. */
export function appendPage(tree: HeaderTree, page: PackedRecords, parent: number, best: number): AppendedPage | undefined {
  const { rows } = tree;
  if (rows.word(parent, HEIGHT) !== page.height - 1 || !tree.hasHash(parent, page.view, page.parentAt)) return undefined;
  const source = { view: page.view, headerAt: 0, hashAt: 0 };
  const result = { last: parent, bodies: 0, sequence: 0, best };
  for (let i = 0; i < page.count; i++) {
    source.headerAt = page.offset(i);
    source.hashAt = page.hashAt(i);
    const row = tree.append(source, result.last);
    const chunk = rows.chunk(row);
    const base = rows.base(row);
    readState(chunk, base, page.view, source.headerAt);
    if (chunk.flag(base, HAS_BLOCK)) result.bodies++;
    const sequence = chunk.sequence(base);
    if (sequence > result.sequence) result.sequence = sequence;
    if (!chunk.flag(base, INVALID) && tree.compareWork(row, result.best) > 0) result.best = row;
    result.last = row;
  }
  return result;
}

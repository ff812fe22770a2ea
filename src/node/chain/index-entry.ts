import type { BlockOriginKind, HashHex } from '../../shared/blocks.ts';
import {
  ANCHOR_HEIGHT,
  ANCHOR_PARENT_TIME,
  BITS,
  CHECK_MS,
  Chunk,
  FIRST_CHILD,
  FROM_PEER,
  GENESIS,
  HAS_BLOCK,
  HEIGHT,
  INVALID,
  LINKED,
  MINED,
  NO_ROW,
  PARENT,
  PERSISTED,
  SIZE,
  TIME,
  TRANSACTIONS,
} from './rows/rows.ts';
import type { BlockIndexEntry } from './types.ts';

/** What an entry asks of the index that it belongs to. */
export interface EntrySource {
  /** The one entry of a row; undefined for NO_ROW. */
  entryOf(row: number): IndexEntry | undefined;
  children(row: number): Iterable<number>;
  chainwork(row: number): bigint;
  hashText(chunk: Chunk, base: number): HashHex;
}

/** An entry that is in no tree, and why it knows its own parent and work. */
interface Apart {
  readonly parent: IndexEntry | undefined;
  readonly chainwork: bigint;
}

/**
 * One node of the header tree, made when somebody asks for it: what it says lies in the row, and is read there each time. There is one
 * entry of a row at a time, so that entries can be compared with `===` (see EntryViews).
 *
 * An entry whose header left the tree keeps a copy of its row: who still holds it sees what was there last.
 */
export class IndexEntry implements BlockIndexEntry {
  readonly #source: EntrySource;
  #chunk: Chunk;
  #base: number;
  #row: number;
  #apart: Apart | undefined;
  #hash: HashHex | undefined;
  #chainwork: bigint | undefined;

  /** `row` is NO_ROW, and `apart` given, for one that is not in the tree (yet). */
  constructor(source: EntrySource, chunk: Chunk, base: number, row: number, apart?: Apart) {
    this.#source = source;
    this.#chunk = chunk;
    this.#base = base;
    this.#row = row;
    this.#apart = apart;
  }

  /** NO_ROW when it is not in the tree. */
  get row(): number {
    return this.#row;
  }

  /** Whether it is in the tree of this index now. */
  isIn(source: EntrySource): boolean {
    return this.#row !== NO_ROW && this.#source === source;
  }

  get hash(): HashHex {
    return (this.#hash ??= this.#source.hashText(this.#chunk, this.#base));
  }

  get parent(): IndexEntry | undefined {
    return this.#apart === undefined ? this.#source.entryOf(this.#int(PARENT)) : this.#apart.parent;
  }

  get height(): number {
    return this.#int(HEIGHT);
  }

  get time(): number {
    return this.#unsigned(TIME);
  }

  get bits(): number {
    return this.#unsigned(BITS);
  }

  get chainwork(): bigint {
    return (this.#chainwork ??= this.#apart?.chainwork ?? this.#source.chainwork(this.#row));
  }

  get anchorHeight(): number {
    return this.#int(ANCHOR_HEIGHT);
  }

  get anchorParentTime(): number {
    return this.#unsigned(ANCHOR_PARENT_TIME);
  }

  get sequence(): number {
    return this.#chunk.sequence(this.#base);
  }

  get hasBlock(): boolean {
    return this.#chunk.flag(this.#base, HAS_BLOCK);
  }

  get invalid(): boolean {
    return this.#chunk.flag(this.#base, INVALID);
  }

  set invalid(value: boolean) {
    this.#chunk.setFlag(this.#base, INVALID, value);
  }

  get linked(): boolean {
    return this.#chunk.flag(this.#base, LINKED);
  }

  get persisted(): boolean {
    return this.#chunk.flag(this.#base, PERSISTED);
  }

  get size(): number {
    return this.#unsigned(SIZE);
  }

  get transactionCount(): number {
    return this.#unsigned(TRANSACTIONS);
  }

  get receivedAt(): number {
    return this.#chunk.received(this.#base);
  }

  get origin(): BlockOriginKind {
    const origin = this.#chunk.origin(this.#base);
    if (origin === FROM_PEER) return 'peer';
    if (origin === MINED) return 'mined';
    return origin === GENESIS ? 'genesis' : 'disk';
  }

  get checkMs(): number | undefined {
    const ms = this.#chunk.floats[this.#base + CHECK_MS] as number;
    return Number.isNaN(ms) ? undefined : ms;
  }

  set checkMs(value: number | undefined) {
    this.#chunk.floats[this.#base + CHECK_MS] = value ?? NaN;
  }

  get hasChildren(): boolean {
    return this.#row !== NO_ROW && this.#int(FIRST_CHILD) !== NO_ROW;
  }

  /** Newest first. */
  *childEntries(): Generator<IndexEntry> {
    if (this.#row === NO_ROW) return;
    for (const row of this.#source.children(this.#row)) {
      const child = this.#source.entryOf(row);
      if (child !== undefined) yield child;
    }
  }

  /** Only the index calls this: the entry became part of the tree. */
  enter(chunk: Chunk, base: number, row: number): void {
    this.#chunk = chunk;
    this.#base = base;
    this.#row = row;
    this.#apart = undefined;
  }

  /** Only the index calls this: the row is about to leave the tree. */
  leave(): void {
    const apart: Apart = { parent: this.parent, chainwork: this.chainwork };
    const own = new Chunk(1);
    own.copy(0, this.#chunk, this.#base);
    this.#chunk = own;
    this.#base = 0;
    this.#row = NO_ROW;
    this.#apart = apart;
  }

  #int(field: number): number {
    return this.#chunk.words[this.#base + field] as number;
  }

  #unsigned(field: number): number {
    return this.#chunk.unsigned[this.#base + field] as number;
  }
}

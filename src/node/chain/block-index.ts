import type { HashHex } from '../../shared/blocks.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { encodeBlock } from '../primitives/block.ts';
import { encodeHeader, HEADER_BYTES } from '../primitives/header.ts';
import { displayHash, HASH_BYTES, internalHash } from '../util/bytes.ts';
import { IndexEntry, type EntrySource } from './index-entry.ts';
import { EntryViews } from './rows/entry-views.ts';
import { HeaderTree, type HeaderSource } from './rows/header-tree.ts';
import { HeightMap } from './rows/height-map.ts';
import { LinkedRows } from './rows/linked-rows.ts';
import { RecentHeaders } from './rows/recent-headers.ts';
import { BITS, Chunk, FIRST_CHILD, GENESIS, HAS_BLOCK, HEIGHT, INVALID, LINKED, LIVE, NO_ROW, PARENT, PERSISTED, SIZE, TIME, TRANSACTIONS } from './rows/rows.ts';
import { appendPage, setBodyState } from './rows/stored-rows.ts';
import type { BodyState, PackedRecords } from './store/store.ts';
import type { ActiveLine, BlockIndexEntry } from './types.ts';

/**
 * All headers this node knows, as a tree, and which of them are the active chain. Knows nothing of disks and rules.
 *
 * Everything lies in rows of numbers (rows/): a million blocks take a hundred megabytes, and no object each. An `IndexEntry` is made when
 * somebody asks for one. Whatever walks over many blocks does so by row.
 *
 * "Linked" is what fork choice may choose from: the body is there and so are those of all ancestors.
 */
export class BlockIndex {
  readonly genesis: IndexEntry;
  /** For what walks over many headers: by row, no entry is made. */
  readonly tree: HeaderTree;
  readonly #views = new EntryViews<IndexEntry>();
  readonly #headers = new RecentHeaders();
  readonly #active = new HeightMap();
  readonly linked: LinkedRows;
  readonly #source: EntrySource;
  readonly #genesisHeader: Uint8Array;
  #tip: IndexEntry;
  #bestHeader: number;
  /** The last row of the last page. */
  #lastPacked: number;
  #bodies = 1;
  /** One header and its hash on their way in. */
  readonly #incoming = Buffer.alloc(HEADER_BYTES + HASH_BYTES);
  readonly #incomingSource: HeaderSource;

  /** `random`: see HashLookup. */
  constructor(params: NetworkParams, random?: Int32Array) {
    const tree = new HeaderTree(params, random);
    this.tree = tree;
    this.linked = new LinkedRows(tree);
    this.#source = {
      entryOf: (row) => this.#entryOf(row),
      children: (row) => tree.children(row),
      chainwork: (row) => tree.chainwork(row),
      hashText: (chunk, base) => tree.hashText(chunk, base),
    };
    const { buffer, byteOffset, byteLength } = this.#incoming;
    this.#incomingSource = { view: new DataView(buffer, byteOffset, byteLength), headerAt: 0, hashAt: HEADER_BYTES };
    const { header, transactions } = params.genesis;
    this.#genesisHeader = encodeHeader(header);
    const row = tree.plant(this.#take(internalHash(params.genesisHash), this.#genesisHeader));
    this.#headers.put(row, this.#genesisHeader, 0, false);
    const chunk = tree.rows.chunk(row);
    const base = tree.rows.base(row);
    chunk.setFlag(base, HAS_BLOCK, true);
    chunk.setOrigin(base, GENESIS);
    chunk.words[base + TRANSACTIONS] = transactions.length;
    chunk.words[base + SIZE] = encodeBlock(params.genesis).length;
    this.genesis = this.#entry(row);
    this.#active.push(row);
    this.linked.reset(row);
    this.#tip = this.genesis;
    this.#bestHeader = row;
    this.#lastPacked = row;
  }

  /** Back to the genesis block, for a second try at loading. Entries handed out before mean nothing any more. */
  clear(): void {
    const { row } = this.genesis;
    this.tree.clear();
    this.#views.clear();
    this.#views.set(row, this.genesis);
    this.#headers.clear();
    this.#headers.put(row, this.#genesisHeader, 0, false);
    this.linked.reset(row);
    this.#active.length = 1;
    this.#tip = this.genesis;
    this.#bestHeader = row;
    this.#lastPacked = row;
    this.#bodies = 1;
  }

  /** Bodies stored, the genesis block's included. */
  get bodies(): number {
    return this.#bodies;
  }

  /** Headers, bodies or not. */
  get size(): number {
    return this.tree.rows.size;
  }

  get tip(): IndexEntry {
    return this.#tip;
  }

  /** The tip itself when no header has more work. */
  get bestHeader(): IndexEntry {
    return this.tree.compareWork(this.#bestHeader, this.#tip.row) > 0 ? this.#entry(this.#bestHeader) : this.#tip;
  }

  /** Linked entries without linked children. */
  get leaves(): Iterable<IndexEntry> {
    return this.#entries(this.linked.leaves);
  }

  /** Headers without a body. */
  get headerOnly(): number {
    return this.size - this.#bodies;
  }

  get(hash: HashHex): IndexEntry | undefined {
    // What peers talk about most of the time: a look into the table would read the text and fetch three places of memory.
    if (hash === this.#tip.hash) return this.#tip;
    return this.#entryOf(this.tree.find(hash));
  }

  /** The same for its 32 bytes in internal order, whose text need not be made and read again. */
  getInternal(hash: Uint8Array): IndexEntry | undefined {
    return this.#entryOf(this.tree.findInternal(hash));
  }

  /** The entry of this index for any other of the same block. */
  own(entry: BlockIndexEntry): IndexEntry | undefined {
    return entry instanceof IndexEntry && entry.isIn(this.#source) ? entry : this.get(entry.hash);
  }

  /** About in the order in which they came. Makes an entry of each: for a few thousand blocks, or after damage. */
  *all(): Generator<IndexEntry> {
    const { rows } = this.tree;
    for (let row = 0; row < rows.end; row++) if (rows.flag(row, LIVE)) yield this.#entry(row);
  }

  /** One step for each stored block: its entry when `test` says yes to its hash, undefined and no entry made when not. */
  *search(test: (hash: HashHex) => boolean): Generator<IndexEntry | undefined> {
    const { rows } = this.tree;
    for (let row = 0; row < rows.end; row++) {
      const chunk = rows.chunk(row);
      const base = rows.base(row);
      if (!chunk.flag(base, LIVE) || !chunk.flag(base, HAS_BLOCK)) continue;
      yield test(this.tree.hashText(chunk, base)) ? this.#entry(row) : undefined;
    }
  }

  getActive(height: number): IndexEntry | undefined {
    return this.#entryOf(this.#active.at(height));
  }

  /** Seconds since 1970 of the active block at a height; undefined above the tip. */
  activeTime(height: number): number | undefined {
    const row = this.#active.at(height);
    return row === NO_ROW ? undefined : this.tree.rows.unsigned(row, TIME);
  }

  /** What a list says of the active block at a height; undefined above the tip. */
  activeLine(height: number): ActiveLine | undefined {
    const row = this.#active.at(height);
    if (row === NO_ROW) return undefined;
    const { rows } = this.tree;
    return { hash: this.tree.hashText(rows.chunk(row), rows.base(row)), time: rows.unsigned(row, TIME), bits: rows.unsigned(row, BITS) };
  }

  isActive(entry: IndexEntry): boolean {
    return entry.row !== NO_ROW && this.#isActive(entry.row);
  }

  #isActive(row: number): boolean {
    return this.#active.at(this.tree.rows.word(row, HEIGHT)) === row;
  }

  /** Where the branch of `entry` leaves the active chain; itself when it is active. */
  forkOf(entry: IndexEntry): IndexEntry {
    return this.#highest(entry, (row) => this.#isActive(row)) ?? this.genesis;
  }

  /** The highest ancestor (or itself) that is linked. */
  highestLinked(entry: IndexEntry): IndexEntry {
    return this.#highest(entry, (row) => this.tree.rows.flag(row, LINKED)) ?? this.genesis;
  }

  #highest(entry: IndexEntry, test: (row: number) => boolean): IndexEntry | undefined {
    let at: IndexEntry | undefined = entry;
    // Below an entry that is not in the tree there is one that is.
    while (at !== undefined && at.row === NO_ROW) at = at.parent;
    return at === undefined ? undefined : this.#entryOf(this.tree.highestAncestor(at.row, test));
  }

  /** Ancestor at `height`, itself when equal; undefined above it or below 0. */
  ancestorAt(entry: IndexEntry, height: number): IndexEntry | undefined {
    return entry.row === NO_ROW ? undefined : this.#entryOf(this.tree.ancestorAt(entry.row, height));
  }

  /** Times of the entry and its ancestors, oldest first, at most `count`. */
  lastTimes(entry: IndexEntry, count: number): number[] {
    return this.tree.lastTimes(entry.row, count);
  }

  /** Chainwork of a child of `parent`. */
  workAbove(parent: IndexEntry, bits: number): bigint {
    return this.tree.workAbove(parent.row, bits);
  }

  /** An entry for a child of `parent` that is not in the tree yet. `hash` (32 bytes, internal order) is that of `header` (80 bytes). */
  make(hash: Uint8Array, header: Uint8Array, parent: IndexEntry): IndexEntry {
    const chunk = new Chunk(1);
    chunk.clear(0);
    this.tree.fill(chunk, 0, this.#take(hash, header), parent.row);
    const chainwork = this.workAbove(parent, chunk.unsigned[BITS] as number);
    return new IndexEntry(this.#source, chunk, 0, NO_ROW, { parent, chainwork });
  }

  /** Hangs an entry that `make` gave into the tree, as a header without a body. */
  insert(entry: IndexEntry, header: Uint8Array): void {
    const { parent } = entry;
    if (parent === undefined || entry.row !== NO_ROW) throw new Error(`${entry.hash} is in the index or has no parent`);
    const row = this.#insert(internalHash(entry.hash), header, parent, false);
    const { rows } = this.tree;
    const { checkMs } = entry;
    entry.enter(rows.chunk(row), rows.base(row), row);
    entry.checkMs = checkMs;
    this.#views.set(row, entry);
  }

  /** Hangs a header without a body into the tree; `hash` and `header` as for `make`. */
  insertHeader(hash: Uint8Array, header: Uint8Array, parent: IndexEntry): IndexEntry {
    return this.#entry(this.#insert(hash, header, parent, false));
  }

  /** The same for one of many from the store; `linkStored` follows when all are there. */
  insertStored(hash: HashHex, header: Uint8Array, parent: IndexEntry): IndexEntry {
    return this.#entry(this.#insert(internalHash(hash), header, parent, true));
  }

  #insert(hash: Uint8Array, header: Uint8Array, parent: IndexEntry, stored: boolean): number {
    const row = parent.row === NO_ROW ? NO_ROW : this.tree.insert(this.#take(hash, header), parent.row);
    if (row === NO_ROW) throw new Error(`${displayHash(hash)} is in the index or has no parent`);
    this.#headers.put(row, header, 0, stored);
    if (stored) this.tree.rows.setFlag(row, PERSISTED, true);
    else this.linked.pending.add(row);
    this.#mayBeBest(row);
    return row;
  }

  /**
   * Hangs the records of a page onto the last one of the page before it, the first page onto the genesis block, without an entry of any.
   * Nothing of them is found by hash until `enterPages`. Returns the highest sequence; undefined when the page does not belong there.
   */
  appendPage(page: PackedRecords): number | undefined {
    const result = appendPage(this.tree, page, this.#lastPacked, this.#bestHeader);
    if (result === undefined) return undefined;
    this.#bodies += result.bodies;
    this.#bestHeader = result.best;
    this.#lastPacked = result.last;
    return result.sequence;
  }

  /** Call after the last page. False when a hash came twice: then only `clear` may follow. */
  enterPages(): Promise<boolean> {
    return this.tree.enterAll(() => new Promise(setImmediate));
  }

  /** Header and hash where `HeaderTree` reads them. */
  #take(hash: Uint8Array, header: Uint8Array): HeaderSource {
    this.#incoming.set(header.subarray(0, HEADER_BYTES), 0);
    this.#incoming.set(hash, HEADER_BYTES);
    return this.#incomingSource;
  }

  #mayBeBest(row: number): void {
    if (!this.tree.rows.flag(row, INVALID) && this.tree.compareWork(row, this.#bestHeader) > 0) this.#bestHeader = row;
  }

  /** The 80 bytes, when they are in memory: of headers that are not stored, and of the last ones that were. */
  headerBytes(entry: IndexEntry): Uint8Array | undefined {
    return this.#headers.get(entry.row);
  }

  /** Takes a header without a body and without children out of the tree. Call `findBestHeader` when it may have been the best. */
  remove(row: number): void {
    const { rows } = this.tree;
    if (row === this.genesis.row || rows.flag(row, HAS_BLOCK | LINKED) || rows.word(row, FIRST_CHILD) !== NO_ROW) {
      throw new Error(`row ${row} holds up others`);
    }
    this.#views.get(row)?.leave();
    this.#views.delete(row);
    this.#headers.delete(row);
    this.linked.pending.delete(row);
    this.tree.remove(row);
    if (this.#bestHeader === row) this.#bestHeader = this.#tip.row;
  }

  /** Whether these bytes begin with the very header of an entry that is not stored yet. */
  hasHeader(entry: IndexEntry, bytes: Uint8Array): boolean {
    return this.#headers.matches(entry.row, bytes);
  }

  /** Whether the body of a child is stored. */
  hasBodyAbove(entry: IndexEntry): boolean {
    if (!entry.hasChildren) return false;
    for (const row of this.tree.children(entry.row)) if (this.tree.rows.flag(row, HAS_BLOCK)) return true;
    return false;
  }

  setBody(entry: IndexEntry, has: boolean): void {
    if (entry.hasBlock === has || entry.row === NO_ROW) return;
    this.tree.rows.setFlag(entry.row, HAS_BLOCK, has);
    this.#bodies += has ? 1 : -1;
  }

  /** Puts what the store knows of the body into an entry; its record, and those of all ancestors, are in the store. */
  setStored(entry: IndexEntry, state: BodyState): void {
    const { rows } = this.tree;
    setBodyState(rows, entry.row, state);
    this.setBody(entry, state.hasBlock);
    this.#headers.persist(entry.row);
    for (let at = rows.word(entry.row, PARENT); at !== this.genesis.row && !rows.flag(at, PERSISTED); at = rows.word(at, PARENT)) {
      rows.setFlag(at, PERSISTED, true);
      this.#headers.persist(at);
    }
  }

  /** Call when `entry` has its body. Returns the entries that are linked now and were not before, parents first. */
  link(entry: IndexEntry): IndexEntry[] {
    return entry.row === NO_ROW ? [] : this.linked.link(entry.row).map((row) => this.#entry(row));
  }

  /**
   * When the store was just read: `tip` and all its ancestors were complete when they were connected, the chain ends there, what stands on
   * linked blocks is linked too, and what is not linked then waits. `tip` is undefined when it was lost, and then, or when bodies were
   * lost, the pages count for nothing.
   */
  linkStored(tip: IndexEntry | undefined, intact: boolean): void {
    const packed = this.#lastPacked;
    const onPages = tip !== undefined && intact && this.tree.ancestorAt(tip.row, this.tree.rows.word(packed, HEIGHT)) === packed;
    // Rows of pages were the first that were given out, one for each height.
    if (onPages) this.#active.setSame(packed);
    else this.linked.unlinkAll(this.genesis.row);
    if (tip !== undefined) {
      this.linked.linkPath(tip.row);
      this.linked.refreshLeaf(this.genesis.row);
      this.setTip(tip);
    }
    this.linked.addPending(onPages ? packed + 1 : 0);
    for (const row of [...this.linked.pending]) this.linked.link(row);
  }

  /** The body of a block beside the active chain is gone: nothing above it can be chosen until it is back. */
  unlink(entry: IndexEntry): void {
    if (entry.row !== NO_ROW && !this.isActive(entry)) this.linked.unlink(entry.row);
  }

  /** Makes `tip` the end of the active chain. */
  setTip(tip: IndexEntry): void {
    const { rows } = this.tree;
    let from = tip.row;
    while (from !== NO_ROW && !this.#isActive(from)) from = rows.word(from, PARENT);
    const fork = from === NO_ROW ? -1 : rows.word(from, HEIGHT);
    this.#active.length = tip.height + 1;
    for (let at = tip.row, height = tip.height; height > fork; at = rows.word(at, PARENT), height--) this.#active.set(height, at);
    this.#tip = tip;
    if (this.tree.compareWork(tip.row, this.#bestHeader) > 0) this.#bestHeader = tip.row;
  }

  /** Active entries without a body, lowest first. */
  activeWithoutBody(): IndexEntry[] {
    const missing: IndexEntry[] = [];
    if (this.headerOnly === 0) return missing;
    for (let height = 0; height < this.#active.length; height++) {
      const row = this.#active.at(height);
      if (!this.tree.rows.flag(row, HAS_BLOCK)) missing.push(this.#entry(row));
    }
    return missing;
  }

  /** Entry and everything above it, parents first. */
  subtree(entry: IndexEntry): IndexEntry[] {
    return this.tree.subtree(entry.row).map((row) => this.#entry(row));
  }

  /** Looks for the best header anew, after some were found invalid. */
  findBestHeader(): void {
    const { rows } = this.tree;
    const valid = (row: number): boolean => !rows.flag(row, INVALID);
    let best = this.#tip.row;
    const offer = (row: number): void => {
      if (row !== NO_ROW && this.tree.compareWork(row, best) > 0) best = row;
    };
    // Below a leaf that is invalid there may be a block that is not.
    for (const leaf of this.linked.leaves) offer(this.tree.highestAncestor(leaf, valid));
    for (const row of this.linked.pending) if (valid(row)) offer(row);
    this.#bestHeader = best;
  }

  /** The linked, valid entry with the most work above the tip; of equal ones the first that came. */
  bestCandidate(from: Iterable<IndexEntry>): IndexEntry | undefined {
    const { rows } = this.tree;
    let best = NO_ROW;
    for (const start of from) {
      if (start.row === NO_ROW) continue;
      const row = this.tree.highestAncestor(start.row, (at) => rows.flag(at, LINKED) && !rows.flag(at, INVALID));
      if (row === NO_ROW || this.tree.compareWork(row, this.#tip.row) <= 0) continue;
      if (best === NO_ROW || this.#beats(row, best)) best = row;
    }
    return this.#entryOf(best);
  }

  #beats(a: number, b: number): boolean {
    const { rows } = this.tree;
    const more = this.tree.compareWork(a, b);
    return more === 0 ? rows.chunk(a).sequence(rows.base(a)) < rows.chunk(b).sequence(rows.base(b)) : more > 0;
  }

  *#entries(rows: Iterable<number>): Generator<IndexEntry> {
    for (const row of rows) yield this.#entry(row);
  }

  #entryOf(row: number): IndexEntry | undefined {
    return row === NO_ROW ? undefined : this.#entry(row);
  }

  #entry(row: number): IndexEntry {
    const known = this.#views.get(row);
    if (known !== undefined) return known;
    const { rows } = this.tree;
    const entry = new IndexEntry(this.#source, rows.chunk(row), rows.base(row), row);
    this.#views.set(row, entry);
    return entry;
  }
}

/** Fork choice between two branches that are not active: more work, or the same and seen first. */
export function beats(a: IndexEntry, b: IndexEntry): boolean {
  return a.chainwork === b.chainwork ? a.sequence < b.sequence : a.chainwork > b.chainwork;
}

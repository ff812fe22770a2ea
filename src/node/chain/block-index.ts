import type { HashHex } from '../../shared/blocks.ts';
import { anchorFor, dueTime, type Anchor } from '../consensus/difficulty.ts';
import { MEDIAN_TIME_SPAN } from '../consensus/limits.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { blockWork } from '../consensus/target.ts';
import { encodeBlock } from '../primitives/block.ts';
import type { BlockHeader } from '../primitives/header.ts';
import { fieldsOf, highestAncestor, IndexEntry, lastTimes, type HeaderFields } from './index-entry.ts';

/**
 * All headers this node knows, as a tree, and which of them are the active chain. Knows nothing of disks and rules.
 *
 * "Linked" is what fork choice may choose from: the body is there and so are those of all ancestors.
 */
export class BlockIndex {
  readonly genesis: IndexEntry;
  readonly #params: NetworkParams;
  readonly #entries = new Map<HashHex, IndexEntry>();
  readonly #active: IndexEntry[];
  /** Entries that are not linked, in the order in which they came. */
  readonly #pending = new Set<IndexEntry>();
  /** Linked entries without linked children. */
  readonly #leaves = new Set<IndexEntry>();
  #bestHeader: IndexEntry;
  #bodies = 1;
  /** The last answer of `blockWork`: bits seldom change from one block to the next. */
  #workOf = { bits: NaN, work: 0n };

  constructor(params: NetworkParams) {
    this.#params = params;
    const { header, transactions } = params.genesis;
    const anchor = anchorFor(params, { height: 0, times: [header.time] }, undefined);
    this.genesis = new IndexEntry(params.genesisHash, fieldsOf(header), undefined, blockWork(header.bits), anchor);
    this.genesis.hasBlock = true;
    this.genesis.linked = true;
    this.genesis.origin = 'genesis';
    this.genesis.transactionCount = transactions.length;
    this.genesis.size = encodeBlock(params.genesis).length;
    this.#entries.set(this.genesis.hash, this.genesis);
    this.#active = [this.genesis];
    this.#leaves.add(this.genesis);
    this.#bestHeader = this.genesis;
  }

  /** Back to the genesis block, for a second try at loading. */
  clear(): void {
    this.#entries.clear();
    this.#pending.clear();
    this.#leaves.clear();
    this.genesis.firstChild = undefined;
    this.#entries.set(this.genesis.hash, this.genesis);
    this.#leaves.add(this.genesis);
    this.#active.length = 1;
    this.#bestHeader = this.genesis;
    this.#bodies = 1;
  }

  /** Bodies stored, the genesis block's included. */
  get bodies(): number {
    return this.#bodies;
  }

  get tip(): IndexEntry {
    return this.#active[this.#active.length - 1] as IndexEntry;
  }

  /** The tip itself when no header has more work. */
  get bestHeader(): IndexEntry {
    return this.#bestHeader.chainwork > this.tip.chainwork ? this.#bestHeader : this.tip;
  }

  get pending(): ReadonlySet<IndexEntry> {
    return this.#pending;
  }

  get leaves(): ReadonlySet<IndexEntry> {
    return this.#leaves;
  }

  /** Headers without a body. */
  get headerOnly(): number {
    return this.#entries.size - this.#bodies;
  }

  get(hash: HashHex): IndexEntry | undefined {
    return this.#entries.get(hash);
  }

  all(): IterableIterator<IndexEntry> {
    return this.#entries.values();
  }

  getActive(height: number): IndexEntry | undefined {
    return this.#active[height];
  }

  isActive(entry: IndexEntry): boolean {
    return this.#active[entry.height] === entry;
  }

  /** Where the branch of `entry` leaves the active chain; itself when it is active. */
  forkOf(entry: IndexEntry): IndexEntry {
    return highestAncestor(entry, (at) => this.isActive(at)) ?? this.genesis;
  }

  /** An entry for a child of `parent` that is not in the tree yet. */
  make(hash: HashHex, header: BlockHeader, parent: IndexEntry): IndexEntry {
    return this.makeOf(hash, fieldsOf(header), parent);
  }

  makeOf(hash: HashHex, fields: HeaderFields, parent: IndexEntry): IndexEntry {
    const { bits } = fields;
    if (bits !== this.#workOf.bits) this.#workOf = { bits, work: blockWork(bits) };
    return new IndexEntry(hash, fields, parent, parent.chainwork + this.#workOf.work, this.#anchor(fields.time, parent));
  }

  /** As `anchorFor` gives it. Most blocks, or one not far below them, are in time: then it is the parent's, and no list is made. */
  #anchor(time: number, parent: IndexEntry): Anchor {
    if (time <= dueTime(this.#params, parent, parent.height + 1)) return parent;
    let at: IndexEntry | undefined = parent;
    for (let i = 1; i < MEDIAN_TIME_SPAN && at !== undefined; i++, at = at.parent) {
      if (at.time <= dueTime(this.#params, parent, at.height)) return parent;
    }
    const times = lastTimes(parent, MEDIAN_TIME_SPAN - 1);
    times.push(time);
    return anchorFor(this.#params, { height: parent.height + 1, times }, parent);
  }

  /** Hangs a new entry into the tree, as a header without a body. */
  insert(entry: IndexEntry): void {
    if (!this.insertLoaded(entry)) throw new Error(`${entry.hash} is in the index or has no parent`);
    this.#pending.add(entry);
  }

  /** The same for one of many from the store; `addPending` follows when all are there. False when its hash is there already. */
  insertLoaded(entry: IndexEntry): boolean {
    const { parent } = entry;
    if (parent === undefined || this.#entries.has(entry.hash)) return false;
    this.#entries.set(entry.hash, entry);
    entry.nextSibling = parent.firstChild;
    parent.firstChild = entry;
    entry.invalid ||= parent.invalid;
    if (!entry.invalid && entry.chainwork > this.#bestHeader.chainwork) this.#bestHeader = entry;
    return true;
  }

  /** Takes a header without a body and without children out of the tree. Call `findBestHeader` when it may have been the best. */
  remove(entry: IndexEntry): void {
    const { parent } = entry;
    if (parent === undefined || entry.hasBlock || entry.linked || entry.firstChild !== undefined) {
      throw new Error(`${entry.hash} holds up other entries`);
    }
    this.#entries.delete(entry.hash);
    this.#pending.delete(entry);
    if (parent.firstChild === entry) parent.firstChild = entry.nextSibling;
    else for (const child of parent.childEntries()) if (child.nextSibling === entry) child.nextSibling = entry.nextSibling;
  }

  setBody(entry: IndexEntry, has: boolean): void {
    if (entry.hasBlock === has) return;
    entry.hasBlock = has;
    this.#bodies += has ? 1 : -1;
  }

  /** Call when `entry` has its body. Returns the entries that are linked now and were not before, parents first. */
  link(entry: IndexEntry): IndexEntry[] {
    const linked: IndexEntry[] = [];
    if (entry.linked || !entry.hasBlock || entry.parent?.linked !== true) return linked;
    const stack = [entry];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      this.markLinked(at);
      linked.push(at);
      for (const child of at.childEntries()) if (child.hasBlock && !child.linked) stack.push(child);
    }
    return linked;
  }

  /** Marks one entry, whatever its body: for the ancestors of a stored tip, which were checked when they were connected. */
  markLinked(entry: IndexEntry): void {
    entry.linked = true;
    this.#pending.delete(entry);
    if (entry.parent !== undefined) this.#leaves.delete(entry.parent);
    this.#refreshLeaf(entry);
  }

  /** Marks an entry and all its ancestors, when the store was just read: a long chain in one go. */
  linkPath(tip: IndexEntry): void {
    let at: IndexEntry | undefined = tip;
    for (; at !== undefined && !at.linked; at = at.parent) at.linked = true;
    if (at !== undefined) this.#refreshLeaf(at);
    this.#refreshLeaf(tip);
  }

  /** All entries that are not linked, in the order in which they came. */
  addPending(): void {
    for (const entry of this.#entries.values()) if (!entry.linked) this.#pending.add(entry);
  }

  /** The body of a block beside the active chain is gone: nothing above it can be chosen until it is back. */
  unlink(entry: IndexEntry): void {
    if (!entry.linked || this.isActive(entry)) return;
    const stack = [entry];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      at.linked = false;
      this.#leaves.delete(at);
      this.#pending.add(at);
      for (const child of at.childEntries()) if (child.linked) stack.push(child);
    }
    if (entry.parent !== undefined) this.#refreshLeaf(entry.parent);
  }

  #refreshLeaf(entry: IndexEntry): void {
    let leaf = entry.linked;
    for (const child of entry.childEntries()) if (child.linked) leaf = false;
    if (leaf) this.#leaves.add(entry);
    else this.#leaves.delete(entry);
  }

  /** Makes `tip` the end of the active chain. */
  setTip(tip: IndexEntry): void {
    const added: IndexEntry[] = [];
    let at = tip;
    for (; !this.isActive(at) && at.parent !== undefined; at = at.parent) added.push(at);
    this.#active.length = at.height + 1;
    for (const entry of added.reverse()) this.#active.push(entry);
    if (tip.chainwork > this.#bestHeader.chainwork) this.#bestHeader = tip;
  }

  /** Entry and everything above it, parents first. */
  subtree(entry: IndexEntry): IndexEntry[] {
    const all: IndexEntry[] = [];
    const stack = [entry];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      all.push(at);
      for (const child of at.childEntries()) stack.push(child);
    }
    return all;
  }

  /** Looks for the best header anew, after some were found invalid. No linked one has more work than the tip, or will not for long. */
  findBestHeader(): void {
    let best = this.tip;
    for (const leaf of this.#leaves) if (!leaf.invalid && leaf.chainwork > best.chainwork) best = leaf;
    for (const entry of this.#pending) if (!entry.invalid && entry.chainwork > best.chainwork) best = entry;
    this.#bestHeader = best;
  }

  /** The linked, valid entry with the most work above `floor`; of equal ones the first that came. */
  bestCandidate(from: Iterable<IndexEntry>, floor: bigint): IndexEntry | undefined {
    let best: IndexEntry | undefined;
    for (const start of from) {
      const entry = highestAncestor(start, (at) => at.linked && !at.invalid);
      if (entry === undefined || entry.chainwork <= floor) continue;
      if (best === undefined || beats(entry, best)) best = entry;
    }
    return best;
  }
}

/** Fork choice between two branches that are not active: more work, or the same and seen first. */
export function beats(a: IndexEntry, b: IndexEntry): boolean {
  return a.chainwork === b.chainwork ? a.sequence < b.sequence : a.chainwork > b.chainwork;
}

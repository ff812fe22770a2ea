/**
 * From the store to the block index: reads the records, checks them against each other, and rebuilds what can be rebuilt.
 *
 * 1. Index records, lowest first; one that is damaged, or whose parent is missing, makes the next step necessary.
 * 2. (Only after damage.) All bodies: each that is whole gets its entry back; an entry whose body is gone keeps its header.
 * 3. The tip as stored; after its loss the complete branch with the most work.
 * 4. The active map, and after step 2 the transaction index, written again where they differ.
 * 5. The newest bodies are read and checked whole.
 */
import type { HashHex } from '../../shared/blocks.ts';
import { checkBlock, parseBlock } from '../consensus/rules.ts';
import { RuleError } from '../consensus/errors.ts';
import { blockHash, type Block } from '../primitives/block.ts';
import { decodeHeader, HEADER_BYTES, headerHash } from '../primitives/header.ts';
import { displayHash, HASH_BYTES } from '../util/bytes.ts';
import type { BlockIndex } from './block-index.ts';
import { recordsOf } from './header-reader.ts';
import type { IndexEntry } from './index-entry.ts';
import { placesIn, recordOf } from './index-records.ts';
import { MAX_WAITING_RECORDS, REBUILD_BATCH } from './limits.ts';
import type { BlockKey, IndexRecord, Store, StoreOp } from './store/store.ts';

/** Where an encoded header names its parent. */
const PREVIOUS_HASH = 4;

export interface LoadReport {
  repaired: boolean;
  /** Blocks that were stored and are lost. */
  dropped: number;
  /** Active blocks whose bodies have to be fetched again. */
  damaged: IndexEntry[];
  messages: string[];
  lastSequence: number;
  /** The index records up to this height of the active chain are in pages. */
  packed: number;
}

/** Collects operations and writes them in batches. */
class Rewriter {
  readonly #store: Store;
  #ops: StoreOp[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  async push(...ops: StoreOp[]): Promise<void> {
    this.#ops.push(...ops);
    if (this.#ops.length >= REBUILD_BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#ops.length === 0) return;
    const ops = this.#ops;
    this.#ops = [];
    await this.#store.write(ops);
  }
}

export class Loader {
  readonly #store: Store;
  readonly #index: BlockIndex;
  readonly #report: LoadReport = { repaired: false, dropped: 0, damaged: [], messages: [], lastSequence: 0, packed: 0 };
  /** Records without a parent in the index, by hash. */
  readonly #loose = new Map<HashHex, IndexRecord>();
  readonly #pages: number[] = [];
  #damagedPage = false;
  #damagedRecords: BlockKey[] = [];

  constructor(store: Store, index: BlockIndex) {
    this.#store = store;
    this.#index = index;
  }

  /** `repaired`: the store says that it was damaged. */
  async load(repaired: boolean, verifyLast: number): Promise<LoadReport> {
    if (!(await this.#readPages())) {
      this.#index.clear();
      this.#loose.clear();
      this.#pages.length = 0;
      this.#report.lastSequence = 0;
      this.#report.packed = 0;
      await this.#readRecords();
    }
    const stored = await this.#store.tip();
    const tip = stored === undefined ? undefined : this.#index.get(stored);
    const lostTip = stored === undefined ? this.#index.bodies > 1 : tip === undefined || tip.invalid;
    const deep = repaired || this.#damagedRecords.length > 0 || this.#damagedPage || this.#loose.size > 0 || lostTip;
    if (deep) await this.#rebuildFromBodies();
    // A tip whose record was lost may have come back with its body.
    this.#chooseTip(stored === undefined ? undefined : this.#index.get(stored), deep);
    await this.#checkActive(deep);
    await this.#verify(verifyLast);
    this.#report.damaged.push(...this.#index.activeWithoutBody());
    this.#summarise(deep);
    return this.#report;
  }

  /**
   * As long as nothing is wrong, pages go straight into the index, and the few records between them wait until the last page is there:
   * then the index needs no look-up by hash for a million records. False when something is wrong; then the index is of no use.
   */
  async #readPages(): Promise<boolean> {
    const waiting: IndexRecord[] = [];
    let entered = false;
    const enter = async (): Promise<boolean> => {
      if (!entered && !(await this.#index.enterPages())) return false;
      entered = true;
      return waiting.splice(0).every((record) => this.#attach(record) !== undefined);
    };
    for await (const scanned of this.#store.scanIndex()) {
      if (scanned.pageAt !== undefined) {
        const sequence = entered || scanned.page === undefined ? undefined : this.#index.appendPage(scanned.page);
        if (sequence === undefined) return false;
        this.#pages.push(scanned.pageAt);
        this.#report.lastSequence = Math.max(this.#report.lastSequence, sequence);
        this.#report.packed += scanned.page?.count ?? 0;
        continue;
      }
      for (const { value } of scanned.records) {
        if (value === undefined) return false;
        waiting.push(value);
      }
      // Most are above the last page; when they are not, there are more side branches than should wait in memory.
      if ((entered || waiting.length > MAX_WAITING_RECORDS) && !(await enter())) return false;
    }
    return enter();
  }

  /** Record by record: whatever cannot be used is set aside for the repair. */
  async #readRecords(): Promise<void> {
    for await (const scanned of this.#store.scanIndex()) {
      if (scanned.pageAt !== undefined) {
        const { pageAt, page } = scanned;
        this.#pages.push(pageAt);
        // Pages follow each other from the first block on; a gap is a page that was lost.
        this.#damagedPage ||= page === undefined || pageAt !== this.#report.packed + 1;
        for (let i = 0; i < (page?.count ?? 0); i++) if (page !== undefined) this.#attach(page.record(i));
        this.#report.packed += page?.count ?? 0;
        continue;
      }
      for (const { key, value } of scanned.records) {
        if (value === undefined) this.#damagedRecords.push(key);
        else this.#attach(value);
      }
    }
  }

  #attach(record: IndexRecord): IndexEntry | undefined {
    const known = this.#index.get(record.hash);
    const parent = known === undefined ? this.#index.get(previousHash(record)) : known.parent;
    if (parent === undefined || parent.height + 1 !== record.height) {
      if (known !== undefined) return known;
      this.#loose.set(record.hash, record);
      return undefined;
    }
    const entry = known ?? this.#index.insertStored(record.hash, record.header, parent);
    // A record of its own is newer than the one in a page.
    this.#index.setStored(entry, record);
    if (record.sequence > this.#report.lastSequence) this.#report.lastSequence = record.sequence;
    return entry;
  }

  async #rebuildFromBodies(): Promise<void> {
    this.#report.repaired = true;
    const rewriter = new Rewriter(this.#store);
    for (const key of this.#damagedRecords) await rewriter.push({ op: 'drop-index', key });
    const seen = new Set<number>();
    for await (const batch of this.#store.scanBodies()) {
      for (const { key, value } of batch) {
        const entry = value === undefined ? undefined : await this.#adopt(key, value, rewriter);
        if (entry === undefined) await rewriter.push({ op: 'drop-body', key });
        else seen.add(entry.row);
      }
    }
    await this.#forAll(
      (entry) => entry.hasBlock && entry !== this.#index.genesis && !seen.has(entry.row),
      (entries) => this.#loseBodies(entries, rewriter),
    );
    for (const record of [...this.#loose.values()].sort((a, b) => a.height - b.height)) {
      if (this.#attach({ ...record, hasBlock: false }) !== undefined) this.#loose.delete(record.hash);
    }
    for (const record of this.#loose.values()) {
      if (record.hasBlock) this.#report.dropped++;
      await rewriter.push({ op: 'drop-index', key: record }, { op: 'drop-body', key: record });
    }
    await this.#unpack(rewriter);
    await rewriter.flush();
  }

  /** Repairs are seldom: instead of mending pages, all their records become records of their own, and are packed again in time. */
  async #unpack(rewriter: Rewriter): Promise<void> {
    if (this.#pages.length === 0) return;
    await this.#forAll(({ persisted }) => persisted, (entries) => this.#writeRecords(entries, rewriter));
    for (const height of this.#pages) await rewriter.push({ op: 'drop-page', height });
    this.#report.packed = 0;
  }

  /** `task` with those entries for which `test` holds, some thousand at a time. */
  async #forAll(test: (entry: IndexEntry) => boolean, task: (entries: IndexEntry[]) => Promise<void>): Promise<void> {
    let some: IndexEntry[] = [];
    for (const entry of this.#index.all()) {
      if (test(entry)) some.push(entry);
      if (some.length < REBUILD_BATCH) continue;
      await task(some);
      some = [];
    }
    if (some.length > 0) await task(some);
  }

  async #writeRecords(entries: readonly IndexEntry[], rewriter: Rewriter): Promise<void> {
    for (const record of await recordsOf(this.#index, this.#store, entries)) await rewriter.push({ op: 'index', record });
  }

  /** The entry of a stored body, made anew when its record was lost; undefined when the body is of no use. */
  async #adopt(key: BlockKey, bytes: Uint8Array, rewriter: Rewriter): Promise<IndexEntry | undefined> {
    if (bytes.length < HEADER_BYTES) return undefined;
    const headerBytes = bytes.slice(0, HEADER_BYTES);
    const header = decodeHeader(headerBytes);
    if (headerHash(header) !== key.hash) return undefined;
    const loose = this.#loose.get(key.hash);
    const known = this.#index.get(key.hash) ?? (loose === undefined ? undefined : this.#attach(loose));
    if (known !== undefined) {
      this.#loose.delete(key.hash);
      if (!known.hasBlock) {
        this.#index.setBody(known, true);
        await rewriter.push({ op: 'index', record: recordOf(known, headerBytes) });
      }
      return known;
    }
    const parent = this.#index.get(displayHash(header.previousHash));
    if (parent === undefined || parent.height + 1 !== key.height) {
      this.#report.dropped++;
      return undefined;
    }
    const block = wholeBlock(bytes, key.hash);
    if (block === undefined) return undefined;
    const entry = this.#index.insertStored(key.hash, headerBytes, parent);
    const record = recordOf(entry, headerBytes, {
      hasBlock: true,
      size: bytes.length,
      transactionCount: block.transactions.length,
      sequence: ++this.#report.lastSequence,
    });
    this.#index.setStored(entry, record);
    await rewriter.push({ op: 'index', record });
    return entry;
  }

  async #loseBodies(entries: readonly IndexEntry[], rewriter: Rewriter): Promise<void> {
    for (const entry of entries) this.#index.setBody(entry, false);
    await this.#writeRecords(entries, rewriter);
  }

  #chooseTip(stored: IndexEntry | undefined, deep: boolean): void {
    const index = this.#index;
    const lost = stored === undefined || stored.invalid;
    index.linkStored(lost ? undefined : stored, !deep);
    if (lost) {
      const best = index.bestCandidate(index.leaves);
      if (best !== undefined) index.setTip(best);
    }
    index.findBestHeader();
  }

  async #checkActive(deep: boolean): Promise<void> {
    const index = this.#index;
    const rewriter = new Rewriter(this.#store);
    const { tip } = index;
    // What is packed was compared on every opening before.
    const from = deep ? 1 : Math.min(this.#report.packed, tip.height) + 1;
    let next = from;
    let wrong = 0;
    for await (const batch of this.#store.scanActive(from)) {
      for (const { key, value } of batch) {
        for (; next < key.height && next <= tip.height; next++, wrong++) await this.#writeActive(next, rewriter);
        if (key.height > tip.height) await rewriter.push({ op: 'active', height: key.height, hash: undefined });
        else if (key.height === next) {
          if (value !== index.getActive(next)?.hash) {
            wrong++;
            await this.#writeActive(next, rewriter);
          }
          next++;
        }
      }
    }
    for (; next <= tip.height; next++, wrong++) await this.#writeActive(next, rewriter);
    if (deep) for (let height = 1; height <= tip.height; height++) await this.#writeTransactions(height, rewriter);
    // A new store gets the genesis block as its tip here, so that a tip which is missing later is a lost one.
    if ((await this.#store.tip()) !== tip.hash) await rewriter.push({ op: 'tip', hash: tip.hash });
    await rewriter.flush();
    if (wrong === 0) return;
    this.#report.repaired = true;
    this.#report.messages.push(`The map of heights was wrong in ${wrong} places and has been written again.`);
  }

  async #writeActive(height: number, rewriter: Rewriter): Promise<void> {
    await rewriter.push({ op: 'active', height, hash: this.#index.getActive(height)?.hash });
    await this.#writeTransactions(height, rewriter);
  }

  async #writeTransactions(height: number, rewriter: Rewriter): Promise<void> {
    const entry = this.#index.getActive(height);
    if (entry?.hasBlock !== true) return;
    const read = await this.#store.readBody(entry);
    const block = read.state === 'ok' ? wholeBlock(read.bytes, entry.hash) : undefined;
    if (block !== undefined) for (const op of placesIn(block, entry)) await rewriter.push(op);
  }

  /** The newest bodies are those that a crash can have hurt, and those that peers ask for. */
  async #verify(count: number): Promise<void> {
    const { tip } = this.#index;
    const rewriter = new Rewriter(this.#store);
    for (let height = tip.height; height > 0 && height > tip.height - count; height--) {
      const entry = this.#index.getActive(height);
      if (entry?.hasBlock !== true) continue;
      const read = await this.#store.readBody(entry);
      if (read.state === 'ok' && wholeBlock(read.bytes, entry.hash) !== undefined) continue;
      await this.#loseBodies([entry], rewriter);
    }
    await rewriter.flush();
  }

  #summarise(deep: boolean): void {
    const { messages, dropped, damaged } = this.#report;
    if (deep) messages.push('The block index was checked against every stored block and rebuilt.');
    if (dropped > 0) messages.push(`${count(dropped, 'stored block')} stood on lost ones and will be fetched again from peers.`);
    if (damaged.length > 0) {
      messages.push(`${count(damaged.length, 'block')} of the chain ${damaged.length === 1 ? 'is' : 'are'} damaged on disk and will be fetched again from peers.`);
    }
  }
}

function previousHash(record: IndexRecord): HashHex {
  return displayHash(record.header.subarray(PREVIOUS_HASH, PREVIOUS_HASH + HASH_BYTES));
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** The block of these bytes when they are whole and have this hash; undefined otherwise. */
export function wholeBlock(bytes: Uint8Array, hash: HashHex): Block | undefined {
  try {
    const block = parseBlock(bytes);
    checkBlock(block);
    return blockHash(block) === hash ? block : undefined;
  } catch (error) {
    if (error instanceof RuleError) return undefined;
    throw error;
  }
}

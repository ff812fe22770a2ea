import type { HashHex } from '../../shared/blocks.ts';
import { quickCheck, type QuickBlock } from '../consensus/quick-check.ts';
import { HEADER_BYTES } from '../primitives/header.ts';
import { LazyBlock } from '../primitives/lazy-block.ts';
import type { IndexEntry } from './index-entry.ts';
import { recordOf } from './index-records.ts';
import { MAX_RUN_BLOCKS, MAX_RUN_BYTES } from './limits.ts';
import { StoreError } from './store/errors.ts';
import type { IndexRecord, StoreOp, TransactionPlace } from './store/store.ts';
import type { AddBlockResult, CheckedBlock, RunBlock } from './types.ts';
import type { WriterParts } from './writer-parts.ts';

/** One that extends the chain. */
interface Extension {
  readonly entry: IndexEntry;
  readonly given: RunBlock;
  readonly quick: QuickBlock;
  readonly checkMs: number;
}

/** Judges blocks by their bytes alone: nothing changes, and nobody is asked, so that it goes on while other blocks are being written. */
export function checkRun(blocks: readonly RunBlock[], now: () => number): CheckedBlock[] {
  const startedAt = now();
  const quick = quickCheck(blocks.map(({ bytes }) => bytes));
  const checkMs = (now() - startedAt) / Math.max(1, blocks.length);
  return blocks.map((given, i) => ({ given, quick: quick[i], checkMs }));
}

export interface RunHooks {
  write(ops: readonly StoreOp[]): Promise<void>;
  nextSequence(): number;
  /** The way of a single block, which says what is wrong with it. */
  addOne(block: RunBlock): Promise<AddBlockResult>;
}

/**
 * Takes in a run of blocks, each on the one before it. What extends the tip and is plainly in order goes to disk as one batch with one
 * sync, then into the index, then come the events: a connect for each block, and one tip. Whatever is not so plain is given to the way of
 * a single block. Not safe to be entered twice at a time: Chain holds the mutex.
 */
export class RunWriter {
  readonly #parts: WriterParts;
  readonly #hooks: RunHooks;

  constructor(parts: WriterParts, hooks: RunHooks) {
    this.#parts = parts;
    this.#hooks = hooks;
  }

  /**
   * One result for each block that was looked at: it ends with the first that is refused or whose parent is unknown, since nothing above
   * that one can be taken. Rejects with StoreError when the store says no to the first of them; later ones are left for the next call.
   */
  async add(blocks: readonly CheckedBlock[]): Promise<AddBlockResult[]> {
    const results: AddBlockResult[] = [];
    try {
      while (results.length < blocks.length) {
        const extended = await this.#extend(this.#extensions(blocks, results.length));
        results.push(...extended);
        const block = blocks[results.length];
        if (extended.length > 0 || block === undefined) continue;
        const result = await this.#hooks.addOne(block.given);
        results.push(result);
        if (result.status === 'invalid' || result.status === 'orphan') break;
      }
    } catch (error) {
      if (!(error instanceof StoreError) || results.length === 0) throw error;
      this.#parts.logger.warn('the rest of a run could not be stored', { error });
    }
    return results;
  }

  /** The blocks from `from` on that go on the tip one after the other, with nothing out of the ordinary about them. */
  #extensions(blocks: readonly CheckedBlock[], from: number): Extension[] {
    const { index, invalidHashes, unprovenHashes } = this.#parts;
    const run: Extension[] = [];
    let parent = index.tip;
    let bytes = 0;
    for (let i = from; i < blocks.length && run.length < MAX_RUN_BLOCKS; i++) {
      const { given, quick, checkMs } = blocks[i] as CheckedBlock;
      const entry = given.entry === undefined ? index.get(given.hash) : index.own(given.entry);
      // A header in the tree has been checked in its place; the bytes must begin with that very header.
      if (quick === undefined || entry === undefined || entry.parent !== parent || entry.hasBlock || entry.invalid) break;
      if (quick.height !== entry.height || !index.hasHeader(entry, given.bytes) || index.hasBodyAbove(entry)) break;
      if (invalidHashes.has(given.hash) || unprovenHashes.has(given.hash)) break;
      bytes += given.bytes.length;
      if (bytes > MAX_RUN_BYTES && run.length > 0) break;
      run.push({ entry, given, quick, checkMs });
      parent = entry;
    }
    return run;
  }

  async #extend(all: readonly Extension[]): Promise<AddBlockResult[]> {
    const { index, clock, emitter, orphans, keepNewest } = this.#parts;
    const startedAt = clock.monotonic();
    const run = all.slice(0, await this.#beforeRepetition(all));
    if (run.length === 0) return [];
    const previous = index.tip;
    const receivedAt = clock.now();
    const ops: StoreOp[] = [];
    const records: IndexRecord[] = [];
    for (const { entry, given, quick } of run) {
      const record = recordOf(entry, given.bytes.subarray(0, HEADER_BYTES), {
        hasBlock: true,
        mined: given.origin.kind === 'mined',
        sequence: this.#hooks.nextSequence(),
        size: given.bytes.length,
        transactionCount: quick.ids.length,
        receivedAt,
      });
      records.push(record);
      ops.push({ op: 'body', key: record, bytes: given.bytes }, { op: 'index', record }, { op: 'active', height: record.height, hash: record.hash });
      for (const id of quick.ids) ops.push({ op: 'transaction', id, place: { blockHash: record.hash, height: record.height } });
    }
    const tip = (run.at(-1) as Extension).entry;
    ops.push({ op: 'tip', hash: tip.hash });
    await this.#hooks.write(ops);

    const placeMs = (clock.monotonic() - startedAt) / run.length;
    for (const [i, { entry, checkMs }] of run.entries()) {
      index.setStored(entry, records[i] as IndexRecord);
      index.link(entry);
      entry.checkMs = checkMs + placeMs;
      if (orphans.size > 0) orphans.delete(entry.hash);
    }
    index.setTip(tip);
    const [only] = run;
    if (run.length === 1 && only !== undefined) keepNewest(only.entry, only.given.bytes);
    for (const { entry, given } of run) emitter.emit('connect', entry, new LazyBlock(given.bytes), given.origin);
    emitter.emit('tip', tip, previous);
    return run.map(({ entry }) => ({ status: 'connected', entry }));
  }

  /** How many come before the first that repeats a transaction of its branch. The store is asked once, for those that it may have. */
  async #beforeRepetition(run: readonly Extension[]): Promise<number> {
    const { index, store, transactions } = this.#parts;
    const known: HashHex[] = [];
    for (const { quick } of run) for (let i = 1; i < quick.ids.length; i++) if (transactions.mayHave(quick.ids[i] as HashHex)) known.push(quick.ids[i] as HashHex);
    const places = new Map<HashHex, TransactionPlace | undefined>();
    if (known.length > 0) for (const [i, place] of (await store.findTransactions(known)).entries()) places.set(known[i] as HashHex, place);
    const own = new Set<HashHex>();
    for (const [at, { quick }] of run.entries()) {
      for (let i = 1; i < quick.ids.length; i++) {
        const id = quick.ids[i] as HashHex;
        const place = places.get(id);
        if (own.has(id) || (place !== undefined && index.getActive(place.height)?.hash === place.blockHash)) return at;
        own.add(id);
      }
    }
    return run.length;
  }
}

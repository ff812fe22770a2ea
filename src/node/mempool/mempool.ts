import type { HashHex } from '../../shared/blocks.ts';
import type { ChainView } from '../chain/types.ts';
import { RuleError } from '../consensus/errors.ts';
import { checkTransaction } from '../consensus/rules.ts';
import type { Block } from '../primitives/block.ts';
import { encodeTransaction, type DataTransaction, type Transaction } from '../primitives/transaction.ts';
import { displayHash } from '../util/bytes.ts';
import type { Clock } from '../util/clock.ts';
import { DecodeError } from '../util/codec.ts';
import { Emitter } from '../util/emitter.ts';
import { hash256 } from '../util/hash.ts';
import type { Logger } from '../util/logger.ts';
import { MAX_MEMPOOL_BYTES, MAX_MEMPOOL_COUNT, MAX_MEMPOOL_ENTRY_BYTES } from './limits.ts';

/** Where a transaction came from; `reorg`: a block that held it left the active chain. */
export interface TransactionOrigin {
  kind: 'local' | 'peer' | 'reorg';
  peerKey?: string;
}

export interface MempoolEntry {
  readonly id: HashHex;
  readonly transaction: DataTransaction;
  /** Encoded bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly origin: TransactionOrigin;
}

export type RemoveReason = 'mined' | 'evicted';

export interface MempoolEvents {
  add: [entry: MempoolEntry];
  remove: [ids: HashHex[], reason: RemoveReason];
}

export type AddTransactionResult =
  | { status: 'added'; entry: MempoolEntry }
  | { status: 'known' | 'mined' | 'full'; id: HashHex }
  /** `error.score` says what a peer that sent it deserves. */
  | { status: 'invalid'; id: HashHex | undefined; error: RuleError };

export interface MempoolLimits {
  readonly count: number;
  readonly bytes: number;
  readonly entryBytes: number;
}

export const DEFAULT_MEMPOOL_LIMITS: MempoolLimits = {
  count: MAX_MEMPOOL_COUNT,
  bytes: MAX_MEMPOOL_BYTES,
  entryBytes: MAX_MEMPOOL_ENTRY_BYTES,
};

/**
 * Data transactions that wait to be mined, in the order in which they came. When it is full the oldest leave: what nobody mined
 * for so long, nobody will. Two transactions are in conflict only when they are the same one, and then the first stays.
 */
export class Mempool extends Emitter<MempoolEvents> {
  readonly #limits: MempoolLimits;
  readonly #chain: Pick<ChainView, 'findTransaction'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #entries = new Map<HashHex, MempoolEntry>();
  #bytes = 0;
  /** Pushed out by what a block gave back that left the active chain, oldest first: the new branch may take that along. */
  readonly #aside = new Map<HashHex, MempoolEntry>();
  #asideBytes = 0;
  /** What came back with the reorg that is not over. */
  readonly #returned = new Set<HashHex>();
  /** Counts the blocks that came and went, so that a look-up that was overtaken by one is repeated. */
  #changes = 0;

  constructor(
    options: { limits?: Partial<MempoolLimits> },
    modules: { chain: Pick<ChainView, 'findTransaction'>; clock: Clock; logger: Logger },
  ) {
    super((error, event) => {
      modules.logger.error(`a listener of ${String(event)} failed`, { error });
    });
    this.#limits = { ...DEFAULT_MEMPOOL_LIMITS, ...options.limits };
    this.#chain = modules.chain;
    this.#clock = modules.clock;
    this.#logger = modules.logger;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Encoded bytes of all entries. */
  get bytes(): number {
    return this.#bytes;
  }

  has(id: HashHex): boolean {
    return this.#entries.has(id);
  }

  get(id: HashHex): MempoolEntry | undefined {
    return this.#entries.get(id);
  }

  /** Oldest first. */
  entries(): MempoolEntry[] {
    return [...this.#entries.values()];
  }

  /**
   * Checks a transaction and takes it in. `full` only when it alone would not fit. Rejects with StoreError when the chain cannot
   * be asked whether it was mined.
   */
  async add(transaction: Transaction, origin: TransactionOrigin): Promise<AddTransactionResult> {
    const measured = this.#measure(transaction);
    if (measured instanceof RuleError) return { status: 'invalid', id: undefined, error: measured };
    const { id, size } = measured;
    if (this.#entries.has(id)) return { status: 'known', id };
    if (transaction.kind !== 'data') {
      const error = new RuleError('coinbase-extra', 'a data transaction', 'a coinbase', 'a coinbase belongs into a block');
      return { status: 'invalid', id, error };
    }
    if (size > this.#limits.entryBytes) {
      const expected = `at most ${this.#limits.entryBytes} bytes`;
      return { status: 'invalid', id, error: new RuleError('data-too-large', expected, `${size} bytes`, `it has ${size} bytes, ${expected} allowed`) };
    }
    try {
      checkTransaction(transaction, 'its data');
    } catch (error) {
      if (error instanceof RuleError) return { status: 'invalid', id, error };
      throw error;
    }
    if (size > this.#limits.bytes || this.#limits.count < 1) return { status: 'full', id };
    if (await this.#isMined(id)) return { status: 'mined', id };
    // The same one may have come by another way during the look-up.
    if (this.#entries.has(id)) return { status: 'known', id };
    return { status: 'added', entry: this.#insert(id, transaction, size, origin) };
  }

  /** As many as fit into `maxBytes`, in the order in which they came; one that does not fit is passed over. */
  select(maxBytes: number, maxCount = Infinity): DataTransaction[] {
    const selected: DataTransaction[] = [];
    let left = maxBytes;
    for (const entry of this.#entries.values()) {
      if (selected.length >= maxCount) break;
      if (entry.size > left) continue;
      left -= entry.size;
      selected.push(entry.transaction);
    }
    return selected;
  }

  /** A block joined the active chain: what it holds leaves. Returns those ids. */
  blockConnected(block: Block): HashHex[] {
    // Most blocks come while nothing waits: then nothing is hashed.
    if (this.#entries.size + this.#aside.size === 0) return this.idsConnected([]);
    const data = block.transactions.filter((transaction) => transaction.kind === 'data');
    return this.idsConnected(data.map((transaction) => displayHash(hash256(encodeTransaction(transaction)))));
  }

  /** The same for a block of which nothing but the ids of its transactions is at hand. */
  idsConnected(ids: readonly HashHex[]): HashHex[] {
    this.#changes++;
    const removed = ids.filter((id) => this.#delete(id));
    if (removed.length > 0) this.emit('remove', removed, 'mined');
    return removed;
  }

  /**
   * A block left the active chain: its data transactions are pending again. Those that the new branch holds too leave when its
   * blocks are connected, which comes after all disconnects; whom they push out is set aside until `settle`. Returns the ids that came back.
   */
  blockDisconnected(block: Block): HashHex[] {
    this.#changes++;
    const returned: HashHex[] = [];
    for (const transaction of block.transactions) {
      if (transaction.kind !== 'data') continue;
      const encoded = encodeTransaction(transaction);
      const id = displayHash(hash256(encoded));
      if (this.#entries.has(id) || encoded.length > this.#limits.bytes || this.#limits.count < 1) continue;
      this.#insert(id, transaction, encoded.length, { kind: 'reorg' }, true);
      this.#returned.add(id);
      returned.push(id);
    }
    return returned;
  }

  /** To be called when a reorg is over: who was set aside comes back to the front as far as there is room now, the newest first; the others are evicted. */
  settle(): void {
    this.#returned.clear();
    if (this.#aside.size === 0) return;
    const back: MempoolEntry[] = [];
    const gone: HashHex[] = [];
    let count = this.#entries.size;
    for (const entry of [...this.#aside.values()].reverse()) {
      if (count < this.#limits.count && this.#bytes + entry.size <= this.#limits.bytes && !this.#entries.has(entry.id)) {
        back.unshift(entry);
        count += 1;
        this.#bytes += entry.size;
      } else if (!this.#entries.has(entry.id)) gone.unshift(entry.id);
    }
    this.#aside.clear();
    this.#asideBytes = 0;
    const later = [...this.#entries];
    this.#entries.clear();
    for (const entry of back) this.#entries.set(entry.id, entry);
    for (const [id, entry] of later) this.#entries.set(id, entry);
    this.#tellEvicted(gone);
  }

  #measure(transaction: Transaction): { id: HashHex; size: number } | RuleError {
    try {
      const encoded = encodeTransaction(transaction);
      return { id: displayHash(hash256(encoded)), size: encoded.length };
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof RangeError)) throw error;
      return new RuleError('block-malformed', 'a transaction that can be encoded', error.message, `it cannot be encoded (${error.message})`);
    }
  }

  async #isMined(id: HashHex): Promise<boolean> {
    for (;;) {
      const before = this.#changes;
      const place = await this.#chain.findTransaction(id);
      if (before === this.#changes) return place !== undefined;
    }
  }

  /** `sets`: whom it pushes out is set aside, of which there may be as much as of entries, unless the same reorg brought it back. */
  #insert(id: HashHex, transaction: DataTransaction, size: number, origin: TransactionOrigin, sets = false): MempoolEntry {
    const entry: MempoolEntry = { id, transaction, size, receivedAt: this.#clock.now(), origin };
    const { count, bytes } = this.#limits;
    const evicted: HashHex[] = [];
    for (const [oldest, pushed] of this.#entries) {
      if (this.#entries.size < count && this.#bytes + size <= bytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= pushed.size;
      if (sets && !this.#returned.has(oldest) && this.#aside.size < count && this.#asideBytes + pushed.size <= bytes) {
        this.#aside.set(oldest, pushed);
        this.#asideBytes += pushed.size;
      } else evicted.push(oldest);
    }
    this.#entries.set(id, entry);
    this.#bytes += size;
    this.#tellEvicted(evicted);
    this.emit('add', entry);
    return entry;
  }

  #tellEvicted(evicted: HashHex[]): void {
    if (evicted.length === 0) return;
    this.#logger.debug('the mempool is full', { evicted: evicted.length });
    this.emit('remove', evicted, 'evicted');
  }

  #delete(id: HashHex): boolean {
    const aside = this.#aside.get(id);
    if (aside !== undefined) {
      this.#aside.delete(id);
      this.#asideBytes -= aside.size;
    }
    const entry = this.#entries.get(id);
    if (entry === undefined) return aside !== undefined;
    this.#entries.delete(id);
    this.#bytes -= entry.size;
    return true;
  }
}

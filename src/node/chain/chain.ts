import type { HashHex } from '../../shared/blocks.ts';
import type { RuleError } from '../consensus/errors.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { invalidAncestor } from '../consensus/rules.ts';
import type { BlockHeader } from '../primitives/header.ts';
import { encodeHeaders, HEADER_BYTES } from '../primitives/header.ts';
import { displayHash, HASH_BYTES, isHash } from '../util/bytes.ts';
import type { Clock } from '../util/clock.ts';
import { hash256Rows } from '../util/hash.ts';
import type { Logger } from '../util/logger.ts';
import { Mutex } from '../util/mutex.ts';
import { checkRun } from './block-run.ts';
import { BlockWriter } from './block-writer.ts';
import { ChainReader } from './chain-reader.ts';
import { recordsOf } from './header-reader.ts';
import { checkHeaderFully, HeaderRoom, isProven, notInARow, type HeaderLimits } from './headers.ts';
import type { IndexEntry } from './index-entry.ts';
import { HEADERS_PER_TURN, VERIFY_LAST } from './limits.ts';
import { Loader } from './loader.ts';
import { Packer, type PageSize } from './packer.ts';
import { patrol, type PatrolReport } from './patrol.ts';
import type { Block } from '../primitives/block.ts';
import { isCorruption, StoreError } from './store/errors.ts';
import { LevelStore } from './store/level-store.ts';
import type { Store } from './store/store.ts';
import { TransactionFilter } from './transaction-filter.ts';
import type { AddBlockResult, AddHeadersResult, BlockOrigin, CheckedBlock, RunBlock } from './types.ts';

export interface ChainOptions {
  readonly params: NetworkParams;
  /** Where the LevelStore is made when no store is given. */
  readonly dataDir: string;
  /** Newest bodies that are read and checked on opening; VERIFY_LAST when absent. */
  readonly verifyLast?: number;
  /** PAGE_RECORDS and PAGE_DEPTH when absent. */
  readonly pages?: PageSize;
  /** Headers without bodies; MAX_HEADERS_AHEAD and MAX_LOW_WORK_HEADERS when absent. */
  readonly headerLimits?: HeaderLimits;
}

export interface ChainModules {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store?: Store;
}

export interface OpenReport {
  /** Blocks stored, the genesis block included. */
  blocks: number;
  /** Something was damaged and put right. */
  repaired: boolean;
  /** Stored blocks that could not be kept. */
  dropped: number;
  /** What was done, one sentence each, for the user. */
  messages: string[];
}

/** Where a header stands: the entry below it and its hash, and its own entry when it is known. */
interface HeaderPlace {
  readonly parent: IndexEntry | undefined;
  readonly below: HashHex;
  readonly known: IndexEntry | undefined;
}

/**
 * The chain of blocks: what is stored, which branch is active, and the one door through which blocks come in.
 *
 * `addBlock` takes one block at a time, in this order: known already, known to be invalid, on an invalid block; proof of work;
 * what the body can be judged by alone; parent unknown (it waits); its place in the chain; stored on disk; with more work than
 * the tip: the reorg is planned, checked and committed as one; then the events; then the orphans that waited for it.
 */
export class Chain extends ChainReader {
  readonly #verifyLast: number;
  readonly #headerLimits: HeaderLimits | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #mutex = new Mutex();
  readonly #writer: BlockWriter;
  readonly #packer: Packer;
  readonly #transactions = new TransactionFilter();
  #packing = false;
  #open = false;
  /** The last write failed; the next one that succeeds is worth a notice. */
  #failing = false;

  constructor(options: ChainOptions, modules: ChainModules) {
    const store = modules.store ?? new LevelStore({ dataDir: options.dataDir, genesisHash: options.params.genesisHash });
    super(options.params, store, modules.logger);
    this.#verifyLast = options.verifyLast ?? VERIFY_LAST;
    this.#headerLimits = options.headerLimits;
    this.#clock = modules.clock;
    this.#logger = modules.logger;
    this.#packer = new Packer(this.index, store, options.pages);
    this.#writer = new BlockWriter({
      params: options.params,
      index: this.index,
      store,
      orphans: this.orphans,
      invalidHashes: this.invalidHashes,
      unprovenHashes: this.unprovenHashes,
      lostBodies: this.lostBodies,
      transactions: this.#transactions,
      clock: modules.clock,
      logger: modules.logger,
      emitter: this,
      keepNewest: (entry, bytes) => {
        this.newest = { entry, bytes };
      },
      readBody: (entry) => this.readBody(entry),
    });
  }

  /**
   * Opens the store, checks and if need be rebuilds the index, and catches up with what a crash left undone. Rejects with
   * StoreError; then nothing is held open.
   */
  open(): Promise<OpenReport> {
    return this.#mutex.run(async () => {
      if (this.#open) throw new Error('the chain is open');
      const opened = await this.store.open();
      try {
        const report = await this.#load(opened.repaired, opened.messages);
        this.#open = true;
        this.#packSoon();
        return report;
      } catch (error) {
        this.index.clear();
        await this.store.close().catch(() => undefined);
        throw error;
      }
    });
  }

  async #load(repaired: boolean, messages: readonly string[]): Promise<OpenReport> {
    let all = [...messages];
    let wasRepaired = repaired;
    let loaded;
    try {
      loaded = await new Loader(this.store, this.index).load(repaired, this.#verifyLast);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      // The database opened, but parts of it cannot be read.
      this.index.clear();
      const again = await this.store.repair();
      wasRepaired = true;
      all = [...all, ...again.messages];
      loaded = await new Loader(this.store, this.index).load(true, this.#verifyLast);
    }
    for (const entry of loaded.damaged) this.lostBodies.add(entry);
    this.#packer.start(loaded.packed);
    this.#transactions.start(this.index.size === 1 && !wasRepaired);
    this.#writer.start(loaded.lastSequence);
    await this.#writer.activateBest(this.index.leaves);
    return {
      blocks: this.index.bodies,
      repaired: wasRepaired || loaded.repaired || loaded.damaged.length > 0,
      dropped: loaded.dropped,
      messages: [...all, ...loaded.messages],
    };
  }

  /** Waits for what is under way, then closes the store. What comes later is refused with StoreError `closed`. */
  close(): Promise<void> {
    return this.#mutex.run(async () => {
      this.#open = false;
      await this.store.close();
    });
  }

  /**
   * The one door. Takes a block or its bytes (which must be nothing but the block). Resolves when what is to be stored is on
   * disk and all events are out. Rejects with StoreError when the disk says no: then nothing was announced, and the block may
   * be given again.
   */
  addBlock(block: Block | Uint8Array, origin: BlockOrigin): Promise<AddBlockResult> {
    return this.#locked(() => this.#writer.add(block, origin));
  }

  /**
   * Judges blocks by what their bytes alone say: the first half of the way in, for `addBlocks`. It changes nothing, and does not wait for
   * what is being written.
   */
  checkBlocks(blocks: readonly RunBlock[]): CheckedBlock[] {
    return checkRun(blocks, () => this.#clock.monotonic());
  }

  /**
   * The same door for a run of blocks, each on the one before it, whose headers are in the tree: those that extend the tip share one batch and
   * one sync of the disk, as far as MAX_RUN_BLOCKS and MAX_RUN_BYTES allow. Resolves with a result for each block that was looked at, which may
   * be fewer than were given: after one that is refused, or whose parent is unknown, nothing that stands on it is; the rest may be given again. Rejects with StoreError as `addBlock` does, when none of them could be stored.
   */
  addBlocks(blocks: readonly CheckedBlock[]): Promise<AddBlockResult[]> {
    return this.#locked(() => this.#writer.addRun(blocks));
  }

  /**
   * Adds headers, each on the one before it, to the tree in memory: link, version, bits, proof of work and time are checked.
   * They are written to disk with their bodies.
   */
  addHeaders(headers: readonly BlockHeader[], origin: BlockOrigin): Promise<AddHeadersResult> {
    return this.#locked(async () => {
      const added: IndexEntry[] = [];
      const result = await this.#addHeaders(headers, added);
      for (const entry of added) await this.#writer.adoptOrphans([entry.hash]);
      if (result.status === 'invalid') {
        this.#logger.debug('header refused', { hash: result.hash, rule: result.error.rule, peer: origin.peerKey });
      }
      return result;
    });
  }

  async #addHeaders(headers: readonly BlockHeader[], added: IndexEntry[]): Promise<AddHeadersResult> {
    const first = headers[0];
    if (first === undefined) return { status: 'ok', added: 0, last: undefined };
    const missing = displayHash(first.previousHash);
    let parent = this.index.get(missing);
    if (parent === undefined && !this.isKnownInvalid(missing)) return { status: 'unconnected', missing };
    const room = new HeaderRoom(this.index, this.#headerLimits);
    let rows: Uint8Array = new Uint8Array(0);
    let hashes: Uint8Array = new Uint8Array(0);
    let below = missing;
    for (const [at, header] of headers.entries()) {
      const turn = at % HEADERS_PER_TURN;
      if (turn === 0) {
        if (at > 0) await new Promise(setImmediate);
        // Many headers are hashed in a fraction of the time that one at a time takes.
        rows = encodeHeaders(headers.slice(at, at + HEADERS_PER_TURN));
        hashes = hash256Rows(rows);
      }
      const bytes = rows.subarray(HEADER_BYTES * turn, HEADER_BYTES * (turn + 1));
      const internal = hashes.subarray(HASH_BYTES * turn, HASH_BYTES * (turn + 1));
      const hash = displayHash(internal);
      const known = this.index.getInternal(internal);
      const error = this.#judgeHeader(header, internal, hash, { parent, below, known });
      if (error !== undefined) {
        if (error.permanent && error.rule !== 'bad-prev-hash') {
          const memory = isProven(this.params, header, internal) ? this.invalidHashes : this.unprovenHashes;
          memory.set(hash, memory.get(hash) ?? error);
        }
        return { status: 'invalid', at, hash, error };
      }
      let entry = known;
      if (entry === undefined && parent !== undefined) {
        if (!room.reserve(parent, this.index.workAbove(parent, header.bits))) return { status: 'ok', added: added.length, last: parent, limited: true };
        entry = this.index.insertHeader(internal, bytes, parent);
        added.push(entry);
      }
      parent = entry;
      below = hash;
    }
    return { status: 'ok', added: added.length, last: parent };
  }

  /** `below` is the hash of the header before it, or that it names when it is the first. */
  #judgeHeader(header: BlockHeader, internal: Uint8Array, hash: HashHex, { parent, below, known }: HeaderPlace): RuleError | undefined {
    if (!isHash(header.previousHash, below)) return notInARow(below, displayHash(header.previousHash));
    if (known !== undefined && !known.invalid) return undefined;
    const reason = this.invalidHashes.get(hash) ?? this.unprovenHashes.get(hash);
    if (reason !== undefined) return reason;
    if (parent === undefined || parent.invalid || known?.invalid === true) return invalidAncestor(below);
    return this.#writer.ruleBrokenBy(() => {
      checkHeaderFully(this.params, this.index, header, internal, parent, this.#clock.now());
    });
  }

  /** One change at a time, and only while open. Store failures become notices as well as rejections. */
  #locked<T>(task: () => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      if (!this.#open) throw new StoreError('closed', 'The chain is closed; open the node again.');
      const writes = this.#writer.writes;
      try {
        const result = await task();
        this.#packSoon();
        if (this.#failing && this.#writer.writes > writes) {
          this.#failing = false;
          this.emit('notice', 'info', 'store-recovered', 'Blocks can be stored again.');
        }
        return result;
      } catch (error) {
        if (error instanceof StoreError) {
          this.#failing = true;
          this.#logger.error('the store failed', { code: error.code, error });
          this.emit('notice', 'error', error.code, error.message);
        }
        throw error;
      }
    });
  }

  /** Packs what is due, one page at a time between the blocks that come in. */
  #packSoon(): void {
    if (this.#packing || !this.#packer.due) return;
    this.#packing = true;
    void this.#packAll()
      .catch((error: unknown) => {
        // The records are where they were; the next block tries again.
        this.#logger.warn('index records could not be packed', { error });
      })
      .finally(() => {
        this.#packing = false;
      });
  }

  async #packAll(): Promise<void> {
    for (let more = true; more; ) {
      more = await this.#mutex.run(async () => {
        if (!this.#open || !this.#packer.due) return false;
        await this.#packer.packNext();
        return true;
      });
    }
  }

  /**
   * Reads every stored record, slowly, and has what is damaged mended: see patrol.ts. Rejects with StoreError when the disk says no.
   * @param pause resolves when the next part may be read
   */
  patrol(pause: () => Promise<void>): Promise<PatrolReport> {
    return patrol(
      {
        index: this.index,
        store: this.store,
        isOpen: () => this.#open,
        alone: (task) => this.#mutex.run(() => (this.#open ? task() : Promise.resolve())),
        readBody: (entry) => this.readBody(entry),
        bodyLost: (entry) => {
          this.bodyLost(entry);
        },
        tell: (level, code, message) => {
          this.emit('notice', level, code, message);
        },
      },
      pause,
    );
  }

  protected override bodyLost(entry: IndexEntry): void {
    this.index.setBody(entry, false);
    this.emit('notice', 'warning', 'block-damaged', `Block ${entry.height.toLocaleString('en')} is damaged on disk; it is fetched again from a peer.`);
    if (this.index.isActive(entry)) this.lostBodies.add(entry);
    void this.#mutex
      .run(async () => {
        if (!this.#open || entry.hasBlock) return;
        // Its branch may have become the active one meanwhile, checked with the body in memory.
        if (this.index.isActive(entry)) this.lostBodies.add(entry);
        this.index.unlink(entry);
        this.index.findBestHeader();
        const records = await recordsOf(this.index, this.store, [entry]);
        await this.store.write(records.map((record) => ({ op: 'index', record })));
      })
      .catch((error: unknown) => {
        // The next read or start finds the damage again.
        this.#logger.warn('a lost body could not be noted', { hash: entry.hash, error });
      });
  }
}

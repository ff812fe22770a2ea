import type { HashHex } from '../../shared/blocks.ts';
import { RuleError } from '../consensus/errors.ts';
import { checkBlock, checkBlockContextual, checkHeader, invalidAncestor, parseBlock } from '../consensus/rules.ts';
import { encodeBlock, type Block } from '../primitives/block.ts';
import { decodeHeader, HEADER_BYTES, hashHeader, type BlockHeader } from '../primitives/header.ts';
import { displayHash } from '../util/bytes.ts';
import { hash256 } from '../util/hash.ts';
import { checkHeaderPlace, isProven } from './headers.ts';
import type { IndexEntry } from './index-entry.ts';
import { RunWriter } from './block-run.ts';
import { missingAncestorRecords, placesIn, recordOf } from './index-records.ts';
import { MAX_BODIES_AHEAD } from './limits.ts';
import { BlockCache } from './reorg.ts';
import { StoreError } from './store/errors.ts';
import type { IndexRecord, StoreOp } from './store/store.ts';
import { TipChanger } from './tip-changer.ts';
import type { AddBlockResult, BlockOrigin, CheckedBlock } from './types.ts';
import type { WriterParts } from './writer-parts.ts';

/** A block on its way in. */
interface Incoming {
  readonly block: Block;
  readonly bytes: Uint8Array;
  readonly internal: Uint8Array;
  readonly hash: HashHex;
  readonly parent: HashHex;
  readonly origin: BlockOrigin;
  /** Monotonic ms. */
  readonly startedAt: number;
}

type Read = { ok: true; block: Block; bytes: Uint8Array } | { ok: false; header: BlockHeader | undefined; bytes: Uint8Array; error: RuleError };

/** The way of a block through the checks to the disk. Not safe to be entered twice at a time: Chain holds the mutex. */
export class BlockWriter {
  readonly #parts: WriterParts;
  readonly #tips: TipChanger;
  readonly #runs: RunWriter;
  #sequence = 0;
  /** A reorg could not be committed: it is tried again before anything else. */
  #behind = false;
  #writes = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#tips = new TipChanger(parts, (ops) => this.#write(ops));
    this.#runs = new RunWriter(parts, {
      write: (ops) => this.#write(ops),
      nextSequence: () => ++this.#sequence,
      addOne: ({ bytes, origin }) => this.add(bytes, origin),
    });
  }

  /** Batches written so far. */
  get writes(): number {
    return this.#writes;
  }

  start(lastSequence: number): void {
    this.#sequence = lastSequence;
  }

  async #write(ops: readonly StoreOp[]): Promise<void> {
    // Before it is there: what a write that failed left in the filter costs a look-up, and nothing else.
    for (const op of ops) if (op.op === 'transaction' && op.place !== undefined) this.#parts.transactions.add(op.id);
    await this.#parts.store.write(ops);
    this.#writes++;
  }

  /** What a check throws, when it is a broken rule. */
  ruleBrokenBy(check: () => void): RuleError | undefined {
    try {
      check();
      return undefined;
    } catch (error) {
      if (error instanceof RuleError) return error;
      throw error;
    }
  }

  /** Makes the best of these branches the active one, when it beats the tip. */
  async activateBest(from: Iterable<IndexEntry>): Promise<void> {
    this.#behind = true;
    await this.#tips.activateBest(from, new BlockCache(), undefined);
    this.#behind = false;
  }

  /** See RunWriter. */
  async addRun(blocks: readonly CheckedBlock[]): Promise<AddBlockResult[]> {
    if (this.#behind) await this.activateBest(this.#parts.index.leaves);
    const results = await this.#runs.add(blocks);
    if (this.#parts.orphans.size > 0) await this.adoptOrphans(results.flatMap((result) => (result.status === 'connected' ? [result.entry.hash] : [])));
    return results;
  }

  async add(input: Block | Uint8Array, origin: BlockOrigin): Promise<AddBlockResult> {
    if (this.#behind) await this.activateBest(this.#parts.index.leaves);
    const startedAt = this.#parts.clock.monotonic();
    const read = this.#read(input);
    if (!read.ok) return this.#refuseUnread(read, origin);
    const { block, bytes } = read;
    const internal = hashHeader(block.header);
    const incoming: Incoming = {
      block,
      bytes,
      internal,
      hash: displayHash(internal),
      parent: displayHash(block.header.previousHash),
      origin,
      startedAt,
    };
    const changed: HashHex[] = [];
    const result = await this.#accept(incoming, changed);
    await this.adoptOrphans(changed);
    return result;
  }

  /** Takes in the orphans that wait for these blocks, and for those that come with them. A store that fails leaves the rest to peers. */
  async adoptOrphans(hashes: readonly HashHex[]): Promise<void> {
    const queue = [...hashes];
    try {
      for (let hash = queue.shift(); hash !== undefined; hash = queue.shift()) {
        for (const orphan of this.#parts.orphans.takeChildrenOf(hash)) {
          const { block, bytes, origin, parent } = orphan;
          const internal = hashHeader(block.header);
          const startedAt = this.#parts.clock.monotonic();
          await this.#accept({ block, bytes, internal, hash: orphan.hash, parent, origin, startedAt }, queue);
        }
      }
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#parts.logger.warn('orphans could not be stored', { error });
      this.#parts.emitter.emit('notice', 'error', error.code, error.message);
    }
  }

  #read(input: Block | Uint8Array): Read {
    let bytes: Uint8Array = new Uint8Array(0);
    try {
      if (input instanceof Uint8Array) {
        bytes = input;
        return { ok: true, block: parseBlock(input), bytes };
      }
      bytes = encodeBlock(input);
      return { ok: true, block: input, bytes };
    } catch (error) {
      const header = input instanceof Uint8Array ? undefined : input.header;
      if (error instanceof RuleError) return { ok: false, header, bytes, error };
      // A block object that cannot be encoded was made here.
      const why = error instanceof Error ? error.message : 'unknown';
      const rule = new RuleError('block-malformed', 'a block that can be encoded', why, `it cannot be encoded (${why})`);
      return { ok: false, header, bytes, error: rule };
    }
  }

  /** Bytes that are no block: the hash is the header's when there is one, else that of the bytes. Never remembered. */
  #refuseUnread(read: Extract<Read, { ok: false }>, origin: BlockOrigin): AddBlockResult {
    const { bytes } = read;
    const header = bytes.length >= HEADER_BYTES ? decodeHeader(bytes.subarray(0, HEADER_BYTES)) : undefined;
    const internal = header === undefined ? hash256(bytes) : hashHeader(header);
    return this.#refuse(displayHash(internal), this.#heightOn(header), read.error, origin);
  }

  #heightOn(header: BlockHeader | undefined): number | undefined {
    const parent = header === undefined ? undefined : this.#parts.index.get(displayHash(header.previousHash));
    return parent === undefined ? undefined : parent.height + 1;
  }

  #refuse(hash: HashHex, height: number | undefined, error: RuleError, origin: BlockOrigin): AddBlockResult {
    this.#parts.logger.info('block refused', { hash, height, rule: error.rule, peer: origin.peerKey });
    this.#parts.emitter.emit('invalid', hash, height, error, origin);
    return { status: 'invalid', hash, error };
  }

  /** Hashes that are stored or complete now are pushed to `changed`. */
  async #accept(incoming: Incoming, changed: HashHex[]): Promise<AddBlockResult> {
    const { index, params, orphans, clock } = this.#parts;
    const { hash, block, bytes, origin } = incoming;
    const { header } = block;
    const known = index.get(hash);
    const height = known?.height ?? this.#heightOn(header);

    const reason = this.#knownReason(incoming, known);
    if (reason !== undefined) return this.#refuse(hash, height, reason, origin);
    if (known?.hasBlock === true) return { status: 'duplicate', entry: known };
    const parent = index.get(incoming.parent);
    if (orphans.has(hash)) {
      if (parent === undefined) return { status: 'orphan', hash, missing: orphans.missingBelow(hash) };
      // Its parent came without it being adopted: the disk failed in between.
      orphans.delete(hash);
    }
    const error = this.ruleBrokenBy(() => {
      checkHeader(header, incoming.internal, params);
      checkBlock(block);
      if (parent === undefined) return;
      if (known === undefined) checkHeaderPlace(params, index, header, parent, clock.now());
      checkBlockContextual(block, { height: parent.height + 1 });
    });
    if (error !== undefined) {
      this.#remember(incoming, known, error);
      return this.#refuse(hash, height, error, origin);
    }
    if (known !== undefined && index.isActive(known)) return this.#restore(known, incoming);
    if (parent === undefined) return this.#wait(incoming, orphans.missingBelow(incoming.parent));
    if (parent.height - index.highestLinked(parent).height >= MAX_BODIES_AHEAD) {
      return this.#wait(incoming, missingBody(parent)?.hash ?? parent.hash);
    }
    return this.#store(incoming, known ?? index.make(incoming.internal, bytes.subarray(0, HEADER_BYTES), parent), changed);
  }

  /** Why a block is refused without a look at it. */
  #knownReason(incoming: Incoming, known: IndexEntry | undefined): RuleError | undefined {
    const { index, invalidHashes, unprovenHashes } = this.#parts;
    const { hash, parent } = incoming;
    const own = invalidHashes.get(hash) ?? unprovenHashes.get(hash);
    if (own !== undefined) return own;
    const below = index.get(parent)?.invalid === true || invalidHashes.has(parent) || unprovenHashes.has(parent);
    if (known?.invalid !== true && !below) return undefined;
    const error = invalidAncestor(parent);
    // Nobody looked at its proof of work.
    if (known === undefined) unprovenHashes.set(hash, error);
    return error;
  }

  #remember({ hash, internal, block }: Incoming, known: IndexEntry | undefined, error: RuleError): void {
    const { params, invalidHashes, unprovenHashes } = this.#parts;
    // Another body may fit the same header, or the clock may catch up.
    if (!error.permanent) return;
    (isProven(params, block.header, internal) ? invalidHashes : unprovenHashes).set(hash, error);
    if (known !== undefined) this.#tips.condemnHeaders(known);
  }

  #wait(incoming: Incoming, missing: HashHex): AddBlockResult {
    const { hash, parent, block, bytes, origin } = incoming;
    this.#parts.orphans.add({ hash, parent, block, bytes, origin });
    this.#parts.emitter.emit('orphan', hash, missing, origin);
    return { status: 'orphan', hash, missing };
  }

  /** A body of the active chain that was lost is back. */
  async #restore(entry: IndexEntry, { block, bytes }: Incoming): Promise<AddBlockResult> {
    const { index, lostBodies, emitter } = this.#parts;
    await this.#write([
      { op: 'body', key: entry, bytes },
      { op: 'index', record: recordOf(entry, bytes.subarray(0, HEADER_BYTES), { hasBlock: true }) },
      // Whatever wrote the transaction index anew meanwhile could not read them.
      ...placesIn(block, entry),
    ]);
    index.setBody(entry, true);
    lostBodies.delete(entry);
    emitter.emit('notice', 'info', 'store-repaired', `Block ${entry.height.toLocaleString('en')}, which was damaged on disk, is repaired.`);
    return { status: 'duplicate', entry };
  }

  async #store(incoming: Incoming, entry: IndexEntry, changed: HashHex[]): Promise<AddBlockResult> {
    const { index, orphans, clock } = this.#parts;
    const { hash, block, bytes, origin } = incoming;
    const record = recordOf(entry, bytes.subarray(0, HEADER_BYTES), {
      hasBlock: true,
      mined: origin.kind === 'mined',
      sequence: ++this.#sequence,
      size: bytes.length,
      transactionCount: block.transactions.length,
      receivedAt: clock.now(),
    });
    const body: StoreOp[] = [...missingAncestorRecords(index, entry), { op: 'body', key: entry, bytes }, { op: 'index', record }];
    const cache = new BlockCache();
    cache.put(entry, block, bytes.length);

    // The common case takes one batch and so one sync of the disk: the block goes on the tip.
    const alone = ![...entry.childEntries()].some((child) => child.hasBlock);
    const extended =
      entry.parent === index.tip && alone ? await this.#tips.extendTip(entry, block, body, () => this.#enter(entry, record)) : undefined;
    if (extended?.status === 'invalid') {
      this.#remember(incoming, index.get(hash), extended.error);
      return this.#refuse(hash, entry.height, extended.error, origin);
    }
    entry.checkMs = clock.monotonic() - incoming.startedAt;
    orphans.delete(hash);
    changed.push(hash);
    if (extended !== undefined) {
      this.#parts.keepNewest(entry, bytes);
      this.#tips.announceExtension(entry, block, extended.previous, origin);
      return { status: 'connected', entry };
    }

    await this.#write(body);
    const linked = this.#enter(entry, record);
    changed.push(...linked.map((at) => at.hash));
    this.#behind = true;
    const reorg = await this.#tips.activateBest(linked, cache, { entry, origin });
    this.#behind = false;
    await this.#tips.announceSides(linked, cache, { entry, origin });
    if (entry.invalid) {
      return { status: 'invalid', hash, error: this.#parts.invalidHashes.get(hash) ?? invalidAncestor(incoming.parent) };
    }
    if (!index.isActive(entry)) return { status: 'side', entry };
    return { status: 'connected', entry, ...(reorg === undefined ? {} : { reorg }) };
  }

  /** After the write: the entry is in the index with its body. Returns what is complete now. */
  #enter(entry: IndexEntry, record: IndexRecord): IndexEntry[] {
    const { index } = this.#parts;
    if (index.get(entry.hash) === undefined) index.insert(entry, record.header);
    index.setStored(entry, record);
    return index.link(entry);
  }
}

/** The lowest ancestor without a body. */
function missingBody(entry: IndexEntry): IndexEntry | undefined {
  let missing: IndexEntry | undefined;
  for (let at: IndexEntry | undefined = entry; at !== undefined && !at.linked; at = at.parent) if (!at.hasBlock) missing = at;
  return missing;
}

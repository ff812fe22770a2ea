import type { HashHex } from '../../../shared/blocks.ts';
import { anchorFor, nextBits, type Anchor } from '../../consensus/difficulty.ts';
import { RuleError } from '../../consensus/errors.ts';
import { MEDIAN_TIME_SPAN } from '../../consensus/limits.ts';
import { medianTimePast } from '../../consensus/median-time.ts';
import type { NetworkParams } from '../../consensus/params.ts';
import { checkBlock, checkBlockContextual, checkHeader, checkHeaderContextual, parseBlock } from '../../consensus/rules.ts';
import { blockWork } from '../../consensus/target.ts';
import type { Block } from '../../primitives/block.ts';
import { decodeHeader, HEADER_BYTES, hashHeader, type BlockHeader } from '../../primitives/header.ts';
import { transactionHashHex } from '../../primitives/transaction.ts';
import { displayHash } from '../../util/bytes.ts';
import { decodePlace, readBlockKey, transactionKey, unseal } from '../store/records.ts';
import type { Database } from '../store/salvage.ts';
import type { FaultKind, FaultList, VerifyCounts } from './report.ts';
import { heightOf, type RecordCursor, type StoredEntry } from './streams.ts';

/** What the blocks above need to know of one. */
interface Below {
  /** Of the last up to 11 blocks, oldest first. */
  readonly times: readonly number[];
  /** undefined above a gap, where neither bits nor times can be judged. */
  readonly anchor: Anchor | undefined;
  readonly chainwork: bigint;
  /** Every body from here down is stored, and none is marked invalid. */
  readonly complete: boolean;
  readonly active: boolean;
  readonly parent: HashHex | undefined;
}

export interface CheckerParts {
  readonly params: NetworkParams;
  readonly db: Database;
  readonly counts: VerifyCounts;
  readonly faults: FaultList;
  /** The stored tip. */
  readonly tip: HashHex | undefined;
}

const RULE_KINDS: Partial<Record<string, FaultKind>> = {
  'bad-version': 'version',
  'bad-bits': 'bits',
  'high-hash': 'proof-of-work',
  'bad-prev-hash': 'link',
  'time-too-old': 'time',
  'bad-merkle-root': 'merkle-root',
  'merkle-mutated': 'merkle-root',
};

/** Checks height after height; only the blocks of the height below are remembered. */
export class BlockChecker {
  readonly #parts: CheckerParts;
  #below: Map<HashHex, Below>;
  #height = 0;
  #best: { chainwork: bigint; hash: HashHex };
  #tip: { height: number; hash: HashHex; chainwork: bigint; active: boolean } | undefined;
  #highestActive = 0;
  /** Transactions of the active chain that the transaction index has. */
  found = 0;

  constructor(parts: CheckerParts) {
    this.#parts = parts;
    const { genesis, genesisHash } = parts.params;
    const times = [genesis.header.time];
    const chainwork = blockWork(genesis.header.bits);
    const root: Below = { times, anchor: anchorFor(parts.params, { height: 0, times }, undefined), chainwork, complete: true, active: true, parent: undefined };
    this.#below = new Map([[genesisHash, root]]);
    this.#best = { chainwork, hash: genesisHash };
    if (parts.tip === genesisHash) this.#tip = { height: 0, hash: genesisHash, chainwork, active: true };
  }

  get tip(): { height: number; hash: HashHex } | undefined {
    return this.#tip === undefined ? undefined : { height: this.#tip.height, hash: this.#tip.hash };
  }

  /** @param active the hash in the height map */
  async checkHeight(height: number, entries: Map<HashHex, StoredEntry>, bodies: RecordCursor, active: HashHex | undefined): Promise<void> {
    const { faults, counts } = this.#parts;
    if (height !== this.#height + 1) this.#below = new Map();
    this.#height = height;
    const level = new Map<HashHex, Below>();
    const withChildren = new Set<HashHex>();
    const seen = new Set<HashHex>();
    while (bodies.head !== undefined && (heightOf(bodies.head) ?? height) <= height) {
      const { key, value } = bodies.head;
      const at = readBlockKey(key);
      if (at === undefined) faults.add('format', 'A block is stored under a key of no block.', { height });
      else {
        seen.add(at.hash);
        if (value !== undefined) await this.#checkBody(at.hash, value, entries.get(at.hash), active === at.hash);
        const lost = !entries.has(at.hash);
        if (lost) faults.add('unknown-body', 'A block is stored that the index does not know; the next start puts it back.', { height, hash: at.hash });
        if (lost && value !== undefined && value.length >= HEADER_BYTES) this.#enter(level, withChildren, at.hash, decodeHeader(value.subarray(0, HEADER_BYTES)), { stored: true, invalid: false, active });
      }
      await bodies.advance();
    }
    for (const [hash, { record, paged }] of entries) {
      counts.headers++;
      if (paged) counts.pagedHeaders++;
      if (record.invalid) counts.markedInvalid++;
      if (!record.hasBlock) counts.headersOnly++;
      if (record.hasBlock && !seen.has(hash)) faults.add('missing-body', 'The block is in the index, and its body is not stored; it is fetched again from peers.', { height, hash });
      if (!record.hasBlock && active === hash) faults.add('missing-body', 'The body of an active block is known to be lost; it is fetched again from peers.', { height, hash });
      const header = decodeHeader(record.header);
      const internal = hashHeader(header);
      if (displayHash(internal) !== hash) faults.add('index', `The header in the index has another hash, ${displayHash(internal)}.`, { height, hash });
      this.#try(height, hash, () => {
        checkHeader(header, internal, this.#parts.params);
        counts.proofsOfWork++;
      });
      this.#enter(level, withChildren, hash, header, { stored: record.hasBlock && seen.has(hash), invalid: record.invalid, active });
    }
    this.#checkActive(height, level, active);
    this.#countSides(withChildren);
    this.#below = level;
  }

  /** The header on what is below it. */
  #enter(level: Map<HashHex, Below>, withChildren: Set<HashHex>, hash: HashHex, header: BlockHeader, block: { stored: boolean; invalid: boolean; active: HashHex | undefined }): void {
    const { params, counts, faults } = this.#parts;
    const height = this.#height;
    const parentHash = displayHash(header.previousHash);
    const parent = this.#below.get(parentHash);
    if (parent === undefined) faults.add('link', `The block stands on ${parentHash}, which is not stored.`, { height, hash });
    else withChildren.add(parentHash);
    counts.links++;
    const times = [...(parent?.times ?? []), header.time].slice(-MEDIAN_TIME_SPAN);
    let anchor: Anchor | undefined;
    if (parent?.anchor !== undefined) {
      const below = { height: height - 1, time: parent.times.at(-1) ?? 0, ...parent.anchor };
      this.#try(height, hash, () => {
        // A clock that was wrong once is no fault of the chain: how far ahead a time was is not judged afterwards.
        checkHeaderContextual(header, { parentHash, height, expectedBits: nextBits(params, below), medianTimePast: medianTimePast(parent.times), nowSeconds: Infinity });
        counts.bits++;
        counts.times++;
      });
      anchor = anchorFor(params, { height, times }, parent.anchor);
    }
    const chainwork = (parent?.chainwork ?? 0n) + workOf(header.bits);
    const complete = parent?.complete === true && block.stored && !block.invalid;
    const active = block.active === hash;
    level.set(hash, { times, anchor, chainwork, complete, active, parent: parentHash });
    if (complete && chainwork > this.#best.chainwork) this.#best = { chainwork, hash };
    if (hash === this.#parts.tip) this.#tip = { height, hash, chainwork, active };
  }

  #checkActive(height: number, level: ReadonlyMap<HashHex, Below>, active: HashHex | undefined): void {
    const { counts, faults } = this.#parts;
    for (const [hash] of level) if (hash !== active) counts.sideBlocks++;
    if (active === undefined) return;
    counts.heights++;
    this.#highestActive = height;
    const entry = level.get(active);
    if (entry === undefined) faults.add('height-map', 'The height map names a block that is not in the index.', { height, hash: active });
    else if (this.#below.get(entry.parent ?? '')?.active === false) faults.add('height-map', 'The height map names a block that does not stand on the one below it.', { height, hash: active });
  }

  /** Blocks of the height below that nothing stands on are tips. */
  #countSides(withChildren: ReadonlySet<HashHex>): void {
    for (const [hash, below] of this.#below) {
      if (!below.active && !withChildren.has(hash)) this.#parts.counts.sideBranches++;
    }
  }

  async #checkBody(hash: HashHex, bytes: Uint8Array, entry: StoredEntry | undefined, active: boolean): Promise<void> {
    const { counts, faults } = this.#parts;
    const height = this.#height;
    counts.bodies++;
    let block: Block | undefined;
    this.#try(height, hash, () => {
      const parsed = parseBlock(bytes);
      if (displayHash(hashHeader(parsed.header)) !== hash) {
        faults.add('body', 'The stored block has another hash than the one it is stored under.', { height, hash });
        return;
      }
      block = parsed;
      // What a block marked invalid breaks is known already.
      if (entry?.record.invalid === true) return;
      checkBlock(parsed);
      counts.merkleRoots++;
      checkBlockContextual(parsed, { height });
    });
    if (block === undefined) return;
    counts.transactions += block.transactions.length;
    const record = entry?.record;
    if (record !== undefined && !record.hasBlock) faults.add('index', 'The index says that the body is not stored, and it is.', { height, hash });
    if (record?.hasBlock === true && (record.size !== bytes.length || record.transactionCount !== block.transactions.length)) {
      faults.add('index', `The index says ${String(record.size)} bytes and ${String(record.transactionCount)} transactions, the block has ${String(bytes.length)} and ${String(block.transactions.length)}.`, { height, hash });
    }
    if (active) await this.#checkTransactionIndex(block, hash);
  }

  async #checkTransactionIndex(block: Block, hash: HashHex): Promise<void> {
    const { db, faults } = this.#parts;
    const keys = block.transactions.map((transaction) => transactionKey(transactionHashHex(transaction)));
    const values = await db.getMany(keys);
    for (const [i, sealed] of values.entries()) {
      const value = sealed === undefined ? undefined : unseal(keys[i] as Uint8Array, sealed);
      const place = value === undefined ? undefined : decodePlace(value);
      if (place?.blockHash === hash && place.height === this.#height) this.found++;
      // A damaged one is told by its own checksum.
      else if (sealed === undefined || value !== undefined) faults.add('transaction-index', `Transaction ${String(i)} of the block is not found through the index.`, { height: this.#height, hash });
    }
  }

  #try(height: number, hash: HashHex, check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      this.#parts.faults.add(RULE_KINDS[error.rule] ?? 'body', `The block breaks the rule ${error.rule}: ${error.message}.`, { height, hash });
    }
  }

  /** After the last height: the tip must be the best complete block, and the end of the height map. */
  finish(): void {
    const { faults, tip, counts } = this.#parts;
    this.#countSides(new Set());
    if (tip === undefined) return;
    if (this.#tip === undefined) {
      faults.add('tip', 'The stored tip is not in the index.', { hash: tip });
      return;
    }
    const { height, hash } = this.#tip;
    if (height !== this.#highestActive) faults.add('height-map', `The height map ends at ${String(this.#highestActive)}, the tip is at ${String(height)}.`, { height, hash });
    if (counts.heights !== this.#highestActive) faults.add('height-map', `The height map has ${String(counts.heights)} entries up to height ${String(this.#highestActive)}.`);
    if (this.#tip.chainwork < this.#best.chainwork) faults.add('tip', `The branch of ${this.#best.hash} has more work than the tip.`, { height, hash });
  }
}

/** 0 for bits that are no target: such a header is reported by itself. */
function workOf(bits: number): bigint {
  try {
    return blockWork(bits);
  } catch {
    return 0n;
  }
}

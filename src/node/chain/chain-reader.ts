import type { HashHex, RuleViolation } from '../../shared/blocks.ts';
import { nextBits } from '../consensus/difficulty.ts';
import type { RuleError } from '../consensus/errors.ts';
import { MEDIAN_TIME_SPAN } from '../consensus/limits.ts';
import { medianTimePast } from '../consensus/median-time.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { parseBlock } from '../consensus/rules.ts';
import { encodeBlock, type Block } from '../primitives/block.ts';
import { decodeHeader, HEADER_BYTES, type BlockHeader } from '../primitives/header.ts';
import { displayHash, isHash } from '../util/bytes.ts';
import { Emitter } from '../util/emitter.ts';
import { hash256 } from '../util/hash.ts';
import type { Logger } from '../util/logger.ts';
import { BlockIndex, beats } from './block-index.ts';
import { BoundedMap } from './bounded-map.ts';
import { readHeaders } from './header-reader.ts';
import type { IndexEntry } from './index-entry.ts';
import { MAX_INVALID_HASHES, MAX_UNPROVEN_HASHES } from './limits.ts';
import { OrphanPool } from './orphan-pool.ts';
import type { Store } from './store/store.ts';
import type { ActiveLine, BlockIndexEntry, ChainEvents, ChainView } from './types.ts';

/** Dense part of a locator before the steps double. */
const LOCATOR_DENSE = 10;

/** The reading side of the chain. `Chain` adds what changes it. */
export abstract class ChainReader extends Emitter<ChainEvents> implements ChainView {
  readonly params: NetworkParams;
  /** For metadata and peers; blocks go through `addBlock`. */
  readonly store: Store;
  protected readonly index: BlockIndex;
  protected readonly orphans = new OrphanPool();
  /** Broken rules of blocks that had their proof of work. */
  protected readonly invalidHashes = new BoundedMap<HashHex, RuleError>(MAX_INVALID_HASHES);
  /** Those of hashes that cost nothing. */
  protected readonly unprovenHashes = new BoundedMap<HashHex, RuleError>(MAX_UNPROVEN_HASHES);
  /** Active entries whose bodies were found damaged. */
  protected readonly lostBodies = new Set<IndexEntry>();
  /** The block that was stored last, when it came alone. Its bytes may be a part of the message that brought it. */
  protected newest: { readonly entry: BlockIndexEntry; readonly bytes: Uint8Array } | undefined;

  protected constructor(params: NetworkParams, store: Store, logger: Logger) {
    super((error, event) => {
      logger.error(`a listener of ${String(event)} failed`, { error });
    });
    this.params = params;
    this.store = store;
    this.index = new BlockIndex(params);
  }

  get tip(): BlockIndexEntry {
    return this.index.tip;
  }

  get bestHeader(): BlockIndexEntry {
    return this.index.bestHeader;
  }

  get genesis(): BlockIndexEntry {
    return this.index.genesis;
  }

  get blockCount(): number {
    return this.index.bodies;
  }

  get orphanCount(): number {
    return this.orphans.size;
  }

  /** Headers in memory whose bodies are not stored. */
  get headerOnlyCount(): number {
    return this.index.headerOnly;
  }

  getEntry(hash: HashHex): BlockIndexEntry | undefined {
    return this.index.get(hash);
  }

  search(test: (hash: HashHex) => boolean): Iterable<BlockIndexEntry | undefined> {
    return this.index.search(test);
  }

  hasHeader(entry: BlockIndexEntry, bytes: Uint8Array): boolean {
    const own = this.index.own(entry);
    return own !== undefined && this.index.hasHeader(own, bytes);
  }

  headerOf(entry: BlockIndexEntry): BlockHeader | undefined {
    const own = this.index.own(entry);
    const bytes = own === undefined ? undefined : this.index.headerBytes(own);
    return bytes === undefined ? undefined : decodeHeader(bytes);
  }

  async readHeaders(entries: readonly BlockIndexEntry[]): Promise<(BlockHeader | undefined)[]> {
    const own = entries.map((entry) => this.index.own(entry));
    const read = await readHeaders(this.index, this.store, own.filter((entry) => entry !== undefined));
    let next = 0;
    return own.map((entry) => {
      const bytes = entry === undefined ? undefined : read[next++];
      return bytes === undefined ? undefined : decodeHeader(bytes);
    });
  }

  getActive(height: number): BlockIndexEntry | undefined {
    return this.index.getActive(height);
  }

  activeLine(height: number): ActiveLine | undefined {
    return this.index.activeLine(height);
  }

  activeTime(height: number): number | undefined {
    return this.index.activeTime(height);
  }

  isActive(entry: BlockIndexEntry): boolean {
    const own = this.index.own(entry);
    return own !== undefined && this.index.isActive(own);
  }

  isKnownInvalid(hash: HashHex): boolean {
    return this.index.get(hash)?.invalid === true || this.invalidHashes.has(hash) || this.unprovenHashes.has(hash);
  }

  invalidReason(hash: HashHex): RuleViolation | undefined {
    return (this.invalidHashes.get(hash) ?? this.unprovenHashes.get(hash))?.toViolation();
  }

  getAncestor(entry: BlockIndexEntry, height: number): BlockIndexEntry | undefined {
    const own = this.index.own(entry);
    if (own === undefined) return undefined;
    if (this.index.isActive(own) && height <= own.height) return this.index.getActive(height);
    return this.index.ancestorAt(own, height);
  }

  forkOf(entry: BlockIndexEntry): BlockIndexEntry {
    const own = this.index.own(entry);
    return own === undefined ? this.index.genesis : this.index.forkOf(own);
  }

  children(hash: HashHex): BlockIndexEntry[] {
    return [...(this.index.get(hash)?.childEntries() ?? [])];
  }

  sideTips(): BlockIndexEntry[] {
    return [...this.index.leaves].filter((leaf) => !this.index.isActive(leaf)).sort((a, b) => (beats(a, b) ? -1 : 1));
  }

  missingBodies(): BlockIndexEntry[] {
    if (this.lostBodies.size === 0) return [];
    return [...this.lostBodies].sort((a, b) => a.height - b.height);
  }

  async getBlock(hash: HashHex): Promise<Block | undefined> {
    if (hash === this.index.genesis.hash) return this.params.genesis;
    const bytes = await this.getBlockBytes(hash);
    return bytes === undefined ? undefined : parseBlock(bytes);
  }

  /** Rejects with StoreError when the disk fails; a damaged body is undefined, and reported. */
  async getBlockBytes(hash: HashHex): Promise<Uint8Array | undefined> {
    if (hash === this.index.genesis.hash) return encodeBlock(this.params.genesis);
    const entry = this.index.get(hash);
    if (entry?.hasBlock !== true) return undefined;
    const bytes = await this.readBody(entry);
    // A body that was put back while this read was under way is not lost.
    if (bytes === undefined && entry.hasBlock) this.bodyLost(entry);
    return bytes;
  }

  newestBody(hash: HashHex): Uint8Array | undefined {
    const { newest } = this;
    // One that turned out to be damaged on disk is fetched again, and nobody is told that it is here.
    return newest?.entry.hash === hash && newest.entry.hasBlock ? newest.bytes : undefined;
  }

  async readBodies(entries: readonly BlockIndexEntry[], maxBytes: number): Promise<Uint8Array[]> {
    const bodies: Uint8Array[] = [];
    let bytes = 0;
    for (const [i, read] of (await this.store.readBodies(entries, maxBytes)).entries()) {
      const entry = entries[i];
      if (entry?.hasBlock !== true || read.length < HEADER_BYTES || !isHash(hash256(read.subarray(0, HEADER_BYTES)), entry.hash)) break;
      bytes += read.length;
      if (bytes > maxBytes && i > 0) break;
      bodies.push(read);
    }
    return bodies;
  }

  locator(from: BlockIndexEntry = this.bestHeader): HashHex[] {
    const hashes: HashHex[] = [];
    let step = 1;
    for (let height = from.height; height > 0; height -= step) {
      const entry = this.getAncestor(from, height);
      if (entry === undefined) break;
      hashes.push(entry.hash);
      if (hashes.length >= LOCATOR_DENSE) step *= 2;
    }
    hashes.push(this.index.genesis.hash);
    return hashes;
  }

  findLocatorFork(locator: readonly HashHex[]): BlockIndexEntry {
    for (const hash of locator) {
      const entry = this.index.get(hash);
      if (entry !== undefined && this.index.isActive(entry)) return entry;
    }
    return this.index.genesis;
  }

  nextBits(parent: BlockIndexEntry): number {
    return nextBits(this.params, parent);
  }

  medianTimePast(entry: BlockIndexEntry): number {
    const own = this.index.own(entry);
    if (own === undefined) throw new Error(`${entry.hash} is not in the index`);
    return medianTimePast(this.index.lastTimes(own, MEDIAN_TIME_SPAN));
  }

  async findTransaction(id: HashHex): Promise<{ blockHash: HashHex; height: number } | undefined> {
    const [place] = await this.store.findTransactions([id]);
    if (place === undefined || this.index.getActive(place.height)?.hash !== place.blockHash) return undefined;
    return { blockHash: place.blockHash, height: place.height };
  }

  /** Bytes of the database on disk. */
  bytesOnDisk(): Promise<number> {
    return this.store.bytesOnDisk();
  }

  /** Body from the store when its checksum and its header's hash are right. */
  protected async readBody(entry: IndexEntry): Promise<Uint8Array | undefined> {
    const read = await this.store.readBody(entry);
    if (read.state !== 'ok' || read.bytes.length < HEADER_BYTES) return undefined;
    return displayHash(hash256(read.bytes.subarray(0, HEADER_BYTES))) === entry.hash ? read.bytes : undefined;
  }

  /** A stored body turned out to be damaged. */
  protected abstract bodyLost(entry: IndexEntry): void;
}

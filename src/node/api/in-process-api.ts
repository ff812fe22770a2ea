import type { BlockCheck, BlockDetail, BlockSummary, HashHex, ListedBlock } from '../../shared/blocks.ts';
import { CHAIN_VIEW_LIMITS, type ChainIndexPage, type ChainOverview, type ForkList } from '../../shared/chain-view.ts';
import type { ListenInfo, MempoolEntryInfo, MempoolState, NodeEvent, NodeInfo, NodeSnapshot, Rejection } from '../../shared/events.ts';
import { ApiError, type BlockRange, type FindAnswer, type FindQuery, type MineJob, type MineRequest, type NodeApi } from '../../shared/node-api.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import type { TamperReport, TamperRequest } from '../../shared/tamper.ts';
import { BoundedMap } from '../chain/bounded-map.ts';
import type { BlockIndexEntry, BlockOrigin, Reorg } from '../chain/types.ts';
import type { RuleError } from '../consensus/errors.ts';
import type { FullNode } from '../full-node.ts';
import type { Block } from '../primitives/block.ts';
import { LazyBlock } from '../primitives/lazy-block.ts';
import { SALT_BYTES, transactionHashHex, type DataTransaction } from '../primitives/transaction.ts';
import type { TimerHandle } from '../util/clock.ts';
import { ChainOverviews } from './chain-overview.ts';
import { chainState } from './chain-state.ts';
import { BlockFinder } from './block-finder.ts';
import { checkText, dataError } from './data-text.ts';
import { streamRuns } from './block-stream.ts';
import { EventStream } from './event-stream.ts';
import { API_LIMITS } from './limits.ts';
import { RecentBlocks } from './recent-blocks.ts';
import { recheckBlock } from './recheck.ts';
import { detail, summarize, tipOf, branchOf } from './summary.ts';
import { tamperWith } from './tamper.ts';

/** The door for code in the same process: it maps the node's parts to the shared shapes, and their events to the one stream. */
export class InProcessApi implements NodeApi {
  readonly #node: FullNode;
  readonly #stream: EventStream;
  readonly #recent: RecentBlocks;
  readonly #overviews: ChainOverviews;
  readonly #finder: BlockFinder;
  readonly #unsubscribe: (() => void)[] = [];
  readonly #disconnected = new Set<HashHex>();
  readonly #connected = new Set<HashHex>();
  /** Blocks that join the chain in one go, from the first of them to their tip. */
  #runLength: number | undefined;
  /** Tries of the blocks that were found here. */
  readonly #tries = new BoundedMap<HashHex, number>(API_LIMITS.rememberedTries);
  #http: ListenInfo | undefined;
  #bytesOnDisk = 0;
  #diskTimer: TimerHandle | undefined;
  #mempoolTimer: TimerHandle | undefined;
  #closed = false;

  private constructor(node: FullNode) {
    this.#node = node;
    this.#stream = new EventStream({
      now: () => node.clock.now(),
      onError: (error) => {
        node.logger.error('a reader of the events failed', { error });
      },
    });
    this.#overviews = new ChainOverviews(node.parts.chain);
    this.#recent = new RecentBlocks(node.parts.chain, (entry, block) => this.#summary(entry, block));
    this.#finder = new BlockFinder(node.parts.chain, (entry, block) => this.#summary(entry, block));
  }

  /** The door to an open node. Reads the last blocks, so that `snapshot` needs no disk. */
  static async open(node: FullNode): Promise<InProcessApi> {
    const api = new InProcessApi(node);
    // Listens first: a block that arrives while the last ones are read is not missed.
    api.#listen();
    await api.#recent.fill();
    await api.#measureDisk(false);
    return api;
  }

  /** Ends the subscriptions; calls are refused from now on. */
  close(): void {
    this.#closed = true;
    this.#finder.stop();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#node.clock.clearTimeout(this.#diskTimer);
    this.#node.clock.clearTimeout(this.#mempoolTimer);
  }

  /** Where the HTTP door listens; told to every reader. */
  setHttp(http: ListenInfo | undefined): void {
    this.#http = http;
    if (!this.#closed) this.#stream.publish({ type: 'node', node: this.info });
  }

  get info(): NodeInfo {
    const info = this.#node.info;
    return this.#http === undefined ? info : { ...info, http: this.#http };
  }

  snapshot(): NodeSnapshot {
    this.#checkOpen();
    const { chain, pool, miner } = this.#node.parts;
    return {
      seq: this.#stream.seq,
      node: this.info,
      chain: chainState(chain, this.#bytesOnDisk),
      blocks: this.#recent.list(),
      peers: pool.peers(),
      mining: miner.state(),
      mempool: this.#mempoolState(),
      sync: pool.syncState(),
      notices: this.#node.notices.slice(-API_LIMITS.notices),
    };
  }

  subscribe(listener: (event: NodeEvent) => void): () => void {
    return this.#stream.subscribe(listener);
  }

  eventsAfter(seq: number): NodeEvent[] | null {
    return this.#stream.after(seq);
  }

  async getBlock(ref: HashHex | number): Promise<BlockDetail | null> {
    this.#checkOpen();
    const { chain } = this.#node.parts;
    const entry = typeof ref === 'number' ? chain.getActive(ref) : chain.getEntry(ref);
    if (entry === undefined || !entry.hasBlock) return null;
    const block = await chain.getBlock(entry.hash);
    return block === undefined ? null : this.#detail(entry, block);
  }

  async checkBlock(hash: HashHex): Promise<BlockCheck | null> {
    this.#checkOpen();
    const { chain, params } = this.#node.parts;
    return (await recheckBlock({ chain, params, clock: this.#node.clock }, hash)) ?? null;
  }

  async tamper(request: TamperRequest): Promise<TamperReport | null> {
    this.#checkOpen();
    const { chain, params, miner } = this.#node.parts;
    const { hashRate, rateHistory } = miner.state();
    // While nothing is mined the rate is 0: what it was last is the best guess.
    const known = hashRate > 0 ? hashRate : rateHistory.findLast((rate) => rate > 0);
    return (await tamperWith({ chain, params, hashRate: known }, request)) ?? null;
  }

  async getBlocks(range: BlockRange): Promise<BlockSummary[]> {
    this.#checkOpen();
    const limit = Math.min(range.limit ?? API_LIMITS.rangeDefault, API_LIMITS.rangeMax);
    const summaries: BlockSummary[] = [];
    for await (const batch of this.#walk({ ...range, limit })) {
      for (const { entry, block } of batch) summaries.push(block === undefined ? (this.#recent.get(entry.hash) ?? this.#missing(entry)) : this.#summary(entry, block));
    }
    return summaries;
  }

  async *streamBlocks(range: BlockRange): AsyncGenerator<ListedBlock> {
    this.#checkOpen();
    const { chain, params } = this.#node.parts;
    for await (const run of streamRuns(chain, params.powLimitBits, range)) {
      // Not `yield*`, which awaits each of them three times.
      for (const block of run) yield block;
      this.#checkOpen();
    }
  }

  overview(buckets: number): Promise<ChainOverview> {
    this.#checkOpen();
    return this.#overviews.overview(within(buckets, CHAIN_VIEW_LIMITS.buckets, 'buckets'));
  }

  chainIndex(range: { from: number; limit: number }): ChainIndexPage {
    this.#checkOpen();
    return this.#overviews.index(range.from, within(range.limit, CHAIN_VIEW_LIMITS.indexBlocks, 'limit'));
  }

  forks(heights: { from: number; to: number }): ForkList {
    this.#checkOpen();
    return this.#overviews.forks(heights.from, heights.to);
  }

  findBlocks(query: FindQuery): Promise<FindAnswer> {
    this.#checkOpen();
    return this.#finder.find(query);
  }

  stopFinding(): void {
    this.#finder.stop();
  }

  mine(request: MineRequest): MineJob {
    this.#checkOpen();
    checkText(request.dataText);
    return this.#node.parts.miner.mine(request.dataText);
  }

  stopMining(jobId?: number): Promise<boolean> {
    this.#checkOpen();
    return this.#node.parts.miner.stop(jobId);
  }

  addPeer(address: string, options: { keepUnreachable?: boolean } = {}): Promise<PeerInfo> {
    this.#checkOpen();
    return this.#node.parts.pool.addPeer(address, options);
  }

  removePeer(keyOrAddress: string): Promise<boolean> {
    this.#checkOpen();
    return this.#node.parts.pool.removePeer(keyOrAddress);
  }

  async cutPeer(keyOrAddress: string): Promise<PeerInfo> {
    this.#checkOpen();
    return this.#node.parts.pool.cutPeer(keyOrAddress);
  }

  async mendPeer(keyOrAddress: string): Promise<PeerInfo> {
    this.#checkOpen();
    return this.#node.parts.pool.mendPeer(keyOrAddress);
  }

  peers(): PeerInfo[] {
    this.#checkOpen();
    return this.#node.parts.pool.peers();
  }

  async submitTransaction(dataText: string): Promise<MempoolEntryInfo> {
    this.#checkOpen();
    checkText(dataText);
    const { mempool } = this.#node.parts;
    const transaction: DataTransaction = {
      version: 1,
      kind: 'data',
      time: this.#node.clock.now(),
      salt: this.#node.random.bytes(SALT_BYTES),
      dataText,
    };
    const result = await mempool.add(transaction, { kind: 'local' });
    switch (result.status) {
      case 'added':
        return pendingInfo(result.entry);
      case 'full':
        throw new ApiError({ code: 'mempool-full', message: 'The mempool is full. Mine a block to make room.' });
      case 'known':
      case 'mined':
        throw new ApiError({ code: 'duplicate-transaction', message: 'This transaction is known already. Nothing was added.' });
      case 'invalid':
        throw dataError(result.error);
    }
  }

  transactions(): MempoolEntryInfo[] {
    this.#checkOpen();
    return [...this.#node.parts.mempool.entries()].map(pendingInfo);
  }

  /**
   * Active chain as it stands at the call, ascending, in batches. A block whose summary is at hand comes without its body.
   */
  async *#walk(range: BlockRange): AsyncGenerator<{ entry: BlockIndexEntry; block: Block | undefined }[]> {
    const { chain } = this.#node.parts;
    const tip = chain.tip;
    const from = Math.max(0, range.from ?? 0);
    const end = Math.min(tip.height + 1, from + (range.limit ?? Number.MAX_SAFE_INTEGER));
    for (let start = from; start < end; start += API_LIMITS.streamBatch) {
      const entries: BlockIndexEntry[] = [];
      for (let height = start; height < Math.min(end, start + API_LIMITS.streamBatch); height += 1) {
        // A reorg meanwhile must not mix two chains: then the old one is followed from its tip.
        const entry = chain.isActive(tip) ? chain.getActive(height) : chain.getAncestor(tip, height);
        if (entry !== undefined) entries.push(entry);
      }
      const blocks = await Promise.all(
        entries.map((entry) => (this.#recent.get(entry.hash) !== undefined ? Promise.resolve(undefined) : chain.getBlock(entry.hash))),
      );
      yield entries.map((entry, index) => ({ entry, block: blocks[index] }));
      this.#checkOpen();
    }
  }

  #missing(entry: BlockIndexEntry): never {
    throw new ApiError({ code: 'internal', message: `Block ${String(entry.height)} cannot be read from disk. Restart the node to have it fetched again.` });
  }

  #summary(entry: BlockIndexEntry, block: Block): BlockSummary {
    return summarize(entry, block, branchOf(this.#node.parts.chain, entry));
  }

  #detail(entry: BlockIndexEntry, block: Block): BlockDetail {
    const { chain, params } = this.#node.parts;
    const all = detail(entry, block, this.#summary(entry, block), { chain, powLimitBits: params.powLimitBits });
    const tries = this.#tries.get(entry.hash);
    if (tries !== undefined) all.tries = tries;
    return all;
  }

  #listen(): void {
    const { chain, mempool, pool, miner } = this.#node.parts;
    const publish = this.#stream.publish.bind(this.#stream);
    this.#unsubscribe.push(
      this.#node.on('notice', (notice) => {
        publish({ type: 'notice', notice });
      }),
      chain.on('connect', (entry, block) => {
        // Only a reorg asks afterwards what came back; its disconnects come first.
        if (this.#disconnected.size > 0) this.#remember(this.#connected, block);
        // Of a long run of blocks only the newest are told: whoever misses those before them sees it by the heights.
        const above = chain.tip.height - entry.height;
        this.#runLength ??= above + 1;
        if (block instanceof LazyBlock && this.#runLength > API_LIMITS.wholeRun && above >= API_LIMITS.blocksOfRun) this.#recent.note(entry, block);
        else publish({ type: 'block', block: this.#recent.add(entry, block) });
      }),
      chain.on('disconnect', (_entry, block) => {
        this.#remember(this.#disconnected, block);
      }),
      chain.on('reorg', (reorg) => {
        this.#reorganised(reorg);
      }),
      chain.on('tip', () => {
        this.#runLength = undefined;
        this.#connected.clear();
        this.#disconnected.clear();
        this.#chainChanged();
      }),
      chain.on('side', (entry, block) => {
        this.#overviews.sidesChanged();
        publish({ type: 'block', block: this.#recent.add(entry, block) });
        this.#chainChanged();
      }),
      chain.on('orphan', () => {
        this.#chainChanged();
      }),
      chain.on('invalid', (hash, height, error, origin) => {
        this.#overviews.sidesChanged();
        this.#refused(hash, height, error, origin);
      }),
      mempool.on('add', () => {
        this.#mempoolChanged();
      }),
      mempool.on('remove', () => {
        this.#mempoolChanged();
      }),
      pool.on('peer', (peer) => {
        publish({ type: 'peer', peer });
      }),
      pool.on('peer-removed', (key, lost) => {
        publish({ type: 'peer-removed', key, ...(lost === undefined ? {} : { lost }) });
      }),
      pool.on('sync', (sync) => {
        publish({ type: 'sync', sync });
      }),
      pool.on('rejected', (rejection) => {
        publish({ type: 'rejected', rejection });
      }),
      this.#node.on('info', () => {
        publish({ type: 'node', node: this.info });
      }),
      pool.on('listening', () => {
        publish({ type: 'node', node: this.info });
      }),
      miner.on('state', (mining) => {
        const { hash, hashes } = mining.lastResult ?? {};
        if (hash !== undefined && hashes !== undefined && !this.#tries.has(hash)) this.#tries.set(hash, hashes);
        publish({ type: 'mining', mining });
      }),
    );
  }

  #remember(ids: Set<HashHex>, block: Block): void {
    for (const transaction of block.transactions) if (transaction.kind === 'data') ids.add(transactionHashHex(transaction));
  }

  #reorganised(reorg: Reorg): void {
    const returned = [...this.#disconnected].filter((id) => !this.#connected.has(id)).length;
    this.#stream.publish({
      type: 'reorg',
      reorg: {
        forkHash: reorg.fork.hash,
        forkHeight: reorg.fork.height,
        oldTip: tipOf(reorg.oldTip),
        newTip: tipOf(reorg.newTip),
        disconnected: reorg.disconnected.map((entry) => entry.hash),
        connected: reorg.connected.map((entry) => entry.hash),
        returnedTransactions: returned,
      },
    });
    void this.#recent
      .fill((block) => {
        if (!this.#closed) this.#stream.publish({ type: 'block', block });
      })
      .catch((error: unknown) => {
        this.#node.logger.warn('the last blocks could not be read', { error });
      });
  }

  #refused(hash: HashHex, height: number | undefined, error: RuleError, origin: BlockOrigin): void {
    const known = this.#recent.get(hash);
    if (known !== undefined) this.#stream.publish({ type: 'block', block: known });
    // A peer's block is reported by the pool, which knows the peer's name and told it why.
    if (origin.kind === 'peer') return;
    const rejection: Rejection = { by: 'us', hash, ...(height === undefined ? {} : { height }), violation: error.toViolation() };
    this.#stream.publish({ type: 'rejected', rejection });
  }

  #chainChanged(): void {
    this.#stream.publish({ type: 'tip', chain: chainState(this.#node.parts.chain, this.#bytesOnDisk) });
    this.#diskTimer ??= this.#node.clock.setTimeout(() => {
      this.#diskTimer = undefined;
      void this.#measureDisk(true);
    }, API_LIMITS.diskSizeInterval);
  }

  async #measureDisk(tell: boolean): Promise<void> {
    try {
      const bytes = await this.#node.parts.chain.bytesOnDisk();
      if (bytes === this.#bytesOnDisk || this.#closed) return;
      this.#bytesOnDisk = bytes;
      // Nobody measures when blocks come no more: the last size is told by itself.
      if (tell) this.#stream.publish({ type: 'tip', chain: chainState(this.#node.parts.chain, bytes) });
    } catch (error) {
      this.#node.logger.debug('the size of the database is not known', { error });
    }
  }

  #mempoolState(): MempoolState {
    const { mempool } = this.#node.parts;
    return { count: mempool.count, bytes: mempool.bytes };
  }

  /** Thousands of transactions may come at once: their number is told a few times a second. */
  #mempoolChanged(): void {
    this.#mempoolTimer ??= this.#node.clock.setTimeout(() => {
      this.#mempoolTimer = undefined;
      this.#stream.publish({ type: 'mempool', mempool: this.#mempoolState() });
    }, API_LIMITS.mempoolInterval);
  }

  #checkOpen(): void {
    if (this.#closed) throw new ApiError({ code: 'node-closing', message: 'This node is closing. Start it again.' });
  }
}

function pendingInfo(entry: { id: HashHex; transaction: DataTransaction; size: number; receivedAt: number }): MempoolEntryInfo {
  const { id, transaction, size, receivedAt } = entry;
  return { id, dataText: transaction.dataText, size, time: transaction.time, receivedAt };
}

/** @throws ApiError `invalid-argument` unless it is a whole number from 1 to `most` */
function within(value: number, most: number, field: string): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  const expected = `a whole number from 1 to ${String(most)}`;
  throw new ApiError({ code: 'invalid-argument', message: `${field} must be ${expected}.`, field, expected, got: String(value) });
}

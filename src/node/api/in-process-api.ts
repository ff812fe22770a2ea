import type { BlockCheck, BlockDetail, BlockSummary, HashHex, ListedBlock } from '../../shared/blocks.ts';
import { CHAIN_VIEW_LIMITS, type ChainIndexPage, type ChainOverview, type ForkList } from '../../shared/chain-view.ts';
import type { ListenInfo, MempoolEntryInfo, NodeEvent, NodeInfo, NodeSnapshot } from '../../shared/events.ts';
import { ApiError, type BlockRange, type FindAnswer, type FindQuery, type MineJob, type MineRequest, type NodeApi } from '../../shared/node-api.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import type { TamperReport, TamperRequest } from '../../shared/tamper.ts';
import type { BlockIndexEntry } from '../chain/types.ts';
import type { FullNode } from '../full-node.ts';
import type { Block } from '../primitives/block.ts';
import { SALT_BYTES, type DataTransaction } from '../primitives/transaction.ts';
import { ChainOverviews } from './chain-overview.ts';
import { BlockFinder } from './block-finder.ts';
import { checkText, dataError } from './data-text.ts';
import { streamRuns } from './block-stream.ts';
import { EventStream } from './event-stream.ts';
import { API_LIMITS } from './limits.ts';
import { NodeEvents } from './node-events.ts';
import { RecentBlocks } from './recent-blocks.ts';
import { recheckBlock } from './recheck.ts';
import { detail, summarize, branchOf } from './summary.ts';
import { tamperWith } from './tamper.ts';

/** The door for code in the same process: it maps the node's parts to the shared shapes. Their events become the one stream in `NodeEvents`. */
export class InProcessApi implements NodeApi {
  readonly #node: FullNode;
  readonly #stream: EventStream;
  readonly #recent: RecentBlocks;
  readonly #overviews: ChainOverviews;
  readonly #finder: BlockFinder;
  readonly #events: NodeEvents;
  #http: ListenInfo | undefined;
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
    this.#events = new NodeEvents(node, { stream: this.#stream, recent: this.#recent, overviews: this.#overviews, info: () => this.info });
  }

  /** The door to an open node. Reads the last blocks, so that `snapshot` needs no disk. */
  static async open(node: FullNode): Promise<InProcessApi> {
    const api = new InProcessApi(node);
    // Listens first: a block that arrives while the last ones are read is not missed.
    api.#events.listen();
    await api.#recent.fill();
    await api.#events.measureDisk(false);
    return api;
  }

  /** Ends the subscriptions; calls are refused from now on. */
  close(): void {
    this.#closed = true;
    this.#finder.stop();
    this.#events.close();
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
    const { pool, miner } = this.#node.parts;
    return {
      seq: this.#stream.seq,
      node: this.info,
      chain: this.#events.chain(),
      blocks: this.#recent.list(),
      peers: pool.peers(),
      mining: miner.state(),
      mempool: this.#events.mempool(),
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
    const tries = this.#events.triesOf(entry.hash);
    if (tries !== undefined) all.tries = tries;
    return all;
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

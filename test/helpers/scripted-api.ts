import type { BlockDetail, BlockSummary } from '../../src/shared/blocks.ts';
import type { NodeEvent, NodeEventBody, NodeSnapshot } from '../../src/shared/events.ts';
import { ApiError, type BlockRange, type FindAnswer, type FindQuery, type MinedBlock, type MineJob, type NodeApi } from '../../src/shared/node-api.ts';
import type { TamperRequest } from '../../src/shared/tamper.ts';
import { EventStream } from '../../src/node/api/event-stream.ts';
import { idleMiner } from './idle-miner.ts';

/** A block as a node would tell of it, with nothing behind it. */
export function madeUpBlock(height: number, dataText = `"block ${String(height)}"`): BlockDetail {
  const hex = (seed: number): string => seed.toString(16).padStart(64, '0');
  return {
    hash: hex(height + 1),
    previousHash: hex(height),
    height,
    time: 1_767_225_600 + height,
    bits: 0x207fffff,
    nonce: height,
    chainwork: '2',
    branch: 'active',
    dataPreview: dataText,
    dataTruncated: false,
    transactionCount: 1,
    size: 200,
    minerId: '00'.repeat(16),
    minerName: 'Aster',
    receivedAt: 0,
    origin: 'disk',
    version: 1,
    merkleRoot: hex(7),
    headerHex: '00'.repeat(80),
    dataText,
    transactions: [{ id: hex(9), kind: 'coinbase', dataText, size: 100 }],
    children: [],
    confirmations: 1,
    difficulty: 1,
    zeroBits: 3,
    requiredZeroBits: 1,
    expectedHashes: 2,
  };
}

/** A NodeApi that does what a test says: for the doors alone, where the node behind them must hold still, hang or fail. */
export class ScriptedApi implements NodeApi {
  readonly stream: EventStream;
  blocks: BlockDetail[] = [madeUpBlock(0), madeUpBlock(1)];
  /** Blocks that `streamBlocks` handed out, and whether its reader let go of it. */
  streamed = 0;
  released = 0;
  failWith: Error | undefined;
  jobs: { id: number; dataText: string; finish: (block: MinedBlock) => void; fail: (error: Error) => void }[] = [];
  stopped: (number | undefined)[] = [];
  added: { address: string; options: unknown }[] = [];
  removed: string[] = [];
  relinked: [keyOrAddress: string, state: 'cut' | 'connecting'][] = [];
  submitted: string[] = [];
  tampered: TamperRequest[] = [];
  onMine: () => void = () => undefined;
  onStop: () => void = () => undefined;

  constructor(capacity?: number) {
    this.stream = new EventStream({ ...(capacity === undefined ? {} : { capacity }), now: () => 1_767_225_600_000, onError: (error) => void error });
  }

  publish(body: NodeEventBody): NodeEvent {
    return this.stream.publish(body);
  }
  snapshot(): NodeSnapshot {
    if (this.failWith !== undefined) throw this.failWith;
    return {
      seq: this.stream.seq,
      node: { nodeId: '00', name: 'Aster', network: 'regtest', version: '0', userAgent: '', dataDir: '', genesisHash: '', startedAt: 0 },
      chain: {
        tip: { hash: '', height: 1, time: 0, chainwork: '2' },
        sideTips: [],
        blockCount: 2,
        orphanCount: 0,
        nextBits: 0,
        nextRequiredZeroBits: 1,
        nextExpectedHashes: 2,
        bytesOnDisk: 0,
      },
      blocks: this.blocks,
      peers: [],
      mining: idleMiner(2),
      mempool: { count: 0, bytes: 0 },
      sync: { phase: 'idle', height: 1, bestHeaderHeight: 1, blocksPerSecond: 0 },
      notices: [],
    };
  }
  subscribe(listener: (event: NodeEvent) => void): () => void {
    return this.stream.subscribe(listener);
  }
  eventsAfter(seq: number): NodeEvent[] | null {
    return this.stream.after(seq);
  }
  getBlock(ref: string | number): Promise<BlockDetail | null> {
    if (this.failWith !== undefined) return Promise.reject(this.failWith);
    return Promise.resolve(this.blocks.find((block) => (typeof ref === 'number' ? block.height === ref : block.hash === ref)) ?? null);
  }
  checkBlock(_hash: string): ReturnType<NodeApi['checkBlock']> {
    return Promise.resolve(null);
  }
  tamper(request: TamperRequest): ReturnType<NodeApi['tamper']> {
    if (this.failWith !== undefined) return Promise.reject(this.failWith);
    this.tampered.push(request);
    return Promise.resolve(null);
  }
  getBlocks(): Promise<BlockSummary[]> {
    return Promise.resolve(this.blocks);
  }
  findBlocks(query: FindQuery): Promise<FindAnswer> {
    const blocks = this.blocks.filter((block) => ('hash' in query ? block.hash.startsWith(query.hash) : block.dataText.includes(query.text)));
    return Promise.resolve({ blocks, searched: this.blocks.length, complete: true });
  }
  /** Searches that were given up. */
  searchesStopped = 0;
  stopFinding(): void {
    this.searchesStopped += 1;
  }
  async *streamBlocks(range: BlockRange): AsyncGenerator<BlockDetail> {
    try {
      const from = range.from ?? 0;
      for (const block of this.blocks.slice(from, from + (range.limit ?? this.blocks.length))) {
        this.streamed += 1;
        yield await Promise.resolve(block);
      }
    } finally {
      this.released += 1;
    }
  }
  overview(): ReturnType<NodeApi['overview']> {
    return Promise.resolve({ tip: { hash: '', height: 1 }, buckets: [], blocks: 2, forks: 0 });
  }
  chainIndex({ from }: { from: number }): ReturnType<NodeApi['chainIndex']> {
    return { tip: { hash: '', height: 1 }, from, count: 0, hashes: '', times: [], bits: [] };
  }
  forks(): ReturnType<NodeApi['forks']> {
    return { forks: [], more: false };
  }
  mine({ dataText }: { dataText: string }): MineJob {
    if (this.failWith !== undefined) throw this.failWith;
    const jobId = this.jobs.length + 1;
    const done = new Promise<MinedBlock>((resolve, reject) => this.jobs.push({ id: jobId, dataText, finish: resolve, fail: reject }));
    done.catch(() => undefined);
    this.onMine();
    return { jobId, done };
  }
  stopMining(jobId?: number): Promise<boolean> {
    this.stopped.push(jobId);
    this.jobs.find((job) => job.id === jobId)?.fail(new ApiError({ code: 'mining-stopped', message: 'Stopped.' }));
    this.onStop();
    return Promise.resolve(true);
  }
  addPeer(address: string, options?: object): ReturnType<NodeApi['addPeer']> {
    if (this.failWith !== undefined) return Promise.reject(this.failWith);
    this.added.push({ address, options });
    return Promise.resolve({
      key: 'k1',
      state: 'connected',
      direction: 'outbound',
      address,
      kept: true,
      verdict: 'unknown',
      latencyHistory: [],
      bytesIn: 0,
      bytesOut: 0,
      misbehaviour: 0,
      attempts: 0,
    });
  }
  removePeer(keyOrAddress: string): Promise<boolean> {
    this.removed.push(keyOrAddress);
    return Promise.resolve(keyOrAddress !== 'absent:1');
  }
  cutPeer(keyOrAddress: string): ReturnType<NodeApi['cutPeer']> {
    return this.#relink(keyOrAddress, 'cut');
  }
  mendPeer(keyOrAddress: string): ReturnType<NodeApi['mendPeer']> {
    return this.#relink(keyOrAddress, 'connecting');
  }
  async #relink(keyOrAddress: string, state: 'cut' | 'connecting'): ReturnType<NodeApi['cutPeer']> {
    if (keyOrAddress === 'absent:1') throw new ApiError({ code: 'not-found', message: 'This node has no such peer.', field: 'key' });
    this.relinked.push([keyOrAddress, state]);
    return { ...(await this.addPeer(keyOrAddress)), state };
  }
  peers(): ReturnType<NodeApi['peers']> {
    return [];
  }
  submitTransaction(dataText: string): ReturnType<NodeApi['submitTransaction']> {
    this.submitted.push(dataText);
    return Promise.resolve({ id: 'ab'.repeat(32), dataText, size: 50, time: 1, receivedAt: 2 });
  }
  transactions(): ReturnType<NodeApi['transactions']> {
    return this.submitted.map((dataText) => ({ id: 'ab'.repeat(32), dataText, size: 50, time: 1, receivedAt: 2 }));
  }
}

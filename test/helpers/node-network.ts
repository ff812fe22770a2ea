import { Chain } from '../../src/node/chain/chain.ts';
import type { HeaderLimits } from '../../src/node/chain/headers.ts';
import { MemoryStore } from '../../src/node/chain/store/memory-store.ts';
import type { BlockIndexEntry } from '../../src/node/chain/types.ts';
import { REGTEST } from '../../src/node/consensus/params.ts';
import { Mempool } from '../../src/node/mempool/mempool.ts';
import { PeerPool, type PeerPoolModules, type PeerPoolOptions, type StoredPeer } from '../../src/node/net/index.ts';
import type { Rejection } from '../../src/shared/events.ts';
import type { PeerInfo } from '../../src/shared/peers.ts';
import { systemClock } from '../../src/node/util/clock.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import { systemRandom } from '../../src/node/util/random.ts';
import { dataTransaction, mineFork, type MinedBlock, type MineOptions } from './mine-fork.ts';
import { until } from './until.ts';

const NAMES = ['Aster', 'Birch', 'Cedar', 'Dune', 'Elm', 'Fern', 'Gorse', 'Hazel', 'Iris', 'Juniper'];

export interface TestNodeOptions extends Partial<PeerPoolOptions> {
  modules?: Partial<PeerPoolModules>;
  headerLimits?: HeaderLimits;
}

/** A real chain, mempool and pool on real sockets; the store is in memory and outlives `close`. */
export class TestNode {
  readonly name: string;
  readonly store = new MemoryStore();
  readonly rejected: Rejection[] = [];
  readonly removedRows: string[] = [];
  /** What the peer store was last given. */
  saved: StoredPeer[] = [];
  chain: Chain;
  mempool: Mempool;
  pool: PeerPool;
  readonly #options: TestNodeOptions;
  readonly nodeId: string;
  #port = 0;

  constructor(name: string, options: TestNodeOptions = {}) {
    this.name = name;
    this.#options = options;
    this.nodeId = options.nodeId ?? Buffer.from(systemRandom.bytes(16)).toString('hex');
    [this.chain, this.mempool, this.pool] = this.#build();
  }

  #build(): [Chain, Mempool, PeerPool] {
    const clock = this.#options.modules?.clock ?? systemClock;
    const logger = this.#options.modules?.logger ?? nullLogger;
    const chain = new Chain({ params: REGTEST, dataDir: 'unused', ...(this.#options.headerLimits === undefined ? {} : { headerLimits: this.#options.headerLimits }) }, { clock, logger, store: this.store });
    const mempool = new Mempool({}, { chain, clock, logger });
    chain.on('disconnect', (_entry, block) => mempool.blockDisconnected(block));
    chain.on('connect', (_entry, block) => mempool.blockConnected(block));
    chain.on('tip', () => {
      mempool.settle();
    });
    const { modules, headerLimits: _, ...options } = this.#options;
    const pool = new PeerPool(
      {
        params: REGTEST,
        host: '127.0.0.1',
        portFallback: false,
        peers: [],
        nodeName: this.name,
        userAgent: '/test:1/',
        ...options,
        nodeId: this.nodeId,
        port: this.#port === 0 ? (options.port ?? 0) : this.#port,
      },
      {
        chain,
        mempool,
        clock,
        random: systemRandom,
        logger,
        peerStore: {
          load: () => Promise.resolve(this.saved),
          save: (records) => {
            this.saved = records;
            return Promise.resolve();
          },
        },
        ...modules,
      },
    );
    pool.on('rejected', (rejection) => this.rejected.push(rejection));
    pool.on('peer-removed', (key) => this.removedRows.push(key));
    return [chain, mempool, pool];
  }

  async open(): Promise<this> {
    await this.chain.open();
    await this.pool.open();
    this.#port = this.port;
    return this;
  }

  async close(): Promise<void> {
    await this.pool.close();
    await this.chain.close();
  }

  /** Closes, and opens a new chain, mempool and pool on the same store and port. */
  async restart(): Promise<this> {
    await this.close();
    [this.chain, this.mempool, this.pool] = this.#build();
    return this.open();
  }

  get port(): number {
    return this.pool.listening?.port ?? 0;
  }

  get address(): string {
    return `127.0.0.1:${String(this.port)}`;
  }

  get tip(): BlockIndexEntry {
    return this.chain.tip;
  }

  get height(): number {
    return this.chain.tip.height;
  }

  peers(): PeerInfo[] {
    return this.pool.peers();
  }

  connected(): PeerInfo[] {
    return this.peers().filter(({ state }) => state === 'connected');
  }

  peer(name: string): PeerInfo | undefined {
    return this.peers().find((row) => row.name === name);
  }

  /** Mines on the tip, on this node alone; neighbours hear of it as of any block. */
  async mine(count = 1, options: MineOptions = {}): Promise<MinedBlock[]> {
    const blocks = mineFork(this.chain.tip, count, { data: this.name, ...options });
    await this.add(blocks);
    return blocks;
  }

  async add(blocks: readonly MinedBlock[]): Promise<void> {
    for (const { block } of blocks) await this.chain.addBlock(block, { kind: 'mined' });
  }

  async submit(data: unknown): Promise<string> {
    const result = await this.mempool.add(dataTransaction(data), { kind: 'local' });
    if (result.status !== 'added') throw new Error(result.status);
    return result.entry.id;
  }
}

/** Some nodes, none connected at first. Everything is closed by `close`. */
export class NodeNetwork {
  readonly nodes: TestNode[];

  private constructor(nodes: TestNode[]) {
    this.nodes = nodes;
  }

  static async start(count: number, options: TestNodeOptions | ((index: number) => TestNodeOptions) = {}): Promise<NodeNetwork> {
    const nodes = Array.from({ length: count }, (_, i) => {
      return new TestNode(NAMES[i] ?? `Node ${String(i)}`, typeof options === 'function' ? options(i) : options);
    });
    await Promise.all(nodes.map((node) => node.open()));
    return new NodeNetwork(nodes);
  }

  at(index: number): TestNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`no node ${String(index)}`);
    return node;
  }

  /** Each of these dials the next one. */
  async line(...indices: number[]): Promise<void> {
    for (let i = 0; i + 1 < indices.length; i++) {
      await this.at(indices[i] ?? 0).pool.addPeer(this.at(indices[i + 1] ?? 0).address);
    }
  }

  /** Until all these nodes have one tip, at `height` when it is given. */
  async agree(height?: number, nodes: readonly TestNode[] = this.nodes, ms?: number): Promise<void> {
    await until(
      `one tip${height === undefined ? '' : ` at ${String(height)}`}; heights are ${nodes.map((node) => node.height).join(', ')}`,
      () => nodes.every((node) => node.tip.hash === nodes[0]?.tip.hash && (height === undefined || node.height === height)),
      ms,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }
}

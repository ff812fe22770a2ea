/** One node of a simulated network: the app's own FullNode on a store, a transport, a clock and mining threads that are simulated. */
import { FullNode } from '../../src/node/full-node.ts';
import type { NodeParts } from '../../src/node/full-node.ts';
import type { BlockIndexEntry } from '../../src/node/chain/types.ts';
import type { Settings } from '../../src/node/settings.ts';
import type { Clock } from '../../src/node/util/clock.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import { seededRandom, type Random } from '../../src/node/util/random.ts';
import { LuckPool } from './luck-pool.ts';
import type { SimNetwork } from './network.ts';
import { SharedStore, type SharedBytes } from './shared-store.ts';

export interface SimNodeOptions {
  index: number;
  /** Indexes of the nodes that it dials. */
  dials: readonly number[];
  seed: number;
  /** Mean time in which it finds a block, ms; Infinity for a node that does not mine. */
  meanToBlock: number;
}

export interface SimNodeHooks {
  /** A block is stored in this node, for the first time or on another branch than before. */
  stored(node: SimNode, hash: string): void;
  tip(node: SimNode, tip: BlockIndexEntry, previous: BlockIndexEntry): void;
  /** It found a block, and its own `mine` was answered. */
  found(node: SimNode, hash: string, height: number): void;
  /** Something that must not happen in any run. */
  broken(node: SimNode, what: string): void;
}

/** Address of a simulated node: 10.x.y.z, so that nothing takes it for this computer. */
export function hostOf(index: number): string {
  // Last parts of 1 to 250: neither a network's own address nor a broadcast.
  const [high, low] = [Math.floor(index / 250), (index % 250) + 1];
  return `10.${String(high >> 8)}.${String(high & 255)}.${String(low)}`;
}

export class SimNode {
  readonly index: number;
  readonly host: string;
  readonly mines: boolean;
  readonly #options: SimNodeOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #transport;
  readonly #network: SimNetwork;
  readonly #store: SharedStore;
  readonly #hooks: SimNodeHooks;
  #node: FullNode | undefined;
  #mining = false;
  /** Closing takes a moment; a node that is started meanwhile waits for it. */
  #closed: Promise<void> = Promise.resolve();

  constructor(options: SimNodeOptions, modules: { network: SimNetwork; clock: Clock; shared: { bodies: SharedBytes; headers: SharedBytes }; hooks: SimNodeHooks }) {
    this.#options = options;
    this.index = options.index;
    this.host = hostOf(options.index);
    this.mines = Number.isFinite(options.meanToBlock);
    this.#clock = modules.clock;
    this.#network = modules.network;
    this.#hooks = modules.hooks;
    this.#random = seededRandom(options.seed);
    this.#transport = modules.network.addHost(this.host);
    this.#store = new SharedStore(modules.shared);
  }

  get up(): boolean {
    return this.#node !== undefined;
  }

  get parts(): NodeParts {
    if (this.#node === undefined) throw new Error(`${this.host} is down`);
    return this.#node.parts;
  }

  async start(): Promise<void> {
    await this.#closed;
    const clock = this.#clock;
    const settings: Settings = {
      httpPort: { value: 0, explicit: true },
      p2pPort: { value: 5001, explicit: true },
      p2pHost: this.host,
      peers: this.#options.dials.map((index) => `${hostOf(index)}:5001`),
      dataDir: `/nowhere/${this.host}`,
      dataDirExplicit: true,
      network: 'regtest',
      nodeName: `n${String(this.index)}`,
    };
    const node = new FullNode(
      { settings },
      {
        clock,
        random: this.#random,
        logger: nullLogger,
        store: this.#store,
        transport: this.#transport,
        searchPool: new LuckPool(this.mines ? this.#options.meanToBlock : 1e12, { clock, random: this.#random }),
      },
    );
    await node.open();
    this.#node = node;
    const { chain } = node.parts;
    let reorganised = false;
    chain.on('connect', (entry) => {
      this.#hooks.stored(this, entry.hash);
    });
    chain.on('side', (entry) => {
      this.#hooks.stored(this, entry.hash);
    });
    chain.on('reorg', () => {
      reorganised = true;
    });
    chain.on('tip', (tip, previous) => {
      if (tip.chainwork <= previous.chainwork) this.#hooks.broken(this, `the tip moved from ${previous.hash} to ${tip.hash}, which has no more work`);
      if (!reorganised && chain.getAncestor(tip, previous.height) !== previous) {
        this.#hooks.broken(this, `block ${previous.hash} left the chain without a reorg`);
      }
      reorganised = false;
      this.#hooks.tip(this, tip, previous);
    });
    chain.on('invalid', (hash, _height, error) => {
      this.#hooks.broken(this, `block ${hash} of an honest node was refused: ${error.message}`);
    });
    if (this.#mining) this.#mineOn(node);
  }

  startMining(): void {
    this.#mining = true;
    if (this.#node !== undefined) this.#mineOn(this.#node);
  }

  stopMining(): void {
    this.#mining = false;
    void this.#node?.parts.miner.stop();
  }

  /** `crash`: without a word to anybody, and with nothing written but what had been. */
  async stop(crash: boolean): Promise<void> {
    const node = this.#node;
    if (node === undefined) return;
    this.#node = undefined;
    if (crash) this.#network.crash(this.host);
    this.#closed = node.close();
    await this.#closed;
  }

  #mineOn(node: FullNode): void {
    if (!this.mines || !this.#mining || this.#node !== node) return;
    const job = node.parts.miner.mine(`"${this.host}"`);
    job.done.then(
      ({ hash, height }) => {
        if (this.#node === node) this.#hooks.found(this, hash, height);
        this.#mineOn(node);
      },
      () => undefined,
    );
  }
}

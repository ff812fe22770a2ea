import { availableParallelism, uptime } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeInfo, Notice } from '../shared/events.ts';
import { Chain } from './chain/chain.ts';
import { PATROL_DELAY_MS, PATROL_PAUSE_MS } from './chain/limits.ts';
import type { Store } from './chain/store/store.ts';
import { ClockWatch } from './clock-watch.ts';
import { formatDuration } from './consensus/format.ts';
import { paramsFor, type NetworkParams } from './consensus/params.ts';
import { openIdentity, type Identity } from './identity.ts';
import { Mempool } from './mempool/mempool.ts';
import { Miner } from './mining/miner.ts';
import { WorkerPool, type SearchPool } from './mining/worker-pool.ts';
import { PeerPool } from './net/index.ts';
import type { Transport } from './net/transport.ts';
import { readStoredPeers } from './stored-peers.ts';
import type { Settings } from './settings.ts';
import { systemClock, type Clock } from './util/clock.ts';
import { Emitter } from './util/emitter.ts';
import { nullLogger, type Logger } from './util/logger.ts';
import { systemRandom, type Random } from './util/random.ts';
import { USER_AGENT, VERSION } from './version.ts';

export const NODE_LIMITS = {
  /** Notices that are kept for a window that opens later. */
  notices: 50,
  /** One step of closing may take this long, in ms; then the next one is taken. Three steps stay under the promised 3 s. */
  closeStep: 900,
} as const;

export interface FullNodeOptions {
  settings: Settings;
  /** Mining threads; one fewer than the cores when absent. */
  workers?: number;
  /** The built worker.ts; beside this file's own bundle when absent. */
  workerScript?: URL | string;
}

/** What a node gets from outside; the real thing where one is absent. A simulation brings all of them. */
export interface FullNodeModules {
  clock?: Clock;
  random?: Random;
  logger?: Logger;
  store?: Store;
  transport?: Transport;
  searchPool?: SearchPool;
}

export interface FullNodeEvents {
  notice: [notice: Notice];
  /** Name, addresses: what `info` gives changed. */
  info: [];
}

/** The parts of an open node. */
export interface NodeParts {
  params: NetworkParams;
  identity: Identity;
  chain: Chain;
  mempool: Mempool;
  pool: PeerPool;
  miner: Miner;
}

/**
 * The composition root: builds the parts of a node, wires their events, opens them in order and closes them in reverse. It decides nothing itself.
 */
export class FullNode extends Emitter<FullNodeEvents> {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly notices: Notice[] = [];
  readonly #options: FullNodeOptions;
  readonly #modules: FullNodeModules;
  readonly #undo: { name: string; close: () => Promise<void> | void }[] = [];
  #parts: NodeParts | undefined;
  #clockWatch: ClockWatch | undefined;
  #startedAt = 0;
  #closing: Promise<void> | undefined;

  constructor(options: FullNodeOptions, modules: FullNodeModules = {}) {
    super((error) => {
      this.logger.error('a listener of the node failed', { error });
    });
    this.#options = options;
    this.#modules = modules;
    this.settings = options.settings;
    this.clock = modules.clock ?? systemClock;
    this.random = modules.random ?? systemRandom;
    this.logger = modules.logger ?? nullLogger;
  }

  /** The parts. Only between `open` and `close`. */
  get parts(): NodeParts {
    if (this.#parts === undefined) throw new Error('the node is not open');
    return this.#parts;
  }

  get info(): NodeInfo {
    const { params, identity, pool } = this.parts;
    const p2p = pool.listening;
    const clockOffMs = this.#clockWatch?.offMs;
    return {
      nodeId: identity.nodeIdHex,
      name: identity.name,
      network: params.name,
      version: VERSION,
      userAgent: USER_AGENT,
      dataDir: this.settings.dataDir,
      genesisHash: params.genesisHash,
      ...(p2p === undefined ? {} : { p2p }),
      startedAt: this.#startedAt,
      ...(clockOffMs === undefined ? {} : { clockOffMs }),
    };
  }

  /** The computer woke up: connections are tried, waiting peers are dialled at once, and the clock is looked at. */
  resume(): void {
    this.#parts?.pool.resume();
    this.#clockWatch?.look();
  }

  /**
   * Order: chain with its store (takes the lock of the data directory), identity, mempool, miner, peers. When one fails, those before it are closed again.
   * @throws StoreError about the data directory, ListenError about the port for other nodes
   */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Closes what `open` opened, in reverse order, within 3 s whatever hangs. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  notify(level: Notice['level'], code: string, message: string): void {
    const notice: Notice = { level, code, message };
    // A disk that stays full says so at every try; once is enough until something else happens.
    const last = this.notices.at(-1);
    if (last?.code === code && last.message === message) return;
    this.notices.push(notice);
    if (this.notices.length > NODE_LIMITS.notices) this.notices.shift();
    this.logger[level === 'warning' ? 'warn' : level](message, { code });
    this.emit('notice', notice);
  }

  async #open(): Promise<void> {
    const { settings, clock, random, logger } = this;
    const params = paramsFor(settings.network);
    this.#startedAt = clock.now();

    const given = this.#modules;
    const chain = new Chain(
      { params, dataDir: settings.dataDir },
      { clock, logger: logger.child('chain'), ...(given.store === undefined ? {} : { store: given.store }) },
    );
    chain.on('notice', (level, code, message) => {
      this.notify(level, code, message);
    });
    this.#undo.push({ name: 'chain', close: () => chain.close() });
    const report = await chain.open();
    for (const message of report.messages) this.notify(report.repaired ? 'warning' : 'info', report.repaired ? 'store-repaired' : 'store-opened', message);
    const { store } = chain;

    const identity = await openIdentity(store, random, settings.nodeName);

    const mempool = new Mempool({}, { chain, clock, logger: logger.child('mempool') });
    const workers = this.#options.workers ?? settings.mineWorkers ?? Math.max(1, availableParallelism() - 1);
    const miner = new Miner(
      { minerId: identity.nodeId, minerName: identity.name },
      {
        chain,
        select: (maxBytes) => mempool.select(maxBytes),
        submit: (block) => chain.addBlock(block, { kind: 'mined' }),
        pool:
          given.searchPool ??
          new WorkerPool(
            { size: workers, script: this.#options.workerScript ?? defaultWorkerScript(), ...(settings.mineShare === undefined ? {} : { share: settings.mineShare }), ...(settings.mineKernel === undefined ? {} : { kernel: settings.mineKernel }) },
            { logger: logger.child('mining'), clock },
          ),
        clock,
        logger: logger.child('mining'),
      },
    );
    this.#undo.push({ name: 'miner', close: () => miner.close() });

    // The mempool first, so that a template made for a new tip holds nothing that was mined.
    chain.on('disconnect', (_entry, block) => mempool.blockDisconnected(block));
    chain.on('connect', (_entry, block) => mempool.blockConnected(block));
    chain.on('connect-unread', (_entry, ids) => mempool.idsConnected(ids));
    chain.on('tip', () => {
      mempool.settle();
    });
    chain.on('tip', () => {
      miner.tipChanged();
    });
    mempool.on('add', () => {
      miner.mempoolChanged();
    });
    mempool.on('remove', () => {
      miner.mempoolChanged();
    });

    const pool = new PeerPool(
      {
        params,
        host: settings.p2pHost,
        port: settings.p2pPort.value,
        portFallback: !settings.p2pPort.explicit,
        peers: settings.peers,
        nodeId: identity.nodeIdHex,
        nodeName: identity.name,
        userAgent: USER_AGENT,
      },
      {
        chain,
        mempool,
        clock,
        random,
        logger,
        ...(given.transport === undefined ? {} : { transport: given.transport }),
        peerStore: { load: async () => readStoredPeers(await store.loadPeers()), save: (records) => store.savePeers(records) },
      },
    );
    pool.on('notice', (level, code, message) => {
      this.notify(level, code, message);
    });
    this.#undo.push({ name: 'peers', close: () => pool.close() });
    this.#parts = { params, identity, chain, mempool, pool, miner };
    await pool.open();
    const watch = new ClockWatch({ clock, uptime: clock === systemClock ? () => uptime() * 1000 : () => clock.monotonic() }, (offMs) => {
      this.#clockMoved(offMs);
    });
    this.#clockWatch = watch;
    this.#undo.push({ name: 'clock', close: () => watch.close() });
    watch.open();
    this.#undo.push({ name: 'patrol', close: this.#startPatrol(chain) });
  }

  #clockMoved(offMs: number | undefined): void {
    if (offMs === undefined) this.notify('info', 'clock-right', 'The clock of this computer is back where it was.');
    else {
      const far = formatDuration(Math.round(Math.abs(offMs) / 1000));
      this.notify('warning', 'clock-wrong', `The clock of this computer was moved ${offMs > 0 ? 'ahead' : 'back'} by ${far}. Other nodes refuse blocks with a wrong time: check the date, the time and the time zone.`);
    }
    this.emit('info');
  }

  /** Looks over the stored records once, long after the start. Returns what ends it. */
  #startPatrol(chain: Chain): () => void {
    const { clock } = this;
    let timer: ReturnType<Clock['setTimeout']> | undefined;
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        timer = clock.setTimeout(resolve, ms);
      });
    void (async () => {
      await wait(PATROL_DELAY_MS);
      const { records, damaged, complete } = await chain.patrol(() => wait(PATROL_PAUSE_MS));
      if (complete) this.logger.info('every stored record was read', { records, damaged });
    })().catch((error: unknown) => {
      this.logger.warn('the stored records could not all be read', { error });
    });
    return () => {
      clock.clearTimeout(timer);
    };
  }

  async #close(): Promise<void> {
    for (const step of this.#undo.reverse()) {
      const done = Promise.resolve(step.close()).catch((error: unknown) => {
        this.logger.error(`closing failed: ${step.name}`, { error });
      });
      let timer: ReturnType<Clock['setTimeout']> | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = this.clock.setTimeout(() => {
          resolve('late');
        }, NODE_LIMITS.closeStep);
      });
      if ((await Promise.race([done, late])) === 'late') this.logger.warn(`closing takes too long: ${step.name}`);
      this.clock.clearTimeout(timer);
    }
    this.removeAll();
  }
}

/** worker.js stands beside the bundle that this code was built into, or one folder above it when that is a shared chunk. */
export function defaultWorkerScript(folder: string = import.meta.dirname): string {
  const beside = join(folder, 'worker.js');
  const above = join(folder, '..', 'worker.js');
  return !existsSync(beside) && existsSync(above) ? above : beside;
}

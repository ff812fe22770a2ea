import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNode, type OpenNodeOptions, type RunningNode, type Settings } from '../../src/node/index.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import type { NodeEvent } from '../../src/shared/events.ts';
import { bundle, type Bundle } from './bundle.ts';

/** Real nodes in one test: own data directories, free ports, one built worker. `close` ends them all and removes their directories. */
export class NodeNetwork {
  readonly #worker: Bundle;
  readonly #nodes = new Set<RunningNode>();
  readonly #folders: string[] = [];

  private constructor(worker: Bundle) {
    this.#worker = worker;
  }

  static async create(): Promise<NodeNetwork> {
    return new NodeNetwork(await bundle({ worker: 'src/node/mining/worker.ts', endless: 'test/helpers/endless-worker.ts', gated: 'test/helpers/gated-worker.ts' }));
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'chainscope-node-'));
    this.#folders.push(folder);
    return folder;
  }

  async settings(changes: Partial<Settings> = {}): Promise<Settings> {
    return {
      httpPort: { value: 0, explicit: true },
      p2pPort: { value: 0, explicit: true },
      p2pHost: '127.0.0.1',
      peers: [],
      dataDir: changes.dataDir ?? (await this.folder()),
      dataDirExplicit: true,
      network: 'regtest',
      ...changes,
    };
  }

  async open(changes: Partial<Settings> = {}, options: OpenNodeOptions = {}): Promise<RunningNode> {
    const node = await openNode(await this.settings(changes), { logger: nullLogger, workers: 1, workerScript: this.#worker.file('worker'), ...options });
    this.#nodes.add(node);
    return node;
  }

  /** Options for a node whose mining never ends by itself, however fast the machine is and whatever the luck. */
  get endless(): OpenNodeOptions {
    return { workerScript: this.#worker.file('endless') };
  }

  /** Options for a node whose mining a test can hold up (see gated-worker.ts, which needs its environment data). */
  get gated(): OpenNodeOptions {
    return { workerScript: this.#worker.file('gated') };
  }

  /** Closes the nodes, keeps the worker. */
  async reset(): Promise<void> {
    await Promise.all([...this.#nodes].map((node) => node.close()));
    this.#nodes.clear();
    await Promise.all(this.#folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
  }

  async close(): Promise<void> {
    await this.reset();
    await this.#worker.remove();
  }
}

/** `host:port` for other nodes. */
export function p2pAddress(node: RunningNode): string {
  const p2p = node.info.p2p;
  if (p2p === undefined) throw new Error('the node does not listen');
  return `${p2p.host}:${String(p2p.port)}`;
}

export function httpPort(node: RunningNode): number {
  const http = node.info.http;
  if (http === undefined) throw new Error('the node has no HTTP API');
  return http.port;
}

/** Resolves with the first event from now on, or the first already in the ring when `since` is given, that passes the test. */
export function waitForEvent<T extends NodeEvent['type']>(
  node: RunningNode,
  type: T,
  test: (event: Extract<NodeEvent, { type: T }>) => boolean = () => true,
  since?: number,
): Promise<Extract<NodeEvent, { type: T }>> {
  return new Promise((resolve) => {
    const wanted = (event: NodeEvent): event is Extract<NodeEvent, { type: T }> => event.type === type && test(event as Extract<NodeEvent, { type: T }>);
    const earlier = since === undefined ? undefined : node.api.eventsAfter(since)?.find(wanted);
    if (earlier !== undefined) {
      resolve(earlier);
      return;
    }
    const leave = node.api.subscribe((event) => {
      if (!wanted(event)) return;
      leave();
      resolve(event);
    });
  });
}

/** Resolves when the node's tip is this block. */
export async function waitForTip(node: RunningNode, hash: string): Promise<void> {
  const { seq, chain } = node.api.snapshot();
  if (chain.tip.hash !== hash) await waitForEvent(node, 'tip', (event) => event.chain.tip.hash === hash, seq);
}

/** Mines blocks through the front door and gives their hashes. */
export async function mine(node: RunningNode, ...texts: string[]): Promise<string[]> {
  const hashes: string[] = [];
  for (const text of texts) hashes.push((await node.api.mine({ dataText: JSON.stringify(text) }).done).hash);
  return hashes;
}

/** The nodes that a process of host.ts can hold. */
import { HttpApi } from '../../src/node/api/http-api.ts';
import { InProcessApi } from '../../src/node/api/in-process-api.ts';
import { MemoryStore } from '../../src/node/chain/store/memory-store.ts';
import { FullNode } from '../../src/node/full-node.ts';
import { parseSettings } from '../../src/node/index.ts';
import { ApiError } from '../../src/shared/node-api.ts';
import { systemClock } from '../../src/node/util/clock.ts';
import { consoleLogger } from '../../src/node/util/logger.ts';
import { CountingTransport, type SocketCounts } from './counting-transport.ts';
import type { HostTask } from './host-protocol.ts';
import { sharedClock } from './meters.ts';
import { TutorialNode } from './tutorial-node.ts';
import { WholeChainDoor } from './whole-chain-door.ts';

export interface Hosted {
  readonly addresses: { peers: string; http?: string };
  readonly height: number;
  /** `time` in seconds since 1970. */
  readonly tip: { hash: string; height: number; time: number };
  /** Told of every change of the height, once it is stored and the window would be told of it. */
  onHeight: (height: number) => void;
  dial(peer: string): Promise<void>;
  found(hex: string | undefined): Promise<{ at: number; took: number }>;
  counts(): SocketCounts[];
  close(): Promise<void>;
}

interface HttpDoor {
  open(): Promise<{ port: number }>;
  close(): Promise<void>;
}

/** The app's own node with its door for the window, and the HTTP door when it is wanted. */
export class HostedNode implements Hosted {
  readonly addresses: { peers: string; http?: string };
  onHeight: (height: number) => void = () => undefined;
  readonly #node: FullNode;
  readonly #api: InProcessApi;
  readonly #transport: CountingTransport | undefined;
  readonly #http: HttpDoor | undefined;

  private constructor(node: FullNode, api: InProcessApi, http: { api: HttpDoor; port: number } | undefined, transport: CountingTransport | undefined) {
    this.#node = node;
    this.#api = api;
    this.#http = http?.api;
    this.#transport = transport;
    this.addresses = {
      peers: `127.0.0.1:${String(node.info.p2p?.port ?? 0)}`,
      ...(http === undefined ? {} : { http: `http://127.0.0.1:${String(http.port)}` }),
    };
    api.subscribe((event) => {
      if (event.type === 'tip') this.onHeight(this.height);
    });
  }

  static async open({ kind, dataDir, counting = false, http = false }: HostTask): Promise<HostedNode> {
    const settings = parseSettings({ NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0', MINE_WORKERS: '1', ...(dataDir === undefined ? {} : { DATA_DIR: dataDir }) }, []);
    const transport = counting ? new CountingTransport() : undefined;
    const logger = consoleLogger('warn');
    const node = new FullNode({ settings }, { logger, ...(dataDir === undefined ? { store: new MemoryStore() } : {}), ...(transport === undefined ? {} : { transport }) });
    await node.open();
    const api = await InProcessApi.open(node);
    if (!http) return new HostedNode(node, api, undefined, transport);
    const door = kind === 'whole' ? new WholeChainDoor(api) : new HttpApi({ port: 0, portFallback: false }, { api, clock: systemClock, logger });
    const { port } = await door.open();
    return new HostedNode(node, api, { api: door, port }, transport);
  }

  get height(): number {
    return this.#node.parts.chain.tip.height;
  }

  get tip(): Hosted['tip'] {
    const { hash, height, time } = this.#node.parts.chain.tip;
    return { hash, height, time };
  }

  async dial(peer: string): Promise<void> {
    try {
      await this.#api.addPeer(peer);
    } catch (error) {
      // A node that was started again dials the peers that it kept by itself.
      if (!(error instanceof ApiError && error.code === 'already-connected')) throw error;
    }
  }

  /** The way of a block that this node's miner found, from the moment in which the miner hands it over. */
  async found(hex = ''): Promise<{ at: number; took: number }> {
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    const at = sharedClock();
    const result = await this.#node.parts.chain.addBlock(bytes, { kind: 'mined' });
    if (result.status !== 'connected') throw new Error(`the block was not taken: ${result.status}`);
    return { at, took: sharedClock() - at };
  }

  counts(): SocketCounts[] {
    return this.#transport?.counts() ?? [];
  }

  async close(): Promise<void> {
    await this.#http?.close();
    this.#api.close();
    await this.#node.close();
  }
}

export class HostedTutorial implements Hosted {
  readonly addresses: { peers: string };
  onHeight: (height: number) => void = () => undefined;
  readonly #node: TutorialNode;

  private constructor(node: TutorialNode, port: number) {
    this.#node = node;
    this.addresses = { peers: `127.0.0.1:${String(port)}` };
    node.onReplaced = (height) => {
      this.onHeight(height);
    };
  }

  static async open({ blocks = 0 }: HostTask): Promise<HostedTutorial> {
    const node = new TutorialNode();
    node.chain.grow(blocks);
    return new HostedTutorial(node, await node.listen());
  }

  get height(): number {
    return this.#node.height;
  }

  get tip(): Hosted['tip'] {
    const { hash = '', timestamp = 0 } = this.#node.chain.blocks.at(-1) ?? {};
    return { hash, height: this.height, time: timestamp / 1000 };
  }

  dial(peer: string): Promise<void> {
    return this.#node.dial(peer);
  }

  found(): Promise<{ at: number; took: number }> {
    const at = sharedClock();
    this.#node.addBlock();
    return Promise.resolve({ at, took: sharedClock() - at });
  }

  counts(): SocketCounts[] {
    return this.#node.sockets.map(({ remotePort, bytesRead, bytesWritten }) => ({ remotePort: remotePort ?? 0, bytesIn: bytesRead, bytesOut: bytesWritten, received: {}, sent: {}, bodiesReceived: 0, bodiesSent: 0 }));
  }

  close(): Promise<void> {
    this.#node.close();
    return Promise.resolve();
  }
}

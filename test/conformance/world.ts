import { setEnvironmentData } from 'node:worker_threads';
import { expect } from 'vitest';
import type { BlockIndexEntry } from '../../src/node/chain/types.ts';
import { blockWork } from '../../src/node/consensus/target.ts';
import type { NodeParts } from '../../src/node/full-node.ts';
import type { RunningNode, Settings } from '../../src/node/index.ts';
import { NET_LIMITS } from '../../src/node/net/limits.ts';
import type { TipStatus, VersionMessage } from '../../src/node/net/messages.ts';
import type { NodeEvent } from '../../src/shared/events.ts';
import type { PeerInfo } from '../../src/shared/peers.ts';
import { ask, type HttpAnswer, type HttpQuestion } from '../helpers/http.ts';
import { longChain, writeChain } from '../helpers/chain-folder.ts';
import { mineFork, type MinedBlock, type MineOptions, type Parent } from '../helpers/mine-fork.ts';
import { httpPort, NodeNetwork, p2pAddress } from '../helpers/node.ts';
import { RawPeer } from '../helpers/raw-peer.ts';
import { RawSocket } from '../helpers/raw-socket.ts';
import { until } from '../helpers/until.ts';

/** The mining threads of every world of this process: 1 keeps them from finding anything. */
const gate = new Int32Array(new SharedArrayBuffer(4));
setEnvironmentData('mining-gate', gate.buffer as unknown as Parameters<typeof setEnvironmentData>[1]);

/** What one case left behind: measured, not asserted. */
export interface Afterwards {
  /** Ms until `GET /blocks?limit=1` was answered. */
  answerMs: number;
  /** Ms until both nodes were on the next block. */
  agreeMs: number;
  rssBytes: number;
}

/**
 * One real node (data directory on disk, sockets, mining thread) with an honest neighbour that it dialled itself. A case does what it wants with the
 * node; `settle` then clears away what the case opened and checks that the honest world noticed nothing.
 */
export class World {
  readonly network: NodeNetwork;
  readonly node: RunningNode;
  readonly honest: RunningNode;
  readonly #cleanups: (() => unknown)[] = [];
  #since = 0;
  #honestSince: number | undefined;

  private constructor(network: NodeNetwork, node: RunningNode, honest: RunningNode) {
    this.network = network;
    this.node = node;
    this.honest = honest;
  }

  /** @param height blocks that both nodes have before they meet */
  static async open(network: NodeNetwork, height: number): Promise<World> {
    const blocks = longChain(height);
    const [node, honest] = await Promise.all(
      ['Under test', 'Honest'].map(async (nodeName) => {
        const dataDir = await network.folder();
        await writeChain(dataDir, blocks);
        return network.open({ nodeName, dataDir }, network.gated);
      }),
    );
    if (node === undefined || honest === undefined) throw new Error('two nodes were opened');
    const world = new World(network, node, honest);
    await node.api.addPeer(p2pAddress(honest));
    await until('the honest peer', () => world.honestRow()?.verdict === 'same-tip');
    world.begin();
    return world;
  }

  get parts(): NodeParts {
    return this.node.node.parts;
  }

  get chain(): NodeParts['chain'] {
    return this.parts.chain;
  }

  get tip(): BlockIndexEntry {
    return this.chain.tip;
  }

  get port(): number {
    return this.node.info.p2p?.port ?? 0;
  }

  /** Call before a case. */
  begin(): void {
    this.#since = this.node.api.snapshot().seq;
    this.#honestSince = this.honestRow()?.connectedAt;
  }

  /** Done after the case, last one first. */
  after(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  honestRow(): PeerInfo | undefined {
    return this.node.api.peers().find((row) => row.nodeId === this.honest.info.nodeId && row.state === 'connected');
  }

  /** Rows of peers other than the honest one. */
  strangers(): PeerInfo[] {
    return this.node.api.peers().filter((row) => row.nodeId !== this.honest.info.nodeId);
  }

  /** Events since the case began. */
  events<T extends NodeEvent['type']>(type: T): Extract<NodeEvent, { type: T }>[] {
    const events = this.node.api.eventsAfter(this.#since) ?? this.node.api.eventsAfter(this.node.api.snapshot().seq - 1_000) ?? [];
    return events.filter((event): event is Extract<NodeEvent, { type: T }> => event.type === type);
  }

  http(path: string, question?: HttpQuestion): Promise<HttpAnswer> {
    return ask(httpPort(this.node), path, question);
  }

  /** A peer played by the case, after its handshake. */
  async peer(hello: Partial<VersionMessage> = {}, prepare?: (peer: RawPeer) => void): Promise<RawPeer> {
    const peer = await RawPeer.connect(this.port, { name: 'Stranger', ...hello }, prepare);
    this.after(() => {
      peer.close();
    });
    return peer;
  }

  /** A peer that has these blocks on `base` and says so; `change` replaces what it shall do wrong. */
  server(base: BlockIndexEntry, blocks: readonly MinedBlock[], change?: (peer: RawPeer) => void, tip = tipAbove(base, blocks)): Promise<RawPeer> {
    return this.peer({ tip }, (peer) => {
      serve(peer, blocks);
      change?.(peer);
    });
  }

  /** A socket before any handshake. */
  async open(): Promise<RawPeer> {
    const peer = await RawPeer.open(this.port);
    this.after(() => {
      peer.close();
    });
    return peer;
  }

  /** A TCP connection that asked for a WebSocket. */
  async socket(...headers: string[]): Promise<RawSocket> {
    const socket = await this.tcp();
    socket.upgrade(...headers);
    await until('the upgrade', () => socket.text.includes('\r\n\r\n') || socket.closed);
    return socket;
  }

  async tcp(): Promise<RawSocket> {
    const socket = await RawSocket.open(this.port);
    this.after(() => {
      socket.destroy();
    });
    return socket;
  }

  /** A further node, closed after the case. */
  async another(changes: Partial<Settings> = {}): Promise<RunningNode> {
    const node = await this.network.open(changes, this.network.gated);
    this.after(() => node.close());
    return node;
  }

  /** The active block so many below the tip. */
  below(depth: number): BlockIndexEntry {
    const entry = this.chain.getActive(this.tip.height - depth);
    if (entry === undefined) throw new Error(`the chain has no block ${String(depth)} below its tip`);
    return entry;
  }

  /** Mining threads find nothing until this is called with false, or the case is over. */
  holdMining(held: boolean): void {
    Atomics.store(gate, 0, held ? 1 : 0);
  }

  /** Adds blocks to a node as if it had mined them. */
  async give(blocks: readonly MinedBlock[], node: RunningNode = this.node): Promise<void> {
    for (const { bytes } of blocks) {
      const result = await node.node.parts.chain.addBlock(bytes, { kind: 'mined' });
      if (result.status === 'invalid') throw result.error;
    }
  }

  /** Both nodes on one tip. */
  async agree(ms = 20_000): Promise<void> {
    await until('the honest peer on the same tip', () => this.honest.node.parts.chain.tip.hash === this.tip.hash, ms);
  }

  /**
   * Outcome R: sent by a new peer, the block is refused with this rule, to the sender and in the events, and the tip stays. Gives the peer, which may have
   * been dropped for it.
   */
  async refuses(block: Pick<MinedBlock, 'hash' | 'header' | 'bytes'>, rule: string): Promise<RawPeer> {
    const { hash } = this.tip;
    const peer = await this.peer();
    sendBlock(peer, block);
    const [reject] = await peer.waitFor('reject');
    expect(reject).toMatchObject({ rule, hash: block.hash });
    await until('the event', () => this.events('rejected').some(({ rejection }) => rejection.by === 'us' && rejection.hash === block.hash && rejection.violation.rule === rule));
    expect(this.tip.hash).toBe(hash);
    const entry = this.chain.getEntry(block.hash);
    expect(entry !== undefined && this.chain.isActive(entry)).toBe(false);
    return peer;
  }

  /**
   * After a case: what it opened is closed, and then the node lives, answers, and is on one tip with its honest neighbour, which was never cut off nor
   * blamed; a block of the neighbour arrives.
   */
  async settle(): Promise<Afterwards> {
    this.holdMining(false);
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
    await until('the strangers are gone', () => this.strangers().length === 0);
    const began = performance.now();
    const answer = await this.http('/blocks?limit=1');
    const answerMs = performance.now() - began;
    expect(answer.status).toBe(200);
    const row = this.honestRow();
    expect(row).toMatchObject({ misbehaviour: 0, connectedAt: this.#honestSince });
    // The neighbour may still be taking what the case left; from then on its block is the best.
    const settled = performance.now();
    await until('the neighbour knows as much work', () => this.honest.node.parts.chain.tip.chainwork >= this.tip.chainwork, 20_000);
    const next = fork(this.honest.node.parts.chain.tip, 1, { data: 'honest' });
    await this.give(next, this.honest);
    await until('the block of the honest neighbour', () => this.tip.hash === next[0]?.hash, 20_000);
    return { answerMs, agreeMs: performance.now() - settled, rssBytes: process.memoryUsage.rss() };
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
    await Promise.all([this.node.close(), this.honest.close()]);
  }
}

/** One case: what is done to the node and what must come of it. It throws when the outcome is another. */
export interface Case {
  readonly id: string;
  readonly title: string;
  /** Most ms that it may take, with room for a busy machine. */
  readonly timeout?: number;
  /** Blocks that the node must have; 4 when absent. */
  readonly height?: number;
  /** It spends its time waiting for a limit in time, so that a fresh node's may run beside others. */
  readonly waits?: boolean;
  readonly run: (world: World) => Promise<void>;
}

/** Blocks on any block of a chain. Their times go up by a second, so that hundreds of them fit behind a block that was mined just now. */
export function fork(base: Parent, length: number, options: MineOptions | ((index: number) => MineOptions) = {}): MinedBlock[] {
  const start = 'time' in base ? base.time : base.header.time;
  return mineFork(base, length, (index) => ({ time: start + index + 1, ...(typeof options === 'function' ? options(index) : options) }));
}

export function oneBlock(base: Parent, options: MineOptions = {}): MinedBlock {
  const [block] = fork(base, 1, options);
  if (block === undefined) throw new Error('one block was asked for');
  return block;
}

/** What a node says whose chain is these blocks on `base`. */
export function tipAbove(base: BlockIndexEntry, blocks: readonly MinedBlock[]): TipStatus {
  const chainwork = blocks.reduce((sum, { header }) => sum + blockWork(header.bits), base.chainwork);
  return { hash: blocks.at(-1)?.hash ?? base.hash, height: base.height + blocks.length, chainwork };
}

/** Lets a played peer answer for these blocks as an honest node would. */
export function serve(peer: RawPeer, blocks: readonly MinedBlock[]): void {
  const places = new Map(blocks.map(({ hash }, index) => [hash, index]));
  peer.answers.getheaders = ({ locator }) => {
    const at = locator.map((hash) => places.get(hash)).find((index) => index !== undefined) ?? -1;
    peer.send({ type: 'headers', headers: blocks.slice(at + 1, at + 1 + NET_LIMITS.headersPerMessage).map(({ header }) => header) });
  };
  peer.answers.getdata = ({ entries }) => {
    for (const { hash } of entries) {
      const block = blocks[places.get(hash) ?? -1];
      if (block !== undefined) sendBlock(peer, block);
      else peer.send({ type: 'notfound', entries: [{ kind: 'block', hash }] });
    }
  };
}

export function sendBlock(peer: RawPeer, { hash, header, bytes }: Pick<MinedBlock, 'hash' | 'header' | 'bytes'>): void {
  peer.send({ type: 'block', hash, header, bytes });
}

/** Outcome D: this peer is gone, for one of these reasons. A second is promised; more is waited for only because the machine may be busy. */
export async function expectDrop(peer: RawPeer, ...reasons: string[]): Promise<void> {
  expect(reasons).toContain((await peer.endsWithin(15_000)).reason);
}

/** A ping whose pong says that everything before it was read. */
export async function readToHere(peer: RawPeer): Promise<void> {
  const before = peer.got('pong').length;
  peer.send({ type: 'ping', nonce: BigInt(before + 1) });
  await until('the pong', () => peer.got('pong').length > before || peer.end !== undefined, 15_000);
}

import { EventStream } from '../../../src/node/api/event-stream.ts';
import { endProblem } from '../../../src/node/net/problems.ts';
import type { BlockCheck, BlockDetail, BlockSummary } from '../../../src/shared/blocks.ts';
import type { ChainIndexPage, ChainOverview, ForkList } from '../../../src/shared/chain-view.ts';
import type { NodeEvent, NodeSnapshot } from '../../../src/shared/events.ts';
import { ApiError, type FindAnswer, type FindQuery } from '../../../src/shared/node-api.ts';
import type { TamperReport, TamperRequest } from '../../../src/shared/tamper.ts';
import { ScriptedApi } from '../../../test/helpers/scripted-api.ts';
import { overviewOf, snapshotOf, type World } from '../../../test/renderer/stage/visual/world.ts';
import type { Look } from './states.ts';

/** A node that stands still in the state of a Look, and answers about its blocks as a real one would. */
export class LookNode extends ScriptedApi {
  readonly #look: Look;
  readonly #events: EventStream;
  #world: World;
  /** From now on it answers nothing any more. */
  gone = false;

  constructor(look: Look) {
    super();
    this.#look = look;
    this.#world = look.world;
    this.#events = new EventStream({
      now: () => look.now,
      onError: (error) => {
        throw error;
      },
    });
  }

  /** Lets happen what the state holds for later. */
  continue(): void {
    this.#world = this.#look.settled ?? this.#look.world;
    for (const body of this.#look.then?.flat() ?? []) this.#events.publish(body);
  }

  override snapshot(): NodeSnapshot {
    if (this.gone) throw new ApiError({ code: 'node-closing', message: 'The node is closing. Start Chainscope again.' });
    return { ...snapshotOf({ ...this.#look, world: this.#world }), seq: this.#events.seq };
  }
  override subscribe(listener: (event: NodeEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }
  override eventsAfter(seq: number): NodeEvent[] | null {
    return this.#events.after(seq);
  }
  override async getBlock(ref: string | number): Promise<BlockDetail | null> {
    return this.#world.detail(ref);
  }
  override async checkBlock(hash: string): Promise<BlockCheck | null> {
    return this.#world.blocks.has(hash) ? { hash, ms: 0.2, times: { read: 0.08, work: 0.01, parent: 0.02, time: 0.01, data: 0.09 } } : null;
  }
  override async tamper(request: TamperRequest): Promise<TamperReport | null> {
    return this.#world.tamper(request);
  }
  override async getBlocks({ from = 0, limit = 100 }: { from?: number; limit?: number } = {}): Promise<BlockSummary[]> {
    return this.#world.active().slice(from, from + limit);
  }
  override async findBlocks(query: FindQuery): Promise<FindAnswer> {
    const all = [...this.#world.blocks.values()];
    const found = all.filter((block) =>
      'hash' in query
        ? block.hash.startsWith(query.hash) || block.hash.endsWith(query.hash)
        : block.dataPreview.toLowerCase().includes(query.text.toLowerCase()),
    );
    return { blocks: found.reverse().slice(0, query.limit ?? 20), searched: all.length, complete: true };
  }
  override async overview(buckets = 400): Promise<ChainOverview> {
    return overviewOf(this.#world, buckets);
  }
  override chainIndex({ from, limit }: { from: number; limit: number }): ChainIndexPage {
    const part = this.#world.active().slice(from, from + limit);
    const { hash, height } = this.#world.tip;
    const hashes = part.map((block) => block.hash).join('');
    return { tip: { hash, height }, from, count: part.length, hashes, times: part.map(({ time }) => time), bits: part.map(({ bits }) => bits) };
  }
  override forks({ from, to } = { from: 0, to: Number.MAX_SAFE_INTEGER }): ForkList {
    const forks = this.#world.sideTips().filter(({ forkHeight, height }) => forkHeight <= to && height >= from);
    return { forks: forks.sort((a, b) => a.forkHeight - b.forkHeight), more: false };
  }
  /** Whoever is called here belongs to another network; the words are the real node's. */
  override async addPeer(): ReturnType<ScriptedApi['addPeer']> {
    throw endProblem({ code: 'other-network', text: '' } as Parameters<typeof endProblem>[0], {} as Parameters<typeof endProblem>[1]).error;
  }
  override peers(): ReturnType<ScriptedApi['peers']> {
    return this.#look.peers;
  }
}

import type { HashHex } from '../../shared/blocks.ts';
import type { ChainState, MempoolState, NodeInfo, Rejection } from '../../shared/events.ts';
import { BoundedMap } from '../chain/bounded-map.ts';
import type { BlockOrigin, Reorg } from '../chain/types.ts';
import type { RuleError } from '../consensus/errors.ts';
import type { FullNode } from '../full-node.ts';
import type { Block } from '../primitives/block.ts';
import { LazyBlock } from '../primitives/lazy-block.ts';
import { transactionHashHex } from '../primitives/transaction.ts';
import type { TimerHandle } from '../util/clock.ts';
import type { ChainOverviews } from './chain-overview.ts';
import { chainState } from './chain-state.ts';
import type { EventStream } from './event-stream.ts';
import { API_LIMITS } from './limits.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import { tipOf } from './summary.ts';

/** What the events are made with, and what they keep up to date. */
export interface NodeEventParts {
  stream: EventStream;
  recent: RecentBlocks;
  overviews: ChainOverviews;
  /** The node with all its addresses. */
  info: () => NodeInfo;
}

/** Maps the events of a node's parts to the one stream, and keeps what only they tell: the size on disk, and the tries of what was found here. */
export class NodeEvents {
  readonly #node: FullNode;
  readonly #parts: NodeEventParts;
  readonly #unsubscribe: (() => void)[] = [];
  readonly #disconnected = new Set<HashHex>();
  readonly #connected = new Set<HashHex>();
  /** Blocks that join the chain in one go, from the first of them to their tip. */
  #runLength: number | undefined;
  /** Tries of the blocks that were found here. */
  readonly #tries = new BoundedMap<HashHex, number>(API_LIMITS.rememberedTries);
  #bytesOnDisk = 0;
  #diskTimer: TimerHandle | undefined;
  #mempoolTimer: TimerHandle | undefined;
  #closed = false;

  constructor(node: FullNode, parts: NodeEventParts) {
    this.#node = node;
    this.#parts = parts;
  }

  close(): void {
    this.#closed = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#node.clock.clearTimeout(this.#diskTimer);
    this.#node.clock.clearTimeout(this.#mempoolTimer);
  }

  chain(): ChainState {
    return chainState(this.#node.parts.chain, this.#bytesOnDisk);
  }

  mempool(): MempoolState {
    const { mempool } = this.#node.parts;
    return { count: mempool.count, bytes: mempool.bytes };
  }

  /** Hashes that finding a block took; undefined when it was not found here, or long ago. */
  triesOf(hash: HashHex): number | undefined {
    return this.#tries.get(hash);
  }

  /** From now on what happens in the node is in the stream. */
  listen(): void {
    const { chain, mempool, pool, miner } = this.#node.parts;
    const publish = this.#parts.stream.publish.bind(this.#parts.stream);
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
        if (block instanceof LazyBlock && this.#runLength > API_LIMITS.wholeRun && above >= API_LIMITS.blocksOfRun) this.#parts.recent.note(entry, block);
        else publish({ type: 'block', block: this.#parts.recent.add(entry, block) });
      }),
      chain.on('connect-unread', (_entry, ids) => {
        if (this.#disconnected.size > 0) for (const id of ids) this.#connected.add(id);
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
        this.#parts.overviews.sidesChanged();
        publish({ type: 'block', block: this.#parts.recent.add(entry, block) });
        this.#chainChanged();
      }),
      chain.on('orphan', () => {
        this.#chainChanged();
      }),
      chain.on('invalid', (hash, height, error, origin) => {
        this.#parts.overviews.sidesChanged();
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
        publish({ type: 'node', node: this.#parts.info() });
      }),
      pool.on('listening', () => {
        publish({ type: 'node', node: this.#parts.info() });
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
    this.#parts.stream.publish({
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
    void this.#parts.recent
      .fill((block) => {
        if (!this.#closed) this.#parts.stream.publish({ type: 'block', block });
      })
      .catch((error: unknown) => {
        this.#node.logger.warn('the last blocks could not be read', { error });
      });
  }

  #refused(hash: HashHex, height: number | undefined, error: RuleError, origin: BlockOrigin): void {
    const known = this.#parts.recent.get(hash);
    if (known !== undefined) this.#parts.stream.publish({ type: 'block', block: known });
    // A peer's block is reported by the pool, which knows the peer's name and told it why.
    if (origin.kind === 'peer') return;
    const rejection: Rejection = { by: 'us', hash, ...(height === undefined ? {} : { height }), violation: error.toViolation() };
    this.#parts.stream.publish({ type: 'rejected', rejection });
  }

  #chainChanged(): void {
    this.#parts.stream.publish({ type: 'tip', chain: this.chain() });
    this.#diskTimer ??= this.#node.clock.setTimeout(() => {
      this.#diskTimer = undefined;
      void this.measureDisk(true);
    }, API_LIMITS.diskSizeInterval);
  }

  /** Reads how large the database is. `tell`: whoever listens is told when that has changed. */
  async measureDisk(tell: boolean): Promise<void> {
    try {
      const bytes = await this.#node.parts.chain.bytesOnDisk();
      if (bytes === this.#bytesOnDisk || this.#closed) return;
      this.#bytesOnDisk = bytes;
      // Nobody measures when blocks come no more: the last size is told by itself.
      if (tell) this.#parts.stream.publish({ type: 'tip', chain: this.chain() });
    } catch (error) {
      this.#node.logger.debug('the size of the database is not known', { error });
    }
  }

  /** Thousands of transactions may come at once: their number is told a few times a second. */
  #mempoolChanged(): void {
    this.#mempoolTimer ??= this.#node.clock.setTimeout(() => {
      this.#mempoolTimer = undefined;
      this.#parts.stream.publish({ type: 'mempool', mempool: this.mempool() });
    }, API_LIMITS.mempoolInterval);
  }
}

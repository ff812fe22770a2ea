import type { HashHex } from '../../../shared/blocks.ts';
import type { AddBlockResult, BlockIndexEntry, CheckedBlock } from '../../chain/types.ts';
import type { TimerHandle } from '../../util/clock.ts';
import type { NetContext } from '../context.ts';
import { NET_LIMITS } from '../limits.ts';
import type { Peer } from '../peer.ts';
import { yieldToLoop } from '../text.ts';

/** A body on its way into the chain. */
export interface Import {
  peer: Peer;
  hash: HashHex;
  bytes: Uint8Array;
  height: number | undefined;
  entry?: BlockIndexEntry;
  /** What its bytes alone say; absent for one that nobody asked for. */
  checked?: CheckedBlock;
}

export interface ImportHooks {
  /** The next buffered bodies, taken out of the buffer: the first one's parent is stored, each other one's is the body before it. */
  next(): Import[];
  /** Its parent is unknown. */
  orphan(peer: Peer): void;
  refused(item: Import): void;
  /** Some of a run are in the chain now, or known to it. */
  stored(): void;
}

/** Puts bodies into the chain, parents first, in runs where they follow each other, and lets the rest of the program have its turn between them. */
export class ImportQueue {
  readonly #ctx: NetContext;
  readonly #hooks: ImportHooks;
  readonly #buffered = new Map<HashHex, Import>();
  #unasked: Import[] = [];
  /** Those that the chain has in its hands. */
  readonly #current = new Set<HashHex>();
  #running = false;
  #closed = false;
  #retryTimer: TimerHandle | undefined;
  bufferedBytes = 0;

  constructor(ctx: NetContext, hooks: ImportHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
  }

  has(hash: HashHex): boolean {
    return this.#current.has(hash) || this.#buffered.has(hash) || this.#unasked.some((item) => item.hash === hash);
  }

  buffer(item: Import): void {
    this.#buffered.set(item.hash, item);
    this.bufferedBytes += item.bytes.length;
  }

  takeBuffered(hash: HashHex): Import | undefined {
    const item = this.#buffered.get(hash);
    if (item === undefined) return undefined;
    this.#buffered.delete(hash);
    this.bufferedBytes -= item.bytes.length;
    return item;
  }

  /** Forgets bodies that wait for a branch which is no longer wanted. */
  clearBuffer(): void {
    this.#buffered.clear();
    this.bufferedBytes = 0;
  }

  /** False when there is no room. */
  unasked(item: Import): boolean {
    if (this.#unasked.length >= NET_LIMITS.unaskedBlocks) return false;
    this.#unasked.push(item);
    return true;
  }

  /** Works until nothing is left; harmless while it works already. */
  run(): void {
    if (this.#running || this.#closed || this.#retryTimer !== undefined) return;
    this.#running = true;
    void this.#work();
  }

  close(): void {
    this.#closed = true;
    this.#ctx.clock.clearTimeout(this.#retryTimer);
    this.#buffered.clear();
    this.#unasked = [];
    this.bufferedBytes = 0;
  }

  async #work(): Promise<void> {
    let sliceEnd = this.#ctx.clock.monotonic() + NET_LIMITS.sliceMs;
    for (;;) {
      const unasked = this.#unasked.shift();
      const run = unasked === undefined ? this.#hooks.next() : [unasked];
      if (run.length === 0 || this.#closed) {
        this.#running = false;
        return;
      }
      for (const { hash } of run) this.#current.add(hash);
      try {
        await this.#import(run);
      } catch (error) {
        this.#ctx.logger.warn('a block could not be stored', { hash: run[0]?.hash, error });
        if (unasked === undefined && !this.#closed) for (const item of run) this.buffer(item);
        this.#running = false;
        this.#retryLater();
        return;
      } finally {
        this.#current.clear();
      }
      if (this.#ctx.clock.monotonic() >= sliceEnd) {
        await yieldToLoop();
        sliceEnd = this.#ctx.clock.monotonic() + NET_LIMITS.sliceMs;
      }
    }
  }

  async #import(run: readonly Import[]): Promise<void> {
    const results = await this.#add(run);
    this.#current.clear();
    if (this.#closed) return;
    // What has not been looked at: nobody needs it when it stands on a block that was refused, else its turn comes.
    if (results.at(-1)?.status !== 'invalid') for (const item of run.slice(results.length)) this.buffer(item);
    let stored = false;
    for (const [i, result] of results.entries()) {
      const item = run[i] as Import;
      if (result.status === 'invalid') {
        this.#ctx.refuse(item.peer, result.hash, item.height, result.error);
        this.#hooks.refused(item);
      } else if (result.status === 'orphan') {
        this.#hooks.orphan(item.peer);
      } else {
        stored = true;
      }
    }
    if (stored) this.#hooks.stored();
  }

  async #add(run: readonly Import[]): Promise<AddBlockResult[]> {
    const { chain } = this.#ctx;
    const checked = run.flatMap((item) => (item.checked === undefined ? [] : [item.checked]));
    if (checked.length === run.length) return chain.addBlocks(checked);
    const [first] = run;
    if (first === undefined) return [];
    return [await chain.addBlock(first.bytes, { kind: 'peer', peerKey: first.peer.key })];
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retryTimer ??= this.#ctx.clock.setTimeout(() => {
      this.#retryTimer = undefined;
      this.run();
    }, NET_LIMITS.storeRetryMs);
  }
}

import type { HashHex } from '../../../shared/blocks.ts';
import type { AddBlockResult } from '../../chain/types.ts';
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
}

export interface ImportHooks {
  /** The next buffered body whose parent is stored. */
  next(): Import | undefined;
  /** Its parent is unknown. */
  orphan(peer: Peer): void;
  refused(item: Import): void;
  stored(item: Import, result: AddBlockResult): void;
}

/** Bodies that nobody asked for and that wait for the chain. */
const UNASKED_BLOCKS = 20;

/** Puts bodies into the chain one at a time, parents first, and lets the rest of the program have its turn between them. */
export class ImportQueue {
  readonly #ctx: NetContext;
  readonly #hooks: ImportHooks;
  readonly #buffered = new Map<HashHex, Import>();
  #unasked: Import[] = [];
  #current: HashHex | undefined;
  #running = false;
  #closed = false;
  #retryTimer: TimerHandle | undefined;
  bufferedBytes = 0;

  constructor(ctx: NetContext, hooks: ImportHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
  }

  has(hash: HashHex): boolean {
    return this.#current === hash || this.#buffered.has(hash) || this.#unasked.some((item) => item.hash === hash);
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
    if (this.#unasked.length >= UNASKED_BLOCKS) return false;
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
      const item = unasked ?? this.#hooks.next();
      if (item === undefined || this.#closed) {
        this.#running = false;
        return;
      }
      this.#current = item.hash;
      try {
        await this.#import(item);
      } catch (error) {
        this.#ctx.logger.warn('a block could not be stored', { hash: item.hash, error });
        if (unasked === undefined && !this.#closed) this.buffer(item);
        this.#running = false;
        this.#retryLater();
        return;
      } finally {
        this.#current = undefined;
      }
      if (this.#ctx.clock.monotonic() >= sliceEnd) {
        await yieldToLoop();
        sliceEnd = this.#ctx.clock.monotonic() + NET_LIMITS.sliceMs;
      }
    }
  }

  async #import(item: Import): Promise<void> {
    const result = await this.#ctx.chain.addBlock(item.bytes, { kind: 'peer', peerKey: item.peer.key });
    this.#current = undefined;
    if (this.#closed) return;
    if (result.status === 'invalid') {
      this.#ctx.refuse(item.peer, result.hash, item.height, result.error);
      this.#hooks.refused(item);
    } else if (result.status === 'orphan') {
      this.#hooks.orphan(item.peer);
    } else {
      this.#hooks.stored(item, result);
    }
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retryTimer ??= this.#ctx.clock.setTimeout(() => {
      this.#retryTimer = undefined;
      this.run();
    }, NET_LIMITS.storeRetryMs);
  }
}

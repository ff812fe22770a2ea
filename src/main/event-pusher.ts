import type { NodeEvent } from '../shared/events.ts';
import { IPC_LIMITS, type EventPush } from '../shared/ipc.ts';
import { MAIN_LIMITS } from './limits.ts';

/** The clock that the pusher runs on; tests turn it by hand. */
export interface PusherClock {
  /** Monotonic ms. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

export const systemPusherClock: PusherClock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

/** Events of one key replace each other: only the newest says anything. Undefined for events that each count. */
function replacementKey(event: NodeEvent): string | undefined {
  switch (event.type) {
    case 'node':
    case 'tip':
    case 'mining':
    case 'mempool':
    case 'sync':
      return event.type;
    case 'peer':
      return `peer ${event.peer.key}`;
    case 'block':
    case 'reorg':
    case 'peer-removed':
    case 'rejected':
    case 'notice':
      return undefined;
  }
}

/** What somebody waits to see, and what other events of the same moment must not hold up. */
const isNews = ({ type }: NodeEvent): boolean => type === 'block' || type === 'reorg';

/**
 * Brings the node's events to one window in pushes: at once when the window has been quiet, else gathered, at most
 * `IPC_LIMITS.pushesPerSecond` a second, fewer while blocks pour in, two in a long sync, and about one a second while nobody sees the window. A new block need not wait for
 * what was pushed just before it, as a peer's word of its tip is: it takes the place of the next push, so that the pace over a longer time is the same. Within a push a newer state
 * replaces the older one of its kind and takes the newer one's place, so that `seq` only rises. When more than
 * `IPC_LIMITS.eventsPerPush` are left, the window is told to take a snapshot instead.
 */
export class EventPusher {
  readonly #send: (push: EventPush) => void;
  readonly #clock: PusherClock;
  /** Insertion order is the order of `seq`. */
  readonly #waiting = new Map<string, NodeEvent>();
  #overflowed = false;
  #timer: unknown;
  /** When the last push went, or the later time whose place it took. */
  #slot = Number.NEGATIVE_INFINITY;
  /** Whether it brought a block, and whether one waits now. */
  #broughtNews = false;
  #news = false;
  /** When the last blocks came, the earliest first; as many as make a flood. */
  readonly #blocksAt: number[] = [];
  /** Many blocks are missing and being fetched. */
  #longSync = false;
  #hidden = false;
  #stopped = false;

  constructor(send: (push: EventPush) => void, clock: PusherClock = systemPusherClock) {
    this.#send = send;
    this.#clock = clock;
  }

  push(event: NodeEvent): void {
    if (this.#stopped) return;
    if (event.type === 'block') this.#countBlock();
    if (event.type === 'sync') this.#longSync = event.sync.phase !== 'idle' && event.sync.bestHeaderHeight - event.sync.height >= MAIN_LIMITS.longSyncBlocks;
    if (!this.#overflowed) {
      const key = replacementKey(event) ?? `#${event.seq}`;
      this.#waiting.delete(key);
      this.#waiting.set(key, event);
      if (this.#waiting.size > IPC_LIMITS.eventsPerPush) {
        this.#overflowed = true;
        this.#waiting.clear();
      }
    }
    if (isNews(event) && !this.#news) {
      this.#news = true;
      this.#reschedule();
    } else this.#schedule();
  }

  /** Tells the window to start from a snapshot: after a reload it has missed what was pushed before. */
  resync(): void {
    if (this.#stopped) return;
    this.#overflowed = true;
    this.#waiting.clear();
    this.#schedule();
  }

  setHidden(hidden: boolean): void {
    if (this.#hidden === hidden) return;
    this.#hidden = hidden;
    if (this.#timer !== undefined) this.#reschedule();
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #countBlock(): void {
    this.#blocksAt.push(this.#clock.now());
    if (this.#blocksAt.length > MAIN_LIMITS.floodBlocks) this.#blocksAt.shift();
  }

  get #flooded(): boolean {
    const earliest = this.#blocksAt[0];
    return earliest !== undefined && this.#blocksAt.length === MAIN_LIMITS.floodBlocks && this.#clock.now() - earliest < 1000;
  }

  get #interval(): number {
    if (this.#hidden) return MAIN_LIMITS.hiddenPushInterval;
    if (this.#longSync) return MAIN_LIMITS.syncPushInterval;
    return this.#flooded ? MAIN_LIMITS.floodPushInterval : 1000 / IPC_LIMITS.pushesPerSecond;
  }

  #reschedule(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#schedule();
  }

  /** A block goes at once behind a push that brought none. It is out of turn when the next push is not due yet. */
  get #mayOvertake(): boolean {
    return this.#news && !this.#broughtNews && !this.#hidden && !this.#flooded;
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#mayOvertake ? 0 : Math.max(0, this.#slot + this.#interval - this.#clock.now());
    // Even a push that is due waits for the end of this turn: one block is several events.
    this.#timer = this.#clock.setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    const turn = this.#slot + this.#interval;
    // Out of turn: it has taken the place of the push that was due next.
    this.#slot = this.#mayOvertake && turn > now ? turn : now;
    this.#broughtNews = this.#news;
    this.#news = false;
    const push: EventPush = this.#overflowed ? { kind: 'resync' } : { kind: 'events', events: [...this.#waiting.values()] };
    this.#overflowed = false;
    this.#waiting.clear();
    this.#send(push);
  }
}

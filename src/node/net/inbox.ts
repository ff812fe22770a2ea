import type { Clock, TimerHandle } from '../util/clock.ts';
import { NET_LIMITS } from './limits.ts';
import { TokenBucket } from './rate-limit.ts';

export interface InboxHandlers {
  deliver(frame: Uint8Array): void;
  /** The peer sends faster than allowed and must go. */
  overflow(why: string): void;
  pause(): void;
  resume(): void;
}

/** How often waiting frames get their turn, in ms. */
const DRAIN_MS = 50;
/** Waiting frames at which the socket is no longer read, and read again. */
const PAUSE_AT = 250;
const RESUME_AT = 50;
/** The same in bytes; a single large message may be on top of it. */
const PAUSE_BYTES = 256 * 1024;

/**
 * The message rate of one peer. Within the burst a frame is delivered at once; after it frames wait for their token, then the
 * socket is paused, and a peer that keeps this up, or sends more than may wait, is dropped.
 */
export class Inbox {
  readonly #clock: Clock;
  readonly #handlers: InboxHandlers;
  readonly #bucket: TokenBucket;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #timer: TimerHandle | undefined;
  #throttledSince: number | undefined;
  #paused = false;
  #closed = false;

  constructor(clock: Clock, handlers: InboxHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;
    this.#bucket = new TokenBucket(NET_LIMITS.messagesPerSecond, NET_LIMITS.messagesBurst, clock.monotonic());
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** `free`: an answer that was asked for; it costs no token and does not wait. */
  push(frame: Uint8Array, free: boolean): void {
    if (this.#closed) return;
    if (free || (this.#waiting.length === 0 && this.#bucket.take(this.#clock.monotonic()))) {
      this.#handlers.deliver(frame);
      return;
    }
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    if (this.#waiting.length > NET_LIMITS.throttledMessages || this.#waitingBytes > NET_LIMITS.throttledBytes) {
      this.#overflow('too many messages at once');
      return;
    }
    this.#throttledSince ??= this.#clock.monotonic();
    if (!this.#paused && (this.#waiting.length >= PAUSE_AT || this.#waitingBytes >= PAUSE_BYTES)) {
      this.#paused = true;
      this.#handlers.pause();
    }
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #overflow(why: string): void {
    this.close();
    this.#handlers.overflow(why);
  }

  #arm(): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#drain();
    }, DRAIN_MS);
  }

  #drain(): void {
    const now = this.#clock.monotonic();
    let taken = 0;
    while (taken < this.#waiting.length && !this.#closed && this.#bucket.take(now)) {
      const frame = this.#waiting[taken++];
      if (frame === undefined) break;
      this.#waitingBytes -= frame.length;
      this.#handlers.deliver(frame);
    }
    if (this.#closed) return;
    this.#waiting.splice(0, taken);
    if (this.#paused && this.#waiting.length <= RESUME_AT && this.#waitingBytes < PAUSE_BYTES) {
      this.#paused = false;
      this.#handlers.resume();
    }
    if (this.#waiting.length === 0) {
      this.#throttledSince = undefined;
      return;
    }
    const since = this.#throttledSince ?? now;
    if (now - since >= NET_LIMITS.throttledSeconds * 1000) this.#overflow('too many messages for too long');
    else this.#arm();
  }
}

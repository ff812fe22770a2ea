import type { NodeEvent, NodeEventBody } from '../../shared/events.ts';
import { API_LIMITS } from './limits.ts';

export interface EventStreamOptions {
  /** Events kept for late readers. */
  capacity?: number;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Told when a listener throws; the other listeners still get the event. */
  onError: (error: unknown) => void;
}

/**
 * The one stream of everything that changes: it numbers events from 1 without gaps and keeps the last ones in a ring. An event that a
 * listener publishes is delivered after the one being delivered, so every listener sees the same order.
 */
export class EventStream {
  readonly #ring: (NodeEvent | undefined)[];
  readonly #now: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<(event: NodeEvent) => void>();
  readonly #undelivered: NodeEvent[] = [];
  #delivering = false;
  #seq = 0;

  constructor(options: EventStreamOptions) {
    this.#ring = new Array<NodeEvent | undefined>(options.capacity ?? API_LIMITS.eventRing);
    this.#now = options.now;
    this.#onError = options.onError;
  }

  /** Number of the last event; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  publish(body: NodeEventBody): NodeEvent {
    this.#seq += 1;
    const event: NodeEvent = { seq: this.#seq, at: this.#now(), ...body };
    this.#ring[this.#seq % this.#ring.length] = event;
    this.#undelivered.push(event);
    if (!this.#delivering) this.#deliver();
    return event;
  }

  /** Calls back for every later event; returns the function that ends it. */
  subscribe(listener: (event: NodeEvent) => void): () => void {
    // A wrapper of its own, so that the same function may subscribe twice and each leave once.
    const entry = (event: NodeEvent): void => {
      listener(event);
    };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  /** Events after number `seq`, oldest first; null when some of them are gone, or when `seq` is not a number of this stream. */
  after(seq: number): NodeEvent[] | null {
    if (!Number.isSafeInteger(seq) || seq < 0 || seq > this.#seq) return null;
    const missed = this.#seq - seq;
    if (missed > this.#ring.length) return null;
    const events: NodeEvent[] = [];
    for (let number = seq + 1; number <= this.#seq; number += 1) {
      const event = this.#ring[number % this.#ring.length];
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #deliver(): void {
    this.#delivering = true;
    try {
      for (let event = this.#undelivered.shift(); event !== undefined; event = this.#undelivered.shift()) {
        for (const listener of [...this.#listeners]) {
          try {
            if (this.#listeners.has(listener)) listener(event);
          } catch (error) {
            this.#onError(error);
          }
        }
      }
    } finally {
      this.#delivering = false;
    }
  }
}

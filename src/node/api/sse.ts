import type { ServerResponse } from 'node:http';
import type { NodeEvent } from '../../shared/events.ts';
import type { NodeApi } from '../../shared/node-api.ts';
import type { Clock } from '../util/clock.ts';
import { HttpError } from './http-errors.ts';
import { HTTP_LIMITS } from './limits.ts';

export interface EventReadersOptions {
  api: NodeApi;
  clock: Clock;
  maxReaders?: number;
  bufferBytes?: number;
}

/** One event in the format of the HTML standard (server-sent events): the number as id, the whole event as one line of JSON. */
export function eventFrame(event: NodeEvent): string {
  return `id: ${String(event.seq)}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * Number after which a reader wants to go on: the header `Last-Event-ID` (a browser sends it by itself) or `?after=`.
 * @throws HttpError 400 when it is not a number.
 */
export function resumePoint(header: string | null, query: string | undefined): number | undefined {
  const text = header ?? query;
  if (text === undefined || text === '') return undefined;
  const number = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) {
    throw new HttpError(400, 'invalid-argument', 'The event to resume after must be the number of an event.', {
      field: header === null ? 'after' : 'last-event-id',
      expected: 'a whole number',
      got: text.slice(0, 40),
    });
  }
  return number;
}

/** The open readers of `GET /events`. */
export class EventReaders {
  readonly #api: NodeApi;
  readonly #clock: Clock;
  readonly #maxReaders: number;
  readonly #bufferBytes: number;
  readonly #readers = new Set<() => void>();

  constructor(options: EventReadersOptions) {
    this.#api = options.api;
    this.#clock = options.clock;
    this.#maxReaders = options.maxReaders ?? HTTP_LIMITS.eventReaders;
    this.#bufferBytes = options.bufferBytes ?? HTTP_LIMITS.eventBufferBytes;
  }

  get count(): number {
    return this.#readers.size;
  }

  /**
   * Writes events to `response` until the reader leaves, reads too slowly, or `closeAll`.
   * @throws HttpError 429 when there are too many readers.
   */
  add(response: ServerResponse, after: number | undefined): void {
    if (this.#readers.size >= this.#maxReaders) {
      throw new HttpError(429, 'too-many-readers', `Already ${String(this.#maxReaders)} programs read the events. Close one of them.`);
    }
    // It left before its turn came: nobody would ever say so again.
    if (response.destroyed) return;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', connection: 'close' });
    const write = (text: string): void => {
      response.write(text);
      // A reader that is this far behind may come back with the number of the last event it saw.
      if (response.writableLength > this.#bufferBytes) response.destroy();
    };
    write('retry: 1000\n: numbered events of this node, newest last\n\n');
    if (after !== undefined) {
      const missed = this.#api.eventsAfter(after);
      if (missed === null) write('event: resync\ndata: {"reason":"Some events are gone. Read GET /status and GET /blocks afresh."}\n\n');
      else for (const event of missed) write(eventFrame(event));
    }
    const unsubscribe = this.#api.subscribe((event) => {
      write(eventFrame(event));
    });
    const heartbeat = this.#clock.setInterval(() => {
      write(': still here\n\n');
    }, HTTP_LIMITS.eventHeartbeat);
    const end = (): void => {
      unsubscribe();
      this.#clock.clearInterval(heartbeat);
      this.#readers.delete(leave);
    };
    const leave = (): void => {
      end();
      response.end();
    };
    this.#readers.add(leave);
    response.once('close', end);
    response.once('error', end);
  }

  closeAll(): void {
    for (const leave of [...this.#readers]) leave();
  }
}

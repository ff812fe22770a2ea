import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpApi } from '../../../src/node/api/http-api.ts';
import { HTTP_LIMITS } from '../../../src/node/api/limits.ts';
import { EventReaders, resumePoint } from '../../../src/node/api/sse.ts';
import { VirtualClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { ask, openRequest, rawSocket } from '../../helpers/http.ts';
import { ScriptedApi } from '../../helpers/scripted-api.ts';

let api: ScriptedApi;
let clock: VirtualClock;
let http: HttpApi;
let port: number;
const open: IncomingMessage[] = [];

async function start(options: { eventBufferBytes?: number; ring?: number } = {}): Promise<void> {
  const { ring, ...rest } = options;
  api = new ScriptedApi(ring);
  clock = new VirtualClock();
  http = new HttpApi({ port: 0, portFallback: false, ...rest }, { api, clock, logger: nullLogger });
  port = (await http.open()).port;
}
beforeEach(() => start());
afterEach(async () => {
  for (const response of open.splice(0)) response.destroy();
  await http.close();
});

/** A reader of the stream: waits until what it has read contains a text. */
class Reader {
  readonly response: IncomingMessage;
  text = '';
  ended = false;
  #wake: () => void = () => undefined;

  private constructor(response: IncomingMessage) {
    this.response = response;
    open.push(response);
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.text += chunk;
      this.#wake();
    });
    const end = (): void => {
      this.ended = true;
      this.#wake();
    };
    response.on('close', end);
    response.on('error', end);
  }
  static async open(headers: Record<string, string> = {}, query = ''): Promise<Reader> {
    return new Reader(await openRequest(port, `/events${query}`, { headers }));
  }
  async until(done: (reader: Reader) => boolean): Promise<void> {
    while (!done(this)) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
  get ids(): number[] {
    return [...this.text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
  }
}

const say = (count: number): void => {
  api.publish({ type: 'mempool', mempool: { count, bytes: 0 } });
};

describe('GET /events', () => {
  it('sends every later event with its number, as server-sent events', async () => {
    say(1);
    const reader = await Reader.open();
    expect(reader.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    say(2);
    say(3);
    await reader.until(({ ids }) => ids.length === 2);
    expect(reader.ids).toEqual([2, 3]);
    const data = /^data: (.*)$/m.exec(reader.text)?.[1] ?? '';
    expect(JSON.parse(data)).toMatchObject({ seq: 2, type: 'mempool', mempool: { count: 2 } });
    expect(reader.text).toMatch(/^retry: \d+$/m);
  });

  it('resumes after the event that the reader saw last', async () => {
    for (let index = 1; index <= 5; index += 1) say(index);
    const reader = await Reader.open({ 'last-event-id': '3' });
    say(6);
    await reader.until(({ ids }) => ids.length === 3);
    expect(reader.ids).toEqual([4, 5, 6]);
    const other = await Reader.open({}, '?after=0');
    await other.until(({ ids }) => ids.length === 6);
    expect(other.ids).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('says so when some events are gone, and when the number is of an earlier life of the node', async () => {
    await http.close();
    await start({ ring: 4 });
    for (let index = 1; index <= 10; index += 1) say(index);
    for (const last of ['2', '99']) {
      const reader = await Reader.open({ 'last-event-id': last });
      await reader.until(({ text }) => text.includes('event: resync'));
      say(11);
      await reader.until(({ ids }) => ids.length === 1);
      expect(reader.ids[0]).toBeGreaterThan(10);
    }
  });

  it('refuses a number that is none', async () => {
    expect((await ask(port, '/events', { headers: { 'last-event-id': 'abc' } })).status).toBe(400);
    expect((await ask(port, '/events?after=-1')).status).toBe(400);
    expect(resumePoint(null, undefined)).toBeUndefined();
    expect(resumePoint('', undefined)).toBeUndefined();
  });

  it('shows that it is alive', async () => {
    const reader = await Reader.open();
    clock.advance(HTTP_LIMITS.eventHeartbeat);
    await reader.until(({ text }) => text.includes(': still here'));
  });

  it('lets go of a reader that leaves', async () => {
    const reader = await Reader.open();
    say(1);
    await reader.until(({ ids }) => ids.length === 1);
    expect([http.eventReaderCount, api.stream.listenerCount, clock.timerCount]).toEqual([1, 1, 1]);
    reader.response.destroy();
    while (http.eventReaderCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect([api.stream.listenerCount, clock.timerCount]).toEqual([0, 0]);
  });

  it('lets go of readers that leave before their turn came', async () => {
    const socket = await rawSocket(port);
    socket.write(`GET /events HTTP/1.1\r\nHost: localhost:${String(port)}\r\n\r\n`.repeat(5));
    while (http.eventReaderCount < 5) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    while (http.eventReaderCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect([api.stream.listenerCount, clock.timerCount]).toEqual([0, 0]);
  });

  it('drops a reader that reads too slowly', async () => {
    await http.close();
    await start({ eventBufferBytes: 256 * 1024 });
    const slow = await openRequest(port, '/events');
    open.push(slow);
    slow.on('error', () => undefined);
    slow.pause();
    const text = 'x'.repeat(20_000);
    for (let index = 0; index < 5_000 && http.eventReaderCount > 0; index += 1) {
      api.publish({ type: 'notice', notice: { level: 'info', code: 'test', message: text } });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(http.eventReaderCount).toBe(0);
  });

  it('takes so many readers and no more', async () => {
    for (let index = 0; index < HTTP_LIMITS.eventReaders; index += 1) await Reader.open();
    const answer = await ask(port, '/events');
    expect(answer.status).toBe(429);
    expect(answer.json()).toMatchObject({ error: { code: 'too-many-readers' } });
    expect((await ask(port, '/status')).status).toBe(200);
  });

  it('ends the streams when the door closes', async () => {
    const reader = await Reader.open();
    await http.close();
    await reader.until(({ ended }) => ended);
    expect(clock.timerCount).toBe(0);
  });
});

describe('a reader that left before its turn came', () => {
  it('takes no place among the readers', () => {
    const readers = new EventReaders({ api, clock });
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    response.destroy();
    response.emit('close');
    readers.add(response, undefined);
    expect(readers.count).toBe(0);
  });
});

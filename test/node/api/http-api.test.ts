import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpApi, HttpListenError } from '../../../src/node/api/http-api.ts';
import { HTTP_LIMITS } from '../../../src/node/api/limits.ts';
import { nullLogger, type Logger } from '../../../src/node/util/logger.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { ApiError } from '../../../src/shared/node-api.ts';
import { ask, openRequest, rawSocket, readAll, type HttpAnswer } from '../../helpers/http.ts';
import { madeUpBlock, ScriptedApi } from '../../helpers/scripted-api.ts';
import { until } from '../../helpers/until.ts';

let api: ScriptedApi;
let http: HttpApi;
let port: number;
let logged: string[];
const others: HttpApi[] = [];

function make(options: Partial<ConstructorParameters<typeof HttpApi>[0]> = {}): HttpApi {
  const logger: Logger = { ...nullLogger, error: (message, data) => logged.push(`${message} ${JSON.stringify(data)}`), child: () => logger };
  const made = new HttpApi({ port: 0, portFallback: false, ...options }, { api, clock: systemClock, logger });
  others.push(made);
  return made;
}

beforeEach(async () => {
  api = new ScriptedApi();
  logged = [];
  http = make();
  port = (await http.open()).port;
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((one) => one.close()));
});

interface ErrorBody {
  error: { code: string; message: string; field?: string; expected?: string; got?: string };
}

function expectError(answer: HttpAnswer, status: number, code: string): ErrorBody['error'] {
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  const { error } = answer.json() as ErrorBody;
  expect({ status: answer.status, code: error.code }).toEqual({ status, code });
  expect(error.message).toMatch(/\.$/);
  expect(answer.text).not.toMatch(/\bat .*:\d+:\d+/);
  return error;
}

/** Holds `count` ports in a row; looks for a free stretch. The caller closes the servers. */
async function holdPorts(count: number): Promise<{ first: number; holders: Server[] }> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 20_000);
    const holders = Array.from({ length: count }, () => createServer());
    const held = await Promise.allSettled(
      holders.map((holder, index) => {
        holder.listen({ host: '127.0.0.1', port: first + index, exclusive: true });
        return once(holder, 'listening');
      }),
    );
    if (held.every(({ status }) => status === 'fulfilled')) return { first, holders };
    for (const holder of holders) holder.close();
  }
}

describe('an idle connection', () => {
  it('is kept for a stated time', async () => {
    const agent = new Agent({ keepAlive: true });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/status', agent }, resolve).on('error', reject).end();
    });
    expect(answer.headers['keep-alive']).toBe(`timeout=${String(HTTP_LIMITS.keepAliveTimeout / 1000)}`);
    answer.resume();
    await once(answer, 'end');
    agent.destroy();
  });
});

describe('the port', () => {
  it('moves to the next free one, but not past its limit', async () => {
    const { first, holders } = await holdPorts(HTTP_LIMITS.portTries);
    try {
      await expect(make({ port: first, portFallback: true }).open()).rejects.toMatchObject({ name: 'HttpListenError', code: 'EADDRINUSE' });
      const last = holders.pop() as Server;
      last.close();
      await once(last, 'close');
      await expect(make({ port: first, portFallback: true }).open()).resolves.toMatchObject({ port: first + HTTP_LIMITS.portTries - 1, movedFrom: first });
    } finally {
      for (const holder of holders) holder.close();
    }
  });
});

describe('GET /blocks', () => {
  it('streams the chain as one JSON array with the fields of the tutorial and of the header', async () => {
    api.blocks = [madeUpBlock(0), madeUpBlock(1, '{"b": 1.0, "a": [ ]}')];
    const answer = await ask(port, '/blocks');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const blocks = answer.json() as Record<string, unknown>[];
    expect(Object.keys(blocks[1] ?? {})).toEqual(['height', 'hash', 'lastHash', 'timestamp', 'data', 'nonce', 'bits', 'difficulty', 'merkleRoot', 'transactions']);
    expect(blocks[1]).toMatchObject({ height: 1, lastHash: madeUpBlock(0).hash, timestamp: 1_767_225_601_000, data: { b: 1, a: [] } });
    expect(answer.text).toContain('"data":{"b": 1.0, "a": [ ]}');
  });

  it('takes a range', async () => {
    api.blocks = Array.from({ length: 10 }, (_, height) => madeUpBlock(height));
    const heights = async (query: string): Promise<number[]> => ((await ask(port, `/blocks${query}`)).json() as { height: number }[]).map((block) => block.height);
    expect(await heights('?from=7')).toEqual([7, 8, 9]);
    expect(await heights('?from=2&limit=2')).toEqual([2, 3]);
    expect(await heights('?limit=1')).toEqual([0]);
    expect(await heights('?from=99')).toEqual([]);
  });

  it.each(['from=-1', 'from=1.5', 'from=abc', 'from=', 'limit=0', 'limit=1e3', 'from=4294967296', 'from=99999999999'])('refuses ?%s', async (query) => {
    const error = expectError(await ask(port, `/blocks?${query}`), 400, 'invalid-argument');
    expect(error.field).toBe(query.split('=')[0]);
  });

  it('reads from the node only what the reader takes, and lets go when it leaves', async () => {
    api.blocks = Array.from({ length: 20_000 }, (_, height) => madeUpBlock(height, JSON.stringify('x'.repeat(2_000))));
    const response = await openRequest(port, '/blocks');
    await new Promise((resolve) => response.once('readable', resolve));
    // Nobody reads on: what is under way is bounded by socket buffers, far from the 80 MB of the whole.
    let streamed = -1;
    while (streamed !== api.streamed) {
      streamed = api.streamed;
      await ask(port, '/status');
    }
    expect(streamed).toBeLessThan(10_000);
    const released = new Promise<void>((resolve) => {
      const check = (): void => {
        if (api.released > 0) resolve();
        else setImmediate(check);
      };
      check();
    });
    response.destroy();
    await released;
    expect(api.streamed).toBeLessThan(10_000);
  });

  it('drops a reader that takes nothing for too long', async () => {
    const impatient = make({ idleTimeout: 200 });
    const { port: second } = await impatient.open();
    api.blocks = Array.from({ length: 20_000 }, (_, height) => madeUpBlock(height, JSON.stringify('x'.repeat(2_000))));
    const response = await openRequest(second, '/blocks');
    response.pause();
    while (api.released === 0) await new Promise((resolve) => setImmediate(resolve));
    await expect(
      (async () => {
        for await (const chunk of response) void chunk;
      })(),
    ).rejects.toThrow('aborted');
    expect(api.streamed).toBeLessThan(20_000);
  });

  it('cuts the connection when the chain cannot be read to its end, so that a part never looks whole', async () => {
    api.streamBlocks = async function* () {
      yield await Promise.resolve(madeUpBlock(0));
      throw new Error('disk on fire');
    };
    await expect(ask(port, '/blocks')).rejects.toThrow();
    expect(logged.join()).toContain('disk on fire');
    expect((await ask(port, '/status')).status).toBe(200);
  });
});

describe('GET /blocks/:heightOrHash', () => {
  it('gives one block by height or hash', async () => {
    const byHeight = await ask(port, '/blocks/1');
    expect(byHeight.json()).toMatchObject({ height: 1, branch: 'active', minerName: 'Aster', children: [] });
    const byHash = await ask(port, `/blocks/${madeUpBlock(1).hash.toUpperCase()}`);
    expect(byHash.text).toBe(byHeight.text);
  });

  it('says 404 for a block that is not there and 400 for what is no name of a block', async () => {
    expectError(await ask(port, '/blocks/99'), 404, 'not-found');
    expectError(await ask(port, `/blocks/${'f'.repeat(64)}`), 404, 'not-found');
    for (const ref of ['-1', '1.5', 'abc', 'f'.repeat(63), '99999999999', '%00', '__proto__']) {
      expectError(await ask(port, `/blocks/${ref}`), 400, 'invalid-argument');
    }
  });
});

describe('POST /mine', () => {
  it('may take longer than a reader may be idle', async () => {
    const impatient = make({ idleTimeout: 50 });
    const { port: second } = await impatient.open();
    const asked = new Promise<void>((resolve) => (api.onMine = resolve));
    const answer = ask(second, '/mine', { method: 'POST', body: { data: 1 } });
    await asked;
    // A second connection that is idle from now on is dropped: by then the time has passed for both.
    await readAll(await rawSocket(second));
    api.jobs[0]?.finish(mined);
    expect((await answer).status).toBe(302);
  });

  const mined = { jobId: 1, hash: madeUpBlock(2).hash, height: 2 };

  it('mines the exact text of data, then sends the client to the chain', async () => {
    const asked = new Promise<void>((resolve) => (api.onMine = resolve));
    const answer = ask(port, '/mine', { method: 'POST', headers: { 'Content-type': 'application/json' }, body: '{ "data" : {"b": 1.0,"a":1e2} }' });
    await asked;
    expect(api.jobs[0]?.dataText).toBe('{"b": 1.0,"a":1e2}');
    api.jobs[0]?.finish(mined);
    expect(await answer).toMatchObject({ status: 302, headers: { location: '/blocks' } });
    expect((await answer).json()).toEqual(mined);
    expect(api.stopped).toEqual([]);
  });

  it.each([
    ['"foo"', '"foo"'],
    ['null', 'null'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['"\\u00e9\\ud83d\\ude00"', '"\\u00e9\\ud83d\\ude00"'],
  ])('takes any JSON value: %s', async (source, text) => {
    api.onMine = () => api.jobs[0]?.finish(mined);
    expect((await ask(port, '/mine', { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' }, body: `{"data":${source}}` })).status).toBe(302);
    expect(api.jobs[0]?.dataText).toBe(text);
  });

  it.each([
    ['', 'bad-json'],
    ['not json', 'bad-json'],
    ['{"data":"foo"', 'bad-json'],
    ["{'data':'foo'}", 'bad-json'],
    ['[]', 'invalid-argument'],
    ['"text"', 'invalid-argument'],
    ['null', 'invalid-argument'],
    ['{}', 'invalid-argument'],
    ['{"Data":1}', 'invalid-argument'],
    ['{"data":1,"extra":2}', 'invalid-argument'],
    ['{"data":1,"__proto__":{"polluted":true}}', 'invalid-argument'],
    [`{"data":${'['.repeat(40_000)}${']'.repeat(40_000)}}`, 'bad-json'],
    ['{"data":1e999999}x', 'bad-json'],
  ])('API-01 API-07 refuses the body %j', async (body, code) => {
    expectError(await ask(port, '/mine', { method: 'POST', headers: { 'content-type': 'application/json' }, body }), 400, code);
    expect(api.jobs).toHaveLength(0);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('API-01 refuses bytes that are no UTF-8', async () => {
    const body = Buffer.from([...Buffer.from('{"data":"'), 0xc3, 0x28, ...Buffer.from('"}')]);
    expectError(await ask(port, '/mine', { method: 'POST', headers: { 'content-type': 'application/json' }, body }), 400, 'bad-json');
  });

  it('API-02 refuses a body over the limit, announced or not, and takes one at the limit', async () => {
    const wrap = (bytes: number): string => `{"data":"${'x'.repeat(bytes - 11)}"}`;
    api.onMine = () => api.jobs.at(-1)?.finish(mined);
    expect((await ask(port, '/mine', { method: 'POST', headers: { 'content-type': 'application/json' }, body: wrap(HTTP_LIMITS.bodyBytes) })).status).toBe(302);
    expectError(await ask(port, '/mine', { method: 'POST', headers: { 'content-type': 'application/json' }, body: wrap(HTTP_LIMITS.bodyBytes + 1) }), 413, 'body-too-large');
    const socket = await rawSocket(port);
    socket.write(`POST /mine HTTP/1.1\r\nHost: localhost:${String(port)}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const text = readAll(socket);
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    for (let index = 0; index < 10; index += 1) socket.write(chunk);
    expect(await text).toContain('413');
    // One byte above it, in one chunk.
    const one = await rawSocket(port);
    const body = wrap(HTTP_LIMITS.bodyBytes + 1);
    one.write(`POST /mine HTTP/1.1\r\nHost: localhost:${String(port)}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    expect(await readAll(one)).toContain('413');
    expect(api.jobs).toHaveLength(1);
  });

  it('API-02 answers 413 to 50 MB without reading them', async () => {
    const socket = await rawSocket(port);
    const size = 50 * 1024 * 1024;
    socket.write(`POST /mine HTTP/1.1\r\nHost: 127.0.0.1:${String(port)}\r\nContent-Type: application/json\r\nContent-Length: ${String(size)}\r\n\r\n{"data":"`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 413/);
  });

  it('API-03 takes application/json only: a page of another site cannot send that', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', 'text/json', '']) {
      const headers = type === '' ? {} : { 'content-type': type };
      expectError(await ask(port, '/mine', { method: 'POST', headers, body: '{"data":1}' }), 415, 'body-not-json');
    }
    expect(api.jobs).toHaveLength(0);
  });

  it('API-06 takes POST only, and grants nothing to other sites', async () => {
    for (const method of ['GET', 'OPTIONS', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await ask(port, '/mine', { method, headers: { 'access-control-request-method': 'POST' } });
      expectError(answer, 405, 'method-not-allowed');
      expect(answer.headers.allow).toBe('POST');
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    const head = await ask(port, '/mine', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 405, text: '' });
  });

  it('API-08 says 429 when the queue is full', async () => {
    api.failWith = new ApiError({ code: 'mining-queue-full', message: 'Full. Wait.' });
    expectError(await ask(port, '/mine', { method: 'POST', body: { data: 1 } }), 429, 'mining-queue-full');
  });

  it('API-10 stops the job of a client that leaves, and only that one', async () => {
    const asked = new Promise<void>((resolve) => (api.onMine = resolve));
    const stopped = new Promise<void>((resolve) => (api.onStop = resolve));
    const socket = await rawSocket(port);
    const body = '{"data":1}';
    socket.write(`POST /mine HTTP/1.1\r\nHost: localhost:${String(port)}\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`);
    await asked;
    socket.destroy();
    await stopped;
    expect(api.stopped).toEqual([1]);
    expect((await ask(port, '/status')).status).toBe(200);
    expect(logged).toEqual([]);
  });

  it('API-10 stops also the jobs that the same client sent behind the first', async () => {
    const socket = await rawSocket(port);
    const three = new Promise<void>((resolve) => {
      api.onMine = () => {
        if (api.jobs.length === 3) resolve();
      };
    });
    const stopped = new Promise<void>((resolve) => {
      api.onStop = () => {
        if (api.stopped.length === 3) resolve();
      };
    });
    const body = '{"data":1}';
    socket.write(`POST /mine HTTP/1.1\r\nHost: localhost:${String(port)}\r\nContent-Type: application/json\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`.repeat(3));
    await three;
    socket.destroy();
    await stopped;
    expect([...api.stopped].sort()).toEqual([1, 2, 3]);
    expect((await ask(port, '/status')).status).toBe(200);
    expect(logged).toEqual([]);
  });

  it('says why a job ended without a block', async () => {
    api.onMine = () => api.jobs.at(-1)?.fail(new ApiError({ code: 'mining-stopped', message: 'Mining was stopped. Mine again.' }));
    expectError(await ask(port, '/mine', { method: 'POST', body: { data: 1 } }), 409, 'mining-stopped');
  });
});

describe('peers and transactions', () => {
  it('adds a peer under either name of the field', async () => {
    expect(await ask(port, '/peers', { method: 'POST', body: { address: 'localhost:5002' } })).toMatchObject({ status: 201 });
    expect(await ask(port, '/peers', { method: 'POST', body: { peer: 'ws://localhost:5003', keepUnreachable: true } })).toMatchObject({ status: 201 });
    expect(api.added).toEqual([
      { address: 'localhost:5002', options: {} },
      { address: 'ws://localhost:5003', options: { keepUnreachable: true } },
    ]);
    expect((await ask(port, '/peers')).json()).toEqual([]);
  });

  it.each([[{}], [{ address: 5 }], [{ address: null }], [{ address: 'a:1', keepUnreachable: 'yes' }], [{ adress: 'a:1' }]])('refuses %j', async (body) => {
    expectError(await ask(port, '/peers', { method: 'POST', body }), 400, 'invalid-argument');
    expect(api.added).toEqual([]);
  });

  it.each([
    ['not-an-address', 400],
    ['bad-port', 400],
    ['self', 400],
    ['already-connected', 409],
    ['different-genesis', 409],
    ['too-many-peers', 429],
    ['refused', 502],
    ['nothing-answers', 504],
  ] as const)('gives %s as %i', async (code, status) => {
    api.failWith = new ApiError({ code, message: 'No.', field: 'address' });
    const error = expectError(await ask(port, '/peers', { method: 'POST', body: { address: 'a:1' } }), status, code);
    expect(error.field).toBe('address');
  });

  it('removes a peer by body, query or path', async () => {
    expect((await ask(port, '/peers', { method: 'DELETE', body: { address: 'localhost:5002' } })).json()).toEqual({ removed: true });
    expect((await ask(port, '/peers?address=localhost%3A5003', { method: 'DELETE' })).status).toBe(200);
    expect((await ask(port, '/peers/localhost%3A5004', { method: 'DELETE' })).status).toBe(200);
    expect(api.removed).toEqual(['localhost:5002', 'localhost:5003', 'localhost:5004']);
    expectError(await ask(port, '/peers?address=absent:1', { method: 'DELETE' }), 404, 'not-found');
    expectError(await ask(port, '/peers', { method: 'DELETE', body: {} }), 400, 'invalid-argument');
  });

  it('cuts and mends the link to a peer', async () => {
    expect((await ask(port, '/peers/peer-3/cut', { method: 'POST' })).json()).toMatchObject({ state: 'cut' });
    expect((await ask(port, '/peers/localhost%3A5004/mend', { method: 'POST' })).json()).toMatchObject({ address: 'localhost:5004', state: 'connecting' });
    expect(api.relinked).toEqual([['peer-3', 'cut'], ['localhost:5004', 'connecting']]);
    expectError(await ask(port, '/peers/absent:1/cut', { method: 'POST' }), 404, 'not-found');
    expectError(await ask(port, '/peers/absent:1/mend', { method: 'POST' }), 404, 'not-found');
    expectError(await ask(port, '/peers/peer-3/cut'), 405, 'method-not-allowed');
  });

  it('takes and lists pending transactions with their exact text', async () => {
    const answer = await ask(port, '/transactions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"data":{"n": 1.50}}' });
    expect(answer.status).toBe(201);
    expect(answer.text).toContain('"data":{"n": 1.50}');
    expect(api.submitted).toEqual(['{"n": 1.50}']);
    expect((await ask(port, '/transactions')).json()).toMatchObject([{ data: { n: 1.5 }, timestamp: 1 }]);
  });
});

describe('GET /status', () => {
  it('gives the state without the lists', async () => {
    const status = (await ask(port, '/status')).json() as Record<string, unknown>;
    expect(Object.keys(status)).toEqual(['seq', 'node', 'chain', 'peers', 'mining', 'mempool', 'sync', 'notices']);
    expect(status['peers']).toEqual({ connected: 0, inbound: 0, outbound: 0, kept: 0 });
  });
});

describe('the guard', () => {
  it('API-04 refuses a foreign Host, for GET too', async () => {
    for (const host of ['evil.example', `evil.example:${String(port)}`, 'localhost', '127.0.0.1:1', `localhost.evil.example:${String(port)}`, `127.0.0.2:${String(port)}`]) {
      expectError(await ask(port, '/blocks', { headers: { host } }), 403, 'foreign-host');
    }
    for (const host of [`localhost:${String(port)}`, `LOCALHOST:${String(port)}`, `127.0.0.1:${String(port)}`, `[::1]:${String(port)}`]) {
      expect((await ask(port, '/status', { headers: { host } })).status).toBe(200);
    }
  });

  it('API-03 refuses a foreign Origin', async () => {
    const body = { data: 1 };
    for (const origin of ['http://evil.example', 'null', 'http://localhost', `https://localhost:${String(port)}`, `http://localhost:${String(port)}0`, 'http://127.0.0.1:1', 'file://']) {
      expectError(await ask(port, '/mine', { method: 'POST', body, headers: { origin } }), 403, 'foreign-origin');
    }
    expect(api.jobs).toHaveLength(0);
    expect((await ask(port, '/status', { headers: { origin: `http://localhost:${String(port)}` } })).status).toBe(200);
  });

  it('API-12 is bound to 127.0.0.1', () => {
    expect(http.listening).toEqual({ host: '127.0.0.1', port });
  });
});

describe('what is no request', () => {
  it('says 404 and 405 in JSON', async () => {
    expectError(await ask(port, '/'), 404, 'not-found');
    expectError(await ask(port, '/nothing/here'), 404, 'not-found');
    const answer = await ask(port, '/blocks', { method: 'DELETE' });
    expectError(answer, 405, 'method-not-allowed');
    expect(answer.headers.allow).toBe('GET, HEAD');
    expect((await ask(port, '/peers', { method: 'PUT' })).headers.allow).toBe('GET, HEAD, POST, DELETE');
  });

  it('answers HEAD without starting a stream', async () => {
    expect(await ask(port, '/blocks', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await ask(port, '/events', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(api.streamed).toBe(0);
    expect(http.eventReaderCount).toBe(0);
  });

  it('keeps the inside of a failure inside', async () => {
    api.failWith = new Error('secret detail /home/ada');
    const answer = await ask(port, '/status');
    expectError(answer, 500, 'internal');
    expect(answer.text).not.toContain('secret');
    expect(logged.join()).toContain('secret detail');
  });

  it('answers garbage and huge headers in JSON and closes', async () => {
    const garbage = await rawSocket(port);
    garbage.write('\x16\x03\x01garbage\r\n\r\n');
    expect(await readAll(garbage)).toMatch(/^HTTP\/1\.1 400 [^]*"bad-request"/);
    const large = await rawSocket(port);
    large.write(`GET / HTTP/1.1\r\nHost: localhost:${String(port)}\r\nX-Large: ${'x'.repeat(HTTP_LIMITS.headerBytes)}\r\n\r\n`);
    expect(await readAll(large)).toMatch(/^HTTP\/1\.1 431/);
    expect((await ask(port, '/status')).status).toBe(200);
  });

  it('API-09 closes half requests and stays reachable', async () => {
    const impatient = make({ requestTimeout: 200 });
    const { port: second } = await impatient.open();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => rawSocket(second)));
    const ends = sockets.map((socket) => readAll(socket));
    for (const socket of sockets) socket.write(`POST /mine HTTP/1.1\r\nHost: localhost:${String(second)}\r\nContent-Le`);
    for (const text of await Promise.all(ends)) expect(text).toMatch(/^HTTP\/1\.1 408/);
    expect((await ask(second, '/status')).status).toBe(200);
  });

  it('API-09 half requests on all 64 sockets keep nobody out: the oldest of them make room', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => rawSocket(port)));
    for (const socket of sockets) socket.resume().write(`POST /mine HTTP/1.1\r\nHost: localhost:${String(port)}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"da`);
    for (let index = 0; index < 10; index += 1) expect((await ask(port, '/status')).status).toBe(200);
    await until('those above the limit are closed', () => sockets.filter((socket) => !socket.closed).length <= HTTP_LIMITS.sockets);
    for (const socket of sockets) socket.destroy();
  });

  it.each([
    ['that wait for the rest of their request', 'POST /mine', 'Content-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue', '100 Continue'],
    ['that were answered and say nothing more', 'GET /status', 'Connection: keep-alive', '200 OK'],
  ])('sockets %s make room at once', async (_which, line, headers, answer) => {
    const few = make({ sockets: 2 });
    const { port: second } = await few.open();
    for (let index = 0; index < 2; index += 1) {
      const socket = await rawSocket(second);
      const answered = new Promise<Buffer>((resolve) => socket.once('data', resolve));
      socket.write(`${line} HTTP/1.1\r\nHost: localhost:${String(second)}\r\n${headers}\r\n\r\n`);
      expect(String(await answered)).toContain(answer);
    }
    expect((await ask(second, '/status')).status).toBe(200);
  });

  it('takes no more sockets than allowed while all of them are answered', async () => {
    const few = make({ sockets: 3 });
    const { port: second } = await few.open();
    const readers = await Promise.all(Array.from({ length: 3 }, () => openRequest(second, '/events')));
    const one = await rawSocket(second);
    expect(await readAll(one)).toBe('');
    for (const reader of readers) reader.destroy();
    await Promise.all(readers.map((reader) => new Promise((resolve) => (reader.closed ? resolve(undefined) : reader.once('close', resolve)))));
    expect(HTTP_LIMITS.sockets).toBe(64);
  });

  it('a client that leaves in the middle of its body is no failure of this node', async () => {
    const socket = await rawSocket(port);
    socket.write(`POST /mine HTTP/1.1\r\nHost: localhost:${String(port)}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"da`);
    await ask(port, '/status');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.resetAndDestroy();
    await gone;
    expect((await ask(port, '/status')).status).toBe(200);
    expect(logged).toEqual([]);
  });
});

describe('the port', () => {
  it('moves to the next free one when it is a default, and says so', async () => {
    const moved = make({ port, portFallback: true });
    const at = await moved.open();
    expect(at.movedFrom).toBe(port);
    expect(at.port).toBeGreaterThan(port);
    expect((await ask(at.port, '/status')).status).toBe(200);
  });

  it('is an error when it was asked for and is taken', async () => {
    const second = make({ port });
    const error = await second.open().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HttpListenError);
    expect(error).toMatchObject({ port, code: 'EADDRINUSE' });
  });

  it('is also taken when another kind of program has it', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const taken = (blocker.address() as { port: number }).port;
    await expect(make({ port: taken }).open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('is free again after close, whatever was open', async () => {
    const events = await openRequest(port, '/events');
    const asked = new Promise<void>((resolve) => (api.onMine = resolve));
    const mining = ask(port, '/mine', { method: 'POST', body: { data: 1 } }).catch((error: unknown) => error);
    await asked;
    await http.close();
    expect(await mining).toBeInstanceOf(Error);
    expect(api.stopped).toEqual([1]);
    events.on('error', () => undefined);
    await make({ port }).open();
  });
});

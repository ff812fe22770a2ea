import { expect } from 'vitest';
import { HTTP_LIMITS } from '../../../src/node/api/limits.ts';
import { rawSocket, readAll, type HttpAnswer, type HttpQuestion } from '../../helpers/http.ts';
import { httpPort } from '../../helpers/node.ts';
import { reachableElsewhere } from '../../helpers/reachable.ts';
import { until } from '../../helpers/until.ts';
import { type Case, type World } from '../world.ts';

/** Outcome E: a JSON error with a sentence and nothing of the inside. */
function expectError(answer: HttpAnswer, ...statuses: number[]): void {
  expect(statuses, answer.text.slice(0, 300)).toContain(answer.status);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  const { error } = answer.json() as { error: { code: string; message: string } };
  expect(error.code).toMatch(/^[a-z-]+$/);
  expect(error.message).toMatch(/\w/);
  expect(answer.text).not.toMatch(/\bat .*:\d+:\d+/);
}

/** The same, and nothing was mined. */
async function refused(world: World, statuses: number[], path: string, question: HttpQuestion): Promise<HttpAnswer> {
  const before = world.chain.blockCount;
  const answer = await world.http(path, question);
  expectError(answer, ...statuses);
  expect(world.chain.blockCount).toBe(before);
  expect(world.node.api.snapshot().mining.status).toBe('idle');
  return answer;
}

/** Within how many ms a request that does not go on is closed: docs/http-api.md. */
const HALF_REQUEST_MS = 10_000;
/** How much later a busy machine may notice. Node's own limits would leave the sockets open for one to five minutes. */
const BUSY_MS = 5_000;

const json = { 'content-type': 'application/json' };
const post = (body: unknown, headers: Record<string, string> = {}): HttpQuestion => ({ method: 'POST', body, headers: typeof body === 'string' ? { ...json, ...headers } : headers });

/** The head of a POST /mine, with more lines and the beginning of a body. */
function half(world: World, lines: string[], body = ''): string {
  return ['POST /mine HTTP/1.1', `Host: 127.0.0.1:${String(httpPort(world.node))}`, 'Content-Type: application/json', ...lines, '', body].join('\r\n');
}

export const httpCases: Case[] = [
  {
    id: 'API-01',
    title: 'malformed, empty, of the wrong type: an error, nothing mined',
    run: async (world) => {
      for (const body of ['', 'no json', '{"data":', "{'data':1}", '[]', '{}', 'null', '"text"', '7', '{"Data":1}', '{"data":1,"more":2}', '\ufeff{"data":1}x']) {
        await refused(world, [400], '/mine', post(body));
        await refused(world, [400], '/transactions', post(body));
        await refused(world, [400], '/peers', post(body));
      }
      await refused(world, [400], '/mine', { method: 'POST', headers: json, body: Buffer.from([0x22, 0xc3, 0x28, 0x22]) });
      for (const path of ['/blocks?from=-1', '/blocks?limit=abc', '/blocks/zzz', '/blocks/%00', '/blocks?from=1e99']) await refused(world, [400], path, {});
    },
  },
  {
    id: 'API-02',
    title: '50 MB, announced or in pieces: 413 without reading it',
    run: async (world) => {
      const announced = await rawSocket(httpPort(world.node));
      announced.write(half(world, [`Content-Length: ${String(50 * 1024 * 1024)}`], '{"data":"'));
      expect(await readAll(announced)).toMatch(/^HTTP\/1\.1 413/);
      const pieces = await rawSocket(httpPort(world.node));
      pieces.write(half(world, ['Transfer-Encoding: chunked']));
      const text = readAll(pieces);
      const piece = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
      for (let i = 0; i < 3_200 && !pieces.destroyed && pieces.writable; i++) if (!pieces.write(piece)) await new Promise((resolve) => setImmediate(resolve));
      expect(await text).toContain('413');
      await refused(world, [413], '/mine', post(`{"data":"${'x'.repeat(HTTP_LIMITS.bodyBytes)}"}`));
    },
  },
  {
    id: 'API-03',
    title: 'other types than JSON: 415; a foreign Origin: 403',
    run: async (world) => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) await refused(world, [415], '/mine', post('{"data":1}', { 'content-type': type }));
      for (const origin of ['https://example.org', 'null', 'file://', 'http://127.0.0.1:1']) {
        for (const path of ['/mine', '/peers', '/transactions']) await refused(world, [403], path, post({ data: 1 }, { origin }));
        await refused(world, [403], '/blocks', { headers: { origin } });
      }
    },
  },
  {
    id: 'API-04',
    title: 'a foreign Host, for GET too: 403',
    run: async (world) => {
      const port = String(httpPort(world.node));
      for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1:1', `localhost.evil.example:${port}`, `127.0.0.2:${port}`]) {
        await refused(world, [403], '/blocks', { headers: { host } });
        await refused(world, [403], '/mine', post({ data: 1 }, { host }));
      }
    },
  },
  {
    id: 'API-05',
    title: 'there are no tokens: with one, right or wrong, a request gets neither more nor less',
    run: async (world) => {
      for (const authorization of ['Bearer wrong', 'Basic YTpi', 'Bearer ', 'x'.repeat(5_000)]) {
        const answer = await world.http('/status', { headers: { authorization } });
        expect(answer.status).toBe(200);
        expect(answer.headers['www-authenticate']).toBeUndefined();
        // It opens no door that is shut without it.
        await refused(world, [403], '/mine', post({ data: 1 }, { authorization, origin: 'https://example.org' }));
        await refused(world, [403], '/blocks', { headers: { authorization, host: 'evil.example' } });
      }
    },
  },
  {
    id: 'API-06',
    title: 'GET, HEAD, OPTIONS of /mine: 405, no permission for other sites',
    run: async (world) => {
      for (const method of ['GET', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
        const before = world.chain.blockCount;
        const answer = await world.http('/mine', { method, headers: { 'access-control-request-method': 'POST' } });
        expect(answer.status).toBe(405);
        expect(answer.headers.allow).toBe('POST');
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
        expect(world.chain.blockCount).toBe(before);
      }
    },
  },
  {
    id: 'API-07',
    title: 'deep nesting: an error; enormous numbers: kept as their text',
    run: async (world) => {
      const deep = (levels: number): string => `{"data":${'['.repeat(levels)}${']'.repeat(levels)}}`;
      for (const body of [deep(40_000), deep(64), deep(33), `{"data":{"a":${'{"a":'.repeat(10_000)}`]) await refused(world, [400], '/mine', post(body));
      for (const number of ['1e999999', `1${'0'.repeat(5_000)}`, '-0', '9007199254740993', `0.${'1'.repeat(3_000)}`]) {
        const answer = await world.http('/mine', post(`{"data":${number}}`));
        expect(answer.status).toBe(302);
        const { hash } = answer.json() as { hash: string };
        expect((await world.http(`/blocks/${hash}`)).text).toContain(`"data":${number}`);
      }
    },
  },
  {
    id: 'API-08',
    title: '20 requests to mine at once: mined in turn or 429, and GET is answered meanwhile',
    timeout: 40_000,
    run: async (world) => {
      world.holdMining(true);
      const { height } = world.tip;
      const answers = Array.from({ length: 20 }, (_, i) => world.http('/mine', post({ data: i })));
      await until('the queue is full', () => world.node.api.snapshot().mining.queued === 16);
      const began = performance.now();
      expect((await world.http('/blocks?limit=1')).status).toBe(200);
      console.log(`      API-08: GET /blocks?limit=1 answered in ${(performance.now() - began).toFixed(0)} ms while a block was mined and 16 waited`);
      world.holdMining(false);
      const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
      // One is mined, sixteen wait; the others are told.
      expect(statuses).toEqual([...Array<number>(17).fill(302), ...Array<number>(3).fill(429)]);
      expect(world.tip.height).toBe(height + 17);
    },
  },
  {
    id: 'API-09',
    title: '200 half requests: nobody is kept out, and all are closed within 10 s',
    timeout: 60_000,
    waits: true,
    run: async (world) => {
      const sockets = await Promise.all(Array.from({ length: 200 }, () => rawSocket(httpPort(world.node))));
      const began = performance.now();
      world.after(() => {
        for (const socket of sockets) socket.destroy();
      });
      for (const [i, socket] of sockets.entries()) {
        socket.resume();
        // Half a head, half a body, nothing.
        if (i % 3 === 0) socket.write('POST /mine HTTP/1.1\r\nHost: local');
        if (i % 3 === 1) socket.write(half(world, ['Content-Length: 90'], '{"da'));
      }
      for (let i = 0; i < 10; i++) expect((await world.http('/blocks?limit=1')).status).toBe(200);
      await until('all closed', () => sockets.every(({ closed }) => closed), HALF_REQUEST_MS + BUSY_MS);
      expect(performance.now() - began).toBeLessThan(HALF_REQUEST_MS + BUSY_MS);
      // What the machine adds is above; the node itself leaves no more than was promised.
      expect(HTTP_LIMITS.requestTimeout + HTTP_LIMITS.timeoutCheckInterval).toBeLessThanOrEqual(HALF_REQUEST_MS);
    },
  },
  {
    id: 'API-10',
    title: 'a client that leaves while its block is mined: the job ends, those of others go on',
    run: async (world) => {
      world.holdMining(true);
      const { hash } = world.tip;
      const leaving = await rawSocket(httpPort(world.node));
      const body = '{"data":"leaves"}';
      leaving.write(half(world, [`Content-Length: ${String(body.length)}`], body));
      await until('mining', () => world.node.api.snapshot().mining.status === 'mining');
      const staying = world.http('/mine', post({ data: 'stays' }));
      await until('waiting', () => world.node.api.snapshot().mining.queued === 1);
      leaving.destroy();
      await until('the next one', () => world.node.api.snapshot().mining.dataPreview === 'stays');
      world.holdMining(false);
      const answer = await staying;
      expect(answer.status).toBe(302);
      expect(world.tip.hash).toBe((answer.json() as { hash: string }).hash);
      expect((await world.node.api.getBlock(world.tip.hash))?.previousHash).toBe(hash);
    },
  },
  {
    id: 'API-11',
    title: 'GET /blocks of 10,000 blocks: streamed whole, and others are answered meanwhile',
    timeout: 60_000,
    height: 10_000,
    run: async (world) => {
      const began = performance.now();
      const whole = world.http('/blocks');
      const beside = await world.http('/status');
      const blocks = (await whole).json() as { hash: string; lastHash: string; height: number }[];
      console.log(`      API-11: ${String(blocks.length)} blocks in ${((performance.now() - began) / 1000).toFixed(2)} s`);
      expect(beside.status).toBe(200);
      expect(blocks).toHaveLength(world.tip.height + 1);
      expect(blocks.length).toBeGreaterThan(10_000);
      expect(blocks.every((block, index) => block.height === index && (index === 0 || block.lastHash === blocks[index - 1]?.hash))).toBe(true);
    },
  },
  {
    id: 'API-12',
    title: 'bound to 127.0.0.1: no other address of this computer answers',
    run: async (world) => {
      expect(world.node.info.http?.host).toBe('127.0.0.1');
      expect(await reachableElsewhere(httpPort(world.node))).toEqual([]);
    },
  },
];

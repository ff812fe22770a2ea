import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type Context } from 'hono';
import type { BlockRange, NodeApi } from '../../shared/node-api.ts';
import { booleanMember, readJsonObject, requiredSource, stringMember } from './http-body.ts';
import { errorBody, HttpError, toHttpError } from './http-errors.ts';
import { blockArrayStream, blockDetailText, pendingText, statusText } from './http-json.ts';
import { HTTP_LIMITS } from './limits.ts';
import { resumePoint, type EventReaders } from './sse.ts';

type RequestContext = Context<{ Bindings: HttpBindings }>;
type Handler = (context: RequestContext) => Response | Promise<Response>;

interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  handler: Handler;
}

export interface RouteParts {
  api: NodeApi;
  readers: EventReaders;
  /** How long a socket may take nothing, in ms. */
  idleTimeout: number;
  /** Told about every error that is a bug or a failure of this node (5xx), never about a wrong request. */
  onError: (error: unknown) => void;
}

/** The HTTP door: every route of docs/http-api.md. It turns requests into calls of `NodeApi` and decides nothing itself. */
export function buildApp(parts: RouteParts): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  const routes = routeTable(parts);
  for (const route of routes) app.on(route.method, route.path, route.handler);
  const answer = (thrown: unknown): Response => {
    const error = toHttpError(thrown);
    if (error.status === 500) parts.onError(thrown);
    return new Response(errorBody(error), { status: error.status, headers: { ...JSON_HEADERS, ...error.headers } });
  };
  app.notFound((context) => {
    const allowed = allowedMethods(routes, context.req.path);
    if (allowed.length === 0) return answer(new HttpError(404, 'not-found', 'There is nothing at this path. Try GET /blocks or GET /status.', { got: context.req.path.slice(0, 100) }));
    return answer(
      new HttpError(405, 'method-not-allowed', `This path takes ${allowed.join(', ')} only.`, {
        expected: allowed.join(', '),
        got: context.req.raw.method,
        headers: { allow: allowed.join(', ') },
      }),
    );
  });
  app.onError(answer);
  return app;
}

const JSON_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
};

function json(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { ...JSON_HEADERS, ...headers } });
}

/** Hono answers HEAD from the GET route and drops the body: a stream must not be started for it. */
const isHead = (context: RequestContext): boolean => context.env.incoming.method === 'HEAD';

function routeTable(parts: RouteParts): Route[] {
  const { api, readers, onError } = parts;
  return [
    {
      method: 'GET',
      path: '/blocks',
      handler: (context) => {
        const range = readRange(context);
        if (isHead(context)) return new Response(null, { headers: JSON_HEADERS });
        const cut = (error: unknown): void => {
          if (toHttpError(error).status === 500) onError(error);
          context.env.outgoing.destroy();
        };
        return new Response(blockArrayStream(api.streamBlocks(range), cut), { headers: JSON_HEADERS });
      },
    },
    {
      method: 'GET',
      path: '/blocks/:ref',
      handler: async (context) => {
        const block = await api.getBlock(readBlockRef(context.req.param('ref') ?? ''));
        return json(blockDetailText(block ?? noSuchBlock()));
      },
    },
    {
      method: 'POST',
      path: '/blocks/:ref/tamper',
      handler: async (context) => {
        const block = readBlockRef(context.req.param('ref') ?? '');
        const report = await api.tamper({ block, dataText: requiredSource(await readJsonObject(context.req.raw, ['data']), 'data') });
        return json(JSON.stringify(report ?? noSuchBlock()));
      },
    },
    { method: 'POST', path: '/mine', handler: (context) => mine(parts, context) },
    { method: 'GET', path: '/peers', handler: () => json(JSON.stringify(api.peers())) },
    {
      method: 'POST',
      path: '/peers',
      handler: async (context) => {
        const members = await readJsonObject(context.req.raw, ['address', 'peer', 'keepUnreachable']);
        const address = stringMember(members, 'address') ?? stringMember(members, 'peer');
        if (address === undefined) throw new HttpError(400, 'invalid-argument', 'The body has no field "address". Send {"address": "localhost:5002"}.', { field: 'address', expected: 'host:port' });
        const keepUnreachable = booleanMember(members, 'keepUnreachable');
        return json(JSON.stringify(await api.addPeer(address, keepUnreachable === undefined ? {} : { keepUnreachable })), 201);
      },
    },
    {
      method: 'DELETE',
      path: '/peers',
      handler: async (context) => {
        const query = context.req.query('address') ?? context.req.query('key');
        return removePeer(api, query ?? (await peerOfBody(context)));
      },
    },
    { method: 'DELETE', path: '/peers/:key', handler: (context) => removePeer(api, context.req.param('key') ?? '') },
    { method: 'POST', path: '/peers/:key/cut', handler: async (context) => json(JSON.stringify(await api.cutPeer(context.req.param('key') ?? ''))) },
    { method: 'POST', path: '/peers/:key/mend', handler: async (context) => json(JSON.stringify(await api.mendPeer(context.req.param('key') ?? ''))) },
    { method: 'GET', path: '/transactions', handler: () => json(`[${api.transactions().map(pendingText).join(',')}]`) },
    {
      method: 'POST',
      path: '/transactions',
      handler: async (context) => {
        const members = await readJsonObject(context.req.raw, ['data']);
        return json(pendingText(await api.submitTransaction(requiredSource(members, 'data'))), 201);
      },
    },
    { method: 'GET', path: '/status', handler: () => json(statusText(api.snapshot())) },
    {
      method: 'GET',
      path: '/events',
      handler: (context) => {
        const after = resumePoint(context.req.header('last-event-id') ?? null, context.req.query('after'));
        if (isHead(context)) return new Response(null, { headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' } });
        readers.add(context.env.outgoing, after);
        return RESPONSE_ALREADY_SENT;
      },
    },
  ];
}

/** Mines one block and sends the client to the chain. A client that leaves takes its job with it. */
async function mine({ api, idleTimeout }: RouteParts, context: RequestContext): Promise<Response> {
  const dataText = requiredSource(await readJsonObject(context.req.raw, ['data']), 'data');
  const { incoming, outgoing } = context.env;
  const job = api.mine({ dataText });
  const left = (): void => {
    // Its `done` rejects then; the await below takes that.
    void api.stopMining(job.jobId);
  };
  outgoing.once('close', left);
  if (outgoing.destroyed) left();
  // Mining may take longer than a reader may be idle.
  incoming.socket.setTimeout(0);
  try {
    const block = await job.done;
    return json(JSON.stringify(block), 302, { location: '/blocks' });
  } finally {
    outgoing.off('close', left);
    incoming.socket.setTimeout(idleTimeout);
  }
}

async function peerOfBody(context: RequestContext): Promise<string> {
  const members = await readJsonObject(context.req.raw, ['address', 'peer', 'key']);
  const name = stringMember(members, 'address') ?? stringMember(members, 'peer') ?? stringMember(members, 'key');
  if (name === undefined) throw new HttpError(400, 'invalid-argument', 'The body has no field "address". Send {"address": "localhost:5002"}.', { field: 'address', expected: 'host:port' });
  return name;
}

async function removePeer(api: NodeApi, keyOrAddress: string): Promise<Response> {
  if (!(await api.removePeer(keyOrAddress))) throw new HttpError(404, 'not-found', 'This node has no such peer. GET /peers lists those it has.', { field: 'address', got: keyOrAddress.slice(0, 100) });
  return json('{"removed":true}');
}

function noSuchBlock(): never {
  throw new HttpError(404, 'not-found', 'This node has no such block. Look in GET /blocks for those it has.');
}

function readBlockRef(text: string): string | number {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  if (/^[0-9]{1,10}$/.test(text) && Number(text) <= HTTP_LIMITS.maxHeight) return Number(text);
  throw new HttpError(400, 'invalid-argument', 'A block is named by its height or by the 64 hex digits of its hash.', { field: 'heightOrHash', expected: 'a height or a hash', got: text.slice(0, 80) });
}

function readRange(context: RequestContext): BlockRange {
  const from = readCount(context, 'from', 0);
  const limit = readCount(context, 'limit', 1);
  return { ...(from === undefined ? {} : { from }), ...(limit === undefined ? {} : { limit }) };
}

function readCount(context: RequestContext, name: string, least: number): number | undefined {
  const text = context.req.query(name);
  if (text === undefined) return undefined;
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= HTTP_LIMITS.maxHeight)) {
    const expected = `a whole number from ${String(least)} to ${String(HTTP_LIMITS.maxHeight)}`;
    throw new HttpError(400, 'invalid-argument', `The query ?${name}= must be ${expected}.`, { field: name, expected, got: text.slice(0, 40) });
  }
  return value;
}

/** The methods that a path knows; empty when it is no path of this API. */
function allowedMethods(routes: readonly Route[], path: string): string[] {
  const parts = path.split('/');
  const methods = routes
    .filter((route) => {
      const wanted = route.path.split('/');
      return wanted.length === parts.length && wanted.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]));
    })
    .map((route) => route.method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}

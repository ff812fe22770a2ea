import { Agent, request as nodeRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json: () => unknown;
}

export interface HttpQuestion {
  method?: string;
  headers?: Record<string, string>;
  /** A string is sent as it is, any other value as JSON with its content type. */
  body?: unknown;
}

/** One request on a connection of its own. Redirects are not followed. */
export async function ask(port: number, path: string, question: HttpQuestion = {}): Promise<HttpAnswer> {
  const response = await openRequest(port, path, question);
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk as string;
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) as unknown };
}

/** As `ask`, but gives the response before its body is read. */
export function openRequest(port: number, path: string, question: HttpQuestion = {}): Promise<IncomingMessage> {
  const raw = typeof question.body === 'string' || Buffer.isBuffer(question.body);
  const body = question.body === undefined ? undefined : raw ? (question.body as string | Buffer) : JSON.stringify(question.body);
  const headers: Record<string, string> = { ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }), ...question.headers };
  if (body !== undefined) headers['content-length'] ??= String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const outgoing = nodeRequest({ host: '127.0.0.1', port, path, method: question.method ?? 'GET', headers, agent: new Agent({ keepAlive: false }) }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** A plain socket to write anything to. Errors (a reset by the other side) are left to its `close` event. */
export function rawSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

/** Everything that a socket says until the other side closes it. */
export async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => (text += chunk));
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

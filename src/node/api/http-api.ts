import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import type { ListenInfo } from '../../shared/events.ts';
import type { NodeApi } from '../../shared/node-api.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { errorBody, HttpError, toHttpError } from './http-errors.ts';
import { guardRequest } from './http-guard.ts';
import { buildApp } from './http-routes.ts';
import { HttpSockets } from './http-sockets.ts';
import { HTTP_LIMITS } from './limits.ts';
import { EventReaders } from './sse.ts';

export interface HttpApiOptions {
  /** 0 picks a free port. */
  port: number;
  /** Whether a taken port moves to the next free one; false when somebody asked for exactly this port. */
  portFallback: boolean;
  /** Others than HTTP_LIMITS, for tests. */
  requestTimeout?: number;
  idleTimeout?: number;
  eventBufferBytes?: number;
  sockets?: number;
}

export interface HttpApiModules {
  api: NodeApi;
  clock: Clock;
  logger: Logger;
}

/** The port of the HTTP API cannot be listened on. `code` is the system's, `EADDRINUSE` for a port that is taken. */
export class HttpListenError extends Error {
  readonly port: number;
  readonly code: string;

  constructor(port: number, code: string) {
    super(`Port ${String(port)} cannot be used for the HTTP API (${code}).`);
    this.name = 'HttpListenError';
    this.port = port;
    this.code = code;
  }
}

/** The HTTP server around `buildApp`: sockets, time limits, the guard against web pages. Loopback only. */
export class HttpApi {
  readonly #options: HttpApiOptions;
  readonly #logger: Logger;
  readonly #readers: EventReaders;
  readonly #server: Server;
  #listening: ListenInfo | undefined;

  constructor(options: HttpApiOptions, modules: HttpApiModules) {
    this.#options = options;
    this.#logger = modules.logger;
    this.#readers = new EventReaders({
      api: modules.api,
      clock: modules.clock,
      ...(options.eventBufferBytes === undefined ? {} : { bufferBytes: options.eventBufferBytes }),
    });
    const onError = (error: unknown): void => {
      this.#logger.error('an HTTP request failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    };
    const idleTimeout = options.idleTimeout ?? HTTP_LIMITS.idleTimeout;
    const app = buildApp({ api: modules.api, readers: this.#readers, idleTimeout, onError });
    const listener = getRequestListener(app.fetch, {
      overrideGlobalObjects: false,
      errorHandler: (error) => {
        // Only the adapter's own refusals come here (a request line that is no URL); the routes answer for themselves.
        const refused = error instanceof Error && error.name === 'RequestError' ? new HttpError(400, 'bad-request', 'The request line is not a valid HTTP address.') : toHttpError(error);
        if (refused.status === 500) onError(error);
        return new Response(errorBody(refused), { status: refused.status, headers: { 'content-type': 'application/json; charset=utf-8' } });
      },
    });
    const sockets = new HttpSockets(options.sockets ?? HTTP_LIMITS.sockets);
    const requestTimeout = options.requestTimeout ?? HTTP_LIMITS.requestTimeout;
    this.#server = createServer(
      {
        requestTimeout,
        headersTimeout: requestTimeout,
        connectionsCheckingInterval: Math.min(HTTP_LIMITS.timeoutCheckInterval, requestTimeout),
        keepAliveTimeout: HTTP_LIMITS.keepAliveTimeout,
        maxHeaderSize: HTTP_LIMITS.headerBytes,
      },
      (incoming, outgoing) => {
        sockets.begin(incoming, outgoing);
        outgoing.setHeader('x-content-type-options', 'nosniff');
        outgoing.setHeader('cross-origin-resource-policy', 'same-origin');
        if (this.#admit(incoming, outgoing)) void listener(incoming, outgoing);
      },
    );
    sockets.watch(this.#server);
    this.#server.setTimeout(idleTimeout);
    this.#server.on('clientError', refuseRaw);
  }

  /** Where it listens; undefined before `open` and after `close`. */
  get listening(): ListenInfo | undefined {
    return this.#listening;
  }

  get eventReaderCount(): number {
    return this.#readers.count;
  }

  /** @throws HttpListenError when no port is free, or the one that was asked for is taken. */
  async open(): Promise<ListenInfo> {
    const { port, portFallback } = this.#options;
    const tries = portFallback && port !== 0 ? HTTP_LIMITS.portTries : 1;
    for (let index = 0; ; index += 1) {
      try {
        const bound = await listen(this.#server, port + index);
        this.#listening = { host: HTTP_LIMITS.host, port: bound, ...(index === 0 ? {} : { movedFrom: port }) };
        return this.#listening;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        if (code !== 'EADDRINUSE' || index + 1 >= tries || port + index + 1 > 65_535) throw new HttpListenError(port, code);
      }
    }
  }

  /** Stops listening, ends the event streams and closes every socket. */
  async close(): Promise<void> {
    this.#readers.closeAll();
    if (this.#listening === undefined) return;
    this.#listening = undefined;
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  #admit(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    try {
      guardRequest(incoming, this.#listening?.port ?? 0);
      return true;
    } catch (thrown) {
      const error = toHttpError(thrown);
      // The body, if there is one, is not read: the connection ends with the answer.
      outgoing.writeHead(error.status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
      outgoing.end(errorBody(error));
      return false;
    }
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      server.off('error', failed);
      server.off('listening', listening);
      act();
    };
    const failed = (error: Error): void => {
      settle(() => {
        reject(error);
      });
    };
    const listening = (): void => {
      settle(() => {
        resolve((server.address() as AddressInfo).port);
      });
    };
    server.once('error', failed);
    server.once('listening', listening);
    server.listen({ host: HTTP_LIMITS.host, port, exclusive: true });
  });
}

/** What is not HTTP, or comes too slowly: a last word in JSON where the socket still takes one. */
function refuseRaw(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const large = error.code === 'HPE_HEADER_OVERFLOW';
  const status = late ? '408 Request Timeout' : large ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const body = errorBody(new HttpError(400, 'bad-request', late ? 'The request did not arrive in time. Send it in one go.' : large ? 'The headers are too large. Send fewer.' : 'This is not an HTTP request. Speak HTTP/1.1.'));
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`, () => {
    socket.destroy();
  });
}

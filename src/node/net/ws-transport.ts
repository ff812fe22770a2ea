import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { HalfMessages } from './half-messages.ts';
import { NET_LIMITS } from './limits.ts';
import { DialError, type DialTarget, type Listener, type PeerSocket, type Transport } from './transport.ts';
import { WsSocket } from './ws-socket.ts';

/**
 * `closeTimeout` is newer than the published types of ws. Without synchronous events the library hands over one message a turn of the event loop, and stops
 * reading while it has more: otherwise libuv reads on as long as bytes are there, up to 2 MiB, and all that is in them is handled in one turn.
 */
const socketOptions = {
  perMessageDeflate: false,
  allowSynchronousEvents: false,
  maxPayload: NET_LIMITS.messageBytes,
  closeTimeout: NET_LIMITS.closeMs,
} as const;

const hostForUrl = (host: string): string => (isIPv6(host) ? `[${host}]` : host);

/** Peers over WebSockets (RFC 6455) without TLS: the `ws` library on Node's HTTP server. */
export class WsTransport implements Transport {
  readonly #half = new HalfMessages(NET_LIMITS.halfMessageBytes);

  listen(target: DialTarget, onSocket: (socket: PeerSocket) => void): Promise<Listener> {
    const sockets = new Set<Socket>();
    /** Those of them that have not become WebSockets, in the order in which they came. */
    const pending = new Set<Socket>();
    const upgrader = new WebSocketServer({ noServer: true, clientTracking: false, ...socketOptions });
    const server = createServer(
      {
        headersTimeout: NET_LIMITS.handshakeMs,
        requestTimeout: NET_LIMITS.handshakeMs,
        connectionsCheckingInterval: NET_LIMITS.tickMs,
        maxHeaderSize: 8 * 1024,
      },
      answerPlainHttp,
    );
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      pending.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        pending.delete(socket);
      });
      if (pending.size <= NET_LIMITS.pendingUpgrades) return;
      // The one that has said nothing for longest: silent sockets must keep nobody out.
      for (const oldest of pending) {
        pending.delete(oldest);
        oldest.destroy();
        break;
      }
    });
    server.on('clientError', (_error, socket: Duplex) => {
      socket.destroy();
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      // Nodes send no Origin; browsers always do. A web page must not be able to talk to the node of whoever reads it.
      if (request.headers.origin !== undefined) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy());
        return;
      }
      upgrader.handleUpgrade(request, socket, head, (ws) => {
        pending.delete(socket as Socket);
        onSocket(new WsSocket(ws, socket as Socket, this.#half));
      });
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: target.host, port: target.port, exclusive: true }, () => {
        server.off('error', reject);
        server.on('error', () => undefined);
        const { port } = server.address() as AddressInfo;
        resolve({
          host: target.host,
          port,
          close: () =>
            new Promise((closed) => {
              server.close(() => {
                closed();
              });
              upgrader.close();
              for (const socket of sockets) socket.destroy();
            }),
        });
      });
    });
  }

  dial(target: DialTarget, signal: AbortSignal): Promise<PeerSocket> {
    return new Promise((resolve, reject) => {
      let raw: Socket | undefined;
      let refused = '';
      const ws = new WebSocket(`ws://${hostForUrl(target.host)}:${String(target.port)}/`, {
        ...socketOptions,
        handshakeTimeout: NET_LIMITS.handshakeMs,
        followRedirects: false,
      });
      const abort = (): void => {
        ws.terminate();
      };
      const settle = (): void => {
        signal.removeEventListener('abort', abort);
        ws.off('error', onError);
        ws.off('close', onClose);
        ws.off('open', onOpen);
      };
      const onError = (error: Error & { code?: string }): void => {
        refused = describe(error) ?? refused;
      };
      const onClose = (): void => {
        settle();
        ws.on('error', () => undefined);
        if (signal.aborted) reject(new DialError('aborted', 'the dial was given up'));
        else if (refused !== '') reject(new DialError('not-a-peer', refused));
        else reject(new DialError('unreachable', 'nothing answers'));
      };
      const onOpen = (): void => {
        settle();
        if (raw === undefined) {
          ws.terminate();
          reject(new DialError('unreachable', 'the socket went away'));
          return;
        }
        resolve(new WsSocket(ws, raw, this.#half));
      };
      ws.once('upgrade', (response: IncomingMessage) => {
        raw = response.socket;
      });
      ws.on('error', onError);
      ws.on('close', onClose);
      ws.on('open', onOpen);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }
}

/** A text when something answered but not as a WebSocket server does; undefined when nothing answered, or it just hung up. */
function describe(error: Error & { code?: string }): string | undefined {
  if (error.message.startsWith('Unexpected server response')) return error.message.toLowerCase();
  if (error.code?.startsWith('HPE_') === true) return 'it does not speak HTTP';
  if (error.message.startsWith('Invalid Upgrade') || error.message.startsWith('Invalid Sec-WebSocket')) {
    return 'it is not a WebSocket server';
  }
  return undefined;
}

function answerPlainHttp(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { Connection: 'close', 'Content-Type': 'text/plain; charset=utf-8', Upgrade: 'websocket' });
  response.end('This is the peer port of a Chainscope node. It speaks WebSocket.\n');
}

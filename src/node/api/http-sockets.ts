import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * The sockets of the HTTP server, at most `limit`. When all are taken, the one that has waited longest without a complete request makes room, so that
 * half requests keep nobody out; when every socket is being answered, the newcomer is closed.
 */
export class HttpSockets {
  readonly #limit: number;
  /** In the order in which they came, with the request that arrived last and is not answered yet. */
  readonly #open = new Map<Socket, IncomingMessage | undefined>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#open.size;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      if (this.#open.size >= this.#limit) {
        const waiting = this.#waiting();
        if (waiting === undefined) {
          socket.destroy();
          return;
        }
        this.#open.delete(waiting);
        waiting.destroy();
      }
      this.#open.set(socket, undefined);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** A request has begun on its socket. */
  begin(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming;
    if (!this.#open.has(socket)) return;
    this.#open.set(socket, incoming);
    outgoing.once('close', () => {
      if (this.#open.get(socket) === incoming) this.#open.set(socket, undefined);
    });
  }

  #waiting(): Socket | undefined {
    for (const [socket, request] of this.#open) if (request?.complete !== true) return socket;
    return undefined;
  }
}

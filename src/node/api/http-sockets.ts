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
  /** Answers that are not finished, of sockets that are open. */
  readonly #answers = new Map<Socket, Set<ServerResponse>>();

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
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#leave(socket);
      });
    });
  }

  /** A request has begun on its socket. */
  begin(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming;
    if (!this.#open.has(socket)) return;
    this.#open.set(socket, incoming);
    const answers = this.#answers.get(socket) ?? new Set();
    this.#answers.set(socket, answers.add(outgoing));
    outgoing.once('close', () => {
      answers.delete(outgoing);
      if (this.#open.get(socket) === incoming) this.#open.set(socket, undefined);
    });
  }

  /** Node tells the answer whose turn it is that its socket closed, but not those that wait behind it (pipelining): whoever works for them learns of it here. */
  #leave(socket: Socket): void {
    const answers = this.#answers.get(socket);
    this.#answers.delete(socket);
    for (const answer of answers ?? []) {
      if (answer.socket !== null || answer.closed) continue;
      answer.destroy();
      answer.emit('close');
    }
  }

  #waiting(): Socket | undefined {
    for (const [socket, request] of this.#open) if (request?.complete !== true) return socket;
    return undefined;
  }
}

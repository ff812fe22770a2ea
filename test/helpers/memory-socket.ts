import type { PeerSocket, SocketHandlers } from '../../src/node/net/transport.ts';

/** One end of a connection in memory. Messages arrive in a microtask; `held` ones when they are let go. */
export class MemorySocket implements PeerSocket {
  readonly remoteHost = '127.0.0.1';
  readonly remotePort: number;
  readonly ended: Promise<void>;
  bytesIn = 0;
  bytesOut = 0;
  /** Set by a test that plays a reader who does not read. */
  unsentBytes = 0;
  paused = false;
  closedWith: { code: number; reason: string } | undefined;
  other: MemorySocket | undefined;
  readonly #waiting: Uint8Array[] = [];
  #handlers: SocketHandlers | undefined;
  #resolveEnded: () => void = () => undefined;
  #done = false;

  constructor(remotePort: number) {
    this.remotePort = remotePort;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  static pair(): [MemorySocket, MemorySocket] {
    const a = new MemorySocket(1);
    const b = new MemorySocket(2);
    a.other = b;
    b.other = a;
    return [a, b];
  }

  start(handlers: SocketHandlers): void {
    this.#handlers = handlers;
    this.#flush();
  }

  handshakeDone(): void {
    // The limit of raw bytes is a thing of real sockets.
  }

  send(data: Uint8Array, done?: () => void): void {
    if (!this.#done) {
      this.bytesOut += data.length;
      const { other } = this;
      queueMicrotask(() => {
        other?.arrive(data);
        done?.();
      });
    } else done?.();
  }

  arrive(data: Uint8Array): void {
    if (this.#done) return;
    this.bytesIn += data.length;
    this.#waiting.push(data);
    this.#flush();
  }

  text(): void {
    this.#handlers?.text();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.#flush();
  }

  close(code: number, reason: string): void {
    if (this.#done) return;
    this.closedWith = { code, reason };
    const { other } = this;
    // After what was sent before it.
    queueMicrotask(() => {
      other?.end(code, reason);
    });
    this.end(code, reason);
  }

  terminate(): void {
    this.closedWith ??= { code: 1006, reason: '' };
    const { other } = this;
    queueMicrotask(() => {
      other?.end(1006, '');
    });
    this.end(1006, '');
  }

  end(code: number, reason: string): void {
    if (this.#done) return;
    this.#done = true;
    this.#handlers?.close(code, reason);
    this.#resolveEnded();
  }

  #flush(): void {
    while (!this.paused && !this.#done && this.#handlers !== undefined) {
      const data = this.#waiting.shift();
      if (data === undefined) return;
      this.#handlers.message(data);
    }
  }
}

/** The node's own transport, looked at from outside: which messages went over it, and how many bytes its sockets moved. */
import { FRAME_HEADER_BYTES, peekType } from '../../src/node/net/codec/frame.ts';
import type { DialTarget, Listener, PeerSocket, SocketHandlers, Transport } from '../../src/node/net/transport.ts';
import { WsTransport } from '../../src/node/net/ws-transport.ts';
import { ByteReader } from '../../src/node/util/codec.ts';

/** Of one socket since it was opened. */
export interface SocketCounts {
  /** Port of the other end: tells the sockets of one node apart. */
  remotePort: number;
  /** Bytes that the operating system's socket took and gave, WebSocket frames and handshake included, TCP and IP headers not. */
  bytesIn: number;
  bytesOut: number;
  /** By type, how many messages. */
  received: Record<string, number>;
  sent: Record<string, number>;
  /** Bodies of blocks, one or many in a message. */
  bodiesReceived: number;
  bodiesSent: number;
}

class CountedSocket implements PeerSocket {
  readonly received: Record<string, number> = {};
  readonly sent: Record<string, number> = {};
  bodiesReceived = 0;
  bodiesSent = 0;
  readonly #inner: PeerSocket;

  constructor(inner: PeerSocket) {
    this.#inner = inner;
  }

  get remoteHost(): string {
    return this.#inner.remoteHost;
  }

  get remotePort(): number {
    return this.#inner.remotePort;
  }

  get bytesIn(): number {
    return this.#inner.bytesIn;
  }

  get bytesOut(): number {
    return this.#inner.bytesOut;
  }

  get unsentBytes(): number {
    return this.#inner.unsentBytes;
  }

  get ended(): Promise<void> {
    return this.#inner.ended;
  }

  start(handlers: SocketHandlers): void {
    this.#inner.start({
      message: (data) => {
        count(this.received, data);
        this.bodiesReceived += bodiesIn(data);
        handlers.message(data);
      },
      text: () => {
        handlers.text();
      },
      control: (bytes) => {
        handlers.control(bytes);
      },
      flooded: () => {
        handlers.flooded();
      },
      close: (code, reason) => {
        handlers.close(code, reason);
      },
    });
  }

  handshakeDone(): void {
    this.#inner.handshakeDone();
  }

  send(data: Uint8Array, done?: () => void): void {
    count(this.sent, data);
    this.bodiesSent += bodiesIn(data);
    this.#inner.send(data, done);
  }

  pause(): void {
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }

  close(code: number, reason: string): void {
    this.#inner.close(code, reason);
  }

  terminate(): void {
    this.#inner.terminate();
  }
}

function count(into: Record<string, number>, frame: Uint8Array): void {
  const type = peekType(frame) ?? 'unknown';
  into[type] = (into[type] ?? 0) + 1;
}

function bodiesIn(frame: Uint8Array): number {
  const type = peekType(frame);
  if (type !== 'blocks') return type === 'block' ? 1 : 0;
  // The number of bodies stands first.
  return new ByteReader(frame.subarray(FRAME_HEADER_BYTES)).varint(Number.MAX_SAFE_INTEGER);
}

export class CountingTransport implements Transport {
  readonly #inner: Transport = new WsTransport();
  readonly #sockets: CountedSocket[] = [];

  listen(target: DialTarget, onSocket: (socket: PeerSocket) => void): Promise<Listener> {
    return this.#inner.listen(target, (socket) => {
      onSocket(this.#counted(socket));
    });
  }

  async dial(target: DialTarget, signal: AbortSignal): Promise<PeerSocket> {
    return this.#counted(await this.#inner.dial(target, signal));
  }

  /** Of every socket there ever was, in the order in which they were opened. */
  counts(): SocketCounts[] {
    return this.#sockets.map(({ remotePort, bytesIn, bytesOut, received, sent, bodiesReceived, bodiesSent }) => ({
      remotePort,
      bytesIn,
      bytesOut,
      received: { ...received },
      sent: { ...sent },
      bodiesReceived,
      bodiesSent,
    }));
  }

  #counted(socket: PeerSocket): CountedSocket {
    const counted = new CountedSocket(socket);
    this.#sockets.push(counted);
    return counted;
  }
}

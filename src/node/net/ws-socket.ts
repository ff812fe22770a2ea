import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { HalfMessages, Receiver } from './half-messages.ts';
import { NET_LIMITS } from './limits.ts';
import type { PeerSocket, SocketHandlers } from './transport.ts';

/** Before the content of a control frame (RFC 6455, section 5.2), with the mask that a client's frames have. */
const CONTROL_HEADER_BYTES = 6;

/** One WebSocket of the `ws` library as the pool sees it. */
export class WsSocket implements PeerSocket, Receiver {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly ended: Promise<void>;
  readonly #ws: WebSocket;
  readonly #raw: Socket;
  readonly #rawBase: number;
  readonly #half: HalfMessages;
  /** Raw bytes when the last message was complete. */
  #completeAt: number;
  #shaking = true;
  #handlers: SocketHandlers | undefined;
  /** What came between the WebSocket's opening and `start`. */
  #early: (() => void)[] = [];
  #lastError = '';

  constructor(ws: WebSocket, raw: Socket, half: HalfMessages) {
    this.#ws = ws;
    this.#raw = raw;
    this.#half = half;
    this.#rawBase = raw.bytesRead;
    this.#completeAt = raw.bytesRead;
    this.remoteHost = plainHost(raw.remoteAddress ?? '');
    this.remotePort = raw.remotePort ?? 0;
    ws.on('message', this.#onMessage);
    ws.on('ping', this.#onControl);
    ws.on('pong', this.#onControl);
    ws.on('error', this.#onError);
    ws.on('close', this.#onClose);
    this.ended = new Promise((resolve) => ws.once('close', () => {
      resolve();
    }));
    raw.on('data', this.#onRawData);
  }

  get bytesIn(): number {
    return this.#raw.bytesRead;
  }

  get bytesOut(): number {
    return this.#raw.bytesWritten;
  }

  get unsentBytes(): number {
    return this.#ws.bufferedAmount;
  }

  start(handlers: SocketHandlers): void {
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (const deliver of early) deliver();
  }

  handshakeDone(): void {
    this.#shaking = false;
  }

  tooLarge(): void {
    this.#flooded();
  }

  send(data: Uint8Array, done?: () => void): void {
    if (this.#ws.readyState !== this.#ws.OPEN) {
      done?.();
      return;
    }
    // An error of one write is also the socket's end, which `close` reports.
    this.#ws.send(data, { binary: true, compress: false }, () => done?.());
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  close(code: number, reason: string): void {
    this.#ws.resume();
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  readonly #onRawData = (): void => {
    const { bytesRead } = this.#raw;
    // The library has seen these bytes before: what completed a message is not counted.
    this.#half.set(this, bytesRead - this.#completeAt);
    if (this.#shaking && bytesRead - this.#rawBase > NET_LIMITS.rawBytesBeforeHandshake) this.#flooded();
  };

  #flooded(): void {
    this.#shaking = false;
    this.#raw.off('data', this.#onRawData);
    this.#deliver((handlers) => {
      handlers.flooded();
    });
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    this.#completeAt = this.#raw.bytesRead;
    this.#half.set(this, 0);
    this.#deliver((handlers) => {
      if (!isBinary) {
        handlers.text();
        return;
      }
      // Not a Buffer: its `slice` would share the memory of the socket's read instead of copying out of it.
      const buffer = data as Buffer;
      handlers.message(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length));
    });
  };

  readonly #onControl = (data: Buffer): void => {
    this.#deliver((handlers) => {
      handlers.control(CONTROL_HEADER_BYTES + data.length);
    });
  };

  readonly #onError = (error: Error): void => {
    this.#lastError = error.message;
  };

  readonly #onClose = (code: number, reason: Buffer): void => {
    this.#raw.off('data', this.#onRawData);
    this.#half.set(this, 0);
    this.#ws.off('message', this.#onMessage);
    this.#ws.off('ping', this.#onControl);
    this.#ws.off('pong', this.#onControl);
    this.#ws.off('close', this.#onClose);
    const text = reason.length > 0 ? reason.toString('utf8') : this.#lastError;
    this.#deliver((handlers) => {
      handlers.close(code, text);
    });
  };

  #deliver(to: (handlers: SocketHandlers) => void): void {
    const handlers = this.#handlers;
    if (handlers !== undefined) to(handlers);
    else
      this.#early.push(() => {
        if (this.#handlers !== undefined) to(this.#handlers);
      });
  }
}

/** `::ffff:127.0.0.1` is 127.0.0.1 as a dual-stack socket shows it. */
function plainHost(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** What the pool needs of a network. The real one is ws-transport.ts; tests and simulations may bring another. */

export interface SocketHandlers {
  /** One binary message. */
  message(data: Uint8Array): void;
  /** So many bytes of a WebSocket ping or pong, which the library answers: part of no message. */
  control(bytes: number): void;
  /** A text message: nobody of ours sends those. */
  text(): void;
  /** More raw bytes than a peer may send before its handshake is done, or the largest of too many unfinished messages. */
  flooded(): void;
  /** Once, also after `close` and `terminate`. `code` and `reason` as in RFC 6455, 1006 when the socket just went. */
  close(code: number, reason: string): void;
}

export interface PeerSocket {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes handed to `send` that the operating system has not taken yet. */
  readonly unsentBytes: number;
  /** Messages that came earlier are delivered now. */
  start(handlers: SocketHandlers): void;
  /** The raw-byte limit of the time before the handshake no longer applies. */
  handshakeDone(): void;
  /** `done` is called when the operating system has taken it, or the socket is gone. */
  send(data: Uint8Array, done?: () => void): void;
  pause(): void;
  resume(): void;
  /** Closes politely; whoever does not answer is cut after NET_LIMITS.closeMs. */
  close(code: number, reason: string): void;
  terminate(): void;
  /** Resolves when the socket is gone for good. */
  readonly ended: Promise<void>;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Stops listening and cuts what is still open. */
  close(): Promise<void>;
}

export interface DialTarget {
  host: string;
  port: number;
}

export type DialErrorCode = 'unreachable' | 'not-a-peer' | 'aborted';

export class DialError extends Error {
  readonly code: DialErrorCode;

  constructor(code: DialErrorCode, message: string) {
    super(message);
    this.name = 'DialError';
    this.code = code;
  }
}

export interface Transport {
  /** Rejects with the operating system's error (`code` EADDRINUSE, EACCES, EADDRNOTAVAIL …). */
  listen(target: DialTarget, onSocket: (socket: PeerSocket) => void): Promise<Listener>;
  /** Rejects with DialError. */
  dial(target: DialTarget, signal: AbortSignal): Promise<PeerSocket>;
}

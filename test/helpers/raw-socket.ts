import { connect, type Socket } from 'node:net';

const REQUEST = [
  'GET / HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];

/** A TCP connection that a test writes bytes to, WebSocket framing included. */
export class RawSocket {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => {
      this.received = Buffer.concat([this.received, data]);
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1');
    const raw = new RawSocket(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return raw;
  }

  /** Asks for a WebSocket, with further header lines. */
  upgrade(...headers: string[]): void {
    this.write(Buffer.from([...REQUEST, ...headers, '', ''].join('\r\n')));
  }

  write(data: Uint8Array): void {
    if (!this.closed) this.socket.write(data);
  }

  /** A masked client frame (RFC 6455, 5.2), its first byte and masking as given. */
  frame(firstByte: number, payload: Uint8Array, options: { masked?: boolean; claim?: bigint } = {}): void {
    const masked = options.masked ?? true;
    const length = options.claim ?? BigInt(payload.length);
    const header = Buffer.alloc(10);
    header[0] = firstByte;
    header[1] = (masked ? 0x80 : 0) | 127;
    header.writeBigUInt64BE(length, 2);
    this.write(Buffer.concat([header, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]));
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** The code of the close frame that came last, when one came. */
  get closeCode(): number | undefined {
    const at = this.received.lastIndexOf(0x88);
    return at >= 0 && this.received.length >= at + 4 ? this.received.readUInt16BE(at + 2) : undefined;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

import type { Socket } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';
import { decodeMessage, encodeMessage } from '../../src/node/net/codec/frame.ts';
import { PROTOCOL_VERSION, type Message, type ReceivedMessage, type VersionMessage } from '../../src/node/net/messages.ts';
import { REGTEST } from '../../src/node/consensus/params.ts';
import { systemRandom } from '../../src/node/util/random.ts';
import { until } from './until.ts';

type Of<T extends ReceivedMessage['type']> = Extract<ReceivedMessage, { type: T }>;

/** A peer played by a test: a WebSocket client that speaks the protocol only as far as it is told to. */
export class RawPeer {
  readonly ws: WebSocket;
  readonly received: ReceivedMessage[] = [];
  /** Close code and reason, once it is closed. */
  end: { code: number; reason: string } | undefined;
  readonly ended: Promise<{ code: number; reason: string }>;
  /** Answers to messages, by type. */
  readonly answers: { [T in Message['type']]?: (message: Of<T>) => void } = {
    ping: ({ nonce }) => {
      this.send({ type: 'pong', nonce });
    },
  };
  readonly nodeId = Buffer.from(systemRandom.bytes(16)).toString('hex');

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer) => {
      const message = decodeMessage(REGTEST.magic, Uint8Array.from(data));
      this.received.push(message);
      if (message.type !== 'unknown' && message.type !== 'foreign-version') {
        (this.answers[message.type] as ((m: Message) => void) | undefined)?.(message);
      }
    });
    this.ended = new Promise((resolve) => {
      ws.once('close', (code, reason) => {
        this.end = { code, reason: reason.toString() };
        resolve(this.end);
      });
    });
    ws.on('error', () => undefined);
  }

  /** Opens the socket and says nothing. */
  static async open(port: number, options: ClientOptions = {}): Promise<RawPeer> {
    const peer = new RawPeer(new WebSocket(`ws://127.0.0.1:${String(port)}`, { perMessageDeflate: false, ...options }));
    await new Promise<void>((resolve, reject) => {
      peer.ws.once('open', resolve);
      peer.ws.once('error', reject);
    });
    return peer;
  }

  /** Opens the socket and shakes hands. */
  static async connect(port: number, hello: Partial<VersionMessage> = {}, prepare?: (peer: RawPeer) => void): Promise<RawPeer> {
    const peer = await RawPeer.open(port);
    prepare?.(peer);
    peer.send(peer.hello(hello));
    peer.send({ type: 'verack' });
    await until('the handshake', () => peer.got('verack').length > 0 || peer.end !== undefined, 6_000);
    return peer;
  }

  hello(changes: Partial<VersionMessage> = {}): VersionMessage {
    return {
      type: 'version',
      protocol: PROTOCOL_VERSION,
      genesisHash: REGTEST.genesisHash,
      nonce: BigInt(systemRandom.uint32()),
      nodeId: this.nodeId,
      userAgent: '/raw/',
      name: 'Raw',
      listenPort: 0,
      time: Date.now(),
      asked: false,
      tip: { hash: REGTEST.genesisHash, height: 0, chainwork: 2n },
      ...changes,
    };
  }

  send(message: Message): void {
    this.raw(encodeMessage(REGTEST.magic, message));
  }

  raw(data: Uint8Array | string): void {
    if (this.ws.readyState === WebSocket.OPEN) this.ws.send(data);
  }

  got<T extends ReceivedMessage['type']>(type: T): Of<T>[] {
    return this.received.filter((message): message is Of<T> => message.type === type);
  }

  async waitFor<T extends ReceivedMessage['type']>(type: T, count = 1, ms?: number): Promise<Of<T>[]> {
    await until(`${String(count)} ${type}`, () => this.got(type).length >= count, ms);
    return this.got(type);
  }

  async endsWithin(ms: number): Promise<{ code: number; reason: string }> {
    await until('the end of the connection', () => this.end !== undefined, ms);
    return this.ended;
  }

  close(): void {
    this.ws.terminate();
  }
}

/** The TCP socket below: a peer whose socket is paused does not read. */
export function rawSocketOf(peer: RawPeer): Socket {
  return (peer.ws as unknown as { _socket: Socket })._socket;
}

/**
 * A network in memory on a virtual clock: hosts at places on a map, streams between them with delay, loss and bandwidth, cut by partitions.
 * It stands where the WebSockets stand in the app; everything above it is the app's own code.
 */
import { MESSAGE_TYPES, type MessageType } from '../../src/node/net/messages.ts';
import { peekType } from '../../src/node/net/codec/frame.ts';
import { DialError, type DialTarget, type Listener, type PeerSocket, type SocketHandlers, type Transport } from '../../src/node/net/transport.ts';
import type { Clock } from '../../src/node/util/clock.ts';
import type { Random } from '../../src/node/util/random.ts';

export interface NetworkModel {
  /** Delay of two hosts in one place, ms, one way. */
  baseDelay: number;
  /** Delay from one edge of the map to the other, ms, one way. */
  span: number;
  /** Mean of the exponential part of every delay, ms. */
  jitter: number;
  /** Chance that a message is lost once; the stream sends it again (RFC 6298), so that it comes later instead. */
  loss: number;
  /** Bytes a second of each direction of a connection. */
  bandwidth: number;
}

/** First wait before a lost segment is sent again, ms; doubled each time (RFC 6298, with the 200 ms that systems use). */
const RETRANSMIT_MS = 200;
/** Bytes that a sending system takes from a program although the other side is out of reach. */
const SEND_BUFFER = 256 * 1024;
/** WebSocket header of a short message with its mask, and TCP's and IP's share (RFC 6455, RFC 9293, RFC 791). */
const OVERHEAD = 6 + 40;

interface Host {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  onSocket: ((socket: PeerSocket) => void) | undefined;
  /** Hosts of different groups do not reach each other. */
  group: number;
  readonly sockets: Set<SimSocket>;
}

/** Bytes and messages that were handed to the network. */
export class Traffic {
  readonly #sums = new Map<MessageType | 'other', { bytes: number; messages: number }>();

  add(type: MessageType | 'other', bytes: number): void {
    let sum = this.#sums.get(type);
    if (sum === undefined) this.#sums.set(type, (sum = { bytes: 0, messages: 0 }));
    sum.bytes += bytes;
    sum.messages += 1;
  }

  /** Types in the order of the protocol's table. */
  rows(): { type: MessageType | 'other'; bytes: number; messages: number }[] {
    const order = [...(Object.keys(MESSAGE_TYPES) as MessageType[]), 'other' as const];
    return order.flatMap((type) => {
      const sum = this.#sums.get(type);
      return sum === undefined ? [] : [{ type, ...sum }];
    });
  }
}

export class SimNetwork {
  readonly traffic = new Traffic();
  readonly model: NetworkModel;
  readonly clock: Clock;
  readonly #random: Random;
  readonly #hosts = new Map<string, Host>();
  #heldSockets = new Set<SimSocket>();
  #nextPort = 1;

  constructor(model: NetworkModel, clock: Clock, random: Random) {
    this.model = model;
    this.clock = clock;
    this.#random = random;
  }

  /** Adds a host at a random place. */
  addHost(name: string): Transport {
    const host: Host = { name, x: this.#random.float(), y: this.#random.float(), onSocket: undefined, group: 0, sockets: new Set() };
    this.#hosts.set(name, host);
    return new SimTransport(this, host);
  }

  /** Hosts of different groups no longer reach each other; connections between them stay open and silent, as behind a dead router. */
  partition(groupOf: (host: string) => number): void {
    for (const host of this.#hosts.values()) host.group = groupOf(host.name);
    this.#release();
  }

  heal(): void {
    this.partition(() => 0);
  }

  /** A host loses power: its connections are gone without a word, and their other ends find out when they next send. */
  crash(name: string): void {
    const host = this.#hosts.get(name);
    if (host === undefined) return;
    host.onSocket = undefined;
    for (const socket of [...host.sockets]) socket.powerCut();
  }

  listen(host: Host, onSocket: (socket: PeerSocket) => void): Listener {
    host.onSocket = onSocket;
    return {
      host: host.name,
      port: PORT,
      close: () => {
        host.onSocket = undefined;
        for (const socket of [...host.sockets]) if (socket.accepted) socket.terminate();
        return Promise.resolve();
      },
    };
  }

  dial(from: Host, target: DialTarget, signal: AbortSignal): Promise<PeerSocket> {
    return new Promise((resolve, reject) => {
      const to = this.#hosts.get(target.host);
      const roundTrip = to === undefined ? this.model.baseDelay : this.delay(from, to) + this.delay(to, from);
      const abort = (): void => {
        this.clock.clearTimeout(timer);
        reject(new DialError('aborted', 'the dial was called off'));
      };
      const timer = this.clock.setTimeout(() => {
        signal.removeEventListener('abort', abort);
        if (to?.onSocket === undefined || !this.reaches(from, to)) {
          reject(new DialError('unreachable', `nothing answers on ${target.host}`));
          return;
        }
        const near = new SimSocket(this, from, to, PORT, false);
        const far = new SimSocket(this, to, from, (this.#nextPort = (this.#nextPort % 60_000) + 1), true);
        near.other = far;
        far.other = near;
        to.onSocket(far);
        resolve(near);
      }, roundTrip);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
  }

  reaches(from: Host, to: Host): boolean {
    return from.group === to.group;
  }

  /** One message's way from here to there, ms, without its turn in the stream. */
  delay(from: Host, to: Host): number {
    return this.wayOf(this.directDelay(from, to));
  }

  /** Ms that the distance alone takes. */
  directDelay(from: Host, to: Host): number {
    return this.model.baseDelay + (this.model.span * Math.hypot(from.x - to.x, from.y - to.y)) / Math.SQRT2;
  }

  /** The same with what chance adds. */
  wayOf(direct: number): number {
    const { jitter, loss } = this.model;
    let delay = direct - Math.log(1 - this.#random.float()) * jitter;
    for (let wait = RETRANSMIT_MS; loss > 0 && this.#random.float() < loss && wait < 60_000; wait *= 2) delay += wait;
    return delay;
  }

  deliver(at: number, act: () => void): void {
    this.clock.setTimeout(act, at - this.clock.monotonic());
  }

  hold(socket: SimSocket): void {
    this.#heldSockets.add(socket);
  }

  #release(): void {
    const held = this.#heldSockets;
    this.#heldSockets = new Set();
    for (const socket of held) socket.release();
  }
}

const PORT = 5001;

class SimTransport implements Transport {
  readonly #network: SimNetwork;
  readonly #host: Host;

  constructor(network: SimNetwork, host: Host) {
    this.#network = network;
    this.#host = host;
  }

  listen(_target: DialTarget, onSocket: (socket: PeerSocket) => void): Promise<Listener> {
    return Promise.resolve(this.#network.listen(this.#host, onSocket));
  }

  dial(target: DialTarget, signal: AbortSignal): Promise<PeerSocket> {
    return this.#network.dial(this.#host, target, signal);
  }
}

/** What travels: a message, or the end of the stream. */
type Parcel = { data: Uint8Array } | { code: number; reason: string };

/** One end of a stream: messages arrive whole, in order, after their delay. */
class SimSocket implements PeerSocket {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly accepted: boolean;
  readonly ended: Promise<void>;
  bytesIn = 0;
  bytesOut = 0;
  other: SimSocket | undefined;
  readonly #network: SimNetwork;
  readonly #here: Host;
  readonly #there: Host;
  readonly #direct: number;
  #handlers: SocketHandlers | undefined;
  #arrived: Uint8Array[] = [];
  #held: Parcel[] = [];
  #heldBytes = 0;
  /** When the stream to the other side is free, and when its last parcel arrives (monotonic ms). */
  #freeAt = 0;
  #lastArrival = 0;
  #paused = false;
  #done = false;
  #resolveEnded: () => void = () => undefined;

  constructor(network: SimNetwork, here: Host, there: Host, remotePort: number, accepted: boolean) {
    this.#network = network;
    this.#here = here;
    this.#there = there;
    this.#direct = network.directDelay(here, there);
    this.remoteHost = there.name;
    this.remotePort = remotePort;
    this.accepted = accepted;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    here.sockets.add(this);
  }

  get unsentBytes(): number {
    return Math.max(0, this.#heldBytes - SEND_BUFFER);
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
      this.#network.traffic.add(peekType(data) ?? 'other', data.length + OVERHEAD);
      this.#ship({ data });
    }
    done?.();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#flush();
  }

  close(code: number, reason: string): void {
    if (this.#done) return;
    this.#ship({ code, reason });
    this.#end(code, reason);
  }

  terminate(): void {
    this.close(1006, '');
  }

  /** Gone without a word to the other side; it learns of it from the answer to what it sends next. */
  powerCut(): void {
    this.#end(1006, '');
  }

  release(): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const parcel of held) this.#ship(parcel);
  }

  #ship(parcel: Parcel): void {
    const network = this.#network;
    if (!network.reaches(this.#here, this.#there)) {
      if ('data' in parcel) this.#heldBytes += parcel.data.length;
      this.#held.push(parcel);
      network.hold(this);
      return;
    }
    const size = 'data' in parcel ? parcel.data.length + OVERHEAD : OVERHEAD;
    const now = network.clock.monotonic();
    this.#freeAt = Math.max(this.#freeAt, now) + (size * 1000) / network.model.bandwidth;
    // A stream keeps its order: what was lost and comes later holds up what was sent after it.
    this.#lastArrival = Math.max(this.#lastArrival, this.#freeAt + network.wayOf(this.#direct));
    const { other } = this;
    network.deliver(this.#lastArrival, () => other?.arrive(parcel));
  }

  arrive(parcel: Parcel): void {
    if (this.#done) {
      // The other side still thinks that there is somebody: it gets a reset.
      if ('data' in parcel) this.other?.reset();
      return;
    }
    if ('data' in parcel) {
      this.bytesIn += parcel.data.length;
      if (!this.#paused && this.#arrived.length === 0 && this.#handlers !== undefined) this.#handlers.message(parcel.data);
      else {
        this.#arrived.push(parcel.data);
        this.#flush();
      }
    } else this.#end(parcel.code, parcel.reason);
  }

  reset(): void {
    if (this.#done) return;
    this.#network.deliver(this.#network.clock.monotonic() + this.#network.wayOf(this.#direct), () => {
      this.#end(1006, '');
    });
  }

  #end(code: number, reason: string): void {
    if (this.#done) return;
    this.#done = true;
    this.#here.sockets.delete(this);
    this.#arrived = [];
    this.#handlers?.close(code, reason);
    this.#resolveEnded();
  }

  #flush(): void {
    while (!this.#paused && !this.#done && this.#handlers !== undefined) {
      const data = this.#arrived.shift();
      if (data === undefined) return;
      this.#handlers.message(data);
    }
  }
}

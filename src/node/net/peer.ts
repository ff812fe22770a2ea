import type { PeerDirection } from '../../shared/peers.ts';
import type { BlockIndexEntry } from '../chain/types.ts';
import type { Clock, TimerHandle } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { decodeMessage, OtherNetworkError, peekType } from './codec/frame.ts';
import { CLOSE_CODES, dropReason, remoteCloseText, remoteDropCode, type DropCode, type DropReason } from './drops.ts';
import type { HandshakeDesk } from './handshake.ts';
import { Inbox } from './inbox.ts';
import { NET_LIMITS, PENALTY } from './limits.ts';
import type { Message, MessageType, ReceivedMessage, TipStatus, VersionMessage } from './messages.ts';
import { RecentSet } from './rate-limit.ts';
import type { PeerSocket } from './transport.ts';
import { DecodeError } from '../util/codec.ts';

export interface PeerHooks {
  /** The version message to send: a new nonce every time. */
  hello(peer: Peer): VersionMessage;
  /** A further reason to refuse the node that said this, once its network and version are right. */
  refuses(peer: Peer, version: VersionMessage): DropReason | undefined;
  /** Version and verack went both ways. */
  ready(peer: Peer): void;
  message(peer: Peer, message: Message): void;
  /** Whether a message of this type answers something that we asked for: it does not count against the message rate. */
  expects(peer: Peer, type: MessageType): boolean;
  /** Numbers of the row changed (latency, score). */
  changed(peer: Peer): void;
  closed(peer: Peer, end: PeerEnd): void;
}

/** How a connection ended. */
export interface PeerEnd {
  by: 'us' | 'them';
  code: DropCode | undefined;
  /** One sentence. */
  text: string;
  /** Version and verack had gone both ways. */
  wasReady: boolean;
}

export interface PeerModules {
  clock: Clock;
  logger: Logger;
  desk: HandshakeDesk;
  hooks: PeerHooks;
}

/** One live connection: handshake, message rate, ping, score. What the messages mean is the business of others. */
export class Peer {
  /** Counts up in one pool. Names the connection in the log. */
  readonly id: number;
  readonly direction: PeerDirection;
  readonly socket: PeerSocket;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly #startedAt: number;
  /** Key of the row that shows this connection; empty until it has one. */
  key = '';
  version: VersionMessage | undefined;
  /** What it last said about its tip. */
  tip: TipStatus | undefined;
  /** The most-work entry of our index that it is known to have. */
  known: BlockIndexEntry | undefined;
  /** How far the headers of its branch are in our index, when the branch proved more work than our tip but did not fit as a whole. */
  proven: BlockIndexEntry | undefined;
  ready = false;
  closed = false;
  score = 0;
  latencyMs: number | undefined;
  readonly latencyHistory: number[] = [];
  readonly knownInventory = new RecentSet<string>(NET_LIMITS.knownInventory);

  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #desk: HandshakeDesk;
  readonly #hooks: PeerHooks;
  readonly #inbox: Inbox;
  #handshakeTimer: TimerHandle | undefined;
  #pings = new Map<bigint, number>();
  #lastPing: number;
  #lastReceived: number;
  #drained = 0;
  #drainedAt: number;
  /** Monotonic ms until which a tick has nothing to do; -Infinity when each has. */
  #calmUntil = -Infinity;
  #pongWaiters: (() => void)[] = [];
  /** The probe that is under way: who asks meanwhile waits for the same pong. */
  #probing: Promise<boolean> | undefined;
  /** Pings that were forgotten before their pongs came. */
  #forgotten = 0;
  /** Bytes of complete messages that answered no request for blocks or headers, and of WebSocket's own frames. */
  #otherBytes = 0;

  constructor(id: number, direction: PeerDirection, socket: PeerSocket, modules: PeerModules) {
    this.id = id;
    this.direction = direction;
    this.socket = socket;
    this.#clock = modules.clock;
    this.#logger = modules.logger;
    this.#desk = modules.desk;
    this.#hooks = modules.hooks;
    this.connectedAt = this.#clock.now();
    const now = this.#clock.monotonic();
    this.#startedAt = now;
    this.#lastPing = now;
    this.#lastReceived = now;
    this.#drainedAt = now;
    this.#inbox = new Inbox(this.#clock, {
      deliver: (frame) => {
        this.#deliver(frame);
      },
      overflow: (why) => {
        this.drop(dropReason('flooding', why));
      },
      pause: () => {
        socket.pause();
      },
      resume: () => {
        socket.resume();
        this.#lastReceived = this.#clock.monotonic();
      },
    });
  }

  get remote(): string {
    return `${this.socket.remoteHost}:${String(this.socket.remotePort)}`;
  }

  get name(): string {
    return this.version?.name ?? this.remote;
  }

  get nodeId(): string | undefined {
    return this.version?.nodeId;
  }

  /** How long it has lasted, in ms, whatever the wall clock did meanwhile. */
  get age(): number {
    return this.#clock.monotonic() - this.#startedAt;
  }

  /** Bytes that may belong to blocks and headers which we asked for, those of a message under way included: only they are progress. */
  get answerBytes(): number {
    return this.socket.bytesIn - this.#otherBytes;
  }

  start(): void {
    this.#handshakeTimer = this.#clock.setTimeout(() => {
      this.drop(dropReason('handshake-timeout'));
    }, NET_LIMITS.handshakeMs);
    // Before anything is read: the other side may have been quicker, and a verack must not overtake our version.
    this.send(this.#hooks.hello(this));
    this.socket.start({
      message: (data) => {
        this.#receive(data);
      },
      control: (bytes) => {
        this.#otherBytes += bytes;
      },
      text: () => {
        this.drop(dropReason('text-frame'));
      },
      flooded: () => {
        this.drop(dropReason('too-large', this.ready ? 'unfinished, the largest of many' : 'before the handshake'));
      },
      close: (code) => {
        this.#end({ by: 'them', code: remoteDropCode(code), text: remoteCloseText(code), wasReady: this.ready });
      },
    });
  }

  /** `done` is called when the operating system has taken it, or the connection is gone. */
  send(message: Message, done?: () => void): void {
    if (this.closed) {
      done?.();
      return;
    }
    this.socket.send(this.#desk.encode(message), done);
    if (this.socket.unsentBytes > NET_LIMITS.unreadBytes) this.drop(dropReason('unread', 'too much unsent'));
  }

  /** Adds to its score; at NET_LIMITS.dropScore the connection ends. */
  punish(points: number, why: string): void {
    if (points <= 0 || this.closed) return;
    this.score = Math.min(NET_LIMITS.dropScore, this.score + points);
    this.#logger.info('peer misbehaved', { peer: this.id, name: this.name, points, score: this.score, why });
    this.#hooks.changed(this);
    if (this.score >= NET_LIMITS.dropScore) this.drop(dropReason('misbehaving', why));
  }

  /** Ends the connection and says why in the close frame. */
  drop(reason: DropReason): void {
    if (this.closed) return;
    this.#logger.info('connection closed by us', { peer: this.id, name: this.name, code: reason.code, why: reason.text });
    // Before the socket closes, which would otherwise be taken for the peer's doing.
    this.#end({ by: 'us', code: reason.code, text: reason.text, wasReady: this.ready });
    // Whoever does not read will not read a close frame either.
    if (reason.code === 'unread' || reason.code === 'dead') this.socket.terminate();
    else this.socket.close(CLOSE_CODES[reason.code], reason.code);
  }

  /** Sends a ping now, unless a probe is under way; resolves true when any pong comes within `ms` of its beginning. */
  probe(ms: number): Promise<boolean> {
    this.#probing ??= this.#probe(ms).finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  #probe(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.closed) {
        resolve(false);
        return;
      }
      const finish = (alive: boolean): void => {
        this.#clock.clearTimeout(timer);
        this.#pongWaiters = this.#pongWaiters.filter((waiter) => waiter !== onPong);
        resolve(alive);
      };
      const onPong = (): void => {
        finish(!this.closed);
      };
      const timer = this.#clock.setTimeout(() => {
        finish(false);
      }, ms);
      this.#pongWaiters.push(onPong);
      this.ping();
    });
  }

  ping(): void {
    const nonce = this.#desk.newNonce();
    const now = this.#clock.monotonic();
    this.#pings.set(nonce, now);
    this.#lastPing = now;
    const oldest = this.#pings.keys().next();
    if (this.#pings.size > NET_LIMITS.pingsUnderWay && oldest.done !== true) {
      this.#pings.delete(oldest.value);
      this.#forgotten += 1;
    }
    this.send({ type: 'ping', nonce });
  }

  /**
   * Called every NET_LIMITS.tickMs. `slept`: the computer did, so silence proves nothing. Returns until when (monotonic ms) a tick has nothing to do,
   * -Infinity when the next one has: nothing can be due by then, and what waits to be sent is looked at often enough.
   */
  tick(now: number, slept: boolean): number {
    if (this.closed || (now < this.#calmUntil && !slept)) return this.#calmUntil;
    const wasCalm = this.#calmUntil > -Infinity;
    this.#calmUntil = -Infinity;
    if (slept || this.#inbox.paused) {
      this.#lastReceived = now;
      this.#drainedAt = now;
    }
    const unsent = this.socket.unsentBytes;
    const drained = this.socket.bytesOut - unsent;
    if (unsent === 0 || drained !== this.#drained || wasCalm) this.#drainedAt = now;
    this.#drained = drained;
    if (now - this.#drainedAt >= NET_LIMITS.unreadMs) this.drop(dropReason('unread', 'for too long'));
    else if (now - this.#lastReceived >= NET_LIMITS.deadMs) this.drop(dropReason('dead'));
    else if (this.ready && (slept || now - this.#lastPing >= NET_LIMITS.pingMs)) this.ping();
    if (!this.ready || unsent > 0 || this.#inbox.paused) return -Infinity;
    return (this.#calmUntil = Math.min(now + NET_LIMITS.unreadLookMs, this.#lastPing + NET_LIMITS.pingMs, this.#lastReceived + NET_LIMITS.deadMs));
  }

  #receive(frame: Uint8Array): void {
    if (this.closed) return;
    this.#lastReceived = this.#clock.monotonic();
    if (!this.ready) {
      this.#otherBytes += frame.length;
      if (frame.length > NET_LIMITS.messageBytesBeforeHandshake) {
        this.drop(dropReason('too-large', 'before the handshake'));
      } else {
        this.#deliver(frame);
      }
      return;
    }
    const type = peekType(frame);
    const asked = type === 'pong' ? this.#pings.size + this.#forgotten > 0 : type !== undefined && this.#hooks.expects(this, type);
    if (!asked || (type !== 'block' && type !== 'blocks' && type !== 'headers')) this.#otherBytes += frame.length;
    this.#inbox.push(frame, asked);
  }

  #deliver(frame: Uint8Array): void {
    if (this.closed) return;
    let message: ReceivedMessage;
    try {
      message = decodeMessage(this.#desk.identity.magic, frame);
    } catch (error) {
      if (error instanceof OtherNetworkError) this.drop(dropReason('other-network'));
      else if (error instanceof DecodeError) {
        this.score = NET_LIMITS.dropScore;
        this.drop(dropReason('malformed', error.message));
      } else throw error;
      return;
    }
    if (this.ready) this.#onMessage(message);
    else this.#onHandshake(message);
  }

  #onHandshake(message: ReceivedMessage): void {
    if (this.version === undefined) {
      const reason = this.#desk.judge(message);
      if (reason !== undefined) this.drop(reason);
      if (reason !== undefined || message.type !== 'version') return;
      this.version = message;
      const refusal = this.#hooks.refuses(this, message);
      if (refusal !== undefined) {
        this.drop(refusal);
        return;
      }
      this.tip = message.tip;
      this.send({ type: 'verack' });
      return;
    }
    if (message.type !== 'verack') {
      this.drop(dropReason('protocol-order', `${message.type} before verack`));
      return;
    }
    this.ready = true;
    this.#clock.clearTimeout(this.#handshakeTimer);
    this.socket.handshakeDone();
    this.ping();
    this.#hooks.ready(this);
  }

  #onMessage(message: ReceivedMessage): void {
    switch (message.type) {
      case 'version':
      case 'foreign-version':
      case 'verack':
        this.drop(dropReason('protocol-order', `a second ${message.type}`));
        break;
      case 'unknown':
        this.punish(PENALTY.unknownType, `unknown message type ${String(message.code)}`);
        break;
      case 'ping':
        this.send({ type: 'pong', nonce: message.nonce });
        break;
      case 'pong':
        this.#onPong(message.nonce);
        break;
      default:
        this.#hooks.message(this, message);
    }
  }

  #onPong(nonce: bigint): void {
    const sent = this.#pings.get(nonce);
    if (sent === undefined) {
      // It may answer one that we forgot: that is our doing.
      if (this.#forgotten > 0) this.#forgotten -= 1;
      else this.punish(PENALTY.unaskedReply, 'a pong without a ping');
      return;
    }
    this.#pings.delete(nonce);
    // Two decimals: loopback answers in a fraction of a millisecond.
    this.latencyMs = Math.round((this.#clock.monotonic() - sent) * 100) / 100;
    if (this.latencyHistory.length >= NET_LIMITS.latencySamples) this.latencyHistory.shift();
    this.latencyHistory.push(this.latencyMs);
    for (const waiter of [...this.#pongWaiters]) waiter();
    this.#hooks.changed(this);
  }

  #end(end: PeerEnd): void {
    if (this.closed) return;
    this.closed = true;
    this.#clock.clearTimeout(this.#handshakeTimer);
    this.#inbox.close();
    for (const waiter of [...this.#pongWaiters]) waiter();
    if (end.by === 'them') {
      this.#logger.info('connection closed by the peer', { peer: this.id, name: this.name, why: end.text });
    }
    this.#hooks.closed(this, end);
  }
}

import type { HashHex } from '../../shared/blocks.ts';
import type { ListenInfo, SyncState } from '../../shared/events.ts';
import { ApiError } from '../../shared/node-api.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import type { RuleError } from '../consensus/errors.ts';
import type { TimerHandle } from '../util/clock.ts';
import { Emitter } from '../util/emitter.ts';
import { addressKey, isLoopback, parseAddress } from './address.ts';
import { AddressBook } from './address-book.ts';
import { Connections } from './connections.ts';
import type { NetContext } from './context.ts';
import { dispatch, isExpected, type MessageParts } from './dispatch.ts';
import { HandshakeDesk } from './handshake.ts';
import { NET_LIMITS } from './limits.ts';
import { listenOrMove } from './listen.ts';
import { Peer, type PeerHooks } from './peer.ts';
import { PeerTicks } from './peer-ticks.ts';
import { Refusals } from './refusals.ts';
import { Relay, tipStatus } from './relay.ts';
import { PeerRows, type PeerRow } from './rows.ts';
import { Server } from './serve.ts';
import { Sync } from './sync/sync.ts';
import { cutToBytes } from './text.ts';
import type { Listener, Transport } from './transport.ts';
import type { PeerPoolEvents, PeerPoolModules, PeerPoolOptions } from './types.ts';
import { WsTransport } from './ws-transport.ts';

/** All peers of one node: the server, the dials, the sync and the relay. `close` undoes `open`. */
export class PeerPool extends Emitter<PeerPoolEvents> {
  readonly #options: PeerPoolOptions;
  readonly #m: PeerPoolModules;
  readonly #desk: HandshakeDesk;
  #parts: Parts | undefined;
  #listener: Listener | undefined;
  #listening: ListenInfo | undefined;
  #tickTimer: TimerHandle | undefined;
  #tickedAt = 0;
  #closing: Promise<void> | undefined;

  constructor(options: PeerPoolOptions, modules: PeerPoolModules) {
    super();
    this.#options = options;
    this.#m = { ...modules, logger: modules.logger.child('net') };
    this.#desk = new HandshakeDesk(
      {
        magic: options.params.magic,
        genesisHash: options.params.genesisHash,
        nodeId: options.nodeId,
        nodeName: cutToBytes(options.nodeName, NET_LIMITS.nodeNameBytes),
        userAgent: cutToBytes(options.userAgent, NET_LIMITS.userAgentBytes),
      },
      modules.random,
    );
  }

  /** Where the peer server listens; undefined before `open` and after `close`. */
  get listening(): ListenInfo | undefined {
    return this.#listening;
  }

  /**
   * Listens, reads the known peers and begins to dial those that are kept. Peers that do not answer are retried in the background.
   * Rejects with ListenError, ApiError (an entry of `peers` that is no address) or the peer store's error.
   */
  async open(): Promise<void> {
    if (this.#parts !== undefined) throw new Error('the pool is open');
    const configured = this.#options.peers.map(parseAddress);
    const transport: Transport = this.#m.transport ?? new WsTransport();
    const book = new AddressBook(this.#m.peerStore, this.#m.clock, this.#m.logger);
    await book.load();
    const parts = this.#build(book, transport);
    this.#parts = parts;
    try {
      const moved = await listenOrMove(transport, this.#options, (socket) => {
        parts.connections.accept(socket);
      });
      this.#listener = moved.listener;
      this.#listening = moved.info;
    } catch (error) {
      await this.#closeParts(parts);
      this.#parts = undefined;
      throw error;
    }
    this.emit('listening', this.#listening);
    for (const address of configured) book.setKept(address, true);
    // Those that were named for this very start first: among as many kept ones as there may be they would be the last, and left out.
    const named = new Set(configured.map(({ text }) => text));
    for (const address of [...configured, ...book.kept().filter(({ text }) => !named.has(text))].slice(0, NET_LIMITS.keptPeers)) {
      if (parts.rows.byAddress(address) === undefined) parts.connections.dial(parts.connections.addRow(address, true));
    }
    const maxOutbound = this.#options.maxOutbound ?? NET_LIMITS.outbound;
    const neighbours = book.neighbours().filter((address) => isLoopback(address.host));
    for (const address of neighbours.slice(0, maxOutbound)) {
      if (parts.rows.byAddress(address) === undefined) parts.connections.dial(parts.connections.addRow(address, false));
    }
    this.#tickedAt = this.#m.clock.monotonic();
    this.#tickTimer = this.#m.clock.setInterval(() => {
      this.#tick();
    }, NET_LIMITS.tickMs);
  }

  /** Says goodbye to every peer, saves the known addresses and frees the port. Resolves within about a second; may be repeated. */
  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  peers(): PeerInfo[] {
    return this.#parts?.rows.list() ?? [];
  }

  syncState(): SyncState {
    const { height } = this.#m.chain.tip;
    return this.#parts?.sync.state() ?? { phase: 'idle', height, bestHeaderHeight: height, blocksPerSecond: 0 };
  }

  /**
   * Dials an address and keeps the peer. Resolves with its row when the handshake is done, at most 5 s later. Rejects with ApiError
   * (AddPeerErrorCode); with `keepUnreachable` a peer that does not answer is kept and retried, and its row returned.
   */
  async addPeer(input: string, options: { keepUnreachable?: boolean } = {}): Promise<PeerInfo> {
    const { rows, connections, book } = this.#open();
    const address = parseAddress(input);
    if (this.#isOwn(address)) throw new ApiError({ code: 'self', message: 'That is this node', field: 'address' });
    let row = rows.byAddress(address);
    if (row?.peer !== undefined) {
      if (row.kept) throw new ApiError({ code: 'already-connected', message: 'Already connected', field: 'address' });
      this.#keep(row);
      return rows.info(row);
    }
    const keptBefore = row?.kept === true;
    if (!keptBefore && [...rows].filter((other) => other.kept).length >= NET_LIMITS.keptPeers) {
      throw new ApiError({
        code: 'too-many-peers',
        message: `This node keeps at most ${String(NET_LIMITS.keptPeers)} peers. Remove one first.`,
        field: 'address',
      });
    }
    row ??= connections.addRow(address, false);
    if (options.keepUnreachable === true && !row.kept) row.kept = true;
    const added = row;
    try {
      await connections.connect(added);
    } catch (error) {
      const stays = keptBefore || (options.keepUnreachable === true && isUnreachable(error));
      if (!stays && !added.removed) rows.remove(added);
      if (keptBefore || !stays) throw error;
      if (!added.removed) book.setKept(address, true);
      return rows.info(added);
    }
    // The row may have become one with that of a connection which was there already.
    const live = added.removed ? (added.nodeId === undefined ? undefined : rows.connectedTo(added.nodeId)) : added;
    if (live === undefined) throw new ApiError({ code: 'refused', message: 'The connection was lost at once. Try again.', field: 'address' });
    const already = live !== added && live.kept && !keptBefore;
    if (already) throw new ApiError({ code: 'already-connected', message: 'Already connected', field: 'address' });
    this.#keep(live);
    return rows.info(live);
  }

  /** By key or address. Closes the connection and forgets the peer; false when there is none. */
  removePeer(keyOrAddress: string): Promise<boolean> {
    const { connections, book } = this.#open();
    const row = this.#find(keyOrAddress);
    if (row === undefined) return Promise.resolve(false);
    if (row.address !== undefined) book.setKept(row.address, false);
    connections.remove(row);
    return book.flush().then(() => true);
  }

  /** The computer woke up, perhaps on another network: every connection is asked for a sign of life, and whoever waits for its next try is dialled now. */
  resume(): void {
    const parts = this.#parts;
    if (parts === undefined) return;
    this.#tick(true);
    for (const row of [...parts.rows]) {
      if (row.retryTimer === undefined || row.cut !== undefined) continue;
      row.attempts = 0;
      parts.connections.dial(row);
    }
  }

  /** Closes the link and keeps it closed until it is mended; the row stays. By key or address. Throws ApiError `not-found`. */
  cutPeer(keyOrAddress: string): PeerInfo {
    const { rows, connections } = this.#open();
    const row = this.#get(keyOrAddress);
    connections.cuts.cut(row);
    return rows.info(row);
  }

  /** Undoes a cut of either side and dials the peer; the row as it is then. By key or address. Throws ApiError `not-found`. */
  mendPeer(keyOrAddress: string): PeerInfo {
    const { rows, connections } = this.#open();
    const row = this.#get(keyOrAddress);
    connections.cuts.mend(row);
    return rows.info(row);
  }

  #find(keyOrAddress: string): PeerRow | undefined {
    const { rows } = this.#open();
    const row = rows.get(keyOrAddress);
    if (row !== undefined) return row;
    try {
      return rows.byAddress(parseAddress(keyOrAddress));
    } catch {
      // Neither a key nor an address: there is no such peer.
      return undefined;
    }
  }

  #get(keyOrAddress: string): PeerRow {
    const row = this.#find(keyOrAddress);
    if (row !== undefined) return row;
    throw new ApiError({ code: 'not-found', message: 'This node has no such peer. Look in its list of peers.', field: 'key', got: keyOrAddress.slice(0, 100) });
  }

  #open(): Parts {
    if (this.#parts === undefined) throw new ApiError({ code: 'node-closing', message: 'The node is closing.' });
    return this.#parts;
  }

  #keep(row: PeerRow): void {
    const { rows, book } = this.#open();
    row.kept = true;
    if (row.address !== undefined) book.setKept(row.address, true);
    rows.touch(row, true);
  }

  /** Our own listening address, recognised before it is dialled; other spellings are recognised by the handshake. */
  #isOwn(address: { host: string; port: number }): boolean {
    const own = this.#listening;
    return own !== undefined && addressKey(own) === addressKey(address);
  }

  #build(book: AddressBook, transport: Transport): Parts {
    const { chain, mempool, clock, logger, random } = this.#m;
    const rows = new PeerRows(chain, clock, {
      // On a node that only relays, nobody listens.
      heard: () => this.listenerCount('peer') > 0,
      changed: (row) => {
        this.emit('peer', rows.info(row));
      },
      removed: (key, lost) => {
        this.emit('peer-removed', key, lost);
      },
    });
    const ticks = new PeerTicks();
    const refusals = new Refusals(clock, (rejection) => {
      this.emit('rejected', rejection);
    });
    const connections = new Connections({
      rows,
      book,
      transport,
      clock,
      random,
      logger,
      nodeId: this.#options.nodeId,
      maxInbound: this.#options.maxInbound ?? NET_LIMITS.inbound,
      makePeer: (id, direction, socket) => {
        const peer = new Peer(id, direction, socket, { clock, logger, desk: this.#desk, hooks });
        ticks.add(peer);
        return peer;
      },
      hooks: {
        attached: (peer) => {
          sync.connected(peer);
          relay.connected(peer);
          if (peer.direction === 'outbound') peer.send({ type: 'getaddr' });
        },
        detached: (peer) => {
          sync.gone(peer);
          relay.gone(peer);
          server.gone(peer);
        },
        notice: (level, code, message) => {
          this.emit('notice', level, code, message);
        },
      },
    });
    const ctx: NetContext = {
      chain,
      mempool,
      clock,
      logger,
      powLimit: this.#options.params.powLimit,
      maxSideHeaders: this.#options.maxSideHeaders ?? NET_LIMITS.sideHeaders,
      maxPresyncHeaders: this.#options.maxPresyncHeaders ?? NET_LIMITS.presyncHeaders,
      peers: () => connections.peers(),
      refuse: (peer, hash, height, error) => {
        this.#refuse(refusals, peer, hash, height, error);
      },
    };
    const sync = new Sync(ctx, {
      changed: (state) => {
        this.emit('sync', state);
      },
    });
    const relay = new Relay(ctx);
    const server = new Server(ctx);
    const hooks: PeerHooks = {
      hello: (peer) =>
        this.#desk.hello({
          listenPort: this.#listening?.port ?? 0,
          time: clock.now(),
          asked: connections.asked(peer),
          tip: tipStatus(chain.tip),
        }),
      refuses: (peer, version) => connections.refuses(peer, version),
      ready: (peer) => {
        connections.onReady(peer);
      },
      message: (peer, message) => {
        dispatch(parts, peer, message, this.#m.logger);
      },
      expects: (peer, type) => isExpected(parts, peer, type),
      changed: (peer) => {
        const row = rows.get(peer.key);
        if (row?.peer === peer) rows.touch(row);
      },
      closed: (peer, end) => {
        connections.onClosed(peer, end);
      },
    };
    const offTip = chain.on('tip', () => {
      rows.touchAll();
    });
    const parts: Parts = { book, rows, connections, ticks, sync, relay, server, refusals, offTip };
    return parts;
  }

  #refuse(refusals: Refusals, peer: Peer, hash: HashHex, height: number | undefined, error: RuleError): void {
    const violation = error.toViolation();
    refusals.ours(peer, hash, height, violation);
    const { ruleBytes, rejectTextBytes } = NET_LIMITS;
    peer.send({
      type: 'reject',
      rule: cutToBytes(violation.rule, ruleBytes),
      hash,
      height,
      expected: cutToBytes(violation.expected, rejectTextBytes),
      got: cutToBytes(violation.got, rejectTextBytes),
    });
    peer.punish(error.score, error.message);
  }

  /** `woke`: on some systems the monotonic clock stands still while the computer sleeps, so that the gap is not seen here. */
  #tick(woke = false): void {
    const parts = this.#parts;
    if (parts === undefined) return;
    const now = this.#m.clock.monotonic();
    const slept = woke || now - this.#tickedAt > NET_LIMITS.sleepMs;
    this.#tickedAt = now;
    parts.ticks.tick(now, slept);
    parts.sync.tick(now, slept);
    parts.relay.tick(now);
    parts.rows.tick();
  }

  async #close(): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined) return;
    this.#parts = undefined;
    const goodbyes = this.#closeParts(parts);
    const listener = this.#listener;
    this.#listener = undefined;
    this.#listening = undefined;
    // A moment for the close frames: they tell the others that this was no accident.
    await Promise.all([parts.book.flush(), goodbyes]);
    await listener?.close();
  }

  #closeParts(parts: Parts): Promise<void> {
    this.#m.clock.clearInterval(this.#tickTimer);
    this.#tickTimer = undefined;
    parts.offTip();
    parts.sync.close();
    parts.relay.close();
    parts.server.close();
    for (const row of parts.rows) {
      if (row.peer !== undefined && row.address !== undefined) {
        parts.book.seen(row.address, !row.kept && (row.peer.version?.listenPort ?? 0) > 0);
      }
    }
    parts.refusals.close();
    const goodbyes = parts.connections.close();
    parts.rows.close();
    return goodbyes;
  }
}

interface Parts extends MessageParts {
  connections: Connections;
  ticks: PeerTicks;
  offTip: () => void;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'nothing-answers';
}

import { ApiError } from '../../shared/node-api.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import type { Random } from '../util/random.ts';
import type { PeerAddress } from './address.ts';
import type { AddressBook } from './address-book.ts';
import { retryDelay } from './backoff.ts';
import { CutLinks } from './cuts.ts';
import { dropReason, type DropReason } from './drops.ts';
import { dialProblem, endProblem, type Problem } from './problems.ts';
import { NET_LIMITS } from './limits.ts';
import type { VersionMessage } from './messages.ts';
import type { Peer, PeerEnd } from './peer.ts';
import { RecentSet } from './rate-limit.ts';
import type { PeerRow, PeerRows } from './rows.ts';
import { DialError, type PeerSocket, type Transport } from './transport.ts';

export interface ConnectionHooks {
  /** The connection has its row: it takes part from now on. */
  attached(peer: Peer): void;
  detached(peer: Peer): void;
  notice(level: 'info' | 'warning', code: string, message: string): void;
}

export interface ConnectionModules {
  rows: PeerRows;
  book: AddressBook;
  transport: Transport;
  clock: Clock;
  random: Random;
  logger: Logger;
  nodeId: string;
  maxInbound: number;
  makePeer: (id: number, direction: Peer['direction'], socket: PeerSocket) => Peer;
  hooks: ConnectionHooks;
}

/** Which connection belongs to which row: dialling, accepting, redialling, and one connection for each pair of nodes. */
export class Connections {
  readonly #m: ConnectionModules;
  /** Every open connection, those still shaking hands included. */
  readonly #open = new Set<Peer>();
  readonly cuts: CutLinks;
  readonly #rowOf = new Map<Peer, PeerRow>();
  /** Nodes that the user removed: their automatic redials are refused until somebody asks again. */
  readonly #unwelcome = new RecentSet<string>(NET_LIMITS.nonces);
  /** Sockets that are not gone yet, also those of connections that ended here already. */
  readonly #sockets = new Map<PeerSocket, Promise<void>>();
  #counter = 0;
  #closing = false;

  constructor(modules: ConnectionModules) {
    this.#m = modules;
    this.cuts = new CutLinks(modules, {
      dial: (row) => {
        this.dial(row);
      },
      abandonDial: (row, why) => {
        this.#abandonDial(row, why);
      },
      dropWhere: (test) => {
        for (const peer of [...this.#open]) if (test(peer, this.#rowOf.get(peer))) peer.drop(dropReason('cut'));
      },
      reject: (row, error) => {
        this.#settle(row, error);
      },
      merge: (first, second) => this.#merge(first, second),
    });
  }

  *peers(): IterableIterator<Peer> {
    for (const row of this.#m.rows) if (row.peer !== undefined) yield row.peer;
  }

  get open(): ReadonlySet<Peer> {
    return this.#open;
  }

  /** A socket of the server. When all places are taken, the oldest one still shaking hands makes room. */
  accept(socket: PeerSocket): void {
    const inbound = [...this.#open].filter((peer) => peer.direction === 'inbound');
    if (this.#closing) {
      socket.terminate();
      return;
    }
    this.#track(socket);
    const peer = this.#m.makePeer(++this.#counter, 'inbound', socket);
    if (inbound.length >= this.#m.maxInbound) {
      const silent = inbound.find((other) => !other.ready);
      if (silent === undefined) {
        this.#open.add(peer);
        peer.start();
        peer.drop(dropReason('full'));
        return;
      }
      silent.drop(dropReason('full'));
    }
    this.#open.add(peer);
    peer.start();
  }

  /** Whether this connection was asked for by the user just now. */
  asked(peer: Peer): boolean {
    return this.#rowOf.get(peer)?.asked === true;
  }

  refuses(peer: Peer, version: VersionMessage): DropReason | undefined {
    const row = this.#rowOf.get(peer);
    if (row !== undefined || version.asked) this.#unwelcome.delete(version.nodeId);
    if (row !== undefined) row.nodeId = version.nodeId;
    const asked = version.asked || row?.asked === true;
    if (!asked && this.cuts.keepsOut(version.nodeId, peer)) return dropReason('cut');
    return this.#unwelcome.has(version.nodeId) ? dropReason('removed') : undefined;
  }

  /** A row that is dialled now and, when `kept`, again and again. */
  addRow(address: PeerAddress, kept: boolean): PeerRow {
    const row = this.#m.rows.add(address);
    row.kept = kept;
    return row;
  }

  /** Resolves when the row is connected; rejects with ApiError after the first failed try. */
  connect(row: PeerRow): Promise<void> {
    return new Promise((resolve, reject) => {
      row.waiters.push({ resolve, reject });
      row.asked = true;
      if (row.cut === undefined) this.dial(row);
      else this.cuts.mend(row);
    });
  }

  dial(row: PeerRow): void {
    if (row.removed || row.dialling || row.peer !== undefined || row.cut === 'us' || this.#closing) return;
    if (row.address === undefined) {
      this.#failed(row, dialProblem('unreachable', row));
      return;
    }
    this.#m.clock.clearTimeout(row.retryTimer);
    row.retryTimer = undefined;
    row.nextRetryAt = undefined;
    row.dialling = true;
    const abort = new AbortController();
    row.abort = abort;
    // Connecting and shaking hands take five seconds at most, both together.
    let peer: Peer | undefined;
    const timer = this.#m.clock.setTimeout(() => {
      abort.abort();
      if (peer?.ready === false) peer.drop(dropReason('handshake-timeout'));
    }, NET_LIMITS.handshakeMs);
    this.#m.rows.touch(row, true);
    this.#m.transport.dial(row.address, abort.signal).then(
      (socket) => {
        peer = this.#dialled(row, socket, abort);
        if (peer === undefined) this.#m.clock.clearTimeout(timer);
        else void socket.ended.then(() => {
          this.#m.clock.clearTimeout(timer);
        });
      },
      (error: unknown) => {
        this.#m.clock.clearTimeout(timer);
        if (row.abort !== abort) return;
        row.dialling = false;
        // Meanwhile it may have dialled us.
        if (row.removed || this.#closing || row.peer !== undefined) return;
        this.#failed(row, dialProblem(error instanceof DialError ? error.code : 'unreachable', row));
      },
    );
  }

  /** Version and verack went both ways. */
  onReady(peer: Peer): void {
    const { rows, nodeId: ownId } = this.#m;
    const nodeId = peer.nodeId ?? '';
    const other = rows.connectedTo(nodeId);
    if (other?.peer === undefined) {
      const ghost = this.cuts.ghostOf(nodeId, peer);
      const own = this.#rowOf.get(peer) ?? ghost ?? rows.waitingFor(nodeId) ?? rows.add(undefined);
      this.#attach(peer, ghost === undefined ? own : this.#merge(ghost, own));
      return;
    }
    const dialler = (p: Peer): string => (p.direction === 'outbound' ? ownId : nodeId);
    const survivor = dialler(peer) < dialler(other.peer) ? peer : other.peer;
    if (survivor === peer) this.#replace(other, peer);
    else void this.#probeThenReplace(other, other.peer, peer);
  }

  onClosed(peer: Peer, end: PeerEnd): void {
    this.#open.delete(peer);
    const row = this.#rowOf.get(peer);
    this.#rowOf.delete(peer);
    if (row === undefined) return;
    if (row.peer === peer) {
      row.peer = undefined;
      this.#m.hooks.detached(peer);
    }
    row.dialling = false;
    if (row.removed || this.#closing) return;
    if (row.peer !== undefined) return;
    if (end.code === 'cut') this.cuts.closed(row, end);
    else if (end.wasReady && end.code !== 'duplicate') this.#lost(row, peer, end);
    else this.#failed(row, endProblem(end, row));
  }

  /** Closes the row's connection and forgets it. */
  remove(row: PeerRow): void {
    const { peer } = row;
    if (row.nodeId !== undefined) this.#unwelcome.add(row.nodeId);
    this.#settle(row, new ApiError({ code: 'refused', message: 'The peer was removed.', field: 'address' }));
    row.abort?.abort();
    this.#m.rows.remove(row);
    peer?.drop(dropReason('removed'));
    for (const [other, otherRow] of this.#rowOf) if (otherRow === row) other.drop(dropReason('removed'));
  }

  /** Says goodbye everywhere; resolves when every socket is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const row of this.#m.rows) {
      this.#settle(row, new ApiError({ code: 'node-closing', message: 'The node is closing.' }));
      row.abort?.abort();
    }
    for (const peer of [...this.#open]) peer.drop(dropReason('shutdown'));
    this.#open.clear();
    this.#rowOf.clear();
    await Promise.all(this.#sockets.values());
  }

  #dialled(row: PeerRow, socket: PeerSocket, abort: AbortController): Peer | undefined {
    if (row.removed || this.#closing || row.abort !== abort) {
      socket.terminate();
      return undefined;
    }
    this.#track(socket);
    const peer = this.#m.makePeer(++this.#counter, 'outbound', socket);
    this.#open.add(peer);
    this.#rowOf.set(peer, row);
    peer.start();
    return peer;
  }

  #track(socket: PeerSocket): void {
    this.#sockets.set(
      socket,
      socket.ended.then(() => {
        this.#sockets.delete(socket);
      }),
    );
  }

  #attach(peer: Peer, row: PeerRow): void {
    const { rows, book, hooks } = this.#m;
    this.#rowOf.set(peer, row);
    row.dialling = row.dialling && peer.direction === 'inbound';
    row.asked = false;
    row.lastError = undefined;
    rows.bind(row, peer);
    if (row.address !== undefined) book.seen(row.address, !row.kept && (peer.version?.listenPort ?? 0) > 0);
    hooks.attached(peer);
    rows.touch(row, true);
    this.#settle(row);
  }

  /** The newer connection takes the place of the older one; the two rows become one. */
  #replace(row: PeerRow, newer: Peer): void {
    const older = row.peer;
    const own = this.#rowOf.get(newer);
    if (older !== undefined) {
      row.peer = undefined;
      this.#rowOf.delete(older);
      this.#m.hooks.detached(older);
      older.drop(dropReason('duplicate'));
    }
    this.#attach(newer, own === undefined ? row : this.#merge(row, own));
  }

  async #probeThenReplace(row: PeerRow, older: Peer, newer: Peer): Promise<void> {
    const alive = await older.probe(NET_LIMITS.duplicateProbeMs);
    if (newer.closed || this.#closing) return;
    if (row.removed) {
      // The older one went meanwhile. The newer one stands alone now: it takes a row, or goes with the one that the user took away.
      if (!this.#rowOf.has(newer) && this.#unwelcome.has(newer.nodeId ?? '')) newer.drop(dropReason('removed'));
      else this.onReady(newer);
      return;
    }
    if (!alive && (row.peer === older || row.peer === undefined)) {
      this.#replace(row, newer);
      return;
    }
    const own = this.#rowOf.get(newer);
    this.#rowOf.delete(newer);
    newer.drop(dropReason('duplicate'));
    if (own !== undefined && own !== row) this.#merge(row, own);
  }

  /** Two rows turned out to be one node. The one that stays is the one the user keeps, else the one that was there first. */
  #merge(first: PeerRow, second: PeerRow): PeerRow {
    if (first === second) return first;
    const { rows, book } = this.#m;
    const stays = second.kept && !first.kept ? second : first;
    const goes = stays === first ? second : first;
    const { peer } = goes;
    const direct = goes.kept && !stays.kept;
    if (direct) stays.address = goes.address;
    stays.kept ||= goes.kept;
    if (stays.kept && stays.address !== undefined) book.setKept(stays.address, true);
    if (goes.kept && goes.address !== undefined && goes.address !== stays.address) book.setKept(goes.address, false);
    stays.waiters.push(...goes.waiters.splice(0));
    goes.peer = undefined;
    goes.abort?.abort();
    rows.remove(goes);
    if (peer !== undefined && !peer.closed && stays.peer === undefined) {
      rows.bind(stays, peer);
      this.#rowOf.set(peer, stays);
    }
    stays.dialling = false;
    if (stays.peer !== undefined) this.#settle(stays);
    rows.touch(stays, true);
    return stays;
  }

  /** Ends a dial or handshake of the row without a verdict on it. */
  #abandonDial(row: PeerRow, why: 'cut' | 'duplicate'): void {
    const { abort } = row;
    row.abort = undefined;
    row.dialling = false;
    abort?.abort();
    for (const [peer, owner] of this.#rowOf) {
      if (owner !== row || peer.ready) continue;
      this.#rowOf.delete(peer);
      peer.drop(dropReason(why));
    }
  }

  /** A connection that had worked is gone. */
  #lost(row: PeerRow, peer: Peer, end: PeerEnd): void {
    row.lastError = end.text;
    row.lastSeen = this.#m.clock.now();
    const stable = peer.age >= NET_LIMITS.stableMs;
    row.attempts = stable && end.code !== 'misbehaving' ? 1 : row.attempts + 1;
    if (end.code === 'removed' && end.by === 'them') this.#forgetNeighbour(row);
    this.#retryOrRemove(row, false, end.text);
  }

  #failed(row: PeerRow, problem: Problem): void {
    // The other side prefers another connection between us, which may not have its row here yet.
    if (problem.code === 'duplicate' && this.#adopted(row)) return;
    row.attempts += 1;
    row.lastError = problem.text;
    row.cut = undefined;
    if (problem.code === 'self') {
      if (row.kept && row.address !== undefined) this.#m.book.setKept(row.address, false);
      if (row.kept && row.waiters.length === 0) {
        this.#m.hooks.notice('warning', 'peer-is-self', `${row.address?.text ?? 'A peer'} is this node itself and was taken off the list.`);
      }
      row.kept = false;
    }
    if (problem.code !== 'duplicate') this.#settle(row, problem.error);
    this.#retryOrRemove(row, problem.slow);
  }

  /** Hands the row to the live connection with the same node, when there is one. */
  #adopted(row: PeerRow): boolean {
    const other = row.nodeId === undefined ? undefined : this.#m.rows.connectedTo(row.nodeId);
    if (other === undefined || other === row) return other === row;
    this.#merge(other, row);
    return true;
  }

  #retryOrRemove(row: PeerRow, slow: boolean, lost?: string): void {
    // What a person mended is dialled in their name for as long as it is tried: else the other side's cut would hold against the second try.
    row.asked &&= row.mendTries > 0;
    if (!row.kept && row.waiters.length === 0 && row.mendTries === 0) {
      this.#m.rows.remove(row, lost);
      return;
    }
    row.mendTries = Math.max(0, row.mendTries - 1);
    const delay = retryDelay(row.attempts + (slow ? NET_LIMITS.slowRetryFailures : 0), this.#m.random);
    row.nextRetryAt = this.#m.rows.timeIn(delay);
    row.retryTimer = this.#m.clock.setTimeout(() => {
      this.dial(row);
    }, delay);
    this.#m.rows.touch(row, true);
  }

  #forgetNeighbour(row: PeerRow): void {
    if (row.address !== undefined && !row.kept) this.#m.book.seen(row.address, false);
  }

  #settle(row: PeerRow, error?: ApiError): void {
    for (const waiter of row.waiters.splice(0)) {
      if (error === undefined) waiter.resolve();
      else waiter.reject(error);
    }
  }
}

import type { CutBy, PeerDirection, PeerInfo, PeerState } from '../../shared/peers.ts';
import type { LostPeer } from '../../shared/events.ts';
import type { ApiError } from '../../shared/node-api.ts';
import type { ChainView } from '../chain/types.ts';
import type { Clock, TimerHandle } from '../util/clock.ts';
import { addressKey, makeAddress, type PeerAddress } from './address.ts';
import { NET_LIMITS } from './limits.ts';
import type { Peer } from './peer.ts';
import { cleanText } from './text.ts';
import { judgeTip } from './verdict.ts';

/** One row of the peers panel: another node, connected now, or kept and waited for. Outlives its connections. */
export class PeerRow {
  readonly key: string;
  /** Where it is dialled or listens; undefined for an inbound peer that does not listen. */
  address: PeerAddress | undefined;
  kept = false;
  /** The live connection that the row shows. */
  peer: Peer | undefined;
  /** A dial is under way. */
  dialling = false;
  abort: AbortController | undefined;
  nodeId: string | undefined;
  name: string | undefined;
  userAgent: string | undefined;
  attempts = 0;
  /** Milliseconds since 1970. */
  nextRetryAt: number | undefined;
  retryTimer: TimerHandle | undefined;
  lastError: string | undefined;
  /** Milliseconds since 1970. */
  lastSeen = 0;
  /** Callers of addPeer who wait for this row to be connected. */
  waiters: { resolve: () => void; reject: (error: ApiError) => void }[] = [];
  /** Whose user closed the link; nothing until it is mended. */
  cut: CutBy | undefined;
  /** Counts up in one pool with each cut: the oldest makes room. */
  cutNumber = 0;
  /** Dials that are left for a link that was mended and is not kept. */
  mendTries = 0;
  /** Of the last connection. */
  direction: PeerDirection = 'outbound';
  /** The next dial was asked for by the user just now. */
  asked = false;
  removed = false;
  emittedAt = -Infinity;
  dirty = false;
  bytesTold = -1;

  constructor(key: string, address: PeerAddress | undefined) {
    this.key = key;
    this.address = address;
  }
}

/** A step of the wall clock by so many ms is seen in the seconds until the next try. */
const CLOCK_SET_MS = 1_000;

type RowChain = Pick<ChainView, 'tip' | 'getEntry' | 'isActive' | 'getAncestor'>;

export interface RowEvents {
  /** Whether anybody would be told; who comes later takes all rows as they are then (PeerRows.list). */
  heard(): boolean;
  changed(row: PeerRow): void;
  removed(key: string, lost: LostPeer | undefined): void;
}

/** All rows of one pool; tells the window about them no more often than it can use. */
export class PeerRows {
  readonly #rows = new Map<string, PeerRow>();
  readonly #chain: RowChain;
  readonly #clock: Clock;
  readonly #events: RowEvents;
  #counter = 0;
  #timer: TimerHandle | undefined;
  /** What `timeIn` reckons with. */
  #ahead: number;

  constructor(chain: RowChain, clock: Clock, events: RowEvents) {
    this.#chain = chain;
    this.#clock = clock;
    this.#events = events;
    this.#ahead = this.#wallAhead();
  }

  [Symbol.iterator](): IterableIterator<PeerRow> {
    return this.#rows.values();
  }

  get(key: string): PeerRow | undefined {
    return this.#rows.get(key);
  }

  add(address: PeerAddress | undefined): PeerRow {
    const row = new PeerRow(`peer-${String(++this.#counter)}`, address);
    this.#rows.set(row.key, row);
    return row;
  }

  /** `lost`: how a connection that had worked ended, one sentence, when that is why. */
  remove(row: PeerRow, lost?: string): void {
    row.removed = true;
    this.#clock.clearTimeout(row.retryTimer);
    row.retryTimer = undefined;
    if (!this.#rows.delete(row.key)) return;
    if (row.emittedAt > -Infinity) this.#events.removed(row.key, lost === undefined ? undefined : { name: row.name ?? row.address?.text ?? 'A peer', text: lost });
  }

  byAddress(address: PeerAddress): PeerRow | undefined {
    const key = addressKey(address);
    for (const row of this.#rows.values()) {
      if (row.address !== undefined && addressKey(row.address) === key) return row;
    }
    return undefined;
  }

  /** The row with a live connection to this node. */
  connectedTo(nodeId: string): PeerRow | undefined {
    for (const row of this.#rows.values()) if (row.peer?.nodeId === nodeId) return row;
    return undefined;
  }

  /** A row without a connection whose last connection was to this node. */
  waitingFor(nodeId: string): PeerRow | undefined {
    for (const row of this.#rows.values()) if (row.peer === undefined && row.nodeId === nodeId) return row;
    return undefined;
  }

  list(): PeerInfo[] {
    return [...this.#rows.values()].map((row) => this.info(row));
  }

  /** Something of the row changed. State changes (`now`) are told at once, numbers at most every NET_LIMITS.peerEventMs. */
  touch(row: PeerRow, now = false): void {
    if (row.removed) return;
    const time = this.#clock.monotonic();
    if (!this.#events.heard()) {
      // As if it had been told: its end will be.
      row.dirty = false;
      row.emittedAt = time;
      return;
    }
    if (now || time - row.emittedAt >= NET_LIMITS.peerEventMs) {
      this.#emit(row, time);
      return;
    }
    row.dirty = true;
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      const at = this.#clock.monotonic();
      for (const dirty of this.#rows.values()) if (dirty.dirty) this.#emit(dirty, at);
    }, NET_LIMITS.peerEventMs);
  }

  /** Every NET_LIMITS.tickMs: touches the rows whose bytes went either way since they were last told about, and those that wait when the clock was set. */
  tick(): void {
    const set = this.#wallAhead() - this.#ahead;
    if (Math.abs(set) >= CLOCK_SET_MS) {
      this.#ahead += set;
      for (const row of this.#rows.values()) {
        if (row.nextRetryAt === undefined) continue;
        // The timer runs on the monotonic clock and goes off all the same.
        row.nextRetryAt = Math.round(row.nextRetryAt + set);
        this.touch(row, true);
      }
    }
    if (!this.#events.heard()) return;
    for (const row of this.#rows.values()) {
      const { peer } = row;
      if (peer !== undefined && peer.socket.bytesIn + peer.socket.bytesOut !== row.bytesTold) this.touch(row);
    }
  }

  /** The wall clock's time in `ms`, for `nextRetryAt`: `tick` corrects it when the clock is set. */
  timeIn(ms: number): number {
    return Math.round(this.#clock.monotonic() + this.#ahead + ms);
  }

  touchAll(): void {
    for (const row of this.#rows.values()) this.touch(row);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const row of this.#rows.values()) {
      row.removed = true;
      this.#clock.clearTimeout(row.retryTimer);
      row.abort?.abort();
    }
    this.#rows.clear();
  }

  info(row: PeerRow): PeerInfo {
    const { peer } = row;
    // A dial that only asks whether a cut still holds does not show.
    const state: PeerState = peer !== undefined ? 'connected' : row.cut !== undefined ? 'cut' : row.dialling ? 'connecting' : 'waiting';
    const verdict = judgeTip(this.#chain, peer?.tip);
    return {
      key: row.key,
      state,
      ...optional('cutBy', state === 'cut' ? row.cut : undefined),
      direction: row.direction,
      address: row.address?.text ?? peer?.remote ?? '',
      kept: row.kept,
      ...optional('nodeId', row.nodeId),
      ...optional('name', row.name),
      ...optional('userAgent', row.userAgent),
      ...optional('height', peer?.tip?.height),
      ...optional('tipHash', peer?.tip?.hash),
      ...verdict,
      ...optional('latencyMs', peer?.latencyMs),
      latencyHistory: peer === undefined ? [] : [...peer.latencyHistory],
      bytesIn: peer?.socket.bytesIn ?? 0,
      bytesOut: peer?.socket.bytesOut ?? 0,
      misbehaviour: peer?.score ?? 0,
      ...optional('connectedAt', peer?.connectedAt),
      ...optional('nextRetryAt', state === 'waiting' ? row.nextRetryAt : undefined),
      attempts: row.attempts,
      ...optional('lastError', row.lastError),
    };
  }

  /** Shows this connection in the row. */
  bind(row: PeerRow, peer: Peer): void {
    row.peer = peer;
    row.cut = undefined;
    row.mendTries = 0;
    row.direction = peer.direction;
    peer.key = row.key;
    const { version } = peer;
    if (version !== undefined) {
      row.nodeId = version.nodeId;
      row.name = cleanText(version.name, NET_LIMITS.nodeNameBytes);
      row.userAgent = cleanText(version.userAgent, NET_LIMITS.userAgentBytes);
      if (row.address === undefined && version.listenPort > 0) {
        row.address = makeAddress(peer.socket.remoteHost, version.listenPort);
      }
    }
    row.nextRetryAt = undefined;
    this.#clock.clearTimeout(row.retryTimer);
    row.retryTimer = undefined;
    row.lastSeen = this.#clock.now();
  }

  /** How far the wall clock is ahead of the monotonic one, in ms. */
  #wallAhead(): number {
    return this.#clock.now() - this.#clock.monotonic();
  }

  #emit(row: PeerRow, time: number): void {
    row.dirty = false;
    row.emittedAt = time;
    row.bytesTold = row.peer === undefined ? -1 : row.peer.socket.bytesIn + row.peer.socket.bytesOut;
    this.#events.changed(row);
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

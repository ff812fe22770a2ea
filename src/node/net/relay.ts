import type { HashHex } from '../../shared/blocks.ts';
import type { BlockIndexEntry } from '../chain/types.ts';
import type { BlockHeader } from '../primitives/header.ts';
import type { Transaction } from '../primitives/transaction.ts';
import type { TimerHandle } from '../util/clock.ts';
import type { NetContext } from './context.ts';
import { NET_LIMITS, PENALTY } from './limits.ts';
import type { InventoryEntry, Message, TipStatus } from './messages.ts';
import type { Peer } from './peer.ts';

interface PeerState {
  /** When our tip was last sent to it, monotonic ms. */
  tipAt: number;
  /** To be announced to it. */
  announce: Set<HashHex>;
  /** Announced by it and neither here nor asked of it: others may be asked for it now, and then it is the next one. */
  wanted: Set<HashHex>;
  /** Asked of it. */
  asked: number;
  /** Answers that it may still send without being counted: one for each transaction that was asked of it, also after the wait was given up. */
  owed: number;
}

/** Headers that an announcement may carry; a longer way is found by getheaders. */
const ANNOUNCED_HEADERS = 8;

/** Answers that are late are welcome, but whoever never answers shall not collect them. */
const MAX_OWED = 2 * NET_LIMITS.getdataEntries;

export function tipStatus(entry: BlockIndexEntry): TipStatus {
  return { hash: entry.hash, height: entry.height, chainwork: entry.chainwork };
}

/**
 * Tells neighbours what is new here: every change of the tip, at once and however old the tip is, and every new transaction.
 * Each side repeats its tip every few seconds while the other shows another one, so that two nodes agree after a cut without a new block; rarely while both
 * show the same one.
 */
export class Relay {
  readonly #ctx: NetContext;
  readonly #peers = new Map<Peer, PeerState>();
  /** Transactions asked for, and when (monotonic ms). */
  readonly #asked = new Map<HashHex, { peer: Peer; at: number }>();
  readonly #off: (() => void)[];
  #tipTimer: TimerHandle | undefined;
  #inventoryTimer: TimerHandle | undefined;
  #tipSentAt = -Infinity;
  #repeatedAt = 0;

  constructor(ctx: NetContext) {
    this.#ctx = ctx;
    this.#off = [
      ctx.chain.on('tip', () => {
        this.#tipChanged();
      }),
      ctx.mempool.on('add', (entry) => {
        for (const peer of ctx.peers()) this.#queue(peer, entry.id);
      }),
    ];
  }

  connected(peer: Peer): void {
    this.#peers.set(peer, { tipAt: this.#ctx.clock.monotonic(), announce: new Set(), wanted: new Set(), asked: 0, owed: 0 });
    peer.send({ type: 'tip', tip: tipStatus(this.#ctx.chain.tip) });
    for (const entry of this.#ctx.mempool.entries()) this.#queue(peer, entry.id);
  }

  gone(peer: Peer): void {
    this.#peers.delete(peer);
    const lost = [...this.#asked].filter(([, asked]) => asked.peer === peer).map(([id]) => id);
    for (const id of lost) this.#asked.delete(id);
    for (const id of lost) this.#askAnother(id);
  }

  close(): void {
    for (const off of this.#off) off();
    this.#ctx.clock.clearTimeout(this.#tipTimer);
    this.#ctx.clock.clearTimeout(this.#inventoryTimer);
    this.#peers.clear();
    this.#asked.clear();
  }

  /** Whether this peer owes us an answer about a transaction. */
  waitsFor(peer: Peer): boolean {
    return (this.#peers.get(peer)?.owed ?? 0) > 0;
  }

  tick(now: number): void {
    if (this.#asked.size > 0) for (const [id, asked] of this.#asked) if (now - asked.at > NET_LIMITS.transactionRetryMs) this.#unanswered(id);
    if (now - this.#repeatedAt < NET_LIMITS.tipRepeatMs) return;
    this.#repeatedAt = now;
    const tip = tipStatus(this.#ctx.chain.tip);
    const message: Message = { type: 'tip', tip };
    for (const [peer, state] of this.#peers) {
      // Both have said the same: neither has anything to learn until one of them moves, and then it says so at once.
      if (peer.tip?.hash === tip.hash && now - state.tipAt < NET_LIMITS.tipAgreedRepeatMs) continue;
      state.tipAt = now;
      peer.send(message);
    }
  }

  onTransactionInventory(peer: Peer, ids: readonly HashHex[]): void {
    const state = this.#peers.get(peer);
    if (state === undefined) return;
    for (const id of ids) {
      peer.knownInventory.add(id);
      if (this.#ctx.mempool.has(id) || this.#asked.get(id)?.peer === peer || state.wanted.size >= NET_LIMITS.announceQueue) continue;
      state.wanted.add(id);
    }
    this.#request(peer, state);
  }

  async onTransaction(peer: Peer, id: HashHex, transaction: Transaction): Promise<void> {
    peer.knownInventory.add(id);
    this.#paid(peer);
    for (const state of this.#peers.values()) state.wanted.delete(id);
    this.#answered(id);
    if (transaction.kind !== 'data') return;
    const result = await this.#ctx.mempool.add(transaction, { kind: 'peer', peerKey: peer.key });
    if (result.status === 'invalid') peer.punish(result.error?.score ?? PENALTY.invalidTransaction, 'a transaction that breaks a rule');
  }

  /** False when the peer owed us no answer. */
  onTransactionNotFound(peer: Peer, id: HashHex): boolean {
    if (!this.#paid(peer)) return false;
    if (this.#asked.get(id)?.peer === peer) this.#unanswered(id);
    return true;
  }

  #paid(peer: Peer): boolean {
    const state = this.#peers.get(peer);
    if (state === undefined || state.owed === 0) return false;
    state.owed -= 1;
    return true;
  }

  /** It did not come: who else announced it is asked. */
  #unanswered(id: HashHex): void {
    this.#answered(id);
    this.#askAnother(id);
  }

  #askAnother(id: HashHex): void {
    for (const [peer, state] of this.#peers) {
      if (this.#asked.has(id)) return;
      if (state.wanted.has(id)) this.#request(peer, state);
    }
  }

  /** Came, or is no longer waited for: room for the next one of the same peer. */
  #answered(id: HashHex): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    const state = this.#peers.get(asked.peer);
    if (state === undefined) return;
    state.asked -= 1;
    if (state.asked <= NET_LIMITS.getdataEntries / 2) this.#request(asked.peer, state);
  }

  #request(peer: Peer, state: PeerState): void {
    const entries: InventoryEntry[] = [];
    const at = this.#ctx.clock.monotonic();
    for (const id of state.wanted) {
      if (state.asked >= NET_LIMITS.getdataEntries) break;
      if (this.#ctx.mempool.has(id)) {
        state.wanted.delete(id);
        continue;
      }
      if (this.#asked.has(id)) continue;
      state.wanted.delete(id);
      this.#asked.set(id, { peer, at });
      state.asked += 1;
      state.owed = Math.min(state.owed + 1, MAX_OWED);
      entries.push({ kind: 'tx', hash: id });
    }
    if (entries.length > 0) peer.send({ type: 'getdata', entries });
  }

  #tipChanged(): void {
    const now = this.#ctx.clock.monotonic();
    const wait = this.#tipSentAt + NET_LIMITS.tipCoalesceMs - now;
    if (wait <= 0) this.#sendTip();
    else {
      this.#tipTimer ??= this.#ctx.clock.setTimeout(() => {
        this.#tipTimer = undefined;
        this.#sendTip();
      }, wait);
    }
  }

  #sendTip(): void {
    const now = this.#ctx.clock.monotonic();
    this.#tipSentAt = now;
    const { tip } = this.#ctx.chain;
    const message: Message = { type: 'tip', tip: tipStatus(tip) };
    // Most peers have the same, so that most get the same message, which is encoded once.
    const announcements = new Map<BlockIndexEntry, Message | undefined>();
    for (const [peer, state] of this.#peers) {
      const { known } = peer;
      if (known !== undefined) {
        if (!announcements.has(known)) {
          const headers = this.#between(known, tip);
          announcements.set(known, headers.length > 0 ? { type: 'headers', headers } : undefined);
        }
        const headers = announcements.get(known);
        if (headers !== undefined) peer.send(headers);
      }
      state.tipAt = now;
      peer.send(message);
    }
  }

  /** The headers from what a peer has to our tip; empty when it has the tip, or when the way is long. */
  #between(known: BlockIndexEntry, tip: BlockIndexEntry): BlockHeader[] {
    const headers: BlockHeader[] = [];
    for (let entry: BlockIndexEntry | undefined = tip; entry !== undefined; entry = entry.parent) {
      if (this.#ctx.chain.getAncestor(known, entry.height) === entry) return headers.reverse();
      if (headers.length === ANNOUNCED_HEADERS) break;
      const header = this.#ctx.chain.headerOf(entry);
      if (header === undefined) break;
      headers.push(header);
    }
    return [];
  }

  #queue(peer: Peer, id: HashHex): void {
    const queue = this.#peers.get(peer)?.announce;
    if (queue === undefined || peer.knownInventory.has(id) || queue.size >= NET_LIMITS.announceQueue) return;
    queue.add(id);
    this.#inventoryTimer ??= this.#ctx.clock.setTimeout(() => {
      this.#inventoryTimer = undefined;
      this.#sendInventory();
    }, NET_LIMITS.announceMs);
  }

  #sendInventory(): void {
    for (const [peer, { announce }] of this.#peers) {
      const ids = [...announce].filter((id) => !peer.knownInventory.has(id));
      announce.clear();
      for (const id of ids) peer.knownInventory.add(id);
      for (let i = 0; i < ids.length; i += NET_LIMITS.inventoryEntries) {
        const part = ids.slice(i, i + NET_LIMITS.inventoryEntries);
        peer.send({ type: 'inv', entries: part.map((hash) => ({ kind: 'tx', hash })) });
      }
    }
  }
}

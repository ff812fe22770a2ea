import type { HashHex } from '../../../shared/blocks.ts';
import type { BlockIndexEntry } from '../../chain/types.ts';
import { blockWork } from '../../consensus/target.ts';
import type { BlockHeader } from '../../primitives/header.ts';
import { displayHash } from '../../util/bytes.ts';
import type { NetContext } from '../context.ts';
import { dropReason } from '../drops.ts';
import { NET_LIMITS, PENALTY } from '../limits.ts';
import type { TipStatus } from '../messages.ts';
import type { Peer } from '../peer.ts';
import { TokenBucket } from '../rate-limit.ts';
import { yieldToLoop } from '../text.ts';
import { headerBatch, longHeaderBatch, type HeaderBatch } from './header-batch.ts';
import { isMarked, type Presync } from './presync.ts';

interface Request {
  /** Monotonic ms. */
  at: number;
  /** What the peer claimed when it was asked. */
  claim: TipStatus;
  /** It claimed more work than any header that we had. */
  promisedMore: boolean;
  /** A full answer must lead beyond this height; -1 when the fork is not known yet. */
  from: number;
}

interface PeerHeaders {
  request: Request | undefined;
  /** Batches are checked one after the other. */
  queue: { headers: BlockHeader[]; request: Request | undefined }[];
  busy: boolean;
  unconnected: number;
  /** Low-work headers that it made us store. */
  side: number;
  presync: Presync | undefined;
  /** The marks of the branch that proved, in its presync, more work than our tip: its headers may be stored. */
  proven: Map<number, HashHex>;
  /** The last tip without more work than ours that we asked about, so that it is asked about once. */
  askedAbout: HashHex | undefined;
  /** The last header for which there was room, and when to ask on at the latest: bodies make room, and asking costs 2,000 hashes. */
  full: { last: BlockIndexEntry; until: number; height: number } | undefined;
  /** What it claimed to have when headers of its were refused, and until when (monotonic ms) this is not asked about again. */
  refused: { tip: HashHex; until: number } | undefined;
}

/** Batches of one peer that may wait to be checked. */
const QUEUED_BATCHES = 8;
/** There was no room: after so many more blocks were stored there is some again, long before the last header's body is there. */
const ROOM_MADE = 4 * NET_LIMITS.headersPerMessage;
const SECONDS_OF_A_DAY = 86_400;

/**
 * Headers first: asks every peer that claims more work than we know (or a rival branch near our tip) for headers, checks them and
 * puts them into the index. Branches that leave our chain deep down with less work than our tip are not stored.
 */
export class HeaderSync {
  readonly #ctx: NetContext;
  readonly #onKnown: (peer: Peer, entry: BlockIndexEntry) => void;
  readonly #peers = new Map<Peer, PeerHeaders>();
  /** Those with a request. */
  readonly #owing = new Set<PeerHeaders>();
  /** Those that wait for room. */
  readonly #waiting = new Map<PeerHeaders, Peer>();
  readonly #sideBucket: TokenBucket;

  constructor(ctx: NetContext, onKnown: (peer: Peer, entry: BlockIndexEntry) => void) {
    this.#ctx = ctx;
    this.#onKnown = onKnown;
    this.#sideBucket = new TokenBucket(ctx.maxSideHeaders / SECONDS_OF_A_DAY, ctx.maxSideHeaders, ctx.clock.monotonic());
  }

  connected(peer: Peer): void {
    this.#peers.set(peer, {
      request: undefined,
      queue: [],
      busy: false,
      unconnected: 0,
      side: 0,
      presync: undefined,
      proven: new Map(),
      askedAbout: undefined,
      full: undefined,
      refused: undefined,
    });
  }

  gone(peer: Peer): void {
    const state = this.#peers.get(peer);
    if (state !== undefined) {
      this.#owing.delete(state);
      this.#waiting.delete(state);
    }
    this.#peers.delete(peer);
  }

  close(): void {
    this.#peers.clear();
    this.#owing.clear();
    this.#waiting.clear();
  }

  /** Whether any peer owes headers. */
  get waits(): boolean {
    return this.#owing.size > 0;
  }

  waitsFor(peer: Peer): boolean {
    return this.#peers.get(peer)?.request !== undefined;
  }

  /** Monotonic ms since when the peer owes headers; undefined when it owes none. */
  owedSince(peer: Peer): number | undefined {
    return this.#peers.get(peer)?.request?.at;
  }

  /** The highest tip that a peer which owes us headers claims; undefined when none does. */
  claimedHeight(): number | undefined {
    let height: number | undefined;
    for (const { request } of this.#owing) {
      if (request?.promisedMore === true && request.claim.height > (height ?? -1)) height = request.claim.height;
    }
    return height;
  }

  /** Looks at what the peer says about its tip and asks for headers when there is something to learn. */
  consider(peer: Peer): void {
    const state = this.#peers.get(peer);
    const claim = peer.tip;
    if (state === undefined || claim === undefined) return;
    const { chain } = this.#ctx;
    const entry = chain.getEntry(claim.hash);
    if (entry !== undefined) {
      this.#onKnown(peer, entry);
      return;
    }
    if (state.request !== undefined || state.busy || state.queue.length > 0 || this.#waitsForRoom(state)) return;
    if (state.refused?.tip === claim.hash && this.#ctx.clock.monotonic() < state.refused.until) return;
    const promisedMore = claim.chainwork > chain.bestHeader.chainwork;
    if (!promisedMore) {
      const near = claim.height >= chain.tip.height - NET_LIMITS.sideDepth;
      if (claim.chainwork <= chain.tip.chainwork && !near) return;
      if (state.askedAbout === claim.hash) return;
      state.askedAbout = claim.hash;
    }
    // A branch that did not fit as a whole goes on where it stopped.
    this.#ask(peer, state, claim, chain.locator(this.#stopped(peer)), -1, promisedMore);
  }

  /** When blocks were stored, and every NET_LIMITS.tickMs: asks on where there was no room, once there is. */
  roomMade(): void {
    if (this.#waiting.size > 0) for (const [state, peer] of this.#waiting) if (!this.#waitsForRoom(state)) this.consider(peer);
  }

  #waitsForRoom(state: PeerHeaders): boolean {
    const { full } = state;
    if (full === undefined) return false;
    const { chain, clock } = this.#ctx;
    const made = full.last.hasBlock || chain.tip.height - full.height >= ROOM_MADE;
    if (!made && chain.getEntry(full.last.hash) === full.last && clock.monotonic() < full.until) return true;
    state.full = undefined;
    this.#waiting.delete(state);
    return false;
  }

  #stopped(peer: Peer): BlockIndexEntry | undefined {
    const { proven } = peer;
    if (proven === undefined || this.#ctx.chain.getEntry(proven.hash) !== proven) return undefined;
    return proven.chainwork > this.#ctx.chain.tip.chainwork ? undefined : proven;
  }

  /** An announced block or header is unknown, or a block came without its parent: ask how it connects, once at a time. */
  ask(peer: Peer): void {
    const state = this.#peers.get(peer);
    if (state === undefined || state.request !== undefined) return;
    const { chain } = this.#ctx;
    const claim = peer.tip ?? { hash: chain.tip.hash, height: chain.tip.height, chainwork: 0n };
    this.#ask(peer, state, claim, chain.locator(), -1, claim.chainwork > chain.bestHeader.chainwork);
  }

  onHeaders(peer: Peer, headers: BlockHeader[]): void {
    const state = this.#peers.get(peer);
    if (state === undefined) return;
    const { request } = state;
    state.request = undefined;
    this.#owing.delete(state);
    if (state.queue.length >= QUEUED_BATCHES) {
      peer.punish(PENALTY.unaskedReply, 'headers faster than they can be checked');
      return;
    }
    if (state.busy) {
      state.queue.push({ headers, request });
      return;
    }
    // Most announcements bring what another peer has told already: nothing is stored, and nothing need be waited for.
    state.busy = true;
    let stored: Promise<void> | undefined;
    try {
      stored = this.#batch(peer, state, headers, request);
    } finally {
      state.busy = stored !== undefined;
    }
    if (stored !== undefined) void this.#work(peer, state, stored);
    else if (!peer.closed) this.consider(peer);
  }

  #ask(peer: Peer, state: PeerHeaders, claim: TipStatus, locator: HashHex[], from: number, promisedMore: boolean): void {
    state.request = { at: this.#ctx.clock.monotonic(), claim, promisedMore, from };
    if (this.#peers.get(peer) === state) this.#owing.add(state);
    peer.send({ type: 'getheaders', locator: locator.slice(0, NET_LIMITS.locatorHashes), stop: undefined });
  }

  /** Waits for a batch that is being stored, then takes those that came meanwhile. */
  async #work(peer: Peer, state: PeerHeaders, stored: Promise<void>): Promise<void> {
    try {
      await stored;
      while (state.queue.length > 0) {
        await yieldToLoop();
        const batch = state.queue.shift();
        if (batch === undefined || peer.closed) break;
        await this.#batch(peer, state, batch.headers, batch.request);
      }
    } catch (error) {
      // The store said no; the chain tells the user. The peer repeats its tip, and then this is tried again.
      this.#ctx.logger.warn('headers could not be stored', { error });
    } finally {
      state.busy = false;
    }
    if (!peer.closed) this.consider(peer);
  }

  /** A promise only when something is stored, or when there are many. */
  #batch(peer: Peer, state: PeerHeaders, headers: readonly BlockHeader[], request: Request | undefined): Promise<void> | undefined {
    if (headers.length > NET_LIMITS.headersAtOnce) return this.#long(peer, state, headers, request);
    return this.#place(peer, state, headerBatch(headers, this.#ctx), request);
  }

  async #long(peer: Peer, state: PeerHeaders, headers: readonly BlockHeader[], request: Request | undefined): Promise<void> {
    const batch = await longHeaderBatch(headers, this.#ctx, NET_LIMITS.headersAtOnce);
    if (!peer.closed) await this.#place(peer, state, batch, request);
  }

  #place(peer: Peer, state: PeerHeaders, batch: HeaderBatch | undefined, request: Request | undefined): Promise<void> | undefined {
    const { chain } = this.#ctx;
    if (batch === undefined) {
      peer.punish(PENALTY.malformed, 'headers that do not follow each other');
      return undefined;
    }
    const { headers, hashes, broken } = batch;
    const first = headers[0];
    if (first === undefined) {
      this.#finish(peer, request);
      return undefined;
    }
    let known = 0;
    let parent = chain.getEntry(displayHash(first.previousHash));
    for (; known < hashes.length; known++) {
      const entry = chain.getEntry(hashes[known] ?? '');
      if (entry === undefined) break;
      parent = entry;
    }
    const fresh = headers.slice(known);
    if (fresh.length === 0 && parent !== undefined) {
      state.unconnected = 0;
      this.#onKnown(peer, parent);
      this.#next(peer, state, headers, parent, request);
      return undefined;
    }
    const { presync } = state;
    const continues = presync !== undefined && parent === undefined && displayHash(first.previousHash) === presync.last;
    if (parent === undefined && !continues) {
      this.#unconnected(peer, state, request);
      return undefined;
    }
    state.unconnected = 0;

    let work = parent?.chainwork ?? presync?.work ?? 0n;
    const base = parent?.height ?? (presync === undefined ? 0 : presync.fork.height + presync.count);
    if (broken !== undefined) {
      this.#ctx.refuse(peer, hashes[broken.at] ?? '', base + broken.at - known + 1, broken.error);
      return undefined;
    }
    for (const header of fresh) work += blockWork(header.bits);

    if (parent === undefined || !this.#mayStore(peer, state, parent, work, hashes.slice(known))) {
      if (!peer.closed) this.#count(peer, state, parent, hashes, headers, work, fresh.length, request);
      return undefined;
    }
    const more = work > chain.tip.chainwork || isMarked(state.proven, parent.height, hashes.slice(known));
    return this.#store(peer, state, fresh, headers, parent, more, request);
  }

  async #store(
    peer: Peer,
    state: PeerHeaders,
    fresh: readonly BlockHeader[],
    headers: readonly BlockHeader[],
    parent: BlockIndexEntry,
    more: boolean,
    request: Request | undefined,
  ): Promise<void> {
    const result = await this.#ctx.chain.addHeaders(fresh, { kind: 'peer', peerKey: peer.key });
    if (result.status === 'unconnected') {
      this.#unconnected(peer, state, request);
      return;
    }
    if (result.status === 'invalid') {
      // It may become valid (a block of the near future), but not by asking at once again.
      if (peer.tip !== undefined) state.refused = { tip: peer.tip.hash, until: this.#ctx.clock.monotonic() + NET_LIMITS.refusedRetryMs };
      this.#ctx.refuse(peer, result.hash, parent.height + result.at + 1, result.error);
      return;
    }
    if (result.last === undefined) return;
    if (result.limited === true) {
      // No room for more headers until bodies come: they are fetched for what there is. The peer repeats its tip, and then we ask on.
      if (more) peer.proven = result.last;
      state.full = { last: result.last, until: this.#ctx.clock.monotonic() + NET_LIMITS.fullRetryMs, height: this.#ctx.chain.tip.height };
      if (this.#peers.get(peer) === state) this.#waiting.set(state, peer);
      this.#onKnown(peer, result.last);
      return;
    }
    this.#onKnown(peer, result.last);
    this.#next(peer, state, headers, result.last, request);
  }

  /** Whether a branch of this much work may enter the index. Punishes a peer that has used up its share of low-work headers. */
  #mayStore(peer: Peer, state: PeerHeaders, parent: BlockIndexEntry, work: bigint, hashes: readonly HashHex[]): boolean {
    const { tip } = this.#ctx.chain;
    if (work > tip.chainwork || isMarked(state.proven, parent.height, hashes)) return true;
    const count = hashes.length;
    if (parent.height < tip.height - NET_LIMITS.sideDepth) return false;
    if (state.side + count > NET_LIMITS.sideHeadersPerPeer) {
      peer.punish(PENALTY.sideHeaders, 'too many headers of branches with less work');
      return false;
    }
    if (!this.#sideBucket.take(this.#ctx.clock.monotonic(), count)) return false;
    state.side += count;
    return true;
  }

  /** The batch is not stored: adds up its work, and starts again from the fork once the branch has proven more than our tip. */
  #count(
    peer: Peer,
    state: PeerHeaders,
    parent: BlockIndexEntry | undefined,
    hashes: readonly HashHex[],
    headers: readonly BlockHeader[],
    work: bigint,
    fresh: number,
    request: Request | undefined,
  ): void {
    const { chain } = this.#ctx;
    const before = parent === undefined ? state.presync : undefined;
    const fork = parent ?? before?.fork ?? chain.genesis;
    const count = (before?.count ?? 0) + fresh;
    const last = hashes.at(-1) ?? fork.hash;
    const marks = (before?.marks ?? new Map<number, HashHex>()).set(fork.height + count, last);
    state.presync = undefined;
    if (request === undefined) return;
    if (fork.height + count <= request.from) {
      peer.punish(PENALTY.unconnectedHeaders, 'headers that lead nowhere');
      return;
    }
    if (work > chain.tip.chainwork) {
      state.proven = marks;
      this.#ask(peer, state, request.claim, chain.locator(fork), fork.height, request.promisedMore);
      return;
    }
    if (headers.length < NET_LIMITS.headersPerMessage) {
      this.#finish(peer, request);
      return;
    }
    if (count >= this.#ctx.maxPresyncHeaders) {
      peer.punish(PENALTY.unconnectedHeaders, 'a branch without end that has less work than ours');
      return;
    }
    state.presync = { fork, last, work, count, marks };
    this.#ask(peer, state, request.claim, [last, ...chain.locator(fork)], fork.height + count, request.promisedMore);
  }

  /** After a stored batch: asks for the next one when this one was full. */
  #next(peer: Peer, state: PeerHeaders, headers: readonly BlockHeader[], last: BlockIndexEntry, request: Request | undefined): void {
    const full = headers.length >= NET_LIMITS.headersPerMessage;
    if (!full || request === undefined) {
      this.#finish(peer, request);
      return;
    }
    if (last.height <= request.from) {
      peer.punish(PENALTY.unconnectedHeaders, 'headers that lead nowhere');
      return;
    }
    const { chain } = this.#ctx;
    // Others may have brought us further on the same chain in the meantime.
    const best = chain.bestHeader;
    const from = best.height > last.height && chain.getAncestor(best, last.height) === last ? best : last;
    const claim = peer.tip ?? request.claim;
    if (chain.getEntry(claim.hash) !== undefined) this.consider(peer);
    else this.#ask(peer, state, claim, chain.locator(from), last.height, claim.chainwork > best.chainwork);
  }

  /** The peer has said all it knows. Whoever promised more work than it delivers is dropped. */
  #finish(peer: Peer, request: Request | undefined): void {
    if (request?.promisedMore !== true) return;
    if (this.#ctx.chain.getEntry(request.claim.hash) !== undefined) return;
    if ((peer.known?.chainwork ?? 0n) >= request.claim.chainwork) return;
    peer.score = NET_LIMITS.dropScore;
    peer.drop(dropReason('work-not-delivered'));
  }

  #unconnected(peer: Peer, state: PeerHeaders, request: Request | undefined): void {
    state.presync = undefined;
    if (request !== undefined) {
      peer.punish(PENALTY.unconnectedHeaders, 'headers that connect to nothing we asked for');
      return;
    }
    state.unconnected += 1;
    if (state.unconnected > 1) peer.punish(PENALTY.unconnectedHeaders, 'headers that connect to nothing');
    if (!peer.closed) this.ask(peer);
  }
}

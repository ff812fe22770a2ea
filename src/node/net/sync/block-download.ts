import type { HashHex } from '../../../shared/blocks.ts';
import { MAX_RUN_BLOCKS } from '../../chain/limits.ts';
import type { BlockIndexEntry } from '../../chain/types.ts';
import { blockWork } from '../../consensus/target.ts';
import { decodeHeader, HEADER_BYTES, headerHash, type BlockHeader } from '../../primitives/header.ts';
import { displayHash } from '../../util/bytes.ts';
import type { TimerHandle } from '../../util/clock.ts';
import type { NetContext } from '../context.ts';
import { dropReason } from '../drops.ts';
import { NET_LIMITS, PENALTY } from '../limits.ts';
import type { InventoryEntry } from '../messages.ts';
import type { Peer } from '../peer.ts';
import { Branch, branchTo } from './branch.ts';
import { ImportQueue, type Import } from './import-queue.ts';
import { PeerLoad } from './peer-load.ts';

/**
 * Fetches the bodies of the most-work header chain that connected peers have, in a window that moves with what is stored, from
 * all of them at once; then those of rival branches near the tip. A peer that makes no progress loses its requests to another one.
 */
export class BlockDownload {
  readonly #ctx: NetContext;
  readonly #peers = new Map<Peer, PeerLoad>();
  /** First the main one (more work than our tip), when there is one. */
  #branches: Branch[] = [];
  #main: Branch | undefined;
  /** The main branch whose last peer went away: bodies of it that are here already still go into the chain. */
  #left: Branch | undefined;
  readonly #inFlight = new Map<HashHex, { peer: Peer; at: number }>();
  readonly #imports: ImportQueue;
  readonly #onChanged: () => void;
  #refillTimer: TimerHandle | undefined;
  #anyStalled = false;
  /** At the last tick nobody owed anything. */
  #wasQuiet = false;
  #closed = false;

  constructor(ctx: NetContext, hooks: { changed: () => void; orphan: (peer: Peer) => void }) {
    this.#ctx = ctx;
    this.#onChanged = hooks.changed;
    this.#imports = new ImportQueue(ctx, {
      next: () => this.#nextBuffered(),
      orphan: hooks.orphan,
      refused: (item) => {
        this.#peers.get(item.peer)?.refused.add(item.hash);
        this.plan();
        this.#rescan();
      },
      stored: () => {
        this.#afterStored();
      },
    });
  }

  /** Blocks of the main branch that are still missing. */
  get remaining(): number {
    return this.#main?.remaining ?? 0;
  }

  get targetHeight(): number | undefined {
    return this.#main?.target.height;
  }

  connected(peer: Peer): void {
    this.#peers.set(peer, new PeerLoad(this.#ctx.clock.monotonic(), peer.answerBytes, peer.version?.runs === true));
  }

  gone(peer: Peer): void {
    const load = this.#peers.get(peer);
    if (load === undefined) return;
    this.#peers.delete(peer);
    for (const branch of this.#branches) branch.forget(peer);
    // Others that have the same branch are asked for what was under way.
    if (this.#release(peer, load)) this.#rewind();
    this.plan();
  }

  close(): void {
    this.#closed = true;
    this.#ctx.clock.clearTimeout(this.#refillTimer);
    this.#imports.close();
    this.#peers.clear();
    this.#branches = [];
    this.#main = undefined;
    this.#left = undefined;
    this.#inFlight.clear();
  }

  waitsFor(peer: Peer): boolean {
    const load = this.#peers.get(peer);
    return load !== undefined && load.asked.size + load.late.size > 0;
  }

  /** As `plan`, after a peer turned out to have this one. When it alone is missing and is on its way, one who has it too changes nothing. */
  announced(entry: BlockIndexEntry): void {
    if (this.#main?.target === entry && this.#main.remaining === 1 && this.#branches.length === 1 && this.#inFlight.has(entry.hash)) return;
    this.plan();
  }

  /** Chooses what to fetch, after peers or their known chains changed, or a branch turned out to be invalid. */
  plan(): void {
    if (this.#closed) return;
    const { chain } = this.#ctx;
    const { tip } = chain;
    let best: BlockIndexEntry | undefined;
    const rivals = new Set<BlockIndexEntry>();
    for (const peer of this.#peers.keys()) {
      const { known } = peer;
      if (known === undefined || known.invalid || chain.isActive(known)) continue;
      // Headers without bodies may have made room for others.
      if (chain.getEntry(known.hash) !== known) {
        peer.known = undefined;
        continue;
      }
      // A branch whose headers do not fit as a whole is fetched from the bottom: its bodies make room for more headers.
      const wanted = known.chainwork > tip.chainwork || (known === peer.proven && !known.hasBlock);
      if (wanted && known.chainwork > (best?.chainwork ?? 0n)) best = known;
      if (!known.hasBlock || known.chainwork > tip.chainwork) rivals.add(known);
    }
    const old = new Map(this.#branches.map((branch) => [branch.target, branch]));
    const before = this.#main ?? this.#left;
    this.#main = best === undefined ? undefined : (old.get(best) ?? branchTo(best, chain, before));
    this.#left = best === undefined && before?.target.invalid === false ? before : undefined;
    const sides: Branch[] = [];
    for (const rival of rivals) {
      if (sides.length >= NET_LIMITS.sideDownloads) break;
      if (rival === best || this.#onMain(rival)) continue;
      const branch = old.get(rival) ?? branchTo(rival, chain, undefined, 2 * NET_LIMITS.sideDepth);
      const fork = branch?.path[0]?.parent;
      if (branch === undefined || fork === undefined || fork.height < tip.height - NET_LIMITS.sideDepth) continue;
      sides.push(branch);
    }
    for (const damaged of chain.missingBodies().slice(0, NET_LIMITS.blocksInFlight)) {
      sides.push(old.get(damaged) ?? new Branch(damaged, [damaged]));
    }
    this.#branches = this.#main === undefined ? sides : [this.#main, ...sides];
    for (const branch of this.#branches) branch.advance();
    if (this.#branches.length === 0 && this.#left === undefined) this.#imports.clearBuffer();
    this.#imports.run();
    this.#fill();
    this.#onChanged();
  }

  /** Takes a block message. One that nobody asked for goes into the chain as well, as far as the queue has room. */
  onBlock(peer: Peer, hash: HashHex, header: BlockHeader, bytes: Uint8Array): void {
    const load = this.#peers.get(peer);
    if (load === undefined) return;
    const asked = load.asked.delete(hash) || load.late.delete(hash);
    if (this.#inFlight.get(hash)?.peer === peer) this.#inFlight.delete(hash);
    if (asked) load.progress(this.#ctx.clock.monotonic());
    const entry = this.#ctx.chain.getEntry(hash);
    const parent = entry?.parent ?? this.#ctx.chain.getEntry(displayHash(header.previousHash));
    const item: Import = { peer, hash, bytes, height: parent === undefined ? undefined : parent.height + 1 };
    if (entry?.hasBlock === true || this.#imports.has(hash)) {
      if (!asked) peer.punish(PENALTY.uselessBlock, 'a block that is known');
    } else if (asked) {
      this.#imports.buffer(this.#checked([item])[0] ?? item);
    } else if (this.#isOldBranch(parent, header) || !this.#imports.unasked(item)) {
      peer.punish(PENALTY.uselessBlock, 'a block that nobody asked for');
    }
    this.#imports.run();
    this.#fill();
  }

  /** Takes a part of the answer to a `getblocks`. What was not asked for, in this order, costs the peer its connection. */
  onBlocks(peer: Peer, bodies: readonly Uint8Array[]): void {
    const load = this.#peers.get(peer);
    if (load === undefined) return;
    const items: Import[] = [];
    let bytes = 0;
    for (const body of bodies) {
      const entry = this.#expected(load, body);
      if (entry === undefined) {
        peer.punish(PENALTY.malformed, 'blocks that it was not asked for');
        break;
      }
      const { hash } = entry;
      if (!load.asked.delete(hash)) load.late.delete(hash);
      if (this.#inFlight.get(hash)?.peer === peer) this.#inFlight.delete(hash);
      bytes += body.length;
      if (!entry.hasBlock && !this.#imports.has(hash)) items.push({ peer, hash, bytes: body, height: entry.height, entry });
    }
    if (bodies.length > 0 && !peer.closed) {
      load.progress(this.#ctx.clock.monotonic());
      load.runCompleted(bodies.length, bytes);
    }
    for (const item of this.#checked(items)) this.#imports.buffer(item);
    this.#imports.run();
    this.#fill();
  }

  /** The block whose turn it is in the answers of this peer, when these bytes begin with its header. */
  #expected(load: PeerLoad, body: Uint8Array): BlockIndexEntry | undefined {
    const run = load.runs[0];
    const entry = run?.entries[run.next];
    if (run === undefined || entry === undefined) return undefined;
    const same = this.#ctx.chain.hasHeader(entry, body) || headerHash(decodeHeader(body.subarray(0, HEADER_BYTES))) === entry.hash;
    if (!same) return undefined;
    run.next += 1;
    if (run.next === run.entries.length) load.runs.shift();
    return entry;
  }

  #checked(items: readonly Import[]): readonly Import[] {
    const checked = this.#ctx.chain.checkBlocks(
      items.map(({ peer, hash, bytes, entry }) => ({ hash, bytes, origin: { kind: 'peer', peerKey: peer.key }, ...(entry === undefined ? {} : { entry }) })),
    );
    for (const [i, item] of items.entries()) if (checked[i] !== undefined) item.checked = checked[i];
    return items;
  }

  /** False when the peer was not asked for it. Of a run it names the last block: what has not come of it by now, it does not have. */
  onNotFound(peer: Peer, hash: HashHex): boolean {
    const load = this.#peers.get(peer);
    if (load === undefined) return false;
    const at = load.runs.findIndex(({ entries }) => entries.at(-1)?.hash === hash);
    if (at < 0) return this.#lacks(peer, load, hash);
    const [run] = load.runs.splice(at, 1);
    const missing = run?.entries.slice(run.next) ?? [];
    // The first of them it lacks for sure; the others it may be asked for again.
    for (const entry of missing.slice(1)) {
      if (!load.asked.delete(entry.hash)) load.late.delete(entry.hash);
      if (this.#inFlight.get(entry.hash)?.peer === peer) this.#inFlight.delete(entry.hash);
    }
    const owed = this.#lacks(peer, load, missing[0]?.hash ?? hash);
    // What was given back above is nobody's now, also when the first of them had been taken from this peer before.
    if (missing.length > 1) this.#rescan();
    return owed;
  }

  #lacks(peer: Peer, load: PeerLoad, hash: HashHex): boolean {
    const asked = load.asked.delete(hash);
    if (!asked && !load.late.delete(hash)) return false;
    load.refused.add(hash);
    if (this.#inFlight.get(hash)?.peer === peer) this.#inFlight.delete(hash);
    // What was given to somebody else is answered late, but answered: a peer that owes nothing more may be asked for other blocks.
    if (!asked) load.progress(this.#ctx.clock.monotonic());
    peer.punish(PENALTY.notfound, 'it does not have a block of its own chain');
    this.#rescan();
    return true;
  }

  /** Every NET_LIMITS.tickMs: who makes no progress loses its requests, and later its connection. */
  tick(now: number, slept: boolean, headersOwed: boolean, owesHeadersSince: (peer: Peer) => number | undefined): void {
    if (this.#ctx.chain.missingBodies().length > 0) this.plan();
    // Most ticks of most nodes: nobody was asked for anything, so that nobody can be late.
    if (this.#inFlight.size === 0 && !this.#anyStalled && !headersOwed) {
      this.#wasQuiet = true;
      return;
    }
    const anew = slept || this.#wasQuiet;
    this.#wasQuiet = false;
    this.#anyStalled = false;
    let released = false;
    for (const [peer, load] of [...this.#peers]) {
      const owedSince = owesHeadersSince(peer);
      const idle = load.idleFor(now, peer.answerBytes, owedSince, anew);
      if (idle >= NET_LIMITS.stallDropMs) {
        peer.drop(dropReason('stalled'));
        released = true;
      } else if (idle >= NET_LIMITS.stallMs && load.asked.size > 0) {
        load.stalled = true;
        released = this.#release(peer, load) || released;
      }
      this.#anyStalled ||= load.stalled;
    }
    released = this.#freeHead(now) || released;
    if (released) this.#rescan();
  }

  /** The block that everything waits for is with a peer that is merely slow: somebody else may bring it. */
  #freeHead(now: number): boolean {
    const main = this.#main;
    const head = main?.path[main.next];
    const flight = head === undefined ? undefined : this.#inFlight.get(head.hash);
    if (head === undefined || flight === undefined || now - flight.at < 2 * NET_LIMITS.stallMs) return false;
    const load = this.#peers.get(flight.peer);
    if (load === undefined || ![...this.#peers].some(([peer, other]) => peer !== flight.peer && this.#canServe(peer, other, head))) {
      return false;
    }
    load.asked.delete(head.hash);
    load.late.add(head.hash);
    load.refused.add(head.hash);
    this.#inFlight.delete(head.hash);
    return true;
  }

  #canServe(peer: Peer, load: PeerLoad, entry: BlockIndexEntry): boolean {
    if (load.stalled || load.refused.has(entry.hash) || peer.known === undefined) return false;
    return this.#ctx.chain.getAncestor(peer.known, entry.height) === entry;
  }

  /** Gives back what the peer was asked for; its answers are still welcome. */
  #release(peer: Peer, load: PeerLoad): boolean {
    let any = false;
    for (const hash of load.asked) {
      if (this.#inFlight.get(hash)?.peer === peer) this.#inFlight.delete(hash);
      load.late.add(hash);
      any = true;
    }
    load.asked.clear();
    load.slowDown();
    return any;
  }

  /** A block deep down that does not make a better chain: nobody needs it. */
  #isOldBranch(parent: BlockIndexEntry | undefined, header: BlockHeader): boolean {
    const { chain } = this.#ctx;
    if (parent === undefined || parent.height >= chain.tip.height - NET_LIMITS.sideDepth) return false;
    return parent.chainwork + blockWork(header.bits) <= chain.tip.chainwork;
  }

  /** Looks at everything again that is not stored. */
  #rewind(): void {
    for (const branch of this.#branches) branch.cursor = branch.next;
  }

  #rescan(): void {
    this.#rewind();
    this.#fill();
  }

  #onMain(entry: BlockIndexEntry): boolean {
    const first = this.#main?.path[0];
    return first !== undefined && this.#main?.path[entry.height - first.height] === entry;
  }

  #nextBuffered(): Import[] {
    for (const branch of this.#branches) {
      const run = this.#nextOf(branch);
      if (run.length > 0) return run;
    }
    if (this.#left === undefined) return [];
    const run = this.#nextOf(this.#left);
    if (run.length === 0) {
      this.#left = undefined;
      if (this.#branches.length === 0) this.#imports.clearBuffer();
    }
    return run;
  }

  #nextOf(branch: Branch): Import[] {
    branch.advance();
    const run: Import[] = [];
    for (let i = branch.next; run.length < MAX_RUN_BLOCKS; i++) {
      const entry = branch.path[i];
      const item = entry === undefined ? undefined : this.#imports.takeBuffered(entry.hash);
      if (item === undefined) break;
      run.push(item);
    }
    return run;
  }

  #afterStored(): void {
    for (const branch of this.#branches) branch.advance();
    if (this.#branches.some((branch) => branch.remaining === 0)) this.plan();
    else {
      this.#fill();
      this.#onChanged();
    }
  }

  #fill(): void {
    // Nothing to ask for: that is so after most of the messages about a block, and the peers need not be put in order for it.
    if (this.#closed || this.#branches.every((branch) => branch.cursor >= branch.path.length)) return;
    const now = this.#ctx.clock.monotonic();
    const byLoad = [...this.#peers].sort((a, b) => a[1].asked.size - b[1].asked.size);
    for (const [peer, load] of byLoad) {
      // Requests come in batches.
      if (load.stalled || load.asked.size > load.room / 2 || load.runs.length >= NET_LIMITS.runQueue) continue;
      if (now - load.requestedAt < NET_LIMITS.requestGapMs) {
        this.#refillLater();
        continue;
      }
      const entries = this.#choose(peer, load, load.room - load.asked.size);
      if (entries.length === 0) continue;
      if (load.asked.size === 0) load.progress(now);
      load.requestedAt = now;
      for (const entry of entries) {
        load.asked.add(entry.hash);
        this.#inFlight.set(entry.hash, { peer, at: now });
      }
      this.#request(peer, load, entries);
    }
  }

  /** Blocks that stand on each other are asked for as runs where the peer answers that, the others one by one. */
  #request(peer: Peer, load: PeerLoad, entries: readonly BlockIndexEntry[]): void {
    const single: InventoryEntry[] = [];
    for (let from = 0, to = 1; from < entries.length; from = to++) {
      while (to < entries.length && to - from < NET_LIMITS.runBlocks && entries[to]?.parent === entries[to - 1]) to++;
      const run = entries.slice(from, to);
      const last = run.at(-1);
      if (!load.takesRuns || run.length === 1 || last === undefined || load.runs.length >= NET_LIMITS.runQueue) {
        for (const { hash } of run) single.push({ kind: 'block', hash });
        continue;
      }
      load.runs.push({ entries: run, next: 0 });
      peer.send({ type: 'getblocks', last: last.hash, count: run.length });
    }
    for (let from = 0; from < single.length; from += NET_LIMITS.getdataEntries) {
      peer.send({ type: 'getdata', entries: single.slice(from, from + NET_LIMITS.getdataEntries) });
    }
  }

  #choose(peer: Peer, load: PeerLoad, room: number): BlockIndexEntry[] {
    const chosen: BlockIndexEntry[] = [];
    const taking = new Set<BlockIndexEntry>();
    const wide = load.takesRuns ? NET_LIMITS.runWindow : NET_LIMITS.downloadWindow;
    const window = this.#imports.bufferedBytes > NET_LIMITS.bufferedBytes ? NET_LIMITS.narrowWindow : wide;
    for (const branch of this.#branches) {
      const last = Math.min(branch.topOf(peer, this.#ctx.chain), branch.next + window - 1);
      for (let i = branch.cursor; i <= last && chosen.length < room; i++) {
        const entry = branch.path[i];
        if (entry === undefined) break;
        const taken = entry.hasBlock || this.#inFlight.has(entry.hash) || this.#imports.has(entry.hash) || taking.has(entry);
        if (!taken && load.refused.has(entry.hash)) continue;
        if (!taken) {
          chosen.push(entry);
          taking.add(entry);
        }
        if (i === branch.cursor) branch.cursor += 1;
      }
    }
    return chosen;
  }

  #refillLater(): void {
    this.#refillTimer ??= this.#ctx.clock.setTimeout(() => {
      this.#refillTimer = undefined;
      this.#fill();
    }, NET_LIMITS.requestGapMs);
  }
}

import type { HashHex } from '../../shared/blocks.ts';
import type { BlockIndexEntry } from '../chain/types.ts';
import { decodeHeader, HEADER_BYTES, type BlockHeader } from '../primitives/header.ts';
import type { NetContext } from './context.ts';
import { NET_LIMITS, PENALTY } from './limits.ts';
import type { InventoryEntry } from './messages.ts';
import type { Peer } from './peer.ts';

/** A `getblocks`. */
interface AskedRun {
  readonly last: HashHex;
  readonly count: number;
}

interface Waiting {
  entries: InventoryEntry[];
  running: boolean;
  runs: AskedRun[];
  runsRunning: boolean;
  /** The last getheaders that is not answered yet; an honest peer has one at a time. */
  headers: { locator: readonly HashHex[]; stop: HashHex | undefined } | undefined;
  answering: boolean;
}

/** Answers what other nodes ask for: headers at once, bodies and transactions one after the other as fast as they are read. */
export class Server {
  readonly #ctx: NetContext;
  readonly #queues = new Map<Peer, Waiting>();

  constructor(ctx: NetContext) {
    this.#ctx = ctx;
  }

  gone(peer: Peer): void {
    this.#queues.delete(peer);
  }

  close(): void {
    this.#queues.clear();
  }

  onGetHeaders(peer: Peer, locator: readonly HashHex[], stop: HashHex | undefined): void {
    const waiting = this.#waiting(peer);
    waiting.headers = { locator, stop };
    if (!waiting.answering) this.#answerHeaders(peer, waiting);
  }

  onGetData(peer: Peer, entries: readonly InventoryEntry[]): void {
    const queue = this.#waiting(peer);
    queue.entries.push(...entries);
    if (queue.entries.length > NET_LIMITS.serveQueue) {
      peer.punish(PENALTY.serveQueue, 'asks for more than it takes');
      return;
    }
    if (queue.running) return;
    queue.running = true;
    void this.#serve(peer, queue).finally(() => {
      queue.running = false;
    });
  }

  onGetBlocks(peer: Peer, last: HashHex, count: number): void {
    const waiting = this.#waiting(peer);
    waiting.runs.push({ last, count });
    if (waiting.runs.length > NET_LIMITS.runQueue) {
      peer.punish(PENALTY.serveQueue, 'asks for more than it takes');
      return;
    }
    if (waiting.runsRunning) return;
    waiting.runsRunning = true;
    void this.#serveRuns(peer, waiting).finally(() => {
      waiting.runsRunning = false;
    });
  }

  async #serveRuns(peer: Peer, waiting: Waiting): Promise<void> {
    // It stays in the queue until it is answered: that is what the limit counts.
    for (let run = waiting.runs[0]; run !== undefined && !peer.closed; run = waiting.runs[0]) {
      if (!(await this.#sendRun(peer, run))) peer.send({ type: 'notfound', entries: [{ kind: 'block', hash: run.last }] });
      waiting.runs.shift();
    }
  }

  /** False when we do not have all of it; what comes before the first that is missing has been sent. */
  async #sendRun(peer: Peer, { last, count }: AskedRun): Promise<boolean> {
    const { chain } = this.#ctx;
    const entries = entriesTo(chain, last, count);
    for (let next = 0; next < entries.length && !peer.closed; ) {
      let bodies: Uint8Array[];
      try {
        bodies = await chain.readBodies(entries.slice(next), NET_LIMITS.runMessageBytes);
        if (bodies.length === 0) {
          const single = await chain.getBlockBytes(entries[next]?.hash ?? '');
          if (single === undefined) return false;
          bodies = [single];
        }
      } catch (error) {
        // The store said no; the chain tells the user, and the peer asks somebody else.
        this.#ctx.logger.warn('blocks could not be read', { last, error });
        return false;
      }
      next += bodies.length;
      const part = bodies;
      await this.#paced(peer, (done) => {
        peer.send({ type: 'blocks', bodies: part }, done);
      });
    }
    return entries.length === count;
  }

  #waiting(peer: Peer): Waiting {
    let waiting = this.#queues.get(peer);
    if (waiting === undefined) {
      waiting = { entries: [], running: false, runs: [], runsRunning: false, headers: undefined, answering: false };
      this.#queues.set(peer, waiting);
    }
    return waiting;
  }

  /** At once, but to a peer that does not read only once it has read: a full answer is 160 kB for a question of 50 bytes. */
  #answerHeaders(peer: Peer, waiting: Waiting): void {
    const { headers: asked } = waiting;
    if (asked === undefined || peer.closed) return;
    waiting.headers = undefined;
    const entries = this.#entriesAfter(asked.locator, asked.stop);
    const inMemory: BlockHeader[] = [];
    for (const entry of entries) {
      const header = this.#ctx.chain.headerOf(entry);
      if (header === undefined) break;
      inMemory.push(header);
    }
    const answered = inMemory.length === entries.length ? this.#sendHeaders(peer, inMemory) : this.#readHeaders(peer, entries);
    if (answered === undefined) return;
    waiting.answering = true;
    void answered.then(() => {
      waiting.answering = false;
      this.#answerHeaders(peer, waiting);
    });
  }

  #sendHeaders(peer: Peer, headers: BlockHeader[]): Promise<void> | undefined {
    return this.#paced(peer, (done) => {
      peer.send({ type: 'headers', headers }, done);
    });
  }

  /** Deep in the chain headers are on disk only. */
  async #readHeaders(peer: Peer, entries: readonly BlockIndexEntry[]): Promise<void> {
    try {
      const read = await this.#ctx.chain.readHeaders(entries);
      // What follows a header that is lost does not connect.
      const lost = read.indexOf(undefined);
      const headers = read.slice(0, lost < 0 ? read.length : lost).filter((header) => header !== undefined);
      if (!peer.closed) await this.#sendHeaders(peer, headers);
    } catch (error) {
      // The store said no; the chain tells the user, and the peer asks somebody else.
      this.#ctx.logger.warn('headers could not be read', { error });
    }
  }

  #entriesAfter(locator: readonly HashHex[], stop: HashHex | undefined): BlockIndexEntry[] {
    const { chain } = this.#ctx;
    const fork = chain.findLocatorFork(locator);
    const entries: BlockIndexEntry[] = [];
    for (let height = fork.height + 1; entries.length < NET_LIMITS.headersPerMessage; height++) {
      const entry = chain.getActive(height);
      if (entry === undefined) break;
      entries.push(entry);
      if (entry.hash === stop) break;
    }
    return entries;
  }

  async #serve(peer: Peer, queue: { entries: InventoryEntry[] }): Promise<void> {
    const missing: InventoryEntry[] = [];
    for (let entry = queue.entries.shift(); entry !== undefined && !peer.closed; entry = queue.entries.shift()) {
      if (!(await this.#sendOne(peer, entry))) missing.push(entry);
      if (missing.length > 0 && (missing.length >= NET_LIMITS.getdataEntries || queue.entries.length === 0)) {
        peer.send({ type: 'notfound', entries: missing.splice(0) });
      }
    }
  }

  /** False when we do not have it. */
  async #sendOne(peer: Peer, entry: InventoryEntry): Promise<boolean> {
    if (entry.kind === 'tx') {
      const found = this.#ctx.mempool.get(entry.hash);
      if (found !== undefined) await this.#paced(peer, (done) => {
        peer.send({ type: 'tx', id: entry.hash, transaction: found.transaction }, done);
      });
      return found !== undefined;
    }
    const known = this.#ctx.chain.getEntry(entry.hash);
    if (known?.hasBlock !== true) return false;
    let bytes = this.#ctx.chain.newestBody(entry.hash);
    try {
      bytes ??= await this.#ctx.chain.getBlockBytes(entry.hash);
    } catch (error) {
      // The store said no; the chain tells the user, and the peer asks somebody else.
      this.#ctx.logger.warn('a block could not be read', { hash: entry.hash, error });
    }
    if (bytes === undefined) return false;
    const header = decodeHeader(bytes.subarray(0, HEADER_BYTES));
    const body = bytes;
    await this.#paced(peer, (done) => {
      peer.send({ type: 'block', hash: entry.hash, header, bytes: body }, done);
    });
    return true;
  }

  /** A promise that the operating system has taken it when too much is unsent, so that a slow reader costs little memory. */
  #paced(peer: Peer, send: (done: () => void) => void): Promise<void> | undefined {
    const taken = new Promise<void>((resolve) => {
      send(resolve);
    });
    return peer.socket.unsentBytes > NET_LIMITS.serveHighWater ? taken : undefined;
  }
}

/** The `count` entries that end at `last`, lowest first; fewer when the chain begins, or one of them has no body. Empty when `last` is unknown. */
function entriesTo(chain: NetContext['chain'], last: HashHex, count: number): BlockIndexEntry[] {
  const entries: BlockIndexEntry[] = [];
  const end = chain.getEntry(last);
  if (end === undefined || end.height < count) return entries;
  for (let height = end.height - count + 1; height <= end.height; height++) {
    const entry = chain.getAncestor(end, height);
    if (entry?.hasBlock !== true) break;
    entries.push(entry);
  }
  return entries;
}

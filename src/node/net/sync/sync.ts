import type { HashHex } from '../../../shared/blocks.ts';
import type { SyncState } from '../../../shared/events.ts';
import type { BlockIndexEntry } from '../../chain/types.ts';
import type { BlockHeader } from '../../primitives/header.ts';
import type { TimerHandle } from '../../util/clock.ts';
import type { NetContext } from '../context.ts';
import { NET_LIMITS } from '../limits.ts';
import type { MessageType, TipStatus } from '../messages.ts';
import type { Peer } from '../peer.ts';
import { BlockDownload } from './block-download.ts';
import { HeaderSync } from './header-sync.ts';

/** Fewer missing blocks than this are everyday relay, which nobody needs to be told about. */
const WORTH_TELLING = 3;
/** The rate is that of the last so many ms. */
const RATE_WINDOW_MS = 5_000;

export interface SyncHooks {
  /** At most every NET_LIMITS.syncEventMs. */
  changed(state: SyncState): void;
}

/** Headers, then blocks: brings this node to the chain with the most work that its peers have. */
export class Sync {
  readonly #ctx: NetContext;
  readonly #hooks: SyncHooks;
  readonly #headers: HeaderSync;
  readonly #blocks: BlockDownload;
  readonly #off: (() => void)[];
  #stored: { at: number; count: number }[] = [];
  #timer: TimerHandle | undefined;
  /** Monotonic ms. */
  #toldAt = -Infinity;
  #last = '';
  #closed = false;

  constructor(ctx: NetContext, hooks: SyncHooks) {
    this.#ctx = ctx;
    this.#hooks = hooks;
    this.#headers = new HeaderSync(ctx, (peer, entry) => {
      this.#onKnown(peer, entry);
    });
    this.#blocks = new BlockDownload(ctx, {
      changed: () => {
        this.#changed();
      },
      orphan: (peer) => {
        this.#headers.ask(peer);
      },
    });
    this.#off = [
      ctx.chain.on('connect', (_entry, _block, origin) => {
        if (origin.kind === 'peer') this.#count();
      }),
      ctx.chain.on('tip', () => {
        this.#changed();
      }),
      ctx.chain.on('invalid', () => {
        this.#blocks.plan();
      }),
    ];
  }

  connected(peer: Peer): void {
    this.#headers.connected(peer);
    this.#blocks.connected(peer);
    this.#headers.consider(peer);
  }

  gone(peer: Peer): void {
    this.#headers.gone(peer);
    this.#blocks.gone(peer);
    this.#changed();
  }

  expects(peer: Peer, type: MessageType): boolean {
    if (type === 'headers') return this.#headers.waitsFor(peer);
    return (type === 'block' || type === 'notfound') && this.#blocks.waitsFor(peer);
  }

  onTip(peer: Peer, tip: TipStatus): void {
    peer.tip = tip;
    this.#headers.consider(peer);
  }

  onHeaders(peer: Peer, headers: BlockHeader[]): void {
    this.#headers.onHeaders(peer, headers);
  }

  /** A block hash in an `inv`: ask for its header unless it is known. */
  onAnnounced(peer: Peer, hash: HashHex): void {
    const entry = this.#ctx.chain.getEntry(hash);
    if (entry === undefined) this.#headers.ask(peer);
    else this.#onKnown(peer, entry);
  }

  onBlock(peer: Peer, hash: HashHex, header: BlockHeader, bytes: Uint8Array): void {
    this.#blocks.onBlock(peer, hash, header, bytes);
  }

  /** False when the peer was not asked for it. */
  onNotFound(peer: Peer, hash: HashHex): boolean {
    return this.#blocks.onNotFound(peer, hash);
  }

  tick(now: number, slept: boolean): void {
    this.#headers.tick();
    this.#blocks.tick(now, slept, this.#headers.waits, (peer) => this.#headers.owedSince(peer));
    // Idle, and nobody owes anything: the state cannot have changed.
    const still = this.#last === 'idle' && !this.#headers.waits && this.#blocks.remaining === 0;
    if (!still && this.#timer === undefined && now - this.#toldAt >= NET_LIMITS.syncEventMs) this.#tell();
  }

  state(): SyncState {
    const { chain } = this.#ctx;
    const height = chain.tip.height;
    const { remaining } = this.#blocks;
    const claimed = this.#headers.claimedHeight();
    const bestHeaderHeight = Math.max(height, this.#blocks.targetHeight ?? 0);
    const phase =
      remaining >= WORTH_TELLING
        ? 'blocks'
        : claimed !== undefined && claimed >= bestHeaderHeight + WORTH_TELLING
          ? 'headers'
          : 'idle';
    const rate = phase === 'idle' ? 0 : this.#rate();
    return {
      phase,
      height,
      bestHeaderHeight,
      blocksPerSecond: rate,
      ...(phase === 'blocks' && rate > 0 ? { secondsLeft: Math.ceil(remaining / rate) } : {}),
    };
  }

  close(): void {
    this.#closed = true;
    this.#ctx.clock.clearTimeout(this.#timer);
    for (const off of this.#off) off();
    this.#headers.close();
    this.#blocks.close();
  }

  #onKnown(peer: Peer, entry: BlockIndexEntry): void {
    const before = peer.known;
    if (before === entry) return;
    if (before !== undefined && !before.invalid && before.chainwork >= entry.chainwork && entry !== peer.proven) return;
    peer.known = entry;
    if (!this.#ctx.chain.isActive(entry)) this.#blocks.announced(entry);
  }

  #count(): void {
    const at = this.#ctx.clock.monotonic();
    const last = this.#stored.at(-1);
    // Ten buckets a second are enough for a rate, however fast the blocks come.
    if (last !== undefined && at - last.at < 100) last.count += 1;
    else this.#stored.push({ at, count: 1 });
    if (this.#stored.length > (2 * RATE_WINDOW_MS) / 100) this.#rate();
  }

  #rate(): number {
    const now = this.#ctx.clock.monotonic();
    this.#stored = this.#stored.filter(({ at }) => now - at <= RATE_WINDOW_MS);
    const first = this.#stored[0];
    if (first === undefined) return 0;
    const blocks = this.#stored.reduce((sum, { count }) => sum + count, 0);
    return Math.round((blocks * 10_000) / Math.max(100, now - first.at)) / 10;
  }

  #changed(): void {
    if (this.#closed) return;
    this.#timer ??= this.#ctx.clock.setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, NET_LIMITS.syncEventMs);
  }

  #tell(): void {
    if (this.#closed) return;
    this.#toldAt = this.#ctx.clock.monotonic();
    const state = this.state();
    // While nothing is fetched, the height alone is no news: the tip event carries it.
    const text = state.phase === 'idle' ? 'idle' : JSON.stringify(state);
    if (text === this.#last) return;
    this.#last = text;
    this.#hooks.changed(state);
  }
}

/** How blocks move on the canvas: what comes grows in, what changes lane glides, with reduced motion both only fade. Pure but for its own memory. */
import type { HashHex } from '../../../shared/blocks.ts';
import { BLOCK_MS, easeOut, FADE_MS, isNews, LINK_MS, REORG_MS, type Motion } from '../motion.ts';

/** How a block is drawn at a moment. */
export interface Pose {
  readonly top: number;
  readonly alpha: number;
  readonly scale: number;
  /** Share of its link that is drawn, 0 to 1. */
  readonly link: number;
}

interface Run {
  kind: 'enter' | 'fade' | 'move';
  start: number;
  fromTop: number;
}

/** A new block waits for its link. */
const ENTER_DELAY = 60;
const SMALL = 0.86;
const part = (now: number, start: number, length: number): number => Math.min(1, Math.max(0, (now - start) / length));
const lengthOf = (run: Run): number =>
  run.kind === 'enter' ? ENTER_DELAY + BLOCK_MS : run.kind === 'fade' ? FADE_MS : REORG_MS;

export interface Arrangement {
  /** Top of every laid out block by hash. */
  tops: ReadonlyMap<HashHex, number>;
  fresh: ReadonlySet<HashHex>;
  /** When `fresh` was found, in ms of the clock of `now`. */
  freshAt: number;
  motion: Motion;
}

export class Movement {
  #tops: ReadonlyMap<HashHex, number> = new Map();
  readonly #runs = new Map<HashHex, Run>();
  #until = 0;
  readonly #rest = { top: 0, alpha: 1, scale: 1, link: 1 };

  /** Takes a new arrangement, and sets going what differs from the one before. */
  arrange({ tops, fresh, freshAt, motion }: Arrangement, now: number): void {
    const before = this.#tops;
    this.#tops = tops;
    if (motion === 'snap') {
      this.#runs.clear();
      return;
    }
    for (const hash of this.#runs.keys()) if (!tops.has(hash)) this.#runs.delete(hash);
    for (const [hash, top] of tops) {
      const old = before.get(hash);
      if (old === undefined) {
        if (fresh.has(hash) && isNews(freshAt, now)) this.#run(hash, motion === 'fade' ? 'fade' : 'enter', now, top);
      } else if (old !== top) {
        this.#run(hash, motion === 'fade' ? 'fade' : 'move', now, this.#poseFrom(hash, old, now).top);
      }
    }
  }

  /** Lets blocks glide from other tops to where they stand, as in a replay. */
  replay(from: ReadonlyMap<HashHex, number>, motion: Motion, now: number): void {
    if (motion === 'snap') return;
    for (const [hash, top] of from) if (this.#tops.has(hash)) this.#run(hash, motion === 'fade' ? 'fade' : 'move', now, top);
  }

  #run(hash: HashHex, kind: Run['kind'], start: number, fromTop: number): void {
    const run = { kind, start, fromTop };
    this.#runs.set(hash, run);
    this.#until = Math.max(this.#until, start + lengthOf(run));
  }

  /** True while something moves; forgets what has arrived. */
  busy(now: number): boolean {
    if (this.#runs.size === 0) return false;
    if (now < this.#until) return true;
    this.#runs.clear();
    return false;
  }

  /** The answer is good until the next call: most blocks are at rest, and share one. */
  pose(hash: HashHex, top: number, now: number): Pose {
    if (this.#runs.size > 0) return this.#poseFrom(hash, top, now);
    this.#rest.top = top;
    return this.#rest;
  }

  #poseFrom(hash: HashHex, top: number, now: number): Pose {
    const run = this.#runs.get(hash);
    if (run === undefined || now >= run.start + lengthOf(run)) return { top, alpha: 1, scale: 1, link: 1 };
    if (run.kind === 'fade') {
      const t = part(now, run.start, FADE_MS);
      return { top, alpha: t, scale: 1, link: 1 };
    }
    if (run.kind === 'move') {
      const t = easeOut(part(now, run.start, REORG_MS));
      return { top: run.fromTop + (top - run.fromTop) * t, alpha: 1, scale: 1, link: 1 };
    }
    const t = easeOut(part(now, run.start + ENTER_DELAY, BLOCK_MS));
    return { top, alpha: t, scale: SMALL + (1 - SMALL) * t, link: easeOut(part(now, run.start, LINK_MS)) };
  }
}

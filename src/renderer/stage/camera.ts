/**
 * The strip's camera: one number, the strip's own x at the stage's left edge. Virtual on purpose: an element wide enough for a
 * million blocks is beyond what Chromium lays out, and blocks that leave the window must not move the ones that stay.
 */
import type { HashHex } from '../../shared/blocks.ts';
import { CAMERA_MS, easeOut } from './motion.ts';
import type { Seen } from './unseen.ts';

/** What moves time on; the page's own by default, a test's otherwise. */
export interface Ticker {
  now(): number;
  request(callback: () => void): number;
  cancel(id: number): void;
}

const pageTicker: Ticker = {
  now: () => performance.now(),
  request: (callback) => requestAnimationFrame(callback),
  cancel: (id) => cancelAnimationFrame(id),
};

export class Camera {
  readonly #ticker: Ticker;
  readonly #listeners = new Set<() => void>();
  #x = 0;
  #frame: number | null = null;
  /** Whether it has a place to come back to: the table may stand where the strip did, and the strip then finds the camera where it left it. */
  placed = false;
  /** The chosen and the changed block that it last went to see: it goes there once, and to what came meanwhile when the strip is back. */
  readonly revealed: { chosen: HashHex | null; changed: HashHex | null } = { chosen: null, changed: null };
  /** How much of the chain was in sight of it: what came since is new, also what came while the table stood there. Null before it is placed. */
  seen: Seen | null = null;

  constructor(ticker: Ticker = pageTicker) {
    this.#ticker = ticker;
  }

  readonly get = (): number => this.#x;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** There at once; ends a glide. */
  jump(x: number): void {
    this.stop();
    this.#set(x);
  }

  /** There in CAMERA_MS, from wherever it is now. */
  glide(x: number): void {
    this.stop();
    const from = this.#x;
    if (from === x) return;
    const start = this.#ticker.now();
    const step = (): void => {
      const t = Math.min(1, (this.#ticker.now() - start) / CAMERA_MS);
      this.#frame = t < 1 ? this.#ticker.request(step) : null;
      this.#set(t < 1 ? from + (x - from) * easeOut(t) : x);
    };
    this.#frame = this.#ticker.request(step);
  }

  /** Ends a glide where it is. */
  stop(): void {
    if (this.#frame !== null) this.#ticker.cancel(this.#frame);
    this.#frame = null;
  }

  #set(x: number): void {
    if (x === this.#x) return;
    this.#x = x;
    for (const listener of this.#listeners) listener();
  }
}

export interface CameraRange {
  /** Leftmost and rightmost position. */
  min: number;
  max: number;
}

/** Where the camera may go: from the first column to where the strip's right end meets the stage's. All in pixels. */
export function cameraRange(contentLeft: number, contentRight: number, stageWidth: number): CameraRange {
  return { min: contentLeft, max: Math.max(contentLeft, contentRight - stageWidth) };
}

export function clampTo({ min, max }: CameraRange, x: number): number {
  return Math.min(max, Math.max(min, x));
}

/** The least move that brings a column (with a margin) into sight; the same position when it is in sight already. */
export function reveal(x: number, stageWidth: number, left: number, right: number, margin: number): number {
  if (left - margin < x) return left - margin;
  if (right + margin > x + stageWidth) return right + margin - stageWidth;
  return x;
}

/** How the strip moves: what is new, and whether there is time to show it moving. */
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import { layoutChain, type ChainLayout } from './layout.ts';
import { SNAP_BLOCKS_PER_SECOND } from './limits.ts';

/** Milliseconds. */
export const LINK_MS = 140;
export const BLOCK_MS = 240;
export const CAMERA_MS = 320;
export const REORG_MS = 420;
export const FADE_MS = 120;

/** `full`: things move. `fade`: they only fade, for reduced motion. `snap`: they are simply there. */
export type Motion = 'full' | 'fade' | 'snap';

/** Counts arrivals over the last second: above SNAP_BLOCKS_PER_SECOND nothing is animated, the eye could not follow. */
export class ArrivalMeter {
  #times: { at: number; count: number }[] = [];

  /** @param now milliseconds of any steady clock. */
  add(count: number, now: number): void {
    this.#times.push({ at: now, count });
    this.#forget(now);
  }

  /** Blocks that came in the second before `now`. */
  rate(now: number): number {
    this.#forget(now);
    return this.#times.reduce((sum, { count }) => sum + count, 0);
  }

  #forget(now: number): void {
    this.#times = this.#times.filter(({ at }) => now - at < 1000);
  }
}

export interface Scene {
  layout: ChainLayout;
  /** Blocks that were not there in the scene before, and when that was found, in ms of the environment's clock. */
  fresh: ReadonlySet<HashHex>;
  at: number;
  motion: Motion;
  /** Counts the reorgs that the window has seen; a tile that changes lane with it takes REORG_MS. */
  reorgId: number;
}

/** What came longer ago than this is no news to the eye: a tile that is mounted by scrolling does not pop up. */
const NEWS_MS = 400;

/** Whether something found new at `at` is still new. @param now milliseconds of the same clock. */
export function isNews(at: number | null, now: number): boolean {
  return at !== null && now - at < NEWS_MS;
}

export interface SceneEnvironment {
  /** Milliseconds of any steady clock. */
  readonly now: () => number;
  readonly reducedMotion: () => boolean;
  readonly hidden: () => boolean;
}

const NOTHING: ReadonlySet<HashHex> = new Set();
const NO_BLOCKS: ReadonlyMap<HashHex, BlockSummary> = new Map();

/**
 * Turns the store's blocks into scenes: lays them out, remembers lanes until the next reorg, and tells what is new since the
 * scene before. The same input gives the same scene object, so it may be asked while rendering.
 */
export class SceneKeeper {
  readonly #environment: SceneEnvironment;
  readonly #meter = new ArrivalMeter();
  #blocks: ReadonlyMap<HashHex, BlockSummary> | null = null;
  #active: readonly HashHex[] | null = null;
  #older: ReadonlyMap<HashHex, BlockSummary> = NO_BLOCKS;
  #scene: Scene | null = null;

  constructor(environment: SceneEnvironment) {
    this.#environment = environment;
  }

  /** @param older side blocks from below the window's heights: they are laid out, and are never news. */
  scene(
    blocks: ReadonlyMap<HashHex, BlockSummary>,
    active: readonly HashHex[],
    reorgId: number,
    older: ReadonlyMap<HashHex, BlockSummary> = NO_BLOCKS,
  ): Scene {
    const before = this.#scene;
    if (before !== null && blocks === this.#blocks && active === this.#active && older === this.#older && reorgId === before.reorgId) {
      return before;
    }
    const reorganised = before !== null && reorgId !== before.reorgId;
    const all = older.size === 0 ? blocks : new Map([...older, ...blocks]);
    const layout = layoutChain({ blocks: all, active, ...(before === null || reorganised ? {} : { remembered: before.layout.lanes }) });
    let fresh = NOTHING;
    // The first blocks of all were there before we looked: nothing arrived.
    if (before !== null && before.layout.blocks.size > 0) {
      fresh = new Set([...layout.blocks.keys()].filter((hash) => !before.layout.blocks.has(hash) && !older.has(hash)));
      if (fresh.size > 0) this.#meter.add(fresh.size, this.#environment.now());
    }
    this.#blocks = blocks;
    this.#active = active;
    this.#older = older;
    this.#scene = { layout, fresh, at: this.#environment.now(), motion: this.#motion(), reorgId };
    return this.#scene;
  }

  #motion(): Motion {
    const { now, reducedMotion, hidden } = this.#environment;
    if (hidden() || this.#meter.rate(now()) > SNAP_BLOCKS_PER_SECOND) return 'snap';
    return reducedMotion() ? 'fade' : 'full';
  }
}

export const reducedMotion = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

export const pageEnvironment: SceneEnvironment = {
  now: () => performance.now(),
  reducedMotion,
  hidden: () => document.hidden,
};

/** Ease-out for what is drawn frame by frame: close to `--ease-out`. @param t 0 to 1. */
export function easeOut(t: number): number {
  return 1 - (1 - t) ** 3;
}

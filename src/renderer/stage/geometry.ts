/** Sizes of the strip in CSS pixels. The picture they make is the design's, at 1280 by 396. */

import { METRICS, type Metrics } from './canvas/zoom.ts';
import { OVERSCAN_COLUMNS } from './limits.ts';

/** From one height to the next, and the size of a tile, at the nearest zoom step. */
export const PITCH = METRICS.tile.pitch;
export const TILE_WIDTH = METRICS.tile.width;
export const TILE_HEIGHT = METRICS.tile.height;
/** From a tile's top to its sockets. */
export const SOCKET_Y = METRICS.tile.socket;

/** Free space at the strip's left end, and right of the next block's place. */
export const EDGE_LEFT = 40;
export const EDGE_RIGHT = 32;

/** Baseline of the height labels, middle of the avatars and top of the active chain, from the stage's top. */
export const HEIGHT_LABEL_Y = 112;
export const AVATAR_Y = 138;
export const ACTIVE_TOP = 166;
/** Middle of the active chain's sockets: the same at every zoom step. */
export const LINE_Y = ACTIVE_TOP + SOCKET_Y;
/** The overview, and the free space above it: no lane reaches into it. */
export const EDGE_BOTTOM = 62;
/** Free space at the lower edge of a stage that has no overview. */
const EDGE_BARE = 6;
/** In a stage lower than this the sentence has one line for each of its halves, and the chain moves up by LIFT. */
const LOW_STAGE = 310;
const LIFT = 44;

/** Whether a stage of this height, in CSS pixels, is too low for the headline's full size. */
export function isLow(stageHeight: number): boolean {
  return stageHeight < LOW_STAGE;
}

/**
 * Whether a stage of this height, in CSS pixels, shows the overview: where the active chain and its side lanes, at their lowest, leave room for it. A
 * window of 900 by 600 has none.
 */
export function hasOverview(stageHeight: number, sideLanes: number): boolean {
  const lanes = FIRST_GAP_MIN + sideLanes * LOWEST_SIDE + Math.max(0, sideLanes - 1) * LANE_GAP_MIN;
  return !isLow(stageHeight) && stageHeight >= LINE_Y - SOCKET_Y + TILE_HEIGHT + lanes + EDGE_BOTTOM;
}

/** What no lane reaches into at the lower edge of a stage of this height. */
export function edgeBottom(stageHeight: number, sideLanes: number): number {
  return hasOverview(stageHeight, sideLanes) ? EDGE_BOTTOM : EDGE_BARE;
}
/** Room that side branches may take before their tiles shrink: top to top. */
const LANE_STEP_MAX = 84;
const FIRST_GAP_MAX = 46;
const LANE_GAP_MIN = 2;
/** Free space between the active chain and the first side lane: its link must be seen to bend. */
const FIRST_GAP_MIN = 10;
/** The lowest block of a side lane. */
const LOWEST_SIDE = METRICS.tile.sideHeights.at(-1) ?? 0;

/** Top of the active chain's blocks. */
export function activeTop(metrics: Metrics): number {
  return LINE_Y - metrics.socket;
}

export interface LaneGeometry {
  /** Top of each lane, lane 0 first. */
  tops: readonly number[];
  /** Height of a block in a side lane. */
  sideHeight: number;
  /** Free space at the lower edge: the overview, where there is room for it. */
  bottom: number;
  /** Pixels by which the chain with its labels stands higher than in a stage of the full height. */
  lift: number;
}

/**
 * Where the lanes lie in a stage of this height. The active lane never moves: only its own top is fixed, the side lanes share
 * what is left below it, and their blocks are as tall as there is room for.
 *
 * @param stageHeight CSS pixels, @param sideLanes how many side lanes there are (0 and more).
 */
export function laneGeometry(stageHeight: number, sideLanes: number, metrics: Metrics = METRICS.tile): LaneGeometry {
  const lift = isLow(stageHeight) ? LIFT : 0;
  const active = activeTop(metrics) - lift;
  const below = active + metrics.height;
  const bottom = edgeBottom(stageHeight, sideLanes);
  const room = stageHeight - bottom - below;
  const needed = (height: number): number => FIRST_GAP_MIN + sideLanes * height + Math.max(0, sideLanes - 1) * LANE_GAP_MIN;
  const sideHeight = metrics.sideHeights.find((height) => needed(height) <= room) ?? metrics.sideHeights.at(-1) ?? metrics.height;
  const tops: number[] = [active];
  if (sideLanes === 0) return { tops, sideHeight, bottom, lift };
  const gaps = room - sideLanes * sideHeight;
  // The first gap is the widest: a link must be seen to leave the active chain. The rest is shared.
  const shared = Math.min((gaps - FIRST_GAP_MIN) / Math.max(1, sideLanes - 1), gaps / sideLanes);
  const gap = Math.max(2, Math.min(LANE_STEP_MAX - sideHeight, shared));
  const first = Math.max(gap, Math.min(FIRST_GAP_MAX, gaps - gap * (sideLanes - 1)));
  for (let lane = 1; lane <= sideLanes; lane += 1) {
    tops.push(Math.floor(below + first + (lane - 1) * (sideHeight + gap)));
  }
  return { tops, sideHeight, bottom, lift };
}

/** Middle of the sockets of a lane. */
export function socketYOf(geometry: LaneGeometry, lane: number): number {
  if (lane === 0) return LINE_Y - geometry.lift;
  return (geometry.tops[lane] ?? 0) + (geometry.sideHeight === TILE_HEIGHT ? SOCKET_Y : geometry.sideHeight / 2);
}

/** Left edge of a height's column in the strip's own coordinates: height 0 begins at 0. */
export function columnLeft(height: number, metrics: Metrics = METRICS.tile): number {
  return height * metrics.pitch;
}

/** Middle of a height's column. */
export function columnMiddle(height: number, metrics: Metrics = METRICS.tile): number {
  return height * metrics.pitch + metrics.width / 2;
}

/** First and last height whose column is in sight of a camera at `x`, with OVERSCAN_COLUMNS more on each side. */
export function columnsInSight(x: number, width: number, metrics: Metrics = METRICS.tile): [first: number, last: number] {
  return [Math.floor(x / metrics.pitch) - OVERSCAN_COLUMNS, Math.floor((x + width) / metrics.pitch) + OVERSCAN_COLUMNS];
}

/** The legend's box, and its distance from the stage's edges. */
const LEGEND = { side: 40, width: 540, height: 50 };
/** Pixels that the words at a branch's end may take to the right of its last tile. */
const END_WORDS = 280;

/**
 * The lower corner that has room for the legend: left, else right; null when neither has.
 *
 * @param side the side tiles that are mounted: their lane and left edge in the stage.
 */
export function legendCorner(
  stage: { width: number; height: number },
  geometry: LaneGeometry,
  side: readonly { lane: number; left: number }[],
): 'left' | 'right' | null {
  const top = stage.height - geometry.bottom - LEGEND.height;
  if (stage.width < LEGEND.width + 2 * LEGEND.side || top < ACTIVE_TOP - geometry.lift + TILE_HEIGHT + 16) return null;
  const isFree = (from: number): boolean =>
    side.every(({ lane, left }) => {
      const bottom = (geometry.tops[lane] ?? 0) + geometry.sideHeight;
      return bottom < top || left - PITCH / 2 > from + LEGEND.width || left + END_WORDS < from;
    });
  if (isFree(LEGEND.side)) return 'left';
  return isFree(stage.width - LEGEND.side - LEGEND.width) ? 'right' : null;
}

/** Sizes of the strip in CSS pixels. The picture they make is the design's, at 1280 by 396. */

import { OVERSCAN_COLUMNS } from './limits.ts';

/** From one height to the next. */
export const PITCH = 68;
export const TILE_WIDTH = 52;
export const TILE_HEIGHT = 64;
/** A side block where the lanes are tight: the seal and the finder, no digits. */
export const GLYPH_TILE_HEIGHT = 30;
/** From a tile's top to its sockets. */
export const SOCKET_Y = 27;
export const GLYPH_SOCKET_Y = 15;

/** Free space at the strip's left end, and right of the next block's place. */
export const EDGE_LEFT = 40;
export const EDGE_RIGHT = 32;

/** Baseline of the height labels, middle of the avatars and top of the active chain, from the stage's top. */
export const HEIGHT_LABEL_Y = 112;
export const AVATAR_Y = 138;
export const ACTIVE_TOP = 166;
/** Free space under the lowest lane. */
export const EDGE_BOTTOM = 12;
/** Room that side branches may take before their tiles shrink to glyphs: top to top. */
const LANE_STEP_MAX = 84;
const FIRST_GAP_MAX = 46;
const LANE_GAP_MIN = 8;
/** Free space between the active chain and the first side lane: its link must be seen to bend. */
const FIRST_GAP_MIN = 15;

export interface LaneGeometry {
  /** Top of each lane, lane 0 first. */
  tops: readonly number[];
  /** Height of a tile in a side lane. */
  sideHeight: number;
  /** True when side tiles are drawn as glyphs. */
  glyphs: boolean;
}

/**
 * Where the lanes lie in a stage of this height. The active lane never moves: only its own top is fixed, the side lanes share
 * what is left below it.
 *
 * @param stageHeight CSS pixels, @param sideLanes how many side lanes there are (0 and more).
 */
export function laneGeometry(stageHeight: number, sideLanes: number): LaneGeometry {
  const below = ACTIVE_TOP + TILE_HEIGHT;
  const room = stageHeight - EDGE_BOTTOM - below;
  const needed = FIRST_GAP_MIN + sideLanes * TILE_HEIGHT + Math.max(0, sideLanes - 1) * LANE_GAP_MIN;
  const glyphs = sideLanes > 0 && room < needed;
  const sideHeight = glyphs ? GLYPH_TILE_HEIGHT : TILE_HEIGHT;
  const tops: number[] = [ACTIVE_TOP];
  if (sideLanes === 0) return { tops, sideHeight, glyphs };
  const gaps = room - sideLanes * sideHeight;
  // The first gap is the widest: a link must be seen to leave the active chain. The rest is shared.
  const shared = Math.min((gaps - FIRST_GAP_MIN) / Math.max(1, sideLanes - 1), gaps / sideLanes);
  const gap = Math.max(2, Math.min(LANE_STEP_MAX - sideHeight, shared));
  const first = Math.max(gap, Math.min(FIRST_GAP_MAX, gaps - gap * (sideLanes - 1)));
  for (let lane = 1; lane <= sideLanes; lane += 1) {
    tops.push(Math.round(below + first + (lane - 1) * (sideHeight + gap)));
  }
  return { tops, sideHeight, glyphs };
}

/** Left edge of a height's column in the strip's own coordinates: height 0 begins at 0. */
export function columnLeft(height: number): number {
  return height * PITCH;
}

/** Middle of a height's column. */
export function columnMiddle(height: number): number {
  return height * PITCH + TILE_WIDTH / 2;
}

/** First and last height whose column is in sight of a camera at `x`, with OVERSCAN_COLUMNS more on each side. */
export function columnsInSight(x: number, width: number): [first: number, last: number] {
  return [Math.floor(x / PITCH) - OVERSCAN_COLUMNS, Math.floor((x + width) / PITCH) + OVERSCAN_COLUMNS];
}

/** Room left of the oldest block that is held, for the words that say where older ones are. */
export const OLDER_WIDTH = 132;

/** The legend's box, and its distance from the stage's edges. */
const LEGEND = { side: 40, width: 540, height: 56, bottom: 20 };
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
  const top = stage.height - LEGEND.bottom - LEGEND.height;
  if (stage.width < LEGEND.width + 2 * LEGEND.side || top < ACTIVE_TOP + TILE_HEIGHT + 16) return null;
  const isFree = (from: number): boolean =>
    side.every(({ lane, left }) => {
      const bottom = (geometry.tops[lane] ?? 0) + geometry.sideHeight;
      return bottom < top || left - PITCH / 2 > from + LEGEND.width || left + END_WORDS < from;
    });
  if (isFree(LEGEND.side)) return 'left';
  return isFree(stage.width - LEGEND.side - LEGEND.width) ? 'right' : null;
}

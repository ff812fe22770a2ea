/** Which block stands at a point of the stage. Pure. */
import type { LaneGeometry } from '../geometry.ts';
import type { PlacedBlock } from '../layout.ts';
import type { ChainView } from './chainView.ts';
import type { Metrics } from './zoom.ts';

/** Pixels around a block that still count as it: a line two pixels wide is hard to hit. */
const SLACK = 3;

/** The height under a point when a block of the active chain stands there, known or not; null elsewhere. */
export function activeAt(view: ChainView, geometry: LaneGeometry, metrics: Metrics, x: number, y: number): number | null {
  const height = Math.floor(x / metrics.pitch);
  const top = geometry.tops[0] ?? 0;
  if (height < 0 || height > view.tipHeight || y < top - SLACK || y > top + metrics.height + SLACK) return null;
  return isGap(metrics, x, height) ? null : height;
}

/** Where blocks stand apart, the gap between them belongs to none. */
function isGap(metrics: Metrics, x: number, height: number): boolean {
  return metrics.pitch - metrics.width > 2 * SLACK && x - height * metrics.pitch > metrics.width + SLACK;
}

/**
 * @param x pixels from the chain's own left edge (height 0), @param y from the stage's top.
 */
export function blockAt(view: ChainView, geometry: LaneGeometry, metrics: Metrics, x: number, y: number): PlacedBlock | undefined {
  const height = Math.floor(x / metrics.pitch);
  if (isGap(metrics, x, height)) return undefined;
  for (let lane = 0; lane <= view.layout.sideLanes; lane += 1) {
    const top = geometry.tops[lane] ?? 0;
    const bottom = top + (lane === 0 ? metrics.height : geometry.sideHeight);
    if (y >= top - SLACK && y <= bottom + SLACK) {
      const placed = view.in(lane, height);
      if (placed !== undefined) return placed;
    }
  }
  return undefined;
}

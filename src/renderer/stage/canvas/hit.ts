/** Which block stands at a point of the stage. Pure. */
import { activeTop, type LaneGeometry } from '../geometry.ts';
import type { PlacedBlock } from '../layout.ts';
import type { ChainView } from './chainView.ts';
import type { Metrics } from './zoom.ts';

/** Pixels around a block that still count as it: a line two pixels wide is hard to hit. */
const SLACK = 3;

/**
 * @param x pixels from the chain's own left edge (height 0), @param y from the stage's top.
 */
export function blockAt(view: ChainView, geometry: LaneGeometry, metrics: Metrics, x: number, y: number): PlacedBlock | undefined {
  const height = Math.floor(x / metrics.pitch);
  // Where blocks stand apart, the gap between them belongs to none.
  if (metrics.pitch - metrics.width > 2 * SLACK && x - height * metrics.pitch > metrics.width + SLACK) return undefined;
  for (let lane = 0; lane <= view.layout.sideLanes; lane += 1) {
    const top = lane === 0 ? activeTop(metrics) : (geometry.tops[lane] ?? 0);
    const bottom = top + (lane === 0 ? metrics.height : geometry.sideHeight);
    if (y >= top - SLACK && y <= bottom + SLACK) {
      const placed = view.in(lane, height);
      if (placed !== undefined) return placed;
    }
  }
  return undefined;
}

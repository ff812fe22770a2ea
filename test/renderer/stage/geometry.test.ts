import { describe, expect, it } from 'vitest';
import {
  ACTIVE_TOP,
  columnsInSight,
  EDGE_BOTTOM,
  edgeBottom,
  hasOverview,
  laneGeometry,
  legendCorner,
  PITCH,
  TILE_HEIGHT,
  LINE_Y,
} from '../../../src/renderer/stage/geometry.ts';
import { MAX_SIDE_LANES, OVERSCAN_COLUMNS } from '../../../src/renderer/stage/limits.ts';
import { METRICS, ZOOM_STEPS } from '../../../src/renderer/stage/canvas/zoom.ts';

const STAGE = 396;

describe('laneGeometry', () => {
  it('UI-18 never moves the active lane, however many branches there are', () => {
    for (const height of [264, 300, 320, STAGE, 500, 900]) {
      for (const step of ZOOM_STEPS) {
        const tops = Array.from({ length: MAX_SIDE_LANES + 1 }, (_, lanes) => laneGeometry(height, lanes, METRICS[step]).tops[0]);
        expect(new Set(tops).size).toBe(1);
      }
    }
    expect(laneGeometry(STAGE, 2).tops[0]).toBe(ACTIVE_TOP);
  });

  it('keeps lanes apart and inside the stage, whatever their number', () => {
    for (let height = 264; height <= 900; height += 1) {
      for (let lanes = 1; lanes <= MAX_SIDE_LANES; lanes += 1) {
        for (const step of ZOOM_STEPS) {
          const { tops, sideHeight } = laneGeometry(height, lanes, METRICS[step]);
          expect(tops).toHaveLength(lanes + 1);
          expect((tops[1] ?? 0) - (tops[0] ?? 0)).toBeGreaterThanOrEqual(METRICS[step].height + 9);
          for (let lane = 2; lane <= lanes; lane += 1) {
            expect((tops[lane] ?? 0) - (tops[lane - 1] ?? 0)).toBeGreaterThanOrEqual(sideHeight + 2);
          }
          expect((tops[lanes] ?? 0) + sideHeight).toBeLessThanOrEqual(height - edgeBottom(height, lanes));
        }
      }
    }
  });

  it('gives the room of the overview to the lanes where a stage is too low for both', () => {
    for (let lanes = 0; lanes <= MAX_SIDE_LANES; lanes += 1) {
      expect(hasOverview(STAGE, lanes)).toBe(true);
      expect(hasOverview(264, lanes)).toBe(false);
    }
    // Under a banner: only the fourth lane needs its room.
    expect(hasOverview(351, 3)).toBe(true);
    expect(hasOverview(351, 4)).toBe(false);
    const { tops, sideHeight } = laneGeometry(264, 1);
    expect((tops[1] ?? 0) - (tops[0] ?? 0)).toBeGreaterThanOrEqual(TILE_HEIGHT + 10);
    expect((tops[1] ?? 0) + sideHeight).toBeLessThanOrEqual(264);
  });

  it('draws full tiles while there is room, lower ones when there is not', () => {
    expect(laneGeometry(STAGE, 1).sideHeight).toBe(TILE_HEIGHT);
    expect(laneGeometry(STAGE, 2).sideHeight).toBe(30);
    expect(laneGeometry(STAGE, 4).sideHeight).toBe(20);
    expect(laneGeometry(900, 4).sideHeight).toBe(TILE_HEIGHT);
  });

  it('keeps the line of the sockets and the room of the overview at every zoom step', () => {
    for (const step of ZOOM_STEPS) {
      const metrics = METRICS[step];
      for (let lanes = 0; lanes <= MAX_SIDE_LANES; lanes += 1) {
        const { tops, sideHeight } = laneGeometry(STAGE, lanes, metrics);
        expect((tops[0] ?? 0) + metrics.socket).toBe(LINE_Y);
        if (lanes > 0) expect((tops[lanes] ?? 0) + sideHeight).toBeLessThanOrEqual(STAGE - EDGE_BOTTOM);
      }
    }
  });
});

describe('legendCorner', () => {
  const one = laneGeometry(STAGE, 1);
  const stage = { width: 1280, height: STAGE };

  it('is the left one while that is free, then the right one', () => {
    expect(legendCorner(stage, one, [])).toBe('left');
    expect(legendCorner(stage, one, [{ lane: 1, left: 856 }])).toBe('left');
    expect(legendCorner(stage, one, [{ lane: 1, left: 176 }])).toBe('right');
  });

  it('is none where side tiles or a small stage leave no room', () => {
    expect(legendCorner(stage, one, [{ lane: 1, left: 400 }, { lane: 1, left: 856 }])).toBeNull();
    expect(legendCorner({ width: 560, height: STAGE }, one, [])).toBeNull();
    expect(legendCorner({ width: 1280, height: 300 }, one, [])).toBeNull();
  });

  it('gives way to the overview under a banner', () => {
    for (let lanes = 0; lanes <= 3; lanes += 1) {
      expect(hasOverview(351, lanes)).toBe(true);
      expect(legendCorner({ width: 1280, height: 351 }, laneGeometry(351, lanes), [])).toBeNull();
    }
  });
});

describe('columnsInSight', () => {
  it('covers the stage and a few columns more on each side', () => {
    const [first, last] = columnsInSight(10 * PITCH, 4 * PITCH);
    expect(first).toBe(10 - OVERSCAN_COLUMNS);
    expect(last).toBe(14 + OVERSCAN_COLUMNS);
  });
});

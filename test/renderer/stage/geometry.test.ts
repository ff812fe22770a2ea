import { describe, expect, it } from 'vitest';
import {
  ACTIVE_TOP,
  columnsInSight,
  EDGE_BOTTOM,
  GLYPH_TILE_HEIGHT,
  laneGeometry,
  legendCorner,
  PITCH,
  TILE_HEIGHT,
  TILE_WIDTH,
} from '../../../src/renderer/stage/geometry.ts';
import { MAX_SIDE_LANES, OVERSCAN_COLUMNS } from '../../../src/renderer/stage/limits.ts';
import { linkPath } from '../../../src/renderer/stage/Links.tsx';

const STAGE = 396;

describe('laneGeometry', () => {
  it('never moves the active lane', () => {
    for (const height of [300, STAGE, 500, 900]) {
      for (let lanes = 0; lanes <= MAX_SIDE_LANES; lanes += 1) expect(laneGeometry(height, lanes).tops[0]).toBe(ACTIVE_TOP);
    }
  });

  it('keeps lanes apart and inside the stage, whatever their number', () => {
    for (const height of [STAGE, 440, 600, 900]) {
      for (let lanes = 1; lanes <= MAX_SIDE_LANES; lanes += 1) {
        const { tops, sideHeight } = laneGeometry(height, lanes);
        expect(tops).toHaveLength(lanes + 1);
        expect(tops[1]).toBeGreaterThanOrEqual(ACTIVE_TOP + TILE_HEIGHT + 12);
        for (let lane = 2; lane <= lanes; lane += 1) {
          expect((tops[lane] ?? 0) - (tops[lane - 1] ?? 0)).toBeGreaterThanOrEqual(sideHeight + 4);
        }
        expect((tops[lanes] ?? 0) + sideHeight).toBeLessThanOrEqual(height - EDGE_BOTTOM + 1);
      }
    }
  });

  it('draws full tiles while there is room, glyphs when there is not', () => {
    expect(laneGeometry(STAGE, 1)).toMatchObject({ glyphs: false, sideHeight: TILE_HEIGHT });
    expect(laneGeometry(STAGE, 4)).toMatchObject({ glyphs: true, sideHeight: GLYPH_TILE_HEIGHT });
    expect(laneGeometry(900, 4)).toMatchObject({ glyphs: false });
  });
});

describe('linkPath', () => {
  const geometry = laneGeometry(STAGE, 1);
  const base = { key: 'k', from: 'f', to: 't', hue: 0 };

  it('runs straight between the sockets of one lane', () => {
    const path = linkPath({ ...base, fromHeight: 10, fromLane: 0, toHeight: 11, toLane: 0 }, geometry, 10 * PITCH);
    expect(path).toBe(`M${TILE_WIDTH + 1} ${ACTIVE_TOP + 27}H${PITCH - 1}`);
  });

  it('leaves the parent at its lower edge for a lower lane, at its upper edge for a higher one', () => {
    const down = linkPath({ ...base, fromHeight: 10, fromLane: 0, toHeight: 11, toLane: 1 }, geometry, 10 * PITCH);
    expect(down.startsWith(`M26 ${ACTIVE_TOP + TILE_HEIGHT + 1}V`)).toBe(true);
    expect(down.endsWith(`H${PITCH - 1}`)).toBe(true);
    const two = laneGeometry(STAGE, 2);
    const up = linkPath({ ...base, fromHeight: 10, fromLane: 2, toHeight: 11, toLane: 1 }, two, 10 * PITCH);
    expect(up.startsWith(`M26 ${(two.tops[2] ?? 0) - 1}V`)).toBe(true);
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
});

describe('columnsInSight', () => {
  it('covers the stage and a few columns more on each side', () => {
    const [first, last] = columnsInSight(10 * PITCH, 4 * PITCH);
    expect(first).toBe(10 - OVERSCAN_COLUMNS);
    expect(last).toBe(14 + OVERSCAN_COLUMNS);
  });
});

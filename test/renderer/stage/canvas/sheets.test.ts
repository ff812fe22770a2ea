import { describe, expect, it } from 'vitest';
import { sheetPlaces } from '../../../../src/renderer/stage/canvas/sheets.ts';

const BYTES = 960 * 1024;

describe('sheetPlaces', () => {
  it.each([
    [1280, 396, 1],
    [900, 220, 1],
    [1280, 396, 1.25],
    [1920, 700, 1],
    [1280.5, 396.4, 1.1],
    [800, 3, 1],
  ])('covers a stage of %d by %d pixels at %d without a gap, each sheet on whole pixels and within what is had at once', (width, height, ratio) => {
    const places = sheetPlaces(width, height, ratio);
    expect(places[0]?.top).toBe(0);
    expect(places.at(-1)?.bottom).toBe(height);
    expect(places.reduce((sum, { rows }) => sum + rows, 0)).toBe(Math.round(height * ratio));
    places.forEach(({ top, rows }, index) => {
      expect(top * ratio).toBeCloseTo(Math.round(top * ratio), 6);
      if (index > 0) expect(top).toBe(places[index - 1]?.bottom);
      expect(rows).toBeGreaterThan(0);
      expect(rows * Math.round(width * ratio) * 4).toBeLessThan(BYTES);
    });
  });

  it('is one sheet where that is within the limit', () => {
    expect(sheetPlaces(900, 220, 1)).toEqual([{ top: 0, bottom: 220, rows: 220 }]);
  });

  it('is one sheet on a screen so fine that a GPU draws for it', () => {
    expect(sheetPlaces(2560, 1200, 2)).toEqual([{ top: 0, bottom: 1200, rows: 2400 }]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cameraFor, heightAt, labelEvery, METRICS, ZOOM_STEPS, zoomBy, zoomedCamera } from '../../../../src/renderer/stage/canvas/zoom.ts';
import { WheelSteps } from '../../../../src/renderer/stage/usePanning.ts';

const aStep = fc.constantFrom(...ZOOM_STEPS);

describe('zoom steps', () => {
  it('go from near to far, and end at both ends', () => {
    expect(zoomBy('tile', 1)).toBe('glyph');
    expect(zoomBy('tile', -1)).toBe('tile');
    expect(zoomBy('line', 3)).toBe('line');
    for (let i = 1; i < ZOOM_STEPS.length; i += 1) {
      expect(METRICS[ZOOM_STEPS[i] ?? 'tile'].pitch).toBeLessThan(METRICS[ZOOM_STEPS[i - 1] ?? 'tile'].pitch);
    }
  });

  it('keep what is under the pointer where it is', () => {
    fc.assert(
      fc.property(aStep, aStep, fc.integer({ min: -40, max: 68_000_000 }), fc.integer({ min: 0, max: 4000 }), (one, other, x, anchor) => {
        const [from, to] = [METRICS[one], METRICS[other]];
        const heightAt = (camera: number, metrics: typeof from): number => (camera + anchor - metrics.width / 2) / metrics.pitch;
        const moved = zoomedCamera(x, from, to, anchor);
        expect(heightAt(moved, to)).toBeCloseTo(heightAt(x, from), 6);
        expect(zoomedCamera(moved, to, from, anchor)).toBeCloseTo(x, 3);
      }),
    );
  });
});

describe('the height in the middle', () => {
  it('is the one that was brought there, at every zoom and width of the stage', () => {
    fc.assert(
      fc.property(aStep, fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 200, max: 4000 }), (step, height, width) => {
        // The camera stands on whole pixels.
        const x = Math.round(cameraFor(height, METRICS[step], width / 2));
        expect(Math.round(heightAt(x, METRICS[step], width / 2))).toBe(height);
      }),
    );
  });
});

describe('labelEvery', () => {
  it('names every column of tiles, and fewer where they would touch', () => {
    expect(labelEvery(METRICS.tile.pitch, 1318)).toBe(1);
    expect(labelEvery(METRICS.glyph.pitch, 1318)).toBe(2);
  });

  it('leaves room for the longest label', () => {
    fc.assert(
      fc.property(aStep, fc.integer({ min: 0, max: 10_000_000 }), (step, highest) => {
        const room = labelEvery(METRICS[step].pitch, highest) * METRICS[step].pitch;
        expect(room).toBeGreaterThanOrEqual(highest.toLocaleString('en-US').length * 6.2 + 8);
      }),
    );
  });
});

describe('WheelSteps', () => {
  it('makes a notch one step, and adds up small turns', () => {
    const wheel = new WheelSteps();
    expect(wheel.add(120, 1000)).toBe(1);
    expect(wheel.add(-120, 1010)).toBe(-1);
    expect([20, 20, 20].map((pixels, i) => wheel.add(pixels, 1020 + i))).toEqual([0, 0, 1]);
  });

  it('forgets a turn after a pause, or when it turns back', () => {
    const wheel = new WheelSteps();
    expect(wheel.add(40, 1000)).toBe(0);
    expect(wheel.add(40, 2000)).toBe(0);
    expect(wheel.add(-40, 2010)).toBe(0);
    expect(wheel.add(-40, 2020)).toBe(-1);
  });
});

/** The zoom steps of the chain: how wide a height is, and how a block of the active chain is drawn there. Pure. */

/** From near to far: whole tiles, seals only, bars, lines. */
export const ZOOM_STEPS = ['tile', 'glyph', 'bar', 'line'] as const;
export type ZoomStep = (typeof ZOOM_STEPS)[number];

export interface Metrics {
  readonly step: ZoomStep;
  /** From one height to the next, in CSS pixels. */
  readonly pitch: number;
  /** Size of a block of the active chain. */
  readonly width: number;
  readonly height: number;
  /** From its top to the middle of its sockets. */
  readonly socket: number;
  /** Heights that a side block may have, the roomiest first. */
  readonly sideHeights: readonly number[];
}

export const METRICS: Readonly<Record<ZoomStep, Metrics>> = {
  tile: { step: 'tile', pitch: 68, width: 52, height: 64, socket: 27, sideHeights: [64, 30, 20, 14] },
  glyph: { step: 'glyph', pitch: 36, width: 28, height: 30, socket: 15, sideHeights: [30, 20, 14] },
  bar: { step: 'bar', pitch: 10, width: 7, height: 44, socket: 22, sideHeights: [30, 20, 14] },
  line: { step: 'line', pitch: 2, width: 2, height: 36, socket: 18, sideHeights: [20, 14] },
};

/** The step that many steps further out (positive) or in (negative), as far as there is one. */
export function zoomBy(step: ZoomStep, steps: number): ZoomStep {
  const index = ZOOM_STEPS.indexOf(step) + steps;
  return ZOOM_STEPS[Math.min(ZOOM_STEPS.length - 1, Math.max(0, index))] ?? step;
}

/** The height that is drawn `anchor` pixels from the stage's left edge, with parts: whole where the middle of a block stands. @param x the camera. */
export function heightAt(x: number, metrics: Metrics, anchor: number): number {
  return (x + anchor - metrics.width / 2) / metrics.pitch;
}

/** Where the camera stands so that the middle of a height's block is `anchor` pixels from the stage's left edge: undoes `heightAt`. */
export function cameraFor(height: number, metrics: Metrics, anchor: number): number {
  return height * metrics.pitch + metrics.width / 2 - anchor;
}

/**
 * Where the camera stands after a change of pitch, so that what is under `anchor` stays there.
 *
 * @param x the camera before, @param anchor pixels from the stage's left edge.
 */
export function zoomedCamera(x: number, from: Metrics, to: Metrics, anchor: number): number {
  return cameraFor(heightAt(x, from, anchor), to, anchor);
}

const STEPS_OF_LABELS = [1, 2, 5] as const;
/** Pixels of one digit of a height's label, and free space between two labels. */
const DIGIT = 6.6;
const LABEL_GAP = 14;

/** Every how many heights a label stands, so that the labels of heights up to `highest` do not touch: 1, 2, 5, 10, 20 … */
export function labelEvery(pitch: number, highest: number): number {
  const needed = highest.toLocaleString('en-US').length * DIGIT + LABEL_GAP;
  for (let scale = 1; ; scale *= 10) {
    for (const step of STEPS_OF_LABELS) if (step * scale * pitch >= needed) return step * scale;
  }
}

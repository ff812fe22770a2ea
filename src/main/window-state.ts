import { join } from 'node:path';
import { z } from 'zod';
import { WINDOW_SIZE } from './limits.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

const coordinate = z.number().int().min(-1_000_000).max(1_000_000);
const extent = z.number().int().min(1).max(100_000);
const windowStateSchema = z.strictObject({ x: coordinate, y: coordinate, width: extent, height: extent, maximized: z.boolean() });

/** Bounds of the whole window with its frame when it is not maximised, and whether it is. */
export type WindowState = z.infer<typeof windowStateSchema>;

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The part of a window that must be in sight for its title bar to be caught with a mouse. */
const GRIP = { width: 120, height: 40 } as const;

const pathIn = (dataDir: string): string => join(dataDir, 'window-state.json');

/** The place and size that the window had; undefined the first time or when the file is of no use. */
export function readWindowState(dataDir: string): WindowState | undefined {
  const read = readStateFile(pathIn(dataDir), windowStateSchema);
  return read.status === 'read' ? read.value : undefined;
}

/** Keeps the place and size. A disk that is full must not disturb the window, so a failure only loses them. */
export function saveWindowState(dataDir: string, state: WindowState): void {
  try {
    writeStateFile(pathIn(dataDir), state);
  } catch {
    // The next start opens the window at its default place.
  }
}

function overlap(a: Rectangle, b: Rectangle): { width: number; height: number } {
  return {
    width: Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)),
    height: Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)),
  };
}

/**
 * Fits saved bounds to the displays of now: at most as large as the display that shows most of the window, at least the
 * minimum where that fits, and wholly inside its work area. Undefined when no display shows enough of it to be caught (a monitor was unplugged).
 */
export function fitToDisplays(saved: Rectangle, workAreas: readonly Rectangle[]): Rectangle | undefined {
  let best: Rectangle | undefined;
  let bestArea = 0;
  for (const area of workAreas) {
    const seen = overlap(saved, area);
    const size = seen.width * seen.height;
    if (seen.width >= GRIP.width && seen.height >= GRIP.height && size > bestArea) {
      best = area;
      bestArea = size;
    }
  }
  if (best === undefined) return undefined;
  const width = Math.min(Math.max(saved.width, WINDOW_SIZE.minWidth), best.width);
  const height = Math.min(Math.max(saved.height, WINDOW_SIZE.minHeight), best.height);
  return {
    width,
    height,
    x: Math.min(Math.max(saved.x, best.x), best.x + best.width - width),
    y: Math.min(Math.max(saved.y, best.y), best.y + best.height - height),
  };
}

/** What is drawn, and what it is drawn with. */
import type { HashHex } from '../../../shared/blocks.ts';
import type { LaneGeometry } from '../geometry.ts';
import type { Broken } from './broken.ts';
import type { ChainView } from './chainView.ts';
import type { Movement } from './movement.ts';
import type { Palette } from './palette.ts';
import type { SpriteCache } from './sprites.ts';
import type { Metrics } from './zoom.ts';

export interface Picture {
  view: ChainView;
  geometry: LaneGeometry;
  metrics: Metrics;
  /** Camera: pixels of the chain at the stage's left edge. */
  x: number;
  width: number;
  height: number;
  /** Heights in sight, with some to spare. */
  first: number;
  last: number;
  shownHash: HashHex | null;
  /** Where the keyboard stands, while it is on the chain. */
  keyHash: HashHex | null;
  nodeId: string | undefined;
  isMining: boolean;
  /** A changed copy of one block, and what it breaks. */
  broken: Broken | null;
}

/** A canvas with a part of the picture on it. */
export interface Sheet {
  readonly context: CanvasRenderingContext2D;
  /** Which part, in CSS pixels from the stage's top. */
  readonly top: number;
  readonly bottom: number;
  /** The font that the context has now: setting one makes the browser look at all styles, so it is set when it differs. */
  font: string;
}

export interface Tools {
  palette: Palette;
  pixelRatio: number;
  sprites: SpriteCache<ImageBitmap>;
  movement: Movement;
}

/** What one sheet is drawn with. */
export interface Studio extends Tools {
  context: CanvasRenderingContext2D;
  sheet: Sheet;
  /** Pictures of blocks that may still be added to the cache for this picture of the chain. */
  room: { left: number };
}

/** Whether something between these heights is on the sheet. @param top and @param bottom pixels from the stage's top */
export function isOn(sheet: Sheet, top: number, bottom: number): boolean {
  return bottom > sheet.top && top < sheet.bottom;
}

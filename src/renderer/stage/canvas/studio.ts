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

export interface Studio {
  context: CanvasRenderingContext2D;
  palette: Palette;
  pixelRatio: number;
  sprites: SpriteCache<OffscreenCanvas>;
  movement: Movement;
  /** The font that the context has now: setting one makes the browser look at all styles, so it is set when it differs. */
  lettering: { font: string };
}

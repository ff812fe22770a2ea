/** What is on a block's picture, by the room that it has. Pure. */
import type { PlacedBlock } from '../layout.ts';
import type { Broken } from './broken.ts';
import type { Metrics } from './zoom.ts';

export interface Face {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  readonly socketY: number;
  readonly socketRadius: number;
  readonly seal: { readonly x: number; readonly y: number; readonly size: number };
  /** Whether the hash's last digits stand below the seal. */
  readonly digits: boolean;
  /** Middle of the finder's mark; null where there is no room for one. */
  readonly finder: { readonly x: number; readonly y: number } | null;
}

const TILE: Face = {
  name: 'tile', width: 52, height: 64, radius: 10, socketY: 27, socketRadius: 4.6,
  seal: { x: 10.5, y: 8.5, size: 31 }, digits: true, finder: { x: 41.5, y: 51.3 },
};
const LOW: Face = {
  name: 'low', width: 52, height: 30, radius: 8, socketY: 15, socketRadius: 4.6,
  seal: { x: 9, y: 5, size: 20 }, digits: false, finder: { x: 38.5, y: 15 },
};
const FLAT: Face = {
  name: 'flat', width: 52, height: 20, radius: 6, socketY: 10, socketRadius: 3.6,
  seal: { x: 10, y: 3, size: 14 }, digits: false, finder: { x: 38.5, y: 10 },
};
const SLIM: Face = {
  name: 'slim', width: 52, height: 14, radius: 4, socketY: 7, socketRadius: 3,
  seal: { x: 9, y: 2, size: 10 }, digits: false, finder: { x: 39.5, y: 7 },
};
const GLYPH: Face = {
  name: 'glyph', width: 28, height: 30, radius: 7, socketY: 15, socketRadius: 2.8,
  seal: { x: 4, y: 5, size: 20 }, digits: false, finder: null,
};
const SMALL: Face = {
  name: 'small', width: 28, height: 20, radius: 6, socketY: 10, socketRadius: 2.6,
  seal: { x: 7, y: 3, size: 14 }, digits: false, finder: null,
};

const TINY: Face = {
  name: 'tiny', width: 28, height: 14, radius: 4, socketY: 7, socketRadius: 2.2,
  seal: { x: 9, y: 2, size: 10 }, digits: false, finder: null,
};
const TILE_SIDES: readonly Face[] = [TILE, LOW, FLAT];
const GLYPH_SIDES: readonly Face[] = [GLYPH, SMALL];

/** The face of a block; null where blocks are bars or lines. @param sideHeight of the lane geometry. */
export function faceOf(metrics: Metrics, lane: number, sideHeight: number): Face | null {
  if (metrics.step === 'tile') return lane === 0 ? TILE : (TILE_SIDES.find(({ height }) => height === sideHeight) ?? SLIM);
  if (metrics.step === 'glyph') return lane === 0 ? GLYPH : (GLYPH_SIDES.find(({ height }) => height === sideHeight) ?? TINY);
  return null;
}

/** `changed`: a copy of it is looked at. `loose`: it stands above that copy, and does not follow from it. */
export type BlockKind = 'active' | 'stale' | 'invalid' | 'changed' | 'loose';

/** How a block stands to the chain: what its outline says. */
export function kindOf({ block, lane }: Pick<PlacedBlock, 'block' | 'lane'>, broken: Broken | null = null): BlockKind {
  const mark = broken?.markOf(block) ?? null;
  // What was refused before stays so above a changed block.
  if (mark === 'changed' || (mark === 'loose' && block.branch !== 'invalid')) return mark;
  return block.branch === 'invalid' ? 'invalid' : lane === 0 ? 'active' : 'stale';
}

/**
 * A block's seal: what people recognise a hash by. Taken from the LAST bytes of the hash in display order (the first are the
 * zeros of the proof of work). A seal identifies, it proves nothing: 29 bits of a 256-bit hash.
 */
import type { HashHex } from '../../../shared/blocks.ts';

/** Steps of the own hue: 15 degrees apart, the least that neighbours can be told apart by. */
export const HUE_STEPS = 24;
export const HUE_STEP_DEGREES = 360 / HUE_STEPS;
/** Cells along one side of the glyph. */
export const GLYPH_SIDE = 5;
/** The left three columns are drawn from the hash, the right two mirror the first two. */
const FREE_COLUMNS = 3;
/** The second hue keeps at least this far from the first, so that the gradient always shows. */
const SECOND_HUE_MIN = 60;
const SECOND_HUE_SPAN = 75;

export interface Seal {
  /** Own hue in degrees, a multiple of 15: the right socket, the link that leaves it, and the next tile's left socket. */
  readonly hue: number;
  /** Where the glyph's gradient ends, in degrees. */
  readonly hueEnd: number;
  /** 25 cells, row by row, true when lit; each row reads the same from both sides. */
  readonly cells: readonly boolean[];
}

/** The byte `fromEnd` places before the end of the hash as shown; 0 when the text is too short or no hex. */
function byteFromEnd(hash: HashHex, fromEnd: number): number {
  const end = hash.length - fromEnd * 2;
  const value = end >= 2 ? Number.parseInt(hash.slice(end - 2, end), 16) : 0;
  return Number.isNaN(value) ? 0 : value;
}

/** The own hue of a hash alone, in degrees: what a socket needs. */
export function hueOf(hash: HashHex): number {
  // Two bytes, so that 24 steps come out even (65,536 mod 24 leaves a bias under 0.04%).
  const tail = byteFromEnd(hash, 1) * 256 + byteFromEnd(hash, 0);
  return (tail % HUE_STEPS) * HUE_STEP_DEGREES;
}

function computeSeal(hash: HashHex): Seal {
  const hue = hueOf(hash);
  const offset = SECOND_HUE_MIN + Math.round((byteFromEnd(hash, 2) / 255) * SECOND_HUE_SPAN);
  const bits = byteFromEnd(hash, 4) * 256 + byteFromEnd(hash, 3);
  const cells: boolean[] = [];
  for (let row = 0; row < GLYPH_SIDE; row += 1) {
    for (let column = 0; column < GLYPH_SIDE; column += 1) {
      const mirrored = column < FREE_COLUMNS ? column : GLYPH_SIDE - 1 - column;
      cells.push(((bits >> (row * FREE_COLUMNS + mirrored)) & 1) === 1);
    }
  }
  return { hue, hueEnd: (hue + offset) % 360, cells };
}

/** Enough for every tile and table row that is mounted at once, with room for scrolling back. */
export const SEAL_CACHE_LIMIT = 2048;
const cache = new Map<HashHex, Seal>();

/** The seal of a hash (64 hex digits, display order). Pure; the same object for the same hash while it is cached. */
export function sealOf(hash: HashHex): Seal {
  const known = cache.get(hash);
  if (known !== undefined) return known;
  if (cache.size >= SEAL_CACHE_LIMIT) cache.clear();
  const seal = computeSeal(hash);
  cache.set(hash, seal);
  return seal;
}

/** How many seals are cached now; for the test of the limit. */
export function sealCacheSize(): number {
  return cache.size;
}

/**
 * Two path strings that together tile the glyph: lit and unlit cells as rounded squares. One path each instead of 25 rectangles
 * keeps a strip of tiles cheap to lay out.
 *
 * @param cell side of a cell, @param pitch distance from cell to cell, @param radius of its corners, all in pixels.
 */
export function glyphPaths(seal: Seal, cell: number, pitch: number, radius: number): { lit: string; unlit: string } {
  const edge = round(cell - 2 * radius);
  const arc = (dx: number, dy: number): string => `a${radius} ${radius} 0 0 1 ${dx} ${dy}`;
  const body =
    `h${edge}${arc(radius, radius)}v${edge}${arc(-radius, radius)}h${-edge}${arc(-radius, -radius)}v${-edge}${arc(radius, -radius)}z`;
  let lit = '';
  let unlit = '';
  seal.cells.forEach((on, index) => {
    const x = round((index % GLYPH_SIDE) * pitch + radius);
    const y = round(Math.floor(index / GLYPH_SIDE) * pitch);
    const square = `M${x} ${y}${body}`;
    if (on) lit += square;
    else unlit += square;
  });
  return { lit, unlit };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

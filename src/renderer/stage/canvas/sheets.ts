/**
 * The stage's picture is drawn on sheets that lie one below the other. Without a GPU Chromium takes new memory for every picture of a canvas. Up to
 * 960 KiB its allocator has that memory at hand; more is fetched from the system, page by page and zeroed, and given back afterwards: a picture of
 * 1280 by 396 pixels took 9 ms of processor time as one canvas, and 3 ms as three. Pure.
 */

/** Bytes of a sheet's pixels at most, and of one pixel. */
const SHEET_BYTES = 900_000;
const PIXEL_BYTES = 4;
/** A screen that would need more sheets than this is a fine one: what draws for it is a GPU, and one sheet is least work for that. */
const MAX_SHEETS = 6;

/** A part of the stage, in CSS pixels from the stage's top; and its rows of the screen's own pixels. */
export interface SheetPlace {
  readonly top: number;
  readonly bottom: number;
  readonly rows: number;
}

/**
 * @param width of the stage, @param height of it, in CSS pixels
 * @param pixelRatio pixels of the screen in one of them
 */
export function sheetPlaces(width: number, height: number, pixelRatio: number): SheetPlace[] {
  const rows = Math.round(height * pixelRatio);
  const rowBytes = Math.max(1, Math.round(width * pixelRatio)) * PIXEL_BYTES;
  const wanted = Math.ceil((rows * rowBytes) / SHEET_BYTES);
  const count = wanted > MAX_SHEETS ? 1 : Math.max(1, wanted);
  const places: SheetPlace[] = [];
  // Edges lie on whole pixels of the screen: a sheet that began within one would be smeared.
  let row = 0;
  for (let index = 1; index <= count; index += 1) {
    const end = Math.round((rows * index) / count);
    places.push({ top: row / pixelRatio, bottom: index === count ? height : end / pixelRatio, rows: end - row });
    row = end;
  }
  return places;
}

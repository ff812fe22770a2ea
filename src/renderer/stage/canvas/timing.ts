/** What the chain's pictures tell the browser's own timeline: DevTools and bench/ui read it there. */

/** A mark: when the chain was drawn first. A measure: one picture. */
export const CHAIN_SHOWN = 'chain-shown';
export const CHAIN_DRAW = 'chain-draw';

/**
 * Reports a picture that was just drawn, a few microseconds each. Observers are handed the entry; the page's own list of entries keeps only
 * the first mark, so that it does not grow for as long as the window is open.
 * @param start when drawing began, in ms of `performance.now()`
 */
export function reportDraw(start: number, first: boolean): void {
  performance.measure(CHAIN_DRAW, { start });
  performance.clearMeasures(CHAIN_DRAW);
  if (first && performance.getEntriesByName(CHAIN_SHOWN).length === 0) performance.mark(CHAIN_SHOWN);
}

import { expect, type Page } from 'playwright/test';

/** Runs in the page: notes when a block's tile or row is first there. */
const WATCH = `(() => {
  const seen = (window.__appearances ??= {});
  const note = (key) => { seen[key] ??= Date.now(); };
  const look = () => {
    for (const tile of document.querySelectorAll('[role="option"][data-hash]')) note('tile ' + tile.dataset.hash);
    for (const cell of document.querySelectorAll('[role="table"] [role="cell"][title]')) note('row ' + cell.title);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['title', 'data-hash'] });
  look();
})()`;

/** From now on the page remembers, in ms since 1970, when each tile and each row came to stand in it. */
export async function watchAppearances(page: Page): Promise<void> {
  await page.evaluate(WATCH);
}

/**
 * When the block's tile or row appeared; waits for it. The page is asked again and again from here: a predicate that Playwright polls inside
 * the page is evaluated from text there, which the page's own policy forbids.
 */
export async function appearedAt(page: Page, kind: 'tile' | 'row', hash: string): Promise<number> {
  const look = `window.__appearances[${JSON.stringify(`${kind} ${hash}`)}] ?? 0`;
  await expect.poll(() => page.evaluate(look), `${kind} of ${hash}`).toBeGreaterThan(0);
  return page.evaluate<number>(look);
}

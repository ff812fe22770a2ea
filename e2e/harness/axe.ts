import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from 'playwright/test';

/** No violation of any rule that axe knows, best practices included. */
export async function expectNoViolation(page: Page, what: string): Promise<void> {
  // A colour in the middle of a transition is nobody's colour.
  await page.evaluate('Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined)))');
  // All rules, but of what they pass only the outcome: listing every element that passed takes a fifth to a third of the time.
  // The legacy mode needs no second page, which an Electron app does not give.
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode(true).analyze();
  expect
    .soft(
      violations.map((violation) => ({ rule: violation.id, nodes: violation.nodes.map((node) => [node.html.slice(0, 160), node.failureSummary]) })),
      what,
    )
    .toEqual([]);
}

import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from 'playwright/test';
import type { ChainscopeBridge } from '../../src/shared/ipc.ts';

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

/** The same in both themes. Leaves the app in the light one. */
export async function expectNoViolationInBothThemes(page: Page, what: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await page.evaluate((chosen) => (globalThis as unknown as { chainscope: ChainscopeBridge }).chainscope.setPreferences({ theme: chosen }), theme);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    await expectNoViolation(page, `${what}, ${theme}`);
  }
}

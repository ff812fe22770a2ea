import { expect } from 'playwright/test';
import type { Looks } from './launch.ts';
import type { LookName } from './states.ts';

/** Where the mouse rests: nothing is there that changes under it. */
const NOWHERE = [440, 20] as const;

/** Does what a person would do in a state before it is looked at, and lets happen what happens then. */
const STEPS: Partial<Record<LookName, (looks: Looks) => Promise<void>>> = {
  async 'one-fork'({ page }) {
    await page.getByRole('option', { name: /1,312/ }).click();
    await expect(page.getByRole('heading', { name: 'Block 1,312' })).toBeVisible();
  },
  async tampered({ page }) {
    await page.getByRole('option', { name: /1,312/ }).click();
    await page.getByRole('button', { name: 'Tamper' }).click();
    await page.getByRole('textbox', { name: 'Changed data' }).fill('sensor 3: 99.9 C');
    await expect(page.getByRole('option', { name: /1,312,.*changed/ })).toBeAttached();
  },
  async reorg(looks) {
    await looks.hand('continue');
    await expect(looks.page.getByRole('heading', { level: 1 })).toHaveText('Two blocks left, three joined');
  },
  async 'other-genesis'({ page }) {
    await page.getByRole('textbox', { name: 'Peer address' }).fill('127.0.0.1:5010');
    await page.getByRole('button', { name: 'Add peer' }).click();
    await expect(page.getByText('Different genesis')).toBeVisible();
  },
  async 'node-error'(looks) {
    await looks.hand('continue');
    await expect(looks.page.getByText('There is no room left').first()).toBeVisible();
    await looks.hand('lose');
    await expect(looks.page.getByText('The node does not answer.')).toBeVisible();
  },
};

/** Loads a state and brings it to where it is looked at. */
export async function openLook(looks: Looks, name: LookName, ...how: Parameters<Looks['open']> extends [LookName, ...infer Rest] ? Rest : never): Promise<void> {
  await looks.open(name, ...how);
  await STEPS[name]?.(looks);
  await looks.page.mouse.move(...NOWHERE);
  await looks.rest();
}

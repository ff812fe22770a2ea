import type { Page } from 'playwright/test';
import { expectNoViolation } from './harness/axe.ts';
import { openLook } from './harness/looks/arrange.ts';
import type { Looks } from './harness/looks/launch.ts';
import { lookNames, type LookName } from './harness/looks/states.ts';
import { expect, test } from './harness/looks/test.ts';

/** What can be opened in the window, from a state in which there is something to see in it. */
interface View {
  name: string;
  state: LookName;
  open: (page: Page) => Promise<void>;
  /** Whatever lies behind a dialog need not be reached by Tab. */
  modal?: boolean;
}

const VIEWS: readonly View[] = [
  {
    name: 'the table',
    state: 'one-fork',
    async open(page) {
      await page.getByRole('button', { name: 'Table' }).click();
      await expect(page.getByRole('table', { name: 'Blocks' })).toContainText('1,317');
    },
  },
  {
    name: 'the palette',
    state: 'mining',
    modal: true,
    async open(page) {
      await page.keyboard.press('Control+K');
      await page.getByRole('combobox').fill('131');
      await expect(page.getByRole('option').first()).toBeVisible();
    },
  },
  {
    name: 'the header of a block',
    state: 'one-fork',
    async open(page) {
      await page.getByRole('tab', { name: 'Header' }).click();
      await expect(page.getByRole('tabpanel', { name: 'Header' })).toBeVisible();
    },
  },
  {
    name: 'the Merkle tree of a block',
    state: 'one-fork',
    async open(page) {
      await page.getByRole('tab', { name: 'Merkle tree' }).click();
      await expect(page.getByRole('tabpanel', { name: 'Merkle tree' })).toBeVisible();
    },
  },
  {
    name: 'the shortcuts',
    state: 'mining',
    modal: true,
    async open(page) {
      await page.getByRole('button', { name: /shortcuts/i }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'Present',
    state: 'mining',
    async open(page) {
      await page.keyboard.press('F5');
      await expect(page.getByRole('region', { name: 'Present' })).toBeVisible();
    },
  },
  {
    name: 'the question before an address that leaves this computer',
    state: 'mining',
    modal: true,
    async open(page) {
      await page.getByRole('textbox', { name: 'Peer address' }).fill('192.168.1.20:5001');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('alertdialog')).toBeVisible();
    },
  },
];

async function openView(looks: Looks, view: View, ...size: readonly [number, number, number]): Promise<void> {
  await openLook(looks, view.state, size);
  await view.open(looks.page);
  await looks.rest();
}

for (const name of lookNames) {
  test(`UI-1 axe finds nothing in the chain, ${name}, both themes`, async ({ looks }) => {
    await openLook(looks, name);
    await looks.withTime(expectNoViolation(looks.page, 'dark'));
    await looks.setTheme('light');
    await looks.withTime(expectNoViolation(looks.page, 'light'));
  });
}

for (const view of VIEWS) {
  test(`UI-1 UI-9 UI-10 ${view.name}: axe finds nothing in both themes, and it fits at 900x600 and at 200% zoom`, async ({ looks }) => {
    await openView(looks, view, 1280, 800, 1);
    await looks.withTime(expectNoViolation(looks.page, 'dark'));
    expect.soft(await looks.faults(), '1280x800').toEqual([]);
    await looks.setTheme('light');
    await looks.withTime(expectNoViolation(looks.page, 'light'));
    await looks.setSize(900, 600);
    expect.soft(await looks.faults(), '900x600').toEqual([]);
    await openView(looks, view, 1280, 800, 2);
    expect.soft(await looks.faults(), '200%').toEqual([]);
    if (view.modal !== true) expect.soft(await looks.tabFaults(), '200%').toEqual([]);
  });
}

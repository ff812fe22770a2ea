import type { App } from './harness/app.ts';
import { expectNoViolationInBothThemes } from './harness/axe.ts';
import { expectConnected } from './harness/chain.ts';
import { mineMany, SLOW_MINING } from './harness/mining.ts';
import { expect, test } from './harness/test.ts';

const MILLIONS = 1_200_000;

/** Loads the page as if the chain were that high: its blocks are those on top. Below them stands one that left it, which is found when the test says so. */
async function openAsMillions(app: App): Promise<void> {
  const snapshot = await app.snapshot();
  const more = MILLIONS - snapshot.chain.tip.height;
  const value = {
    ...snapshot,
    // Later than anything that the node itself will tell.
    seq: Number.MAX_SAFE_INTEGER,
    chain: { ...snapshot.chain, blockCount: snapshot.chain.blockCount + more, tip: { ...snapshot.chain.tip, height: MILLIONS } },
    blocks: snapshot.blocks.filter(({ height }) => height > 0).map((block) => ({ ...block, height: block.height + more })),
  };
  const height = MILLIONS - 20;
  const [hash, previousHash] = ['ab'.repeat(32), 'cd'.repeat(32)];
  const stale = { ...value.blocks[0], hash, previousHash, height, branch: 'side' };
  const forks = [{ hash, height, chainwork: '1', forkHeight: height - 1, branch: 'side' }];
  await app.electron.evaluate(({ ipcMain }, [value, stale, forks]) => {
    const found = new Promise<void>((resolve) => Object.assign(globalThis, { findBranch: resolve }));
    const answer = (name: string, handler: (...args: unknown[]) => unknown): void => {
      ipcMain.removeHandler(`chainscope:${name}`);
      ipcMain.handle(`chainscope:${name}`, async (_event, ...args: unknown[]) => ({ ok: true, value: await handler(...args) }));
    };
    answer('snapshot', () => value);
    answer('forks', async () => found.then(() => ({ forks, more: false })));
    answer('getBlock', (ref) => (ref === stale.hash ? stale : null));
  }, [value, stale, forks] as const);
  await app.page.reload();
  await expect(app.headline).not.toBeEmpty();
}

test('UI-1 axe finds nothing in the main window', async ({ apps }) => {
  // What two tests had, one for each theme.
  test.setTimeout(120_000);
  const app = await apps.launch();
  await expectNoViolationInBothThemes(app.page, 'a new chain');

  const other = await apps.launch({ env: { NODE_NAME: 'Birch' } });
  await (await other.http()).mine('a branch');
  const door = await app.http();
  for (const data of ['one', { two: [1, 2, 3] }, 'x'.repeat(300)]) await door.mine(data);
  await app.addPeer(await other.address());
  await expectConnected(app, 1);
  await expect(app.headline).toContainText('agree on block 3');
  await expectNoViolationInBothThemes(app.page, 'a chain with peers');

  await app.addPeer('nonsense');
  await expect(app.peerAddress).toHaveAttribute('aria-invalid', 'true');
  await expectNoViolationInBothThemes(app.page, 'an error by the field');

  await app.tableButton.click();
  await expect(app.table).toBeVisible();
  await expectNoViolationInBothThemes(app.page, 'the table');
  await other.close();
  await expectConnected(app, 0);
  await expectNoViolationInBothThemes(app.page, 'a peer that is away');
});

test('UI-1 axe finds nothing while mining', async ({ apps }) => {
  // What two tests had, one for each theme.
  test.setTimeout(120_000);
  const app = await apps.launch({ env: SLOW_MINING });
  // Enough jobs that the last is still running when axe has looked.
  await mineMany(app.page, 12);
  await expect(app.stopButton).toBeVisible();
  await expectNoViolationInBothThemes(app.page, 'mining');
  await app.stopButton.click();
  await expect(app.mineButton).toBeVisible();
});

test('mining by keyboard alone: from the launch to the first block in one press', async ({ apps }) => {
  const app = await apps.launch();
  await expect(app.mineButton).toBeFocused();
  await app.page.keyboard.press('Enter');
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(1);

  // Data and a second block without the mouse; the field is reached by Tab alone, whatever the order is.
  await tabTo(app, app.data);
  await app.page.keyboard.press('ControlOrMeta+A');
  await app.page.keyboard.type('typed, not clicked');
  await tabTo(app, app.mineButton);
  await app.page.keyboard.press('Space');
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(2);
  await tabTo(app, app.tableButton);
  await app.page.keyboard.press('Enter');
  await expect(app.table).toContainText('typed, not clicked');

  // The same chain as if it stood on 1.2 million others: higher than what Chromium can place. The keys come to every row, and nothing takes the focus.
  await openAsMillions(app);
  const { page } = app;
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const focused = page.locator('tr:focus');
  const expectFocused = async (height: number): Promise<void> => {
    await expect(focused.locator('.cell-height')).toHaveText(height.toLocaleString('en-US'));
    await expect(focused).toHaveAttribute('aria-rowindex', String(MILLIONS - height + 2));
    await expect(focused).toBeInViewport({ ratio: 1 });
  };
  await app.tableButton.click();
  await expect(app.table).toHaveAttribute('aria-rowcount', String(MILLIONS + 2));
  await page.locator('tr[data-index="0"]').focus();
  await press('End');
  await expectFocused(0);
  await expect(focused).toContainText('built in');
  await press('Enter');
  await expect(focused).toHaveAttribute('aria-current', 'true');
  await press('ArrowUp', 'PageUp');
  await expectFocused(9);
  // Half a million rows up by the thumb, and on by the wheel: each px of it is one.
  const reader = async (): Promise<{ height: number; top: number }> =>
    page.evaluate(`(() => {
      const below = document.querySelector('.blocks-table thead').getBoundingClientRect().bottom;
      const row = [...document.querySelectorAll('tr[data-index]')].find((one) => one.getBoundingClientRect().top >= below - 1);
      return { height: Number(row.querySelector('.cell-height').firstChild.data.replaceAll(',', '')), top: Math.round(row.getBoundingClientRect().top - below) };
    })()`);
  await page.evaluate("(document.querySelector('.table-frame').scrollTop = document.querySelector('.table-frame').scrollHeight / 2)");
  await expect.poll(async () => Math.abs((await reader()).height - MILLIONS / 2)).toBeLessThan(2000);
  const before = await reader();
  await app.table.hover();
  for (let i = 0; i < 3; i += 1) await page.mouse.wheel(0, 320);
  await expect.poll(reader).toEqual({ height: before.height - 30, top: before.top });
  await press('ArrowUp');
  await expectFocused(10);
  await press('Home');
  await expectFocused(MILLIONS);

  // An old branch that is found below leaves the reader where the table is read.
  await page.evaluate("(document.querySelector('.table-frame').scrollTop = 320)");
  await expect.poll(reader).toEqual({ height: MILLIONS - 10, top: 0 });
  await app.electron.evaluate(() => (globalThis as unknown as { findBranch: () => void }).findBranch());
  await expect(app.table.getByText('stale')).toBeAttached();
  expect(await reader()).toEqual({ height: MILLIONS - 10, top: 0 });
});

test('stopping by keyboard leaves the data as typed', async ({ apps }) => {
  const app = await apps.launch({ env: SLOW_MINING });
  await app.data.fill('kept');
  await app.mineButton.focus();
  // A block may be found before the second press: then mine again until a job was stopped.
  await expect(async () => {
    if (await app.mineButton.isVisible()) await app.page.keyboard.press('Enter');
    await expect(app.stopButton).toBeFocused({ timeout: 1000 });
    await app.page.keyboard.press('Enter');
    await expect(app.mineButton).toBeVisible({ timeout: 1000 });
    expect((await app.snapshot()).mining.lastResult?.outcome).toBe('stopped');
  }).toPass({ timeout: 40_000 });
  await expect(app.data).toHaveValue('kept');
});

test('UI-9 UI-10 in the real app nothing is clipped at 900x600 and nothing scrolls sideways at 200% zoom', async ({ apps }) => {
  const app = await apps.launch();
  const setSize = (width: number, height: number, zoom: number): Promise<void> =>
    app.electron.evaluate(
      ({ BrowserWindow }, size) => {
        const window = BrowserWindow.getAllWindows()[0];
        window?.setContentSize(size.width, size.height);
        window?.webContents.setZoomFactor(size.zoom);
      },
      { width, height, zoom },
    );
  for (const [width, height, zoom] of [
    [900, 600, 1],
    [1280, 800, 2],
  ] as const) {
    await setSize(width, height, zoom);
    await expect.poll(() => app.page.evaluate('Math.round(innerWidth)')).toBe(width / zoom);
    expect(await app.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    // What one comes for is in sight from the start.
    if (zoom === 1) for (const control of [app.mineButton, app.data]) await expect(control).toBeInViewport({ ratio: 1 });
    for (const control of [app.mineButton, app.data, app.peerAddress, app.addPeerButton, app.tableButton]) {
      await control.scrollIntoViewIfNeeded();
      await expect(control).toBeInViewport({ ratio: 1 });
    }
  }
});

/** Presses Tab until the element has the focus; fails when it never gets it. */
async function tabTo(app: App, target: App['mineButton']): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate((element: { matches(selector: string): boolean }) => element.matches(':focus'))) return;
    await app.page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused({ timeout: 1 });
}

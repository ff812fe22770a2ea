import { AxeBuilder } from '@axe-core/playwright';
import type { Locator } from 'playwright/test';
import type { App } from './harness/app.ts';
import { expectConnected } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

const hint = (app: App): Locator => app.page.getByRole('region', { name: 'First minute' });
const title = (app: App): Locator => hint(app).getByRole('heading');

/** Mines by the button of a window, and waits for the block. */
async function mineHere(app: App): Promise<void> {
  const { height } = (await app.snapshot()).chain.tip;
  await app.mineButton.click();
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBeGreaterThan(height);
}

async function setSize(app: App, width: number, height: number): Promise<void> {
  await app.electron.evaluate(({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height), { width, height });
  await expect.poll(() => app.page.evaluate('innerWidth')).toBe(width);
}

/** Pixels that the card shares with an element; it may still be on its way to its place. */
async function expectFree(app: App, target: Locator, what: string): Promise<void> {
  await expect
    .poll(async () => {
      const [card, other] = [await hint(app).boundingBox(), await target.boundingBox()];
      if (card === null || other === null) return 'not there';
      const width = Math.min(card.x + card.width, other.x + other.width) - Math.max(card.x, other.x);
      const height = Math.min(card.y + card.height, other.y + other.height) - Math.max(card.y, other.y);
      return width > 0 && height > 0 ? 'covered' : 'free';
    }, what)
    .toBe('free');
}

/** The card points at its control; where no place beside it was free, the control is marked instead. */
async function expectPointed(app: App): Promise<void> {
  await expect
    .poll(async () => ((await hint(app).getAttribute('data-side')) === 'none' ? 1 : 0) === (await app.page.locator('[data-hinted]').count()))
    .toBe(true);
}

test('the first minute, from the first block to a reorg: each hint waits for the real event', async ({ apps }) => {
  const app = await apps.launch({ hints: true, env: { NODE_NAME: 'Aster' } });
  await expect(title(app)).toHaveText('Mine your first block');
  // What one press needs is ready, and the hint took the focus from nobody.
  await expect(app.data).toHaveValue('Hello from Aster');
  await expect(app.mineButton).toBeFocused();
  await app.page.keyboard.press('Enter');
  await expect(title(app)).toHaveText('Now add a second node');
  await expect(app.mineButton).toBeFocused();

  const birch = await apps.launch({ env: { NODE_NAME: 'Birch', PEERS: await app.address() } });
  await expect(title(app)).toHaveText('You and Birch agree');
  await expect(app.headline).toContainText('You and Birch agree on block 1');

  await app.page.getByRole('button', { name: 'Cut the link to Birch' }).click();
  await expect(title(app)).toHaveText('The link is cut');
  await mineHere(app);
  await expect(title(app)).toHaveText('Now mine two blocks there');
  await mineHere(birch);
  await mineHere(birch);
  // Nobody can know of the blocks over there: the hint waits for the link.
  await expect(title(app)).toHaveText('Now mine two blocks there');
  await app.page.getByRole('button', { name: 'Mend the link to Birch' }).click();
  await expect(title(app)).toHaveText('That was a reorg');
  await expect(hint(app)).toContainText('The branch of Birch had more work: one block left your chain, two joined it.');
  await expect(app.headline).toContainText('One block left, two joined');

  await hint(app).getByRole('button', { name: 'Close' }).click();
  await expect(hint(app)).toHaveCount(0);
  await app.close();
  const again = await apps.restart(app);
  await expect(again.headline).toContainText('block 3');
  await expect(hint(again)).toHaveCount(0);
});

test('a mended link that undid nothing leads back to the cut, and a tie says so', async ({ apps }) => {
  const app = await apps.launch({ hints: true });
  await mineHere(app);
  const birch = await apps.launch({ env: { NODE_NAME: 'Birch', PEERS: await app.address() } });
  await expect(title(app)).toHaveText('You and Birch agree');
  const cut = app.page.getByRole('button', { name: 'Cut the link to Birch' });
  const mend = app.page.getByRole('button', { name: 'Mend the link to Birch' });

  await cut.click();
  await mineHere(app);
  await expect(title(app)).toHaveText('Now mine two blocks there');
  await mend.click();
  await expect(title(app)).toHaveText('Cut again for a fork');

  await cut.click();
  await expect(title(app)).toHaveText('The link is cut');
  await mineHere(app);
  await mineHere(birch);
  await mend.click();
  await expect(title(app)).toHaveText('A fork, and a tie');
  // One more here: the other side gives its own block up.
  await mineHere(app);
  await expect(title(app)).toHaveText('That was a reorg');
  await expect(hint(app)).toContainText('Your branch had more work. Birch let its own blocks go and took yours.');
});

test('Esc hides the hints for good, and palette and menu bring them back', async ({ apps }) => {
  const app = await apps.launch({ hints: true });
  await expect(title(app)).toBeVisible();
  // What is open takes its own Esc.
  await app.page.keyboard.press('ControlOrMeta+K');
  await expect(app.page.getByRole('combobox', { name: 'Find or run' })).toBeFocused();
  await app.page.keyboard.press('Escape');
  await expect(app.page.getByRole('combobox', { name: 'Find or run' })).toHaveCount(0);
  await expect(title(app)).toBeVisible();
  await expect(app.mineButton).toBeFocused();
  await app.page.keyboard.press('Escape');
  await expect(hint(app)).toHaveCount(0);
  await expect(app.mineButton).toBeFocused();
  await expect.poll(() => app.page.evaluate('chainscope.getPreferences().then((answer) => answer.value.hints)')).toBe('off');

  await app.close();
  const again = await apps.restart(app);
  await mineHere(again);
  await expect(hint(again)).toHaveCount(0);
  await again.page.keyboard.press('ControlOrMeta+K');
  await expect(again.page.getByRole('combobox')).toBeFocused();
  await again.page.keyboard.type('>hints');
  await again.page.keyboard.press('Enter');
  // The first block is mined: that step has happened.
  await expect(title(again)).toHaveText('Now add a second node');
  await hint(again).getByRole('button', { name: 'Hide hints' }).click();
  await expect(hint(again)).toHaveCount(0);
  await again.electron.evaluate(({ Menu }) => {
    Menu.getApplicationMenu()?.getMenuItemById('show-hints')?.click();
  });
  await expect(title(again)).toHaveText('Now add a second node');

  // A step that stands is kept for the next start, and a chain that is there already is no reason to begin again.
  await again.close();
  const third = await apps.restart(again);
  await expect(title(third)).toHaveText('Now add a second node');
});

test('nobody who has a chain is given hints, nor a window that another one opened', async ({ apps }) => {
  const first = await apps.launch();
  await (await first.http()).mine('not new');
  await first.close();
  const old = await apps.launch({ hints: true, dataDir: first.options.dataDir });
  await old.page.evaluate("chainscope.setPreferences({ hints: 'unseen' })");
  await old.close();
  const known = await apps.restart(old);
  await expect(known.headline).toContainText('block 1');
  await expect(known.mineButton).toBeVisible();
  await expect(hint(known)).toHaveCount(0);

  const beside = await apps.launch({ hints: true, dataDir: known.options.dataDir, env: { CHAINSCOPE_BESIDE: '1' } });
  expect((await beside.snapshot()).node.dataDir).toBe(`${known.options.dataDir}-2`);
  await expect(beside.mineButton).toBeVisible();
  expect(await beside.page.evaluate('chainscope.getPreferences().then((answer) => answer.value.hints)')).toBe('off');
  await expect(hint(beside)).toHaveCount(0);
});

for (const [width, height] of [
  [1280, 800],
  [900, 600],
] as const) {
  test(`a hint covers neither its control nor the chain at ${String(width)}x${String(height)}`, async ({ apps }) => {
    const app = await apps.launch({ hints: true });
    await setSize(app, width, height);
    const chain = app.page.getByRole('region', { name: 'Chain' });
    await expectFree(app, app.mineButton, 'Mine');
    await expectFree(app, app.data, 'Data');
    await expectFree(app, chain, 'the chain');
    const { violations } = await new AxeBuilder({ page: app.page }).setLegacyMode(true).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))])).toEqual([]);
    await mineHere(app);

    await expect(title(app)).toHaveText('Now add a second node');
    await expectFree(app, chain, 'the chain');
    await expectFree(app, app.mineButton, 'Mine');
    const spawn = app.page.getByRole('button', { name: 'Spawn a peer' });
    const where = hint(app).getByRole('button', { name: 'Show me where' });
    if (height === 600) {
      // Below the edge of the window: the hint leads there.
      await where.click();
      await expect(spawn).toBeFocused();
      await expect(spawn).toBeInViewport({ ratio: 1 });
    }
    await expect(where).toHaveCount(0);
    await expectFree(app, spawn, 'Spawn a peer');
    await expectPointed(app);

    const birch = await apps.launch({ env: { NODE_NAME: 'Birch', PEERS: await app.address() } });
    await expectConnected(app, 1);
    await expect(title(app)).toHaveText('You and Birch agree');
    await expectFree(app, app.peers.first(), 'the row of the peer');
    await expectPointed(app);
    await expectFree(app, app.peerAddress, 'Peer address');
    await birch.close();
    await expect(title(app)).toHaveText('No peer is connected');
  });
}

import { AxeBuilder } from '@axe-core/playwright';
import type { Locator } from 'playwright/test';
import type { App } from './harness/app.ts';
import { RawPeer } from '../test/helpers/raw-peer.ts';
import { expectConnected, expectSameChain } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

const bar = (app: App): Locator => app.page.getByRole('region', { name: 'Present' });
const scene = (app: App, name: string): Locator => bar(app).getByRole('button', { name, exact: true });
const line = (app: App): Locator => bar(app).locator('.present-line');
const enabled = (app: App): Promise<string[]> =>
  bar(app).getByRole('list', { name: 'Scenes' }).getByRole('button', { disabled: false }).allTextContents();

/** Something that only this load of the page has. */
const MARK = 'globalThis.loadedOnce';

test('F5 shows the chain at 1.6 times its size, Esc gives the focus back, and the page is not loaded anew', async ({ apps }) => {
  const app = await apps.launch();
  await app.page.evaluate(`${MARK} = true`);
  await app.data.fill('kept while presenting');
  await app.peerAddress.focus();
  await app.page.keyboard.press('F5');
  await expect(bar(app)).toBeVisible();
  await expect(scene(app, 'Mine')).toBeFocused();
  await expect(app.peerAddress).toBeHidden();
  // The sentence is 32 px on the screen: its own 20 at 1.6.
  const seen = await app.page.getByRole('heading', { level: 1 }).evaluate((heading: { currentCSSZoom: number; ownerDocument: { defaultView: { getComputedStyle(of: unknown): { fontSize: string } } } }) => ({
    zoom: heading.currentCSSZoom,
    size: Number.parseFloat(heading.ownerDocument.defaultView.getComputedStyle(heading).fontSize),
  }));
  expect(seen.zoom * seen.size).toBeCloseTo(32, 3);
  // The canvases have a pixel of its own for each of the screen's, once the stage has been measured at its new size.
  const ratio = await app.page.evaluate<number>('devicePixelRatio');
  const canvas = app.page.locator('.chain-canvas canvas').first();
  const sizes = (): Promise<{ pixels: number; shown: number }> =>
    canvas.evaluate((element: { width: number; getBoundingClientRect(): { width: number } }) => ({ pixels: element.width, shown: Math.round(element.getBoundingClientRect().width) }));
  await expect
    .poll(async () => {
      const { pixels, shown } = await sizes();
      return Math.abs(pixels - shown * ratio);
    })
    .toBeLessThanOrEqual(1);

  await app.page.keyboard.press('Escape');
  await expect(bar(app)).toHaveCount(0);
  await expect(app.peerAddress).toBeFocused();
  await expect(app.data).toHaveValue('kept while presenting');

  // By the palette, and back with the same key.
  await app.mineButton.focus();
  await app.page.keyboard.press('ControlOrMeta+K');
  await expect(app.page.getByRole('combobox')).toBeFocused();
  await app.page.keyboard.type('>present');
  await app.page.keyboard.press('Enter');
  await expect(scene(app, 'Mine')).toBeFocused();
  await app.page.keyboard.press('F5');
  await expect(bar(app)).toHaveCount(0);
  await expect(app.mineButton).toBeFocused();

  // By the menu, whose key is the same one.
  const accelerator = await app.electron.evaluate(({ Menu }) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById('present');
    item?.click();
    return item?.accelerator;
  });
  expect(accelerator).toBe('F5');
  await expect(bar(app)).toBeVisible();
  expect(await app.page.evaluate(MARK)).toBe(true);
});

test('the scenes are real acts on real nodes: mine, fork, reorg, freeze', async ({ apps }) => {
  const app = await apps.launch({ env: { NODE_NAME: 'Aster' } });
  await app.page.keyboard.press('F5');
  expect(await enabled(app)).toEqual(['Mine']);
  await expect(scene(app, 'Fork')).toHaveAccessibleDescription('No peer is connected. Press Sync first.');
  // A scene that is not possible does nothing, however it is pressed.
  await scene(app, 'Fork').focus();
  await app.page.keyboard.press('Enter');
  await expect(line(app)).toHaveText('Choose a scene. Each is a real act of this node.');

  await scene(app, 'Mine').click();
  await expect(line(app)).toHaveText('Block 1 stands. Nobody is connected who could fetch it.');
  const birch = await apps.launch({ env: { NODE_NAME: 'Birch', PEERS: await app.address() } });
  await expect(line(app)).toHaveText('Block 1 stands. Birch has it too.');
  expect(await enabled(app)).toEqual(['Mine', 'Sync', 'Fork', 'Freeze network']);

  await scene(app, 'Fork').click();
  await expect(line(app)).toHaveText('Only this window knows block 2. Now mine two blocks in the window of Birch, then press Reorg.');
  await expectConnected(app, 0);
  expect((await birch.snapshot()).chain.tip.height).toBe(1);
  const there = await birch.http();
  await there.mine('there 1');
  await there.mine('there 2');
  expect((await app.snapshot()).chain.tip.height).toBe(2);
  await scene(app, 'Reorg').click();
  await expect(line(app)).toContainText('The branch of Birch had more work: one block left your chain, two joined it.');
  await expectSameChain([app, birch], 3);
  await line(app).getByRole('button', { name: 'Replay' }).click();
  await expect(app.page.getByRole('option', { selected: true })).toHaveAttribute('data-height', '1');

  await scene(app, 'Freeze network').click();
  await expect(line(app)).toHaveText('Every link of this node is cut. It hears of nothing, and nobody hears of it.');
  expect(await enabled(app)).toEqual(['Mine', 'Reorg', 'Tamper', 'Thaw network']);
  await there.mine('while frozen');
  expect((await app.snapshot()).chain.tip.height).toBe(3);
  await scene(app, 'Thaw network').click();
  await expectSameChain([app, birch], 4);
  await expect(line(app)).toHaveText('All agree again. No block of this window was undone: no other branch had more work.');
});

test('Tamper changes a copy of a block below the tip, in one sentence of 32 px; Restore takes it back', async ({ apps }) => {
  const app = await apps.launch();
  const door = await app.http();
  await door.mine('reading 1');
  await app.page.keyboard.press('F5');
  await expect(scene(app, 'Tamper')).toHaveAccessibleDescription('No block stands on another yet. Mine two blocks first.');
  for (let i = 2; i <= 6; i += 1) await door.mine(`reading ${String(i)}`);
  const chain = await door.blocks();
  await expect(scene(app, 'Tamper')).toHaveAccessibleDescription('Changes a copy of block 3.');
  const heading = app.page.getByRole('heading', { level: 1 });
  const before = await heading.textContent();

  await scene(app, 'Tamper').focus();
  await app.page.keyboard.press('Enter');
  await expect(heading).toHaveText('Block 3 was changed: 3 blocks no longer follow');
  await expect(app.page.locator('.headline')).toContainText('It is a copy: your chain is unchanged.');
  await expect(app.page.locator('.changed-word')).toBeInViewport({ ratio: 1 });
  await expect(app.page.locator('.changed-cut')).toHaveText('≠');
  await expect(app.tile(chain[3]?.hash ?? '')).toHaveAccessibleName(/changed/);
  await expect(line(app)).toContainText('The copy says “reading 3 (changed)”. Block 4 still names the old hash.');
  await expect(line(app)).toContainText('for the 3 blocks after it');
  const restore = scene(app, 'Restore');
  await expect(restore).toBeFocused();
  await app.page.keyboard.press('Enter');
  await expect(heading).toHaveText(before ?? '');
  await expect(app.page.locator('.changed-word')).toHaveCount(0);
  await expect(line(app)).toHaveText('All is as it was. It was a copy: the chain never changed.');

  // Every other scene, and leaving, are about the chain as it is.
  await scene(app, 'Tamper').click();
  await expect(scene(app, 'Restore')).toBeVisible();
  await scene(app, 'Mine').click();
  await expect(app.page.locator('.changed-word')).toHaveCount(0);
  await expect(line(app)).toContainText('Block 7 stands.');
  await scene(app, 'Tamper').click();
  await expect(app.page.locator('.changed-word')).toBeVisible();
  await app.page.keyboard.press('Escape');
  await expect(bar(app)).toHaveCount(0);
  await expect(app.page.locator('.changed-word')).toHaveCount(0);
  expect((await door.blocks()).slice(0, 7)).toEqual(chain);
});

test('Sync opens a new node and watches it catch up', async ({ apps }) => {
  const app = await apps.launch();
  const door = await app.http();
  for (const data of ['one', 'two', 'three']) await door.mine(data);
  // The new node is a process of its own that outlives this one: its number is noted, so that the test can end it.
  await app.electron.evaluate(() => {
    const processes = process.getBuiltinModule('node:child_process');
    const started: (number | undefined)[] = [];
    Object.assign(globalThis, { started });
    const { spawn } = processes;
    Object.assign(processes, {
      spawn: (...args: Parameters<typeof spawn>) => {
        const child = spawn(...args);
        started.push(child.pid);
        return child;
      },
    });
    process.getBuiltinModule('node:module').syncBuiltinESMExports();
  });
  await app.page.keyboard.press('F5');
  await scene(app, 'Sync').click();
  try {
    await expect(line(app)).toHaveText('A second window opens with a node of its own.');
    await expect(line(app)).toContainText('has caught up: the same last block stands in both windows.', { timeout: 20_000 });
    expect((await app.snapshot()).peers).toMatchObject([{ state: 'connected', height: 3, verdict: 'same-tip' }]);
  } finally {
    const pids = await app.electron.evaluate(() => (globalThis as unknown as { started: (number | undefined)[] }).started);
    expect(pids).toHaveLength(1);
    for (const pid of pids) if (pid !== undefined) process.kill(pid, 'SIGTERM');
  }
  await expectConnected(app, 0);
});

test('a room sees it all at 900x600 with 30 peers, and axe finds nothing', async ({ apps }) => {
  const app = await apps.launch();
  const port = await app.p2pPort();
  await (await app.http()).mine('for all');
  const peers: RawPeer[] = [];
  for (let index = 1; index <= 30; index += 1) peers.push(await RawPeer.connect(port, { name: `Peer number ${String(index)}` }));
  await expectConnected(app, 30);
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(900, 600));
  await expect.poll(() => app.page.evaluate('innerWidth')).toBe(900);
  await app.page.keyboard.press('F5');
  await expect(bar(app)).toBeVisible();
  await scene(app, 'Freeze network').click();
  await expect(line(app)).toHaveText('Every link of this node is cut. It hears of nothing, and nobody hears of it.');
  expect(await app.page.evaluate('document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight')).toBe(true);
  for (const text of await bar(app).locator('button, p:not(.sr-only)').all()) await expect(text).toBeInViewport({ ratio: 1 });
  await expect(app.page.locator('.stage-frame')).toBeInViewport({ ratio: 1 });
  await app.page.evaluate('Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined)))');
  const { violations } = await new AxeBuilder({ page: app.page }).setLegacyMode(true).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))])).toEqual([]);
  for (const peer of peers) peer.close();
});

test('Esc leaves it also while a message stands, and a scene plays at the tip, wherever somebody was looking', async ({ apps }) => {
  const app = await apps.launch({ hints: true });
  await (await app.http()).mine('one');
  await app.page.keyboard.press('Escape');
  await expect(app.page.getByText('Hints are hidden')).toBeVisible();
  await app.page.keyboard.press('F5');
  await expect(bar(app)).toBeVisible();
  // What was told before the room looked goes; what is told now stands, and Esc is not its own.
  await expect(app.page.getByText('Hints are hidden')).toHaveCount(0);
  await app.page.keyboard.press('ControlOrMeta+K');
  await expect(app.page.getByRole('combobox')).toBeFocused();
  await app.page.keyboard.type('>copy addresses');
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByText('Addresses copied')).toBeVisible();
  await expect(app.page.getByRole('combobox')).toHaveCount(0);
  await app.page.keyboard.press('Escape');
  await expect(bar(app)).toHaveCount(0);

  // At 200% zoom the sentence and the scene that has the focus are both in sight.
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(2));
  await app.page.keyboard.press('F5');
  await expect(scene(app, 'Mine')).toBeFocused();
  await expect(scene(app, 'Mine')).toBeInViewport({ ratio: 1 });
  await expect(app.page.getByRole('heading', { level: 1 })).toBeInViewport({ ratio: 1 });
  await app.page.keyboard.press('F5');
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(1));

  const follow = app.page.getByRole('button', { name: 'Follow tip' });
  await follow.click();
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  await app.page.keyboard.press('F5');
  await scene(app, 'Mine').click();
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(2);
  await app.page.keyboard.press('F5');
  await expect(follow).toHaveAttribute('aria-pressed', 'true');
});

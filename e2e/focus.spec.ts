import type { App } from './harness/app.ts';
import { expectConnected } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

interface Stop {
  name: string;
  region: string;
  /** Its middle, in CSS pixels of the window. */
  x: number;
  y: number;
  height: number;
  width: number;
  visible: boolean;
  /** It, or what shows the focus for it, differs from its look without focus. */
  marked: boolean;
}

/**
 * What has the focus: where it is, whether it can be seen, and whether anything marks it. A list whose options are drawn marks the option
 * on its canvas, so the pixels of the list are compared for it elsewhere.
 */
const STOP = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 && element.matches(':focus-visible');
  return {
    name: element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40) ?? element.id,
    region: element.closest('[data-region]')?.dataset.region ?? '',
    x: box.left + box.width / 2,
    y: box.top + box.height / 2,
    height: box.height,
    width: box.width,
    visible: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    marked: outlined || element.getAttribute('role') === 'listbox' && element.getAttribute('aria-activedescendant') !== null,
  };
})()`;

/** Presses Tab from the window's beginning until it comes round, and tells each stop. */
async function walk(app: App): Promise<Stop[]> {
  await app.page.evaluate("(document.activeElement?.blur(), document.querySelector('.brand').setAttribute('tabindex', '-1'), document.querySelector('.brand').focus())");
  const stops: Stop[] = [];
  const first = 'document.activeElement === document.body || document.activeElement === document.documentElement';
  for (let presses = 0; presses < 80; presses += 1) {
    await app.page.keyboard.press('Tab');
    if (await app.page.evaluate<boolean>(first)) break;
    const stop = await app.page.evaluate<Stop | null>(STOP);
    if (stop === null) break;
    const [start] = stops;
    if (start !== undefined && start.name === stop.name && start.x === stop.x && start.y === stop.y) break;
    stops.push(stop);
  }
  return stops;
}

test('UI-5 the focus is always visible, its order follows reading, and Esc returns it to the opener', async ({ apps }) => {
  const app = await apps.launch();
  const birch = await apps.launch({ env: { NODE_NAME: 'Birch', PEERS: await app.address() } });
  for (const data of ['one', 'two']) await (await app.http()).mine(data);
  await expectConnected(app, 1);
  await expect(app.headline).toContainText('You and Birch agree on block 2');

  const stops = await walk(app);
  expect(stops.length).toBeGreaterThan(15);
  for (const stop of stops) {
    expect(stop, 'in sight').toMatchObject({ visible: true });
    expect(stop, 'marked').toMatchObject({ marked: true });
  }
  // Regions in the order in which they are read, each left once.
  const regions = stops.map(({ region }) => region).filter((region, index, all) => region !== all[index - 1]);
  expect(regions).toEqual(['header', 'chain', 'block', 'mine', 'peers']);
  // Inside a region: down, and on one line to the right. The chain's list and its overview lie under its tools.
  for (const region of regions) {
    const inside = stops.filter((stop) => stop.region === region);
    for (const [index, stop] of inside.entries()) {
      const before = inside[index - 1];
      // A box that scrolls comes before what is in it.
      if (before === undefined || (Math.abs(stop.x - before.x) < before.width / 2 && Math.abs(stop.y - before.y) < before.height / 2)) continue;
      const sameLine = Math.abs(stop.y - before.y) < Math.max(stop.height, before.height) / 2 && Math.max(stop.height, before.height) < 80;
      expect(sameLine ? stop.x > before.x : stop.y > before.y, `${before.name} before ${stop.name} in ${region}`).toBe(true);
    }
  }

  // Whatever opens closes on Esc, and the focus is where it was.
  for (const [opener, opened] of [
    [app.page.getByRole('button', { name: 'Find or run' }), app.page.getByRole('combobox', { name: 'Find or run' })],
    [app.page.getByRole('button', { name: 'Keyboard shortcuts' }), app.page.getByRole('dialog', { name: 'Keyboard shortcuts' })],
    [app.page.getByRole('button', { name: 'Copy' }).first(), app.page.getByRole('menu')],
  ] as const) {
    await opener.focus();
    await app.page.keyboard.press('Enter');
    await expect(opened).toBeVisible();
    await app.page.keyboard.press('Escape');
    await expect(opened).toHaveCount(0);
    await expect(opener).toBeFocused();
  }
  // A question that a form asks.
  await app.peerAddress.fill('192.0.2.1:5001');
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByRole('alertdialog')).toBeVisible();
  await app.page.keyboard.press('Escape');
  await expect(app.page.getByRole('alertdialog')).toHaveCount(0);
  await expect(app.peerAddress).toBeFocused();
  // By key, from anywhere.
  await app.mineButton.focus();
  for (const [key, opened] of [
    ['ControlOrMeta+K', app.page.getByRole('combobox', { name: 'Find or run' })],
    ['F5', app.page.getByRole('button', { name: 'Mine', exact: true })],
  ] as const) {
    await app.page.keyboard.press(key);
    await expect(opened).toBeFocused();
    await app.page.keyboard.press('Escape');
    await expect(app.mineButton).toBeFocused();
  }
  await birch.close();
});

test('what goes away does not take the focus along', async ({ apps }) => {
  const app = await apps.launch();
  const { page } = app;
  const door = await app.http();
  for (let i = 1; i <= 24; i += 1) await door.mine(`number ${String(i)}`);
  const chain = page.getByRole('listbox', { name: /Blocks of the chain/ });
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };

  // From the chain to the table and back; the chosen block is in sight there, and the keyboard goes on from it.
  await app.tile((await door.blocks())[20]?.hash ?? '').click();
  await chain.focus();
  await press('t');
  await expect(page.locator('tr[aria-current="true"]')).toBeFocused();
  await expect(page.locator('tr[aria-current="true"] .cell-height')).toHaveText('20');
  await press('g');
  await page.keyboard.type('2');
  await expect(page.getByRole('option').first()).toContainText('Block 2');
  await press('Enter');
  await expect(page.getByRole('combobox')).toHaveCount(0);
  await expect(page.locator('tr[aria-current="true"] .cell-height')).toHaveText('2');
  await expect(page.locator('tr[aria-current="true"]')).toBeInViewport({ ratio: 1 });
  await page.locator('tr[aria-current="true"]').focus();
  await press('ArrowDown');
  await expect(page.locator('tr:focus .cell-height')).toHaveText('1');
  await press('Enter', 't');
  await expect(chain).toBeFocused();

  // "Previous" leads to the first block, which has none.
  const block = page.getByRole('region', { name: /^Block/ });
  await expect(block.getByRole('heading', { name: 'Block 1', exact: true })).toBeVisible();
  await block.getByRole('button', { name: /Show the block before/ }).focus();
  await press('Enter');
  await expect(block.getByRole('heading', { name: 'Block 0', exact: true })).toBeVisible();
  await expect(block.locator(':focus')).toHaveCount(1);

  // To the last zoom step by its button.
  const out = page.getByRole('button', { name: 'Zoom out' });
  await out.focus();
  await press('Enter', 'Enter', 'Enter', 'Enter', 'Enter');
  await expect(out).toHaveAttribute('aria-disabled', 'true');
  await expect(out).toBeFocused();

  // `?` explains from everywhere.
  await chain.focus();
  await press('?');
  await expect(page.locator('dl.explained')).toBeVisible();

  // F6 passes over the place of messages while there is none; one that is closed gives the focus back.
  const regions = new Set<string>();
  for (let i = 0; i < 10; i += 1) {
    await press('F6');
    regions.add(await page.evaluate("document.activeElement.closest('[data-region]')?.dataset.region ?? ''"));
  }
  expect([...regions].sort()).toEqual(['block', 'chain', 'header', 'mine', 'peers', 'status']);
  await chain.focus();
  await press('ControlOrMeta+K');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('>copy addresses');
  await press('Enter');
  await expect(page.getByRole('combobox')).toHaveCount(0);
  await expect(chain).toBeFocused();
  const close = page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Close' });
  await close.focus();
  await press('Enter');
  await expect(close).toHaveCount(0);
  await expect(chain).toBeFocused();
});

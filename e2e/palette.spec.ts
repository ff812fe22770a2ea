import type { Locator } from 'playwright/test';
import type { App } from './harness/app.ts';
import { expectNoViolationInBothThemes } from './harness/axe.ts';
import { expectConnected } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

const field = (app: App): Locator => app.page.getByRole('combobox');
const rows = (app: App): Locator => app.page.getByRole('listbox', { name: 'Answers' }).getByRole('option');
const shownBlock = (app: App, height: number): Locator => app.page.getByRole('heading', { name: `Block ${String(height)}`, exact: true });

/** Opens the palette and types: only once it has the keyboard, as a person sees it. On a busy machine the letters would go where the focus was. */
async function ask(app: App, text: string, shortcut = 'Control+k'): Promise<void> {
  await expect(field(app)).toHaveCount(0);
  await app.page.keyboard.press(shortcut);
  await expect(field(app)).toBeFocused();
  await app.page.keyboard.type(text);
}

test('UI-28 the palette finds a height, a hash, a peer, a command and data, by keyboard alone', async ({ apps }) => {
  const app = await apps.launch({ env: { NODE_NAME: 'Aster' } });
  const birch = await apps.launch({ env: { NODE_NAME: 'Birch' } });
  const door = await app.http();
  for (const data of ['Lin pays Grace', 'second', 'third', { sensor: 'greenhouse' }]) await door.mine(data);
  await app.addPeer(await birch.address());
  await expectConnected(app, 1);
  await expect(app.headline).toContainText('agree on block 4');
  const { blocks } = await app.snapshot();
  const { keyboard } = app.page;

  await ask(app, '2');
  await expect(rows(app).first()).toContainText('Block 2');
  await keyboard.press('Enter');
  await expect(shownBlock(app, 2)).toBeVisible();
  await expect(field(app)).toHaveCount(0);

  const third = blocks.find(({ height }) => height === 3)?.hash ?? '';
  for (const part of [third.slice(-6), third.slice(0, 20)]) {
    await ask(app, part);
    await expect(rows(app).filter({ hasText: 'Block 3' }).first()).toHaveAttribute('data-highlighted', '');
    await keyboard.press('Enter');
    await expect(shownBlock(app, 3)).toBeVisible();
    await ask(app, '0');
    await keyboard.press('Enter');
    await expect(shownBlock(app, 0)).toBeVisible();
  }

  await ask(app, '@bir');
  await expect(rows(app)).toHaveText([/Birch.*same tip on block 4/]);
  await keyboard.press('Enter');
  await expect(shownBlock(app, 4)).toBeVisible();

  await ask(app, 'GRACE', 'Control+f');
  await expect(rows(app)).toHaveText([/Block 1.*Lin pays Grace/]);
  await keyboard.press('Enter');
  await expect(shownBlock(app, 1)).toBeVisible();
  await ask(app, 'no such words', 'Control+f');
  await expect(app.page.getByText('Nothing found in any block.')).toBeVisible();
  await keyboard.press('Escape');
  await ask(app, '999999');
  await expect(app.page.getByText(/^There is no block 999,999\. The latest is \d+\.$/)).toBeVisible();
  await keyboard.press('Escape');

  await ask(app, '> mine');
  await expect(rows(app).first()).toContainText('Mine a block');
  await keyboard.press('Enter');
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(5);
  await ask(app, '>table');
  await keyboard.press('Enter');
  await expect(app.table).toBeVisible();
  await ask(app, '>cut birch');
  await expect(rows(app)).toHaveText([/Cut the link to Birch/]);
  await keyboard.press('Enter');
  await expect(app.peers).toHaveText([/cut by you/]);
  await ask(app, '>mend birch');
  await keyboard.press('Enter');
  await expect(app.peers).toHaveText([/same tip/]);
  await ask(app, '> remove birch');
  await expect(rows(app)).toHaveText([/Remove peer Birch/]);
  await keyboard.press('Enter');
  await expect(app.peers).toHaveCount(0);
  await ask(app, 'add a peer');
  await keyboard.press('Enter');
  await expect(app.peerAddress).toBeFocused();
});

test('what is read from right to left loses its end where there is no room, as everything else', async ({ apps }) => {
  const app = await apps.launch();
  const other = await apps.launch({ env: { NODE_NAME: 'ש'.repeat(16) } });
  await (await app.http()).mine('שלום עולם '.repeat(20));
  await app.addPeer(await other.address());
  await expectConnected(app, 1);
  await ask(app, 'עולם', 'Control+f');
  await expect(rows(app)).toHaveCount(1);
  for (const place of ['.palette-row bdi', '.peer-name bdi']) {
    const { start, box, cut } = await app.page.evaluate<{ start: number; box: number; cut: boolean }>(`(() => {
      const element = document.querySelector('${place}');
      const range = document.createRange();
      range.setStart(element.firstChild, 0);
      range.setEnd(element.firstChild, 1);
      return { start: range.getBoundingClientRect().right, box: element.getBoundingClientRect().right, cut: element.scrollWidth > element.clientWidth };
    })()`);
    expect(cut).toBe(true);
    expect(Math.abs(start - box)).toBeLessThan(2);
  }
});

test('Escape gives the focus back to whoever opened the palette', async ({ apps }) => {
  const app = await apps.launch();
  const { keyboard } = app.page;
  const opener = app.page.getByRole('button', { name: 'Find or run' });
  await opener.click();
  await expect(field(app)).toBeFocused();
  await keyboard.type('something');
  await keyboard.press('Escape');
  await expect(field(app)).toHaveCount(0);
  await expect(opener).toBeFocused();

  await app.data.focus();
  await keyboard.press('Control+k');
  await expect(field(app)).toBeFocused();
  // Letters are text here, not commands.
  await keyboard.type('tmp');
  await expect(field(app)).toHaveValue('tmp');
  await keyboard.press('Control+f');
  await expect(app.page.getByRole('combobox', { name: 'Find in the data of blocks' })).toBeFocused();
  await keyboard.press('Escape');
  await expect(app.data).toBeFocused();
  await expect(app.table).toHaveCount(0);

  await app.mineButton.focus();
  await keyboard.press('g');
  await expect(app.page.getByRole('combobox', { name: 'Go to a height' })).toBeFocused();
  await keyboard.type('0');
  await keyboard.press('Enter');
  await expect(shownBlock(app, 0)).toBeVisible();
  await expect(app.mineButton).toBeFocused();

  // Nothing behind it takes the focus, and it does not stay over a presentation.
  await keyboard.press('Control+k');
  await expect(field(app)).toBeFocused();
  await keyboard.press('F6');
  await expect(field(app)).toBeFocused();
  await keyboard.press('F5');
  await expect(field(app)).toHaveCount(0);
  await expect(app.page.getByRole('button', { name: 'Mine', exact: true })).toBeFocused();
  // The form is behind the presentation: asking for it ends that.
  await ask(app, '>add a peer');
  await keyboard.press('Enter');
  await expect(app.peerAddress).toBeFocused();
});

test('what is typed right behind the key that opens the palette is in its field, also before the next frame', async ({ apps }) => {
  const app = await apps.launch();
  await app.mineButton.focus();
  // No frame is drawn within one task: a machine that is busy gives none for a while either.
  const held = process.platform === 'darwin' ? 'metaKey' : 'ctrlKey';
  const role = await app.page.evaluate(`(async () => {
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ${held}: true, bubbles: true, cancelable: true }));
    await Promise.resolve();
    return document.activeElement.getAttribute('role');
  })()`);
  expect(role).toBe('combobox');
  await app.page.keyboard.type('>m i');
  await expect(field(app)).toHaveValue('>m i');
  await app.page.keyboard.press('Escape');
  await expect(app.mineButton).toBeFocused();
  expect((await app.snapshot()).chain.tip.height).toBe(0);
});

test('axe finds nothing in the palette', async ({ apps }) => {
  // What two tests had, one for each theme.
  test.setTimeout(120_000);
  const app = await apps.launch();
  await (await app.http()).mine('some words');
  await app.page.keyboard.press('Control+k');
  await expect(rows(app).first()).toBeVisible();
  await expectNoViolationInBothThemes(app.page, 'all commands');
  await app.page.keyboard.type('1');
  await expect(rows(app).first()).toContainText('Block 1');
  await expectNoViolationInBothThemes(app.page, 'blocks');
  await field(app).fill('neither this nor that');
  await expect(app.page.getByText('Nothing found in any block.')).toBeVisible();
  await expectNoViolationInBothThemes(app.page, 'nothing found');
});

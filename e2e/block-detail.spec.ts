import { createHash } from 'node:crypto';
import { expectNoViolationInBothThemes } from './harness/axe.ts';
import { expect, test } from './harness/test.ts';

const sha = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

test('the block’s panel: header bytes, Merkle tree, explanations and copies, by keyboard', async ({ apps }) => {
  const app = await apps.launch();
  const { page } = app;
  const door = await app.http();
  for (const note of ['one', 'two']) expect((await door.request('POST', '/transactions', { data: note })).status).toBeLessThan(300);
  const block = (await door.mine('three transactions')).at(-1);
  if (block === undefined) throw new Error('nothing was mined');
  const { tip } = (await app.snapshot()).chain;
  const panel = page.getByRole('region', { name: 'Block 1' });
  await expect(panel).toBeVisible();

  // The header: its bytes hash to the block's hash, and a field that takes the focus lights its own.
  await panel.getByRole('tab', { name: 'Facts' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const bytes = panel.locator('.header-bytes span');
  await expect(bytes).toHaveCount(80);
  const hex = (await bytes.allTextContents()).join('');
  expect(sha(sha(Buffer.from(hex, 'hex'))).reverse().toString('hex')).toBe(tip.hash);
  for (const [name, first, count] of [['Previous', 4, 32], ['Nonce', 76, 4]] as const) {
    await panel.getByRole('list', { name: 'Fields of the header' }).getByRole('button', { name }).focus();
    await expect(panel.locator('.header-bytes [data-lit="true"]')).toHaveCount(count);
    await expect(bytes.nth(first)).toHaveAttribute('data-lit', 'true');
    await expect(panel.getByText(`Bytes ${String(first)} to ${String(first + count - 1)}.`)).toBeVisible();
    // The whole value, for whom the row has room for its beginning only.
    await expect(panel.locator('.header-meaning code')).toHaveText(name === 'Previous' ? block.lastHash : block.nonce.toLocaleString('en'));
    await expect(panel.locator('.header-meaning code')).toBeInViewport({ ratio: 1 });
  }
  await bytes.nth(70).hover();
  await expect(panel.locator('.header-bytes [data-lit="true"]')).toHaveCount(4);
  await expect(panel.getByText(/seconds since 1970/)).toBeVisible();

  await panel.getByRole('tab', { name: 'Merkle tree' }).click();
  await expect(panel.getByText('The root is the one in the header.')).toBeVisible();
  await expect(panel.getByRole('list', { name: 'Ids' }).getByRole('listitem')).toHaveCount(3);
  await expect(panel.getByRole('list', { name: 'Level 1' }).getByRole('listitem')).toHaveCount(2);
  await expect(panel.getByRole('list', { name: 'Root' }).getByRole('listitem')).toHaveCount(1);

  await panel.getByRole('tab', { name: 'Facts' }).click();
  await expect(panel.getByText(/The number that the miner tried last/)).toHaveCount(0);
  await page.keyboard.press('?');
  await expect(panel.getByText(/The number that the miner tried last/)).toBeVisible();
  await page.keyboard.press('?');
  await expect(panel.getByText(/The number that the miner tried last/)).toHaveCount(0);

  const copied = (): Promise<string> => app.electron.evaluate(({ clipboard }) => clipboard.readText());
  for (const [item, check] of [
    ['Copy hash', (text: string) => text === tip.hash],
    ['Copy header, 80 bytes in hex', (text: string) => text === hex],
    ['Copy block as JSON', (text: string) => (JSON.parse(text) as { hash: string }).hash === tip.hash],
    ['Copy link for Find or run', (text: string) => text === `#/block/${tip.hash}`],
  ] as const) {
    await panel.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('menuitem', { name: item }).click();
    await expect.poll(async () => check(await copied())).toBe(true);
  }
  // The link opens the block, from wherever one is.
  await panel.getByRole('button', { name: 'Previous block' }).click();
  await expect(page.getByRole('region', { name: 'Block 0' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.insertText(await copied());
  await expect(page.getByRole('option', { name: /Block 1/ }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(panel).toBeVisible();
});

test('the fields scroll only while there is no place for all of them', async ({ apps }) => {
  const app = await apps.launch();
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByRole('region', { name: 'Block 1' })).toContainText('checked by this node');
  const scroller = app.page.getByRole('group', { name: 'Fields of the block' });
  const size = (width: number, height: number) =>
    app.electron.evaluate(({ BrowserWindow }, to) => BrowserWindow.getAllWindows()[0]?.setContentSize(to.width, to.height), { width, height });
  await size(1280, 800);
  await expect(scroller).toHaveCount(0);
  await size(900, 600);
  await expect(scroller).toHaveCount(1);
  // Two rows can be read, above what fades.
  const [box, nonce] = await Promise.all([scroller.boundingBox(), scroller.getByText('Nonce').boundingBox()]);
  expect((box?.y ?? 0) + (box?.height ?? 0) - 14).toBeGreaterThan((nonce?.y ?? 0) + (nonce?.height ?? Infinity));
  await size(1280, 800);
  await expect(scroller).toHaveCount(0);
});

test('axe finds nothing in the views of a block', async ({ apps }) => {
  // What two tests had, one for each theme.
  test.setTimeout(120_000);
  const app = await apps.launch();
  const { page } = app;
  await (await app.http()).mine('some words');
  await page.getByRole('tab', { name: 'Header' }).click();
  await page.getByRole('button', { name: /^Bits/ }).focus();
  await expectNoViolationInBothThemes(page, 'the header');
  await page.getByRole('tab', { name: 'Merkle tree' }).click();
  await expect(page.getByText('The root is the one in the header.')).toBeVisible();
  await expectNoViolationInBothThemes(page, 'the Merkle tree');
  await page.getByRole('tab', { name: 'Facts' }).click();
  await page.keyboard.press('?');
  await expectNoViolationInBothThemes(page, 'explanations');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(page.getByRole('menuitem', { name: 'Copy hash' })).toBeVisible();
  await expectNoViolationInBothThemes(page, 'the menu of copies');
});

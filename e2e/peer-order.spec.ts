import { expectConnected } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

test('peers are sorted as chosen, by keyboard', async ({ apps }) => {
  const app = await apps.launch({ env: { NODE_NAME: 'Aster' } });
  const cedar = await apps.launch({ env: { NODE_NAME: 'Cedar' } });
  await app.addPeer(await cedar.address());
  await expectConnected(app, 1);
  // With one row there is nothing to sort.
  await expect(app.page.getByRole('button', { name: /^Sort peers/ })).toHaveCount(0);
  await (await app.http()).mine('more bytes with Cedar');
  const birch = await apps.launch({ env: { NODE_NAME: 'Birch' } });
  await app.addPeer(await birch.address());
  await expectConnected(app, 2);
  await expect(app.peers).toContainText(['Birch', 'Cedar']);

  const button = app.page.getByRole('button', { name: /^Sort peers/ });
  await button.focus();
  await app.page.keyboard.press('Enter');
  await expect(app.page.getByRole('menuitemradio', { name: 'Name' })).toHaveAttribute('aria-checked', 'true');
  await app.page.getByRole('menuitemradio', { name: 'Bytes' }).click();
  await expect(button).toHaveAccessibleName('Sort peers, now by bytes');
  await expect(async () => {
    const { peers } = await app.snapshot();
    const expected = peers.sort((a, b) => b.bytesIn + b.bytesOut - a.bytesIn - a.bytesOut).map(({ name }) => name ?? '');
    await expect(app.peers).toContainText(expected, { timeout: 500 });
  }).toPass();
  await app.page.getByRole('button', { name: /^Sort peers/ }).click();
  // A key goes where the focus is: into the menu once that is open.
  await expect(app.page.locator('[role=menu]:focus, [role=menu] :focus')).toHaveCount(1);
  await app.page.keyboard.press('Escape');
  await expect(button).toBeFocused();
});

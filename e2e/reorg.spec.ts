import { expectSameChain } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

test('two nodes mine apart and meet: the one with less work reorganises in plain sight', async ({ apps }) => {
  const more = await apps.launch({ env: { NODE_NAME: 'More' } });
  const less = await apps.launch({ env: { NODE_NAME: 'Less' } });
  const [doorMore, doorLess] = await Promise.all([more.http(), less.http()]);
  await doorMore.mine('more 1');
  await doorMore.mine('more 2');
  await doorMore.mine('more 3');

  const sent = await doorLess.request('POST', '/transactions', { data: { note: 'pay Ana' } });
  expect(sent.status).toBe(201);
  const { id } = sent.body as { id: string };
  await doorLess.mine('less 1');
  await doorLess.mine('less 2');
  const stale = (await doorLess.blocks()).slice(1);
  expect(JSON.stringify(stale[0])).toContain(id);
  expect((await doorLess.request('GET', '/transactions')).body).toEqual([]);

  await less.addPeer(await more.address());
  const chain = await expectSameChain([more, less], 3);
  expect(chain.map((block) => block.data).slice(1)).toEqual(['more 1', 'more 2', 'more 3']);

  // The headline says what happened, the stale tiles hang below the active lane, and the transaction waits again.
  await expect(less.headline).toContainText('Two blocks left, three joined');
  for (const block of stale) {
    const tile = less.tile(block.hash);
    await expect(tile).toBeVisible();
    await expect(tile).toHaveAccessibleName(/stale/);
  }
  // In a small window the message lies over old blocks or none, never over the newest.
  const middle = ({ x, width }: { x: number; width: number }): number => x + width / 2;
  await less.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(900, 600));
  await expect.poll(() => less.page.evaluate('innerWidth')).toBe(900);
  const toast = await less.page.locator('.toast').boundingBox();
  const next = await less.page.locator('.ghost').boundingBox();
  expect(toast !== null && next !== null && middle(toast) > 450 !== middle(next) > 450).toBe(true);
  // The toast shows it once more, also from the table: the chain comes back with the fork in sight, its blocks change places, and end where they stood.
  await less.tableButton.click();
  await expect(less.page.getByRole('table', { name: 'Blocks' })).toBeVisible();
  await less.page.evaluate(`(() => {
    window.__pictures = 0;
    new PerformanceObserver((list) => { window.__pictures += list.getEntriesByName('chain-draw').length; }).observe({ entryTypes: ['measure'] });
  })()`);
  await less.page.getByRole('button', { name: 'Replay' }).click();
  // A chain that only comes back is one or two pictures.
  await expect.poll(() => less.page.evaluate<number>('window.__pictures')).toBeGreaterThan(5);
  await expect(less.page.getByRole('option', { selected: true })).toHaveAttribute('data-height', '0');
  const activeTop = await less.tile(chain[1]?.hash ?? '').boundingBox();
  const staleTop = await less.tile(stale[0]?.hash ?? '').boundingBox();
  expect(staleTop?.y ?? 0).toBeGreaterThan(activeTop?.y ?? Number.POSITIVE_INFINITY);
  const waiting = (await doorLess.request('GET', '/transactions')).body as { id: string }[];
  expect(waiting.map((transaction) => transaction.id)).toEqual([id]);
  const state = await less.snapshot();
  expect(state.mempool.count).toBe(1);
  expect(state.chain.sideTips).toMatchObject([{ hash: stale[1]?.hash, forkHeight: 0, branch: 'side' }]);

  // The next block carries it, whoever finds it.
  await doorLess.mine('together');
  const after = await expectSameChain([more, less], 4);
  expect(JSON.stringify(after.at(-1))).toContain(id);
  expect((await doorLess.request('GET', '/transactions')).body).toEqual([]);

  // The keyboard stays on a block of the table that joins the chain.
  await less.page.getByRole('button', { name: 'Cut the link to More' }).click();
  await expect(more.peers).toContainText('cut by Less');
  await doorMore.mine('rival');
  await doorLess.mine('ours');
  await less.page.getByRole('button', { name: 'Mend the link to More' }).click();
  const rival = (await doorMore.tip())?.hash ?? '';
  await expect.poll(async () => (await less.snapshot()).chain.sideTips.map(({ hash }) => hash)).toContain(rival);
  await less.tableButton.click();
  const row = less.page.locator(`tr[data-hash="${rival}"]`);
  await expect(row).toContainText('stale');
  await row.focus();
  await doorMore.mine('one more');
  await expectSameChain([more, less], 6);
  await expect(row).not.toContainText('stale');
  await expect(row).toBeFocused();
  await less.page.keyboard.press('ArrowUp');
  await expect(less.page.locator('tr:focus .cell-height')).toHaveText('6');
});

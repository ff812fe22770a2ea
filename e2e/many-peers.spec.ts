import type { Locator } from 'playwright/test';
import { RawPeer } from '../test/helpers/raw-peer.ts';
import type { App } from './harness/app.ts';
import { expect, test } from './harness/test.ts';

const rows = (app: App): Promise<number> => app.snapshot().then(({ peers }) => peers.length);

/** Peers played by the test, as many as asked for, each with a name. */
async function join(app: App, names: readonly string[], peers: RawPeer[]): Promise<void> {
  const port = await app.p2pPort();
  for (const name of names) peers.push(await RawPeer.connect(port, { name }));
}

const named = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => `Peer ${String(from + index).padStart(3, '0')}`);

/** Whether the row is in sight inside its list. */
async function inSight(app: App, row: Locator): Promise<boolean> {
  const [own, list] = await Promise.all([row.boundingBox(), app.page.getByRole('list', { name: 'Peers' }).boundingBox()]);
  return own !== null && list !== null && own.y >= list.y - 1 && own.y + own.height <= list.y + list.height + 1;
}

test('30 peers: each has a row, and the last one is reached by keyboard', async ({ apps }) => {
  const app = await apps.launch();
  const peers: RawPeer[] = [];
  try {
    await join(app, named(0, 30), peers);
    await expect(app.peers).toHaveCount(30);
    await expect(app.peers).toContainText(named(0, 30));
    await app.page.getByRole('button', { name: 'Cut the link to Peer 000' }).focus();
    await app.page.keyboard.press('End');
    await expect(app.page.getByRole('button', { name: 'Cut the link to Peer 029' })).toBeFocused();
    await expect.poll(() => inSight(app, app.peers.last())).toBe(true);
    await app.page.keyboard.press('Tab');
    await expect(app.page.getByRole('button', { name: 'Remove peer Peer 029' })).toBeFocused();
  } finally {
    for (const peer of peers) peer.close();
  }
});

test('200 peers: only those in sight exist, each says which of how many it is, and the keyboard reaches all of them', async ({ apps }) => {
  test.setTimeout(120_000);
  // Real rows of a real node: 48 kept ones that do not answer, 120 links that were cut, 32 connections.
  const nobody = Array.from({ length: 48 }, (_, index) => `127.0.0.2:${String(1 + index)}`).join(',');
  const app = await apps.launch({ env: { PEERS: nobody } });
  const door = await app.http();
  const peers: RawPeer[] = [];
  try {
    for (let from = 0; from < 120; from += 30) {
      await join(app, named(from, 30), peers);
      await expect.poll(async () => (await app.snapshot()).peers.filter(({ state }) => state === 'connected').length).toBe(30);
      for (const { key } of (await app.snapshot()).peers.filter(({ state }) => state === 'connected')) await door.request('POST', `/peers/${key}/cut`);
    }
    await join(app, named(120, 32), peers);
    await expect.poll(() => rows(app)).toBe(200);
    await expect(app.page.locator('.panel-count').filter({ hasText: '200' })).toBeVisible();

    const list = app.page.getByRole('list', { name: 'Peers' });
    await expect(list.getByRole('listitem').first()).toHaveAttribute('aria-setsize', '200');
    expect(await list.getByRole('listitem').count()).toBeLessThan(40);
    const position = (position: number): Locator => list.locator(`[aria-posinset="${String(position)}"]`);

    await position(1).getByRole('button').first().focus();
    await app.page.keyboard.press('End');
    await expect(position(200).getByRole('button').first()).toBeFocused();
    await expect.poll(() => inSight(app, position(200))).toBe(true);
    // Connected ones and those whose link was cut come first, then those that are away.
    await expect(position(200)).toContainText('127.0.0.2:9');
    for (const [key, at] of [['ArrowUp', 199], ['Home', 1], ['ArrowDown', 2]] as const) {
      await app.page.keyboard.press(key);
      await expect(position(at).getByRole('button').first()).toBeFocused();
    }
    // One row after the other, far beyond those that existed at first.
    for (let at = 3; at <= 60; at += 1) {
      await app.page.keyboard.press('ArrowDown');
      await expect(position(at).getByRole('button').first()).toBeFocused();
    }
    await expect.poll(() => inSight(app, position(60))).toBe(true);
    // The row with the focus stays, however far one scrolls.
    await list.hover();
    await app.page.mouse.wheel(0, 20_000);
    await expect(position(200)).toBeVisible();
    await expect(position(60).getByRole('button').first()).toBeFocused();
    await app.page.keyboard.press('Tab');
    await expect(position(60).getByRole('button').nth(1)).toBeFocused();
    await app.page.keyboard.press('Enter');
    await expect(app.page.locator('.panel-count').filter({ hasText: '199' })).toBeVisible();
    await expect(position(60).getByRole('button').nth(1)).toBeFocused();
  } finally {
    for (const peer of peers) peer.close();
  }
});

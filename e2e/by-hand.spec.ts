import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { appearedAt, watchAppearances } from './harness/appearances.ts';
import type { App } from './harness/app.ts';
import { expectConnected, expectSameChain } from './harness/chain.ts';
import { freePorts } from './harness/ports.ts';
import { expect, test } from './harness/test.ts';

/** Mines what is typed in `app`'s window and returns the block's hash and the moment at which its node stored it. */
async function mineByHand(app: App, text: string, height: number): Promise<{ hash: string; foundAt: number }> {
  await app.data.fill(text);
  await app.mineButton.click();
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(height);
  const block = (await app.snapshot()).blocks.find((candidate) => candidate.height === height && candidate.branch === 'active');
  if (block === undefined) throw new Error(`no block at ${String(height)}`);
  return { hash: block.hash, foundAt: block.receivedAt };
}

test('UI-16 a peer by the form, a block by the button, seen in both windows within a second', async ({ apps }) => {
  const ana = await apps.launch({ env: { NODE_NAME: 'Ana' } });
  const bo = await apps.launch({ env: { NODE_NAME: 'Bo' } });
  await expect(ana.headline).toContainText('alone');

  await ana.addPeer(await bo.address());
  await expect(ana.peers).toHaveCount(1);
  await expect(ana.peers).toContainText('Bo');
  await expect(bo.peers).toContainText('Ana');
  await expectConnected(ana, 1);
  await expect(ana.headline).toContainText('You and Bo agree on the first block');
  await expect(ana.peerAddress).toHaveValue('');

  await watchAppearances(ana.page);
  await watchAppearances(bo.page);
  const one = await mineByHand(ana, 'Hello from the strip', 1);
  for (const app of [ana, bo]) {
    const shownAt = await appearedAt(app.page, 'tile', one.hash);
    expect(shownAt - one.foundAt, 'ms from found to tile').toBeLessThanOrEqual(1000);
    await expect(app.tile(one.hash)).toBeVisible();
    await expect(app.headline).toContainText('agree on block 1');
  }
  // What was typed stays for the next block.
  await expect(ana.data).toHaveValue('Hello from the strip');

  for (const app of [ana, bo]) {
    await app.tableButton.click();
    await expect(app.table.getByRole('columnheader')).toHaveText(['Height', 'Hash', 'Previous', 'Time', 'Data', 'Miner', 'Nonce']);
    await expect(app.row(one.hash)).toBeVisible();
  }
  const two = await mineByHand(bo, 'Hello from the table', 2);
  for (const app of [ana, bo]) {
    const shownAt = await appearedAt(app.page, 'row', two.hash);
    expect(shownAt - two.foundAt, 'ms from found to row').toBeLessThanOrEqual(1000);
    await expect(app.row(two.hash)).toContainText('Hello from the table');
    await expect(app.row(two.hash)).toContainText('Bo');
  }
  const chain = await expectSameChain([ana, bo], 2);
  expect(chain.map((block) => block.data).slice(1)).toEqual(['Hello from the strip', 'Hello from the table']);
});

test('UI-24 each of the six address errors stands by the field and says what is wrong', async ({ apps }) => {
  const ana = await apps.launch();
  const bo = await apps.launch();
  const stranger = await apps.launch({ env: { NETWORK: 'main' } });
  const [nobody] = await freePorts(1);

  await ana.addPeer(await bo.address());
  await expectConnected(ana, 1);

  const wrong: [string, RegExp][] = [
    ['localhost:65536', /Port must be 1-65535/],
    ['localhost:0', /Port must be 1-65535/],
    [`localhost:${String(await ana.p2pPort())}`, /That is this node/],
    [await bo.address(), /Already connected/],
    [`localhost:${String(nobody)}`, new RegExp(`Nothing answers on ${String(nobody)}`)],
    [await stranger.address(), /Different genesis/],
    ['what is this', /Not an address/],
    ['', /Not an address/],
  ];
  for (const [address, message] of wrong) {
    await ana.addPeer(address);
    await expect(ana.peerAddress, address).toHaveAccessibleDescription(message);
    await expect(ana.peerAddress).toHaveAttribute('aria-invalid', 'true');
    await expect(ana.peerAddress).toHaveValue(address);
    await expect(ana.page.getByText(message)).toBeVisible();
  }
  // In a low window the field stands at the foot of the page: the error below it is scrolled into sight, by itself.
  await ana.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(900, 600));
  await expect.poll(() => ana.page.evaluate('innerWidth')).toBe(900);
  await ana.addPeer('999.1.1.1');
  await expect(ana.peerAddress).toHaveAttribute('aria-invalid', 'true');
  await expect(ana.page.locator('.add-peer .field-error')).toBeInViewport({ ratio: 1 });
  await ana.peerAddress.fill('l');
  await expect(ana.peerAddress).not.toHaveAttribute('aria-invalid', 'true');
  // Nothing of all that was kept, and the peer that was there still is.
  await expect(ana.peers).toHaveCount(1);
  await expectConnected(ana, 1);

  // "Already connected" is true for as long as the link.
  await ana.addPeer(await bo.address());
  await expect(ana.peerAddress).toHaveAccessibleDescription(/Already connected/);
  await bo.close();
  await expect(ana.peerAddress).not.toHaveAttribute('aria-invalid', 'true');
});

test('an address that leaves this computer is asked about first, and nothing is dialled before the yes', async ({ apps }) => {
  // One of this computer in its network; without a network the one that stands for all of them, which the form does not take for this computer's either.
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []).find(({ internal, family }) => !internal && family === 'IPv4');
  test.skip(own === undefined && process.platform === 'win32', 'without a network Windows has no such address');
  const host = own?.address ?? '0.0.0.0';
  let dialled = 0;
  const server = createServer((socket) => {
    dialled += 1;
    socket.on('error', () => undefined).destroy();
  }).listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const address = `${host}:${String(port)}`;
  try {
    const app = await apps.launch();
    const question = app.page.getByRole('alertdialog', { name: 'Connect outside this computer?' });
    const nothingHappened = async (): Promise<void> => {
      // What the form had sent would have reached the node before this.
      expect((await app.snapshot()).peers).toEqual([]);
      expect(dialled).toBe(0);
    };
    await app.addPeer(address);
    await expect(question).toContainText(`${host} is not on this computer`);
    await nothingHappened();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await expect(question).toHaveCount(0);
    await expect(app.peerAddress).toHaveValue(address);
    await nothingHappened();

    await app.addPeer(address);
    await expect(question).toBeVisible();
    await nothingHappened();
    await question.getByRole('button', { name: 'Connect' }).click();
    await expect(question).toHaveCount(0);
    await expect.poll(() => dialled).toBeGreaterThan(0);
    await expect(app.peerAddress).toHaveAttribute('aria-invalid', 'true');

    // Nobody is asked about this computer.
    const before = dialled;
    await app.addPeer(`127.0.0.1:${String(port)}`);
    await expect.poll(() => dialled).toBeGreaterThan(before);
    await expect(question).toHaveCount(0);
  } finally {
    server.close();
  }
});

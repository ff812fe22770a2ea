import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expectConnected, expectSameChain } from './harness/chain.ts';
import { freePorts } from './harness/ports.ts';
import { mineMany, SLOW_MINING } from './harness/mining.ts';
import { expect, test } from './harness/test.ts';

const DARK = "matchMedia('(prefers-color-scheme: dark)').matches";

test('a restart keeps the chain, the peers, the theme and the window', async ({ apps }) => {
  const [portBo] = (await freePorts(1)) as [number];
  const bo = await apps.launch({ env: { NODE_NAME: 'Bo', P2P_PORT: String(portBo) } });
  let ana = await apps.launch();
  const name = await ana.name();
  await ana.addPeer(`localhost:${String(portBo)}`);
  await expectConnected(ana, 1);
  await (await ana.http()).mine('before');
  await expectSameChain([ana, bo], 1);
  await (await bo.http()).mine({ kept: true });
  const chain = await expectSameChain([ana, bo], 2);

  const wasDark = await ana.page.evaluate<boolean>(DARK);
  await ana.page.getByRole('button', { name: wasDark ? 'Switch to the light theme' : 'Switch to the dark theme' }).click();
  await expect.poll(() => ana.page.evaluate(DARK)).toBe(!wasDark);
  const resized = await ana.electron.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows()[0];
    window?.setBounds({ x: 30, y: 40, width: 1000, height: 700 });
    return window?.getNormalBounds();
  });

  const began = Date.now();
  expect(await ana.close()).toBe(0);
  expect(Date.now() - began, 'ms to quit').toBeLessThan(5000);
  await expectConnected(bo, 0);

  ana = await apps.restart(ana);
  expect(await ana.name()).toBe(name);
  await expectSameChain([ana, bo], 2);
  expect(await (await ana.http()).blocks()).toEqual(chain);
  await expect(ana.tile(chain[2]?.hash ?? '')).toBeVisible();
  await expectConnected(ana, 1);
  await expect(ana.peers).toContainText('Bo');
  expect(await ana.page.evaluate(DARK)).toBe(!wasDark);
  const bounds = await ana.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds());
  expect(bounds).toEqual(resized);

  // A peer that was removed stays removed.
  await ana.page.getByRole('button', { name: 'Remove peer Bo' }).click();
  await expect(ana.peers).toHaveCount(0);
  await ana.close();
  ana = await apps.restart(ana);
  await expect(ana.headline).toContainText('alone on block 2');
  await expect(ana.peers).toHaveCount(0);
});

test('ELE-13 ending it by signal while it mines leaves a chain that opens again', async ({ apps }) => {
  let app = await apps.launch({ env: SLOW_MINING });
  await mineMany(app.page, 8);
  await expect(app.stopButton).toBeVisible();
  // A page that would rather stay has no say in it.
  await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript("addEventListener('beforeunload', (event) => event.preventDefault())", true),
  );
  expect(await app.sigterm()).toBe(0);
  app = await apps.restart(app);
  expect((await app.snapshot()).mining.status).toBe('idle');
  expect((await app.snapshot()).notices.filter((notice) => notice.level !== 'info')).toEqual([]);
});

test('a lock that a crash left under another name of the computer is no obstacle', async ({ apps }) => {
  const dataDir = apps.dir();
  await mkdir(join(dataDir, 'window'), { recursive: true });
  await symlink('an-old-name-4711', join(dataDir, 'window', 'SingletonLock'));
  const app = await apps.launch({ dataDir });
  expect((await app.snapshot()).node.dataDir).toBe(dataDir);
});

test('ELE-11 when the page dies the node goes on, and a reload brings the window back', async ({ apps }) => {
  const app = await apps.launch({ preload: [join(import.meta.dirname, 'harness', 'answer-first.cjs')] });
  const door = await app.http();
  await door.mine('before');
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer());
  const blocks = await door.mine('while the page is gone');
  expect(blocks).toHaveLength(3);
  await expect.poll(() => app.electron.evaluate(() => (globalThis as unknown as { answered: unknown[] }).answered.length)).toBe(1);
  const heading = (): Promise<unknown> =>
    app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript('document.querySelector("[role=status]")?.textContent ?? ""'),
    );
  await expect.poll(heading).toContain('block 2');

  // An error on the way out is not hidden by the way out.
  await app.electron.evaluate(({ app: electron }) => {
    electron.once('before-quit', () => {
      setImmediate(() => {
        throw new Error('while closing');
      });
    });
  });
  expect(await app.sigterm()).toBe(1);
  expect(app.complaints).toContain('while closing');
});

import { once } from 'node:events';
import { openNode } from '../src/node/index.ts';
import { nullLogger } from '../src/node/util/logger.ts';
import { Link } from '../test/helpers/link.ts';
import { longChain, writeChain } from '../test/helpers/chain-folder.ts';
import { freePorts } from './harness/ports.ts';
import { mineMany, SLOW_MINING } from './harness/mining.ts';
import { expect, test } from './harness/test.ts';

/** Each way, between the two nodes of SYNC-05: about ten seconds for 10,000 blocks. */
const WIRE_MS = 250;

test('ELE-03 addresses that come from others are text: nothing to click, nothing is ever opened outside', async ({ apps }) => {
  const hostile = await apps.launch({ env: { NODE_NAME: 'https://evil.example' } });
  const app = await apps.launch();
  await app.electron.evaluate(({ shell }) => {
    const opened: string[] = [];
    (globalThis as unknown as { opened: string[] }).opened = opened;
    shell.openExternal = (url) => {
      opened.push(url);
      return Promise.resolve();
    };
  });
  await app.addPeer(await hostile.address());
  await (await hostile.http()).mine('https://evil.example/look [click](javascript:alert(1)) file:///etc/passwd');
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(1);
  await expect(app.peers).toContainText('https://evil.example');
  await app.tableButton.click();
  const cell = app.table.getByText('https://evil.example/look').first();
  await expect(cell).toBeVisible();
  await cell.click();
  await app.peers.getByText('https://evil.example').first().click();
  expect(await app.page.evaluate("[...document.querySelectorAll('a[href], area[href], form[action], [formaction]')].map((element) => element.outerHTML)")).toEqual([]);
  expect(await app.electron.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)).toEqual([]);
  expect(app.page.url()).toBe('app://chainscope/index.html');
});

test('ELE-13 closing the last window while it mines: all is stored and the process ends within 5 s', async ({ apps }) => {
  let app = await apps.launch({ env: { ...SLOW_MINING } });
  await mineMany(app.page, 8);
  await expect(app.stopButton).toBeVisible();
  const { tip } = (await app.snapshot()).chain;
  const child = app.electron.process();
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const began = performance.now();
  await app.electron.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows()) window.close();
  });
  const [code] = await exit;
  console.log(`    the process ended ${((performance.now() - began) / 1000).toFixed(1)} s after its window was closed`);
  // It ends by itself: when closing takes too long, it is ended with another code.
  expect(code).toBe(0);
  app = await apps.restart(app);
  const again = (await app.snapshot()).chain;
  expect(again.tip.height).toBeGreaterThanOrEqual(tip.height);
  expect((await app.snapshot()).notices.filter(({ level }) => level !== 'info')).toEqual([]);
});

test('CLK-01 a clock that is moved while the node runs: the status bar says so until it is back', async ({ apps }) => {
  const app = await apps.launch();
  const move = (ms: number): Promise<void> =>
    app.electron.evaluate((_electron, by) => {
      const world = globalThis as unknown as { realNow?: () => number };
      world.realNow ??= Date.now.bind(Date);
      const real = world.realNow;
      Date.now = () => real() + by;
    }, ms);
  const clock = app.page.getByText(/^Clock looks wrong/);
  await expect(clock).toHaveCount(0);
  await move(-86_400_000);
  await expect(clock).toHaveText('Clock looks wrong: 1 day back');
  await (await app.http()).mine('mines all the same');
  await move(0);
  await expect(clock).toHaveCount(0);
});

test('CLK-02 the system says that it woke up: peers that were waited for are tried at once', async ({ apps }) => {
  const [port] = (await freePorts(1)) as [number];
  const app = await apps.launch({ env: { PEERS: `ws://127.0.0.1:${String(port)}` } });
  const attempts = async (): Promise<number> => (await app.snapshot()).peers[0]?.attempts ?? 0;
  await expect.poll(attempts, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
  await app.electron.evaluate(({ powerMonitor }) => void powerMonitor.emit('resume'));
  // The count begins anew, and with it the short waits.
  await expect.poll(attempts, { intervals: [50] }).toBeLessThan(3);
});

test('SYNC-05 10,000 blocks from a peer: the window says how far it is, and can be used meanwhile', async ({ apps }) => {
  test.setTimeout(240_000);
  const blocks = longChain(10_000);
  const dataDir = apps.dir();
  await writeChain(dataDir, blocks);
  const port = { value: 0, explicit: true };
  const full = await openNode(
    { dataDir, dataDirExplicit: true, network: 'regtest', httpPort: port, p2pPort: port, p2pHost: '127.0.0.1', peers: [], nodeName: 'Full' },
    { logger: nullLogger, workers: 1, workerScript: '/unused/worker.js' },
  );
  // A wire that takes its time: from the same computer, 10,000 blocks are there before anybody could look.
  const link = await Link.to(full.info.p2p?.port ?? 0);
  link.slow({ delayMs: WIRE_MS });
  try {
    const app = await apps.launch();
    await app.addPeer(link.address);
    const progress = app.page.getByText(/^Syncing [\d,]+ of 10,000/);
    await expect(progress).toBeVisible({ timeout: 30_000 });
    const height = async (): Promise<number> => Number(/^Syncing ([\d,]+)/.exec((await progress.textContent({ timeout: 5_000 }).catch(() => '')) ?? '')?.[1]?.replaceAll(',', '') ?? 10_000);
    const first = await height();
    // Frames of two seconds, measured while blocks come; how many there are says as much about the machine as about the window.
    const frames = await app.page.evaluate<number>(
      'new Promise((resolve) => { let frames = 0; const end = performance.now() + 2000; const next = () => { frames += 1; performance.now() < end ? requestAnimationFrame(next) : resolve(frames); }; requestAnimationFrame(next); })',
    );
    console.log(`    ${(frames / 2).toFixed(0)} frames a second while it synced`);
    await expect.poll(height).toBeGreaterThan(first);
    // It does what it is told meanwhile.
    await app.tableButton.click();
    await expect(app.table).toBeVisible();
    await expect.poll(async () => (await app.snapshot()).chain.tip.height, { timeout: 180_000 }).toBe(10_000);
    await expect(app.headline).toContainText('10,000');
    await expect(progress).toHaveCount(0);
    expect((await app.snapshot()).chain.tip.hash).toBe(blocks.at(-1)?.hash);
  } finally {
    await link.close();
    await full.close();
  }
});

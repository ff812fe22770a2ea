import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expectConnected, expectSameChain } from './harness/chain.ts';
import { startBare } from './harness/bare.ts';
import { testEnvironment } from './harness/environment.ts';
import { expect, test } from './harness/test.ts';

const ANSWER_FIRST = join(import.meta.dirname, 'harness', 'answer-first.cjs');

interface Question {
  message: string;
  detail: string;
  buttons: string[];
}

test('two apps on one data directory: the second offers a node beside it', async ({ apps }) => {
  const first = await apps.launch();
  await (await first.http()).mine('of the first');
  const one = await first.snapshot();

  // The same ports are asked for, too: beside the first they have to move.
  const second = await apps.launch({
    dataDir: first.options.dataDir,
    env: { HTTP_PORT: String(one.node.http?.port), P2P_PORT: String(one.node.p2p?.port) },
    preload: [ANSWER_FIRST],
  });
  const asked = await second.electron.evaluate(() => (globalThis as unknown as { answered: Question[] }).answered);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.message).toBe('This data directory is in use');
  expect(asked[0]?.detail).toContain(first.options.dataDir);
  expect(asked[0]?.buttons).toEqual(['Open a second node beside it', 'Quit']);

  const two = await second.snapshot();
  expect(two.node.dataDir).toBe(`${first.options.dataDir}-2`);
  expect(two.node.nodeId).not.toBe(one.node.nodeId);
  expect(two.node.http?.port).not.toBe(one.node.http?.port);
  expect(two.node.p2p?.port).not.toBe(one.node.p2p?.port);
  expect(two.chain.tip.height).toBe(0);

  await second.addPeer(await first.address());
  await expectSameChain([first, second], 1);
  // The first never noticed.
  expect((await first.snapshot()).notices).toEqual([]);

  // The directory of the second is kept: it is taken again next time.
  await second.close();
  const third = await apps.restart(second, { env: {} });
  expect((await third.snapshot()).node).toMatchObject({ dataDir: `${first.options.dataDir}-2`, nodeId: two.node.nodeId });
  expect((await third.snapshot()).chain.tip.height).toBe(1);
});

test('without anybody to ask, a directory in use is a clear error', async ({ apps }) => {
  const first = await apps.launch();
  const temporary = apps.dir();
  await mkdir(temporary);
  const second = await startBare({ dataDir: first.options.dataDir, env: { CHAINSCOPE_NO_DIALOG: '1', TMPDIR: temporary } });
  expect(second.code).toBe(1);
  // Where Chromium lived while the question was open is gone with it.
  expect(await readdir(temporary)).toEqual([]);
  expect(second.stderr).toContain(first.options.dataDir);
  expect(second.stderr).toContain('in use');
  expect(second.stderr).toContain('DATA_DIR');
  expect(existsSync(`${first.options.dataDir}-2`)).toBe(false);
  expect((await (await first.http()).blocks()).length).toBe(1);
});

test('a node that another one starts takes the next directory, also past one that a node without a window holds', async ({ apps }) => {
  const dataDir = apps.dir();
  const windowless = spawn(process.execPath, [join(import.meta.dirname, '..', 'out', 'main', 'cli.js'), '--data-dir', `${dataDir}-2`], {
    env: testEnvironment({ NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(windowless.stdout, 'data');
    const spawned = await apps.launch({ dataDir, env: { CHAINSCOPE_BESIDE: '1', CHAINSCOPE_NO_DIALOG: '1' } });
    expect((await spawned.snapshot()).node.dataDir).toBe(`${dataDir}-3`);
  } finally {
    const exit = once(windowless, 'exit');
    windowless.kill();
    await exit;
  }
});

test('two starts without settings and with nobody to ask are two nodes side by side', async ({ apps }) => {
  const home = apps.dir();
  await mkdir(home);
  // The usual directory of this user, elsewhere: the variable differs by system, and an empty DATA_DIR is none.
  const env = { DATA_DIR: '', XDG_DATA_HOME: home, APPDATA: home, CHAINSCOPE_NO_DIALOG: '1', ...(process.platform === 'darwin' ? { HOME: home } : {}) };
  const first = await apps.launch({ env });
  const second = await apps.launch({ env });
  const dirs = [(await first.snapshot()).node.dataDir, (await second.snapshot()).node.dataDir];
  expect(dirs[0]?.startsWith(home)).toBe(true);
  expect(dirs[1]).toBe(`${String(dirs[0])}-2`);
  await second.addPeer(await first.address());
  await (await first.http()).mine('the same block in both');
  await expectSameChain([first, second], 1);
});

test('spawning a peer starts a second node that is connected already', async ({ apps }) => {
  const app = await apps.launch();
  await (await app.http()).mine('for the peer');
  const spawned = await app.page.evaluate(() =>
    (globalThis as unknown as { chainscope: { spawnPeer(): Promise<{ ok: boolean; value: { pid: number } }> } }).chainscope.spawnPeer(),
  );
  expect(spawned.ok).toBe(true);
  const { pid } = spawned.value;
  try {
    await expectConnected(app, 1);
    await expect(app.peers).toHaveCount(1);
    await expect
      .poll(async () => (await app.snapshot()).peers.map((peer) => [peer.height, peer.verdict]))
      .toEqual([[1, 'same-tip']]);
    expect(existsSync(`${app.options.dataDir}-2`)).toBe(true);
  } finally {
    process.kill(pid, 'SIGTERM');
  }
  await expectConnected(app, 0);
});

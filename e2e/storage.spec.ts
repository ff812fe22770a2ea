import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBare } from './harness/bare.ts';
import { expectSameChain } from './harness/chain.ts';
import { expect, test } from './harness/test.ts';

const ANSWER_FIRST = join(import.meta.dirname, 'harness', 'answer-first.cjs');

interface Question {
  message?: string;
  title?: string;
  detail?: string;
  buttons?: string[];
}

const asked = (electron: { evaluate: (task: () => Question[]) => Promise<Question[]> }): Promise<Question[]> =>
  electron.evaluate(() => (globalThis as unknown as { answered: Question[] }).answered);

for (const name of ['CURRENT', 'MANIFEST']) {
  test(`STO-04 a lost ${name} is repaired, a dialog says so, and the old database is kept`, async ({ apps }) => {
    let app = await apps.launch();
    const door = await app.http();
    for (const text of ['one', 'two', 'three']) await door.mine(text);
    const chain = await door.blocks();
    await app.close();
    const { dataDir } = app.options;
    for (const file of await readdir(join(dataDir, 'chain'))) if (file.startsWith(name)) await unlink(join(dataDir, 'chain', file));
    app = await apps.restart(app, { preload: [ANSWER_FIRST] });
    expect(await (await app.http()).blocks()).toEqual(chain);
    await expect.poll(() => asked(app.electron)).toEqual([
      expect.objectContaining({ message: 'The chain on this computer was damaged and has been repaired', detail: expect.stringContaining('kept as chain-damaged-1 in the data directory') }),
    ]);
    expect(await readdir(dataDir)).toContain('chain-damaged-1');
    expect((await app.snapshot()).notices.map(({ code }) => code)).toContain('store-repaired');
  });
}

/** A directory to which nobody can write, root included where it may mount one. */
async function readOnly(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  if (process.getuid?.() === 0) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', directory], { stdio: 'ignore' });
    return async () => void execFileSync('umount', [directory], { stdio: 'ignore' });
  }
  await chmod(directory, 0o555);
  return () => chmod(directory, 0o755);
}

test('STO-06 a directory that may not be written to is a clear choice, never a chain in memory', async ({ apps }) => {
  test.skip(process.platform === 'win32', 'a folder has no such permission there');
  const dataDir = join(apps.dir(), 'locked');
  const other = apps.dir();
  await mkdir(other);
  let release: () => Promise<void>;
  try {
    release = await readOnly(dataDir);
  } catch {
    test.skip(true, 'this root may not mount');
    return;
  }
  try {
    const app = await apps.launch({ dataDir, env: { CHAINSCOPE_TEST_FOLDER: other }, preload: [ANSWER_FIRST] });
    const questions = await asked(app.electron);
    expect(questions[0]).toMatchObject({ message: 'The data directory cannot be used', detail: expect.stringContaining(dataDir), buttons: ['Choose another folder', 'Quit'] });
    expect(questions[1]).toMatchObject({ title: 'Choose a folder for the chain' });
    // The node runs where the person said, and on disk.
    expect((await app.snapshot()).node.dataDir).toBe(other);
    await (await app.http()).mine('kept');
    await app.close();
    const again = await apps.launch({ dataDir: other });
    expect((await again.snapshot()).chain.tip.height).toBe(1);
    // Where nobody can answer it is an error.
    const bare = await startBare({ dataDir, env: { CHAINSCOPE_NO_DIALOG: '1' } });
    expect(bare.code).toBe(1);
    expect(bare.stderr).toContain(`The data directory ${dataDir} cannot be used`);
  } finally {
    await release();
  }
});

test('STO-07 a file in the place of the directory is a dialog, and stays as it is', async ({ apps }) => {
  const root = apps.dir();
  await mkdir(root);
  const file = join(root, 'file');
  await writeFile(file, 'mine');
  const other = join(root, 'full');
  await mkdir(other);
  await writeFile(join(other, 'letter.txt'), 'not to be mixed with a chain');
  const app = await apps.launch({ dataDir: file, env: { CHAINSCOPE_TEST_FOLDER: other }, preload: [ANSWER_FIRST] });
  expect((await asked(app.electron))[0]).toMatchObject({ message: 'The data directory cannot be used', detail: expect.stringContaining('a file is in its way') });
  expect((await app.snapshot()).node.dataDir).toBe(join(other, 'Chainscope'));
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test('STO-09 the directory of a newer Chainscope is a dialog, and stays as it is', async ({ apps }) => {
  const first = await apps.launch();
  await (await first.http()).mine('of the newer one');
  await first.close();
  const { dataDir } = first.options;
  await writeFile(join(dataDir, 'schema'), '9\n');
  const before = (await readdir(join(dataDir, 'chain'))).sort();
  const other = apps.dir();
  const app = await apps.launch({ dataDir, env: { CHAINSCOPE_TEST_FOLDER: other }, preload: [ANSWER_FIRST] });
  expect((await asked(app.electron))[0]).toMatchObject({ message: 'The data directory cannot be used', detail: expect.stringContaining('written by a newer Chainscope (schema 9') });
  expect((await app.snapshot()).node.dataDir).toBe(other);
  expect((await readdir(join(dataDir, 'chain'))).sort()).toEqual(before);
  expect(await readFile(join(dataDir, 'schema'), 'utf8')).toBe('9\n');
});

test('STO-10 a directory removed under the running node is told, nothing is acknowledged, and it goes on when it is back', async ({ apps }) => {
  test.skip(process.platform !== 'linux', 'other systems keep the files of a running program');
  const app = await apps.launch();
  const door = await app.http();
  await door.mine('before');
  const chainDir = join(app.options.dataDir, 'chain');
  execFileSync('mv', [chainDir, `${chainDir}.away`]);
  const mining = door.mine('while it is away').catch((error: unknown) => error);
  await expect(app.page.getByText(/The data directory .* cannot be used/).first()).toBeVisible();
  expect((await app.snapshot()).chain.tip.height).toBe(1);
  await rm(chainDir, { recursive: true, force: true });
  execFileSync('mv', [`${chainDir}.away`, chainDir]);
  await mining;
  await expect.poll(async () => (await app.snapshot()).chain.tip.height).toBe(2);
  await app.sigkill();
  const again = await apps.restart(app);
  expect((await again.snapshot()).chain.tip.height).toBe(2);
});

test('STO-11 two windows have their own directories; closing one leaves the other', async ({ apps }) => {
  const first = await apps.launch();
  const second = await apps.launch();
  expect((await first.snapshot()).node.dataDir).not.toBe((await second.snapshot()).node.dataDir);
  await second.addPeer(await first.address());
  await (await first.http()).mine('for both');
  await expectSameChain([first, second], 1);
  expect(await first.close()).toBe(0);
  await (await second.http()).mine('alone');
  expect((await second.snapshot()).chain.tip.height).toBe(2);
  const again = await apps.restart(first);
  expect((await again.snapshot()).chain.tip.height).toBeGreaterThanOrEqual(1);
});

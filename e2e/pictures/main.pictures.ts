import { join } from 'node:path';
import { expectConnected } from '../harness/chain.ts';
import { expect, test } from '../harness/test.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/** What a class room's thermometers might have put into the chain. */
const READINGS = ['Good morning', { room: 'A12', celsius: 19.4 }, { room: 'A12', celsius: 19.9 }, 'Window opened', { room: 'A12', celsius: 17.2 }, 'Window closed', { room: 'A12', celsius: 18.8 }];

test('the main window in both themes', async ({ apps }) => {
  const env = { NETWORK: 'main' };
  const aster = await apps.launch({ env: { ...env, MINE_CPU: '15', MINE_KERNEL: 'wasm-simd', NODE_NAME: 'Aster' } });
  const birch = await apps.launch({ env: { ...env, NODE_NAME: 'Birch' } });
  const cedar = await apps.launch({ env: { ...env, NODE_NAME: 'Cedar' } });
  // What is shown is the window at work, not its first minute.
  await aster.page.evaluate(() => (globalThis as unknown as { chainscope: { setPreferences(patch: object): Promise<unknown> } }).chainscope.setPreferences({ hints: 'off' }));
  await aster.page.reload();
  await expect(aster.headline).not.toBeEmpty();
  const [doorA, doorB, doorC] = await Promise.all([aster.http(), birch.http(), cedar.http()]);

  for (const reading of READINGS.slice(0, 4)) await doorA.mine(reading);
  await birch.addPeer(await aster.address());
  await expect.poll(async () => (await birch.snapshot()).chain.tip.height, { timeout: 60_000 }).toBe(4);
  // Apart for two blocks, so that a stale branch stays in sight.
  await birch.page.getByRole('button', { name: 'Remove peer Aster' }).click();
  await expectConnected(aster, 0);
  await doorB.mine('Thermometer B12 is new');
  for (const reading of READINGS.slice(4)) await doorA.mine(reading);

  await cedar.addPeer(await aster.address());
  await birch.addPeer(await aster.address());
  await expectConnected(aster, 2);
  await expect.poll(async () => (await birch.snapshot()).chain.tip.height, { timeout: 60_000 }).toBe(READINGS.length);
  await doorB.mine({ room: 'B12', celsius: 20.1 });
  const height = READINGS.length + 2;
  await expect.poll(async () => (await cedar.snapshot()).chain.tip.height, { timeout: 60_000 }).toBe(height - 1);
  await doorC.mine('Lunch');
  for (const app of [aster, birch, cedar]) await expect.poll(async () => (await app.snapshot()).chain.tip.height, { timeout: 60_000 }).toBe(height);
  await expect(aster.headline).toContainText(`agree on block ${String(height)}`, { timeout: 60_000 });

  // A queue keeps it mining for both pictures.
  await aster.data.fill('Hello from Aster');
  await aster.page.evaluate(async () => {
    const { chainscope } = globalThis as unknown as { chainscope: { mine(request: object): Promise<unknown> } };
    for (let i = 0; i < 4; i += 1) await chainscope.mine({ dataText: '"Hello from Aster"' });
  });
  await expect(aster.stopButton).toBeVisible();
  await expect.poll(async () => (await aster.snapshot()).mining.hashes).toBeGreaterThan(200_000);
  await aster.page.mouse.move(640, 400);
  for (const theme of ['dark', 'light'] as const) {
    await aster.page.evaluate(
      (chosen) => (globalThis as unknown as { chainscope: { setPreferences(patch: object): Promise<unknown> } }).chainscope.setPreferences({ theme: chosen }),
      theme,
    );
    await expect.poll(() => aster.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")).toBe(theme === 'dark');
    await aster.page.screenshot({ path: join(FOLDER, `main-${theme}.png`), animations: 'disabled', caret: 'hide' });
  }
});

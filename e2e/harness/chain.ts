import { expect } from 'playwright/test';
import type { App } from './app.ts';
import type { HttpBlock } from './http.ts';

/** Waits until every app has the same tip at `height`, and returns the chain that they share, as their HTTP APIs give it. */
export async function expectSameChain(apps: readonly App[], height: number): Promise<HttpBlock[]> {
  const doors = await Promise.all(apps.map((app) => app.http()));
  await expect
    .poll(async () => Promise.all(doors.map(async (door) => (await door.tip())?.height)), { message: 'heights of the tips', timeout: 20_000 })
    .toEqual(apps.map(() => height));
  const chains = await Promise.all(doors.map((door) => door.blocks()));
  const first = chains[0] ?? [];
  for (const chain of chains) expect(chain).toEqual(first);
  expect(first).toHaveLength(height + 1);
  for (const [index, block] of first.entries()) {
    expect(block.height).toBe(index);
    if (index > 0) expect(block.lastHash).toBe(first[index - 1]?.hash);
  }
  return first;
}

/** Waits until the app is connected to `count` peers. */
export async function expectConnected(app: App, count: number): Promise<void> {
  await expect
    .poll(async () => (await app.snapshot()).peers.filter((peer) => peer.state === 'connected').length, { timeout: 20_000 })
    .toBe(count);
}

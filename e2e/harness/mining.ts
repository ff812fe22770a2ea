import type { Page } from 'playwright/test';

/**
 * Settings under which a block takes seconds on a fast machine too: the main network's difficulty, a tenth of the processor, and the kernel
 * that every machine has. For tests of what happens while a block is mined.
 */
export const SLOW_MINING = { NETWORK: 'main', MINE_CPU: '10', MINE_KERNEL: 'wasm-simd' };

/** Queues jobs through the bridge: luck may end the first one at once, hardly all of them. */
export async function mineMany(page: Page, jobs: number): Promise<void> {
  await page.evaluate(async (count) => {
    const { chainscope } = globalThis as unknown as { chainscope: { mine(request: object): Promise<unknown> } };
    for (let i = 0; i < count; i += 1) await chainscope.mine({ dataText: String(i) });
  }, jobs);
}

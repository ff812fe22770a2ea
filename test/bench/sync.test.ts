import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BatchingStore } from '../../bench/lib/batching-store.ts';
import { HostedNode } from '../../bench/lib/hosted-nodes.ts';
import { Watch } from '../../bench/lib/meters.ts';
import { mineBlock, type Parent } from '../../bench/lib/mining.ts';
import { atLeastRow } from '../../bench/lib/report.ts';
import { median } from '../../bench/lib/stats.ts';
import { isValidChain, TutorialChain } from '../../bench/lib/tutorial-chain.ts';
import { TutorialNode } from '../../bench/lib/tutorial-node.ts';
import { tutorialSha256 } from '../../bench/mining/tutorial.ts';
import { microsecondsABlock } from '../../bench/sync/passed.ts';
import { Chain } from '../../src/node/chain/chain.ts';
import { REGTEST } from '../../src/node/consensus/params.ts';
import { systemClock } from '../../src/node/util/clock.ts';
import { nullLogger } from '../../src/node/util/logger.ts';

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'chainscope-bench-test-'));
  closers.push(() => rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return dir;
}

/** A chain of so many blocks of two transactions in a data directory, made as bench:generate makes it. */
async function makeChain(dataDir: string, blocks: number): Promise<void> {
  const chain = new Chain({ params: REGTEST, dataDir }, { clock: systemClock, logger: nullLogger, store: new BatchingStore({ dataDir, genesisHash: REGTEST.genesisHash }) });
  await chain.open();
  let parent: Parent = { hash: REGTEST.genesisHash, height: 0, time: REGTEST.genesis.header.time };
  for (let number = 0; number < blocks; number += 1) {
    const made = mineBlock(REGTEST, parent, parent.time + 10, 1, number, 2);
    expect(await chain.addBlock(made.bytes, { kind: 'mined' })).toMatchObject({ status: 'connected' });
    parent = made;
  }
  await chain.close();
}

describe('the figures', () => {
  it('say what a block took in the upper half of the way to a height', () => {
    const passed: [number, number][] = [[100, 100], [200, 600], [300, 1_000]];
    // 500 was passed at 180 ms: 120 ms for 500 blocks.
    expect(microsecondsABlock(passed, 1_000)).toBeCloseTo(240);
    expect(microsecondsABlock(passed, 100)).toBeCloseTo(1_000);
    expect(microsecondsABlock(passed, 1_001)).toBeNaN();
    expect(microsecondsABlock([], 10)).toBeNaN();
  });

  it('of several runs are the middle one, and have to reach what they should reach', () => {
    expect(median([5, 1, 9])).toBe(5);
    expect(median([1, 2, 3, 4])).toBe(2);
    expect(atLeastRow('a', 'b', 39_999, 40_000, 'blocks/s').met).toBe(false);
    expect(atLeastRow('a', 'b', 40_000, 40_000, 'blocks/s')).toMatchObject({ met: true, goal: 'at least 40,000 blocks/s' });
    expect(atLeastRow('a', 'b', Number.NaN, 0, 'x').met).toBe(false);
  });
});

describe('Watch', () => {
  it('sees how long the event loop was held, and the memory that was taken meanwhile', async () => {
    const watch = new Watch();
    await new Promise(setImmediate);
    const kept = new Uint8Array(64 * 2 ** 20).fill(1);
    const end = performance.now() + 80;
    while (performance.now() < end);
    const { longestHoldMs, before, peak, cpuMs } = watch.stop();
    expect(longestHoldMs).toBeGreaterThan(79);
    expect(peak.rss - before.rss).toBeGreaterThan(32 * 2 ** 20);
    expect(cpuMs).toBeGreaterThan(0);
    expect(kept).toHaveLength(64 * 2 ** 20);
  });
});

describe('the tutorial', () => {
  it('makes chains that its own check takes, and takes no other', () => {
    const chain = new TutorialChain();
    chain.grow(5);
    expect(chain.add().hash).toBe(tutorialSha256(`${String(1_767_225_600_000 + 60_000)}${chain.blocks[5]?.hash ?? ''}[{"data":"block 6"},{"data":{"reading":6,"celsius":20}}]61`));
    expect(isValidChain(chain.blocks)).toBe(true);
    for (const change of [{ nonce: 7 }, { hash: 'a'.repeat(64) }, { lastHash: 'a'.repeat(64) }, { data: [] }]) {
      const changed = chain.blocks.map((block, height) => (height === 3 ? { ...block, ...change } : block));
      expect(isValidChain(changed)).toBe(false);
      expect(new TutorialChain().replace(changed)).toBe(false);
    }
    const other = new TutorialChain();
    expect(other.replace(chain.blocks.slice(0, 1))).toBe(false);
    expect(other.replace(chain.blocks)).toBe(true);
    expect(other.blocks).toHaveLength(7);
  });

  it('sends its whole chain for one more block, and the other one takes it', async () => {
    const first = new TutorialNode();
    first.chain.grow(200);
    const second = new TutorialNode();
    closers.push(() => first.close(), () => second.close());
    const heights: number[] = [];
    let told: () => void = () => undefined;
    const reached = (height: number): Promise<void> =>
      new Promise((resolve) => {
        told = () => void (heights.includes(height) && resolve());
        told();
      });
    second.onReplaced = (height) => {
      heights.push(height);
      told();
    };
    await second.dial(`127.0.0.1:${String(await first.listen())}`);
    await reached(200);
    const before = second.sockets[0]?.bytesRead ?? 0;
    first.addBlock();
    await reached(201);
    expect((second.sockets[0]?.bytesRead ?? 0) - before).toBeGreaterThan(JSON.stringify(first.chain.blocks).length);
    expect(second.chain.blocks).toEqual(first.chain.blocks);
  });
});

describe('hosted nodes', () => {
  it('sync a chain of two transactions a block, and count the bodies that were sent', async () => {
    const dataDir = await folder();
    await makeChain(dataDir, 50);
    const peer = await HostedNode.open({ kind: 'node', dataDir, counting: true });
    closers.push(() => peer.close());
    const own = await HostedNode.open({ kind: 'node', counting: true });
    closers.push(() => own.close());
    expect([peer.height, own.height]).toEqual([50, 0]);
    const done = new Promise<void>((resolve) => {
      own.onHeight = (height) => void (height === 50 && resolve());
    });
    await own.dial(peer.addresses.peers);
    await done;
    const [sent] = peer.counts();
    const [received] = own.counts();
    expect([sent?.bodiesSent, received?.bodiesReceived]).toEqual([50, 50]);
    expect(received?.bytesIn).toBeGreaterThan(50 * 250);
  });
});

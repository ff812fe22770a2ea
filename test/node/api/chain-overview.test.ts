import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { API_LIMITS } from '../../../src/node/api/limits.ts';
import { ChainOverviews } from '../../../src/node/api/chain-overview.ts';
import type { RunningNode } from '../../../src/node/index.ts';
import { CHAIN_VIEW_LIMITS, type ChainOverview, type OverviewBucket } from '../../../src/shared/chain-view.ts';
import { addAll, openChain } from '../chain/support.ts';
import { genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { NodeNetwork } from '../../helpers/node.ts';

let network: NodeNetwork;
beforeAll(async () => {
  network = await NodeNetwork.create();
}, 60_000);
afterEach(() => network.reset());
afterAll(() => network.close());

async function give(node: RunningNode, blocks: readonly MinedBlock[]): Promise<void> {
  for (const { bytes } of blocks) await node.node.parts.chain.addBlock(bytes, { kind: 'peer' });
}

/** Blocks on each other, this many seconds apart. */
function spaced(gaps: readonly number[], parent: ReturnType<typeof genesisParent> | MinedBlock = genesisParent()): MinedBlock[] {
  const blocks: MinedBlock[] = [];
  let at = parent as MinedBlock;
  for (const gap of gaps) blocks.push((at = mineBlock(at, { time: at.time + gap })));
  return blocks;
}

/** What an overview says, worked out block by block. `times` from height 0, `forks` the heights where branches start. */
function byHand(times: readonly number[], forks: readonly number[], size: number): OverviewBucket[] {
  const buckets: OverviewBucket[] = [];
  for (let from = 0; from < times.length; from += size) {
    const to = Math.min(from + size, times.length) - 1;
    const gaps: number[] = [];
    for (let height = Math.max(1, from); height <= to; height++) gaps.push((times[height] as number) - (times[height - 1] as number));
    buckets.push({
      from,
      to,
      meanSeconds: gaps.length === 0 ? 0 : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length,
      longestGapSeconds: Math.max(0, ...gaps),
      forks: forks.filter((height) => height >= from && height <= to).length,
    });
  }
  return buckets;
}

describe('the overview of a chain', () => {
  it('tells gaps and forks of each stretch, and follows the chain through new blocks, side branches and a reorg', async () => {
    const node = await network.open();
    const start = genesisParent().time;
    expect(await node.api.overview(10)).toMatchObject({ blocks: 1, forks: 0, buckets: [{ from: 0, to: 0, meanSeconds: 0, longestGapSeconds: 0, forks: 0 }] });

    const chain = spaced([10, 20, 600, 10, 10, 15, 5, 10, 10]);
    await give(node, chain);
    const times = [start, ...chain.map(({ time }) => time)];
    expect(await node.api.overview(4)).toEqual({
      tip: { hash: chain.at(-1)?.hash, height: 9 },
      blocks: 10,
      forks: 0,
      buckets: byHand(times, [], 3),
    } satisfies ChainOverview | object);

    // Two tips on one first block are one branch, another one beside them is a second.
    const side = spaced([7], chain[2]);
    await give(node, [...side, ...spaced([3], side[0]), ...spaced([4], side[0]), ...spaced([9], chain[2]), ...spaced([9], chain[5])]);
    expect(await node.api.overview(4)).toMatchObject({ forks: 3, buckets: byHand(times, [3, 3, 6], 3) });

    const rival = spaced([50, 51, 52, 53, 54, 55, 1_000], chain[2]);
    await give(node, rival);
    const now = [start, ...chain.slice(0, 3).map(({ time }) => time), ...rival.map(({ time }) => time)];
    // The old chain with what hung on it leaves at 3 as well.
    expect(await node.api.overview(11)).toEqual({
      tip: { hash: rival.at(-1)?.hash, height: 10 },
      blocks: 11,
      forks: 3,
      buckets: byHand(now, [3, 3, 3], 1),
    });
  });

  it('of a long chain is the same as one worked out block by block, also after a reorg in the middle of a cell', async () => {
    const { chain } = await openChain();
    const overviews = new ChainOverviews(chain);
    const blocks = mineFork(genesisParent(), 5 * API_LIMITS.overviewCell + 17, (i) => ({ time: genesisParent().time + 10 * i + ((i * 37) % 11) + (i > 200 ? 500 : 0) + 12 }));
    const times = (): number[] => Array.from({ length: chain.tip.height + 1 }, (_, height) => chain.getActive(height)?.time ?? NaN);
    const expectRight = async (): Promise<void> => {
      for (const wanted of [1, 2, 3, 5, 6, 7, 100, CHAIN_VIEW_LIMITS.buckets]) {
        const { buckets, blocks: count } = await overviews.overview(wanted);
        const size = (buckets[0]?.to ?? 0) + 1;
        expect(buckets.length).toBeLessThanOrEqual(wanted);
        expect(count).toBe(chain.tip.height + 1);
        expect(buckets).toEqual(byHand(times(), chain.sideTips().map((tip) => chain.forkOf(tip).height), size));
      }
    };
    await addAll(chain, blocks.slice(0, 100));
    await expectRight();
    await addAll(chain, blocks.slice(100));
    await expectRight();
    const fork = blocks[3 * API_LIMITS.overviewCell + 20] as MinedBlock;
    const rival = mineFork(fork, blocks.length - fork.height + 3, (i) => ({ time: fork.time + 25 * (i + 1) }));
    await addAll(chain, rival);
    expect(chain.tip.hash).toBe(rival.at(-1)?.hash);
    await expectRight();
  });

  it('is remembered as long as the chain stays as it is', async () => {
    const node = await network.open();
    const [first, second] = spaced([10, 10]) as [MinedBlock, MinedBlock];
    await give(node, [first]);
    const before = await node.api.overview(5);
    expect(await node.api.overview(5)).toBe(before);
    await give(node, [second]);
    expect(await node.api.overview(5)).not.toBe(before);
  });

  it('has at most CHAIN_VIEW_LIMITS.buckets', async () => {
    const node = await network.open();
    for (const wanted of [0, -1, 1.5, NaN, CHAIN_VIEW_LIMITS.buckets + 1]) {
      await expect((async () => node.api.overview(wanted))()).rejects.toMatchObject({ code: 'invalid-argument', field: 'buckets' });
    }
    expect((await node.api.overview(CHAIN_VIEW_LIMITS.buckets)).buckets).toHaveLength(1);
  });
});

describe('chainIndex', () => {
  it('gives columns of the active chain and ends at the tip', async () => {
    const node = await network.open();
    const blocks = spaced([10, 20, 30, 40]);
    await give(node, [...blocks, ...spaced([5], blocks[1])]);
    const tip = { hash: blocks[3]?.hash, height: 4 };
    expect(node.api.chainIndex({ from: 1, limit: 3 })).toEqual({
      tip,
      from: 1,
      count: 3,
      hashes: blocks.slice(0, 3).map(({ hash }) => hash).join(''),
      times: blocks.slice(0, 3).map(({ time }) => time),
      bits: [0x207fffff, 0x207fffff, 0x207fffff],
    });
    expect(node.api.chainIndex({ from: 3, limit: 100 })).toMatchObject({ from: 3, count: 2, hashes: `${blocks[2]?.hash ?? ''}${blocks[3]?.hash ?? ''}` });
    expect(node.api.chainIndex({ from: 5, limit: 100 })).toEqual({ tip, from: 5, count: 0, hashes: '', times: [], bits: [] });
  });

  it('has at most CHAIN_VIEW_LIMITS.indexBlocks', async () => {
    const node = await network.open();
    for (const limit of [0, CHAIN_VIEW_LIMITS.indexBlocks + 1]) {
      expect(() => node.api.chainIndex({ from: 0, limit })).toThrow(expect.objectContaining({ code: 'invalid-argument', field: 'limit' }) as Error);
    }
    expect(node.api.chainIndex({ from: 0, limit: CHAIN_VIEW_LIMITS.indexBlocks }).count).toBe(1);
  });
});

describe('forks', () => {
  it('are the side branches that touch the heights asked for', async () => {
    const node = await network.open();
    const blocks = spaced(Array.from({ length: 10 }, () => 10));
    const low = spaced([5, 5, 5], blocks[1]);
    const high = spaced([5], blocks[7]);
    await give(node, [...blocks, ...low, ...high]);
    const at = (from: number, to: number): [number, number][] => node.api.forks({ from, to }).forks.map(({ forkHeight, height }) => [forkHeight, height]);
    expect(at(0, 10)).toEqual([[2, 5], [8, 9]]);
    expect(at(0, 1)).toEqual([]);
    expect(at(0, 2)).toEqual([[2, 5]]);
    expect(at(5, 7)).toEqual([[2, 5]]);
    expect(at(6, 7)).toEqual([]);
    expect(at(9, 20)).toEqual([[8, 9]]);
    expect(node.api.forks({ from: 0, to: 10 })).toMatchObject({ more: false, forks: [{ hash: low.at(-1)?.hash, branch: 'side' }, { hash: high[0]?.hash }] });
  });

  it('are at most CHAIN_VIEW_LIMITS.forks, those that left last, and there is word of more', async () => {
    const { chain } = await openChain();
    const overviews = new ChainOverviews(chain);
    const blocks = spaced([10, 10, 10, 10]);
    await addAll(chain, blocks);
    await addAll(chain, [mineBlock(blocks[0] as MinedBlock)]);
    await addAll(chain, Array.from({ length: CHAIN_VIEW_LIMITS.forks }, () => mineBlock(blocks[1] as MinedBlock)));
    const { forks, more } = overviews.forks(0, 10);
    expect(forks).toHaveLength(CHAIN_VIEW_LIMITS.forks);
    expect(more).toBe(true);
    expect(new Set(forks.map((fork) => fork.forkHeight))).toEqual(new Set([2]));
    expect(overviews.forks(0, 1)).toMatchObject({ more: false, forks: [{ forkHeight: 1 }] });
  });
});

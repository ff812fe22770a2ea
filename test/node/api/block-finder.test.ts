import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BlockFinder } from '../../../src/node/api/block-finder.ts';
import { API_LIMITS } from '../../../src/node/api/limits.ts';
import type { RunningNode } from '../../../src/node/index.ts';
import type { BlockSummary } from '../../../src/shared/blocks.ts';
import { dataTransaction, genesisParent, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { mine, NodeNetwork } from '../../helpers/node.ts';

let network: NodeNetwork;
beforeAll(async () => {
  network = await NodeNetwork.create();
}, 60_000);
afterEach(() => network.reset());
afterAll(() => network.close());

async function give(node: RunningNode, blocks: readonly MinedBlock[]): Promise<void> {
  for (const { bytes } of blocks) await node.node.parts.chain.addBlock(bytes, { kind: 'peer' });
}

const heights = (blocks: readonly BlockSummary[]): number[] => blocks.map(({ height }) => height);

describe('findBlocks by hash', () => {
  it('finds a block of any branch by the first or the last digits of its hash', async () => {
    const node = await network.open();
    const main = mineFork(genesisParent(), 3);
    const side = mineFork(genesisParent(), 2);
    await give(node, main);
    await give(node, side);
    for (const { hash } of [...main, ...side]) {
      for (const part of [hash.slice(0, 12), hash.slice(-8), hash, hash.slice(-8).toUpperCase()]) {
        const { blocks, searched, complete } = await node.api.findBlocks({ hash: part });
        expect(blocks.map((block) => block.hash)).toEqual([hash]);
        expect(searched).toBe(6);
        expect(complete).toBe(true);
      }
    }
    expect((await node.api.findBlocks({ hash: 'ffffffffffff' })).blocks).toEqual([]);
  });

  it('refuses a part that is too short, too long or no hex', async () => {
    const node = await network.open();
    for (const hash of ['abc', 'f'.repeat(65), 'wxyz', '']) await expect(node.api.findBlocks({ hash })).rejects.toMatchObject({ code: 'invalid-argument', field: 'hash' });
  });

  it('gives the latest ones up to the limit, and says that there are more', async () => {
    // A chain whose hashes all end alike, as real ones never do; the finder reads nothing else of it.
    const entries = Array.from({ length: API_LIMITS.findMax * 5 }, (_, height) => ({ hash: `${height.toString(16).padStart(60, '0')}beef`, height, hasBlock: true }));
    const finder = new BlockFinder(
      { search: (test: (hash: string) => boolean) => entries.filter(({ hash }) => test(hash)), getBlock: () => Promise.resolve({}) } as never,
      (entry) => ({ hash: entry.hash, height: entry.height }) as BlockSummary,
    );
    const top = entries.length - 1;
    const few = await finder.find({ hash: 'beef', limit: 3 });
    expect(heights(few.blocks)).toEqual([top, top - 1, top - 2]);
    expect(few.complete).toBe(false);
    expect((await finder.find({ hash: 'beef' })).blocks).toHaveLength(API_LIMITS.findDefault);
    expect((await finder.find({ hash: 'beef', limit: 1_000_000 })).blocks).toHaveLength(API_LIMITS.findMax);
  });

  it('lets the event loop turn while it compares', async () => {
    const entries = Array.from({ length: API_LIMITS.findHashesPerTurn * 3 + 1 }, (_, height) => height);
    const finder = new BlockFinder({ search: () => entries.map(() => undefined) } as never, () => ({}) as BlockSummary);
    let turns = 0;
    const answer = finder.find({ hash: 'ffff' });
    const count = (): void => {
      turns += 1;
      if (turns < 10) setImmediate(count);
    };
    setImmediate(count);
    await answer;
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});

describe('findBlocks by text', () => {
  it('finds data in any case, in text, in JSON and in the transactions, the latest first', async () => {
    const node = await network.open();
    await mine(node, 'Lin pays Grace 2.50');
    await node.api.mine({ dataText: '{"sensor": "greenhouse", "celsius":21.6}' }).done;
    await mine(node, 'nothing', 'GRACE is paid');
    expect(heights((await node.api.findBlocks({ text: 'grace' })).blocks)).toEqual([4, 1]);
    expect(heights((await node.api.findBlocks({ text: '"celsius":21' })).blocks)).toEqual([2]);
    expect(await node.api.findBlocks({ text: 'no such words' })).toMatchObject({ blocks: [], searched: 5, complete: true });
    expect(heights((await node.api.findBlocks({ text: 'grace', limit: 1 })).blocks)).toEqual([4]);
  });

  it('looks at stale blocks and at pending notes that were mined', async () => {
    const node = await network.open();
    const main = mineFork(genesisParent(), 3);
    const side = mineFork(genesisParent(), 2, (index) => (index === 1 ? { txs: [dataTransaction('a note from the stale branch')] } : {}));
    await give(node, main);
    await give(node, side);
    const { blocks, searched } = await node.api.findBlocks({ text: 'stale branch' });
    expect(blocks.map(({ hash, branch }) => [hash, branch])).toEqual([[side[1]?.hash, 'side']]);
    expect(searched).toBe(6);
  });

  it('refuses nothing and too much', async () => {
    const node = await network.open();
    for (const text of ['', 'x'.repeat(API_LIMITS.findText + 1)]) await expect(node.api.findBlocks({ text })).rejects.toMatchObject({ code: 'invalid-argument', field: 'text' });
    expect((await node.api.findBlocks({ text: 'x'.repeat(API_LIMITS.findText) })).blocks).toEqual([]);
  });

  /** A chain of `length` blocks of `size` bytes, all without the words that are looked for; counts the bodies read. */
  function longChain(length: number, size: number): { chain: never; read: () => number } {
    let parent: { height: number; size: number; hasBlock: boolean; hash: string; parent: unknown } | undefined;
    for (let height = 0; height < length; height += 1) parent = { height, size, hasBlock: true, hash: String(height), parent };
    let read = 0;
    const getBlock = (): Promise<unknown> => {
      read += 1;
      return Promise.resolve({ transactions: [{ dataText: '"plain"' }] });
    };
    return { chain: { tip: parent, sideTips: () => [], isActive: () => true, getBlock } as never, read: () => read };
  }

  it('reads no more bodies, and no more bytes, than its limits', async () => {
    const many = longChain(API_LIMITS.findBodies + 100, 200);
    const answer = await new BlockFinder(many.chain, () => ({}) as BlockSummary).find({ text: 'absent' });
    expect(answer).toEqual({ blocks: [], searched: API_LIMITS.findBodies, complete: false });
    expect(many.read()).toBe(API_LIMITS.findBodies);

    const size = Math.floor(API_LIMITS.findBodyBytes / 40);
    const large = longChain(100, size);
    expect(await new BlockFinder(large.chain, () => ({}) as BlockSummary).find({ text: 'absent' })).toMatchObject({ searched: 40, complete: false });
    expect(large.read()).toBe(40);
  });

  it('ends when the next search begins, or when it is stopped', async () => {
    const { chain } = longChain(API_LIMITS.findBodies, 200);
    const finder = new BlockFinder(chain, () => ({}) as BlockSummary);
    const first = finder.find({ text: 'absent' });
    const second = finder.find({ text: 'absent too' });
    expect((await first).searched).toBeLessThan(API_LIMITS.findBodies);
    expect(await second).toMatchObject({ searched: API_LIMITS.findBodies });
    const third = finder.find({ text: 'absent' });
    finder.stop();
    expect(await third).toMatchObject({ searched: API_LIMITS.streamBatch, complete: false });
  });
});

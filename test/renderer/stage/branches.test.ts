import { describe, expect, it } from 'vitest';
import type { SideTip } from '../../../src/shared/events.ts';
import { OldBranches, type BranchSource, type HeldBranches } from '../../../src/renderer/stage/branches.ts';
import { FORK_HEIGHTS, TABLE_SIDE_BLOCKS } from '../../../src/renderer/stage/limits.ts';
import { makeBlock, makeTree, run, type Tree } from './make.ts';

const tree = makeTree('g', [...run('a', 30, 'g'), ...run('d', 5, 'a3')], 'a30');
const tip: SideTip = { hash: tree.hash('d5'), height: 8, forkHeight: 3, chainwork: '9', branch: 'side' };
const nothing: HeldBranches = { tips: [], blocks: new Map(), lowest: 1_000_000, version: 0 };

/** A node with this tree and these side tips; counts what it is asked. */
function node(of: Tree, tips: readonly SideTip[]) {
  const asked: string[] = [];
  const windows: number[] = [];
  const source: BranchSource = {
    forks: ({ from, to }) => {
      windows.push(from / FORK_HEIGHTS);
      return Promise.resolve({ forks: tips.filter((each) => each.height >= from && each.forkHeight <= to), more: false });
    },
    getBlock: (hash) => {
      asked.push(hash);
      return Promise.resolve(of.blocks.get(hash) ?? null);
    },
  };
  return { source, asked, windows };
}
const held = (...names: string[]) => new Map(names.map((name) => [tree.hash(name), tree.blocks.get(tree.hash(name)) ?? expect.fail(name)]));
const names = (old: OldBranches): string[] =>
  [...old.blocks.values()].map(({ dataPreview }) => dataPreview).sort();

describe('OldBranches', () => {
  it('walks a branch of the chain state back to its fork, once', async () => {
    const { source, asked } = node(tree, []);
    const old = new OldBranches(source, () => undefined);
    await old.look({ ...nothing, tips: [tip] });
    expect(names(old)).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
    const before = asked.length;
    await old.look({ ...nothing, tips: [tip] });
    expect(asked.length).toBe(before);
  });

  it('asks only for what the window does not hold, and again for what it lets go of', async () => {
    const { source, asked } = node(tree, []);
    const old = new OldBranches(source, () => undefined);
    await old.look({ ...nothing, tips: [tip], blocks: held('d4', 'd5') });
    expect(asked).toEqual(['d3', 'd2', 'd1', 'a3'].map(tree.hash).slice(0, asked.length));
    expect(old.blocks.size).toBe(3);
    await old.look({ ...nothing, tips: [tip] });
    expect(names(old)).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
  });

  it('finds the branches of the heights in sight that the chain state does not list, one question for a window', async () => {
    const { source, windows } = node(tree, [tip]);
    let changes = 0;
    const old = new OldBranches(source, () => (changes += 1));
    await old.look(nothing);
    expect(windows).toEqual([]);
    await old.want(5, 20);
    expect(names(old)).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
    expect([windows, changes]).toEqual([[0], 1]);
    await old.want(0, 30);
    expect(windows).toEqual([0]);
    await old.want(FORK_HEIGHTS - 10, FORK_HEIGHTS + 10);
    expect(windows).toEqual([0, 1]);
  });

  it('does not walk what is in the window but not in sight', async () => {
    const { source } = node(tree, [tip]);
    const old = new OldBranches(source, () => undefined);
    await old.look(nothing);
    await old.want(20, 30);
    expect(old.blocks.size).toBe(0);
    await old.want(8, 30);
    expect(old.blocks.size).toBe(5);
  });

  it('does not ask about heights whose blocks the window holds', async () => {
    const { source, windows } = node(tree, [tip]);
    const old = new OldBranches(source, () => undefined);
    await old.look({ ...nothing, lowest: 0 });
    await old.want(0, 30);
    expect(windows).toEqual([]);
  });

  it('asks again when a block was stored beside the chain, and after a reorg', async () => {
    const { source, windows } = node(tree, [tip]);
    const old = new OldBranches(source, () => undefined);
    await old.look(nothing);
    await old.want(5, 20);
    await old.look({ ...nothing, version: 1 });
    expect(windows).toEqual([0, 0]);
    old.forget();
    expect(old.blocks.size).toBe(0);
    await old.want(5, 20);
    expect(old.blocks.size).toBe(5);
  });

  it('stops at its limit', async () => {
    const endless: BranchSource = {
      forks: () => Promise.resolve({ forks: [], more: false }),
      getBlock: (hash) => Promise.resolve(makeBlock(hash, null, { hash, previousHash: `${hash}.`, height: 10_000 })),
    };
    const old = new OldBranches(endless, () => undefined);
    await old.look({ ...nothing, tips: [{ ...tip, hash: 'x' }] });
    expect(old.blocks.size).toBe(TABLE_SIDE_BLOCKS);
  });

  it('lets a branch in sight push out one that is not', async () => {
    const source: BranchSource = {
      forks: ({ from }) => Promise.resolve({ forks: from === 0 ? [tip] : [], more: false }),
      getBlock: (hash) => Promise.resolve(tree.blocks.get(hash) ?? makeBlock(hash, null, { hash, previousHash: `${hash}.`, height: 10_000 })),
    };
    const old = new OldBranches(source, () => undefined);
    await old.look({ ...nothing, tips: [{ ...tip, hash: 'x' }] });
    await old.want(5, 20);
    expect(names(old)).toEqual(expect.arrayContaining(['d1', 'd2', 'd3', 'd4', 'd5']));
    expect(old.blocks.size).toBeLessThanOrEqual(TABLE_SIDE_BLOCKS);
  });

  it('survives a node that does not answer, and asks again', async () => {
    const good = node(tree, [tip]).source;
    let broken = true;
    const old = new OldBranches({ ...good, forks: (range) => (broken ? Promise.reject(new Error('gone')) : good.forks(range)) }, () => undefined);
    await old.look(nothing);
    await old.want(5, 20);
    expect(old.blocks.size).toBe(0);
    broken = false;
    await old.want(5, 21);
    expect(old.blocks.size).toBe(5);
  });
});

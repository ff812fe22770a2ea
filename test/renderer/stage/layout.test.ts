import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainView } from '../../../src/renderer/stage/canvas/chainView.ts';
import { layoutChain, linksOf, type ChainLayout } from '../../../src/renderer/stage/layout.ts';
import { MAX_SIDE_LANES } from '../../../src/renderer/stage/limits.ts';
import { hueOf } from '../../../src/renderer/stage/seal/seal.ts';
import { makeBlock, makeTree, run, type Tree } from './make.ts';

const lane = (layout: ChainLayout, tree: Tree, name: string): number | undefined => layout.blocks.get(tree.hash(name))?.lane;

describe('layoutChain', () => {
  it('puts the active chain in lane 0 and a fork below it', () => {
    const tree = makeTree('g', [...run('a', 5, 'g'), ...run('d', 2, 'a2')], 'a5');
    const layout = layoutChain(tree);
    for (const name of ['g', 'a1', 'a5']) expect(lane(layout, tree, name)).toBe(0);
    for (const name of ['d1', 'd2']) expect(lane(layout, tree, name)).toBe(1);
    expect(layout.sideLanes).toBe(1);
    expect(layout.tipHash).toBe(tree.hash('a5'));
    expect(layout.branches).toMatchObject([{ lane: 1, forkHeight: 2, tipHash: tree.hash('d2'), tipHeight: 4, freeUntil: Infinity }]);
    expect(layout.blocks.get(tree.hash('d2'))?.isEnd).toBe(true);
    expect(layout.blocks.get(tree.hash('d1'))?.isEnd).toBe(false);
  });

  it('draws the link of a fork from its parent, in the parent\'s hue', () => {
    const tree = makeTree('g', [...run('a', 3, 'g'), 'd1<a1'], 'a3');
    const layout = layoutChain(tree);
    const link = linksOf(layout).find(({ to }) => to === tree.hash('d1'));
    expect(link).toMatchObject({ from: tree.hash('a1'), fromLane: 0, toLane: 1, fromHeight: 1, toHeight: 2, hue: hueOf(tree.hash('a1')) });
  });

  it('gives genesis no left socket', () => {
    const tree = makeTree('g', ['a<g'], 'a');
    const layout = layoutChain(tree);
    expect(layout.blocks.get(tree.hash('g'))?.leftHue).toBeNull();
    expect(layout.blocks.get(tree.hash('a'))?.leftHue).toBe(hueOf(tree.hash('g')));
  });

  it('lets branches that do not meet share a lane, and keeps those that do apart', () => {
    const apart = makeTree('g', [...run('a', 12, 'g'), 'd1<a1', 'e1<a8'], 'a12');
    expect(layoutChain(apart).sideLanes).toBe(1);
    const together = makeTree('g', [...run('a', 12, 'g'), ...run('d', 4, 'a2'), 'e1<a4'], 'a12');
    const layout = layoutChain(together);
    expect(layout.sideLanes).toBe(2);
    // The later fork lies higher: the earlier one's link passes on its left.
    expect(lane(layout, together, 'e1')).toBe(1);
    expect(lane(layout, together, 'd1')).toBe(2);
  });

  it('counts what four lanes cannot hold, the shortest branches first', () => {
    const rows = ['p', 'q', 'r', 's'].flatMap((name) => run(name, 2, 'a1'));
    const tree = makeTree('g', [...run('a', 6, 'g'), ...rows, 'x1<a1', 'y1<a1'], 'a6');
    const layout = layoutChain(tree);
    expect(layout.sideLanes).toBe(MAX_SIDE_LANES);
    expect(layout.hidden).toEqual(new Map([[1, 2]]));
    expect(layout.blocks.has(tree.hash('x1'))).toBe(false);
    expect(layout.blocks.has(tree.hash('p2'))).toBe(true);
  });

  it('keeps a branch in its lane when another grows, until the lanes are forgotten', () => {
    const before = makeTree('g', [...run('a', 8, 'g'), ...run('d', 2, 'a2')], 'a8');
    const first = layoutChain(before);
    expect(lane(first, before, 'd1')).toBe(1);
    const after = makeTree('g', [...run('a', 8, 'g'), ...run('d', 3, 'a2'), 'e1<a3'], 'a8');
    const kept = layoutChain({ ...after, remembered: first.lanes });
    expect(lane(kept, after, 'd3')).toBe(1);
    expect(lane(kept, after, 'e1')).toBe(2);
    const fresh = layoutChain(after);
    expect(lane(fresh, after, 'e1')).toBe(1);
  });

  it('UI-18 a reorg swaps lanes, and every block stays the one of its hash', () => {
    const rows = [...run('a', 4, 'g'), ...run('d', 3, 'a2')];
    const before = layoutChain(makeTree('g', rows, 'a4'));
    const tree = makeTree('g', rows, 'd3');
    const after = layoutChain(tree);
    expect(before.blocks.get(tree.hash('a4'))?.lane).toBe(0);
    expect(after.blocks.get(tree.hash('a4'))?.lane).toBe(1);
    expect(after.blocks.get(tree.hash('d3'))?.lane).toBe(0);
    expect(after.blocks.get(tree.hash('a2'))?.lane).toBe(0);
  });

  it('takes a block on the tip for active before its tip event came, but never an invalid one', () => {
    const tree = makeTree('g', [...run('a', 3, 'g'), 'new<a3'], 'a3');
    expect(lane(layoutChain(tree), tree, 'new')).toBe(0);
    const bad = makeTree('g', [...run('a', 3, 'g'), 'bad<a3'], 'a3');
    const block = bad.blocks.get(bad.hash('bad'));
    if (block !== undefined) bad.blocks.set(block.hash, { ...block, branch: 'invalid' });
    expect(lane(layoutChain(bad), bad, 'bad')).toBe(1);
  });

  it('follows the child with most work through a fork within a fork', () => {
    const tree = makeTree('g', [...run('a', 9, 'g'), ...run('d', 4, 'a1'), ...run('e', 2, 'd1')], 'a9');
    const layout = layoutChain(tree);
    expect(layout.branches.map(({ hashes }) => hashes.length).sort()).toEqual([2, 4]);
    expect(lane(layout, tree, 'd1')).toBe(lane(layout, tree, 'd4'));
    expect(lane(layout, tree, 'e1')).not.toBe(lane(layout, tree, 'd4'));
  });

  it('stands on nothing and on a lone block', () => {
    expect(layoutChain({ blocks: new Map(), active: [] })).toMatchObject({ tipHash: null, firstHeight: 0, lastHeight: 0, sideLanes: 0 });
    const only = makeBlock('late', null, { height: 700, previousHash: 'ab'.repeat(32) });
    const layout = layoutChain({ blocks: new Map([[only.hash, only]]), active: [only.hash] });
    expect(layout).toMatchObject({ firstHeight: 700, lastHeight: 700 });
    expect(layout.blocks.get(only.hash)?.leftHue).not.toBeNull();
  });
});

/** Any tree: each new block stands on one of those before it. */
const anyTree = fc
  .record({ parents: fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), tip: fc.nat(), order: fc.infiniteStream(fc.nat(1000)) })
  .map(({ parents, tip, order }) => {
    const names = ['g', ...parents.map((_, index) => `b${index}`)];
    const rows = parents.map((parent, index) => `b${index}<${names[Math.max(0, index - (parent % 9))] ?? 'g'}`);
    const tree = makeTree('g', rows, names[tip % names.length] ?? 'g');
    const keys = new Map([...tree.blocks.keys()].map((hash) => [hash, order.next().value as number]));
    const shuffled = new Map([...tree.blocks].sort(([a], [b]) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0)));
    return { tree, shuffled };
  });

describe('layoutChain, for any tree', () => {
  it('never puts two blocks on one place', () => {
    fc.assert(
      fc.property(anyTree, ({ tree }) => {
        const layout = layoutChain(tree);
        const places = [...layout.blocks.values()].map(({ block, lane: at }) => `${block.height}/${at}`);
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });

  it('draws or counts every block, the active chain always in lane 0', () => {
    fc.assert(
      fc.property(anyTree, ({ tree }) => {
        const layout = layoutChain(tree);
        for (const hash of tree.active) expect(layout.blocks.get(hash)?.lane).toBe(0);
        if (layout.hidden.size === 0) expect(layout.blocks.size).toBe(tree.blocks.size);
        for (const { lane: at } of layout.blocks.values()) expect(at).toBeLessThanOrEqual(MAX_SIDE_LANES);
      }),
    );
  });

  it('UI-14 adjacent sockets have one colour on every link of any tree', () => {
    fc.assert(
      fc.property(anyTree, ({ tree }) => {
        const layout = layoutChain(tree);
        expect(linksOf(layout).length).toBeGreaterThanOrEqual(Math.min(1, tree.active.length - 1));
        for (const link of linksOf(layout)) {
          expect(layout.blocks.get(link.from)?.rightHue).toBe(link.hue);
          expect(layout.blocks.get(link.to)?.leftHue).toBe(link.hue);
        }
      }),
    );
  });

  it('does not depend on the order in which blocks came', () => {
    fc.assert(
      fc.property(anyTree, ({ tree, shuffled }) => {
        const one = layoutChain(tree);
        const other = layoutChain({ ...tree, blocks: shuffled });
        expect([...other.lanes].sort()).toEqual([...one.lanes].sort());
        expect(other.hidden).toEqual(one.hidden);
      }),
    );
  });

  it('changes nothing when laid out again with its own lanes', () => {
    fc.assert(
      fc.property(anyTree, ({ tree }) => {
        const one = layoutChain(tree);
        const again = layoutChain({ ...tree, remembered: one.lanes });
        for (const [hash, at] of one.lanes) expect(again.lanes.get(hash)).toBe(at);
      }),
    );
  });

  it('lets every arrow key lead to a block that is drawn', () => {
    const directions = ['parent', 'child', 'up', 'down', 'first', 'last', 'page-back', 'page-on'] as const;
    fc.assert(
      fc.property(anyTree, ({ tree }) => {
        const layout = layoutChain(tree);
        const view = new ChainView(layout, { at: () => undefined, find: () => undefined });
        for (const hash of layout.blocks.keys()) {
          for (const direction of directions) {
            const next = view.neighbour(hash, direction);
            if (next !== null) expect(layout.blocks.has(next.hash ?? '')).toBe(true);
          }
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockSummary } from '../../../../src/shared/blocks.ts';
import { ChainView, optionBlocks, type Direction, type OlderBlocks } from '../../../../src/renderer/stage/canvas/chainView.ts';
import { activeAt, blockAt } from '../../../../src/renderer/stage/canvas/hit.ts';
import { METRICS, ZOOM_STEPS } from '../../../../src/renderer/stage/canvas/zoom.ts';
import { activeTop, columnLeft, laneGeometry } from '../../../../src/renderer/stage/geometry.ts';
import { ChainColumns } from '../../../../src/renderer/stage/index/columns.ts';
import { layoutChain } from '../../../../src/renderer/stage/layout.ts';
import { MAX_OPTIONS } from '../../../../src/renderer/stage/limits.ts';
import { makeTree, run, type Tree } from '../make.ts';

const NONE: OlderBlocks = { at: () => undefined, find: () => undefined };

/** The tree's view when the window holds only blocks from `from` upwards, and `known` says which older ones were fetched. */
function viewOf(tree: Tree, from = 0, known: (height: number) => boolean = () => false): ChainView {
  const all = tree.active.map((hash) => tree.blocks.get(hash)).filter((block): block is BlockSummary => block !== undefined);
  const blocks = new Map([...tree.blocks].filter(([, block]) => block.height >= from));
  const older: OlderBlocks = {
    at: (height) => (known(height) ? all[height] : undefined),
    find: (hash) => all.find((block) => block.hash === hash && known(block.height)),
  };
  return new ChainView(layoutChain({ blocks, active: tree.active.filter((hash) => blocks.has(hash)) }), older);
}
const fork = makeTree('g', [...run('a', 15, 'g'), ...run('d', 2, 'a4'), ...run('e', 2, 'a4')], 'a15');

describe('ChainView.neighbour', () => {
  const view = viewOf(fork);
  const from = (name: string, direction: Direction): string | null => view.neighbour(fork.hash(name), direction)?.hash ?? null;

  it('goes to parent and child along the lane', () => {
    expect(from('a4', 'parent')).toBe(fork.hash('a3'));
    expect(from('a4', 'child')).toBe(fork.hash('a5'));
    expect(from('d1', 'parent')).toBe(fork.hash('a4'));
    expect(from('d1', 'child')).toBe(fork.hash('d2'));
    expect(from('g', 'parent')).toBeNull();
    expect(from('a15', 'child')).toBeNull();
  });

  it('goes down to a branch and up again', () => {
    const below = from('a5', 'down') ?? '';
    expect([fork.hash('d1'), fork.hash('e1')]).toContain(below);
    const lowest = view.neighbour(below, 'down')?.hash ?? '';
    expect(view.neighbour(lowest, 'down')).toBeNull();
    expect(view.neighbour(below, 'up')?.hash).toBe(fork.hash('a5'));
    expect(from('a5', 'up')).toBeNull();
  });

  it('pages by ten and goes to both ends', () => {
    expect(from('a15', 'page-back')).toBe(fork.hash('a5'));
    expect(from('a2', 'page-back')).toBe(fork.hash('g'));
    expect(from('a2', 'page-on')).toBe(fork.hash('a12'));
    expect(from('d2', 'first')).toBe(fork.hash('g'));
    expect(from('d2', 'last')).toBe(fork.hash('a15'));
  });

  it('falls back to the tip when the block is gone', () => {
    expect(view.neighbour('ff'.repeat(32), 'parent')?.hash).toBe(fork.hash('a15'));
  });

  it('names the height of an older block that is not known, and its hash once it is', () => {
    const young = viewOf(fork, 8);
    expect(young.neighbour(fork.hash('a8'), 'parent')).toEqual({ height: 7, hash: null });
    expect(young.neighbour(fork.hash('a15'), 'first')).toEqual({ height: 0, hash: null });
    const fetched = viewOf(fork, 8, (height) => height <= 7);
    expect(fetched.neighbour(fork.hash('a8'), 'parent')).toEqual({ height: 7, hash: fork.hash('a7') });
    expect(fetched.neighbour(fork.hash('a7'), 'child')).toEqual({ height: 8, hash: fork.hash('a8') });
  });

  it('never leads to a block that is not there', () => {
    const directions: Direction[] = ['parent', 'child', 'up', 'down', 'first', 'last', 'page-back', 'page-on'];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 16 }), (start, known) => {
        const some = viewOf(fork, start, (height) => height < known);
        for (const { block } of some.inColumns(0, 20)) {
          for (const direction of directions) {
            const next = some.neighbour(block.hash, direction);
            if (next?.hash != null) expect(some.get(next.hash)?.block.height).toBe(next.height);
            else if (next !== null) expect(some.at(next.height)).toBeUndefined();
          }
        }
      }),
    );
  });
});

describe('ChainView over the window\'s edge', () => {
  it('knows recent blocks by the window and older ones by what was fetched', () => {
    const view = viewOf(fork, 8, (height) => height === 3);
    expect(view.at(9)?.block.hash).toBe(fork.hash('a9'));
    expect(view.at(3)?.block.hash).toBe(fork.hash('a3'));
    expect(view.at(2)).toBeUndefined();
    expect(view.get(fork.hash('a3'))?.lane).toBe(0);
    expect(view.unknown(1, 9)).toEqual([1, 2, 4, 5, 6, 7]);
    expect(view.at(16)).toBeUndefined();
  });

  it('UI-14 adjacent sockets have one colour where only seals are known, and at both edges of that', () => {
    const columns = new ChainColumns();
    for (let height = 0; height <= 15; height += 1) columns.set(height, fork.active[height] ?? '', 0);
    const all = fork.active.map((hash) => fork.blocks.get(hash));
    const view = new ChainView(
      layoutChain({ blocks: new Map([...fork.blocks].filter(([, block]) => block.height >= 8)), active: fork.active.slice(8) }),
      { at: (height) => (height >= 4 && height < 8 ? all[height] : undefined), find: () => undefined },
      columns,
    );
    // Heights 0 to 3 by their seals alone, 4 to 7 fetched, the others held by the window.
    for (let height = 1; height <= 15; height += 1) {
      const left = view.at(height) === undefined ? view.index.hueAt(height - 1) : view.at(height)?.leftHue;
      const right = view.at(height - 1) === undefined ? view.index.hueAt(height - 1) : view.at(height - 1)?.rightHue;
      expect(left).toBe(right);
      expect(right).toBeGreaterThanOrEqual(0);
    }
  });

  it('hands the hue on from a fetched block to the window\'s first', () => {
    const view = viewOf(fork, 8, (height) => height === 7);
    expect(view.at(8)?.leftHue).toBe(view.at(7)?.rightHue);
  });

  it('gives the same object for the same fetched block', () => {
    const known = (height: number): boolean => height === 3;
    expect(viewOf(fork, 8, known).at(3)).toBe(viewOf(fork, 8, known).at(3));
  });
});

describe('optionBlocks', () => {
  const tree = makeTree('g', [...run('a', 200, 'g'), 'd1<a9'], 'a200');
  const view = viewOf(tree);
  const heights = (first: number, last: number, always: string | null): number[] =>
    optionBlocks(view, first, last, always === null ? undefined : view.get(tree.hash(always)), MAX_OPTIONS).map(
      ({ block, lane }) => block.height + lane / 10,
    );

  it('takes what is in sight and the block of the keyboard, in reading order', () => {
    expect(heights(9, 11, null)).toEqual([9, 10, 10.1, 11]);
    expect(heights(9, 10, 'a2')).toEqual([2, 9, 10, 10.1]);
  });

  it('is bounded, and keeps what is nearest to the keyboard', () => {
    const near = heights(0, 200, 'a100');
    expect(near).toHaveLength(MAX_OPTIONS);
    expect(near).toContain(100);
    expect((near.at(-1) ?? 0) - (near[0] ?? 0)).toBeLessThan(MAX_OPTIONS);
    const far = heights(100, 200, 'a2');
    expect(far).toHaveLength(MAX_OPTIONS);
    expect(far[0]).toBe(2);
  });
});

describe('blockAt', () => {
  it('finds each block in its own middle, at every zoom step', () => {
    const view = viewOf(fork);
    for (const step of ZOOM_STEPS) {
      const metrics = METRICS[step];
      const geometry = laneGeometry(396, view.layout.sideLanes, metrics);
      for (const placed of view.inColumns(0, 20)) {
        const x = columnLeft(placed.block.height, metrics) + metrics.width / 2;
        const height = placed.lane === 0 ? metrics.height : geometry.sideHeight;
        const y = (geometry.tops[placed.lane] ?? 0) + height / 2;
        expect(blockAt(view, geometry, metrics, x, y)?.block.hash).toBe(placed.block.hash);
      }
    }
  });

  it('finds nothing between blocks, above them, and where none is', () => {
    const view = viewOf(fork);
    const geometry = laneGeometry(396, view.layout.sideLanes);
    const y = activeTop(METRICS.tile) + 20;
    expect(blockAt(view, geometry, METRICS.tile, columnLeft(3) + 60, y)).toBeUndefined();
    expect(blockAt(view, geometry, METRICS.tile, columnLeft(3) + 20, 40)).toBeUndefined();
    expect(blockAt(view, geometry, METRICS.tile, columnLeft(99) + 20, y)).toBeUndefined();
    expect(blockAt(view, geometry, METRICS.tile, -20, y)).toBeUndefined();
  });
});

describe('activeAt', () => {
  it('names the height of the chain under a point, whether its block is known or not', () => {
    const view = viewOf(fork, 8);
    const geometry = laneGeometry(396, view.layout.sideLanes);
    const y = activeTop(METRICS.tile) + 20;
    expect(activeAt(view, geometry, METRICS.tile, columnLeft(3) + 20, y)).toBe(3);
    expect(activeAt(view, geometry, METRICS.tile, columnLeft(15) + 20, y)).toBe(15);
    expect(activeAt(view, geometry, METRICS.tile, columnLeft(16) + 20, y)).toBeNull();
    expect(activeAt(view, geometry, METRICS.tile, columnLeft(3) + 60, y)).toBeNull();
    expect(activeAt(view, geometry, METRICS.tile, columnLeft(3) + 20, 40)).toBeNull();
    expect(activeAt(view, geometry, METRICS.tile, -20, y)).toBeNull();
  });
});

describe('an empty view', () => {
  it('has nothing, and says so', () => {
    const view = new ChainView(layoutChain({ blocks: new Map(), active: [] }), NONE);
    expect(view.inColumns(-5, 5)).toEqual([]);
    expect(view.at(0)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockSummary } from '../../../src/shared/blocks.ts';
import { ChainPages, type PageSource } from '../../../src/renderer/stage/chainPages.ts';
import { TABLE_PAGE, TABLE_PAGES, TABLE_REQUESTS } from '../../../src/renderer/stage/limits.ts';
import { TableRows } from '../../../src/renderer/stage/tableRows.ts';
import { ChainView } from '../../../src/renderer/stage/canvas/chainView.ts';
import { layoutChain } from '../../../src/renderer/stage/layout.ts';
import { makeBlock, makeTree, run } from './make.ts';

describe('TableRows', () => {
  const side = (height: number, name: string): BlockSummary => makeBlock(name, null, { height });

  it('lists newest first, side blocks after the active one of their height', () => {
    const rows = new TableRows(3, [side(2, 'x'), side(2, 'y'), side(5, 'high')]);
    expect(rows.count).toBe(7);
    const seen = Array.from({ length: rows.count }, (_, index) => {
      const row = rows.at(index);
      return `${row.height}${row.side === null ? '' : '*'}`;
    });
    expect(seen).toEqual(['5*', '3', '2', '2*', '2*', '1', '0']);
  });

  it('has no row before the first block', () => {
    expect(new TableRows(-1, []).count).toBe(0);
    expect(new TableRows(0, []).at(0)).toEqual({ height: 0, side: null });
  });

  it('holds every block once, by falling height, and finds its rows again', () => {
    const sides = fc.array(fc.nat(60), { maxLength: 30 });
    fc.assert(
      fc.property(fc.nat(50), sides, (tip, heights) => {
        const blocks = heights.map((height, index) => side(height, `s${index}`));
        const rows = new TableRows(tip, blocks);
        const all = Array.from({ length: rows.count }, (_, index) => rows.at(index));
        expect(all.filter((row) => row.side === null).map(({ height }) => height)).toEqual(
          Array.from({ length: tip + 1 }, (_, index) => tip - index),
        );
        expect(new Set(all.flatMap((row) => (row.side === null ? [] : [row.side.hash]))).size).toBe(blocks.length);
        const order = all.map(({ height }) => height);
        expect([...order].sort((a, b) => b - a)).toEqual(order);
        all.forEach((row, index) => {
          expect(row.side === null ? rows.rowOfHeight(row.height) : rows.rowOfSide(row.side.hash)).toBe(index);
        });
        expect(rows.rowOfHeight(tip + 1)).toBeNull();
        expect(rows.rowOfSide('nothing')).toBeNull();
      }),
    );
  });

  it('tells how far a row has moved by what it shows: rows below it move nothing, rows that go away move it back', () => {
    const before = new TableRows(100, [side(50, 'x')]);
    // Row 10 is height 90. Old branches are found below it: it stays.
    expect(new TableRows(100, [side(50, 'x'), side(30, 'y'), side(31, 'z')]).movedSince(before, 10)).toBe(0);
    // Three blocks on top and one side block above it, two below.
    expect(new TableRows(103, [side(50, 'x'), side(95, 'a'), side(30, 'y'), side(31, 'z')]).movedSince(before, 10)).toBe(4);
    // A row below x (row 51) moves up when x is let go of; x itself gives its place to the next one.
    expect(new TableRows(100, []).movedSince(before, 60)).toBe(-1);
    expect(new TableRows(100, []).movedSince(before, 51)).toBe(-1);
    // A reorg to fewer blocks: what stands below the fork closes up.
    expect(new TableRows(97, [side(50, 'x')]).movedSince(before, 0)).toBe(-3);
    expect(new TableRows(-1, []).movedSince(before, 5)).toBe(-102);
  });

  it('gives what is gone to the active block of its height, or to the tip', () => {
    const rows = new TableRows(10, [side(4, 'x')]);
    expect(rows.heirOf({ height: 4, side: side(4, 'joined') })).toEqual({ height: 4, side: null });
    expect(rows.heirOf({ height: 12, side: side(12, 'y') })).toEqual({ height: 10, side: null });
    expect(rows.heirOf({ height: 11, side: null })).toEqual({ height: 10, side: null });
    expect(new TableRows(-1, []).heirOf({ height: 0, side: null })).toBeNull();
  });

  it('what is read stays in its place on the screen, whatever comes and goes', () => {
    const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const some = fc.subarray(names);
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), some, some, fc.nat(100), (tipBefore, tipNow, sideBefore, sideNow, at) => {
        const blocks = (chosen: string[]): BlockSummary[] => chosen.map((name) => side(Number(name.slice(1)) * 2, name));
        const before = new TableRows(tipBefore, blocks(sideBefore));
        const now = new TableRows(tipNow, blocks(sideNow));
        const index = at % before.count;
        const moved = now.movedSince(before, index);
        const here = before.at(index);
        const same = now.rowOf(here);
        if (same !== null) expect(moved).toBe(same - index);
        // Of what is left, the first row from there on keeps its distance to the top of the sight.
        const left = Array.from({ length: before.count - index }, (_, offset) => index + offset).find((row) => now.rowOf(before.at(row)) !== null);
        if (left !== undefined) expect(now.at(left + moved).height).toBe(before.at(left).height);
      }),
    );
  });
});

describe('the table and the canvas', () => {
  it('UI-29 the table holds the same rows as the canvas, and those that four lanes cannot show', () => {
    const tree = makeTree('g', [...run('a', 12, 'g'), ...['d', 'e', 'f', 'h', 'i'].flatMap((name, index) => run(name, 2 + index, 'a4'))], 'a12');
    const layout = layoutChain(tree);
    const view = new ChainView(layout, { at: () => undefined, find: () => undefined });
    const side = [...tree.blocks.values()].filter((block) => block.branch !== 'active');
    const rows = new TableRows(12, side);
    const inTable = Array.from({ length: rows.count }, (_, index) => rows.at(index)).map((row) => row.side?.hash ?? tree.active[row.height]);
    const onCanvas = view.inColumns(0, 20).map(({ block }) => block.hash);
    const hidden = side.filter((block) => layout.blocks.get(block.hash) === undefined).map((block) => block.hash);
    expect(hidden.length).toBeGreaterThan(0);
    expect([...onCanvas, ...hidden].sort()).toEqual([...inTable].sort());
  });
});

/** A source that answers when told to, and counts what it is asked. */
function source(length: number) {
  const asked: number[] = [];
  const answers: (() => void)[] = [];
  let broken = false;
  const pages: PageSource = {
    getBlocks: ({ from, limit }) =>
      new Promise((resolve, reject) => {
        asked.push(from);
        answers.push(() => {
          if (broken) reject(new Error('gone'));
          else {
            const count = Math.max(0, Math.min(limit, length - from));
            resolve(Array.from({ length: count }, (_, index) => makeBlock(`n${from + index}`, null, { height: from + index })));
          }
        });
      }),
  };
  const settle = async (): Promise<void> => {
    while (answers.length > 0) {
      for (const answer of answers.splice(0)) answer();
      await new Promise<void>((done) => queueMicrotask(done));
      await new Promise<void>((done) => setImmediate(done));
    }
  };
  return { pages, asked, settle, breakIt: () => (broken = true) };
}

describe('ChainPages', () => {
  it('fetches the page of a height once, and has it then', async () => {
    const { pages, asked, settle } = source(1000);
    let changes = 0;
    const cache = new ChainPages(pages, () => (changes += 1));
    cache.want([250, 251, 299]);
    cache.want([250]);
    expect(asked).toEqual([2 * TABLE_PAGE]);
    expect(cache.at(250)).toBeUndefined();
    await settle();
    expect(cache.at(250)?.height).toBe(250);
    expect(changes).toBe(1);
    cache.want([250, 299]);
    expect(asked).toHaveLength(1);
  });

  it('takes a block that came another way, and still fetches the rest of its page', async () => {
    const { pages, asked, settle } = source(1000);
    let changes = 0;
    const cache = new ChainPages(pages, () => (changes += 1));
    const block = makeBlock('n250', null, { height: 250 });
    cache.take(block);
    expect(changes).toBe(1);
    expect(cache.at(250)).toBe(block);
    expect(cache.find(block.hash)).toBe(block);
    cache.want([250]);
    expect(asked).toEqual([]);
    cache.want([249, 250, 251]);
    expect(asked).toEqual([2 * TABLE_PAGE]);
    await settle();
    expect(cache.at(251)?.height).toBe(251);
    expect(cache.at(250)?.height).toBe(250);
    cache.forgetAbove(249);
    expect(cache.find(block.hash)).toBeUndefined();
  });

  it('asks for few at once, and forgets what scrolled by', async () => {
    const { pages, asked, settle } = source(100_000);
    const cache = new ChainPages(pages, () => undefined);
    cache.want(Array.from({ length: 20 }, (_, index) => index * TABLE_PAGE));
    expect(asked).toHaveLength(TABLE_REQUESTS);
    cache.want([90_000]);
    await settle();
    expect(asked).toHaveLength(TABLE_REQUESTS + 1);
    expect(cache.at(90_000)?.height).toBe(90_000);
  });

  it('keeps a bounded number of pages, those looked at last', async () => {
    const { pages, settle } = source(1_000_000);
    const cache = new ChainPages(pages, () => undefined);
    for (let page = 0; page < TABLE_PAGES + 10; page += 1) {
      cache.want([page * TABLE_PAGE]);
      await settle();
    }
    expect(cache.pageCount).toBe(TABLE_PAGES);
    expect(cache.at(0)).toBeUndefined();
    expect(cache.at((TABLE_PAGES + 9) * TABLE_PAGE)).toBeDefined();
  });

  it('drops pages above a fork, and answers that were under way', async () => {
    const { pages, asked, settle } = source(1000);
    const cache = new ChainPages(pages, () => undefined);
    cache.want([50, 350]);
    await settle();
    cache.want([450]);
    cache.forgetAbove(320);
    await settle();
    expect(cache.at(50)).toBeDefined();
    expect(cache.at(350)).toBeUndefined();
    expect(cache.at(450)).toBeUndefined();
    cache.want([450]);
    await settle();
    expect(cache.at(450)).toBeDefined();
    expect(asked.filter((from) => from === 400)).toHaveLength(2);
  });

  it('asks again for a page that had not all its blocks yet', async () => {
    const { pages, asked, settle } = source(250);
    const cache = new ChainPages(pages, () => undefined);
    cache.want([249]);
    await settle();
    cache.want([260]);
    expect(asked).toEqual([200, 200]);
    cache.close();
  });

  it('says that it failed, and is quiet once closed', async () => {
    const { pages, asked, settle, breakIt } = source(1000);
    const cache = new ChainPages(pages, () => undefined);
    breakIt();
    cache.want([5]);
    await settle();
    expect(cache.failed).toBe(true);
    cache.close();
    cache.want([500]);
    expect(asked).toEqual([0]);
  });
});

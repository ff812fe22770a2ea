import { describe, expect, it } from 'vitest';
import { faceOf, kindOf } from '../../../../src/renderer/stage/canvas/faces.ts';
import { Movement } from '../../../../src/renderer/stage/canvas/movement.ts';
import { thin } from '../../../../src/renderer/stage/canvas/palette.ts';
import { routeOf, traceRoute, type LinkEnds } from '../../../../src/renderer/stage/canvas/routes.ts';
import { copyBitmap, lookOf, SpriteCache, spriteKey } from '../../../../src/renderer/stage/canvas/sprites.ts';
import { METRICS, ZOOM_STEPS } from '../../../../src/renderer/stage/canvas/zoom.ts';
import { MAX_SPRITES } from '../../../../src/renderer/stage/limits.ts';
import { BLOCK_MS, FADE_MS, LINK_MS, REORG_MS } from '../../../../src/renderer/stage/motion.ts';
import { layoutChain } from '../../../../src/renderer/stage/layout.ts';
import { makeTree, run } from '../make.ts';

describe('SpriteCache', () => {
  it('draws each picture once, and again after its look changed', () => {
    const dropped: number[] = [];
    const cache = new SpriteCache<number>(10, (sprite) => dropped.push(sprite));
    let drawn = 0;
    const draw = (): number => (drawn += 1);
    cache.setLook(lookOf('dark', 1, 0, 'me'));
    expect([cache.get('a', draw), cache.get('a', draw), cache.get('b', draw)]).toEqual([1, 1, 2]);
    cache.setLook(lookOf('dark', 1, 0, 'me'));
    expect(cache.get('a', draw)).toBe(1);
    for (const look of [lookOf('light', 1, 0, 'me'), lookOf('light', 2, 0, 'me'), lookOf('light', 2, 1, 'me'), lookOf('light', 2, 1, 'you')]) {
      const before = drawn;
      cache.setLook(look);
      cache.get('a', draw);
      expect(drawn).toBe(before + 1);
    }
    expect(dropped).toEqual([2, 1, 3, 4, 5]);
  });

  it('is bounded: what was not looked at for longest goes', () => {
    const dropped: string[] = [];
    const cache = new SpriteCache<string>(MAX_SPRITES, (sprite) => dropped.push(sprite));
    for (let i = 0; i < MAX_SPRITES; i += 1) cache.get(`k${i}`, () => `k${i}`);
    cache.get('k0', () => 'drawn again');
    cache.get('one more', () => 'x');
    expect(cache.size).toBe(MAX_SPRITES);
    expect(cache.get('k0', () => 'drawn again')).toBe('k0');
    expect(dropped).toEqual(['k1']);
    expect(cache.get('k1', () => 'drawn again')).toBe('drawn again');
  });

  it('tells pictures apart by everything that is on them', () => {
    const base = { face: 'tile', kind: 'active', selected: false, finder: true, tail: 'ab' } as const;
    const keys = [base, { ...base, face: 'low' }, { ...base, kind: 'stale' as const }, { ...base, selected: true }, { ...base, tail: 'cd' }, { ...base, finder: false }];
    expect(new Set(keys.map((subject) => spriteKey(subject))).size).toBe(keys.length);
  });
});

describe('copyBitmap', () => {
  /** Where a picture of so many of the screen's pixels lands, in the screen's pixels. */
  function landing(pixelRatio: number, left: number, top: number, size: { width: number; height: number }): number[] {
    const calls: number[][] = [];
    const context = { drawImage: (_: unknown, ...box: number[]) => calls.push(box) } as unknown as CanvasRenderingContext2D;
    copyBitmap(context, size as ImageBitmap, left, top, pixelRatio);
    return (calls[0] ?? []).map((value) => Math.round(value * pixelRatio * 1e9) / 1e9);
  }

  it.each([1, 1.25, 1.5, 1.6, 2])('at %f pixels a CSS pixel each pixel of the picture is one of the screen', (pixelRatio) => {
    for (const [left, top] of [
      [33, 91],
      [34.5, 17],
      [-8, 0.3],
    ] as const) {
      const [x, y, width, height] = landing(pixelRatio, left, top, { width: 109, height: 128 });
      expect([x, y].every(Number.isInteger)).toBe(true);
      expect([width, height]).toEqual([109, 128]);
      expect(Math.abs((x ?? NaN) - left * pixelRatio)).toBeLessThanOrEqual(0.5);
      expect(Math.abs((y ?? NaN) - top * pixelRatio)).toBeLessThanOrEqual(0.5);
    }
  });
});

describe('faces', () => {
  it('fit their lane at every zoom step', () => {
    for (const step of ZOOM_STEPS) {
      const metrics = METRICS[step];
      const active = faceOf(metrics, 0, metrics.sideHeights[0] ?? 0);
      if (active !== null) expect([active.width, active.height, active.socketY]).toEqual([metrics.width, metrics.height, metrics.socket]);
      for (const sideHeight of metrics.sideHeights) {
        const face = faceOf(metrics, 1, sideHeight);
        if (face === null) continue;
        expect([face.width, face.height]).toEqual([metrics.width, sideHeight]);
        expect(face.seal.y + face.seal.size).toBeLessThanOrEqual(sideHeight);
      }
    }
    expect(faceOf(METRICS.bar, 0, 30)).toBeNull();
  });

  it('tell active, stale and invalid apart', () => {
    const tree = makeTree('g', [...run('a', 2, 'g'), 'd<g'], 'a2');
    const { blocks } = layoutChain(tree);
    const placed = (name: string) => blocks.get(tree.hash(name)) ?? expect.fail(name);
    expect(kindOf(placed('a1'))).toBe('active');
    expect(kindOf(placed('d'))).toBe('stale');
    expect(kindOf({ ...placed('d'), block: { ...placed('d').block, branch: 'invalid' } })).toBe('invalid');
  });
});

describe('routeOf', () => {
  const ends: LinkEnds = { fromRight: 52, fromMiddle: 26, toLeft: 68, fromTop: 166, fromBottom: 230, fromY: 193, toY: 193, straight: true };
  const commands = (of: LinkEnds): string => {
    const out: string[] = [];
    traceRoute(
      {
        moveTo: (x, y) => out.push(`M${x} ${y}`),
        lineTo: (x, y) => out.push(`L${x} ${y}`),
        quadraticCurveTo: (cx, cy, x, y) => out.push(`Q${cx} ${cy} ${x} ${y}`),
      },
      routeOf(of),
    );
    return out.join('');
  };

  it('runs straight between the sockets of one lane', () => {
    expect(commands(ends)).toBe('M53 193L67 193');
    expect(routeOf(ends).length).toBe(14);
  });

  it('leaves the parent at its lower edge for a lower lane, at its upper edge for a higher one', () => {
    expect(commands({ ...ends, toY: 303, straight: false })).toBe('M26 231L26 287Q26 303 42 303L67 303');
    expect(commands({ ...ends, toY: 100, straight: false })).toBe('M26 165L26 116Q26 100 42 100L67 100');
  });

  it('bends less where columns are narrow', () => {
    expect(commands({ ...ends, fromMiddle: 60, toY: 303, straight: false })).toBe('M60 231L60 296Q60 303 67 303L67 303');
  });
});

describe('Movement', () => {
  const at = (entries: Record<string, number>) => new Map(Object.entries(entries));
  const still = { fresh: new Set<string>(), freshAt: 0, motion: 'full' as const };

  it('lets nothing move that was there at first', () => {
    const movement = new Movement();
    movement.arrange({ ...still, tops: at({ a: 166 }) }, 0);
    expect(movement.busy(0)).toBe(false);
    expect(movement.pose('a', 166, 0)).toEqual({ top: 166, alpha: 1, scale: 1, link: 1 });
  });

  it('draws the link of a new block first, then lets the block grow in', () => {
    const movement = new Movement();
    movement.arrange({ ...still, tops: at({ a: 166 }) }, 0);
    movement.arrange({ ...still, tops: at({ a: 166, b: 166 }), fresh: new Set(['b']), freshAt: 1000 }, 1000);
    expect(movement.pose('b', 166, 1000)).toMatchObject({ alpha: 0, link: 0 });
    expect(movement.pose('b', 166, 1000 + LINK_MS).link).toBe(1);
    expect(movement.pose('b', 166, 1000 + LINK_MS).alpha).toBeLessThan(1);
    expect(movement.busy(1000 + BLOCK_MS)).toBe(true);
    expect(movement.busy(1000 + BLOCK_MS + 60)).toBe(false);
    expect(movement.pose('a', 166, 1001)).toMatchObject({ alpha: 1 });
  });

  it('does not let pop up what came long ago', () => {
    const movement = new Movement();
    movement.arrange({ ...still, tops: at({ a: 166 }) }, 0);
    movement.arrange({ ...still, tops: at({ a: 166, b: 166 }), fresh: new Set(['b']), freshAt: 1000 }, 5000);
    expect(movement.busy(5000)).toBe(false);
  });

  it('lets losers sink and winners rise in 420 ms, from wherever they are', () => {
    const movement = new Movement();
    movement.arrange({ ...still, tops: at({ lose: 166, win: 260 }) }, 0);
    movement.arrange({ ...still, tops: at({ lose: 260, win: 166 }) }, 1000);
    const half = [movement.pose('lose', 260, 1100).top, movement.pose('win', 166, 1100).top];
    expect(half[0]).toBeGreaterThan(166);
    expect(half[0]).toBeLessThan(260);
    expect((half[0] ?? 0) + (half[1] ?? 0)).toBeCloseTo(426, 6);
    // Turned back on the way: no jump.
    movement.arrange({ ...still, tops: at({ lose: 166, win: 260 }) }, 1100);
    expect(movement.pose('win', 260, 1100).top).toBeCloseTo(half[1] ?? 0, 6);
    expect(movement.pose('win', 260, 1100 + REORG_MS).top).toBe(260);
    expect(movement.busy(1100 + REORG_MS)).toBe(false);
  });

  it('UI-20 only fades with reduced motion, and snaps when there is no time', () => {
    const movement = new Movement();
    movement.arrange({ ...still, tops: at({ a: 166 }) }, 0);
    movement.arrange({ ...still, motion: 'fade', tops: at({ a: 260 }) }, 1000);
    expect(movement.pose('a', 260, 1000 + FADE_MS / 2)).toEqual({ top: 260, alpha: 0.5, scale: 1, link: 1 });
    expect(movement.busy(1000 + FADE_MS)).toBe(false);
    movement.arrange({ ...still, motion: 'snap', tops: at({ a: 166 }) }, 2000);
    expect(movement.busy(2000)).toBe(false);
    expect(movement.pose('a', 166, 2000).alpha).toBe(1);
  });

  it('replays from other places to where the blocks stand', () => {
    const movement = new Movement();
    movement.arrange({ ...still, tops: at({ lose: 260, win: 166 }) }, 0);
    movement.replay(at({ lose: 166, win: 260, gone: 1 }), 'full', 500);
    expect(movement.pose('lose', 260, 500).top).toBe(166);
    expect(movement.pose('win', 166, 500).top).toBe(260);
    expect(movement.pose('win', 166, 500 + REORG_MS).top).toBe(166);
  });
});

describe('thin', () => {
  it('thins any colour that CSS knows', () => {
    expect(thin('#86b7ff', 0.1)).toBe('color-mix(in srgb, #86b7ff 10%, transparent)');
  });
});

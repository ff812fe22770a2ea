import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Broken } from '../../../../src/renderer/stage/canvas/broken.ts';
import { ChainView } from '../../../../src/renderer/stage/canvas/chainView.ts';
import { Movement } from '../../../../src/renderer/stage/canvas/movement.ts';
import { paintChain } from '../../../../src/renderer/stage/canvas/paint.ts';
import type { Palette } from '../../../../src/renderer/stage/canvas/palette.ts';
import { SpriteCache } from '../../../../src/renderer/stage/canvas/sprites.ts';
import { METRICS, ZOOM_STEPS, type ZoomStep } from '../../../../src/renderer/stage/canvas/zoom.ts';
import { columnsInSight, laneGeometry } from '../../../../src/renderer/stage/geometry.ts';
import { Ghost } from '../../../../src/renderer/stage/Ghost.tsx';
import { layoutChain } from '../../../../src/renderer/stage/layout.ts';
import type { Change } from '../../../../src/renderer/tamper/tamper-store.ts';
import { makeTree, type Tree } from '../make.ts';

/** Everything grey: what two pictures differ by then is shape. */
const GREY: Palette = {
  stage: 'grey', tile: 'grey', tileLine: 'grey', line: 'grey', control: 'grey', text: 'grey', text2: 'grey', text3: 'grey', accent: 'grey', mine: 'grey', bad: 'grey',
  glow: 'grey', fontUi: 'ui', fontMono: 'mono', bandMiddle: 'grey', bandEnd: 'grey', sealOff: 0.2, seal: () => 'grey', idFill: () => 'grey', idLine: () => 'grey',
};

/** A context that writes down what is drawn on it, relative to nothing. */
class Recorder {
  readonly log: string[] = [];
  readonly context: CanvasRenderingContext2D;
  constructor() {
    const state: Record<string, unknown> = {};
    this.context = new Proxy(state, {
      get: (target, name) => {
        if (typeof name !== 'string') return undefined;
        if (name === 'createLinearGradient') return () => ({ addColorStop: () => undefined });
        if (name in target) return target[name];
        return (...args: unknown[]) => {
          this.log.push(`${name}(${args.map((each) => (each instanceof Picture ? each.recorder.log.join(' ') : JSON.stringify(each))).join()})`);
        };
      },
      set: (target, name, value) => {
        target[String(name)] = value;
        this.log.push(`${String(name)}=${JSON.stringify(value)}`);
        return true;
      },
    }) as unknown as CanvasRenderingContext2D;
  }
}

class Picture {
  readonly recorder = new Recorder();
  readonly width: number;
  readonly height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
  getContext(): CanvasRenderingContext2D {
    return this.recorder.context;
  }
  transferToImageBitmap(): this {
    return this;
  }
}

/** What is drawn for a chain whose middle block is looked at. */
function drawn(tree: Tree, step: ZoomStep, shown: string | null, change: Change | null = null): string {
  const view = new ChainView(layoutChain(tree), { at: () => undefined, find: () => undefined });
  const metrics = METRICS[step];
  const recorder = new Recorder();
  const tools = { palette: GREY, pixelRatio: 1, sprites: new SpriteCache<ImageBitmap>(100, () => undefined), movement: new Movement() };
  const [first, last] = columnsInSight(0, 400, metrics);
  paintChain(
    [{ context: recorder.context, top: 0, bottom: 396, font: '' }],
    tools,
    { view, geometry: laneGeometry(396, 1, metrics), metrics, x: 0, width: 400, height: 396, first, last, shownHash: shown, keyHash: null, nodeId: undefined, isMining: false, broken: change === null ? null : new Broken(tree.blocks.values(), change) },
    0,
  );
  return recorder.log.join('\n');
}

beforeEach(() => {
  vi.stubGlobal('OffscreenCanvas', Picture);
  vi.stubGlobal('Path2D', class {});
});
afterEach(() => vi.unstubAllGlobals());

describe('in greyscale', () => {
  // The same block d, whose place and seal stay: stale, refused, chosen, or of the chain.
  const tree = makeTree('g', ['a<g', 'b<a', 'd<g'], 'b');
  const hash = tree.hash('d');
  const refused: Tree = { ...tree, blocks: new Map([...tree.blocks].map(([key, block]) => [key, key === hash ? { ...block, branch: 'invalid' as const } : block])) };

  it('UI-13 active, stale, selected and rejected blocks differ in shape at every zoom step', () => {
    for (const step of ZOOM_STEPS) {
      const pictures = [drawn(tree, step, null), drawn(refused, step, null), drawn(tree, step, hash), drawn(refused, step, hash), drawn(tree, step, tree.hash('a'))];
      expect(new Set(pictures).size, step).toBe(pictures.length);
      // The active block beside it is drawn otherwise than the stale one, place aside.
      const dashes = drawn(tree, step, null).includes('setLineDash([3,3])') || drawn(tree, step, null).includes('setLineDash([2,2])');
      if (step !== 'line') expect(dashes, step).toBe(true);
    }
    expect(drawn(tree, 'glyph', null)).toBe(drawn(tree, 'glyph', null));
  });

  it('UI-13 a stale line is cut, a refused one keeps its ends, a chosen one is longer', () => {
    const lines = (picture: string): number => picture.split('\n').filter((line) => line.startsWith('fillRect(2,')).length;
    expect([lines(drawn(tree, 'line', null)), lines(drawn(refused, 'line', null))]).toEqual([5, 3]);
    expect(lines(drawn(tree, 'line', hash))).toBe(7);
  });

  it('UI-13 UI-15 a changed block, those above it and the cut link differ in shape at every zoom step', () => {
    const change = { hash: tree.hash('a'), height: 1, newHash: 'f3'.repeat(32), active: true };
    for (const step of ZOOM_STEPS) {
      const whole = drawn(tree, step, change.hash);
      const broken = drawn(tree, step, change.hash, change);
      expect(broken, step).not.toBe(whole);
      // Not only the seal of the changed block: nothing else of the picture knows its hash.
      const loose = drawn(tree, step, change.hash, { ...change, newHash: change.hash });
      expect(loose, step).not.toBe(whole);
      if (step === 'line') continue;
      // One link is drawn in two pieces, from each of its ends.
      const pieces = (picture: string): number => picture.split('\n').filter((line) => /^lineDashOffset=-/.test(line)).length;
      expect([pieces(whole), pieces(broken)], step).toEqual([0, 1]);
    }
  });

  it('UI-13 the place of the next block says whether it is being mined, in words and by its frame', () => {
    const place = (status: 'idle' | 'mining'): string =>
      renderToStaticMarkup(<Ghost left={0} top={0} metrics={METRICS.tile} mining={{ status, hashes: 500, expectedHashes: 1000 }} />);
    expect(place('mining')).toContain('>mining<');
    expect(place('mining')).toContain('ghost-work');
    expect(place('idle')).toContain('>next<');
    expect(place('idle')).not.toContain('ghost-work');
  });
});

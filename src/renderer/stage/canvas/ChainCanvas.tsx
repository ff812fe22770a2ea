import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { HashHex } from '../../../shared/blocks.ts';
import { takeReplay, useUi } from '../../store/index.ts';
import { MAX_SPRITES } from '../limits.ts';
import { reducedMotion, type Scene } from '../motion.ts';
import { Movement } from './movement.ts';
import { paintChain } from './paint.ts';
import { readPalette, type Palette } from './palette.ts';
import { sheetPlaces } from './sheets.ts';
import { lookOf, SpriteCache } from './sprites.ts';
import { reportDraw } from './timing.ts';
import type { Picture, Sheet } from './studio.ts';

export interface ChainCanvasProps extends Picture {
  scene: Scene;
}

/** Counts what makes the pictures of blocks void without any prop changing: fonts that came, another pixel ratio. */
function useOutside(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const renew = (): void => setCount((before) => before + 1);
    document.fonts.addEventListener('loadingdone', renew);
    const ratio = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    ratio.addEventListener('change', renew);
    return () => {
      document.fonts.removeEventListener('loadingdone', renew);
      ratio.removeEventListener('change', renew);
    };
  }, [count]);
  return count;
}

/** New blocks in one scene from which on none of them gets a picture of its own at once. */
const MANY_FRESH = 3;

/** Has as many canvases below each other in `stage` as the picture needs, each with its own part of it. A new size puts a canvas back to its beginnings. */
function laySheets(stage: HTMLElement, before: readonly Sheet[], width: number, height: number, pixelRatio: number): Sheet[] {
  const places = sheetPlaces(width, height, pixelRatio);
  const columns = Math.round(width * pixelRatio);
  for (const { context } of before.slice(places.length)) context.canvas.remove();
  return places.flatMap(({ top, bottom, rows }, index) => {
    const context = before[index]?.context ?? stage.appendChild(document.createElement('canvas')).getContext('2d', { alpha: false });
    if (context === null) return [];
    const { canvas } = context;
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    canvas.style.cssText = `top: ${String(top)}px; width: ${String(width)}px; height: ${String(bottom - top)}px`;
    return [{ context, top, bottom, font: '' }];
  });
}

/** Draws the chain. Decorative: the options above it say the same, and take the clicks. */
export const ChainCanvas = memo(function ChainCanvas(props: ChainCanvasProps) {
  const { scene, ...picture } = props;
  const replay = useUi((state) => state.replay);
  const { geometry, metrics, width, height, nodeId } = picture;
  const element = useRef<HTMLDivElement>(null);
  const theme = useUi((state) => state.resolvedTheme);
  const outside = useOutside();
  const [movement] = useState(() => new Movement());
  const [sprites] = useState(() => new SpriteCache<ImageBitmap>(MAX_SPRITES, (sprite) => sprite.close()));
  const palette = useRef<{ theme: string; value: Palette } | null>(null);
  const surface = useRef<{ sheets: Sheet[]; pixelRatio: number; of: string } | null>(null);
  const drawn = useRef<Scene | null>(null);
  const latest = useRef<(() => void) | null>(null);
  const stale = useRef(false);
  const frame = useRef<number | null>(null);
  const first = useRef(true);

  // What stands elsewhere than before sets off; at another zoom everything does, and then nothing moves.
  const arranged = useRef<{ scene: Scene; geometry: typeof geometry; metrics: typeof metrics } | null>(null);
  useLayoutEffect(() => {
    const before = arranged.current;
    if (before?.scene === scene && before.geometry === geometry) return;
    arranged.current = { scene, geometry, metrics };
    const tops = new Map<HashHex, number>();
    for (const { block, lane } of scene.layout.blocks.values()) tops.set(block.hash, geometry.tops[lane] ?? 0);
    const sameZoom = before === null || before.metrics === metrics;
    movement.arrange({ tops, fresh: scene.fresh, freshAt: scene.at, motion: sameZoom ? scene.motion : 'snap' }, performance.now());
  }, [movement, scene, geometry, metrics]);

  // After the arrangement: a canvas that has just come must know where the blocks stand.
  useLayoutEffect(() => {
    const reorg = takeReplay();
    if (reorg === null) return;
    const from = new Map<HashHex, number>();
    for (const hash of reorg.disconnected) from.set(hash, geometry.tops[0] ?? 0);
    for (const hash of reorg.connected) from.set(hash, geometry.tops[1] ?? geometry.tops[0] ?? 0);
    movement.replay(from, reducedMotion() ? 'fade' : 'full', performance.now());
  }, [replay, movement, geometry]);

  useLayoutEffect(() => {
    const stage = element.current;
    if (stage === null) return;
    if (palette.current?.theme !== theme) palette.current = { theme, value: readPalette(stage) };
    // A presentation shows the stage larger: its pixels are the screen's all the same. Another zoom gives the stage another size. How much finer they are is
    // asked when that can have changed: reading it has the page work out all styles.
    const of = `${String(width)} ${String(height)} ${String(outside)} ${String(window.devicePixelRatio)}`;
    if (surface.current?.of !== of) {
      const pixelRatio = window.devicePixelRatio * stage.currentCSSZoom;
      surface.current = { sheets: laySheets(stage, surface.current?.sheets ?? [], width, height, pixelRatio), pixelRatio, of };
    }
    const { sheets, pixelRatio } = surface.current;
    sprites.setLook(lookOf(theme, pixelRatio, outside, nodeId));
    const tools = { palette: palette.current.value, pixelRatio, sprites, movement };
    latest.current = () => {
      const now = performance.now();
      // So many at once will be out of sight before each has been drawn often enough to be worth a picture of its own.
      const passing = scene.motion === 'snap' && scene !== drawn.current && scene.fresh.size > MANY_FRESH;
      drawn.current = scene;
      paintChain(sheets, tools, picture, now, passing);
      reportDraw(now, first.current);
      first.current = false;
      stale.current = false;
    };
    // One picture a frame, however often the page is drawn until then. The first is drawn at once: what stands over the canvas may be moving in this
    // very frame. Where nothing moves it waits for the frame too, and a key that comes meanwhile goes first.
    stale.current = true;
    if (frame.current !== null) return;
    const onFrame = (): void => {
      const isBusy = movement.busy(performance.now());
      if (stale.current || isBusy) latest.current?.();
      frame.current = isBusy ? requestAnimationFrame(onFrame) : null;
    };
    if (scene.motion !== 'snap' || first.current) latest.current();
    frame.current = requestAnimationFrame(onFrame);
  });
  useEffect(
    () => () => {
      if (frame.current !== null) cancelAnimationFrame(frame.current);
      frame.current = null;
    },
    [],
  );

  return <div ref={element} className="chain-canvas" style={{ width, height }} aria-hidden="true" />;
});

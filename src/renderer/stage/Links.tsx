import { memo, useLayoutEffect, useRef } from 'react';
import { columnLeft, columnMiddle, GLYPH_SOCKET_Y, SOCKET_Y, TILE_HEIGHT, TILE_WIDTH, type LaneGeometry } from './geometry.ts';
import type { PlacedLink } from './layout.ts';
import { EASE_OUT, FADE_MS, isNews, LINK_MS, REORG_MS, type Motion } from './motion.ts';
import { hueColor } from './seal/Seal.tsx';

/** Radius of a link's bend. */
const BEND = 16;

export const socketYOf = (geometry: LaneGeometry, lane: number): number =>
  (geometry.tops[lane] ?? 0) + (lane > 0 && geometry.glyphs ? GLYPH_SOCKET_Y : SOCKET_Y);

/**
 * The path of a link: straight between two sockets of one lane, or out of the parent's lower (or upper) edge and round a bend
 * into the child's socket. `originX` is subtracted from every x.
 */
export function linkPath(link: PlacedLink, geometry: LaneGeometry, originX: number): string {
  const toX = columnLeft(link.toHeight) - originX - 1;
  const toY = socketYOf(geometry, link.toLane);
  if (link.fromLane === link.toLane) return `M${columnLeft(link.fromHeight) - originX + TILE_WIDTH + 1} ${toY}H${toX}`;
  const x = columnMiddle(link.fromHeight) - originX;
  const parentTop = geometry.tops[link.fromLane] ?? 0;
  const parentHeight = link.fromLane === 0 ? TILE_HEIGHT : geometry.sideHeight;
  const down = link.toLane > link.fromLane;
  const start = down ? parentTop + parentHeight + 1 : parentTop - 1;
  const bend = Math.min(BEND, Math.abs(toY - start));
  return `M${x} ${start}V${down ? toY - bend : toY + bend}Q${x} ${toY} ${x + bend} ${toY}H${toX}`;
}

interface LinkProps {
  path: string;
  hue: number;
  side: boolean;
  /** When it came, in ms of the page's clock; null when it was there before. */
  freshAt: number | null;
  motion: Motion;
}

export const Link = memo(function Link({ path, hue, side, freshAt, motion }: LinkProps) {
  const element = useRef<SVGPathElement>(null);
  const before = useRef<string | null>(null);
  useLayoutEffect(() => {
    const link = element.current;
    const isNew = before.current === null;
    const same = before.current === path;
    before.current = path;
    if (link === null || same || motion === 'snap' || (isNew && !isNews(freshAt, performance.now()))) return;
    if (motion === 'fade') link.animate({ opacity: [0, 1] }, { duration: FADE_MS });
    else if (isNew) {
      const length = link.getTotalLength();
      link.animate(
        { strokeDasharray: [`0 ${length + 4}`, `${length + 4} 0`] },
        { duration: LINK_MS, easing: EASE_OUT, fill: 'backwards' },
      );
    } else link.animate({ opacity: [0, 0, 1] }, { duration: REORG_MS });
  }, [path, freshAt, motion]);
  return <path ref={element} className={side ? 'link link-side' : 'link'} d={path} style={{ stroke: hueColor(hue) }} />;
});

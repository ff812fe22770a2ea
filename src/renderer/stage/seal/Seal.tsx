import { memo, useId, useMemo, type CSSProperties } from 'react';
import type { HashHex } from '../../../shared/blocks.ts';
import { GLYPH_SIDE, glyphPaths, sealOf } from './seal.ts';

/** A hue in the theme's lightness and chroma; the tokens decide both, so that a seal follows the theme live. */
export function hueColor(hue: number): string {
  return `oklch(var(--seal-l) var(--seal-c) ${hue})`;
}

/** At size 31: cells of 5.4 every 6.4, corners 1.4. Other sizes keep the proportions. */
const REFERENCE_SIZE = 31;
const CELL = 5.4;
const PITCH = 6.4;
const RADIUS = 1.4;

export interface SealProps {
  hash: HashHex;
  /** Side in pixels. */
  size?: number;
  className?: string;
}

/** The seal of a hash as a square picture. Decorative: whoever shows it says the hash in words beside it. */
export const Seal = memo(function Seal({ hash, size = REFERENCE_SIZE, className }: SealProps) {
  const gradient = useId();
  const seal = sealOf(hash);
  const paths = useMemo(() => glyphPaths(seal, CELL, PITCH, RADIUS), [seal]);
  const extent = PITCH * (GLYPH_SIDE - 1) + CELL;
  const fill: CSSProperties = { fill: `url(#${gradient})` };
  return (
    <svg
      className={className === undefined ? 'seal' : `seal ${className}`}
      width={size}
      height={size}
      viewBox={`0 0 ${extent} ${extent}`}
      aria-hidden="true"
      focusable="false"
      data-seal={hash.slice(-10)}
    >
      <linearGradient id={gradient} gradientUnits="userSpaceOnUse" x1="0" y1="0" x2={extent} y2={extent}>
        <stop offset="0" style={{ stopColor: hueColor(seal.hue) }} />
        <stop offset="1" style={{ stopColor: hueColor(seal.hueEnd) }} />
      </linearGradient>
      <path d={paths.unlit} style={fill} opacity="var(--seal-off)" />
      <path d={paths.lit} style={fill} />
    </svg>
  );
});

import { memo } from 'react';
import type { MiningState } from '../../shared/events.ts';
import { scaleCount } from '../lib/format.ts';
import type { Metrics } from './canvas/zoom.ts';

/** Share of the tries after which a block is found this often: never 1, since nothing promises an end. */
export function workShare(hashes: number, expectedHashes: number): number {
  if (!(expectedHashes > 0) || !(hashes > 0)) return 0;
  return Math.min(1 - Math.exp(-hashes / expectedHashes), 0.999);
}

/** Tries in the room of a tile: from a tenth of a million in millions, as the design has it. */
export function shortTries(hashes: number): string {
  if (hashes >= 100_000 && hashes < 1_000_000) return `${(hashes / 1_000_000).toFixed(2)} M`;
  const { value, unit } = scaleCount(hashes);
  return unit === '' ? value : `${value} ${unit}`;
}

interface GhostProps {
  left: number;
  top: number;
  metrics: Metrics;
  mining: Pick<MiningState, 'status' | 'hashes' | 'expectedHashes'> | null;
}

/** The place of the next block; while mining, the work fills it. Decorative: the mine panel says the same in words. */
export const Ghost = memo(function Ghost({ left, top, metrics, mining }: GhostProps) {
  const busy = mining?.status === 'mining';
  const share = busy ? workShare(mining.hashes, mining.expectedHashes) : 0;
  const { width, height } = metrics;
  // Words need a tile's room, and a frame within the frame needs a glyph's.
  const hasWords = metrics.step === 'tile';
  const inset = width > 20 ? 3 : 1;
  const radius = Math.min(10, width / 3);
  const inner = height - 2 * inset;
  return (
    <div className={busy ? 'ghost ghost-mining' : 'ghost'} style={{ left, top }} aria-hidden="true" data-ghost={busy ? 'mining' : 'idle'}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} focusable="false">
        <clipPath id="ghost-inside">
          <rect x={inset} y={inset} width={width - 2 * inset} height={inner} rx={radius * 0.75} />
        </clipPath>
        {busy && (
          <g clipPath="url(#ghost-inside)">
            <rect
              className="ghost-work"
              x={inset}
              y={inset}
              width={width - 2 * inset}
              height={inner}
              style={{ transform: `translateY(${(1 - share) * inner}px)` }}
            />
          </g>
        )}
        <rect className="ghost-box" x=".75" y=".75" width={Math.max(1, width - 1.5)} height={height - 1.5} rx={radius} />
        {hasWords && (
          <text className="ghost-word" x={width / 2} y={busy ? 31 : 36} textAnchor="middle">
            {busy ? 'mining' : 'next'}
          </text>
        )}
        {hasWords && busy && (
          <text className="ghost-tries" x={width / 2} y="48" textAnchor="middle">
            {shortTries(mining.hashes)}
          </text>
        )}
      </svg>
    </div>
  );
});

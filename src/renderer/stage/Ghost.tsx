import { memo } from 'react';
import type { MiningState } from '../../shared/events.ts';
import { scaleCount } from '../lib/format.ts';
import { TILE_HEIGHT, TILE_WIDTH } from './geometry.ts';

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
  mining: Pick<MiningState, 'status' | 'hashes' | 'expectedHashes'> | null;
}

/** The place of the next block; while mining, the work fills it. Decorative: the mine panel says the same in words. */
export const Ghost = memo(function Ghost({ left, top, mining }: GhostProps) {
  const busy = mining?.status === 'mining';
  const share = busy ? workShare(mining.hashes, mining.expectedHashes) : 0;
  const inner = TILE_HEIGHT - 6;
  return (
    <div className={busy ? 'ghost ghost-mining' : 'ghost'} style={{ left, top }} aria-hidden="true" data-ghost={busy ? 'mining' : 'idle'}>
      <svg width={TILE_WIDTH} height={TILE_HEIGHT} viewBox={`0 0 ${TILE_WIDTH} ${TILE_HEIGHT}`} focusable="false">
        <clipPath id="ghost-inside">
          <rect x="3" y="3" width={TILE_WIDTH - 6} height={inner} rx="7.5" />
        </clipPath>
        {busy && (
          <g clipPath="url(#ghost-inside)">
            <rect
              className="ghost-work"
              x="3"
              y="3"
              width={TILE_WIDTH - 6}
              height={inner}
              style={{ transform: `translateY(${(1 - share) * inner}px)` }}
            />
          </g>
        )}
        <rect className="ghost-box" x=".75" y=".75" width={TILE_WIDTH - 1.5} height={TILE_HEIGHT - 1.5} rx="10" />
        <text className="ghost-word" x={TILE_WIDTH / 2} y={busy ? 31 : 36} textAnchor="middle">
          {busy ? 'mining' : 'next'}
        </text>
        {busy && (
          <text className="ghost-tries" x={TILE_WIDTH / 2} y="48" textAnchor="middle">
            {shortTries(mining.hashes)}
          </text>
        )}
      </svg>
    </div>
  );
});

import { memo, useLayoutEffect, useRef } from 'react';
import { Avatar } from '../components/Avatar.tsx';
import { formatNumber, formatTime } from '../lib/format.ts';
import { hashEnding } from '../lib/identity.ts';
import { GLYPH_SOCKET_Y, GLYPH_TILE_HEIGHT, SOCKET_Y, TILE_HEIGHT, TILE_WIDTH } from './geometry.ts';
import type { PlacedBlock } from './layout.ts';
import { BLOCK_MS, EASE_OUT, FADE_MS, isNews, REORG_MS, type Motion } from './motion.ts';
import { hueColor, Seal } from './seal/Seal.tsx';
import { NAME_GRAPHEMES } from './limits.ts';
import { plainLine } from './text.ts';

export interface TileProps {
  id: string;
  placed: PlacedBlock;
  left: number;
  top: number;
  glyph: boolean;
  /** It is the block of the detail panel. */
  selected: boolean;
  /** The keyboard stands on it. */
  current: boolean;
  /** It was found by this node. */
  mine: boolean;
  /** When it came, in ms of the page's clock; null when it was there before. */
  freshAt: number | null;
  motion: Motion;
  /** `Held by you and Birch`. */
  description?: string | undefined;
}

/** `Block 1,312, active chain, hash ending bf6f, found by Birch, 14:31:13`. */
export function tileLabel({ block, lane }: PlacedBlock): string {
  const branch = block.branch === 'invalid' ? 'invalid' : lane === 0 ? 'active chain' : 'stale branch';
  const miner = plainLine(block.minerName, NAME_GRAPHEMES);
  const found = block.height === 0 ? 'the first block' : miner === '' ? 'finder unknown' : `found by ${miner}`;
  return `Block ${formatNumber(block.height)}, ${branch}, hash ending ${hashEnding(block.hash)}, ${found}, ${formatTime(block.time)}`;
}

/** Plays what changed: a block that is new, or that moved to another lane. Layout itself is never animated. */
function useTileMotion(top: number, freshAt: number | null, motion: Motion) {
  const element = useRef<HTMLDivElement>(null);
  const before = useRef<number | null>(null);
  useLayoutEffect(() => {
    const tile = element.current;
    const from = before.current;
    before.current = top;
    if (tile === null || motion === 'snap') return;
    if (from === null) {
      if (!isNews(freshAt, performance.now())) return;
      if (motion === 'fade') tile.animate({ opacity: [0, 1] }, { duration: FADE_MS });
      else {
        tile.animate(
          { opacity: [0, 1], transform: ['scale(.86)', 'scale(1)'] },
          { duration: BLOCK_MS, easing: EASE_OUT, delay: 60, fill: 'backwards' },
        );
      }
    } else if (from !== top) {
      if (motion === 'fade') tile.animate({ opacity: [0, 1] }, { duration: FADE_MS });
      else {
        tile.animate({ transform: [`translateY(${from - top}px)`, 'none'] }, { duration: REORG_MS, easing: EASE_OUT });
      }
    }
  }, [top, freshAt, motion]);
  return element;
}

/** One block of the strip: an option of the listbox, keyed by its hash. */
export const Tile = memo(function Tile(props: TileProps) {
  const { id, placed, left, top, glyph, selected, current, mine, freshAt, motion, description } = props;
  const { block, lane, leftHue, rightHue } = placed;
  const element = useTileMotion(top, freshAt, motion);
  const height = glyph ? GLYPH_TILE_HEIGHT : TILE_HEIGHT;
  const socketY = glyph ? GLYPH_SOCKET_Y : SOCKET_Y;
  const kind = block.branch === 'invalid' ? 'invalid' : lane === 0 ? 'active' : 'stale';
  return (
    <div
      ref={element}
      id={id}
      className={`tile tile-${kind}${selected ? ' tile-selected' : ''}${current ? ' tile-current' : ''}`}
      role="option"
      aria-selected={selected}
      aria-label={tileLabel(placed)}
      aria-description={description}
      data-hash={block.hash}
      data-height={block.height}
      data-lane={lane}
      data-left-hue={leftHue ?? undefined}
      data-right-hue={rightHue}
      style={{ left, top, width: TILE_WIDTH, height }}
    >
      <svg width={TILE_WIDTH} height={height} viewBox={`0 0 ${TILE_WIDTH} ${height}`} aria-hidden="true" focusable="false">
        {selected && <rect className="tile-ring" x="-5" y="-5" width={TILE_WIDTH + 10} height={height + 10} rx="14.5" />}
        {current && <rect className="tile-focus" x="-4" y="-4" width={TILE_WIDTH + 8} height={height + 8} rx="13.5" />}
        <rect className="tile-card" x=".5" y=".5" width={TILE_WIDTH - 1} height={height - 1} rx={glyph ? 8 : 10} />
        {leftHue !== null && <circle className="socket" cx=".5" cy={socketY} r="4.6" style={{ fill: hueColor(leftHue) }} />}
        <circle className="socket" cx={TILE_WIDTH - 0.5} cy={socketY} r="4.6" style={{ fill: hueColor(rightHue) }} />
        <g transform={glyph ? 'translate(9 5)' : 'translate(10.5 8.5)'}>
          <Seal hash={block.hash} size={glyph ? 20 : 31} />
        </g>
        {!glyph && (
          <text className="tile-digits" x="20.5" y="55.5" textAnchor="middle">
            {hashEnding(block.hash)}
          </text>
        )}
        {block.height > 0 && (
          <g className="tile-miner" transform={glyph ? 'translate(38.5 15) scale(.36)' : 'translate(41.5 51.3) scale(.36)'}>
            <Avatar id={block.minerId} name={block.minerName} you={mine} bare />
          </g>
        )}
        {kind === 'invalid' && (
          <g className="tile-cross" transform={`translate(${TILE_WIDTH - 4} 4)`}>
            <circle r="7" />
            <path d="M-2.6-2.6 2.6 2.6M2.6-2.6-2.6 2.6" />
          </g>
        )}
      </svg>
    </div>
  );
});

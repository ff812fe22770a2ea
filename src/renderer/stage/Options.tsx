import { memo } from 'react';
import type { HashHex } from '../../shared/blocks.ts';
import { formatNumber, formatTime } from '../lib/format.ts';
import { hashEnding } from '../lib/identity.ts';
import type { Broken } from './canvas/broken.ts';
import { kindOf } from './canvas/faces.ts';
import type { Metrics } from './canvas/zoom.ts';
import { columnLeft, type LaneGeometry } from './geometry.ts';
import type { PlacedBlock } from './layout.ts';
import { NAME_GRAPHEMES } from './limits.ts';
import { plainLine } from './text.ts';

export const optionId = (prefix: string, hash: HashHex): string => `${prefix}-${hash.slice(-16)}`;

/** `Block 1,312, active chain, hash ending bf6f, found by Birch, 14:31:13`. */
export function tileLabel({ block, lane }: PlacedBlock, broken: Broken | null = null): string {
  const branch = block.branch === 'invalid' ? 'invalid' : lane === 0 ? 'active chain' : 'stale branch';
  const miner = plainLine(block.minerName, NAME_GRAPHEMES);
  const found = block.height === 0 ? 'the first block' : miner === '' ? 'finder unknown' : `found by ${miner}`;
  const mark = broken?.markOf(block) ?? null;
  const change = mark === 'changed' ? `, changed: its copy’s hash ends in ${hashEnding(broken?.change.newHash ?? '')}` : mark === 'loose' ? ', no longer follows' : '';
  return `Block ${formatNumber(block.height)}, ${branch}, hash ending ${hashEnding(block.hash)}, ${found}, ${formatTime(block.time)}${change}`;
}

interface OptionsProps {
  blocks: readonly PlacedBlock[];
  geometry: LaneGeometry;
  metrics: Metrics;
  /** Everything is placed relative to this x of the chain. */
  originX: number;
  idPrefix: string;
  shownHash: HashHex | null;
  /** `Held by you and Birch`, by hash. */
  held: ReadonlyMap<HashHex, string>;
  /** A changed copy of one block. */
  broken?: Broken | null;
}

/** The canvas's blocks for screen readers, and for everything else that looks for elements: transparent, each where its block is drawn. */
export const Options = memo(function Options({ blocks, geometry, metrics, originX, idPrefix, shownHash, held, broken = null }: OptionsProps) {
  return blocks.map((placed) => {
    const { block, lane, leftHue } = placed;
    const kind = kindOf(placed, broken);
    return (
      <div
        key={block.hash}
        id={optionId(idPrefix, block.hash)}
        className={`tile tile-${kind}`}
        role="option"
        aria-selected={block.hash === shownHash}
        aria-label={tileLabel(placed, broken)}
        aria-description={held.get(block.hash)}
        data-hash={block.hash}
        data-height={block.height}
        data-lane={lane}
        data-left-hue={leftHue ?? undefined}
        data-right-hue={kind === 'changed' ? broken?.hue : placed.rightHue}
        style={{
          left: columnLeft(block.height, metrics) - originX,
          top: geometry.tops[lane] ?? 0,
          width: metrics.width,
          height: lane === 0 ? metrics.height : geometry.sideHeight,
        }}
      />
    );
  });
});

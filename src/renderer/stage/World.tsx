import { memo, useMemo } from 'react';
import type { HashHex } from '../../shared/blocks.ts';
import type { MiningState } from '../../shared/events.ts';
import { formatNumber, plural } from '../lib/format.ts';
import {
  ACTIVE_TOP,
  columnLeft,
  columnMiddle,
  HEIGHT_LABEL_Y,
  OLDER_WIDTH,
  SOCKET_Y,
  TILE_HEIGHT,
  TILE_WIDTH,
  type LaneGeometry,
} from './geometry.ts';
import { Ghost } from './Ghost.tsx';
import type { PlacedBlock } from './layout.ts';
import { Link, linkPath, socketYOf } from './Links.tsx';
import type { Scene } from './motion.ts';
import { hueColor } from './seal/Seal.tsx';
import { Standing } from './Standing.tsx';
import { holders, type Stand } from './standing.ts';
import { Tile } from './Tile.tsx';

export const optionId = (prefix: string, hash: HashHex): string => `${prefix}-${hash.slice(-16)}`;
export const firstWordsId = (prefix: string): string => `${prefix}-first`;

interface WorldProps {
  scene: Scene;
  geometry: LaneGeometry;
  /** The blocks whose tiles exist, in reading order. */
  mounted: readonly PlacedBlock[];
  stands: readonly Stand[];
  /** Heights in sight, with some to spare. */
  firstColumn: number;
  lastColumn: number;
  /** Everything is placed relative to this x of the strip. */
  originX: number;
  contentRight: number;
  idPrefix: string;
  shownHash: HashHex | null;
  /** Where the keyboard stands, while it is on the strip. */
  keyHash: HashHex | null;
  nodeId: string | undefined;
  mining: MiningState | null;
}

/** What the camera looks at. It knows nothing of the camera's place, so that panning moves it without drawing it anew. */
export const World = memo(function World(props: WorldProps) {
  const { scene, geometry, mounted, stands, firstColumn, lastColumn, originX, idPrefix, mining } = props;
  const { layout, fresh, at, motion } = scene;
  const held = useMemo(() => new Map(stands.map((stand) => [stand.hash, holders(stand)])), [stands]);
  const tip = layout.tipHash === null ? undefined : layout.blocks.get(layout.tipHash);
  const tipHeight = tip?.block.height ?? 0;
  const isMining = mining?.status === 'mining';
  const lastNamed = Math.min(lastColumn, Math.max(layout.lastHeight, tipHeight + 1));
  const columns: number[] = [];
  for (let height = Math.max(firstColumn, layout.firstHeight); height <= lastNamed; height += 1) columns.push(height);
  /** Blocks whose parent is older than the window: their link comes out of nothing. */
  const rootless = mounted.filter(({ block, leftHue }) => leftHue !== null && !layout.blocks.has(block.previousHash));

  return (
    <>
      <div aria-hidden="true">
        {columns.map((height) => (
          <div
            key={height}
            className={`column${height === tipHeight ? ' column-tip' : ''}${height === tipHeight + 1 && isMining ? ' column-next' : ''}`}
            style={{ left: columnMiddle(height) - originX }}
          >
            <span style={{ top: HEIGHT_LABEL_Y - 16 }}>{formatNumber(height)}</span>
          </div>
        ))}
      </div>
      <svg className="strip-links" width="1" height="1" aria-hidden="true" focusable="false">
        {rootless.map(({ block, lane, leftHue }) => (
          <g key={block.hash}>
            <linearGradient id={`${optionId(idPrefix, block.hash)}-in`}>
              <stop offset="0" style={{ stopColor: hueColor(leftHue ?? 0), stopOpacity: 0 }} />
              <stop offset="1" style={{ stopColor: hueColor(leftHue ?? 0) }} />
            </linearGradient>
            <rect
              x={columnLeft(block.height) - originX - 39}
              y={socketYOf(geometry, lane) - 1.5}
              width="38"
              height="3"
              style={{ fill: `url(#${optionId(idPrefix, block.hash)}-in)` }}
            />
          </g>
        ))}
        {layout.links
          .filter((link) => link.toHeight >= firstColumn && link.fromHeight <= lastColumn)
          .map((link) => (
            <Link
              key={link.key}
              path={linkPath(link, geometry, originX)}
              hue={link.hue}
              side={link.toLane > 0 && link.fromLane === link.toLane}
              freshAt={fresh.has(link.to) ? at : null}
              motion={motion}
            />
          ))}
        {tip !== undefined && (
          <path
            className="link link-dotted"
            d={`M${columnLeft(tipHeight) - originX + TILE_WIDTH + 3} ${ACTIVE_TOP + SOCKET_Y}h11`}
            style={{ stroke: hueColor(tip.rightHue) }}
          />
        )}
      </svg>
      {mounted.map((placed) => (
        <Tile
          key={placed.block.hash}
          id={optionId(idPrefix, placed.block.hash)}
          placed={placed}
          left={columnLeft(placed.block.height) - originX}
          top={geometry.tops[placed.lane] ?? ACTIVE_TOP}
          glyph={placed.lane > 0 && geometry.glyphs}
          selected={placed.block.hash === props.shownHash}
          current={placed.block.hash === props.keyHash}
          mine={placed.block.minerId === props.nodeId}
          freshAt={fresh.has(placed.block.hash) ? at : null}
          motion={motion}
          description={held.get(placed.block.hash)}
        />
      ))}
      {layout.firstHeight > 0 && (
        <p
          className="strip-older"
          aria-hidden="true"
          style={{ left: columnLeft(layout.firstHeight) - originX - OLDER_WIDTH, top: ACTIVE_TOP }}
        >
          Older blocks stand in the Table.
        </p>
      )}
      {layout.lastHeight === 0 && (
        <p className="strip-first" id={firstWordsId(idPrefix)} aria-hidden="true" style={{ left: columnLeft(2) - originX + 12, top: ACTIVE_TOP }}>
          <b>This is the first block.</b>
          {isMining ? 'The second one is being mined now.' : 'Press Mine block to find the second one.'}
        </p>
      )}
      {tip !== undefined && <Ghost left={columnLeft(tipHeight + 1) - originX} top={ACTIVE_TOP} mining={mining} />}
      <div className="strip-stands" aria-hidden="true">
        {stands
          .filter((stand) => stand.height >= firstColumn && stand.height <= lastColumn)
          .map((stand) => (
            <Standing
              key={stand.hash}
              stand={stand}
              geometry={geometry}
              originX={originX}
              roomToEnd={props.contentRight - columnLeft(stand.height) - TILE_WIDTH}
            />
          ))}
        {[...layout.hidden].map(([height, count]) => (
          <span
            key={height}
            className="strip-hidden"
            style={{ left: columnMiddle(height) - originX + 6, top: ACTIVE_TOP + TILE_HEIGHT + 2 }}
            title={`${plural(count, 'more branch', 'more branches')} left here: the table lists the blocks.`}
          >
            +{count}
          </span>
        ))}
      </div>
    </>
  );
});

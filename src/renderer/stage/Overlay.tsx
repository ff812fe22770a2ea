import { memo } from 'react';
import type { MiningState } from '../../shared/events.ts';
import { plural } from '../lib/format.ts';
import type { Broken } from './canvas/broken.ts';
import type { Metrics } from './canvas/zoom.ts';
import { Changed } from './Changed.tsx';
import { ACTIVE_TOP, columnLeft, columnMiddle, TILE_HEIGHT, type LaneGeometry } from './geometry.ts';
import { Ghost } from './Ghost.tsx';
import type { ChainLayout } from './layout.ts';
import { Standing } from './Standing.tsx';
import { roomyStands, type Stand } from './standing.ts';

export const firstWordsId = (prefix: string): string => `${prefix}-first`;

/** Whether the chain's first words stand there: beside a first block that is alone, where they have room. */
export const hasFirstWords = (layout: ChainLayout, metrics: Metrics): boolean => layout.lastHeight === 0 && metrics.step === 'tile';

/** From the top of a block to that of the count of hidden branches above it. */
const HIDDEN_ABOVE = 19;

interface OverlayProps {
  layout: ChainLayout;
  tipHeight: number;
  geometry: LaneGeometry;
  metrics: Metrics;
  stands: readonly Stand[];
  /** Heights in sight, with some to spare. */
  firstColumn: number;
  lastColumn: number;
  /** Everything is placed relative to this x of the chain. */
  originX: number;
  contentRight: number;
  idPrefix: string;
  mining: MiningState | null;
  /** A changed copy of one block, and the lane that this block stands in; null where that is not known (yet). */
  broken: Broken | null;
  brokenLane: number | null;
}

/**
 * What stands on the canvas in words or moves by itself: who holds which block, the next block's place, the counts of hidden
 * branches. Few at a time, and names from strangers are set best by the browser.
 */
export const Overlay = memo(function Overlay(props: OverlayProps) {
  const { layout, tipHeight, geometry, metrics, stands, firstColumn, lastColumn, originX, idPrefix, mining, broken } = props;
  const isMining = mining?.status === 'mining';
  const inSight = (height: number): boolean => height >= firstColumn && height <= lastColumn;
  return (
    <>
      {hasFirstWords(layout, metrics) && (
        <p className="strip-first" id={firstWordsId(idPrefix)} aria-hidden="true" style={{ left: columnLeft(2) - originX + 12, top: ACTIVE_TOP - geometry.lift }}>
          <b>This is the first block.</b>
          {isMining ? 'The second one is being mined now.' : 'Press Mine block to find the second one.'}
        </p>
      )}
      {layout.tipHash !== null && inSight(tipHeight + 1) && (
        <Ghost left={columnLeft(tipHeight + 1, metrics) - originX} top={geometry.tops[0] ?? 0} metrics={metrics} mining={mining} />
      )}
      <div className="strip-stands" aria-hidden="true">
        {roomyStands(stands, metrics)
          .filter((stand) => inSight(stand.height))
          .map((stand) => (
            <Standing
              key={stand.hash}
              stand={stand}
              geometry={geometry}
              metrics={metrics}
              originX={originX}
              roomToEnd={props.contentRight - columnLeft(stand.height, metrics) - metrics.width}
            />
          ))}
        {broken !== null && props.brokenLane !== null && inSight(broken.change.height) && (
          <Changed broken={broken} layout={layout} lane={props.brokenLane} geometry={geometry} metrics={metrics} originX={originX} />
        )}
        {[...layout.hidden]
          .filter(([height]) => inSight(height))
          .map(([height, count]) => (
            <span
              key={height}
              className="strip-hidden"
              // Under a tile there is room beside the link; where columns are narrow, it is above the block.
              style={
                metrics.step === 'tile'
                  ? { left: columnMiddle(height, metrics) - originX + 6, top: ACTIVE_TOP - geometry.lift + TILE_HEIGHT - 6 }
                  : { left: columnMiddle(height, metrics) - originX - 12, top: (geometry.tops[0] ?? 0) - HIDDEN_ABOVE }
              }
              title={`${plural(count, 'more branch', 'more branches')} left here: the table lists the blocks.`}
            >
              +{count}
            </span>
          ))}
      </div>
    </>
  );
});

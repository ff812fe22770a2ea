import { useCallback, useMemo, useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { formatNumber, plural } from '../../lib/format.ts';
import { useNode } from '../../store/index.ts';
import { OVERVIEW_BUCKETS } from '../limits.ts';
import { useSize } from '../useSize.ts';
import { barHeights, forkMarks, trackHeight, trackX, windowOnTrack } from './buckets.ts';
import { useOverview } from './useOverview.ts';

interface OverviewProps {
  tipHeight: number;
  /** Heights at the stage's edges, parts included. */
  firstInSight: number;
  lastInSight: number;
  /** The height in the middle of the stage. */
  middle: number;
  /** Brings a height to the middle of the stage. */
  onGo: (height: number) => void;
}

/** Pixels from bar to bar, bottom of the bars and middle of the forks' marks on the track. */
const BAR_PITCH = 3;
const BAR_BOTTOM = 21;
const MARK_Y = 28;
/** Share of the chain that PageUp and PageDown move by. */
const PAGE_SHARE = 0.1;

/** The whole chain as a slider: the window on it is what the stage shows. Bars are the usual time between blocks, the fainter ones behind them the longest; rings are forks. */
export function Overview({ tipHeight, firstInSight, lastInSight, middle, onGo }: OverviewProps) {
  const [measured, size] = useSize();
  const track = useRef<HTMLDivElement | null>(null);
  // The same function each time: a new one would be a new element to React, which is measured, and that lays out the page.
  const ref = useCallback(
    (element: HTMLDivElement | null) => {
      track.current = element;
      return measured(element);
    },
    [measured],
  );
  const width = size?.width ?? 0;
  const overview = useOverview(Math.min(OVERVIEW_BUCKETS, Math.floor(width / BAR_PITCH)));

  // Drawn over the length that they were taken at, so that the paths change with the answer and not with every block.
  const { bars, gaps, marks } = useMemo(() => {
    const buckets = overview?.buckets ?? [];
    const length = overview?.tip.height ?? 0;
    const path = (heights: readonly number[]): string =>
      buckets.map(({ from, to }, index) => `M${Math.round(trackX((from + to) / 2, length, width))} ${BAR_BOTTOM}v${-(heights[index] ?? 0)}`).join('');
    return {
      bars: path(barHeights(buckets.map(({ meanSeconds }) => meanSeconds))),
      gaps: path(barHeights(buckets.map(({ longestGapSeconds }) => longestGapSeconds))),
      marks: forkMarks(buckets, length, width),
    };
  }, [overview, width]);
  const window = windowOnTrack(firstInSight, lastInSight, tipHeight, width);

  const toPointer = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect();
    if (box !== undefined) onGo(trackHeight(event.clientX - box.left, tipHeight, box.width));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.round(tipHeight * PAGE_SHARE));
    const targets: Readonly<Record<string, number>> = {
      ArrowLeft: middle - 1,
      ArrowDown: middle - 1,
      ArrowRight: middle + 1,
      ArrowUp: middle + 1,
      PageDown: middle - page,
      PageUp: middle + page,
      Home: 0,
      End: tipHeight,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    onGo(Math.min(tipHeight, Math.max(0, target)));
  };

  const sideTips = useNode((state) => state.chain?.sideTips.length ?? 0);
  const forks = overview?.forks ?? sideTips;
  const first = Math.max(0, Math.ceil(firstInSight));
  const last = Math.min(tipHeight, Math.max(first, Math.floor(lastInSight)));
  return (
    <div className="overview">
      <p className="overview-words" aria-hidden="true">
        <span>Whole chain</span>
        <span>
          {plural(tipHeight + 1, 'block')}, {forks === 0 ? 'no forks' : plural(forks, 'fork')}
        </span>
      </p>
      <div
        ref={ref}
        className="overview-track"
        role="slider"
        tabIndex={0}
        aria-label="Whole chain"
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={tipHeight}
        aria-valuenow={middle}
        aria-valuetext={`Blocks ${formatNumber(first)} to ${formatNumber(last)} in sight, of ${formatNumber(tipHeight + 1)}`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          toPointer(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) toPointer(event);
        }}
      >
        <svg width="100%" height="34" aria-hidden="true" focusable="false">
          <path className="overview-gaps" d={gaps} />
          <path className="overview-bars" d={bars} />
          {marks.map((x) => (
            <circle key={x} className="overview-fork" cx={x} cy={MARK_Y} r="2" />
          ))}
          <rect className="overview-window" x={window.left + 1} y="1" width={Math.max(1, window.width - 2)} height="32" rx="5" />
        </svg>
      </div>
    </div>
  );
}

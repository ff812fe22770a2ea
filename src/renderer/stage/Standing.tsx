import { memo } from 'react';
import { Avatar } from '../components/Avatar.tsx';
import type { Metrics } from './canvas/zoom.ts';
import { AVATAR_Y, columnLeft, columnMiddle, socketYOf, type LaneGeometry } from './geometry.ts';
import { holders, type Stand } from './standing.ts';

/** Side of an avatar, and by how much less than that the next one follows. */
const SIZE = 22;
const OVERLAP = 2;
/** Pixels by which an avatar may be taller than the side block it stands at. */
const TALLER = 2;
/** Side blocks as low as this leave room for one line of words. */
const LOW = 20;
/** Room that a label needs beside its avatars; with less it is left out. */
const LABEL_MIN = 84;
const LABEL_MAX = 220;

interface StandingProps {
  stand: Stand;
  geometry: LaneGeometry;
  metrics: Metrics;
  originX: number;
  /** Free pixels from the end of this stand's column to the end of the strip. */
  roomToEnd: number;
}

/** The avatars of those who hold a block. Hidden from screen readers: the block's option says who holds it. */
export const Standing = memo(function Standing({ stand, geometry, metrics, originX, roomToEnd }: StandingProps) {
  const { lane, atBranchEnd, shown, more, label, sublabel } = stand;
  const size = lane > 0 ? Math.min(SIZE, geometry.sideHeight + TALLER) : SIZE;
  const step = size - OVERLAP;
  const width = size + (shown.length - 1) * step + (more > 0 ? SIZE : 0);
  const faces = (
    <span className="standing-faces" style={{ width }}>
      {shown.map((person, index) => (
        <span key={person.id} className="standing-face" style={{ left: index * step, top: (SIZE - size) / 2 }}>
          <Avatar id={person.id} name={person.name} you={person.you} size={size} />
        </span>
      ))}
      {more > 0 && (
        <span className="standing-more" style={{ left: shown.length * step + 2 }}>
          +{more}
        </span>
      )}
    </span>
  );

  if (atBranchEnd) {
    const left = columnLeft(stand.height, metrics) - originX + metrics.width + 8;
    const room = Math.min(LABEL_MAX, stand.freeColumns * metrics.pitch - metrics.width - 30 - width, roomToEnd - width - 30);
    return (
      <div className="standing standing-end" style={{ left, top: socketYOf(geometry, lane) }} title={holders(stand)}>
        <span className="standing-lead" />
        {faces}
        {label !== '' && room >= LABEL_MIN && (
          <span className="standing-words" style={{ maxWidth: room }}>
            <bdi className="standing-name">{label}</bdi>
            {geometry.sideHeight > LOW && <span className="standing-sub">{sublabel}</span>}
          </span>
        )}
      </div>
    );
  }

  const middle = columnMiddle(stand.height, metrics) - originX;
  if (lane > 0) {
    return (
      <div className="standing standing-over" style={{ left: middle - width / 2, top: geometry.tops[lane] ?? 0 }} title={holders(stand)}>
        {faces}
      </div>
    );
  }
  const room = Math.min(LABEL_MAX, stand.freeColumns * metrics.pitch - width / 2 - 44, roomToEnd);
  return (
    <div className="standing standing-above" style={{ left: middle - width / 2, top: AVATAR_Y - geometry.lift }} title={holders(stand)}>
      {faces}
      {label !== '' && room >= LABEL_MIN && (
        <bdi className="standing-name" style={{ maxWidth: room }}>
          {label}
        </bdi>
      )}
      <span className="standing-stem" style={{ left: width / 2 }} />
    </div>
  );
});

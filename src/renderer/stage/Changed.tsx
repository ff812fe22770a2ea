import type { Broken } from './canvas/broken.ts';
import type { Metrics } from './canvas/zoom.ts';
import { columnLeft, columnMiddle, socketYOf, type LaneGeometry } from './geometry.ts';
import { linksOf, type ChainLayout } from './layout.ts';

interface ChangedProps {
  broken: Broken;
  layout: ChainLayout;
  /** Lane of the changed block; 0 is the active chain. */
  lane: number;
  geometry: LaneGeometry;
  metrics: Metrics;
  originX: number;
}

/** From the top of a block to that of a word above it, and of one that lies on its edge. */
const ABOVE = 19;
const ON_EDGE = 9;
/** From a link up to the sign beside it, and from a block's lower edge down to it. */
const OVER_LINK = 17;
const UNDER_BLOCK = 1;

/** Says of the changed block that it is, and of each of its cut links that the two ends differ. For the eye: the options say the same in words. */
export function Changed({ broken, layout, lane, geometry, metrics, originX }: ChangedProps) {
  const { hash, height } = broken.change;
  const top = geometry.tops[lane] ?? 0;
  const middle = columnMiddle(height, metrics) - originX;
  const roomy = metrics.step === 'tile' || metrics.step === 'glyph';
  // Where blocks are bars there is no room beside a link.
  if (!roomy) {
    return (
      <span className="changed-word" style={{ left: middle, top: top - ABOVE }}>
        <b>≠</b> changed
      </span>
    );
  }
  const bottom = top + (lane === 0 ? metrics.height : geometry.sideHeight);
  const bends = linksOf(layout).some((link) => link.from === hash && link.toLane !== lane);
  return (
    <>
      <span className="changed-word" style={{ left: middle, top: top - (lane === 0 && metrics.step === 'tile' ? ON_EDGE : ABOVE) }}>
        changed
      </span>
      <b
        className="changed-cut"
        style={{ left: columnLeft(height, metrics) - originX + (metrics.width + metrics.pitch) / 2, top: socketYOf(geometry, lane) - OVER_LINK }}
      >
        ≠
      </b>
      {bends && (
        <b className="changed-cut" style={{ left: middle + 11, top: bottom + UNDER_BLOCK }}>
          ≠
        </b>
      )}
    </>
  );
}

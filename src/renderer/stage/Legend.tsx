import { useNode } from '../store/index.ts';
import { useTamper } from '../tamper/tamper-store.ts';
import { hueColor } from './seal/Seal.tsx';

/** A hue for the example; any would do. */
const EXAMPLE_HUE = 255;

/** How to read the strip, where there is room for it. */
export function Legend({ corner, bottom }: { corner: 'left' | 'right'; bottom: number }) {
  const tie = useNode(({ chain }) => chain?.sideTips.some(({ branch, chainwork }) => branch === 'side' && chainwork === chain.tip.chainwork) === true);
  // Above a changed block stand others: then those are what there is to explain.
  const broken = useNode(({ chain }) => chain?.tip.height ?? 0) > useTamper(({ change }) => (change?.active === true ? change.height : Infinity));
  const dashed = tie ? 'Dashed blocks are valid and have as much work, but came later.' : 'Dashed blocks are valid, but another branch has more work.';
  return (
    <ul className={`legend legend-${corner}`} style={{ bottom }}>
      <li>
        <svg width="32" height="14" viewBox="0 0 32 14" aria-hidden="true" focusable="false">
          <path d="M5 7h22" className="link" style={{ stroke: hueColor(EXAMPLE_HUE) }} />
          <circle cx="5" cy="7" r="4.6" style={{ fill: hueColor(EXAMPLE_HUE) }} />
          <circle cx="27" cy="7" r="4.6" style={{ fill: hueColor(EXAMPLE_HUE) }} />
        </svg>
        A block hands its colour to the next. If a block changes, the colours stop matching.
      </li>
      <li>
        <svg width="32" height="16" viewBox="0 0 32 16" aria-hidden="true" focusable="false">
          <rect x="6" y="1" width="20" height="14" rx="4" className={broken ? 'legend-dotted' : 'legend-dashed'} />
        </svg>
        {broken ? 'Dotted blocks no longer follow: the hash that they name is gone.' : dashed}
      </li>
    </ul>
  );
}

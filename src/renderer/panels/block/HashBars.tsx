import { memo, useId } from 'react';
import type { HashHex } from '../../../shared/blocks.ts';
import { BAR_WIDTH, BARS_HEIGHT, BARS_WIDTH, hashBars, hashGroups, leadingZeroDigits } from '../../lib/hash-bars.ts';
import { hueColor } from '../../stage/seal/Seal.tsx';
import { sealOf } from '../../stage/seal/seal.ts';

/** The hash as 64 bars, one a digit: proof of work is the silence at the front. */
export const HashBars = memo(function HashBars({ hash }: { hash: HashHex }) {
  const gradient = useId();
  const seal = sealOf(hash);
  const zeros = leadingZeroDigits(hash);
  const zeroWords = zeros === 0 ? 'none of the first is zero' : zeros === 1 ? 'the first is zero' : `the first ${zeros} are zero`;
  return (
    <svg
      className="hash-bars"
      viewBox={`0 0 ${BARS_WIDTH} ${BARS_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Hash drawn as 64 bars; ${zeroWords}`}
    >
      <linearGradient id={gradient} gradientUnits="userSpaceOnUse" x1="0" y1="0" x2={BARS_WIDTH} y2="0">
        <stop offset="0" style={{ stopColor: hueColor(seal.hue) }} />
        <stop offset="1" style={{ stopColor: hueColor(seal.hueEnd) }} />
      </linearGradient>
      {hashBars(hash).map((bar, index) => (
        <rect
          key={index}
          x={bar.x}
          y={bar.y}
          width={BAR_WIDTH}
          height={bar.height}
          rx="1.6"
          className={bar.leading ? 'leading' : undefined}
          fill={bar.leading ? undefined : `url(#${gradient})`}
        />
      ))}
    </svg>
  );
});

/** The hash in eight groups, its zeros in front in the colour of work. */
export const HashText = memo(function HashText({ hash }: { hash: HashHex }) {
  const zeros = leadingZeroDigits(hash);
  return (
    <p className="hash-text mono">
      <span className="sr-only">Hash {hash}</span>
      {hashGroups(hash).map((group, index) => {
        const lit = Math.max(0, Math.min(group.length, zeros - index * 8));
        return (
          <span key={index} aria-hidden="true">
            {lit > 0 && <b>{group.slice(0, lit)}</b>}
            {group.slice(lit)}
          </span>
        );
      })}
    </p>
  );
});

interface SparklineProps {
  /** Oldest first; fewer than two draw nothing. */
  values: readonly number[];
  width: number;
  height: number;
  className?: string;
}

/**
 * Path through `values`, spread over the width, the greatest at the top. Starts at zero when `fromZero`; else at the least value,
 * with a floor on the range so that noise on a steady value looks steady.
 */
export function sparkPath(values: readonly number[], width: number, height: number, fromZero = true): string {
  if (values.length < 2) return '';
  const most = Math.max(...values);
  const least = fromZero ? 0 : Math.min(...values);
  const range = Math.max(most - least, most * 0.5, 1e-9);
  const pad = 1.5;
  const step = (width - 2 * pad) / (values.length - 1);
  return values
    .map((value, index) => {
      const x = pad + index * step;
      const y = height - pad - ((value - least) / range) * (height - 2 * pad);
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/** A line without axes. Decorative: the number that it shows stands beside it. */
export function Sparkline({ values, width, height, className }: SparklineProps) {
  return (
    <svg
      className={`spark ${className ?? ''}`}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
      focusable="false"
    >
      <path d={sparkPath(values, width, height)} />
    </svg>
  );
}

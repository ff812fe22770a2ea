/** Numbers about numbers. */

export interface Spread {
  count: number;
  p50: number;
  p95: number;
  p98: number;
  max: number;
}

/** The value that a share of all does not exceed (nearest rank). NaN of none. @param share 0 to 1 */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { count: sorted.length, p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), p98: percentile(sorted, 0.98), max: percentile(sorted, 1) };
}

/** The middle one, the lower of two. NaN of none. */
export function median(values: readonly number[]): number {
  return percentile([...values].sort((a, b) => a - b), 0.5);
}

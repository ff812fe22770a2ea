/**
 * What a block took on average just below a height: over the upper half of the way there, so that what came long before does not smooth it.
 * @param passed ms since the start and height, rising; between two of them time is taken as even
 * @returns microseconds; NaN when the height was not reached
 */
export function microsecondsABlock(passed: readonly (readonly [ms: number, height: number])[], height: number): number {
  const half = Math.floor(height / 2);
  return ((msAt(passed, height) - msAt(passed, half)) * 1000) / (height - half);
}

function msAt(passed: readonly (readonly [ms: number, height: number])[], height: number): number {
  const next = passed.findIndex(([, reached]) => reached >= height);
  const after = passed[next];
  if (after === undefined) return Number.NaN;
  const [msBefore, heightBefore] = passed[next - 1] ?? [0, 0];
  return msBefore + ((after[0] - msBefore) * (height - heightBefore)) / (after[1] - heightBefore);
}

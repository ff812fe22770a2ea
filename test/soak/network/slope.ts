/** Straight lines through samples, by least squares (normal equations). */

/** Change of y for 1 more of x. NaN when x never changes. */
export function slope(points: readonly { x: number; y: number }[]): number {
  const { x, y } = means(points);
  let [up, down] = [0, 0];
  for (const point of points) {
    up += (point.x - x) * (point.y - y);
    down += (point.x - x) ** 2;
  }
  return up / down;
}

/** y = a + time * perTime + blocks * perBlock: what time alone costs, and what a block costs. NaN when the two cannot be told apart. */
export function plane(points: readonly { time: number; blocks: number; y: number }[]): { perTime: number; perBlock: number } {
  const n = points.length;
  const mean = (value: (point: { time: number; blocks: number; y: number }) => number): number => points.reduce((sum, point) => sum + value(point), 0) / n;
  const [time, blocks, y] = [mean((point) => point.time), mean((point) => point.blocks), mean((point) => point.y)];
  let [tt, bb, tb, ty, by] = [0, 0, 0, 0, 0];
  for (const point of points) {
    const [t, b, dy] = [point.time - time, point.blocks - blocks, point.y - y];
    tt += t * t;
    bb += b * b;
    tb += t * b;
    ty += t * dy;
    by += b * dy;
  }
  const determinant = tt * bb - tb * tb;
  if (!(determinant > 1e-9 * tt * bb)) return { perTime: Number.NaN, perBlock: Number.NaN };
  return { perTime: (ty * bb - by * tb) / determinant, perBlock: (by * tt - ty * tb) / determinant };
}

function means(points: readonly { x: number; y: number }[]): { x: number; y: number } {
  let [x, y] = [0, 0];
  for (const point of points) {
    x += point.x;
    y += point.y;
  }
  return { x: x / points.length, y: y / points.length };
}

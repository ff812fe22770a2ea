/**
 * The chance that a block meets a rival, from how blocks spread.
 *
 * C. Decker, R. Wattenhofer, "Information Propagation in the Bitcoin Network", IEEE P2P 2013, equation (4): with f(t) the part of the miners
 * that have a block t seconds after it was found, and blocks found every T seconds,
 *
 *   P[fork] = 1 - (1 - 1/T)^(integral over t of 1 - f(t))
 *
 * in steps of a second there; in steps that go to zero it is 1 - exp(-(1/T) * integral), which is used here.
 */

/**
 * @param meanDelay the integral of 1 - f(t), in ms: the mean time until a miner has the block, over all miners, its finder's 0 included
 * @param interval mean time between blocks, ms
 * @returns the part of the blocks that are followed by a rival
 */
export function forkChance(meanDelay: number, interval: number): number {
  return 1 - Math.exp(-meanDelay / interval);
}

/** 95 % interval of a share, `hits` of `count` (E. B. Wilson, 1927): holds for few hits too. */
export function wilson(hits: number, count: number): { low: number; high: number } {
  if (count === 0) return { low: 0, high: 1 };
  const z = 1.959964;
  const share = hits / count;
  const middle = share + (z * z) / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  const scale = 1 + (z * z) / count;
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}

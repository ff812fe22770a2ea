/** Limits of consensus in time. Sizes and counts are in primitives/limits.ts. */

/** Seconds that a block's time may be ahead of this node's clock. */
export const MAX_TIME_AHEAD = 2 * 60 * 60;

/** Blocks whose times give the median time past, and that must all be late before the schedule is moved. */
export const MEDIAN_TIME_SPAN = 11;

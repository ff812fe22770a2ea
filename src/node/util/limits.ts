/** Limits of the utilities. Every folder names its own; the numbers that come from outside are in the folders above. */

/** Node fires a timer with a longer delay at once (the delay is kept in 31 bits), so longer delays are cut to this. */
export const MAX_TIMER_MS = 0x7fff_ffff;

/** Characters of one log line's data; the rest is cut, since a peer may have written it. */
export const MAX_LOG_DATA_CHARS = 2_000;

/** Timers that one `VirtualClock.advance` may fire before it is taken for an endless loop. */
export const MAX_VIRTUAL_TIMERS_PER_ADVANCE = 1_000_000;

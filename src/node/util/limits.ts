/** Limits of the utilities. Every folder names its own; the numbers that come from outside are in the folders above. */

/** Node fires a timer with a longer delay at once (the delay is kept in 31 bits), so longer delays are cut to this. */
export const MAX_TIMER_MS = 0x7fff_ffff;

/** Characters of one log line's data; the rest is cut, since a peer may have written it. */
export const MAX_LOG_DATA_CHARS = 2_000;

/** Timers that one `VirtualClock.advance` may fire before it is taken for an endless loop. */
export const MAX_VIRTUAL_TIMERS_PER_ADVANCE = 1_000_000;

/** Pages of 64 KiB of a hasher's memory in WebAssembly. What is not used takes no memory. */
export const HASHER_PAGES = 32;

/** Rows that one call into WebAssembly hashes: they and their hashes stay in the processor's second cache. More are hashed in turns. */
export const WASM_BATCH_ROWS = 2_048;

/** Messages of one call. */
export const WASM_BATCH_MESSAGES = 1_024;

/** Longer messages go to node:crypto, whose instructions of the processor's own then make up for the way to it: alone, and among others. */
export const MAX_WASM_SINGLE_BYTES = 400;
export const MAX_WASM_MESSAGE_BYTES = 1_024;

/** Leaves of all trees that are hashed in one call: more than a block has transactions. More trees are hashed in turns, a larger tree by node:crypto. */
export const MAX_WASM_FOREST = 16_384;

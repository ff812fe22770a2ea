/** Limits of the mempool. Each has a test in test/node/mempool. */

/** Pending transactions; the oldest leaves. */
export const MAX_MEMPOOL_COUNT = 5_000;

/** Encoded bytes of all of them; the oldest leave. */
export const MAX_MEMPOOL_BYTES = 5 * 1024 * 1024;

/** Encoded bytes of one: what a block allows its data, and what the encoding adds. */
export const MAX_MEMPOOL_ENTRY_BYTES = 257 * 1024;

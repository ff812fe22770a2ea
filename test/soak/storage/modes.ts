/** What a node is doing when it is killed; in `repair` it puts a damaged directory together again. */
export const KILL_MODES = ['mining', 'sync', 'reorg', 'compaction', 'repair'] as const;
export type KillMode = (typeof KILL_MODES)[number];

/** Pages of a few blocks, so that packing is under way at most kills. */
export const SMALL_PAGES = { records: 8, depth: 4 };

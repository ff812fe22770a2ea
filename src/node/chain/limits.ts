/** Limits of the chain and its store. Each has a test in test/node/chain. */

/** Blocks whose parent is unknown that wait in memory; the oldest leaves. */
export const MAX_ORPHANS = 20;

/** Hashes of blocks that paid their proof of work and broke a rule; the one least recently asked for leaves. */
export const MAX_INVALID_HASHES = 4_096;

/** The same for hashes that cost their maker nothing. Apart, so that free rubbish cannot push out the others. */
export const MAX_UNPROVEN_HASHES = 512;

/** Headers in memory whose bodies are not stored yet, all branches together. */
export const MAX_HEADERS_AHEAD = 32_768;

/** Headers at most so far above the complete chain always find room: the best branch gives up as many of its last. */
export const HEADERS_NEAR = 2_048;

/** Those of them on branches that do not beat the tip: this many cheap headers cannot take more than a few MB. */
export const MAX_LOW_WORK_HEADERS = 16_384;

/** Blocks, and their bytes, that are taken in one go: one batch and one sync of the disk for all, and a few ms of the event loop. */
export const MAX_RUN_BLOCKS = 256;
export const MAX_RUN_BYTES = 1024 * 1024;

/** Steps of a batch that are given to LevelDB between two turns of the event loop; a run of blocks is 1,280, which took 11 to 50 ms in a busy Electron. */
export const STEPS_PER_TURN = 512;

/** Transaction ids of the first layer of the filter (transaction-filter.ts); each further layer has room for twice as many. */
export const FIRST_FILTER_IDS = 65_536;

/** One id in about 300 is looked up on disk for nothing. */
export const FILTER_BITS_PER_ID = 12;

/** How far above the last complete ancestor a body is stored; one further up waits as an orphan. The download window is 1,024. */
export const MAX_BODIES_AHEAD = 2_048;

/** Headers checked between two turns of the event loop. */
export const HEADERS_PER_TURN = 64;

/** Bodies kept decoded between the check and the events of one reorg; the rest is read again. */
export const MAX_REORG_CACHE_BYTES = 8 * 1024 * 1024;
/** What a decoded block, and each of its transactions, takes beside its bytes: small blocks are mostly objects. */
export const DECODED_BLOCK_BYTES = 1_024;
export const DECODED_TRANSACTION_BYTES = 512;

/** Newest bodies that are read and checked on opening. */
export const VERIFY_LAST = 288;

/** Records read from an iterator of the store at a time; between two reads the event loop turns. */
export const RECORDS_PER_READ = 1_000;

/** Bytes that one such read brings at most (classic-level's highWaterMarkBytes). */
export const BYTES_PER_READ = 1024 * 1024;

/** Index records that one page of the store packs together. */
export const PAGE_RECORDS = 1_024;

/** A block is packed once this many are above it: what a reorg or a crash may still change stays a record of its own. */
export const PAGE_DEPTH = 2_048;

/** Operations of one batch while the store is rebuilt. */
export const REBUILD_BATCH = 2_000;

/** Known peers in the store. */
export const MAX_STORED_PEERS = 1_000;

/** Bytes of one peer record as JSON, and of one metadata value. */
export const MAX_PEER_RECORD_BYTES = 4 * 1024;
export const MAX_META_BYTES = 64 * 1024;

/** Copies kept of a store as it was before a repair; the oldest leaves. */
export const MAX_DAMAGED_COPIES = 2;

/** Slots looked at when a hash is entered into the index before its table is made larger. */
export const MAX_PROBES = 64;

/** Headers kept in memory of blocks whose index record is stored: what is announced, packed or written again soon. */
export const RECENT_HEADERS = 4_096;

/** Entries handed out, and perhaps dropped again since, before the memory of them is looked through. */
export const VIEWS_BEFORE_SWEEP = 8_192;
/** Entries that are looked at for each one that is made, while those that are gone are being forgotten. */
export const VIEWS_PER_STEP = 16;

/** Index records between pages that wait in memory while a store is read; with more of them reading goes on in the slower way. */
export const MAX_WAITING_RECORDS = 131_072;
/** The patrol (patrol.ts) begins so long after the node was opened, and rests so long after each RECORDS_PER_READ or BYTES_PER_READ. Milliseconds. */
export const PATROL_DELAY_MS = 60_000;
export const PATROL_PAUSE_MS = 100;

/** Blocks whose transactions are written again at a time, while no block comes in. */
export const REINDEX_BLOCKS = 64;

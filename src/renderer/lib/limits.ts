/** Every bound of the window's own queues, histories and timers. What crosses the bridge is bounded in shared/ipc.ts. */

/** Heights of the chain that the window holds; older blocks come from `getBlocks` when they are looked at. */
export const MAX_HELD_HEIGHTS = 600;
/** Side blocks that are held beside them: a flood of branches must not fill the window. */
export const MAX_HELD_SIDE_BLOCKS = 1200;
export const MAX_NOTICES = 50;
export const MAX_REJECTIONS = 50;
/** Events kept while a snapshot is on its way; beyond it the snapshot is asked for again afterwards. */
export const MAX_BUFFERED_EVENTS = 5000;
/** The panels and the status bar follow the tip at most this often, in ms. */
export const FOLLOW_MS = 500;
/** How long the page rests from events, as a multiple of what applying and drawing the last ones took, and at most, in ms. */
export const APPLY_REST = 2;
export const MAX_APPLY_REST_MS = 250;
/** Several blocks at once wait this long at most for a moment in which the page has nothing else to do, in ms. */
export const IDLE_APPLY_MS = 120;
/** From here on after a key the next one is due, and from here on none came: the typing has paused. In ms; a fast typist presses one every 60 ms, most take twice as long. */
export const KEY_DUE_MS = 40;
export const KEY_PAUSE_MS = 100;
/** A tip whose block has not come after this long is fetched with a snapshot. */
export const GAP_PATIENCE_MS = 400;
/** Pause before a snapshot that failed is tried again. */
export const SNAPSHOT_RETRY_MS = 2000;

/** Toasts in sight, and how long one stays. */
export const MAX_TOASTS = 3;
export const TOAST_MS = 6000;

/** How long Spawn a peer waits for the new window's node before it can be pressed again: a start takes two seconds, on a busy machine ten. */
export const SPAWN_WAIT_MS = 20_000;

/** The wire's rate is an average over this long. */
export const WIRE_WINDOW_MS = 5000;
/** Blocks whose details the panel keeps, so that stepping back is instant. */
export const MAX_CACHED_DETAILS = 64;
/** Characters at which the palette begins to look at data, and those that it sends at most (IPC_LIMITS.findText). */
export const MIN_FIND_TEXT = 2;
export const MAX_FIND_TEXT = 200;
/** Blocks, peers and commands that the palette lists. */
export const MAX_FOUND_BLOCKS = 20;
export const MAX_LISTED_PEERS = 8;
export const MAX_LISTED_COMMANDS = 30;
/** Rows of peers that exist all at once; of more only those in sight do. */
export const MAX_PLAIN_PEERS = 50;
/** Pause in typing after which the node is asked. */
export const FIND_PAUSE_MS = 120;
/** A block is checked again when it has been shown for this long. */
export const CHECK_PAUSE_MS = 100;
/** Transactions whose Merkle tree the window hashes, and hashes of one level that it draws. */
export const MAX_MERKLE_LEAVES = 4096;
export const MAX_MERKLE_NODES = 24;
/** Transactions that the detail panel lists; the rest is counted. */
export const MAX_LISTED_TRANSACTIONS = 200;
/** Characters of data that the detail panel draws at once; the rest can be copied. */
export const MAX_SHOWN_DATA = 20_000;

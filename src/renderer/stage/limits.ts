/** Every number of the stage that bounds what comes from outside. */

/** Side lanes that are drawn; further branches are counted ("+n"). */
export const MAX_SIDE_LANES = 4;
/** Columns that are drawn beyond each edge of what is in sight. */
export const OVERSCAN_COLUMNS = 2;
/** Options of the listbox that exist at once, whatever is drawn below them. */
export const MAX_OPTIONS = 40;
/** Pictures of single blocks that are kept for drawing: about 22 kB each, four times that on a fine screen. */
export const MAX_SPRITES = 400;
/** The index of the whole chain waits this long at most for an idle moment between two pages, in ms. */
export const IDLE_PATIENCE_MS = 1000;
/** Shortest time between two looks for the facts of blocks whose seals are in sight already, in ms. */
export const DETAIL_PAUSE_MS = 80;
/** Columns of the overview. */
export const OVERVIEW_BUCKETS = 400;
/** Shortest time between two questions for the overview, in ms. */
export const OVERVIEW_REFRESH_MS = 1000;
/** Blocks per second above which new tiles appear without motion. */
export const SNAP_BLOCKS_PER_SECOND = 4;
/** Avatars above one block before the rest is counted. */
export const MAX_AVATARS = 3;
/** Graphemes of a stranger's name that are shown. */
export const NAME_GRAPHEMES = 24;
/** Graphemes of a block's data in a table cell. */
export const CELL_DATA_GRAPHEMES = 160;
/** Others on the same block who are named before they are counted. */
export const NAMED_PEERS = 3;
/** Characters of a headline's list of names before it counts instead. */
export const NAMED_CHARACTERS = 56;
/** How long a reorg stays in the headline, in ms. */
export const REORG_HEADLINE_MS = 10_000;
/** How long the headline says that a peer left, in ms. */
export const LOST_HEADLINE_MS = 10_000;
/** Shortest time between two announcements of the headline to a screen reader, in ms. */
export const ANNOUNCE_MS = 2_000;
/** Heights per request of the table, and pages that it keeps. */
export const TABLE_PAGE = 100;
export const TABLE_PAGES = 60;
/** Requests of the table under way at once. */
export const TABLE_REQUESTS = 4;
/** Heights of one question for the branches that touch them. */
export const FORK_HEIGHTS = 512;
/** Side blocks that are held beside the window's own; each was asked for by its hash. */
export const TABLE_SIDE_BLOCKS = 500;

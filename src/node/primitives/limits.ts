/** Sizes and counts of a block and its parts. They are consensus: two nodes with other numbers disagree about blocks. */

/** Bytes of one encoded block, header included. */
export const MAX_BLOCK_BYTES = 1024 * 1024;

/** Transactions of one block, coinbase included. */
export const MAX_TRANSACTIONS = 10_000;

/** Bytes of the UTF-8 JSON text that one transaction carries. */
export const MAX_DATA_BYTES = 256 * 1024;

/** Bytes of the miner's name in UTF-8. */
export const MAX_MINER_NAME_BYTES = 32;

/** Nested arrays and objects in a transaction's data: `[]` is 1, `[[]]` is 2. */
export const MAX_JSON_DEPTH = 32;

/** Latest time of a data transaction in ms since 1970: the last one that a JavaScript Date can show (ECMA-262). */
export const MAX_TRANSACTION_TIME = 8_640_000_000_000_000;

/** Code points of a preview for people. The same number as SUMMARY_DATA_LIMIT of src/shared. */
export const PREVIEW_CODE_POINTS = 200;

import blocks from './bitcoin-blocks.json' with { type: 'json' };
import headers from './bitcoin-headers.json' with { type: 'json' };

/** Headers of Bitcoin's main chain; hashes in display order, `header` the 80 bytes. */
export const bitcoinHeaders = headers;

/** Transaction ids of Bitcoin blocks and the merkle root in their headers, display order. */
export const bitcoinBlocks = blocks;

import type { HashHex } from '../../shared/blocks.ts';

/** A block as a line of text that can be sent to others: the palette of any node that has the block opens it. */
export function blockLink(hash: HashHex): string {
  return `#/block/${hash}`;
}

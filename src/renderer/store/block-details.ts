/** Blocks in full that the window has asked for: what one part of it fetched, another does not wait for. */
import type { BlockDetail, HashHex } from '../../shared/blocks.ts';
import { client } from '../lib/client.ts';
import { MAX_CACHED_DETAILS } from '../lib/limits.ts';
import { useNode } from './node-store.ts';

const details = new Map<HashHex, BlockDetail>();
/** The reorg that the window had heard of last when it asked. */
const askedAfter = new WeakMap<BlockDetail, number>();

const lastReorg = (): number => useNode.getState().lastReorg?.id ?? 0;

/** Insertion-ordered map as a small cache: what was asked for longest ago goes first. */
export function remember(cache: Map<HashHex, BlockDetail>, detail: BlockDetail): void {
  cache.delete(detail.hash);
  cache.set(detail.hash, detail);
  const oldest = cache.keys().next().value;
  if (cache.size > MAX_CACHED_DETAILS && oldest !== undefined) cache.delete(oldest);
}

/** As it was when it was asked for last: its children and confirmations may have changed since. */
export function knownDetail(hash: HashHex): BlockDetail | undefined {
  return details.get(hash);
}

/** The same, if it was of the active chain and no reorg has come since. */
export function knownActive(hash: HashHex): BlockDetail | undefined {
  const detail = details.get(hash);
  return detail?.branch === 'active' && askedAfter.get(detail) === lastReorg() ? detail : undefined;
}

/** Asks the node for a block, and remembers it. Null when it has none. Rejects as the client does. */
export async function fetchDetail(ref: HashHex | number): Promise<BlockDetail | null> {
  const reorg = lastReorg();
  const found = await client().getBlock(ref);
  if (found === null) return null;
  askedAfter.set(found, reorg);
  remember(details, found);
  return found;
}

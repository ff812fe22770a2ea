import type { PeerVerdict } from '../../shared/peers.ts';
import type { ChainView } from '../chain/types.ts';
import type { TipStatus } from './messages.ts';

export interface Verdict {
  verdict: PeerVerdict;
  /** Blocks behind our tip (positive) or ahead of it (negative). */
  blocksBehind?: number;
}

/** How a peer's tip relates to ours, as far as our index tells. */
export function judgeTip(
  chain: Pick<ChainView, 'tip' | 'getEntry' | 'isActive' | 'getAncestor'>,
  tip: TipStatus | undefined,
): Verdict {
  if (tip === undefined) return { verdict: 'unknown' };
  const ours = chain.tip;
  if (tip.hash === ours.hash) return { verdict: 'same-tip', blocksBehind: 0 };
  const entry = chain.getEntry(tip.hash);
  if (entry !== undefined) {
    if (chain.isActive(entry)) return { verdict: 'behind', blocksBehind: ours.height - entry.height };
    const isAhead = entry.height > ours.height && chain.getAncestor(entry, ours.height) === ours;
    return isAhead ? { verdict: 'ahead', blocksBehind: ours.height - entry.height } : { verdict: 'other-branch' };
  }
  // Not in our index: with more work it is (as far as anyone knows) ahead; with no more it cannot be on our chain.
  if (tip.chainwork > ours.chainwork) {
    return tip.height > ours.height ? { verdict: 'ahead', blocksBehind: ours.height - tip.height } : { verdict: 'ahead' };
  }
  return { verdict: 'other-branch' };
}

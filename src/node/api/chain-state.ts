import type { ChainState, SideTip } from '../../shared/events.ts';
import type { BlockIndexEntry, ChainView } from '../chain/types.ts';
import { expectedHashes, requiredZeroBits } from '../consensus/target.ts';
import { API_LIMITS } from './limits.ts';
import { tipOf } from './summary.ts';

/** The whole state of the chain as the window and `GET /status` show it. */
export function chainState(chain: ChainView, bytesOnDisk: number): ChainState {
  const nextBits = chain.nextBits(chain.tip);
  return {
    tip: tipOf(chain.tip),
    sideTips: chain
      .sideTips()
      .slice(0, API_LIMITS.sideTips)
      .map((tip) => sideTip(chain, tip)),
    blockCount: chain.blockCount,
    orphanCount: chain.orphanCount,
    nextBits,
    nextRequiredZeroBits: requiredZeroBits(nextBits),
    nextExpectedHashes: expectedHashes(nextBits),
    bytesOnDisk,
  };
}

function sideTip(chain: ChainView, tip: BlockIndexEntry): SideTip {
  let fork = tip;
  while (!chain.isActive(fork) && fork.parent !== undefined) fork = fork.parent;
  return { hash: tip.hash, height: tip.height, forkHeight: fork.height, chainwork: tip.chainwork.toString(16), branch: tip.invalid ? 'invalid' : 'side' };
}

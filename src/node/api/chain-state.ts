import type { ChainState } from '../../shared/events.ts';
import type { ChainView } from '../chain/types.ts';
import { expectedHashes, requiredZeroBits } from '../consensus/target.ts';
import { API_LIMITS } from './limits.ts';
import { sideTip, tipOf } from './summary.ts';

/** The whole state of the chain as the window and `GET /status` show it. */
export function chainState(chain: ChainView, bytesOnDisk: number): ChainState {
  const nextBits = chain.nextBits(chain.tip);
  return {
    tip: tipOf(chain.tip),
    sideTips: chain
      .sideTips()
      .slice(0, API_LIMITS.sideTips)
      .map((tip) => sideTip(tip, chain.forkOf(tip).height)),
    blockCount: chain.blockCount,
    orphanCount: chain.orphanCount,
    nextBits,
    nextRequiredZeroBits: requiredZeroBits(nextBits),
    nextExpectedHashes: expectedHashes(nextBits),
    bytesOnDisk,
  };
}

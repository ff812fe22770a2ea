import { useEffect, useRef, useState } from 'react';
import type { ChainOverview } from '../../../shared/chain-view.ts';
import { client } from '../../lib/client.ts';
import { useNode } from '../../store/index.ts';
import { OVERVIEW_REFRESH_MS } from '../limits.ts';

/** The node's overview of the chain in that many parts, renewed as the chain changes; null until the first answer. */
export function useOverview(buckets: number): ChainOverview | null {
  const [overview, setOverview] = useState<ChainOverview | null>(null);
  const askedAt = useRef(-Infinity);
  const version = useNode((state) => (state.chain === null ? null : `${state.chain.tip.hash} ${state.chain.blockCount}`));
  useEffect(() => {
    if (version === null || buckets < 1) return undefined;
    let stale = false;
    // A chain that grows fast is asked about once in a while: nobody sees one block more in an overview.
    const timer = setTimeout(
      () => {
        askedAt.current = performance.now();
        client()
          .overview({ buckets })
          .then(
            (found) => {
              if (!stale) setOverview(found);
            },
            // Without an answer the last one stays; the next block asks again.
            () => undefined,
          );
      },
      Math.max(0, askedAt.current + OVERVIEW_REFRESH_MS - performance.now()),
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [buckets, version]);
  return overview;
}

import { useEffect, useState } from 'react';
import type { ChainOverview } from '../../../shared/chain-view.ts';
import { client } from '../../lib/client.ts';
import { useNode } from '../../store/index.ts';
import { OverviewReader } from './overviewReader.ts';

/** The node's overview of the chain in that many parts, renewed as the chain changes; null until the first answer. */
export function useOverview(buckets: number): ChainOverview | null {
  const [overview, setOverview] = useState<ChainOverview | null>(null);
  const [reader] = useState(() => new OverviewReader((parts) => client().overview({ buckets: parts }), setOverview));
  const version = useNode((state) => (state.chain === null ? null : `${state.chain.tip.hash} ${state.chain.blockCount}`));
  useEffect(() => {
    if (version !== null && buckets >= 1) reader.want(buckets);
  }, [reader, buckets, version]);
  useEffect(() => () => reader.stop(), [reader]);
  return overview;
}

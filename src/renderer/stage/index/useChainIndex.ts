import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { client } from '../../lib/client.ts';
import { useNode } from '../../store/index.ts';
import { IDLE_PATIENCE_MS } from '../limits.ts';
import { ChainColumns } from './columns.ts';
import { IndexFiller, type FillerEnvironment } from './filler.ts';

const pageEnvironment: FillerEnvironment = {
  whenIdle: (callback) => {
    const id = requestIdleCallback(callback, { timeout: IDLE_PATIENCE_MS });
    return () => cancelIdleCallback(id);
  },
  after: (ms, callback) => {
    const id = setTimeout(callback, ms);
    return () => clearTimeout(id);
  },
};

export interface ChainIndex {
  columns: ChainColumns;
  /** Changes whenever something in sight has come to be known, or is no longer. */
  version: number;
  /** Says which heights are in sight: they come first. */
  want: (first: number, last: number) => void;
}

/** The whole active chain in columns, filled and kept true for as long as the component lives. */
export function useChainIndex(): ChainIndex {
  const chain = useNode((state) => state.chain);
  const blocks = useNode((state) => state.blocks);
  const active = useNode((state) => state.active);
  const reorg = useNode((state) => state.lastReorg);
  const [version, renew] = useReducer((count: number) => count + 1, 0);
  const sight = useRef({ first: 0, last: -1 });
  const [columns] = useState(() => new ChainColumns());
  const [filler] = useState(
    () =>
      new IndexFiller(columns, client(), pageEnvironment, (from, to) => {
        if (from <= sight.current.last && to >= sight.current.first) renew();
      }),
  );
  useEffect(() => {
    filler.open();
    return () => filler.close();
  }, [filler]);
  const handled = useRef(reorg?.id);
  useEffect(() => {
    if (reorg !== null && handled.current !== reorg.id) {
      handled.current = reorg.id;
      filler.reorganised(reorg.value.forkHeight);
    }
    if (chain !== null && active.length > 0) filler.follow({ tip: chain.tip, blocks, active });
  }, [filler, chain, blocks, active, reorg]);

  const want = useMemo(
    () => (first: number, last: number) => {
      sight.current = { first, last };
      filler.want(first, last);
    },
    [filler],
  );
  return useMemo(() => ({ columns, version, want }), [columns, version, want]);
}

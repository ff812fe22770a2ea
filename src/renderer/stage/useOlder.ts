import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import { client } from '../lib/client.ts';
import { useNode } from '../store/index.ts';
import { OldBranches } from './branches.ts';
import { ChainPages } from './chainPages.ts';

export interface Older {
  /** Active blocks by height, as far as they were wanted. */
  pages: ChainPages;
  /** Changes whenever `pages` does. */
  pagesVersion: number;
  /** Blocks beside the chain that the window itself does not hold. */
  side: ReadonlyMap<HashHex, BlockSummary>;
  /** Says at which heights branches are looked for first. */
  wantBranches: (first: number, last: number) => void;
}

const NONE: ReadonlyMap<HashHex, BlockSummary> = new Map();
const count = (before: number): number => before + 1;

/** What is older than the window's own blocks: fetched as it is looked at, forgotten where a reorg made it doubtful. */
export function useOlder(): Older {
  const blocks = useNode((state) => state.blocks);
  const active = useNode((state) => state.active);
  const chain = useNode((state) => state.chain);
  const reorg = useNode((state) => state.lastReorg);
  const [pagesVersion, renewPages] = useReducer(count, 0);
  const [sideVersion, renewSide] = useReducer(count, 0);
  const [pages] = useState(() => new ChainPages(client(), renewPages));
  const [old] = useState(() => new OldBranches(client(), renewSide));
  useEffect(() => {
    pages.open();
    old.open();
    return () => {
      pages.close();
      old.close();
    };
  }, [pages, old]);
  const handled = useRef(reorg?.id);
  useEffect(() => {
    if (reorg === null || handled.current === reorg.id) return;
    handled.current = reorg.id;
    pages.forgetAbove(reorg.value.forkHeight);
    old.forget();
    renewPages();
    renewSide();
  }, [reorg, pages, old]);
  useEffect(() => {
    if (chain === null) return;
    const lowest = blocks.get(active[0] ?? '')?.height ?? chain.tip.height + 1;
    // Blocks stored that are not of the chain: a reorg is told by itself.
    void old.look({ tips: chain.sideTips, blocks, lowest, version: chain.blockCount - chain.tip.height });
  }, [chain, blocks, active, old]);
  const wantBranches = useCallback((first: number, last: number) => void old.want(first, last), [old]);

  const side = useMemo(() => {
    if (old.blocks.size === 0) return NONE;
    return new Map([...old.blocks].filter(([hash]) => !blocks.has(hash)));
    // `sideVersion` stands for what `old` found.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [old, sideVersion, blocks]);
  return { pages, pagesVersion, side, wantBranches };
}

import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import { client } from '../lib/client.ts';
import { useNode } from '../store/index.ts';
import { ChainPages, OldBranches } from './chainPages.ts';

export interface Older {
  /** Active blocks by height, as far as they were wanted. */
  pages: ChainPages;
  /** Changes whenever `pages` does. */
  pagesVersion: number;
  /** Blocks beside the chain that the window itself does not hold. */
  side: ReadonlyMap<HashHex, BlockSummary>;
}

const NONE: ReadonlyMap<HashHex, BlockSummary> = new Map();
const count = (before: number): number => before + 1;

/** What is older than the window's own blocks: fetched as it is looked at, forgotten where a reorg made it doubtful. */
export function useOlder(): Older {
  const blocks = useNode((state) => state.blocks);
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
    if (chain !== null) void old.look(chain.sideTips, blocks);
  }, [chain, blocks, old]);

  const side = useMemo(() => {
    if (old.blocks.size === 0) return NONE;
    return new Map([...old.blocks].filter(([hash]) => !blocks.has(hash)));
    // `sideVersion` stands for what `old` found.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [old, sideVersion, blocks]);
  return { pages, pagesVersion, side };
}

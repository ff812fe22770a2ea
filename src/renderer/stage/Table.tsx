import { memo, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import type { BlockSummary, HashHex } from '../../shared/blocks.ts';
import { Avatar } from '../components/Avatar.tsx';
import { formatDateTime, formatNumber } from '../lib/format.ts';
import { select, takeFocus, useNode, useShownHash, useUi } from '../store/index.ts';
import { useTamper } from '../tamper/tamper-store.ts';
import { Broken, type BrokenMark } from './canvas/broken.ts';
import { CELL_DATA_GRAPHEMES, NAME_GRAPHEMES } from './limits.ts';
import { boxHeight, firstWhole, range, rowTop } from './rowScroll.ts';
import { Seal } from './seal/Seal.tsx';
import { TableRows, type TableRow } from './tableRows.ts';
import { plainLine } from './text.ts';
import { useOlder } from './useOlder.ts';
import { useRowScroll } from './useRowScroll.ts';

const PAGE_ROWS = 8;
const COLUMNS = ['Height', 'Hash', 'Previous', 'Time', 'Data', 'Miner', 'Nonce'] as const;

interface RowProps {
  /** Undefined while it is on its way. */
  block: BlockSummary | undefined;
  height: number;
  index: number;
  top: number;
  selected: boolean;
  /** The row that Tab leads to. */
  reachable: boolean;
  nodeId: string | undefined;
  failed: boolean;
  /** What a changed copy of a block makes of this one. */
  mark?: BrokenMark | null;
}

export const Row = memo(function Row({ block, height, index, top, selected, reachable, nodeId, failed, mark = null }: RowProps) {
  const common = {
    role: 'row',
    // The header is row 1.
    'aria-rowindex': index + 2,
    'data-index': index,
    tabIndex: reachable ? 0 : -1,
    style: { transform: `translateY(${top}px)` },
  } as const;
  if (block === undefined) {
    return (
      <tr {...common} className="row-waiting">
        <td role="cell" className="cell-height">
          {formatNumber(height)}
        </td>
        <td role="cell">{failed ? 'No answer yet, asking again' : 'Loading'}</td>
        {COLUMNS.slice(2).map((name) => (
          <td role="cell" key={name} />
        ))}
      </tr>
    );
  }
  const kind = block.branch === 'active' ? 'active' : block.branch === 'invalid' ? 'invalid' : 'stale';
  const miner = plainLine(block.minerName, NAME_GRAPHEMES);
  return (
    <tr {...common} className={mark === null ? `row-${kind}` : `row-${kind} row-${mark}`} aria-current={selected} data-hash={block.hash}>
      <td role="cell" className="cell-height">
        {formatNumber(block.height)}
        {kind !== 'active' && <span className="row-mark">{kind}</span>}
        {mark === 'changed' && <span className="row-mark">≠ changed</span>}
        {mark === 'loose' && <span className="sr-only">no longer follows</span>}
      </td>
      <td role="cell" className="cell-hash" title={block.hash}>
        <Seal hash={block.hash} size={18} />
        <span>
          <bdi>{block.hash}</bdi>
        </span>
      </td>
      <td role="cell" className="cell-hash" title={block.previousHash}>
        <span>
          <bdi>{block.previousHash}</bdi>
        </span>
      </td>
      <td role="cell">{formatDateTime(block.time)}</td>
      <td role="cell" className="cell-data">
        <bdi className="cell-cut" title={plainLine(block.dataPreview, CELL_DATA_GRAPHEMES)}>
          {plainLine(block.dataPreview, CELL_DATA_GRAPHEMES)}
        </bdi>
      </td>
      <td role="cell">
        {block.height === 0 ? (
          'built in'
        ) : (
          <>
            <Avatar id={block.minerId} name={block.minerName} you={block.minerId === nodeId} size={18} />
            <bdi className="cell-cut" title={miner}>{miner === '' ? 'unknown' : miner}</bdi>
          </>
        )}
      </td>
      <td role="cell" className="cell-number">
        {formatNumber(block.nonce)}
      </td>
    </tr>
  );
});

/** What the table shows: held blocks first, since they are the newest news; older ones from pages. */
function useRows() {
  const blocks = useNode((state) => state.blocks);
  const active = useNode((state) => state.active);
  const chain = useNode((state) => state.chain);
  const { pages, side: older, wantBranches } = useOlder();

  const heldByHeight = useMemo(() => {
    const byHeight = new Map<number, BlockSummary>();
    for (const hash of active) {
      const block = blocks.get(hash);
      if (block !== undefined) byHeight.set(block.height, block);
    }
    return byHeight;
  }, [blocks, active]);

  const rows = useMemo(() => {
    const side = new Map<HashHex, BlockSummary>(older);
    for (const block of blocks.values()) if (heldByHeight.get(block.height)?.hash !== block.hash) side.set(block.hash, block);
    return new TableRows(chain?.tip.height ?? -1, side.values());
  }, [blocks, heldByHeight, chain, older]);

  const blockAt = (index: number): { row: TableRow; block: BlockSummary | undefined } => {
    const row = rows.at(index);
    return { row, block: row.side ?? heldByHeight.get(row.height) ?? pages.at(row.height) };
  };
  return { rows, blockAt, pages, wantBranches };
}

/** Every block as a row, newest first; side blocks stand among them by height. Only the rows in sight exist. */
export function Table() {
  const frame = useRef<HTMLDivElement>(null);
  const nodeId = useNode((state) => state.node?.nodeId);
  const shownHash = useShownHash();
  const { rows, blockAt, pages, wantBranches } = useRows();
  const change = useTamper((state) => state.change);
  const broken = useMemo(() => (change === null ? null : new Broken(rows.side, change)), [rows, change]);
  // The row that the keyboard is on, by what it shows: its number changes with every new block.
  const [reach, setReach] = useState<TableRow | null>(null);
  // Counts the times that it is to have the focus.
  const [focusWish, wishFocus] = useReducer((count: number) => count + 1, 0);

  // A side block that joins the active chain, or is let go of, gives the keyboard to the active block of its height.
  if (reach !== null && rows.rowOf(reach) === null) setReach(rows.heirOf(reach));

  const { place, reveal } = useRowScroll(frame, rows);
  const [first, last] = range(place);
  const reachable = (reach === null ? null : rows.rowOf(reach)) ?? 0;

  // The row is there in the same render in which it is wished for: a wish that waited could be granted to the row before. And whatever takes the row
  // away that has the focus (its block changed sides, or its place in the list) leaves it to the row that the keyboard is on now.
  const hasFocus = useRef(false);
  const granted = useRef(0);
  useLayoutEffect(() => {
    const lost = hasFocus.current && frame.current?.contains(document.activeElement) !== true;
    if (!lost && granted.current === focusWish) return;
    granted.current = focusWish;
    frame.current?.querySelector<HTMLElement>(`[data-index="${reachable}"]`)?.focus({ preventScroll: true });
  });

  // The chosen block comes into sight whenever another one is chosen elsewhere, and when the table opens for whoever was in the chain by keyboard, which
  // goes on from it. Opened otherwise, the table shows the newest.
  const selectedHash = useUi((state) => state.selectedHash);
  const selectedHeight = useUi((state) => state.selectedHeight);
  const followed = useRef<HashHex | null>(selectedHash);
  useEffect(() => {
    if (!takeFocus()) return;
    wishFocus();
    followed.current = null;
  }, []);
  useEffect(() => {
    if (selectedHash === followed.current) return;
    followed.current = selectedHash;
    if (selectedHash === null) {
      setReach(null);
      reveal(0);
      return;
    }
    const height = selectedHeight ?? useNode.getState().blocks.get(selectedHash)?.height;
    const index = rows.rowOfSide(selectedHash) ?? (height === undefined ? null : rows.rowOfHeight(height));
    if (index === null) return;
    setReach(rows.at(index));
    reveal(index);
    // Once for each choice: rows that come must not pull the table back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selectedHash]);

  // A row that the keyboard was on stays, wherever the table is scrolled to: the focus would be lost with it, and the keys go on from there.
  const inSight = Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
  const kept = reach !== null && reachable < rows.count ? [reachable] : [];
  const shown = [...kept.filter((index) => index < first), ...inSight, ...kept.filter((index) => index > last)];

  useEffect(() => {
    pages.want([...inSight, ...kept].filter((index) => blockAt(index).block === undefined).map((index) => rows.at(index).height));
  });

  const highest = rows.count === 0 ? 0 : rows.at(first).height;
  const lowest = rows.count === 0 ? 0 : rows.at(last).height;
  useEffect(() => wantBranches(lowest, highest), [wantBranches, lowest, highest]);

  const moveTo = (index: number): void => {
    const next = Math.min(rows.count - 1, Math.max(0, index));
    setReach(rows.at(next));
    wishFocus();
    reveal(next);
  };

  const choose = (index: number): void => {
    const { row, block } = blockAt(index);
    setReach(row);
    if (block !== undefined) select(block.hash, block.height);
  };

  // However a row came to the focus, the keys go on from it.
  const onFocus = (event: FocusEvent): void => {
    hasFocus.current = true;
    const index = Number(event.target.closest<HTMLElement>('[data-index]')?.dataset['index']);
    if (index < rows.count && (reach === null || index !== reachable)) setReach(rows.at(index));
  };

  // React tells nothing of a row that it takes away itself. And when only the window loses the focus, its row is still the one that has it.
  const onBlur = (): void => {
    hasFocus.current = frame.current?.contains(document.activeElement) === true;
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: reachable + 1,
      ArrowUp: reachable - 1,
      PageDown: reachable + PAGE_ROWS,
      PageUp: reachable - PAGE_ROWS,
      Home: 0,
      End: rows.count - 1,
    };
    const target = targets[event.key];
    if (target !== undefined) {
      event.preventDefault();
      moveTo(target);
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(reachable);
    }
  };

  // Tab leads to the row that the keyboard was on, or to the first in sight when that is scrolled away.
  const tabStop = reachable >= first && reachable <= last ? reachable : firstWhole(place);

  return (
    <div ref={frame} className="table-frame">
      <table role="table" aria-label="Blocks" aria-rowcount={rows.count + 1} aria-colcount={COLUMNS.length} className="blocks-table">
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            {COLUMNS.map((name) => (
              <th role="columnheader" scope="col" key={name} className={name === 'Nonce' ? 'cell-number' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody
          role="rowgroup"
          style={{ height: boxHeight(place) }}
          onKeyDown={onKeyDown}
          onFocus={onFocus}
          onBlur={onBlur}
          onClick={(event) => {
            const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
            if (row !== null) choose(Number(row.dataset['index']));
          }}
        >
          {shown.map((index) => {
            const { row, block } = blockAt(index);
            return (
              <Row
                // The active block of a height keeps its row while it loads, and with it the focus.
                key={row.side?.hash ?? row.height}
                block={block}
                height={row.height}
                index={index}
                top={rowTop(place, index)}
                selected={block !== undefined && block.hash === shownHash}
                reachable={index === tabStop}
                nodeId={nodeId}
                failed={pages.failed}
                mark={block === undefined ? null : (broken?.markOf(block) ?? null)}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

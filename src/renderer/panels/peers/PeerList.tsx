import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import type { PeerInfo } from '../../../shared/peers.ts';
import { IDS } from '../../app/shortcuts.ts';
import { MAX_PLAIN_PEERS } from '../../lib/limits.ts';
import { useNow } from '../../lib/use-now.ts';
import { removePeer } from './actions.ts';
import { buttonId, type PeerAct, PeerRow } from './PeerRow.tsx';

/** Height of a row with two lines; among many rows a long cause has one line, so that all are equally high. */
const ROW_HEIGHT = 48;
const OVERSCAN = 4;

/** The row that an arrow key and its like lead to; null for other keys. Pure. */
export function rowAfterKey(key: string, index: number, count: number, page: number): number | null {
  const last = count - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, index + 1);
    case 'ArrowUp':
      return Math.max(0, index - 1);
    case 'PageDown':
      return Math.min(last, index + page);
    case 'PageUp':
      return Math.max(0, index - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/**
 * The rows. Above MAX_PLAIN_PEERS only those in sight exist, and the one with the focus. Tab goes from button to button; arrows, Page, Home and
 * End go from row to row, so that the end of a long list is one key away.
 */
export function PeerList({ rows }: { rows: readonly PeerInfo[] }) {
  const list = useRef<HTMLUListElement>(null);
  const many = rows.length > MAX_PLAIN_PEERS;
  const [focused, setFocused] = useState<string | null>(null);
  /** What takes the focus once its row exists, or once the row `gone` does not. */
  const wanted = useRef<{ index: number; act: PeerAct; gone?: string } | null>(null);
  const focusedIndex = focused === null ? -1 : rows.findIndex(({ key }) => key === focused);
  const virtualizer = useVirtualizer({
    count: many ? rows.length : 0,
    enabled: many,
    getScrollElement: () => list.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN,
    useFlushSync: false,
    rangeExtractor: (range) => {
      const inSight = defaultRangeExtractor(range);
      if (focusedIndex < 0 || inSight.includes(focusedIndex)) return inSight;
      return [...inSight, focusedIndex].sort((a, b) => a - b);
    },
  });
  const items = virtualizer.getVirtualItems();
  const now = useNow(rows.some(({ state }) => state === 'waiting') ? 1000 : null);

  const reach = (index: number, act: PeerAct): void => {
    wanted.current = { index, act };
    const key = rows[index]?.key;
    if (key === undefined) return;
    const button = document.getElementById(buttonId(key, act));
    if (button !== null) {
      wanted.current = null;
      button.focus();
      button.closest('li')?.scrollIntoView({ block: 'nearest' });
    } else virtualizer.scrollToIndex(index);
  };

  // A row that was scrolled to, or the row in the place of one that went away; the address field when none is left.
  useEffect(() => {
    if (wanted.current === null) return;
    const { index, act, gone } = wanted.current;
    if (gone !== undefined && rows.some(({ key }) => key === gone)) return;
    const active = document.activeElement;
    const lost = active === null || active === document.body;
    // Whoever went elsewhere meanwhile stays there.
    if (!lost && (gone !== undefined || list.current?.contains(active) !== true)) wanted.current = null;
    else if (rows.length === 0) {
      wanted.current = null;
      document.getElementById(IDS.address)?.focus();
    } else reach(Math.min(index, rows.length - 1), act);
  }, [rows, items]);

  const remove = useRef<(peer: PeerInfo) => void>(() => undefined);
  remove.current = (peer) => {
    const index = rows.findIndex(({ key }) => key === peer.key);
    wanted.current = { index, act: 'remove', gone: peer.key };
    void removePeer(peer);
  };
  const onRemove = useCallback((peer: PeerInfo) => remove.current(peer), []);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    const key = target?.closest<HTMLElement>('[data-key]')?.dataset['key'];
    const index = rows.findIndex((peer) => peer.key === key);
    if (target === null || index < 0) return;
    const page = Math.max(1, Math.floor((list.current?.clientHeight ?? ROW_HEIGHT) / ROW_HEIGHT) - 1);
    const next = rowAfterKey(event.key, index, rows.length, page);
    if (next === null) return;
    event.preventDefault();
    reach(next, target.classList.contains('peer-remove') ? 'remove' : 'link');
  };
  const onFocus = (event: FocusEvent): void => {
    setFocused(event.target.closest<HTMLElement>('[data-key]')?.dataset['key'] ?? null);
  };
  const onBlur = (event: FocusEvent): void => {
    if (!event.currentTarget.contains(event.relatedTarget)) setFocused(null);
  };

  return (
    <ul className={many ? 'peers many' : 'peers'} aria-label="Peers" ref={list} onKeyDown={onKeyDown} onFocus={onFocus} onBlur={onBlur}>
      {many ? (
        <>
          {items.map((item) => {
            const peer = rows[item.index];
            if (peer === undefined) return null;
            const style = { position: 'absolute', insetInline: 0, top: 0, transform: `translateY(${String(item.start)}px)` } as const;
            return (
              <PeerRow key={peer.key} peer={peer} now={now} onRemove={onRemove} place={{ index: item.index, of: rows.length, style }} />
            );
          })}
          <li role="presentation" aria-hidden="true" className="peers-room" style={{ height: `${String(virtualizer.getTotalSize())}px` }} />
        </>
      ) : (
        rows.map((peer) => <PeerRow key={peer.key} peer={peer} now={now} onRemove={onRemove} />)
      )}
    </ul>
  );
}

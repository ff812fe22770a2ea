import { Toast } from '@base-ui/react/toast';
import { type FocusEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Icon, type IconName } from '../components/icons.tsx';
import { MAX_TOASTS, TOAST_MS } from '../lib/limits.ts';
import { usePresent } from '../present/present-store.ts';
import { replayReorg, select, useNode } from '../store/index.ts';
import type { Happening } from '../store/index.ts';
import { rejectionSentence, reorgSentence } from './sentences.ts';
import { toastManager, toasts } from './toast-manager.ts';
import './toasts.css';

const ICON: Record<string, IconName> = { info: 'info', warning: 'warning', error: 'error' };

function ToastList() {
  const { toasts: shown } = Toast.useToastManager();
  return shown.map((toast) => (
    // Base UI hides errors, and the buttons of a stack that lies folded, from screen readers though Tab comes to them. Ours never lies folded.
    <Toast.Root key={toast.id} toast={toast} className="toast" swipeDirection={['right', 'up']} aria-hidden={undefined}>
      <Toast.Content className="toast-content">
        <Icon name={ICON[toast.type ?? 'info'] ?? 'info'} className={`toast-icon ${toast.type ?? 'info'}`} />
        <div className="toast-words">
          <Toast.Title className="toast-title" render={<p />} />
          {toast.description !== '' && <Toast.Description className="toast-text" />}
          {toast.actionProps !== undefined && <Toast.Action className="link toast-action" />}
        </div>
        <Toast.Close className="icon-button" aria-label="Close" aria-hidden={undefined}>
          <Icon name="x" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}

/** Calls back with the happenings that are newer than the last seen one; what was there at the first look counts as seen unless `fromStart`. */
function useNewest<T>(list: readonly Happening<T>[], fromStart: boolean, show: (fresh: readonly Happening<T>[]) => void): void {
  const seen = useRef(fromStart ? 0 : null);
  useEffect(() => {
    const last = list.at(-1)?.id ?? 0;
    if (seen.current === null) {
      seen.current = last;
      return;
    }
    const after = seen.current;
    const fresh = list.filter(({ id }) => id > after);
    if (fresh.length === 0) return;
    seen.current = last;
    show(fresh);
  }, [list, show]);
}

const showNotices = (fresh: ReturnType<typeof useNode.getState>['notices']): void => {
  for (const { value } of fresh.slice(-MAX_TOASTS)) {
    const add = value.level === 'error' ? toasts.error : value.level === 'warning' ? toasts.warning : toasts.info;
    add(value.message, '', { id: `notice-${value.code}` });
  }
};

/** Rejections since the toast about them was last out of sight. */
const burst = { count: 0, until: 0 };

const showRejections = (fresh: ReturnType<typeof useNode.getState>['rejections']): void => {
  const newest = fresh.at(-1);
  if (newest === undefined) return;
  const now = performance.now();
  burst.count = (now > burst.until ? 0 : burst.count) + fresh.length;
  burst.until = now + TOAST_MS;
  const { title, text } = rejectionSentence(newest.value, burst.count - 1);
  const { hash } = newest.value;
  const known = hash !== undefined && useNode.getState().blocks.has(hash);
  // One toast for all rejections: a peer that sends a thousand bad blocks must not fill the window.
  toasts.warning(title, text, { id: 'rejected', ...(known ? { action: { label: 'Show the block', run: () => select(hash) } } : {}) });
};

/** Turns what happened in the node into toasts. Draws nothing itself. */
function Happenings() {
  useNewest(useNode((state) => state.notices), true, showNotices);
  useNewest(useNode((state) => state.rejections), false, showRejections);
  const reorg = useNode((state) => state.lastReorg);
  const shownReorg = useRef(reorg?.id ?? 0);
  useEffect(() => {
    if (reorg === null || reorg.id <= shownReorg.current) return;
    shownReorg.current = reorg.id;
    // A presentation says it in its own line, and offers the replay there.
    if (usePresent.getState().open) return;
    const { title, text } = reorgSentence(reorg.value);
    toasts.info(title, text, { id: 'reorg', action: { label: 'Replay', run: () => replayReorg(reorg.value) } });
  }, [reorg]);
  return null;
}

/** In a small window messages lie over the chain: on the side where the next block is not, which the newest blocks stand beside. */
function useFreeSide(): 'left' | 'right' {
  const any = Toast.useToastManager().toasts.length > 0;
  const [side, setSide] = useState<'left' | 'right'>('right');
  useLayoutEffect(() => {
    if (!any) return;
    // Looked at when the first one comes, and then left: a message does not jump aside under the pointer.
    const next = document.querySelector('.ghost')?.getBoundingClientRect();
    setSide(next !== undefined && next.left + next.right > window.innerWidth ? 'left' : 'right');
  }, [any]);
  return side;
}

function ToastViewport() {
  const side = useFreeSide();
  const { length } = Toast.useToastManager().toasts;
  // What had the focus before the messages did.
  const before = useRef<HTMLElement | null>(null);
  const last = useRef(length);
  useEffect(() => {
    const fewer = length < last.current;
    last.current = length;
    // A message that goes while it has the focus gives it back.
    if (!fewer || document.activeElement !== document.body || before.current === null) return;
    if (before.current.isConnected) before.current.focus();
    before.current = null;
  }, [length]);
  useEffect(() => {
    // Who clicks elsewhere has left them.
    const left = ({ target }: PointerEvent): void => {
      if (target instanceof Element && target.closest('.toasts') === null) before.current = null;
    };
    document.addEventListener('pointerdown', left, true);
    return () => document.removeEventListener('pointerdown', left, true);
  }, []);
  const onBlur = ({ relatedTarget, currentTarget }: FocusEvent<HTMLElement>): void => {
    if (relatedTarget instanceof HTMLElement && !currentTarget.contains(relatedTarget)) before.current = null;
  };
  const onFocus = ({ relatedTarget, currentTarget }: FocusEvent<HTMLElement>): void => {
    if (relatedTarget instanceof HTMLElement && !currentTarget.contains(relatedTarget)) before.current = relatedTarget;
  };
  return (
    <Toast.Viewport className="toasts" data-side={side} data-region="toasts" aria-label="Messages" onFocus={onFocus} onBlur={onBlur}>
      <ToastList />
    </Toast.Viewport>
  );
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={toastManager} limit={MAX_TOASTS} timeout={TOAST_MS}>
      <Happenings />
      <Toast.Portal>
        <ToastViewport />
      </Toast.Portal>
    </Toast.Provider>
  );
}

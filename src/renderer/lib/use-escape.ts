import { useEffect, useRef } from 'react';

/** Whatever Esc closes first. A toast is a dialog too for screen readers, but one that stands beside everything: Esc is its own only while it has the focus. */
const OPEN = '[role="dialog"]:not(.toast), [role="alertdialog"], [role="menu"], [role="listbox"][data-open], [data-popup-open]';

/** Runs `leave` on Esc while `active`, unless something is open that Esc closes, or a message has the focus. */
export function useEscape(active: boolean, leave: () => void): void {
  const latest = useRef(leave);
  useEffect(() => {
    latest.current = leave;
  });
  useEffect(() => {
    if (!active) return undefined;
    let meant = false;
    // Before anything closes: afterwards nobody could tell that it was open.
    const before = (event: KeyboardEvent): void => {
      meant = event.key === 'Escape' && !event.isComposing && document.querySelector(OPEN) === null;
    };
    const after = (event: KeyboardEvent): void => {
      if (!meant || event.defaultPrevented || event.key !== 'Escape') return;
      if (document.activeElement?.closest('[data-region="toasts"]') != null) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener('keydown', before, true);
    window.addEventListener('keydown', after);
    return () => {
      window.removeEventListener('keydown', before, true);
      window.removeEventListener('keydown', after);
    };
  }, [active]);
}

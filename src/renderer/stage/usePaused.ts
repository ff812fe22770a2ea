import { useCallback, useEffect, useRef } from 'react';

/** Calls what it was given last: at once after a pause of `ms`, else when the pause is over. What waits is dropped on unmount. */
export function usePaused(ms: number): (call: () => void) => void {
  const waiting = useRef<(() => void) | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  return useCallback(
    (call) => {
      if (timer.current !== null) {
        waiting.current = call;
        return;
      }
      call();
      const pause = (): void => {
        const next = waiting.current;
        waiting.current = null;
        timer.current = next === null ? null : setTimeout(pause, ms);
        next?.();
      };
      timer.current = setTimeout(pause, ms);
    },
    [ms],
  );
}

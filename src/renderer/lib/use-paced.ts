import { useEffect, useState } from 'react';

/**
 * A value that changes at most every `ms`, always ending with the latest. For what nobody can read faster: a panel that follows the tip while blocks
 * pour in would be laid out anew for each of them, and keys would wait for it.
 * @param urgent this value was asked for by somebody, and is given at once
 */
export function usePaced<T>(value: T, ms: number, urgent: boolean): T {
  const [shown, setShown] = useState({ value, at: -Infinity });
  const late = shown.value !== value;
  useEffect(() => {
    if (!late) return undefined;
    const show = (): void => setShown({ value, at: performance.now() });
    const wait = urgent ? 0 : shown.at + ms - performance.now();
    if (wait <= 0) {
      show();
      return undefined;
    }
    const timer = setTimeout(show, wait);
    return () => clearTimeout(timer);
  }, [value, late, urgent, ms, shown.at]);
  return urgent ? value : shown.value;
}

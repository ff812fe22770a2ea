import { type RefObject, useEffect, useRef, useState } from 'react';

/** True while the element's content is taller than its box: only then does it need a tab stop to be scrolled by keyboard. */
export function useOverflow(): { ref: RefObject<HTMLDivElement | null>; overflows: boolean } {
  const ref = useRef<HTMLDivElement>(null);
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const content = element.firstElementChild;
    const measure = (): void => {
      // What scrolls has room below it for its fade. Counted in, that room alone would keep it scrolling once there is place for everything.
      const room = content === null ? 0 : Number.parseFloat(getComputedStyle(content).paddingBottom);
      setOverflows(element.scrollHeight - room > element.clientHeight + 1);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    if (content !== null) observer.observe(content);
    return () => observer.disconnect();
  }, []);
  return { ref, overflows };
}

import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import { firstInSight, heightLimit, measured, recounted, rested, revealed, scrolled, START, type Place } from './rowScroll.ts';
import type { TableRows } from './tableRows.ts';

/** What the frame shows besides rows, in px: the header, which lies over the first of them. */
export const HEADER_HEIGHT = 31;

/** Which rows are in sight of a frame that scrolls them, and where they stand in it. Rows that come or go above leave what is read where it is. */
export function useRowScroll(frame: RefObject<HTMLElement | null>, rows: TableRows): { place: Place; reveal: (index: number) => void } {
  const [held, setHeld] = useState<{ rows: TableRows; place: Place }>(() => ({ rows, place: { ...START, count: rows.count } }));
  // Rows and place change in one: nothing is ever drawn, or asked for, at the place of other rows.
  let { place } = held;
  if (held.rows !== rows) {
    place = recounted(place, rows.count, rows.movedSince(held.rows, firstInSight(place)));
    setHeld({ rows, place });
  }
  const change = useCallback((how: (place: Place) => Place): void => {
    setHeld((before) => {
      const next = how(before.place);
      return next === before.place ? before : { ...before, place: next };
    });
  }, []);

  /** Where the frame was scrolled to when it and the place last agreed. */
  const agreed = useRef(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null || place.scroll === agreed.current) return;
    // What was scrolled meanwhile is on its way as an event. It counts too, unless the browser did it because the rows have become fewer.
    const cut = agreed.current > element.scrollHeight - element.clientHeight;
    const since = cut ? 0 : element.scrollTop - agreed.current;
    agreed.current = place.scroll;
    element.scrollTop = place.scroll + since;
  }, [frame, place]);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = (): void => {
      const view = Math.max(0, element.clientHeight - HEADER_HEIGHT);
      change((before) => measured(before, view, heightLimit(window.devicePixelRatio)));
    };
    const follow = (): void => {
      const by = element.scrollTop - agreed.current;
      agreed.current = element.scrollTop;
      if (by !== 0) change((before) => scrolled(before, by));
    };
    const rest = (): void => {
      follow();
      change(rested);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', follow, { passive: true });
    element.addEventListener('scrollend', rest);
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', follow);
      element.removeEventListener('scrollend', rest);
    };
  }, [frame, change]);

  const reveal = useCallback((index: number): void => change((before) => revealed(before, index)), [change]);
  return { place, reveal };
}

import { useEffect, useRef, type RefObject } from 'react';

/** Pixels that the pointer may wander before a press becomes a drag. */
const DRAG_THRESHOLD = 4;
/** Pixels of a wheel's line and page, where the wheel counts in those. */
const LINE = 40;
const PAGE = 680;

/**
 * Pixels to the right that a wheel event asks for. A wheel that turns only up and down moves the strip too, unless the page
 * itself can scroll that way: then the page keeps it.
 */
export function wheelPixels(
  event: Pick<WheelEvent, 'deltaX' | 'deltaY' | 'deltaMode' | 'shiftKey' | 'ctrlKey'>,
  pageScrolls: boolean,
): number {
  if (event.ctrlKey) return 0;
  const unit = event.deltaMode === 1 ? LINE : event.deltaMode === 2 ? PAGE : 1;
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) return event.deltaX * unit;
  return event.shiftKey || !pageScrolls ? event.deltaY * unit : 0;
}

/** Pixels of the wheel for one zoom step, and the pause after which a turn begins anew, in ms. */
const ZOOM_TURN = 60;
const TURN_PAUSE = 300;

/** Counts a wheel's pixels into steps: a notch is one step, a trackpad's many small ones add up. */
export class WheelSteps {
  #sum = 0;
  #at = 0;

  /** @returns -1, 0 or 1. */
  add(pixels: number, now: number): number {
    if (now - this.#at > TURN_PAUSE || Math.sign(pixels) !== Math.sign(this.#sum)) this.#sum = 0;
    this.#at = now;
    this.#sum += pixels;
    if (Math.abs(this.#sum) < ZOOM_TURN) return 0;
    const step = Math.sign(this.#sum);
    this.#sum = 0;
    return step;
  }
}

function pageScrollsFrom(element: Element): boolean {
  for (let parent = element.parentElement; parent !== null; parent = parent.parentElement) {
    const overflow = getComputedStyle(parent).overflowY;
    const scrolls = overflow === 'auto' || overflow === 'scroll' || parent === document.documentElement;
    if (scrolls && parent.scrollHeight > parent.clientHeight + 1) return true;
  }
  return false;
}

/**
 * Wheel and drag on `target` as pixels to move by, the wheel with Ctrl (or two fingers) as steps to zoom by. A click that ends a
 * drag is kept from the blocks.
 *
 * @param move called with whole or part pixels to the right.
 * @param zoom called with 1 (further out) or -1, and the pixel that should stay where it is.
 */
export function usePanning(
  target: RefObject<HTMLElement | null>,
  move: (pixels: number) => void,
  zoom: (steps: number, anchor: number) => void,
): void {
  const latest = useRef(move);
  const latestZoom = useRef(zoom);
  useEffect(() => {
    latest.current = move;
    latestZoom.current = zoom;
  }, [move, zoom]);

  useEffect(() => {
    const element = target.current;
    if (element === null) return undefined;
    let pointer: number | null = null;
    let startX = 0;
    let lastX = 0;
    let dragging = false;
    const turns = new WheelSteps();

    const onWheel = (event: WheelEvent): void => {
      if (event.ctrlKey) {
        event.preventDefault();
        const steps = turns.add(event.deltaMode === 0 ? event.deltaY : event.deltaY * LINE, event.timeStamp);
        if (steps !== 0) latestZoom.current(steps, (event.clientX - element.getBoundingClientRect().left) / element.currentCSSZoom);
        return;
      }
      const pixels = wheelPixels(event, pageScrollsFrom(element));
      if (pixels === 0) return;
      event.preventDefault();
      latest.current(pixels);
    };
    const onDown = (event: PointerEvent): void => {
      if (event.button !== 0) return;
      pointer = event.pointerId;
      startX = lastX = event.clientX;
      dragging = false;
    };
    const onMove = (event: PointerEvent): void => {
      if (event.pointerId !== pointer) return;
      if (!dragging) {
        if (Math.abs(event.clientX - startX) < DRAG_THRESHOLD) return;
        dragging = true;
        element.setPointerCapture(event.pointerId);
        element.classList.add('strip-dragging');
      }
      latest.current((lastX - event.clientX) / element.currentCSSZoom);
      lastX = event.clientX;
    };
    const onUp = (event: PointerEvent): void => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      element.classList.remove('strip-dragging');
    };
    const onClick = (event: MouseEvent): void => {
      if (!dragging) return;
      dragging = false;
      event.stopPropagation();
      event.preventDefault();
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    element.addEventListener('pointerdown', onDown);
    element.addEventListener('pointermove', onMove);
    element.addEventListener('pointerup', onUp);
    element.addEventListener('pointercancel', onUp);
    element.addEventListener('click', onClick, { capture: true });
    return () => {
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('pointerdown', onDown);
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerup', onUp);
      element.removeEventListener('pointercancel', onUp);
      element.removeEventListener('click', onClick, { capture: true });
    };
  }, [target]);
}

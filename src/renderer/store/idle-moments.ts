/**
 * Finds the moments in which the page may do something that takes longer than a frame. A fast typist presses a key every 60 ms: once a key's frame is on the
 * screen, there is time; a little later the next key is due, and it should not have to wait; and when none has come, the typing has paused.
 */
import { KEY_DUE_MS, KEY_PAUSE_MS } from '../lib/limits.ts';

/** When the page may do what takes longer. */
export interface IdleMoments {
  /**
   * Calls back once, never within the call, with the ms that are free then: Infinity right after a key, where no better moment comes; 0 when none came in
   * `patience` ms. Returns what takes the wish back.
   */
  wait(callback: (freeMs: number) => void, patience: number): () => void;
}

/** What is asked of the browser. Each of the last three calls back once, and returns what takes that back. */
export interface PageClock {
  now(): number;
  onKey(listener: () => void): void;
  /** When the next frame has been drawn. */
  afterFrame(callback: () => void): () => void;
  idle(callback: (freeMs: number) => void): () => void;
  later(callback: () => void, ms: number): () => void;
}

export class TypingMoments implements IdleMoments {
  readonly #page: PageClock;
  #keyAt = -Infinity;
  /** Whether the frame that answers the last key is still to come. */
  #answering = false;
  #dropFrame: () => void = () => undefined;
  readonly #waiting = new Set<() => void>();

  constructor(page: PageClock) {
    this.#page = page;
    page.onKey(() => {
      this.#keyAt = page.now();
      this.#answering = true;
      this.#dropFrame();
      this.#dropFrame = page.afterFrame(() => {
        this.#answering = false;
        for (const look of [...this.#waiting]) look();
      });
    });
  }

  wait(callback: (freeMs: number) => void, patience: number): () => void {
    const page = this.#page;
    let drop: () => void = () => undefined;
    const end = (): void => {
      drop();
      drop = () => undefined;
      dropLatest();
      this.#waiting.delete(look);
    };
    const call = (freeMs: number): void => {
      end();
      callback(freeMs);
    };
    const look = (): void => {
      drop();
      drop = () => undefined;
      // Its frame calls back.
      if (this.#answering) return;
      const since = page.now() - this.#keyAt;
      const ifFree = (freeMs: number): void => (this.#answering ? undefined : call(freeMs));
      // Never within this call: whoever waits has not yet what takes the wish back.
      if (since < KEY_DUE_MS) drop = page.later(() => ifFree(Infinity), 0);
      else if (since < KEY_PAUSE_MS) drop = page.later(look, KEY_PAUSE_MS - since);
      else drop = page.idle(ifFree);
    };
    const dropLatest = page.later(() => call(0), patience);
    this.#waiting.add(look);
    look();
    return end;
  }
}

/** The window's own. Made once: its listener stays. */
export function pageMoments(): IdleMoments {
  return new TypingMoments({
    now: () => performance.now(),
    onKey: (listener) => addEventListener('keydown', listener, { capture: true, passive: true }),
    afterFrame: (callback) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      // The frame is drawn after its callbacks; what is queued in one runs after that.
      const id = requestAnimationFrame(() => {
        timer = setTimeout(callback, 0);
      });
      return () => {
        cancelAnimationFrame(id);
        clearTimeout(timer);
      };
    },
    idle: (callback) => {
      const id = requestIdleCallback((deadline) => callback(deadline.timeRemaining()));
      return () => cancelIdleCallback(id);
    },
    later: (callback, ms) => {
      const id = setTimeout(callback, ms);
      return () => clearTimeout(id);
    },
  });
}

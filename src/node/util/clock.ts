import { DueQueue, type Due } from './due-queue.ts';
import { MAX_TIMER_MS, MAX_VIRTUAL_TIMERS_PER_ADVANCE } from './limits.ts';

/** Opaque; only the clock that made it can use it. */
export type TimerHandle = object;

/** Time, injected. Timers run on the monotonic time: a change of the wall clock neither fires nor delays them. */
export interface Clock {
  /** Milliseconds since 1970; may jump when the user sets the clock. */
  now(): number;
  /** Milliseconds since some start; never goes back. */
  monotonic(): number;
  setTimeout(callback: () => void, ms: number): TimerHandle;
  clearTimeout(handle: TimerHandle | undefined): void;
  setInterval(callback: () => void, ms: number): TimerHandle;
  clearInterval(handle: TimerHandle | undefined): void;
}

function delay(ms: number): number {
  return Math.min(Math.max(ms, 0), MAX_TIMER_MS);
}

/** Delays above MAX_TIMER_MS (24.8 days) are cut to it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, delay(ms)),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),
  setInterval: (callback, ms) => setInterval(callback, delay(ms)),
  clearInterval: (handle) => clearInterval(handle as NodeJS.Timeout | undefined),
};

interface VirtualTimer extends Due {
  readonly callback: () => void;
  /** Period in ms for an interval. */
  readonly every: number | undefined;
  cleared: boolean;
}

/** A clock that stands still until a test moves it. A thousand nodes may share one: the next timer is found in logarithmic time. */
export class VirtualClock implements Clock {
  #wall: number;
  #monotonic = 0;
  #order = 0;
  #waiting = 0;
  readonly #queue = new DueQueue<VirtualTimer>();

  /** `start` is the wall clock in ms since 1970; 2026-01-01 when absent. */
  constructor(start = 1_767_225_600_000) {
    this.#wall = start;
  }

  /** Whole milliseconds, as a system's clock. */
  now(): number {
    return Math.floor(this.#wall);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Timers that wait. */
  get timerCount(): number {
    return this.#waiting;
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    return this.#add(callback, ms, undefined);
  }

  clearTimeout(handle: TimerHandle | undefined): void {
    if (handle === undefined) return;
    const timer = handle as VirtualTimer;
    if (timer.cleared) return;
    // It stays in the queue and is passed over when its turn comes.
    timer.cleared = true;
    this.#waiting--;
  }

  setInterval(callback: () => void, ms: number): TimerHandle {
    const every = Math.max(delay(ms), 1);
    return this.#add(callback, every, every);
  }

  clearInterval(handle: TimerHandle | undefined): void {
    this.clearTimeout(handle);
  }

  /**
   * Moves both clocks on by `ms` and fires what falls due, in order of time and then of creation, each at its own time.
   * Throws RangeError when it is asked to go back, Error after MAX_VIRTUAL_TIMERS_PER_ADVANCE timers.
   */
  advance(ms: number): void {
    const end = this.#end(ms);
    for (let fired = 0; this.#fireNext(end) !== undefined; fired++) this.#guard(fired);
    this.#moveTo(end);
  }

  /** As `advance`, but lets promises settle after every timer, as they would between real timers. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#end(ms);
    await settle();
    for (let fired = 0; this.#fireNext(end) !== undefined; fired++) {
      this.#guard(fired);
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /**
   * Fires the one timer that is next, when it is due by `end` (monotonic ms): for a simulation that decides after each whether promises must settle.
   * `idle`: nothing is due, and both clocks stand at `end`.
   */
  step(end: number): 'timeout' | 'interval' | 'idle' {
    const fired = this.#fireNext(end);
    if (fired === undefined) this.#moveTo(end);
    return fired ?? 'idle';
  }

  /** Sets the wall clock alone, as a user or a time server does. */
  setWall(ms: number): void {
    this.#wall = ms;
  }

  #end(ms: number): number {
    if (!(ms >= 0)) throw new RangeError('a clock cannot go back');
    return this.#monotonic + ms;
  }

  #guard(fired: number): void {
    if (fired >= MAX_VIRTUAL_TIMERS_PER_ADVANCE) throw new Error('timers keep firing without end');
  }

  #add(callback: () => void, ms: number, every: number | undefined): VirtualTimer {
    const timer = { due: this.#monotonic + delay(ms), order: this.#order++, callback, every, cleared: false };
    this.#waiting++;
    this.#queue.push(timer);
    return timer;
  }

  #moveTo(time: number): void {
    this.#wall += time - this.#monotonic;
    this.#monotonic = time;
  }

  /** Fires the next timer that is due by `end` and says of which kind it was; undefined when there is none. */
  #fireNext(end: number): 'timeout' | 'interval' | undefined {
    for (let next = this.#queue.peek(); next !== undefined && next.due <= end; next = this.#queue.peek()) {
      this.#queue.pop();
      if (next.cleared) continue;
      this.#moveTo(next.due);
      if (next.every === undefined) {
        this.clearTimeout(next);
      } else {
        next.due += next.every;
        next.order = this.#order++;
        this.#queue.push(next);
      }
      next.callback();
      return next.every === undefined ? 'timeout' : 'interval';
    }
    return undefined;
  }
}

/** One turn of the event loop: every promise that can settle has settled. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

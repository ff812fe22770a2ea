import type { Clock, TimerHandle } from './util/clock.ts';

export const CLOCK_LIMITS = {
  /** How often the wall clock is compared, in ms. */
  lookMs: 5_000,
  /** A jump of at least so many ms is told: as much as Bitcoin Core lets the clocks of peers differ. Leap seconds and the steps of time servers are far below. */
  jumpMs: 10 * 60_000,
} as const;

/**
 * Notices that the wall clock was set while the node ran. Timers run on the monotonic clock and do not care; but blocks carry the wall clock's time, and other
 * nodes refuse a wrong one. `uptime` must go on while the computer sleeps, so that waking up is not taken for a jump.
 */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #uptime: () => number;
  readonly #changed: (offMs: number | undefined) => void;
  #start = 0;
  #timer: TimerHandle | undefined;
  #offMs: number | undefined;

  /**
   * @param modules.uptime ms since some start, sleep included
   * @param changed gets how far the clock is off, in ms, ahead when positive; undefined when it is back
   */
  constructor(modules: { clock: Clock; uptime: () => number }, changed: (offMs: number | undefined) => void) {
    this.#clock = modules.clock;
    this.#uptime = modules.uptime;
    this.#changed = changed;
  }

  /** How far the clock was moved since `open`, in ms, ahead when positive; undefined while it runs as it should. */
  get offMs(): number | undefined {
    return this.#offMs;
  }

  open(): void {
    this.#start = this.#clock.now() - this.#uptime();
    this.#timer = this.#clock.setInterval(() => {
      this.look();
    }, CLOCK_LIMITS.lookMs);
  }

  close(): void {
    this.#clock.clearInterval(this.#timer);
    this.#timer = undefined;
  }

  look(): void {
    const off = this.#clock.now() - this.#uptime() - this.#start;
    const told = Math.abs(off) < CLOCK_LIMITS.jumpMs ? undefined : off;
    // What is told once is told again only when it was moved once more.
    if (told === undefined ? this.#offMs === undefined : this.#offMs !== undefined && Math.abs(told - this.#offMs) < CLOCK_LIMITS.jumpMs) return;
    this.#offMs = told;
    this.#changed(told);
  }
}

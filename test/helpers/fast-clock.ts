import { systemClock, type Clock } from '../../src/node/util/clock.ts';

/** The real clock, `factor` times as fast: limits in time stay as they are, and a test that waits for one is shorter. */
export function fastClock(factor: number): Clock {
  const start = systemClock.now();
  const base = systemClock.monotonic();
  const monotonic = (): number => base + (systemClock.monotonic() - base) * factor;
  return {
    now: () => Math.round(start + monotonic() - base),
    monotonic,
    setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms / factor),
    clearTimeout: (handle) => {
      systemClock.clearTimeout(handle);
    },
    setInterval: (callback, ms) => systemClock.setInterval(callback, ms / factor),
    clearInterval: (handle) => {
      systemClock.clearInterval(handle);
    },
  };
}

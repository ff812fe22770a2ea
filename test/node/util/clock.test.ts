import { describe, expect, it, vi } from 'vitest';
import { systemClock, VirtualClock } from '../../../src/node/util/clock.ts';
import { MAX_TIMER_MS, MAX_VIRTUAL_TIMERS_PER_ADVANCE } from '../../../src/node/util/limits.ts';

describe('VirtualClock', () => {
  it('stands still until it is moved', () => {
    const clock = new VirtualClock(1_000);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
    clock.advance(250);
    expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250]);
    expect(new VirtualClock().now()).toBe(Date.UTC(2026, 0, 1));
  });

  it('fires timers in order of time, then of creation, each at its own time', () => {
    const clock = new VirtualClock(0);
    const log: string[] = [];
    clock.setTimeout(() => log.push(`c@${clock.monotonic()}`), 30);
    clock.setTimeout(() => log.push(`a@${clock.monotonic()}`), 10);
    clock.setTimeout(() => log.push(`b@${clock.monotonic()}`), 10);
    clock.setTimeout(() => log.push('late'), 31);
    clock.advance(30);
    expect(log).toEqual(['a@10', 'b@10', 'c@30']);
    expect(clock.timerCount).toBe(1);
  });

  it('steps from timer to timer and says of which kind each was', () => {
    const clock = new VirtualClock(0.5);
    const log: string[] = [];
    clock.setTimeout(() => log.push('once'), 10.25);
    const interval = clock.setInterval(() => log.push('again'), 8);
    expect([clock.step(20), clock.monotonic(), clock.now()]).toEqual(['interval', 8, 8]);
    expect([clock.step(20), clock.monotonic(), clock.now()]).toEqual(['timeout', 10.25, 10]);
    expect(clock.step(20)).toBe('interval');
    clock.clearInterval(interval);
    expect([clock.step(20), clock.monotonic()]).toEqual(['idle', 20]);
    expect(log).toEqual(['again', 'once', 'again']);
  });

  it('fires a timer that a timer sets, when it falls due in the same step', () => {
    const clock = new VirtualClock(0);
    const log: number[] = [];
    clock.setTimeout(() => clock.setTimeout(() => log.push(clock.now()), 5), 10);
    clock.advance(14);
    expect(log).toEqual([]);
    clock.advance(1);
    expect(log).toEqual([15]);
  });

  it('repeats an interval until it is cleared, also from within', () => {
    const clock = new VirtualClock(0);
    const log: number[] = [];
    const handle = clock.setInterval(() => {
      log.push(clock.now());
      if (log.length === 3) clock.clearInterval(handle);
    }, 10);
    clock.advance(100);
    expect(log).toEqual([10, 20, 30]);
    expect(clock.timerCount).toBe(0);
  });

  it('clears timers; nothing and a fired one are no error', () => {
    const clock = new VirtualClock();
    let fired = 0;
    const handle = clock.setTimeout(() => fired++, 10);
    clock.clearTimeout(handle);
    clock.clearTimeout(handle);
    clock.clearTimeout(undefined);
    clock.advance(20);
    expect(fired).toBe(0);
  });

  it('keeps timers when the wall clock is set', () => {
    const clock = new VirtualClock(1_000_000);
    let fired = 0;
    clock.setTimeout(() => fired++, 100);
    clock.setWall(5);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([5, 0, 0]);
    clock.advance(100);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([105, 100, 1]);
  });

  it('does not go back', () => {
    const clock = new VirtualClock();
    expect(() => clock.advance(-1)).toThrow(RangeError);
    expect(() => clock.advance(NaN)).toThrow(RangeError);
  });

  it('stops at timers without end', () => {
    const clock = new VirtualClock();
    let fired = 0;
    const again = (): void => {
      fired++;
      clock.setTimeout(again, 0);
    };
    clock.setTimeout(again, 0);
    expect(() => clock.advance(1)).toThrow('without end');
    expect(fired).toBe(MAX_VIRTUAL_TIMERS_PER_ADVANCE + 1);
  });

  it('lets promises settle between timers when asked to', async () => {
    const clock = new VirtualClock(0);
    const log: string[] = [];
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms));
    const work = (async () => {
      await sleep(10);
      log.push(`first@${clock.now()}`);
      await sleep(10);
      log.push(`second@${clock.now()}`);
    })();
    await clock.advanceAsync(25);
    expect(log).toEqual(['first@10', 'second@20']);
    expect(clock.now()).toBe(25);
    await work;
  });
});

describe('systemClock', () => {
  it('tells the time, and a time that does not go back', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
  });

  it('fires, repeats and clears', async () => {
    let cleared = 0;
    systemClock.clearTimeout(systemClock.setTimeout(() => cleared++, 0));
    await new Promise<void>((resolve) => {
      let ticks = 0;
      const handle = systemClock.setInterval(() => {
        if (++ticks < 3) return;
        systemClock.clearInterval(handle);
        systemClock.setTimeout(resolve, -5);
      }, 1);
    });
    expect(cleared).toBe(0);
  });

  it('cuts a delay that Node would fire at once', () => {
    const spy = vi.spyOn(globalThis, 'setTimeout');
    try {
      systemClock.clearTimeout(systemClock.setTimeout(() => undefined, MAX_TIMER_MS + 1));
      expect(spy).toHaveBeenCalledWith(expect.any(Function), MAX_TIMER_MS);
    } finally {
      spy.mockRestore();
    }
  });
});

it('a cleared timer does not count, whether it waits or has fired', () => {
  const clock = new VirtualClock();
  const handles = [1, 2, 3].map((ms) => clock.setTimeout(() => undefined, ms));
  clock.clearTimeout(handles[1]);
  expect(clock.timerCount).toBe(2);
  clock.advance(1);
  clock.clearTimeout(handles[0]);
  expect(clock.timerCount).toBe(1);
  clock.advance(10);
  expect(clock.timerCount).toBe(0);
});

import { describe, expect, it } from 'vitest';
import { lookingAround } from '../../bench/ui/input.ts';
import { goalRow, plainRow, shown, tableOf } from '../../bench/lib/report.ts';
import { percentile, spreadOf } from '../../bench/lib/stats.ts';
import { frameTasks, type TraceEvent } from '../../bench/ui/trace.ts';
import { seeded } from '../../bench/lib/mining.ts';

describe('spreadOf', () => {
  it('gives values that were measured, by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(spreadOf(values)).toEqual({ count: 100, p50: 50, p95: 95, p98: 98, max: 100 });
    expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p95: 7, p98: 7, max: 7 });
  });

  it('has no number for nothing', () => {
    expect(spreadOf([])).toEqual({ count: 0, p50: Number.NaN, p95: Number.NaN, p98: Number.NaN, max: Number.NaN });
    expect(percentile([1, 2], 0)).toBe(1);
  });
});

describe('the table', () => {
  it('says whether a goal was met, and that nothing measured is not met', () => {
    expect(goalRow('start', 'usable', 2_000, 2_000, 'ms')).toMatchObject({ measured: '2,000 ms', goal: 'at most 2,000 ms', met: true });
    expect(goalRow('start', 'usable', 2_000.5, 2_000, 'ms').met).toBe(false);
    expect(goalRow('start', 'usable', Number.NaN, 2_000, 'ms')).toMatchObject({ measured: 'none ms', met: false });
    expect(plainRow('start', 'opened', '1 s').met).toBeNull();
  });

  it('has columns that stand below each other, and names a part once', () => {
    const lines = tableOf([plainRow('start', 'a', '1 ms'), goalRow('start', 'longer words', 20, 10, 'ms'), plainRow('jump', 'b', '3 ms')]).split('\n');
    expect(lines.map((line) => line.trimEnd())).toEqual([
      '                     measured  goal',
      'start  a             1 ms',
      '       longer words  20 ms     at most 10 ms  MISSED',
      'jump   b             3 ms',
    ]);
  });

  it('shows no digits that say nothing', () => {
    expect([shown(1234.5), shown(12.34), shown(1.234), shown(1234)]).toEqual(['1235', '12.3', '1.23', '1,234']);
  });
});

describe('lookingAround', () => {
  it('is the same for the same seed, and lasts as long as asked', () => {
    const turns = lookingAround(10, seeded(1));
    expect(turns).toEqual(lookingAround(10, seeded(1)));
    expect(turns).not.toEqual(lookingAround(10, seeded(2)));
    expect(turns).toHaveLength(600);
  });

  it('goes both ways, and through all steps of the zoom out and in', () => {
    const turns = lookingAround(10, seeded(1));
    expect(turns.some(({ deltaX }) => deltaX > 0) && turns.some(({ deltaX }) => deltaX < 0)).toBe(true);
    let step = 0;
    const steps = turns.map(({ zoom }) => (step += zoom));
    expect([Math.min(...steps), Math.max(...steps)]).toEqual([0, 3]);
  });
});

describe('frameTasks', () => {
  const thread = (pid: number, tid: number, name: string): TraceEvent => ({ name: 'thread_name', ph: 'M', pid, tid, ts: 0, args: { name } });
  const event = (name: string, ts: number, dur: number, tid = 1): TraceEvent => ({ name, ph: 'X', pid: 1, tid, ts, dur, tdur: dur / 2 });

  it('gives the tasks of the main thread that made a frame, on the clock and of the processor', () => {
    const events = [
      thread(1, 1, 'CrRendererMain'),
      thread(1, 2, 'Compositor'),
      event('ThreadControllerImpl::RunTask', 0, 4_000),
      event('FunctionCall', 1_000, 2_000),
      event('ThreadControllerImpl::RunTask', 10_000, 12_000),
      event('RunTask', 10_100, 11_000),
      event('FireAnimationFrame', 11_000, 5_000),
      event('Commit', 18_000, 1_000),
      event('ThreadControllerImpl::RunTask', 30_000, 9_000, 2),
      event('Commit', 31_000, 1_000, 2),
    ];
    expect(frameTasks(events)).toEqual([{ ms: 12, processorMs: 6 }]);
  });

  it('of two pages takes the one in which something happened', () => {
    const idle = [thread(2, 1, 'CrRendererMain'), { ...event('RunTask', 0, 9_000), pid: 2 }];
    const busy = [thread(1, 1, 'CrRendererMain'), event('RunTask', 0, 2_000), event('Commit', 100, 10)];
    expect(frameTasks([...idle, ...busy])).toEqual([{ ms: 2, processorMs: 1 }]);
    expect(frameTasks([])).toEqual([]);
  });
});

/** Reads what Chromium recorded of the page's main thread. */

export interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  args?: { name?: string };
}

/** What makes a task of the main thread one that made a frame. */
const FRAME = new Set(['BeginMainThreadFrame', 'FireAnimationFrame', 'Layerize', 'Commit']);
const TASK = 'RunTask';
const TASK_ALSO = 'ThreadControllerImpl::RunTask';

/**
 * How long each task of the main thread took that made a frame (events, scripts, style, layout, paint), in ms. That is all work of a frame that
 * blocks the page; what the compositor does afterwards is not in it.
 */
export function frameTasks(events: readonly TraceEvent[]): number[] {
  const main = busiestMainThread(events);
  if (main === undefined) return [];
  const own = events.filter(({ pid, tid, ph, dur }) => ph === 'X' && pid === main.pid && tid === main.tid && dur !== undefined);
  const tasks = own.filter(({ name }) => name === TASK || name === TASK_ALSO).sort((a, b) => a.ts - b.ts);
  // Tasks do not nest; of two names for one task the outer counts.
  const outer: { from: number; to: number; frame: boolean }[] = [];
  for (const { ts, dur = 0 } of tasks) {
    const last = outer.at(-1);
    if (last !== undefined && ts < last.to) continue;
    outer.push({ from: ts, to: ts + dur, frame: false });
  }
  const starts = outer.map(({ from }) => from);
  for (const { name, ts } of own) {
    if (!FRAME.has(name)) continue;
    const task = outer[lastAtMost(starts, ts)];
    if (task !== undefined && ts < task.to) task.frame = true;
  }
  return outer.filter(({ frame }) => frame).map(({ from, to }) => (to - from) / 1000);
}

/** The renderer's main thread with most tasks: there may be a second page, of which nothing happens. */
function busiestMainThread(events: readonly TraceEvent[]): { pid: number; tid: number } | undefined {
  const named = events.filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args?.name === 'CrRendererMain');
  const count = ({ pid, tid }: { pid: number; tid: number }): number => events.filter((event) => event.pid === pid && event.tid === tid).length;
  return named.sort((a, b) => count(b) - count(a))[0];
}

/** Index of the last number that is at most `value`; -1 when none is. */
function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

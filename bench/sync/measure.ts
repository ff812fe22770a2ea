/** Syncs a whole chain from one peer, again and again by turns: on disk, in memory, as the tutorial does it. Started by run.mjs with one JSON argument. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NET_LIMITS } from '../../src/node/net/limits.ts';
import { finish, range, ranged, say, type PartTask } from '../lib/finish.ts';
import type { HostTask, Synced } from '../lib/host-protocol.ts';
import { HostedProcess, type Runtime } from '../lib/hosted.ts';
import { atLeastRow, goalRow, plainRow, shown, type Row } from '../lib/report.ts';
import { median } from '../lib/stats.ts';
import { microsecondsABlock } from './passed.ts';
import { syncInWindow } from './window.ts';

export interface Task extends PartTask {
  blocks: number;
  times: number;
  only: string[];
  /** A data directory with the chain; it is copied. */
  dataDir: string;
}

/** Issue 5, point 4; "flat" is read as for one more block in point 5. */
const GOALS = { blocksPerSecond: 40_000, diskToMemory: 1.6, memoryToTutorial: 0.5, holdMs: 50, framesPerSecond: 30, flat: 1.3 } as const;
const MARKS = [1_000, 10_000, 100_000, 1_000_000] as const;
const MB = 1e6;
/** A message of the tutorial's library is at most 100 MiB: about 350,000 blocks. */
const TUTORIAL_BLOCKS = 300_000;

type Way = 'disk' | 'memory' | 'tutorial';
const WAYS: readonly Way[] = ['disk', 'memory', 'tutorial'];

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const { blocks, runtimes } = task;
const rows: Row[] = [];
const results: Record<string, unknown> = { blocks };
const temporary = await mkdtemp(join(tmpdir(), 'chainscope-bench-sync-'));
try {
  const own = join(temporary, 'peer');
  await cp(task.dataDir, own, { recursive: true });
  const peer = await HostedProcess.start(runtimes, 'node', { kind: 'node', dataDir: own, counting: true });
  try {
    if (peer.opened.height !== blocks) throw new Error(`the chain has ${String(peer.opened.height)} blocks, not ${String(blocks)}`);
    for (const runtime of ['node', 'electron'] as const) if (task.only.includes(runtime)) await measureRuntime(runtime, peer.opened.peers);
    if (task.only.includes('resume')) await measureResume(peer);
    if (task.only.includes('window')) await measureWindow(peer.opened.peers);
  } finally {
    await peer.close();
  }
} finally {
  await rm(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
await finish('sync', task, rows, results);

/** One sync in a new process, from nothing. */
async function syncOnce(runtime: Runtime, way: Way, peer: string): Promise<Synced & { memoryAtRest: number }> {
  const dataDir = join(temporary, 'own');
  const host: HostTask = way === 'tutorial' ? { kind: 'tutorial' } : { kind: 'node', ...(way === 'disk' ? { dataDir } : {}) };
  const process_ = await HostedProcess.start(runtimes, runtime, host);
  try {
    const synced = await process_.send<'sync'>({ do: 'sync', peer, height: blocks });
    return { ...synced, memoryAtRest: process_.opened.memory.rss };
  } finally {
    await process_.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

async function measureRuntime(runtime: Runtime, peer: string): Promise<void> {
  const tutorial = blocks > TUTORIAL_BLOCKS ? undefined : await HostedProcess.start(runtimes, 'node', { kind: 'tutorial', blocks });
  const runs: Record<Way, Awaited<ReturnType<typeof syncOnce>>[]> = { disk: [], memory: [], tutorial: [] };
  try {
    for (let turn = 1; turn <= task.times; turn += 1) {
      for (const way of WAYS) {
        if (way === 'tutorial' && tutorial === undefined) continue;
        say(`${runtime}: ${way}, ${String(turn)} of ${String(task.times)}`);
        runs[way].push(await syncOnce(runtime, way, way === 'tutorial' && tutorial !== undefined ? tutorial.opened.peers : peer));
      }
    }
  } finally {
    await tutorial?.close();
  }
  results[runtime] = runs;
  const seconds = (way: Way): number[] => runs[way].map(({ ms }) => ms / 1000);
  const memory = (way: Way): number[] => runs[way].map(({ watched }) => watched.peak.rss / MB);
  const part = runtime === 'electron' ? "Electron's main process" : 'Node';
  const rate = (way: Way): number[] => seconds(way).map((each) => blocks / each);
  const disk = rate('disk');
  rows.push(
    runtime === 'electron'
      ? atLeastRow(part, 'on disk', median(disk), GOALS.blocksPerSecond, 'blocks/s', range(disk))
      : plainRow(part, 'on disk', ranged(disk, 'blocks/s')),
    plainRow(part, 'in memory', ranged(rate('memory'), 'blocks/s')),
    goalRow(part, 'time on disk to time in memory', ratio(seconds('disk'), seconds('memory')), GOALS.diskToMemory, 'x'),
    plainRow(part, 'tutorial: one message, nothing stored', tutorial === undefined ? 'its message is longer than its library takes (100 MiB)' : ranged(rate('tutorial'), 'blocks/s')),
    plainRow(part, 'processor time on disk, all threads', ranged(runs.disk.map(({ watched }) => watched.cpuMs / 1000), 's')),
  );
  const at = new Map<number, number>();
  for (const mark of MARKS.filter((each) => each <= blocks)) {
    const each = runs.disk.map(({ passed }) => microsecondsABlock(passed, mark));
    at.set(mark, median(each));
    rows.push(plainRow(part, `one block on disk, at ${mark.toLocaleString('en')}`, ranged(each, 'us')));
  }
  const highest = MARKS.findLast((mark) => mark <= blocks);
  if (highest !== undefined && highest > MARKS[0]) rows.push(goalRow(part, `at ${highest.toLocaleString('en')} to at 1,000`, (at.get(highest) ?? NaN) / (at.get(MARKS[0]) ?? NaN), GOALS.flat, 'x'));
  rows.push(
    plainRow(part, 'memory of the process at most, on disk', `${ranged(memory('disk'), 'MB')}, of it its own ${shown(median(runs.disk.map(({ watched }) => watched.peak.own / MB)))}; ${shown(median(runs.disk.map(({ memoryAtRest }) => memoryAtRest / MB)))} before`),
    goalRow(part, 'event loop held at most, on disk', Math.max(...runs.disk.map(({ watched }) => watched.longestHoldMs)), GOALS.holdMs, 'ms'),
  );
  if (tutorial === undefined) return;
  rows.push(
    plainRow(part, 'memory of the tutorial', ranged(memory('tutorial'), 'MB')),
    goalRow(part, 'memory on disk to that of the tutorial', ratio(memory('disk'), memory('tutorial')), GOALS.memoryToTutorial, 'x'),
    plainRow(part, 'event loop held by the tutorial', `${shown(Math.max(...runs.tutorial.map(({ watched }) => watched.longestHoldMs)))} ms`),
  );
}

/** The middle of the ratios of neighbours in time. */
function ratio(of: readonly number[], to: readonly number[]): number {
  return median(of.map((value, turn) => value / (to[turn] ?? NaN)));
}

/** Kills the node in the middle, twice, and counts how many bodies the peer had to send more than the chain has. */
async function measureResume(peer: HostedProcess): Promise<void> {
  const sent = async (): Promise<number> => (await peer.send<'counts'>({ do: 'counts' })).reduce((sum, { bodiesSent: of }) => sum + of, 0);
  const before = await sent();
  const dataDir = join(temporary, 'resumed');
  const kills: { told: number; opened: number }[] = [];
  let told = 0;
  for (const share of [0.3, 0.6]) {
    const height = Math.floor(blocks * share);
    say(`kill -9 at ${height.toLocaleString('en')} blocks`);
    const process_ = await HostedProcess.start(runtimes, 'node', { kind: 'node', dataDir });
    if (told > 0) kills.push({ told, opened: process_.opened.height });
    void process_.send<'sync'>({ do: 'sync', peer: peer.opened.peers, height: blocks, report: Math.max(1, Math.floor(blocks / 1_000)) });
    await process_.whenReached(height);
    await process_.kill();
    told = process_.reached.height;
  }
  const last = await HostedProcess.start(runtimes, 'node', { kind: 'node', dataDir });
  kills.push({ told, opened: last.opened.height });
  await last.send<'sync'>({ do: 'sync', peer: peer.opened.peers, height: blocks });
  await last.close();
  await rm(dataDir, { recursive: true, force: true });
  const again = (await sent()) - before - blocks;
  results['resume'] = { kills, again };
  const part = 'kill -9, two times';
  rows.push(
    goalRow(part, 'blocks that it had told of and had no more', Math.max(...kills.map(({ told: had, opened }) => Math.max(0, had - opened))), 0, 'blocks'),
    goalRow(part, 'bodies sent more than once, for each kill', again / kills.length, NET_LIMITS.runWindow, 'blocks'),
  );
}

async function measureWindow(peer: string): Promise<void> {
  say('the app with its window');
  const seen = await syncInWindow({ root: task.root, bundle: runtimes.bundle, dataDir: join(temporary, 'window'), peer, blocks });
  results['window'] = seen;
  const part = 'the app, window shown';
  rows.push(
    plainRow(part, 'on disk', `${shown(blocks / seen.seconds)} blocks/s`),
    atLeastRow(part, 'frames a second meanwhile', seen.frames / seen.watched, GOALS.framesPerSecond, 'frames'),
    plainRow(part, 'tasks of the page over 50 ms', `${String(seen.longTasks.length)}${seen.longTasks.length === 0 ? '' : `, longest ${shown(Math.max(...seen.longTasks))} ms`}`),
    goalRow(part, "main's event loop held at most", seen.longestHoldMs, GOALS.holdMs, 'ms'),
    plainRow(part, 'processor time of page, main process, picture process', [seen.processorTime.page, seen.processorTime.main, seen.processorTime.pictures].map((time) => `${shown(time)} s`).join(', ')),
    plainRow(part, 'progress in the window, once', seen.progress === '' ? 'none was seen' : seen.progress),
    plainRow(part, 'main process in memory at most', `${shown(seen.peakRss / MB)} MB`),
  );
}

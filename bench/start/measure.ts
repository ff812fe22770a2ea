/** Opens a long chain again and again, then looks at the memory of the app that has it. Started by run.mjs with one JSON argument. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { finish, range, ranged, say, type PartTask } from '../lib/finish.ts';
import { goalRow, plainRow, shown, type Row } from '../lib/report.ts';
import { median } from '../lib/stats.ts';
import type { Opened } from '../opening.ts';
import { AppUnderTest, NodeApp, readProbe } from '../ui/app.ts';
import { until } from '../ui/parts.ts';
import { memoryOf, type ProcessMemory } from './memory.ts';

interface Task extends PartTask {
  dataDir: string;
  times: number;
  only: string[];
}

/** Issue 5, point 6: of a million blocks. */
const GOALS = { openMs: 1_500, usableMs: 2_000, memoryMb: 300, bytesPerBlock: 120, holdMs: 50 } as const;
const MB = 1e6;
/** Ms between two looks at the memory, and how long it has to stay the same. */
const LOOK_MS = 250;
const REST_MS = 3_000;
const PATIENCE_MS = 120_000;

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const { runtimes } = task;
const rows: Row[] = [];
const results: Record<string, unknown> = {};
const temporary = await mkdtemp(join(tmpdir(), 'chainscope-bench-start-'));
const own = join(temporary, 'own');
try {
  await cp(task.dataDir, own, { recursive: true });
  await opening(process.execPath, 'pack');
  if (task.only.includes('node')) await measureOpening('Node', process.execPath);
  if (task.only.includes('electron')) await measureOpening("Electron's engine", runtimes.electron?.executable ?? '');
  if (task.only.includes('window')) await measureWindow();
} finally {
  await rm(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
await finish('start', task, rows, results);

/** One part of bench/opening.ts in a new process. */
async function opening<T>(executable: string, part: string): Promise<T> {
  const { stdout } = await promisify(execFile)(executable, ['--expose-gc', join(runtimes.bundle, 'opening.js'), '--data-dir', own, '--part', part], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
  return JSON.parse(stdout) as T;
}

async function measureOpening(part: string, executable: string): Promise<void> {
  say(`opening in ${part}`);
  const reads: number[] = [];
  const opens: Opened[] = [];
  for (let turn = 0; turn < task.times; turn += 1) {
    reads.push(await opening<number>(executable, 'read'));
    opens.push(await opening<Opened>(executable, 'open'));
  }
  results[part] = { reads, opens };
  const of = (field: keyof Opened): number[] => opens.map((each) => each[field]);
  const blocks = median(of('blocks'));
  rows.push(
    plainRow(part, 'blocks', blocks.toLocaleString('en')),
    goalRow(part, 'open', median(of('ms')), GOALS.openMs, 'ms', range(of('ms'))),
    plainRow(part, 'processor time of it, all threads', ranged(of('cpuMs'), 'ms')),
    plainRow(part, 'to the records read by LevelDB alone', `${(median(of('ms')) / median(reads)).toFixed(2)} x`),
    goalRow(part, 'event loop held at most', median(of('longest')), GOALS.holdMs, 'ms', range(of('longest'))),
    goalRow(part, 'memory held, a block', median(of('bytes')) / blocks, GOALS.bytesPerBlock, 'bytes'),
    goalRow(part, 'memory of the process', median(of('rss')) / MB, GOALS.memoryMb, 'MB', `; its own ${shown(median(of('own')) / MB)}`),
  );
}

async function measureWindow(): Promise<void> {
  say('the app, and Electron with an empty window');
  const probe = await readProbe(runtimes.bundle);
  const folder = join(runtimes.bundle, 'empty-app');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'empty', type: 'module', main: '../empty.js' }));
  const empty = await AppUnderTest.launch(folder, [], {}, probe);
  const bare = await atRest(empty);
  await empty.close();
  const app = await NodeApp.start(task.root, own, { NODE_NAME: 'Aster' }, probe);
  const shownAt = await until('the chain in the window', () => app.probe<number | null>('chainShownAt()'));
  const full = await atRest(app);
  await app.close();
  results['window'] = { bare, full, openMs: app.openMs, shownMs: shownAt - app.openAt };
  const part = 'the app, window shown';
  const mb = (bytes: number): string => (bytes / MB).toFixed(0);
  rows.push(
    goalRow(part, 'node open to the chain in the window', shownAt - app.openAt, GOALS.usableMs, 'ms'),
    goalRow(part, "main process, beyond an empty Electron's", (full.rss - bare.rss) / MB, GOALS.memoryMb, 'MB', `; ${mb(full.rss)} (at most ${mb(full.peak)}) to ${mb(bare.rss)}`),
    plainRow(part, 'of it its own; tables of the database mapped into it', `${mb(full.own - bare.own)}; ${mb(full.tables)} MB`),
  );
}

/** The memory of the main process once it stays: the page asks for the whole index while nothing else is to do. */
async function atRest(app: AppUnderTest): Promise<ProcessMemory> {
  const pid = app.electron.process().pid ?? 0;
  let last = memoryOf(pid);
  let since = performance.now();
  await until(
    'a memory that stays',
    async () => {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const now = memoryOf(pid);
      if (Math.abs(now.rss - last.rss) > MB) {
        last = now;
        since = performance.now();
      }
      return performance.now() - since > REST_MS || Number.isNaN(now.rss);
    },
    PATIENCE_MS,
  );
  return memoryOf(pid);
}

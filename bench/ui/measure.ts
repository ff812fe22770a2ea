/** Drives the built app through all parts of the bench, prints the table and writes the numbers. Started by run.mjs with one JSON argument. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { seeded } from '../lib/mining.ts';
import { AppUnderTest, NodeApp, readProbe, type Memory, type ProcessorTime } from './app.ts';
import { turnWheel } from './input.ts';
import { OtherNode } from './other-node.ts';
import { jumpTo, lookAround, measureStart, middleOf, typeFor, typeWhileBlocksArrive, until, type Arrival, type Jump, type Looked, type Start } from './parts.ts';
import type { Seen } from './seen.ts';
import { goalRow, plainRow, shown, tableOf, type Row } from '../lib/report.ts';
import { spreadOf, type Spread } from '../lib/stats.ts';
import type { FrameTask } from './trace.ts';

export interface Task {
  /** The repository, with the built app in it. */
  root: string;
  /** Folder of the built bench. */
  bundle: string;
  /** A data directory with a chain; it is copied. */
  dataDir: string;
  blocks: number;
  seed: number;
  /** Where the JSON goes. */
  report: string;
  /** Parts to measure; all when empty. */
  only: string[];
  /** Folder for CPU profiles of the parts; none when absent. */
  profiles?: string;
  /** How the chain came to be, for the report. */
  generatedSeconds?: number;
  electron: string;
}

const STARTS = 3;
const RANDOM_JUMPS = 20;
const LOOK_SECONDS = 10;
const ARRIVING = { blocks: 1_000, perSecond: 100 } as const;
/** What the window has seen come before them, one at a time: it is not to be measured how long the first block of its life takes. */
const FIRST = { blocks: 8, perSecond: 2 } as const;
const MINING_SECONDS = 6;
/** Ms between two looks at the miner's rate. */
const RATE_MS = 500;
const PLAIN_LISTS = [1_000, 10_000] as const;
const MIB = 2 ** 20;

const GOALS = { usableMs: 2_000, jumpMs: 200, drawMs: 8, longTasks: 0, heapMib: 150, latencyMs: 50 } as const;

interface Results {
  starts: Start[];
  atRest: Memory;
  jumps: Jump[];
  randomJumps: Jump[];
  looked: Looked;
  arrival: Arrival & { alone: Seen; sentSeconds: number; processorTime: ProcessorTime };
  mining: { seen: Seen; hashRate: number; workers: number };
  plain: { blocks: number; builtMs: number; looked: Looked }[];
}

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const say = (text: string): void => void process.stderr.write(`chainscope: ${text}\n`);
const wanted = (part: string): boolean => task.only.length === 0 || task.only.includes(part);
const seconds = (ms: number): string => `${shown(ms / 1000)} s`;
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
const processor = ({ page, main, pictures }: ProcessorTime): string => `${shown(page)}, ${shown(main)} and ${shown(pictures)} s`;
const PROCESSOR = 'processor time of page, main process, picture process';
const spread = ({ p50, p95, max, count }: Spread, unit = 'ms'): string => `${shown(p50)} / ${shown(p95)} / ${shown(max)} ${unit} (${count.toLocaleString('en')})`;

const probe = await readProbe(task.bundle);
const temporary = await mkdtemp(join(tmpdir(), 'chainscope-bench-ui-'));
const loadBefore = loadavg()[0];
const rows: Row[] = [];
const results: Partial<Results> = {};
try {
  await measureChain();
  if (wanted('mining')) await measureMining();
  if (wanted('plain')) await measurePlainLists();
} finally {
  await rm(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
await finish();

/** Everything that needs the long chain: the start again and again, then one app for the rest. */
async function measureChain(): Promise<void> {
  const own = join(temporary, 'own');
  await copyChain(own);
  let app: NodeApp | undefined;
  try {
    const starts: Start[] = [];
    for (let round = 0; round < (wanted('start') ? STARTS : 1); round += 1) {
      await app?.close();
      say(`starting the app, ${String(round + 1)}`);
      app = await NodeApp.start(task.root, own, { NODE_NAME: 'Aster' }, probe);
      starts.push(await measureStart(app));
    }
    if (app === undefined) return;
    results.starts = starts;
    rowsOfStarts(starts);
    results.atRest = await app.memory();
    if (wanted('jumps')) await measureJumps(app);
    if (wanted('look')) await measureLook(app);
    if (wanted('arrival')) await measureArrival(app);
  } catch (error) {
    // What the window looked like then often says why.
    await app?.page.screenshot({ path: join(dirname(task.report), 'bench-ui-failed.png') }).catch(() => undefined);
    throw error;
  } finally {
    await app?.close();
  }
}

/** The given directory stays as it is: nodes write into theirs. */
async function copyChain(to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(task.dataDir, to, { recursive: true });
}

function rowsOfStarts(starts: readonly Start[]): void {
  const usable = spreadOf(starts.map(({ usableMs }) => usableMs));
  const part = 'start';
  rows.push(plainRow(part, 'program started to node open, middle of the starts', seconds(spreadOf(starts.map(({ openMs }) => openMs)).p50)));
  rows.push(plainRow(part, 'node open to chain drawn, worst of the starts', `${shown(spreadOf(starts.map(({ shownMs }) => shownMs)).max)} ms`));
  rows.push(goalRow(part, 'node open to first key answered, worst of the starts', usable.max, GOALS.usableMs, 'ms'));
}

async function measureJumps(app: NodeApp): Promise<void> {
  say('jumping to heights');
  const jumps: Jump[] = [];
  for (const height of [0, Math.floor(task.blocks / 2), task.blocks - 1]) {
    const jump = await jumpTo(app, height);
    jumps.push(jump);
    rows.push(goalRow('jump', `to height ${height.toLocaleString('en')}, its hash on the chain and in the panel`, jump.ms, GOALS.jumpMs, 'ms'));
  }
  results.jumps = jumps;
  const random = seeded(task.seed);
  const others: Jump[] = [];
  const processorTime = await app.timed(() =>
    maybeProfiled('jumps', app, async () => {
      for (let index = 0; index < RANDOM_JUMPS; index += 1) others.push(await jumpTo(app, Math.floor(random() * task.blocks)));
    }),
  );
  results.randomJumps = others;
  const all = spreadOf(others.map(({ ms }) => ms));
  rows.push(goalRow('jump', 'to any height, slowest', all.max, GOALS.jumpMs, 'ms', `; p50 ${shown(all.p50)}, p95 ${shown(all.p95)} of ${String(all.count)}`));
  rows.push(plainRow('jump', `${PROCESSOR}, all ${String(all.count)}`, processor(processorTime)));
}

async function measureLook(app: NodeApp): Promise<void> {
  say(`scrolling and zooming for ${String(LOOK_SECONDS)} s`);
  await jumpTo(app, Math.floor(task.blocks / 2) + 1);
  let looked: Looked | undefined;
  await maybeProfiled('look', app, async () => {
    looked = await lookAround(app, 'listbox', LOOK_SECONDS, seeded(task.seed));
  });
  if (looked === undefined) return;
  results.looked = looked;
  const { seen, frameTasks, heapPeak, memory } = looked;
  const draws = spreadOf(seen.draws);
  const part = 'scroll and zoom';
  rows.push(goalRow(part, 'a picture drawn, p95', draws.p95, GOALS.drawMs, 'ms', `; p50 ${shown(draws.p50)}, max ${shown(draws.max)} of ${draws.count.toLocaleString('en')}`));
  rows.push(goalRow(part, 'tasks over 50 ms', seen.longTasks.length, GOALS.longTasks, 'tasks', seen.longTasks.length === 0 ? '' : `, longest ${shown(Math.max(...seen.longTasks))} ms`));
  rows.push(...rowsOfFrames(part, frameTasks));
  rows.push(plainRow(part, 'frames and pictures a second', `${shown(seen.frames / seen.seconds)} and ${shown(seen.draws.length / seen.seconds)}`));
  rows.push(plainRow(part, PROCESSOR, processor(looked.processorTime)));
  rows.push(goalRow('memory', "the page's JavaScript, most seen", heapPeak / MIB, GOALS.heapMib, 'MiB', `; ${mib(memory.heap)} once collected`));
  rows.push(plainRow('memory', "the page's process, and the main process with the node", `${mib(memory.page)} and ${mib(memory.main)}`));
}

function rowsOfFrames(part: string, tasks: readonly FrameTask[]): Row[] {
  return [
    plainRow(part, 'all work of a frame on the main thread, p50 / p95 / max', spread(spreadOf(tasks.map(({ ms }) => ms)))),
    plainRow(part, 'processor time of that', spread(spreadOf(tasks.map(({ processorMs }) => processorMs)))),
  ];
}

async function measureArrival(app: NodeApp): Promise<void> {
  say('letting another node send 1,000 blocks in 10 s');
  // At the tip and following it, near enough to see tiles: then a new block costs the window most.
  const at = await middleOf(app.page, 'listbox', /^Blocks/);
  await turnWheel(app.cdp, at, Array.from({ length: 4 }, () => ({ deltaX: 0, zoom: -1 })));
  const follow = app.page.getByRole('button', { name: 'Follow tip' });
  if ((await follow.getAttribute('aria-pressed')) !== 'true') await follow.click();
  const otherDir = join(temporary, 'other');
  await copyChain(otherDir);
  const other = await OtherNode.start(task.bundle, otherDir, app.peers.replace('ws://', ''));
  try {
    // Both have the same chain but for what this bench mined before; then they agree.
    await app.page.getByRole('status', { name: 'Headline' }).filter({ hasText: 'Birch' }).waitFor({ timeout: 60_000, state: 'attached' });
    await other.mine(FIRST.blocks + ARRIVING.blocks);
    await other.send(FIRST.blocks, FIRST.perSecond);
    // What keys take on this machine without them: two cores, no GPU, and the bench itself.
    say('typing without blocks, for comparison');
    const alone = await typeFor(app, ARRIVING.blocks / ARRIVING.perSecond);
    let sentSeconds = Number.NaN;
    let arrival: Arrival | undefined;
    const processorTime = await app.timed(() =>
      maybeProfiled('arrival', app, async () => {
        arrival = await typeWhileBlocksArrive(app, ARRIVING.blocks / ARRIVING.perSecond, ARRIVING.blocks, async () => {
          sentSeconds = await other.send(ARRIVING.blocks, ARRIVING.perSecond);
        });
      }),
    );
    if (arrival === undefined) return;
    results.arrival = { ...arrival, alone, sentSeconds, processorTime };
    const latency = spreadOf(arrival.seen.latencies);
    const latencyAlone = spreadOf(alone.latencies);
    const part = 'blocks arrive';
    rows.push(plainRow(part, 'blocks of the other node, and the seconds that it sent', `${arrival.blocks.toLocaleString('en')} in ${shown(sentSeconds)} s`));
    rows.push(goalRow(part, 'key press to its frame, slowest', latency.max, GOALS.latencyMs, 'ms', `; p50 ${shown(latency.p50)}, p95 ${shown(latency.p95)}, p98 ${shown(latency.p98)} of ${String(latency.count)}`));
    rows.push(plainRow(part, 'the same typing without blocks', `${shown(latencyAlone.max)} ms; p50 ${shown(latencyAlone.p50)}, p95 ${shown(latencyAlone.p95)}, p98 ${shown(latencyAlone.p98)} of ${String(latencyAlone.count)}`));
    rows.push(plainRow(part, 'key press to its picture on the screen, as the browser counts it (INP)', `${inpOf(arrival.seen)}; without blocks ${inpOf(alone)}`));
    rows.push(plainRow(part, 'last block in the node to its tile in the window', `${shown(arrival.lagMs)} ms`));
    rows.push(plainRow(part, 'tasks over 50 ms', `${String(arrival.seen.longTasks.length)}${arrival.seen.longTasks.length === 0 ? '' : `, longest ${shown(Math.max(...arrival.seen.longTasks))} ms`}`));
    rows.push(plainRow(part, 'pictures a second', shown(arrival.seen.draws.length / arrival.seen.seconds)));
    rows.push(plainRow(part, PROCESSOR, processor(processorTime)));
  } finally {
    await other.close();
    await rm(otherDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** With a thread on every core. On the main network, where a block takes real work. */
async function measureMining(): Promise<void> {
  const workers = availableParallelism();
  say(`mining with ${String(workers)} threads`);
  const app = await NodeApp.start(task.root, join(temporary, 'mining'), { NETWORK: 'main', MINE_WORKERS: String(workers), NODE_NAME: 'Aster' }, probe);
  try {
    await until('the chain in the window', () => app.probe<number | null>('chainShownAt()'));
    let mining = true;
    const queue = Array.from({ length: 3 }, async () => {
      while (mining) await mineOne(app.http);
    });
    await until('the miner', async () => (await miningState(app.http)).hashRate > 0);
    let seen: Seen | undefined;
    let hashRate = 0;
    const watch = (async () => {
      // Between two blocks the rate is that of a search that has just begun.
      while (mining) {
        hashRate = Math.max(hashRate, (await miningState(app.http)).hashRate);
        await new Promise((resolve) => setTimeout(resolve, RATE_MS));
      }
    })();
    await maybeProfiled('mining', app, async () => {
      seen = await typeFor(app, MINING_SECONDS);
    });
    mining = false;
    await watch;
    await Promise.all(queue);
    if (seen === undefined) return;
    results.mining = { seen, hashRate, workers };
    const latency = spreadOf(seen.latencies);
    rows.push(plainRow('mining', 'threads and tries a second at best', `${String(workers)} and ${(hashRate / 1e6).toFixed(1)} million`));
    rows.push(goalRow('mining', 'key press to its frame, slowest', latency.max, GOALS.latencyMs, 'ms', `; p50 ${shown(latency.p50)}, p95 ${shown(latency.p95)}, p98 ${shown(latency.p98)} of ${String(latency.count)}`));
  } finally {
    await app.close();
  }
}

/** Interaction to Next Paint, as web pages are held to: the slowest key but for one in fifty. Chromium counts in steps of 8 ms, and leaves out what took less than 16. */
function inpOf({ slowEvents, latencies }: Seen): string {
  const slowest = [...slowEvents].sort((a, b) => b - a);
  const inp = slowest[Math.floor(latencies.length / 50)];
  return inp === undefined ? 'under 16 ms' : `${shown(inp)} ms; slowest ${shown(slowest[0] ?? Number.NaN)} ms`;
}

async function mineOne(http: string): Promise<void> {
  await fetch(`${http}/mine`, { method: 'POST', body: '{"data":"bench"}', headers: { 'content-type': 'application/json' }, redirect: 'manual' });
}

async function miningState(http: string): Promise<{ hashRate: number }> {
  const { mining } = (await (await fetch(`${http}/status`)).json()) as { mining: { hashRate: number } };
  return mining;
}

async function measurePlainLists(): Promise<void> {
  const plain: Results['plain'] = [];
  for (const blocks of PLAIN_LISTS) {
    say(`the same turns of the wheel over ${blocks.toLocaleString('en')} plain elements`);
    const app = await AppUnderTest.launch(task.bundle, [`--blocks=${String(blocks)}`], {}, probe);
    try {
      const builtMs = await until('the plain list', () => app.page.evaluate<number>('Number(document.body.dataset.builtMs ?? 0)'));
      const looked = await lookAround(app, 'list', LOOK_SECONDS, seeded(task.seed));
      plain.push({ blocks, builtMs, looked });
      const part = `${blocks.toLocaleString('en')} DOM nodes`;
      const { seen, frameTasks, memory } = looked;
      rows.push(plainRow(part, 'built, laid out and painted', `${shown(builtMs)} ms`));
      rows.push(...rowsOfFrames(part, frameTasks));
      rows.push(plainRow(part, 'tasks over 50 ms', `${String(seen.longTasks.length)}${seen.longTasks.length === 0 ? '' : `, longest ${shown(Math.max(...seen.longTasks))} ms`}`));
      rows.push(plainRow(part, 'frames a second', shown(seen.frames / seen.seconds)));
      rows.push(plainRow(part, PROCESSOR, processor(looked.processorTime)));
      rows.push(plainRow(part, "the page's JavaScript, and its process", `${mib(memory.heap)} and ${mib(memory.page)}`));
    } finally {
      await app.close();
    }
  }
  results.plain = plain;
}

async function maybeProfiled(part: string, app: NodeApp, work: () => Promise<void>): Promise<void> {
  if (task.profiles === undefined) return work();
  await mkdir(task.profiles, { recursive: true });
  return app.profile(join(task.profiles, `ui-${part}-page.cpuprofile`), join(task.profiles, `ui-${part}-main.cpuprofile`), work);
}

async function finish(): Promise<void> {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryMib: Math.round(totalmem() / MIB),
    platform: `${process.platform} ${process.arch}`,
    electron: task.electron,
    loadBefore,
    loadAfter: loadavg()[0],
  };
  const load = `load ${machine.loadBefore?.toFixed(1) ?? '?'} before and ${machine.loadAfter?.toFixed(1) ?? '?'} after`;
  console.log(`machine: ${machine.cpu}, ${String(machine.cores)} cores, ${machine.platform}, Electron ${machine.electron}, without a GPU, ${load}`);
  console.log(`${task.blocks.toLocaleString('en')} blocks, seed ${String(task.seed)}\n`);
  console.log(tableOf(rows));
  if ((machine.loadBefore ?? 0) > machine.cores / 2) console.log('\nOther programs were busy when this began: times on the clock say little, processor time says more.');
  const missed = rows.filter(({ met }) => met === false).length;
  const goals = rows.filter(({ met }) => met !== null).length;
  console.log(`\n${String(goals - missed)} of ${String(goals)} goals met`);
  await mkdir(dirname(task.report), { recursive: true });
  const { blocks, seed, generatedSeconds } = task;
  await writeFile(task.report, `${JSON.stringify({ bench: 'ui', at: new Date().toISOString(), seed, blocks, generatedSeconds, machine, missed, rows, results }, null, 1)}\n`);
  say(`the numbers are in ${task.report}`);
}

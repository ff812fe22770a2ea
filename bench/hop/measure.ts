/** One more block: its time and its bytes from the node that found it to its neighbours, at several lengths of the chain by turns. Started by run.mjs with one JSON argument. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finish, ranged, say, type PartTask } from '../lib/finish.ts';
import { goalRow, plainRow, shown, type Row } from '../lib/report.ts';
import { median } from '../lib/stats.ts';
import { Line, type Hop } from './line.ts';
import { hopsToWindow } from './window.ts';

interface Task extends PartTask {
  /** Data directories with chains, the shortest first; they are copied. */
  chains: { blocks: number; dataDir: string }[];
  times: number;
  only: string[];
}

/** Issue 5, point 5. */
const GOALS = { hopMs: 5, linkBytes: 1_000, timeLongToShort: 1.3, bytesLongToShort: 1.05, timeToTutorial: 500, bytesToTutorial: 20_000 } as const;
const SHORT = 1_000;
const LONG = 100_000;
/** Blocks before those that count: they find code that is not compiled yet. */
const WARM_UP = 20;
/** A message of the tutorial's library is at most 100 MiB: about 350,000 blocks. */
const TUTORIAL_BLOCKS = 300_000;
const TUTORIAL_TIMES = 5;

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const rows: Row[] = [];
const results: { nodes: Record<number, Hop[]>; tutorial: Record<number, Hop[]>; window?: unknown } = { nodes: {}, tutorial: {} };
const temporary = await mkdtemp(join(tmpdir(), 'chainscope-bench-hop-'));
try {
  if (task.only.includes('nodes')) await measureNodes();
  if (task.only.includes('tutorial')) await measureTutorial();
  if (task.only.includes('window')) await measureWindow();
} finally {
  await rm(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
compare();
await finish('hop', task, rows, results);

/** Every line has its turn in every round, so that what slows the machine slows all. */
async function byTurns(lines: readonly Line[], times: number, warmUp: number, into: Record<number, Hop[]>): Promise<void> {
  for (let round = -warmUp; round < times; round += 1) {
    for (const line of lines) {
      const hop = await line.hop();
      if (round >= 0) (into[line.blocks] ??= []).push(hop);
    }
  }
}

async function withLines(make: () => Promise<Line>[], work: (lines: Line[]) => Promise<void>): Promise<void> {
  const lines: Line[] = [];
  try {
    for (const line of make()) lines.push(await line);
    await work(lines);
  } finally {
    for (const line of lines) await line.close();
  }
}

async function measureNodes(): Promise<void> {
  say(`three nodes in a line, on each of ${String(task.chains.length)} chains`);
  await withLines(
    () => task.chains.map((chain) => Line.ofNodes(task.runtimes, chain, temporary)),
    (lines) => byTurns(lines, task.times, WARM_UP, results.nodes),
  );
  for (const { blocks } of task.chains) {
    const hops = results.nodes[blocks] ?? [];
    const part = `${blocks.toLocaleString('en')} blocks`;
    const [first = [], second = []] = [0, 1].map((at) => hops.map((hop) => hop.hops[at] ?? Number.NaN));
    rows.push(
      plainRow(part, 'found to stored', ranged(hops.map(({ stored }) => stored), 'ms')),
      plainRow(part, 'found to the state event of the neighbour', ranged(hops.map(({ first }) => first), 'ms')),
      plainRow(part, "a hop: from the finder's own state event to the neighbour's", ranged(first, 'ms')),
      plainRow(part, "a hop: from that to the neighbour's neighbour's", ranged(second, 'ms')),
      goalRow(part, 'a hop, storing included, median of both', median([...first, ...second]), GOALS.hopMs, 'ms'),
      goalRow(part, 'bytes both ways to the neighbour who had it', median(hops.map(({ bytesBefore }) => bytesBefore)), GOALS.linkBytes, 'bytes'),
      goalRow(part, 'bytes both ways to the neighbour who got it', median(hops.map(({ bytesBehind }) => bytesBehind)), GOALS.linkBytes, 'bytes'),
    );
  }
}

async function measureTutorial(): Promise<void> {
  const sizes = task.chains.map(({ blocks }) => blocks).filter((blocks) => blocks <= TUTORIAL_BLOCKS);
  say('the tutorial');
  await withLines(
    () => sizes.map((blocks) => Line.ofTutorials(task.runtimes, blocks)),
    (lines) => byTurns(lines, TUTORIAL_TIMES, 1, results.tutorial),
  );
  for (const blocks of sizes) {
    const hops = results.tutorial[blocks] ?? [];
    rows.push(plainRow('tutorial', `${blocks.toLocaleString('en')} blocks`, `${ranged(hops.map(({ first }) => first), 'ms')}, ${shown(median(hops.map(({ bytesBefore }) => bytesBefore)))} bytes`));
  }
  if (sizes.length < task.chains.length) rows.push(plainRow('tutorial', `over ${TUTORIAL_BLOCKS.toLocaleString('en')} blocks`, 'its message is longer than its library takes (100 MiB)'));
}

async function measureWindow(): Promise<void> {
  const chain = task.chains.findLast(({ blocks }) => blocks <= LONG);
  if (chain === undefined) return;
  say('to the window of the app');
  const seen = await hopsToWindow({ root: task.root, runtimes: task.runtimes, chain, folder: temporary, times: task.times });
  results.window = seen;
  rows.push(plainRow('the app', `found to the block in the neighbour's window, ${chain.blocks.toLocaleString('en')} blocks`, ranged(seen, 'ms')));
}

function compare(): void {
  const time = (hops: readonly Hop[] | undefined): number => median((hops ?? []).map(({ first }) => first));
  const bytes = (hops: readonly Hop[] | undefined): number => median((hops ?? []).map(({ bytesBefore }) => bytesBefore));
  const { nodes, tutorial } = results;
  const part = 'ratios';
  for (const long of task.chains.map(({ blocks }) => blocks).filter((blocks) => blocks > SHORT && nodes[SHORT] !== undefined && nodes[blocks] !== undefined)) {
    const name = `at ${long.toLocaleString('en')} to at 1,000`;
    rows.push(goalRow(part, `time ${name}`, time(nodes[long]) / time(nodes[SHORT]), GOALS.timeLongToShort, 'x', tutorial[long] === undefined ? '' : `; the tutorial's ${shown(time(tutorial[long]) / time(tutorial[SHORT]))}`));
    rows.push(goalRow(part, `bytes ${name}`, bytes(nodes[long]) / bytes(nodes[SHORT]), GOALS.bytesLongToShort, 'x', tutorial[long] === undefined ? '' : `; the tutorial's ${shown(bytes(tutorial[long]) / bytes(tutorial[SHORT]))}`));
  }
  if (nodes[LONG] === undefined || tutorial[LONG] === undefined) return;
  rows.push(partRow('time', time(tutorial[LONG]) / time(nodes[LONG]), GOALS.timeToTutorial), partRow('bytes', bytes(tutorial[LONG]) / bytes(nodes[LONG]), GOALS.bytesToTutorial));
}

/** Ours as a part of the tutorial's. @param times how many times as much the tutorial's is */
function partRow(what: string, times: number, goal: number): Row {
  const as = (number: number): string => `1/${Math.round(number).toLocaleString('en')}`;
  return { part: 'ratios', what: `${what} at 100,000, of the tutorial's`, measured: as(times), goal: `at most ${as(goal)}`, met: Number.isFinite(times) && times >= goal };
}

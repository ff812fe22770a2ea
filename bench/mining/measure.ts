/**
 * What runs inside Node or inside Electron's main process. Takes one argument: JSON with a `Task`. Writes a `Measured` to the file it names.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { KernelName } from '../../src/node/mining/types.ts';
import { PlainKernel } from '../../src/node/mining/kernel.ts';
import { WorkerPool } from '../../src/node/mining/worker-pool.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import { runInEither, runtimeName } from '../lib/in-either.ts';
import { contestants, nativeKernels } from './contestants.ts';

/** A program in C. Gets what stands first, the header, a first nonce and a count; prints the seconds and the lowest highest word with its nonce. */
export interface Program {
  name: string;
  file: string;
  first: string[];
}

interface Task {
  header: string;
  programs: Program[];
  worker: string;
  result: string;
  /** Each contestant has a turn of that many ms in each round. */
  turnMs: number;
  rounds: number;
  /** How long the threads run, in ms. */
  poolMs: number;
}

export interface Measured {
  runtime: string;
  v8: string;
  /** Tries a second of one thread: the median of the rounds, and the best one. */
  loops: { name: string; median: number; best: number }[];
  /** Threads of the app, tries a second together. */
  pools: { workers: number; rate: number; kernel: string; loopDelayP99Ms: number; loopDelayMaxMs: number }[];
}

const task = JSON.parse(process.argv.at(-1) ?? '') as Task;
const header = new Uint8Array(Buffer.from(task.header, 'hex'));
const IMPOSSIBLE = new Uint8Array(32);
const RESOLUTION_MS = 1;
/** Tries of one run of a program in C: some tenths of a second, and a whole number of groups of any loop. */
const C_TRIES = 2_000_000;

/** One run of a program in C; undefined where the processor lacks its instructions. A fast program that computes something else proves nothing. */
function runProgram({ name, file, first }: Program): number | undefined {
  let printed: string;
  try {
    printed = execFileSync(file, [...first, task.header, '0', String(C_TRIES)], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
  const [seconds = 0, top = 0, nonce = 0] = printed.trim().split(' ').map(Number);
  const { best } = new PlainKernel().search(header, IMPOSSIBLE, nonce, 1);
  if (new DataView(best.buffer, best.byteOffset).getUint32(28, true) !== top) throw new Error(`${name} computes other hashes. Check bench/mining/*.c.`);
  return C_TRIES / seconds;
}

/** All take turns, the programs in C too. */
function measureLoops(): Measured['loops'] {
  const all = contestants(header).map((each) => ({ ...each, start: 0, rates: [] as number[] }));
  const programs = task.programs.filter((each) => runProgram(each) !== undefined).map((each) => ({ ...each, rates: [] as number[] }));
  const turn = (each: (typeof all)[number]): number => {
    const from = performance.now();
    let tries = 0;
    let now = from;
    while (now - from < task.turnMs) {
      each.run(each.start);
      each.start += each.tries;
      tries += each.tries;
      now = performance.now();
    }
    return (tries * 1000) / (now - from);
  };
  for (const each of all) {
    each.check();
    turn(each);
  }
  for (let round = 0; round < task.rounds; round += 1) {
    for (const each of all) each.rates.push(turn(each));
    for (const each of programs) each.rates.push(runProgram(each) ?? 0);
  }
  return [...all, ...programs].map(({ name, rates }) => {
    const sorted = rates.sort((a, b) => a - b);
    return { name, median: sorted[sorted.length >> 1] ?? 0, best: sorted.at(-1) ?? 0 };
  });
}

/** The hashes of the pool that the app uses, and how late this thread's timers were meanwhile. */
async function measurePool(workers: number, kernel?: KernelName): Promise<Measured['pools'][number]> {
  const pool = new WorkerPool({ size: workers, script: task.worker, ...(kernel === undefined ? {} : { kernel }) }, { logger: nullLogger });
  try {
    let hashes = 0;
    let warm: (() => void) | undefined;
    const warmed = new Promise<void>((resolve) => (warm = resolve));
    pool.on('progress', (_search, count) => {
      hashes += count;
      // By then the code is compiled for good.
      if (hashes > 2_000_000 * workers) warm?.();
    });
    pool.search(header, IMPOSSIBLE);
    await Promise.race([warmed, new Promise((resolve) => setTimeout(resolve, task.poolMs))]);
    hashes = 0;
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
    const from = performance.now();
    await new Promise((resolve) => setTimeout(resolve, task.poolMs));
    await pool.halt();
    const ms = performance.now() - from;
    delay.disable();
    const late = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    return { workers, rate: (hashes * 1000) / ms, kernel: pool.kernel ?? '', loopDelayP99Ms: late(delay.percentile(99)), loopDelayMaxMs: late(delay.max) };
  } finally {
    await pool.close();
  }
}

async function main(): Promise<void> {
  const loops = measureLoops();
  const pools: Measured['pools'] = [];
  // The app's own choice, and what it is where there is no compiler.
  for (const kernel of nativeKernels().length > 0 ? ([undefined, 'wasm-simd'] as const) : [undefined]) {
    for (const workers of new Set([1, availableParallelism()])) pools.push(await measurePool(workers, kernel));
  }
  const measured: Measured = {
    runtime: runtimeName(),
    v8: process.versions.v8,
    loops,
    pools,
  };
  writeFileSync(task.result, JSON.stringify(measured));
}

void runInEither(main);

/**
 * `npm run bench:opening -- --data-dir <folder> [--times 5] [--executable <Electron>]`: how long a node's chain takes to open, beside what LevelDB needs to
 * hand over the same records and nothing else, and how much memory the index takes. Make the folder with bench:generate.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ClassicLevel } from 'classic-level';
import { optionsOrExit, readOrExit, wholeNumber } from '../scripts/lib/options.mjs';
import { Chain } from '../src/node/chain/chain.ts';
import { BYTES_PER_READ, PAGE_RECORDS, RECORDS_PER_READ } from '../src/node/chain/limits.ts';
import { StoreError } from '../src/node/chain/store/errors.ts';
import { PREFIX, prefixRange } from '../src/node/chain/store/records.ts';
import { REGTEST } from '../src/node/consensus/params.ts';
import { systemClock } from '../src/node/util/clock.ts';
import { nullLogger } from '../src/node/util/logger.ts';
import { OPENING_OPTIONS } from './options.mjs';

/** Issue: a node with a million blocks is open within this time, and grows by at most this much a block. */
const GOAL = { seconds: 1.5, blocks: 1_000_000, bytesPerBlock: 120, processMb: 300 } as const;

const { values } = optionsOrExit({ options: OPENING_OPTIONS }, 'npm run bench:opening -- --data-dir <folder> [options]');
const dataDir = values['data-dir'];
if (dataDir === undefined || !existsSync(join(dataDir, 'chain'))) fail('name a folder made by bench:generate with --data-dir <folder>');
const times = readOrExit(() => wholeNumber('times', values.times));
const executable = values.executable ?? process.execPath;

/** What was asked for cannot be done. */
function fail(message: string): never {
  process.stderr.write(`opening: ${message}\n`);
  process.exit(2);
}

/** Bytes held: the JavaScript heap and what typed arrays have outside of it. */
function held(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  // Electron counts typed arrays as external memory only; Node counts them there too.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}

/** What the node reads of the index, read and dropped. */
async function readOnly(): Promise<number> {
  const startedAt = performance.now();
  const db = new ClassicLevel<Uint8Array, Uint8Array>(join(dataDir ?? '', 'chain'), { keyEncoding: 'view', valueEncoding: 'view', createIfMissing: false });
  await db.open();
  for (const prefix of [PREFIX.page, PREFIX.index]) {
    const iterator = db.iterator({ ...prefixRange(prefix), highWaterMarkBytes: BYTES_PER_READ, fillCache: false });
    while ((await iterator.nextv(RECORDS_PER_READ)).length > 0);
    await iterator.close();
  }
  await db.close();
  return performance.now() - startedAt;
}

/** Bytes that belong to this process alone; NaN where the system does not say. What is left of `rss` are files mapped into memory. */
function own(): number {
  try {
    return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  } catch {
    return NaN;
  }
}

export interface Opened {
  ms: number;
  /** Of all threads. */
  cpuMs: number;
  longest: number;
  blocks: number;
  bytes: number;
  rss: number;
  own: number;
}

async function openChain(): Promise<Opened> {
  const chain = new Chain({ params: REGTEST, dataDir: dataDir ?? '' }, { clock: systemClock, logger: nullLogger });
  const before = held();
  let longest = 0;
  let turnedAt = performance.now();
  const turns = setInterval(() => {
    longest = Math.max(longest, performance.now() - turnedAt);
    turnedAt = performance.now();
  }, 1);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const report = await chain.open();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(turns);
  if (report.repaired) process.stderr.write(`opening: this store was repaired: ${report.messages.join(' ')}\n`);
  const bytes = held() - before;
  const { rss } = process.memoryUsage();
  const ownBytes = own();
  await chain.close();
  return { ms, cpuMs: (user + system) / 1000, longest, blocks: report.blocks, bytes, rss, own: ownBytes };
}

/** Index records are packed while a node runs: what is measured is the state in which it stays. */
async function pack(): Promise<void> {
  const chain = new Chain({ params: REGTEST, dataDir: dataDir ?? '' }, { clock: systemClock, logger: nullLogger });
  await chain.open();
  // Each call waits for one page before it.
  for (let page = 0; page <= chain.tip.height / PAGE_RECORDS; page++) await chain.addHeaders([], { kind: 'peer' });
  await chain.close();
}

/** One part in a process of its own: a second opening in the same one finds its code compiled and its heap grown. */
async function alone<T>(part: string): Promise<T> {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), '--data-dir', dataDir ?? '', '--part', part];
  try {
    const { stdout } = await promisify(execFile)(executable, args, { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' } });
    return JSON.parse(stdout) as T;
  } catch (error) {
    if (error instanceof SyntaxError) fail(`--executable names ${executable}, which is neither Node nor Electron`);
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (typeof code === 'string') fail(`--executable names ${executable}, which cannot be started (${code})`);
    // It has said itself what is wrong.
    process.stderr.write(stderr);
    process.exit(typeof code === 'number' ? code : 1);
  }
}

async function table(): Promise<void> {
  await alone('pack');
  const reads: number[] = [];
  const opens: Opened[] = [];
  // By turns, so that a machine that becomes slower meanwhile slows both.
  for (let i = 0; i < times; i++) {
    reads.push(await alone<number>('read'));
    opens.push(await alone<Opened>('open'));
  }
  const of = (field: keyof Opened): number => median(opens.map((each) => each[field]));
  const [blocks, open, read] = [of('blocks'), of('ms'), median(reads)];
  const row = (name: string, value: string, goal = ''): void => console.log(`${name.padEnd(44)} ${value.padStart(14)}  ${goal}`);
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${String(cpus().length)} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}, ${executable === process.execPath ? `Node ${process.versions.node}` : 'the JavaScript engine of the executable named'}, median of ${String(times)}, each in a new process`);
  row('blocks', blocks.toLocaleString('en'));
  row('records read by LevelDB alone', `${read.toFixed(0)} ms`);
  row('chain open', `${open.toFixed(0)} ms`, `goal: ${String(GOAL.seconds * 1000)} ms at ${GOAL.blocks.toLocaleString('en')} blocks`);
  row('processor time of it, all threads', `${of('cpuMs').toFixed(0)} ms`);
  row('open, as a multiple of the reading alone', `${(open / read).toFixed(2)} x`);
  row('open, a block', `${((open / blocks) * 1000).toFixed(2)} us`);
  row('event loop held at most', `${of('longest').toFixed(0)} ms`);
  row('memory held, a block', `${(of('bytes') / blocks).toFixed(0)} bytes`, `goal: ${String(GOAL.bytesPerBlock)} bytes`);
  row('memory of the process', `${(of('rss') / 1e6).toFixed(0)} MB`, `goal: ${String(GOAL.processMb)} MB at ${GOAL.blocks.toLocaleString('en')} blocks`);
  row('of it its own, without mapped files', `${(of('own') / 1e6).toFixed(0)} MB`);
}

const parts: Record<string, () => Promise<unknown>> = { pack, read: readOnly, open: openChain };
const part = values.part === undefined ? undefined : parts[values.part];
try {
  if (part === undefined) await table();
  else console.log(JSON.stringify((await part()) ?? null));
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  fail(error.message);
}

/**
 * `npm run simulate -- --nodes 1000 --hours 24 [--seed N] [--within minutes] [--sweep] [--out folder]`; `--help` and options.ts have the others.
 * Prints a table, writes it as JSON with plots beside it; while it runs, what there is so far. Ctrl+C (or a polite kill, or the end of its terminal) ends it where it is, healed and checked. Ends with 1 when a promise was broken, and with 2 when it was asked for something that cannot be.
 */
import { randomInt } from 'node:crypto';
import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wantsHelp } from '../../scripts/lib/options.mjs';
import { parseOptions, simulateHelp, UsageError, type SimulateOptions } from './options.ts';
import { plot } from './plot.ts';
import { makeReport, reportLines, type Report } from './report.ts';
import { sweep, type Ending } from './sweep.ts';
import { Violation, World, type WorldOptions } from './world.ts';

/** Simulated ms between two lines about the progress at least, and real ms. */
const SLICE = 60_000;
const SAY_EVERY = 10_000;
const SAVE_EVERY = 300_000;
/** Ms within which a second signal belongs to the first. */
const SAME_PRESS = 1_000;

/** A run that ends before its time ends where it is: everything is healed and checked, and the report is about the hours until then. */
export interface Watch extends Ending {
  say?: (line: string) => void;
  /** The report so far, every few real minutes. */
  partial?: (report: Report) => Promise<void>;
}

export async function simulate(options: WorldOptions, hours: number, { say = () => undefined, within = Infinity, enough, partial }: Watch = {}): Promise<Report> {
  const started = performance.now();
  const world = new World(options);
  let saidAt = started;
  let savedAt = started;
  await world.begin();
  const end = hours * 3_600_000;
  while (world.now < end) {
    await world.run(Math.min(SLICE, end - world.now));
    const now = performance.now();
    if (now - started > within * 60_000 || enough?.aborted === true) break;
    if (partial !== undefined && now - savedAt >= SAVE_EVERY) {
      savedAt = now;
      await partial(makeReport(world, options, { hours: world.now / 3_600_000, asked: hours, checked: false }, (now - started) / 1000));
    }
    if (now - saidAt < SAY_EVERY) continue;
    saidAt = now;
    const left = ((now - started) / world.now) * (end - world.now);
    say(`${(world.now / 3_600_000).toFixed(2)} of ${String(hours)} h, ${String(world.observer.blocks.length)} blocks, ${String(world.events)} events, about ${String(Math.round(left / 1000))} s left`);
  }
  const simulated = world.now / 3_600_000;
  await world.finish();
  const report = makeReport(world, options, { hours: simulated, asked: hours, checked: true }, (performance.now() - started) / 1000);
  await world.close();
  return report;
}

async function writeOne(report: Report, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(join(folder, 'report.txt'), `${reportLines(report).join('\n')}\n`);
  const curve = report.curve.map(({ ms, part }) => ({ x: ms, y: part * 100 }));
  const shown = curve.filter(({ y }, i) => y <= 99.95 || curve[i - 1]?.y !== y);
  await writeFile(
    join(folder, 'propagation.svg'),
    plot({ title: `How a block spreads: ${String(report.options.nodes)} nodes, ${report.degree.toFixed(1)} connections each`, x: 'ms since it was found', y: '% of the nodes' }, [
      { name: 'stored', points: shown.filter(({ x }) => x <= 4 * (report.delays[1]?.ms ?? Infinity)) },
    ]),
  );
}

/**
 * Aborted by the first Ctrl+C, polite kill or end of the terminal; the second one ends the process. One press may arrive twice, from the terminal and from the script that
 * started this.
 */
function askedToEnd(told: () => void): AbortSignal {
  const asked = new AbortController();
  let at = 0;
  const press = (): void => {
    const now = performance.now();
    if (!asked.signal.aborted) {
      at = now;
      asked.abort();
      told();
    } else if (now - at > SAME_PRESS) process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, press);
  // A terminal that goes away must not take the run with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return asked.signal;
}

/** Before a run of hours, not after it. @throws UsageError when nothing can be written there */
async function ensureFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--out must be a folder that can be written to, but ${folder} is none (${(error as NodeJS.ErrnoException).code ?? String(error)}). Change it and start again.`);
  }
}

async function main(options: SimulateOptions): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await ensureFolder(options.out);
  const enough = askedToEnd(() => {
    say('ends here: the network heals and is checked. Once more ends it at once.');
  });
  const ending: Ending = { enough, ...(options.within === undefined ? {} : { within: options.within }) };
  say(`seed ${String(options.world.seed)}`);
  if (options.sweep) {
    const result = await sweep(options.world, options.hours, simulate, say, ending);
    for (const [name, text] of result.files) await writeFile(join(options.out, name), text);
    process.stdout.write(`${result.lines.join('\n')}\n`);
  } else {
    const partial = (report: Report): Promise<void> => writeOne(report, options.out);
    const report = await simulate(options.world, options.hours, { say, partial, ...ending });
    await writeOne(report, options.out);
    process.stdout.write(`${reportLines(report).join('\n')}\n`);
  }
  process.stdout.write(`\nwritten to ${options.out}\n`);
}

/** `out`: the folder of the reports when none is named. */
export async function run(args: readonly string[], out?: string): Promise<number> {
  if (wantsHelp(args)) {
    process.stdout.write(simulateHelp());
    return 0;
  }
  try {
    await main(parseOptions(args, () => randomInt(2 ** 32), out));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof Violation)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error instanceof Violation ? 1 : 2;
  }
}

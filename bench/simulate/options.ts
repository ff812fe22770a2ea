/** The command line of `npm run simulate`. */
import { parseArgs } from 'node:util';
import { flag, optionLines, preset, taken, type DescribedOption } from '../../scripts/lib/options.mjs';
import type { WorldOptions } from './world.ts';

/** Bounds of what may be asked for: name → default, least, most. */
export const SIMULATE_LIMITS = {
  nodes: [100, 2, 5_000],
  hours: [1, 0.01, 1_000],
  dials: [8, 1, 30],
  miners: [100, 1, 5_000],
  /** Seconds between two blocks. */
  interval: [10, 0.5, 86_400],
  /** Ms, one way: of neighbours, and across the map; mean of the random part. */
  delay: [5, 0, 10_000],
  span: [100, 0, 10_000],
  jitter: [10, 0, 10_000],
  /** Percent of the messages. */
  loss: [1, 0, 50],
  /** Kilobytes a second of a connection, each way. */
  bandwidth: [1250, 1, 1_000_000],
  /** Mean hours that a node stays up, and minutes that it is away; 0 hours: none stops. */
  up: [8, 0, 10_000],
  down: [10, 0.1, 10_000],
  /** Real minutes; 0: as long as it takes. */
  within: [0, 0, 100_000],
  /** Mean minutes between two partitions (0: none), and seconds that one lasts. */
  partitions: [120, 0, 100_000],
  cut: [60, 1, 100_000],
} as const satisfies Record<string, readonly [number, number, number]>;

type Name = keyof typeof SIMULATE_LIMITS;

/** What `--help` says of each. */
const ABOUT: Record<Name, string> = {
  nodes: 'nodes of the network',
  hours: 'simulated hours',
  dials: 'connections that each node dials',
  miners: 'nodes that mine, all with the same hash rate',
  interval: 'seconds between two blocks, on average',
  delay: 'ms that a message takes at least, one way',
  span: 'ms more across the whole map',
  jitter: 'ms more by chance, on average',
  loss: 'percent of the messages that are lost and sent again',
  bandwidth: 'kilobytes a second of a connection, each way',
  up: 'hours that a node stays up, on average; 0: none stops',
  down: 'minutes that it is away then, on average',
  within: 'real minutes after which it ends where it is, healed and checked; 0: as long as it takes',
  partitions: 'minutes between two partitions, on average; 0: none',
  cut: 'seconds that a partition lasts',
};

const OUT = 'reports/simulate';

/** The text of `--help`. */
export function simulateHelp(): string {
  const numbers = Object.entries(SIMULATE_LIMITS).map(([name, [standard]]) => [name, preset('number', String(standard), ABOUT[name as Name])]);
  return `npm run simulate -- [options]

A whole network of nodes in one process, on a simulated clock. Ctrl+C ends it where it is, healed and checked.

${optionLines({
  ...(Object.fromEntries(numbers) as Record<string, DescribedOption>),
  seed: taken('number', 'repeats a run, event for event (picked)'),
  sweep: flag('many small networks instead of one, up to --nodes: how bytes and delays grow'),
  out: preset('folder', OUT, 'where the report and the plots go'),
})}`;
}

export interface SimulateOptions {
  world: WorldOptions;
  hours: number;
  /** Real minutes after which it ends where it is; undefined: at the end. */
  within?: number;
  /** Folder of the plot and the JSON. */
  out: string;
  /** Many small networks instead of one: how bytes and delays grow. */
  sweep: boolean;
}

export class UsageError extends Error {}

/** `standardOut`: the folder when none is named. @throws UsageError with one sentence that says what is wrong */
export function parseOptions(args: readonly string[], seed: () => number, standardOut = OUT): SimulateOptions {
  const names = Object.keys(SIMULATE_LIMITS) as Name[];
  let values: Partial<Record<string, string | boolean>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
        seed: { type: 'string' },
        out: { type: 'string' },
        sweep: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const number = (name: Name): number => {
    const [standard, least, most] = SIMULATE_LIMITS[name];
    const text = values[name];
    if (text === undefined) return standard;
    const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : NaN;
    if (!(value >= least && value <= most)) throw new UsageError(`--${name} must be ${String(least)} to ${String(most)}, but it is "${String(text)}". Change it and start again.`);
    return value;
  };
  const whole = (name: Name): number => {
    const value = number(name);
    if (!Number.isInteger(value)) throw new UsageError(`--${name} must be a whole number, but it is ${String(value)}. Change it and start again.`);
    return value;
  };
  const seedText = values['seed'];
  const givenSeed = seedText === undefined ? seed() : Number(seedText);
  if (!Number.isInteger(givenSeed) || givenSeed < 0 || givenSeed > 0xffff_ffff) {
    throw new UsageError(`--seed must be 0 to 4294967295, but it is "${String(seedText)}". Change it and start again.`);
  }
  const out = typeof values['out'] === 'string' ? values['out'] : standardOut;
  if (out === '') throw new UsageError('--out must be the path of a folder, but it is empty. Change it and start again.');
  const nodes = whole('nodes');
  const up = number('up');
  const every = number('partitions');
  const within = number('within');
  return {
    hours: number('hours'),
    out,
    sweep: values['sweep'] === true,
    ...(within === 0 ? {} : { within }),
    world: {
      seed: givenSeed,
      nodes,
      dials: Math.min(whole('dials'), nodes - 1),
      miners: Math.min(whole('miners'), nodes),
      interval: number('interval') * 1000,
      network: { baseDelay: number('delay'), span: number('span'), jitter: number('jitter'), loss: number('loss') / 100, bandwidth: number('bandwidth') * 1000 },
      ...(up === 0 ? {} : { churn: { up: up * 3_600_000, down: number('down') * 60_000 } }),
      ...(every === 0 ? {} : { partitions: { every: every * 60_000, last: number('cut') * 1000 } }),
    },
  };
}

/** What a run showed, as numbers, as a table for people, and as a plot. */
import { forkChance, wilson } from './formula.ts';
import { MARKS } from './observer.ts';
import type { World, WorldOptions } from './world.ts';

/** Messages that a block causes; the others keep connections alive and repeat what is known. */
const BLOCK_MESSAGES = new Set(['getheaders', 'headers', 'getdata', 'block', 'inv', 'notfound']);

export interface Report {
  options: WorldOptions;
  /** Simulated, and asked for: a run may be ended before. */
  hours: number;
  asked: number;
  /** The end was reached and checked: everything healed, all nodes on one chain, no acknowledged block gone. False in a report of a run that goes on. */
  checked: boolean;
  digest: string;
  blocks: number;
  height: number;
  /** Heights of the final chain at which another block was found too, of those found while nothing was cut off. */
  forks: { heights: number; count: number; share: number; low: number; high: number };
  /** Of those blocks: the mean ms until a miner had it, and the chance of a fork that follows from it. */
  expected: { minerDelay: number; forkChance: number };
  /** Ms until a block is in 50, 90, 99 and 100 % of the (block, node) pairs. */
  delays: { part: number; ms: number }[];
  /** Median over the blocks of the ms until this part of the nodes had it. */
  reached: { part: number; ms: number | undefined }[];
  curve: { ms: number; part: number }[];
  /** Bytes a node handed to the network for each block, by message; and a second, of what blocks do not cause. */
  blockBytes: { type: string; bytes: number }[];
  blockBytesPerNode: number;
  idleBytesPerSecond: number;
  /** Mean connections of a node. */
  degree: number;
  heals: { count: number; median: number; longest: number };
  stops: number;
  crashes: number;
  events: number;
  seconds: number;
}

export function makeReport(world: World, options: WorldOptions, { hours, asked, checked }: Pick<Report, 'hours' | 'asked' | 'checked'>, seconds: number): Report {
  const { blocks } = world.observer;
  const up = world.nodes.filter((node) => node.up);
  const { chain } = (up[0] ?? fail()).parts;
  const calm = blocks.filter((block) => block.undisturbed);
  const rivals = new Map<number, number>();
  for (const block of calm) rivals.set(block.height, (rivals.get(block.height) ?? 0) + 1);
  const count = [...rivals.values()].filter((found) => found > 1).length;
  const minerDelay = mean(calm.map((block) => block.minerDelay));
  const rows = world.network.traffic.rows();
  const sum = (wanted: boolean): number => rows.filter(({ type }) => BLOCK_MESSAGES.has(type) === wanted).reduce((total, { bytes }) => total + bytes, 0);
  const perBlock = blocks.length * options.nodes;
  return {
    options,
    hours,
    asked,
    checked,
    digest: world.digest,
    blocks: blocks.length,
    height: chain.tip.height,
    forks: { heights: rivals.size, count, share: rivals.size === 0 ? 0 : count / rivals.size, ...wilson(count, rivals.size) },
    expected: { minerDelay, forkChance: forkChance(minerDelay, options.interval) },
    delays: [0.5, 0.9, 0.99, 0.999].map((part) => ({ part, ms: world.observer.delayAt(part) })),
    reached: MARKS.map((part, i) => ({ part, ms: median(calm.map((block) => block.reached[i]).filter((ms) => ms !== undefined)) })),
    curve: world.observer.curve(),
    blockBytes: rows.filter(({ type }) => BLOCK_MESSAGES.has(type)).map(({ type, bytes }) => ({ type, bytes: bytes / perBlock })),
    blockBytesPerNode: sum(true) / perBlock,
    idleBytesPerSecond: sum(false) / options.nodes / (hours * 3600),
    degree: mean(up.map((node) => node.parts.pool.peers().filter((peer) => peer.state === 'connected').length)),
    heals: { count: world.heals.length, median: median(world.heals) ?? 0, longest: Math.max(0, ...world.heals) },
    stops: world.stops,
    crashes: world.crashes,
    events: world.events,
    seconds,
  };
}

/** The report as lines for a terminal. */
export function reportLines(report: Report): string[] {
  const { options, forks, expected } = report;
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const rows: [string, string][] = [
    ['nodes, dialled by each, connections of each', `${String(options.nodes)}, ${String(options.dials)}, ${report.degree.toFixed(1)}`],
    ['simulated', `${report.hours === report.asked ? String(report.hours) : `${report.hours.toFixed(2)} of ${String(report.asked)}`} h, ${String(report.blocks)} blocks found, chain of ${String(report.height)}`],
    ['promises', report.checked ? 'kept at every step, and in the end one chain with every block that was acknowledged' : 'kept so far; the run goes on'],
    ['a block is in 50 %, 90 %, 99 %, 99.9 % of the nodes after', `${report.delays.map(({ ms }) => String(ms)).join(', ')} ms`],
    ['the median block is in half, 90 %, 99 %, all of them after', `${report.reached.map(({ ms }) => (ms === undefined ? '-' : ms.toFixed(0))).join(', ')} ms`],
    ['heights with two blocks', `${String(forks.count)} of ${String(forks.heights)}: ${percent(forks.share)} (95 %: ${percent(forks.low)} to ${percent(forks.high)})`],
    ['expected of the measured delay (Decker, Wattenhofer 2013)', `${percent(expected.forkChance)} at a mean of ${expected.minerDelay.toFixed(0)} ms`],
    ['bytes a node sends for a block', `${report.blockBytesPerNode.toFixed(0)} (${report.blockBytes.map(({ type, bytes }) => `${type} ${bytes.toFixed(0)}`).join(', ')})`],
    ['bytes a node sends a second besides', report.idleBytesPerSecond.toFixed(0)],
    ['stops, of them crashes', `${String(report.stops)}, ${String(report.crashes)}`],
    ['partitions healed, one chain after (median, longest)', report.heals.count === 0 ? 'none' : `${String(report.heals.count)}, ${(report.heals.median / 1000).toFixed(1)} s, ${(report.heals.longest / 1000).toFixed(1)} s`],
    ['events, machine time', `${String(report.events)}, ${report.seconds.toFixed(0)} s`],
    ['run', `seed ${String(options.seed)}, ${report.digest.slice(0, 16)}`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function fail(): never {
  throw new Error('a network without a running node has nothing to report');
}



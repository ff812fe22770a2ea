import type { NetworkOptions, NetworkResult, Sample } from './driver.ts';
import { plane, slope } from './slope.ts';

const hour = 3_600_000;

export interface MemoryOfNode {
  node: number;
  samples: number;
  /** MB an hour by which it grew, blocks included. */
  rssPerHour: number;
  usedPerHour: number;
  /** The same in use, without what the blocks account for, and bytes a block. */
  usedPerHourAlone: number;
  usedPerBlock: number;
}

/** The memory of each of these nodes, from `since` ms on. */
export function memoryOf(samples: readonly Sample[], nodes: readonly number[], since: number): MemoryOfNode[] {
  return nodes.map((node) => {
    const own = samples.filter((sample) => sample.node === node && sample.at >= since);
    const { perTime, perBlock } = plane(own.map(({ at, blocks, used }) => ({ time: at / hour, blocks, y: used })));
    return {
      node,
      samples: own.length,
      rssPerHour: slope(own.map(({ at, rss }) => ({ x: at / hour, y: rss / 1e6 }))),
      usedPerHour: slope(own.map(({ at, used }) => ({ x: at / hour, y: used / 1e6 }))),
      usedPerHourAlone: perTime / 1e6,
      usedPerBlock: perBlock,
    };
  });
}

export function reportLines({ seed, nodes, speed }: Pick<NetworkOptions, 'seed' | 'nodes' | 'speed'>, result: NetworkResult, rows: readonly MemoryOfNode[]): string[] {
  const middle = (value: (row: MemoryOfNode) => number): number => {
    const sorted = rows.map(value).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  const most = (value: (row: MemoryOfNode) => number): number => Math.max(...rows.map(value));
  const last = rows.map(({ node }) => result.samples.findLast((sample) => sample.node === node)).filter((sample) => sample !== undefined);
  return [
    `SOAK-01: seed ${String(seed)}, ${String(nodes)} nodes in processes of their own, ${result.minutes.toFixed(0)} min on a clock ${String(speed)} times as fast; ${String(result.blocks)} blocks, ${String(result.kills)} kills, ${String(result.closes)} closed and opened, ${String(result.cuts)} cuts`,
    `one tip at height ${String(result.height)}; the same work ${(result.agreed / 1000).toFixed(1)} s after the last mending`,
    `memory of ${String(rows.length)} nodes that were never killed, after full collections: median (most)`,
    `  resident: ${middle(({ rssPerHour }) => rssPerHour).toFixed(2)} (${most(({ rssPerHour }) => rssPerHour).toFixed(2)}) MB an hour; ${(Math.max(...last.map(({ rss }) => rss)) / 1e6).toFixed(0)} MB at the end`,
    `  in use: ${middle(({ usedPerHour }) => usedPerHour).toFixed(3)} (${most(({ usedPerHour }) => usedPerHour).toFixed(3)}) MB an hour; ${(Math.max(...last.map(({ used }) => used)) / 1e6).toFixed(1)} MB at the end`,
    `  in use: ${middle(({ usedPerBlock }) => usedPerBlock).toFixed(0)} (${most(({ usedPerBlock }) => usedPerBlock).toFixed(0)}) bytes a block, and ${middle(({ usedPerHourAlone }) => usedPerHourAlone).toFixed(3)} (${most(({ usedPerHourAlone }) => usedPerHourAlone).toFixed(3)}) MB an hour without the blocks`,
  ];
}

/** How the cost of a block grows: with the number of nodes, with their connections, with the length of the chain. One thing changes at a time. */
import { plot } from './plot.ts';
import type { Report } from './report.ts';
import type { WorldOptions } from './world.ts';

/** When a run ends before its time: after so many real minutes, or when somebody asks for it. */
export interface Ending {
  within?: number;
  enough?: AbortSignal;
}

export type Simulate = (options: WorldOptions, hours: number, ending: Ending) => Promise<Report>;

interface Series {
  name: string;
  file: string;
  x: string;
  logX: boolean;
  runs: { label: number; options: WorldOptions; hours: number }[];
}

export interface SweepResult {
  lines: string[];
  /** File name → text. */
  files: Map<string, string>;
}

/**
 * Nodes at most: that of the options. Everything but what changes is as in the options; nobody comes, goes or is cut off. A sweep that is ended before its time is about the
 * networks that were done by then: one that was shorter than the others does not compare with them.
 */
export async function sweep(options: WorldOptions, hours: number, simulate: Simulate, say: (line: string) => void, { within = Infinity, enough }: Ending = {}): Promise<SweepResult> {
  const end = performance.now() + within * 60_000;
  const { churn: _churn, partitions: _partitions, ...calm } = options;
  const sizes = [25, 50, 100, 200, 400, 800, 1600, 3200].filter((nodes) => nodes < options.nodes);
  const middle = Math.min(options.nodes, 100);
  const world = (changes: Partial<WorldOptions>): WorldOptions => {
    const next = { ...calm, ...changes };
    return { ...next, miners: Math.min(next.miners, next.nodes), dials: Math.min(next.dials, next.nodes - 1) };
  };
  const series: Series[] = [
    { name: 'nodes', file: 'nodes', x: 'nodes', logX: true, runs: [...sizes, options.nodes].map((nodes) => ({ label: nodes, options: world({ nodes }), hours })) },
    { name: 'connections dialled by each', file: 'dials', x: 'connections dialled by each node', logX: false, runs: [2, 4, 8, 16].filter((dials) => dials < middle).map((dials) => ({ label: dials, options: world({ nodes: middle, dials }), hours })) },
    { name: 'hours, and so blocks', file: 'chain', x: 'simulated hours', logX: false, runs: [hours / 2, hours, hours * 2, hours * 4].map((long) => ({ label: long, options: world({ nodes: Math.min(options.nodes, 50) }), hours: long })) },
  ];
  const lines: string[] = [];
  const files = new Map<string, string>();
  const all: { series: string; label: number; report: Report }[] = [];
  let ended = false;
  for (const { name, file, x, logX, runs } of series) {
    const reports: { label: number; report: Report }[] = [];
    for (const { label, options: one, hours: long } of runs) {
      const left = (end - performance.now()) / 60_000;
      ended ||= left <= 0 || enough?.aborted === true;
      if (ended) break;
      say(`${name}: ${String(label)}`);
      const report = await simulate(one, long, { within: left, ...(enough === undefined ? {} : { enough }) });
      // Hours go through milliseconds and back.
      ended = report.hours < long * (1 - 1e-9);
      if (ended) break;
      reports.push({ label, report });
      all.push({ series: name, label, report: { ...report, curve: [] } });
    }
    if (reports.length === 0) continue;
    lines.push(...table(name, reports), '');
    const points = (value: (report: Report) => number): { x: number; y: number }[] => reports.map(({ label, report }) => ({ x: label, y: value(report) }));
    files.set(`${file}-bytes.svg`, plot({ title: 'What one block costs a node', x, y: 'bytes sent a node and block', logX }, [{ name: 'all', points: points((report) => report.blockBytesPerNode) }, ...['block', 'headers', 'getdata'].map((type) => ({ name: type, points: points((report) => report.blockBytes.find((row) => row.type === type)?.bytes ?? 0) }))]));
    files.set(`${file}-delay.svg`, plot({ title: 'How long a block takes', x, y: 'ms since it was found', logX }, [0, 1, 2].map((i) => ({ name: `${String((reports[0]?.report.delays[i]?.part ?? 0) * 100)} % of the nodes`, points: points((report) => report.delays[i]?.ms ?? 0) }))));
  }
  if (ended) lines.push(`ended before its time: ${String(all.length)} of ${String(series.reduce((sum, { runs }) => sum + runs.length, 0))} networks are done`, '');
  files.set('sweep.json', `${JSON.stringify(all, undefined, 2)}\n`);
  return { lines, files };
}

function table(name: string, reports: readonly { label: number; report: Report }[]): string[] {
  const head = [name, 'connections', 'blocks', 'bytes a block', 'bytes/s idle', '50 %', '90 %', '99 %', 'forks', 'expected'];
  const rows = reports.map(({ label, report }) => [
    String(label),
    report.degree.toFixed(1),
    String(report.blocks),
    report.blockBytesPerNode.toFixed(0),
    report.idleBytesPerSecond.toFixed(0),
    ...report.delays.slice(0, 3).map(({ ms }) => `${String(ms)} ms`),
    `${(report.forks.share * 100).toFixed(2)} %`,
    `${(report.expected.forkChance * 100).toFixed(2)} %`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '));
}

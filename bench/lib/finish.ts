/** The end of a part: machine, table and verdicts to the screen, all numbers to the JSON beside it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { dirname } from 'node:path';
import type { Runtimes } from './hosted.ts';
import { shown, tableOf, type Row } from './report.ts';
import { median } from './stats.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryMib: number;
  platform: string;
  electron?: string;
  /** Before anything was measured. */
  load: number;
}

/** What every part is given by part.mjs. */
export interface PartTask {
  machine: Machine;
  /** The repository. */
  root: string;
  /** File for the JSON. */
  report: string;
  runtimes: Runtimes;
  seed: number;
}

export const say = (text: string): void => void process.stderr.write(`chainscope: ${text}\n`);

/** Smallest, middle and largest, as a note behind the middle one. */
export function range(values: readonly number[]): string {
  if (values.length < 2) return '';
  return ` (${shown(Math.min(...values))} to ${shown(Math.max(...values))}, ${String(values.length)} runs)`;
}

/** The middle of several runs with its range, as text. */
export function ranged(values: readonly number[], unit: string): string {
  return `${shown(median(values))} ${unit}${range(values)}`;
}

export async function finish(bench: string, task: PartTask, rows: readonly Row[], results: unknown): Promise<void> {
  const { machine, seed, report } = task;
  const loadAfter = loadavg()[0] ?? 0;
  const electron = machine.electron === undefined ? '' : `, Electron ${machine.electron}`;
  console.log(`machine: ${machine.cpu}, ${String(machine.cores)} cores, ${machine.platform}, Node ${process.versions.node}${electron}, load ${machine.load.toFixed(1)} before and ${loadAfter.toFixed(1)} after; seed ${String(seed)}\n`);
  console.log(tableOf(rows));
  if (machine.load > machine.cores / 2) console.log('\nOther programs were busy when this began: read the ratios, not the times.');
  const goals = rows.filter(({ met }) => met !== null).length;
  const missed = rows.filter(({ met }) => met === false).length;
  console.log(`\n${String(goals - missed)} of ${String(goals)} goals met`);
  await mkdir(dirname(report), { recursive: true });
  await writeFile(report, `${JSON.stringify({ bench, at: new Date().toISOString(), seed, machine: { ...machine, loadAfter }, missed, rows, results }, null, 1)}\n`);
  say(`the numbers are in ${report}`);
}

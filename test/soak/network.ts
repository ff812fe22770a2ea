/** `npm run soak -- network [--minutes 120] [--seed N] [--nodes 20]`: see network/driver.ts. Ends with 1 when the nodes do not come to one tip or memory climbs. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { optionsOrExit, readOrExit, seedNumber, wholeNumber } from '../../scripts/lib/options.mjs';
import { SOAK_OPTIONS } from '../../scripts/lib/soak-options.mjs';
import { withFolder } from './folder.ts';
import { soakNetwork } from './network/driver.ts';
import { memoryOf, reportLines } from './network/report.ts';

/** MB an hour that a node may grow (docs/conformance.md). */
const MOST_PER_HOUR = 1;
/** Share of the time after which the memory counts: before, compiled code and buffers come to their size. */
const WARM_UP = 0.2;

const { values } = optionsOrExit({ options: SOAK_OPTIONS.network });
const options = readOrExit(() => {
  const whole = (name: 'minutes' | 'nodes' | 'steady' | 'speed' | 'height' | 'every', least: number): number => wholeNumber(name, values[name], least);
  return { seed: seedNumber(values.seed), minutes: whole('minutes', 1), nodes: whole('nodes', 6), steady: whole('steady', 1), speed: whole('speed', 1), height: whole('height', 0), every: whole('every', 1) };
});
if (options.steady >= options.nodes) {
  process.stderr.write('--steady must be less than --nodes\n');
  process.exit(2);
}
const say = (line: string): void => void process.stderr.write(`${line}\n`);
say(`network soak: seed ${String(options.seed)}, ${String(options.nodes)} nodes, ${String(options.minutes)} minutes`);
await withFolder(async (folder) => {
  try {
    const result = await soakNetwork({
      ...options,
      folder,
      script: join(import.meta.dirname, 'network-child.js'),
      say,
      ...(values.snapshots === undefined ? {} : { snapshots: values.snapshots }),
    });
    // A heap snapshot takes a lot of memory in the process that it is of: that node does not count.
    const counted = Array.from({ length: options.steady }, (_, node) => node).filter((node) => node > 0 || values.snapshots === undefined);
    const rows = memoryOf(result.samples, counted, options.minutes * 60_000 * WARM_UP);
    process.stdout.write(`${reportLines(options, result, rows).join('\n')}\n`);
    if (values.out !== undefined) await writeFile(values.out, `${JSON.stringify({ options, result, rows }, undefined, 2)}\n`);
    const climbing = rows.filter(({ rssPerHour }) => !(rssPerHour < MOST_PER_HOUR));
    if (climbing.length > 0) {
      process.stdout.write(`FAILED: ${String(climbing.length)} of ${String(rows.length)} nodes grew by more than ${String(MOST_PER_HOUR)} MB an hour\n`);
      process.exitCode = 1;
    }
  } catch (error) {
    process.stdout.write(`FAILED: ${error instanceof Error ? error.message : String(error)}\nRepeat with: npm run soak -- network --seed ${String(options.seed)} --minutes ${String(options.minutes)}\n`);
    process.exitCode = 1;
  }
});

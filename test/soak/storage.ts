/** `npm run soak -- storage [--runs 200] [--seed N]`: kill -9 at random moments. See storage/kills.ts. */
import { join } from 'node:path';
import { optionsOrExit, readOrExit, seedNumber, wholeNumber } from '../../scripts/lib/options.mjs';
import { SOAK_OPTIONS } from '../../scripts/lib/soak-options.mjs';
import { withFolder } from './folder.ts';
import { runKills } from './storage/kills.ts';

const { values } = optionsOrExit({ options: SOAK_OPTIONS.storage });
const [runs, seed] = readOrExit(() => [wholeNumber('runs', values.runs), seedNumber(values.seed)]);
process.stderr.write(`storage soak: ${String(runs)} kills, seed ${String(seed)}\n`);
await withFolder(async (folder) => {
  const startedAt = performance.now();
  try {
    const report = await runKills({ runs, seed, folder, script: join(import.meta.dirname, 'storage-child.js'), say: (line) => process.stderr.write(`${line}\n`) });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    process.stdout.write(`${String(report.runs)} kills in ${seconds} s, ${String(report.early)} of them while it opened; ${report.acknowledged.toLocaleString('en')} blocks acknowledged, none lost (seed ${String(seed)})\n`);
    for (const [mode, { runs: kills, acknowledged }] of Object.entries(report.byMode)) process.stdout.write(`  ${mode}: ${String(kills)} kills, ${acknowledged.toLocaleString('en')} blocks\n`);
  } catch (error) {
    process.stdout.write(`FAILED: ${error instanceof Error ? error.message : String(error)}\nRepeat with: npm run soak -- storage --runs ${String(runs)} --seed ${String(seed)}\n`);
    process.exitCode = 1;
  }
});

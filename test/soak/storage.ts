/** `npm run soak -- storage [--runs 200] [--seed N]`: kill -9 at random moments. See storage/kills.ts. */
import { join } from 'node:path';
import { optionsOrExit } from '../../scripts/lib/options.mjs';
import { withFolder } from './folder.ts';
import { runKills } from './storage/kills.ts';

const { values } = optionsOrExit({ options: { runs: { type: 'string', default: '200' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
const [runs, seed] = [Number(values.runs), Number(values.seed)];
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
  process.stderr.write('--runs and --seed must be whole numbers, runs at least 1\n');
  process.exit(2);
}
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

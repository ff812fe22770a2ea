// `npm run test:conformance`: the tests of docs/conformance.md and their outcome, case by case. `-- --list` runs nothing and prints the cases
// that no test names; `-- --seed <number>` repeats an order of the long-lived node.
import { parseArgs } from 'node:util';
import { idPattern, idsInSources, readCases, readDocument, tableFromReports } from './lib/conformance.mjs';
import { seedNumber } from './lib/options.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { totalLine } from './lib/reports.mjs';
import { runScript, ScriptError } from './lib/say.mjs';
import { e2eTests, unitTests } from './lib/test-steps.mjs';

await runScript(async () => {
  const { list, seed } = parseArgs({ options: { list: { type: 'boolean' }, seed: { type: 'string' } } }).values;
  if (list && seed !== undefined) throw new ScriptError('npm run test:conformance takes --list or --seed, not both: --list runs nothing.');
  if (list) {
    const found = await idsInSources();
    const missing = readCases(await readDocument()).filter(({ id }) => !found.has(id));
    for (const { id, input, outcome } of missing) console.log(`${id}  ${input}: ${outcome}`);
    console.log(`${String(missing.length)} cases without a test`);
    return missing.length === 0 ? 0 : 1;
  }
  if (seed !== undefined) process.env['CONFORMANCE_SEED'] = String(seedNumber(seed));

  await ensurePackages();
  const results = [await unitTests(['-t', idPattern]), await e2eTests(['--grep', idPattern])];
  for (const { problem } of results) if (problem !== undefined) console.log(problem);
  const { lines, text } = await tableFromReports();
  console.log(`\n${text}`);
  for (const { failed, passed } of results) if (failed > 0) console.log(totalLine({ passed, failed, skipped: 0 }));
  return results.every(({ failed }) => failed === 0) && lines.every(({ status }) => status === 'passed') ? 0 : 1;
});

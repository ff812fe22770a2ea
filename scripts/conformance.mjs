// `npm run test:conformance`: the tests of docs/conformance.md and their outcome, case by case. `-- --list` runs nothing and prints the cases
// that no test names; `-- --seed <number>` repeats an order of the long-lived node.
import { idPattern, idsInSources, readCases, readDocument, tableFromReports } from './lib/conformance.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { totalLine } from './lib/reports.mjs';
import { runScript, ScriptError } from './lib/say.mjs';
import { e2eTests, unitTests } from './lib/test-steps.mjs';

await runScript(async () => {
  const args = process.argv.slice(2);
  if (args[0] === '--list') {
    const found = await idsInSources();
    const missing = readCases(await readDocument()).filter(({ id }) => !found.has(id));
    for (const { id, input, outcome } of missing) console.log(`${id}  ${input}: ${outcome}`);
    console.log(`${String(missing.length)} cases without a test`);
    return missing.length === 0 ? 0 : 1;
  }
  if (args[0] === '--seed' && /^\d+$/.test(args[1] ?? '')) process.env['CONFORMANCE_SEED'] = args[1];
  else if (args.length > 0) throw new ScriptError(`npm run test:conformance does not know ${args.join(' ')}. It takes --list, or --seed and a number.`);

  await ensurePackages();
  const results = [await unitTests(['-t', idPattern]), await e2eTests(['--grep', idPattern])];
  for (const { problem } of results) if (problem !== undefined) console.log(problem);
  const { lines, text } = await tableFromReports();
  console.log(`\n${text}`);
  for (const { failed, passed } of results) if (failed > 0) console.log(totalLine({ passed, failed, skipped: 0 }));
  return results.every(({ failed }) => failed === 0) && lines.every(({ status }) => status === 'passed') ? 0 : 1;
});

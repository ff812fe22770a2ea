// `npm test`: everything, each step also after a failure of another. `unit` or `e2e` as the first argument: that alone,
// with the remaining arguments passed on to the runner. The last line on stdout is the sum.
import { tableFromReports } from './lib/conformance.mjs';
import { dependenciesPass, eslintPasses } from './lib/lint.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { totalLine } from './lib/reports.mjs';
import { runScript, ScriptError } from './lib/say.mjs';
import { e2eTests, unitTests } from './lib/test-steps.mjs';
import { typesPass } from './lib/typecheck.mjs';

/** @typedef {import('./lib/test-steps.mjs').Result} Result */

/** A step that counts no tests: nothing when it passes, one failure when it does not. @param {boolean} passed */
const check = (passed) => ({ passed: 0, failed: passed ? 0 : 1, skipped: 0 });

const [first, ...rest] = process.argv.slice(2);
const only = first === 'unit' || first === 'e2e' ? first : undefined;
const args = only ? rest : [];

/** Every case of docs/conformance.md has a test that passed above. The tests are counted there, so here only what is missing counts. */
async function conformance() {
  const { lines, text } = await tableFromReports();
  console.log(text);
  const missing = lines.filter(({ status }) => status === 'MISSING').map((line) => line.case.id);
  return { passed: 0, failed: missing.length, skipped: 0, ...(missing.length > 0 ? { problem: `no test passed for ${missing.join(', ')}` } : {}) };
}

/** @type {{ name: string, run: () => Promise<Result> }[]} */
const steps = [
  { name: 'types, Node', run: async () => check(await typesPass('node')) },
  { name: 'types, web', run: async () => check(await typesPass('web')) },
  { name: 'eslint', run: async () => check(await eslintPasses()) },
  { name: 'dependency rule', run: async () => check(await dependenciesPass()) },
  { name: 'unit tests', run: () => unitTests(args) },
  { name: 'end-to-end tests', run: () => e2eTests(args) },
  { name: 'conformance', run: conformance },
];
const chosen = only === undefined ? steps : steps.filter(({ name }) => name === (only === 'unit' ? 'unit tests' : 'end-to-end tests'));

/**
 * A step that throws is a failed one: a sentence for what was foreseen, a stack for what was not.
 * @param {() => Promise<Result>} run
 * @returns {Promise<Result>}
 */
async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    const foreseen = error instanceof ScriptError;
    if (!foreseen) console.error(error);
    return { passed: 0, failed: 1, skipped: 0, problem: foreseen ? error.message : String(error) };
  }
}

await runScript(async () => {
  if (only === undefined && first !== undefined) {
    throw new ScriptError(`npm test takes no arguments, but got ${first}. Use npm run test:unit or test:e2e with them.`);
  }
  /** @type {string[]} */
  const summary = [];
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @param {string} name @param {Result} result @param {number} startedAt */
  const add = (name, result, startedAt) => {
    const tests = result.passed + result.skipped > 0 ? ` (${totalLine(result)})` : '';
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    summary.push(`${result.failed === 0 ? 'ok    ' : 'FAILED'} ${name}${tests}, ${seconds} s${result.problem ? `: ${result.problem}` : ''}`);
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped;
  };

  const start = Date.now();
  const prepared = await attempt(async () => {
    await ensurePackages();
    return check(true);
  });
  if (prepared.failed > 0) add('packages', prepared, start);
  else {
    for (const { name, run } of chosen) {
      const startedAt = Date.now();
      console.log(`\n── ${name}`);
      add(name, await attempt(run), startedAt);
    }
  }
  // What was skipped stands with its step above: the last line is read by programs.
  console.log(`\n── summary\n${summary.join('\n')}\n\n${totalLine({ ...total, skipped: 0 })}`);
  return total.failed === 0 ? 0 : 1;
});

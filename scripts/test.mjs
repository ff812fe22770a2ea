// `npm test`: everything, each step also after a failure of another. Steps may run in lanes beside one another; what they write is
// shown one after the other. `unit` or `e2e` as the first argument: that alone, with the remaining arguments passed on to the
// runner. The last line on stdout is the sum.
import { inspect } from 'node:util';
import { tableFromReports } from './lib/conformance.mjs';
import { dependenciesPass, eslintPasses } from './lib/lint.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { totalLine } from './lib/reports.mjs';
import { runScript, ScriptError } from './lib/say.mjs';
import { e2eTests, unitTests } from './lib/test-steps.mjs';
import { inTurns } from './lib/turns.mjs';
import { typesPass } from './lib/typecheck.mjs';

/**
 * @typedef {import('./lib/test-steps.mjs').Result} Result
 * @typedef {import('./lib/turns.mjs').Place} Sink
 */

/** A step that counts no tests: nothing when it passes, one failure when it does not. @param {boolean} passed */
const check = (passed) => ({ passed: 0, failed: passed ? 0 : 1, skipped: 0 });

const [first, ...rest] = process.argv.slice(2);
const only = first === 'unit' || first === 'e2e' ? first : undefined;
const args = only ? rest : [];

/**
 * Every case of docs/conformance.md has a test that passed above. The tests are counted there, so here only what is missing counts.
 * @param {Sink} sink
 */
async function conformance(sink) {
  const { lines, text } = await tableFromReports();
  sink.write(`${text}\n`);
  const missing = lines.filter(({ status }) => status === 'MISSING').map((line) => line.case.id);
  return { passed: 0, failed: missing.length, skipped: 0, ...(missing.length > 0 ? { problem: `no test passed for ${missing.join(', ')}` } : {}) };
}

/** @typedef {{ name: string, run: (sink: Sink) => Promise<Result> }} Step */

/** @type {Step[]} */
const types = [
  { name: 'types, Node', run: async (output) => check(await typesPass('node', { output })) },
  { name: 'types, web', run: async (output) => check(await typesPass('web', { output })) },
  { name: 'dependency rule', run: async (sink) => check(await dependenciesPass((line) => sink.write(`${line}\n`))) },
];
/** @type {Step} */
const eslint = { name: 'eslint', run: async (output) => check(await eslintPasses([], { output })) };
// Alone a runner has the terminal to itself, for whoever debugs with it.
/** @type {Step} */
const unit = { name: 'unit tests', run: (sink) => unitTests(args, { output: only ? 'inherit' : sink }) };
/** @type {Step} */
const e2e = { name: 'end-to-end tests', run: (sink) => e2eTests(args, { output: only ? 'inherit' : sink }) };

/**
 * What is done, in turn: each entry is a set of lanes that run beside one another, each lane a list of steps that run one after the
 * other. Unit and end-to-end tests follow one another: beside one another, on
 * two cores, they gained a minute of fifteen and loaded the machine while tests waited for a limit in time (docs/adr/0007-tests.md).
 * @type {Step[][][]}
 */
const plan = only === 'unit' ? [[[unit]]] : only === 'e2e' ? [[[e2e]]] : [[types, [eslint]], [[unit]], [[e2e]], [[{ name: 'conformance', run: conformance }]]];

/**
 * A step that throws is a failed one: a sentence for what was foreseen, a stack for what was not.
 * @param {() => Promise<Result>} run
 * @param {(text: string) => void} [print]
 * @returns {Promise<Result>}
 */
async function attempt(run, print = console.error) {
  try {
    return await run();
  } catch (error) {
    const foreseen = error instanceof ScriptError;
    if (!foreseen) print(`${inspect(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0, problem: foreseen ? error.message : String(error) };
  }
}

await runScript(async () => {
  if (only === undefined && first !== undefined) {
    throw new ScriptError(`npm test takes no arguments, but got ${first}. Use npm run test:unit or test:e2e with them.`);
  }
  /** @type {Map<string, string>} */
  const summary = new Map();
  const total = { passed: 0, failed: 0, skipped: 0 };
  /** @param {string} name @param {Result} result @param {number} startedAt */
  const add = (name, result, startedAt) => {
    const tests = result.passed + result.skipped > 0 ? ` (${totalLine(result)})` : '';
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    summary.set(name, `${result.failed === 0 ? 'ok    ' : 'FAILED'} ${name}${tests}, ${seconds} s${result.problem ? `: ${result.problem}` : ''}`);
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
    const turns = inTurns((text) => process.stdout.write(text));
    for (const lanes of plan) {
      // Places in the order of the plan, whichever step begins first.
      const places = new Map(lanes.flat().map(({ name }) => [name, turns.place()]));
      for (const [name, place] of places) {
        summary.set(name, '');
        place.write(`\n── ${name}\n`);
      }
      await Promise.all(
        lanes.map(async (steps) => {
          for (const { name, run } of steps) {
            const place = /** @type {Sink} */ (places.get(name));
            const startedAt = Date.now();
            add(name, await attempt(() => run(place), place.write), startedAt);
            place.end();
          }
        }),
      );
    }
  }
  // What was skipped stands with its step above: the last line is read by programs.
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  console.log(`\n── summary, ${seconds} s in all\n${[...summary.values()].join('\n')}\n\n${totalLine({ ...total, skipped: 0 })}`);
  return total.failed === 0 ? 0 : 1;
});

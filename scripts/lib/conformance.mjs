// The table of docs/conformance.md, held against the reports of the test runners.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { reportsDir, root } from './paths.mjs';

/**
 * @typedef {object} Case
 * @property {string} id
 * @property {string} input
 * @property {string} outcome
 *
 * @typedef {object} TestOutcome one test of a report
 * @property {string} title its own title, without those around it
 * @property {string} place file, and the titles around it
 * @property {'passed' | 'failed' | 'skipped'} status
 *
 * @typedef {object} Line one id of the table
 * @property {Case} case
 * @property {'passed' | 'FAILED' | 'MISSING'} status
 * @property {TestOutcome[]} tests
 */

const GROUPS = 'WIRE|HS|HDR|BLK|SYNC|MEM|CON|STO|API|ELE|CLK|NET|SOAK';

/** For the runners' own filters: every title that has an id. */
export const idPattern = `(${GROUPS})-[0-9][0-9]`;

/** @param {string} text the document */
export function readCases(text) {
  /** @type {Case[]} */
  const cases = [];
  for (const [, id = '', input = '', outcome = ''] of text.matchAll(new RegExp(`^\\| (${idPattern.replace('(', '(?:')}) \\| (.+?) \\| (.+?) \\|$`, 'gm'))) {
    if (cases.some((other) => other.id === id)) throw new Error(`${id} stands twice in the table`);
    cases.push({ id, input, outcome });
  }
  return cases;
}

export const readDocument = () => readFile(join(root, 'docs', 'conformance.md'), 'utf8');

/** The ids that a title begins with. @param {string} title */
export function idsOf(title) {
  const begin = new RegExp(`^(?:${idPattern.replace('(', '(?:')}[ ,:]+)*${idPattern.replace('(', '(?:')}\\b`).exec(title)?.[0] ?? '';
  return begin.match(new RegExp(idPattern.replace('(', '(?:'), 'g')) ?? [];
}

/** @param {string} path */
const inProject = (path) => relative(root, path).split(sep).join('/');

/**
 * @param {{ testResults: { name: string, assertionResults: { title: string, ancestorTitles: string[], status: string }[] }[] }} report of vitest
 * @returns {TestOutcome[]}
 */
export function vitestOutcomes(report) {
  return report.testResults.flatMap((file) =>
    file.assertionResults.map(({ title, ancestorTitles, status }) => ({
      title,
      place: [inProject(file.name), ...ancestorTitles].join(' > '),
      status: status === 'passed' ? 'passed' : status === 'failed' ? 'failed' : 'skipped',
    })),
  );
}

/**
 * @typedef {{ title: string, ok: boolean, file: string, tests: { status: string }[] }} PlaywrightSpec
 * @typedef {{ file: string, specs?: PlaywrightSpec[], suites?: PlaywrightSuite[] }} PlaywrightSuite
 */

/**
 * @param {{ suites: PlaywrightSuite[] }} report of Playwright
 * @returns {TestOutcome[]}
 */
export function playwrightOutcomes(report) {
  /** @param {PlaywrightSuite} suite @returns {TestOutcome[]} */
  const ofSuite = (suite) => [
    ...(suite.specs ?? []).map(({ title, tests }) => ({
      title,
      place: `e2e/${suite.file}`,
      // A test that passed only when repeated ("flaky") did not pass.
      status: /** @type {TestOutcome['status']} */ (tests.every((test) => test.status === 'skipped') ? 'skipped' : tests.every((test) => test.status === 'expected') ? 'passed' : 'failed'),
    })),
    ...(suite.suites ?? []).flatMap(ofSuite),
  ];
  return report.suites.flatMap(ofSuite);
}

/**
 * A case has passed when at least one test of it passed and none failed. A test that was skipped shows nothing.
 * @param {readonly Case[]} cases
 * @param {readonly TestOutcome[]} outcomes
 * @returns {Line[]}
 */
export function judge(cases, outcomes) {
  /** @type {Map<string, TestOutcome[]>} */
  const byId = new Map(cases.map(({ id }) => [id, []]));
  for (const outcome of outcomes) {
    for (const id of new Set(idsOf(outcome.title))) {
      const tests = byId.get(id);
      if (tests === undefined) throw new Error(`the test "${outcome.title}" is of ${id}, which docs/conformance.md does not know`);
      tests.push(outcome);
    }
  }
  return cases.map((one) => {
    const tests = byId.get(one.id) ?? [];
    const status = tests.some((test) => test.status === 'failed') ? 'FAILED' : tests.some((test) => test.status === 'passed') ? 'passed' : 'MISSING';
    return { case: one, status, tests };
  });
}

/** The place that shows a case best: the failed one, or the one that passed. @param {Line} line */
function evidence({ tests, status }) {
  const shown = tests.filter((test) => test.status === (status === 'FAILED' ? 'failed' : 'passed'));
  const places = [...new Set(shown.map(({ place }) => place.split(' > ')[0] ?? ''))].map((place) => place.replace(/^test\//, ''));
  const order = ['conformance/fresh.test.ts', 'conformance/long-lived.test.ts'];
  places.sort((a, b) => (order.indexOf(a) + 1 || 9) - (order.indexOf(b) + 1 || 9));
  return `${String(shown.length)} test${shown.length === 1 ? '' : 's'}: ${places.slice(0, 3).join(', ')}${places.length > 3 ? ', …' : ''}`;
}

/** @param {readonly Line[]} lines */
export function table(lines) {
  const cut = (/** @type {string} */ text, /** @type {number} */ width) => (text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width));
  const rows = lines.map((line) => `${line.case.id.padEnd(7)}  ${line.status.padEnd(7)}  ${cut(line.case.input, 48)}  ${line.status === 'MISSING' ? 'no test passed' : evidence(line)}`);
  const twice = lines.filter(({ tests }) => ['fresh', 'long-lived'].every((kind) => tests.some((test) => test.status === 'passed' && test.place.includes(`conformance/${kind}.test`)))).length;
  const count = (/** @type {string} */ status) => lines.filter((line) => line.status === status).length;
  return [
    ...rows,
    '',
    `${String(lines.length)} cases: ${String(count('passed'))} passed, ${String(count('FAILED'))} failed, ${String(count('MISSING'))} without a test that passed; ${String(twice)} of them in a fresh node and in the long-lived one`,
  ].join('\n');
}

/**
 * The table from the reports that the runners have just written.
 * @returns {Promise<{ lines: Line[], text: string }>}
 */
export async function tableFromReports() {
  /** @param {string} name */
  const read = async (name) => {
    const text = await readFile(join(reportsDir, `${name}.json`), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const [unit, e2e] = [await read('unit'), await read('e2e')];
  const outcomes = [...(unit === undefined ? [] : vitestOutcomes(unit)), ...(e2e === undefined ? [] : playwrightOutcomes(e2e))];
  const lines = judge(readCases(await readDocument()), outcomes);
  return { lines, text: table(lines) };
}

/** Ids that stand in some test of `test` and `e2e`, read without running anything. */
export async function idsInSources() {
  /** @type {Set<string>} */
  const found = new Set();
  for (const folder of ['test', 'e2e']) {
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|tsx)$/.test(entry.name) || entry.parentPath.endsWith('scripts')) continue;
      const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
      for (const [, title = ''] of text.matchAll(/['"`]([^'"`\n]*)/g)) for (const id of idsOf(title)) found.add(id);
    }
  }
  return found;
}

// The steps of a test run that count tests.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { electronExecutable, ensureElectron } from './electron.mjs';
import { reportsDir, root } from './paths.mjs';
import { countPlaywright, countReport, countVitest } from './reports.mjs';
import { runNode } from './run.mjs';
import { sandboxImpossible } from './sandbox.mjs';
import { ensureSystem, hasDisplay } from './system.mjs';

/** @typedef {import('./reports.mjs').Counts & { problem?: string }} Result */

/**
 * Runs a runner so that an old report can never pass for a new one.
 * @template T
 * @param {string} name of the report
 * @param {(report: T) => import('./reports.mjs').Counts} count
 * @param {(report: string) => Promise<number>} runner gets the path of the report, returns its exit code
 * @returns {Promise<Result>}
 */
async function counted(name, count, runner) {
  const report = join(reportsDir, `${name}.json`);
  await mkdir(reportsDir, { recursive: true });
  await rm(report, { force: true });
  const code = await runner(report);
  const text = await readFile(report, 'utf8').catch(() => undefined);
  return countReport(text, count, code);
}

/**
 * @param {readonly string[]} args
 * @param {import('./run.mjs').RunOptions} [options]
 */
export function unitTests(args, options) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  return counted('unit', countVitest, async (report) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    return (await runNode(vitest, ['run', ...reporters, ...args], options)).code;
  });
}

/**
 * End-to-end tests in the real, built app. On Linux each of their workers has an Xvfb of its own (e2e/harness/display.ts).
 * @param {readonly string[]} args
 * @param {import('./run.mjs').RunOptions} [options]
 */
export async function e2eTests(args, options) {
  const dist = await ensureElectron();
  await ensureSystem({ executable: electronExecutable(dist), xvfb: !hasDisplay() || sandboxImpossible() });
  await ensureBuilt();
  const playwright = join(root, 'node_modules', 'playwright', 'cli.js');
  return counted('e2e', countPlaywright, async (report) => {
    const own = { ELECTRON_OVERRIDE_DIST_PATH: dist, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
    return (await runNode(playwright, ['test', ...args], { ...options, env: { ...process.env, ...own } })).code;
  });
}

// The dependency rule: runs dependency-cruiser and reads its report.
import { join } from 'node:path';
import { root } from './paths.mjs';
import { runNode } from './run.mjs';

/**
 * @typedef {{ rule: string, from: string, to: string }} Violation
 * @typedef {{ modules: number, violations: Violation[], problem?: string }} DependencyReport
 */

/**
 * Cruises `src` under `base` with the repository's rule.
 * `problem` is set when the check itself did not work; no module read is such a case, because a cruiser that cannot
 * parse TypeScript reads none and finds nothing wrong.
 * @param {string} [base] a folder that holds a `src`
 * @returns {Promise<DependencyReport>}
 */
export async function checkDependencies(base = root) {
  const bin = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  const result = await runNode(bin, ['src', '--config', config, '--output-type', 'json'], { cwd: base, output: 'pipe' });
  /** @type {{ modules?: { source: string }[], summary?: { violations: { rule: { name: string }, from: string, to: string }[] } }} */
  let report;
  try {
    report = JSON.parse(result.stdout);
  } catch {
    return { modules: 0, violations: [], problem: result.stderr.trim() || `dependency-cruiser ended with code ${result.code}` };
  }
  const modules = (report.modules ?? []).filter(({ source }) => source.startsWith('src/')).length;
  const violations = (report.summary?.violations ?? []).map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  if (modules === 0) return { modules, violations, problem: 'no module was read' };
  return { modules, violations };
}

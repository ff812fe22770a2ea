// The two linters.
import { join } from 'node:path';
import { checkDependencies } from './dependencies.mjs';
import { root } from './paths.mjs';
import { runNode } from './run.mjs';

/**
 * @param {readonly string[]} [args]
 * @param {import('./run.mjs').RunOptions} [options]
 * @returns {Promise<boolean>} whether it passed
 */
export async function eslintPasses(args = [], options) {
  const bin = join(root, 'node_modules', 'eslint', 'bin', 'eslint.js');
  return (await runNode(bin, ['.', '--max-warnings=0', ...args], options)).code === 0;
}

/**
 * @param {(line: string) => void} [print]
 * @returns {Promise<boolean>} whether it passed
 */
export async function dependenciesPass(print = console.log) {
  const { modules, violations, problem } = await checkDependencies();
  for (const { rule, from, to } of violations) print(`  ${rule}: ${from} → ${to}`);
  if (problem !== undefined) print(`  the dependency rule was not checked: ${problem}`);
  print(`  ${modules} modules, ${violations.length} forbidden dependencies`);
  return problem === undefined && violations.length === 0;
}

// The two linters.
import { join } from 'node:path';
import { checkDependencies } from './dependencies.mjs';
import { root } from './paths.mjs';
import { runNode } from './run.mjs';

/**
 * @param {readonly string[]} [args]
 * @returns {Promise<boolean>} whether it passed
 */
export async function eslintPasses(args = []) {
  const bin = join(root, 'node_modules', 'eslint', 'bin', 'eslint.js');
  return (await runNode(bin, ['.', '--max-warnings=0', ...args])).code === 0;
}

/** @returns {Promise<boolean>} whether it passed */
export async function dependenciesPass() {
  const { modules, violations, problem } = await checkDependencies();
  for (const { rule, from, to } of violations) console.log(`  ${rule}: ${from} → ${to}`);
  if (problem !== undefined) console.log(`  the dependency rule was not checked: ${problem}`);
  console.log(`  ${modules} modules, ${violations.length} forbidden dependencies`);
  return problem === undefined && violations.length === 0;
}

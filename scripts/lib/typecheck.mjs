// The compiler, once for Node code and once for web code.
import { join } from 'node:path';
import { root } from './paths.mjs';
import { runNode } from './run.mjs';

/**
 * @param {'node' | 'web'} project
 * @param {import('./run.mjs').RunOptions} [options]
 * @returns {Promise<boolean>} whether it passed
 */
export async function typesPass(project, options) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return (await runNode(tsc, ['-p', `tsconfig.${project}.json`], options)).code === 0;
}

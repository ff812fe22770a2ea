// Options on the command line of programs that the scripts build and run.
import { parseArgs } from 'node:util';

/**
 * Whether it is what `parseArgs` throws: its message is a sentence about what was typed.
 * @param {unknown} error
 * @returns {error is Error}
 */
export function isUsageError(error) {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/**
 * What `parseArgs` reads. What it does not know ends the process with that sentence and code 2, not with a stack.
 * @template {import('node:util').ParseArgsConfig} T
 * @param {T} config
 * @returns {ReturnType<typeof parseArgs<T>>}
 */
export function optionsOrExit(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

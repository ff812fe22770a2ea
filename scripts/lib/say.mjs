// What the scripts tell the person who runs them. Always on stderr: stdout belongs to results.
import { isUsageError } from './options.mjs';

/** @param {string} text */
export function say(text) {
  process.stderr.write(`chainscope: ${text}\n`);
}

/** A failure with a sentence for a person: it is printed without a stack. */
export class ScriptError extends Error {
  /** @param {string} message cause first, then the next step */
  constructor(message) {
    super(message);
    this.name = 'ScriptError';
  }
}

/**
 * Runs a script's main function: its number becomes the exit code, a {@link ScriptError} or a wrong
 * option becomes one printed sentence and code 1, and any other error keeps its stack because it is a bug.
 * @param {() => Promise<number | void>} main
 */
export async function runScript(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (error instanceof ScriptError || isUsageError(error)) say(error.message);
    else console.error(error);
    process.exitCode = 1;
  }
}

// What the scripts tell the person who runs them. Always on stderr: stdout belongs to results.
import { isUsageError } from './options.mjs';
import { interrupted } from './signals.mjs';

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

/** Throws a {@link ScriptError} once a signal has asked this script to end, so that what comes next is not begun. */
export function stopIfInterrupted() {
  if (interrupted()) throw new ScriptError('stopped');
}

/**
 * Runs a script's main function: its number becomes the exit code, a {@link ScriptError} or a wrong
 * option becomes one printed sentence and code 1, and any other error keeps its stack because it is a bug.
 * What fails because a signal has asked the script to end is no failure of its own: it is stopped, with code 130.
 * @param {() => Promise<number | void>} main
 * @param {{ failed?: number }} [codes] `failed`: instead of 1, for a script whose own 1 says something else
 */
export async function runScript(main, { failed = 1 } = {}) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    const foreseen = error instanceof ScriptError || isUsageError(error);
    if (!foreseen) console.error(error);
    else say(interrupted() ? 'stopped' : error.message);
    process.exitCode = interrupted() ? 130 : failed;
  }
}

// Options on the command line of the scripts, and of programs that they build and run.
import { parseArgs } from 'node:util';

/**
 * What `parseArgs` takes, with what `--help` says of it: what the value is, and what the option is for.
 * @typedef {NonNullable<import('node:util').ParseArgsConfig['options']>[string] & { value?: string, about: string }} DescribedOption
 */

/** An option with a value. @param {string} value what it is, as in "number" @param {string} about */
export const taken = (value, about) => ({ type: /** @type {const} */ ('string'), value, about });

/** An option with a value, and the one that counts when it is left out. @param {string} value @param {string} preset @param {string} about */
export const preset = (value, preset, about) => ({ type: /** @type {const} */ ('string'), value, default: preset, about });

/** An option without a value. @param {string} about */
export const flag = (about) => ({ type: /** @type {const} */ ('boolean'), about });

/**
 * What `--help` says of options, a line for each, with the value that counts when it is left out.
 * @param {Readonly<Record<string, DescribedOption>>} options
 */
export function optionLines(options) {
  const rows = Object.entries(options).map(([name, { value, about, default: preset }]) => [`  --${name}${value === undefined ? '' : ` <${value}>`}`, `${about}${preset === undefined || preset === '' ? '' : ` (${String(preset)})`}`]);
  const width = Math.max(0, ...rows.map(([left]) => left?.length ?? 0));
  return rows.map(([left = '', right = '']) => `${left.padEnd(width)}  ${right}\n`).join('');
}

/** @param {readonly string[]} args */
export function wantsHelp(args) {
  return args.includes('--help') || args.includes('-h');
}

/**
 * Whether it is what `parseArgs` throws: its message is a sentence about what was typed.
 * @param {unknown} error
 * @returns {error is Error}
 */
export function isUsageError(error) {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/**
 * The number that an option says, or an error as `parseArgs` throws it.
 * @param {string} name @param {string} text @param {number} [least] @param {number} [most]
 */
export function wholeNumber(name, text, least = 1, most = 10_000_000) {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const message = `--${name} is a whole number from ${least} to ${most.toLocaleString('en')}, not "${text}"`;
  throw Object.assign(new TypeError(message), { code: 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' });
}

/** The seed that an option says, or one that is picked. @param {string | undefined} text */
export function seedNumber(text) {
  return wholeNumber('seed', text ?? String(Date.now() % 1_000_000), 0, Number.MAX_SAFE_INTEGER);
}

/**
 * What `read` makes of the command line. What is wrong with that ends the process with a sentence and code 2, not with a stack.
 * @template T
 * @param {() => T} read
 * @returns {T}
 */
export function readOrExit(read) {
  try {
    return read();
  } catch (error) {
    if (!isUsageError(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

/**
 * What `parseArgs` reads, see {@link readOrExit}. With `usage`, `--help` prints that and the options.
 * @template {import('node:util').ParseArgsConfig & { args?: string[] }} T
 * @param {T} config
 * @param {T extends { options: Record<string, DescribedOption> } ? string : never} [usage]
 * @returns {ReturnType<typeof parseArgs<T>>}
 */
export function optionsOrExit(config, usage) {
  if (usage !== undefined && wantsHelp(config.args ?? process.argv.slice(2))) {
    process.stdout.write(`${usage}\n\n${optionLines(/** @type {Record<string, DescribedOption>} */ (config.options))}`);
    process.exit(0);
  }
  return readOrExit(() => parseArgs(config));
}

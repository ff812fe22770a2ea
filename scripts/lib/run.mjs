// Running other programs.
import { spawn } from 'node:child_process';
import { root } from './paths.mjs';
import { exitCode, interrupted, track } from './signals.mjs';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] the whole environment of the program
 * @property {'inherit' | 'stderr' | 'pipe' | Sink} [output] `inherit`: both streams pass through; `stderr`: stdout goes to our
 *   stderr; `pipe`: stdout and stderr are collected and returned; a sink gets both as they come
 * @property {boolean} [patient] after the first Ctrl+C it may take as long as it needs to end
 *
 * @typedef {{ write: (bytes: Uint8Array) => void }} Sink
 *
 * @typedef {{ code: number, stdout: string, stderr: string }} RunResult
 */

/**
 * A program that writes into a pipe cannot see that a person reads it in the end, in colours.
 * @param {{ isTTY?: boolean }} stream
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function colouredAs(stream, env) {
  const said = env['FORCE_COLOR'] !== undefined || env['NO_COLOR'] !== undefined;
  return stream.isTTY === true && !said ? { ...env, FORCE_COLOR: '1' } : env;
}

/**
 * Runs a program to its end. A program that cannot be started counts as code 127, one ended by a signal as 128 and
 * the signal's number. Once the script has been asked to end, nothing more is started (code 130).
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(command, args, { cwd = root, env = process.env, output = 'inherit', patient = false } = {}) {
  if (interrupted()) return Promise.resolve({ code: 130, stdout: '', stderr: '' });
  return new Promise((resolve) => {
    const sink = typeof output === 'string' ? undefined : output;
    const piped = output === 'pipe' || sink !== undefined;
    const child = spawn(command, args, {
      cwd,
      env: sink === undefined ? env : colouredAs(process.stdout, env),
      stdio: [piped ? 'ignore' : 'inherit', piped ? 'pipe' : output === 'stderr' ? 2 : 'inherit', piped ? 'pipe' : 'inherit'],
      windowsHide: true,
    });
    track(child, false, patient);
    let stdout = '';
    let stderr = '';
    if (sink !== undefined) {
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (/** @type {Buffer} */ bytes) => sink.write(bytes));
    } else {
      child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (stdout += text));
      child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (stderr += text));
    }
    child.once('error', (error) => resolve({ code: 127, stdout, stderr: stderr || error.message }));
    child.once('close', (code, signal) => resolve({ code: exitCode(code, signal), stdout, stderr }));
  });
}

/**
 * Runs a JavaScript file with this Node.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNode(file, args, options) {
  return run(process.execPath, [file, ...args], options);
}

/**
 * Runs npm: the one that runs this script when there is one, else the one in the path.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNpm(args, options) {
  const own = process.env['npm_execpath'];
  if (own && /npm-cli\.[cm]?js$/.test(own)) return runNode(own, args, options);
  return process.platform === 'win32' ? run('cmd.exe', ['/d', '/s', '/c', 'npm', ...args], options) : run('npm', args, options);
}

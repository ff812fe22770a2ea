// Starting long-running programs so that none is left behind.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { root, startDir } from './paths.mjs';
import { exitCode, interrupted, track } from './signals.mjs';

/**
 * Starts a program in a session of its own: Ctrl+C then reaches it once and through us, not a second time from the
 * terminal (a second one makes Electron drop everything). On Linux the kernel ends it should this script be killed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function spawnBound(command, args, options) {
  const setpriv = '/usr/bin/setpriv';
  const bound = process.platform === 'linux' && existsSync(setpriv);
  return spawn(bound ? setpriv : command, bound ? ['--pdeathsig', 'TERM', command, ...args] : args, {
    cwd: root,
    ...options,
    detached: process.platform !== 'win32',
  });
}

/**
 * Runs a program with our own input and output until it ends, in the folder in which its person stands: a relative `--data-dir`
 * begins there. So what the scripts themselves hand it has to be absolute.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} its exit code, as a shell counts it
 */
export function runApp(command, args, env) {
  if (interrupted()) return Promise.resolve(130);
  return new Promise((resolve, reject) => {
    const child = spawnBound(command, args, { cwd: startDir(), env, stdio: 'inherit' });
    track(child, process.platform !== 'win32');
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(exitCode(code, signal)));
  });
}

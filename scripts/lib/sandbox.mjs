// Chromium's sandbox on Linux. It stays on for everybody but root, so it is checked before the app starts.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './run.mjs';
import { ScriptError } from './say.mjs';
import { inPath } from './system.mjs';

/** Whether Chromium's sandbox has to be off: it refuses to run as root. */
export function sandboxImpossible() {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** @param {string} helper */
function isSetuidRoot(helper) {
  const stat = statSync(helper, { throwIfNoEntry: false });
  return stat !== undefined && stat.uid === 0 && (stat.mode & 0o4111) === 0o4111;
}

/**
 * Makes sure that the sandbox can work for a normal user: with user namespaces, which some systems forbid, or with the
 * helper program beside Electron, which then has to belong to root. Throws a ScriptError with the one line to run.
 * @param {string} executable
 */
export async function ensureSandbox(executable) {
  if (process.platform !== 'linux' || sandboxImpossible() || !inPath('unshare')) return;
  const helper = join(dirname(executable), 'chrome-sandbox');
  if (isSetuidRoot(helper)) return;
  const { code } = await run('unshare', ['--user', '--map-root-user', 'true'], { output: 'pipe' });
  if (code === 0) return;
  throw new ScriptError(
    "this system forbids user namespaces, which Chromium's sandbox needs, and its helper program has no rights. " +
      `Run this line, then start again:\n  sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`,
  );
}

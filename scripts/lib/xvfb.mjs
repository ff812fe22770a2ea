// A virtual X display. Xvfb picks a free number itself and tells it (`-displayfd`), which xvfb-run does not offer:
// two that start at once never meet.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnBound } from './app.mjs';
import { ScriptError } from './say.mjs';

// Room for a page of 1280x800 with its menu bar; Chromium shrinks a window as large as the screen.
const screen = '1600x1000x24';
const startMs = 20_000;

/**
 * An Xauthority file with one key that counts for every display: family "wild", no address, no number (Xau's format:
 * two-byte lengths before each field, big-endian). So only we can look at and type into the display.
 * @param {string} path
 */
async function writeAuthority(path) {
  /** @param {Buffer} bytes */
  const field = (bytes) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const familyWild = Buffer.from([0xff, 0xff]);
  const none = Buffer.alloc(0);
  const entry = [field(none), field(none), field(Buffer.from('MIT-MAGIC-COOKIE-1')), field(randomBytes(16))];
  await writeFile(path, Buffer.concat([familyWild, ...entry]), { mode: 0o600 });
}

/**
 * Runs `work` with an environment that points at a new virtual display, and removes the display afterwards.
 * @template T
 * @param {(env: NodeJS.ProcessEnv, display: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withXvfb(work) {
  const dir = await mkdtemp(join(tmpdir(), 'chainscope-xvfb-'));
  const authority = join(dir, 'Xauthority');
  await writeAuthority(authority);
  const args = ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp', '-auth', authority];
  const server = spawnBound('Xvfb', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  let log = '';
  server.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (log += text));
  const ended = new Promise((resolve) => {
    server.once('close', resolve);
    server.once('error', resolve);
  });
  try {
    const display = await Promise.race([
      readDisplay(/** @type {import('node:stream').Readable} */ (server.stdio[3])),
      ended.then(() => undefined),
    ]);
    if (display === undefined) throw new ScriptError(`Xvfb did not start: ${log.trim() || 'it said nothing'}.`);
    const env = { ...process.env, DISPLAY: display, XAUTHORITY: authority, XDG_SESSION_TYPE: 'x11' };
    // Else a newer Electron would look for the Wayland session.
    delete (/** @type {NodeJS.ProcessEnv} */ (env)['WAYLAND_DISPLAY']);
    return await work(env, display);
  } finally {
    server.kill('SIGTERM');
    await ended;
    await rm(dir, { recursive: true, force: true });
  }
}

/** @param {import('node:stream').Readable} stream */
async function readDisplay(stream) {
  try {
    const [chunk] = /** @type {[Buffer]} */ (await once(stream, 'data', { signal: AbortSignal.timeout(startMs) }));
    return `:${chunk.toString('utf8').trim()}`;
  } catch {
    return undefined;
  }
}

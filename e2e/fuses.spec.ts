import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createPackage } from '@electron/asar';
import { electronExecutable } from '../scripts/lib/electron.mjs';
import { sealFuses } from '../scripts/lib/fuses.mjs';
import { makeTemporaryDir, removeDir, testEnvironment } from './harness/environment.ts';
import { expect, test } from './harness/test.ts';

interface Ran {
  out: string;
  err: string;
}

/** Runs an executable to its end. */
async function run(executable: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  // As root the sandbox is impossible; Node would not know the switch for it.
  const sandbox = process.getuid?.() === 0 ? { ELECTRON_DISABLE_SANDBOX: '1' } : {};
  const child = spawn(executable, args, { env: testEnvironment({ ...env, ...sandbox }), stdio: ['ignore', 'pipe', 'pipe'] });
  const ran: Ran = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (ran.out += String(chunk)));
  child.stderr.on('data', (chunk) => (ran.err += String(chunk)));
  await once(child, 'close');
  return ran;
}

/** A packaged Electron with a program that says that it ran, and ends. */
async function packaged(folder: string): Promise<string> {
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? '';
  const copy = join(folder, 'dist');
  await cp(dist, copy, { recursive: true, verbatimSymlinks: true });
  const program = join(folder, 'program');
  await mkdir(program);
  await writeFile(join(program, 'package.json'), '{"name":"probe","main":"main.js"}');
  await writeFile(join(program, 'main.js'), "const { app } = require('electron'); process.stdout.write('the program\\n'); app.exit(0);\n");
  const executable = electronExecutable(copy);
  const resources = process.platform === 'darwin' ? join(dirname(dirname(executable)), 'Resources') : join(copy, 'resources');
  await createPackage(program, join(resources, 'app.asar'));
  return executable;
}

test('ELE-10 sealed for users, the program is no Node, takes no options of Node and opens no debugger', async () => {
  test.setTimeout(120_000);
  const folder = await makeTemporaryDir();
  try {
    const executable = await packaged(folder);
    const preload = join(folder, 'preload.js');
    await writeFile(preload, "process.stdout.write('preloaded\\n');\n");
    const attempts = {
      node: () => run(executable, ['-e', "process.stdout.write('node\\n')"], { ELECTRON_RUN_AS_NODE: '1' }),
      options: () => run(executable, [], { NODE_OPTIONS: `--require ${preload}` }),
      inspect: () => run(executable, ['--inspect=127.0.0.1:0']),
    };
    // Without the seal at least the first two do what they are not meant to, so that the test would notice a seal without effect.
    expect((await attempts.node()).out).toBe('node\n');
    expect((await attempts.inspect()).err).toMatch(/Debugger listening/);

    await sealFuses(executable);
    expect((await attempts.node()).out).toBe('the program\n');
    const options = await attempts.options();
    expect(options.out).toBe('the program\n');
    const inspected = await attempts.inspect();
    expect(inspected.out).toBe('the program\n');
    expect(inspected.err).not.toMatch(/Debugger listening/);
    // A folder beside the archive is not loaded in its place.
    expect((await run(executable, [join(folder, 'program')])).out).toBe('the program\n');
  } finally {
    await removeDir(folder);
  }
});

// `npm run dev`: the app with hot reload. electron.vite.config.ts tells electron-vite which Electron to run.
import { join, resolve } from 'node:path';
import { forgetBuild } from './lib/build.mjs';
import { electronExecutable, ensureElectron } from './lib/electron.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { root, startDir } from './lib/paths.mjs';
import { runNode } from './lib/run.mjs';
import { runScript, say } from './lib/say.mjs';
import { ensureSandbox, sandboxImpossible } from './lib/sandbox.mjs';
import { ensureSystem, hasDisplay } from './lib/system.mjs';
import { withXvfb } from './lib/xvfb.mjs';

/**
 * The folder as electron-vite has to be handed it: it runs in the root, and so does the app that it starts.
 * @param {string} folder
 */
const fromHere = (folder) => resolve(startDir(), folder);

/**
 * The command line with a relative `--data-dir` made absolute. What is no folder is left for the app to refuse.
 * @param {readonly string[]} args
 */
const withDataDir = (args) =>
  args.map((arg, at) => {
    if (arg.startsWith('--data-dir=') && arg !== '--data-dir=') return `--data-dir=${fromHere(arg.slice('--data-dir='.length))}`;
    return args[at - 1] === '--data-dir' && arg !== '' && !arg.startsWith('-') ? fromHere(arg) : arg;
  });

await runScript(async () => {
  await ensurePackages();
  const executable = electronExecutable(await ensureElectron());
  const xvfb = !hasDisplay();
  await ensureSystem({ executable, xvfb });
  await ensureSandbox(executable);
  await forgetBuild();
  const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const own = withDataDir(process.argv.slice(2));
  const dataDir = process.env['DATA_DIR'];
  if (dataDir) process.env['DATA_DIR'] = fromHere(dataDir);
  const args = ['dev', '--watch', ...(sandboxImpossible() ? ['--noSandbox'] : []), ...(own.length > 0 ? ['--', ...own] : [])];
  if (!xvfb) return (await runNode(cli, args)).code;
  return withXvfb(async (env, display) => {
    say(`no display: the app runs under Xvfb (DISPLAY=${display})`);
    return (await runNode(cli, args, { env })).code;
  });
});

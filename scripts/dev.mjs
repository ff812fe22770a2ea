// `npm run dev`: the app with hot reload. electron.vite.config.ts tells electron-vite which Electron to run.
import { join } from 'node:path';
import { forgetBuild } from './lib/build.mjs';
import { electronExecutable, ensureElectron } from './lib/electron.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { runNode } from './lib/run.mjs';
import { runScript, say } from './lib/say.mjs';
import { ensureSandbox, sandboxImpossible } from './lib/sandbox.mjs';
import { ensureSystem, hasDisplay } from './lib/system.mjs';
import { withXvfb } from './lib/xvfb.mjs';

await runScript(async () => {
  await ensurePackages();
  const executable = electronExecutable(await ensureElectron());
  const xvfb = !hasDisplay();
  await ensureSystem({ executable, xvfb });
  await ensureSandbox(executable);
  await forgetBuild();
  const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const own = process.argv.slice(2);
  const args = ['dev', '--watch', ...(sandboxImpossible() ? ['--noSandbox'] : []), ...(own.length > 0 ? ['--', ...own] : [])];
  if (!xvfb) return (await runNode(cli, args)).code;
  return withXvfb(async (env, display) => {
    say(`no display: the app runs under Xvfb (DISPLAY=${display})`);
    return (await runNode(cli, args, { env })).code;
  });
});

// `npm start`: prepares what is missing, then opens the app. Its options are passed on.
import { runApp } from './lib/app.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { electronExecutable, ensureElectron } from './lib/electron.mjs';
import { help } from './lib/help.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { runScript, say } from './lib/say.mjs';
import { ensureSandbox, sandboxImpossible } from './lib/sandbox.mjs';
import { ensureSystem, hasDisplay } from './lib/system.mjs';
import { withXvfb } from './lib/xvfb.mjs';

const args = process.argv.slice(2);

await runScript(async () => {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  await ensurePackages();
  const executable = electronExecutable(await ensureElectron());
  const xvfb = !hasDisplay();
  await ensureSystem({ executable, xvfb });
  await ensureSandbox(executable);
  await ensureBuilt();

  // Electron's own switches stand before the folder of the app, the app's options after it.
  const switches = [];
  if (sandboxImpossible()) {
    say("running as root, so Chromium's sandbox is off");
    switches.push('--no-sandbox');
  }
  if (!xvfb && !process.env['DISPLAY']) switches.push('--ozone-platform-hint=auto');
  const commandLine = [...switches, root, ...args];
  if (!xvfb) return runApp(executable, commandLine, process.env);
  return withXvfb((env, display) => {
    say(`no display: the app runs under Xvfb (DISPLAY=${display}). The addresses of its HTTP API and its peer server follow.`);
    // Nobody can answer a dialog there: the app says on stderr what it would have asked.
    return runApp(executable, commandLine, { ...env, CHAINSCOPE_NO_DIALOG: '1' });
  });
});

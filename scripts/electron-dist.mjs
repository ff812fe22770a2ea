// Prints the folder of the Electron in use, and only that, on stdout.
import { parseArgs } from 'node:util';
import { ensureElectron } from './lib/electron.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { runScript } from './lib/say.mjs';

await runScript(async () => {
  // It takes none, and says so.
  parseArgs({ options: {} });
  await ensurePackages();
  console.log(await ensureElectron());
});

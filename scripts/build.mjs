// `npm run build`: always builds.
import { parseArgs } from 'node:util';
import { ensureBuilt } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { runScript, say } from './lib/say.mjs';

await runScript(async () => {
  // It takes none, and says so.
  parseArgs({ options: {} });
  await ensurePackages();
  await ensureBuilt({ force: true });
  say('the app is in out/');
});

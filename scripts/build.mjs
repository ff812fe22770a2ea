// `npm run build`: always builds.
import { ensureBuilt } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { runScript, say } from './lib/say.mjs';

await runScript(async () => {
  await ensurePackages();
  await ensureBuilt({ force: true });
  say('the app is in out/');
});

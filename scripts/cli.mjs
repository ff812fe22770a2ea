// `npm run cli`: the same node with no window and no Electron.
import { join } from 'node:path';
import { runApp } from './lib/app.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { outDir } from './lib/paths.mjs';
import { runScript } from './lib/say.mjs';

await runScript(async () => {
  await ensurePackages();
  await ensureBuilt();
  return runApp(process.execPath, [join(outDir, 'main', 'cli.js'), ...process.argv.slice(2)], process.env);
});

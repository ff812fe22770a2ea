// `npm run verify -- --data-dir <folder>`: checks the chain of a data directory without changing it.
import { join } from 'node:path';
import { runApp } from './lib/app.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { outDir } from './lib/paths.mjs';
import { runScript } from './lib/say.mjs';

await runScript(
  async () => {
    await ensurePackages();
    await ensureBuilt();
    return runApp(process.execPath, [join(outDir, 'main', 'verify.js'), ...process.argv.slice(2)], process.env);
  },
  // 1 would mean that faults were found.
  { failed: 2 },
);

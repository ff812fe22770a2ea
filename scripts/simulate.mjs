// `npm run simulate -- --nodes 1000 --hours 24`: a whole network in one process; `-- --help` names the options.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from './lib/packages.mjs';
import { reportsDir, root, startDir } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { runScript } from './lib/say.mjs';

await runScript(async () => {
  await ensurePackages();
  // Inside node_modules, so that the packages are found from there.
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-simulate-'));
  try {
    const { bundleForNode } = await import('./lib/bundle.mjs');
    await bundleForNode(folder, { main: join(root, 'bench', 'simulate', 'main.ts') }, { sourcemap: 'inline' });
    const entry = join(folder, 'start.mjs');
    await writeFile(entry, `import { run } from './main.js';\nprocess.exitCode = await run(process.argv.slice(2), ${JSON.stringify(join(reportsDir, 'simulate'))});\n`);
    // A thousand nodes hold a thousand chains: more than Node takes by itself. And what lives as long as a message is under way should not be copied about: 256 MB took a fifth less
    // processor time than 64 MB, and twice as much brought nothing more.
    const megabytes = Math.floor((totalmem() / 2 ** 20) * 0.75);
    const { code } = await run(process.execPath, [`--max-old-space-size=${megabytes}`, '--max-semi-space-size=256', '--min-semi-space-size=256', '--enable-source-maps', entry, ...process.argv.slice(2)], { patient: true, cwd: startDir() });
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

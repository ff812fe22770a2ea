// `npm run kernel`: writes the modules of WebAssembly anew, to be committed with their generator.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { runScript, say } from './lib/say.mjs';

await runScript(async () => {
  // It takes none, and says so.
  parseArgs({ options: {} });
  await ensurePackages();
  const { KERNEL_MODULE, kernelModule } = await import('./lib/kernel-module.mjs');
  await writeFile(join(root, KERNEL_MODULE), await kernelModule());
  say(`the modules are in ${KERNEL_MODULE}`);
});

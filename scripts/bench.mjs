// `npm run bench -- <name> [arguments]`: runs bench/<name>/run.mjs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { runScript, ScriptError } from './lib/say.mjs';

await runScript(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  const file = join(root, 'bench', name, 'run.mjs');
  if (!/^[a-z-]+$/.test(name) || !existsSync(file)) throw new ScriptError(`there is no bench "${name}". The folders of bench/ are their names, as in: npm run bench -- mining`);
  await ensurePackages();
  /** @type {{ bench: (args: string[]) => Promise<void> }} */
  const module = await import(pathToFileURL(file).href);
  await module.bench(args);
});

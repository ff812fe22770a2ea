// `npm run bench -- <name> [arguments]`: runs bench/<name>/run.mjs. Without a name: all of them, one after the other.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { runScript, say, ScriptError } from './lib/say.mjs';

/** @param {string} name */
const fileOf = (name) => join(root, 'bench', name, 'run.mjs');

/** @param {string} name @param {string[]} args */
async function runPart(name, args) {
  /** @type {{ bench: (args: string[]) => Promise<void> }} */
  const module = await import(pathToFileURL(fileOf(name)).href);
  await module.bench(args);
}

await runScript(async () => {
  const [name, ...args] = process.argv.slice(2);
  const all = readdirSync(join(root, 'bench')).filter((folder) => existsSync(fileOf(folder)));
  if (name !== undefined && !all.includes(name)) throw new ScriptError(`there is no bench "${name}". There are: ${all.join(', ')}; as in: npm run bench -- ${all[0] ?? ''}`);
  await ensurePackages();
  if (name !== undefined) return runPart(name, args);
  let failed = 0;
  for (const part of all) {
    console.log(`\n## ${part}\n`);
    try {
      await runPart(part, []);
    } catch (error) {
      // One that could not measure keeps nobody from the others.
      failed += 1;
      if (!(error instanceof ScriptError)) throw error;
      say(`${part}: ${error.message}`);
    }
  }
  if (failed > 0) throw new ScriptError(`${failed} of ${all.length} parts could not be measured. The messages above say why.`);
});

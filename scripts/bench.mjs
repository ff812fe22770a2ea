// `npm run bench -- <name> [arguments]`: runs bench/<name>/run.mjs. Without a name: all of them, one after the other.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BENCH_OPTIONS } from '../bench/options.mjs';
import { optionLines, wantsHelp } from './lib/options.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { runScript, say, ScriptError } from './lib/say.mjs';

/** @typedef {keyof typeof BENCH_OPTIONS} Name */

const names = /** @type {Name[]} */ (Object.keys(BENCH_OPTIONS));

/** @param {Name} name @param {string[]} args */
async function runPart(name, args) {
  /** @type {{ bench: (args: string[]) => Promise<void> }} */
  const module = await import(pathToFileURL(join(root, 'bench', name, 'run.mjs')).href);
  await module.bench(args);
}

/** @param {Name} name */
function partHelp(name) {
  const options = optionLines(BENCH_OPTIONS[name]);
  return options === '' ? `npm run bench -- ${name} [seed]: the seed is a whole number (1)\n` : `npm run bench -- ${name} [options]\n\n${options}`;
}

const help = () => ['npm run bench: all parts, one after the other, with what stands in parentheses. bench/README.md says what each measures.\n', ...names.map(partHelp)].join('\n');

await runScript(async () => {
  const given = process.argv.slice(2);
  const [typed, ...args] = given;
  const name = names.find((each) => each === typed);
  if (wantsHelp(given)) {
    process.stdout.write(name === undefined ? help() : partHelp(name));
    return 0;
  }
  if (typed !== undefined && name === undefined) throw new ScriptError(`there is no bench "${typed}". There are: ${names.join(', ')}; as in: npm run bench -- ${names[0]}`);
  await ensurePackages();
  if (name !== undefined) {
    await runPart(name, args);
    return 0;
  }
  let failed = 0;
  for (const part of names) {
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
  if (failed > 0) throw new ScriptError(`${failed} of ${names.length} parts could not be measured. The messages above say why.`);
  return 0;
});

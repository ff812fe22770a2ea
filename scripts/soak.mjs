// The long forms of tests, with their length and seed as options:
//   npm run soak -- --seed 7 --minutes 120          the SOAK cases of docs/conformance.md; the minutes are those of SOAK-01, the other two take what they take
//   npm run soak -- storage --runs 200 --seed 7     kill -9 at random moments
import { join } from 'node:path';
import { runBuilt } from './lib/built.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { runNode } from './lib/run.mjs';
import { runScript, say, ScriptError } from './lib/say.mjs';

/** What each soak in a program of its own is built from; the first entry is started. @type {Record<string, Record<string, string>>} */
const soaks = {
  storage: { storage: 'test/soak/storage.ts', 'storage-child': 'test/soak/storage/child.ts', worker: 'src/node/mining/worker.ts' },
};

/** @param {string[]} args */
async function cases(args) {
  const options = { seed: String(Date.now() % 1_000_000), minutes: '120' };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]?.replace(/^--/, '');
    const value = args[i + 1] ?? '';
    if ((name !== 'seed' && name !== 'minutes') || !/^\d+$/.test(value) || (name === 'minutes' && value === '0')) {
      throw new ScriptError(`npm run soak does not know ${args.slice(i).join(' ')}. It takes --seed and --minutes, each with a whole number.`);
    }
    options[name] = value;
  }
  await ensurePackages();
  say(`seed ${options.seed}, ${options.minutes} minutes`);
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, SOAK_SEED: options.seed, SOAK_MINUTES: options.minutes };
  return (await runNode(vitest, ['run', 'test/conformance/soak.test.ts'], { env })).code;
}

await runScript(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  if (name === '' || name.startsWith('--')) return cases(process.argv.slice(2));
  const entries = Object.hasOwn(soaks, name) ? soaks[name] : undefined;
  if (entries === undefined) throw new ScriptError(`there is no soak "${name}". There is: ${Object.keys(soaks).join(', ')}, as in: npm run soak -- storage --runs 200 --seed 7`);
  return runBuilt(entries, args);
});

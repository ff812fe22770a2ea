// `npm run soak -- <name> [arguments]`: the long forms of tests, with their length and seed as options.
import { runBuilt } from './lib/built.mjs';
import { runScript, ScriptError } from './lib/say.mjs';

/** What each soak is built from; the first entry is started. @type {Record<string, Record<string, string>>} */
const soaks = {
  storage: { storage: 'test/soak/storage.ts', 'storage-child': 'test/soak/storage/child.ts', worker: 'src/node/mining/worker.ts' },
};

await runScript(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  const entries = Object.hasOwn(soaks, name) ? soaks[name] : undefined;
  if (entries === undefined) throw new ScriptError(`there is no soak "${name}". There is: ${Object.keys(soaks).join(', ')}, as in: npm run soak -- storage --runs 200 --seed 7`);
  return runBuilt(entries, args);
});

// `npm run soak -- --seed 7 --minutes 120`: the SOAK cases of docs/conformance.md in full length. The minutes are those of SOAK-01; the other two are as long as
// their numbers of messages and connections take.
import { join } from 'node:path';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { runNode } from './lib/run.mjs';
import { runScript, say, ScriptError } from './lib/say.mjs';

await runScript(async () => {
  const options = { seed: String(Date.now() % 1_000_000), minutes: '120' };
  const args = process.argv.slice(2);
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
});

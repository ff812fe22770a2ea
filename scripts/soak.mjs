// `npm run soak -- <name> [arguments]`: the long forms of tests, with their length and seed as options (lib/soak-options.mjs).
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runBuilt } from './lib/built.mjs';
import { optionLines, seedNumber, wantsHelp, wholeNumber } from './lib/options.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { root, startDir } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { runScript, say, ScriptError } from './lib/say.mjs';
import { SOAK_OPTIONS } from './lib/soak-options.mjs';

/** @typedef {keyof typeof SOAK_OPTIONS} Name */

/** @type {Record<Name, { about: string, run: (args: string[]) => Promise<number> }>} */
const soaks = {
  conformance: {
    about: 'the SOAK cases of docs/conformance.md in full length; also without a name',
    run: (args) => {
      const { values } = parseArgs({ args, options: SOAK_OPTIONS.conformance });
      const [seed, minutes] = [seedNumber(values.seed), wholeNumber('minutes', values.minutes)];
      say(`seed ${seed}, ${minutes} minutes`);
      return vitest(['test/conformance/soak.test.ts'], { SOAK_SEED: seed, SOAK_MINUTES: minutes });
    },
  },
  network: {
    about: 'SOAK-01 with every node in a process of its own, and its memory as a slope',
    run: (args) => runBuilt({ network: 'test/soak/network.ts', 'network-child': 'test/soak/network/child.ts', worker: 'src/node/mining/worker.ts' }, args, { cwd: startDir() }),
  },
  storage: {
    about: 'kill -9 at random moments',
    run: (args) => runBuilt({ storage: 'test/soak/storage.ts', 'storage-child': 'test/soak/storage/child.ts', worker: 'src/node/mining/worker.ts' }, args),
  },
  damage: {
    about: 'the log cut, and bytes flipped in every file and in every record',
    run: (args) => {
      const { values } = parseArgs({ args, options: SOAK_OPTIONS.damage });
      const [cuts, flips, rounds] = [wholeNumber('cuts', values.cuts), wholeNumber('flips', values.flips), wholeNumber('rounds', values.rounds)];
      const seed = seedNumber(values.seed);
      say(`seed ${seed}`);
      return vitest(['test/node/chain/level-store.test.ts', 'test/node/chain/flipped-records.test.ts', '-t', 'STO-0[23]'], {
        DAMAGE_SEED: seed,
        DAMAGE_LOG_CUTS: cuts,
        DAMAGE_FILE_FLIPS: flips,
        DAMAGE_RECORD_ROUNDS: rounds,
      });
    },
  },
};

/** @param {string[]} args @param {Record<string, number>} env */
async function vitest(args, env) {
  await ensurePackages();
  const { code } = await run(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], { env: { ...process.env, ...Object.fromEntries(Object.entries(env).map(([variable, number]) => [variable, String(number)])) } });
  return code;
}

const names = /** @type {Name[]} */ (Object.keys(soaks));

/** @param {readonly Name[]} wanted */
const help = (wanted) => wanted.map((name) => `npm run soak -- ${name} [options]: ${soaks[name].about}\n\n${optionLines(SOAK_OPTIONS[name])}`).join('\n');

await runScript(async () => {
  const given = process.argv.slice(2);
  const named = given[0]?.startsWith('-') === false;
  const [typed, args] = named ? [given[0], given.slice(1)] : ['conformance', given];
  const name = names.find((each) => each === typed);
  if (name === undefined) throw new ScriptError(`there is no soak "${typed}". There is: ${names.join(', ')}, as in: npm run soak -- storage --runs 200 --seed 7`);
  if (wantsHelp(args)) {
    process.stdout.write(help(named ? [name] : names));
    return 0;
  }
  return soaks[name].run(args);
});

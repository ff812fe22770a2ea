// `npm run soak -- [name] [arguments]`: the long forms of tests, with their length and seed as options. Without a name: network.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runBuilt } from './lib/built.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { runScript, say, ScriptError } from './lib/say.mjs';

const number = /** @type {const} */ ({ type: 'string' });

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const soaks = {
  /**
   * The SOAK cases of docs/conformance.md in full length. `--seed N --minutes 120`: the minutes are those of SOAK-01; the other two are as
   * long as their numbers of messages and connections take.
   */
  network: (args) => {
    const { values } = parseArgs({ args, options: { seed: number, minutes: number } });
    const { seed = anySeed(), minutes = '120' } = values;
    for (const [name, value] of Object.entries({ seed, minutes })) {
      if (!/^\d+$/.test(value) || (name === 'minutes' && value === '0')) throw new ScriptError(`--${name} must be a whole number, but it is "${value}"`);
    }
    say(`seed ${seed}, ${minutes} minutes`);
    return vitest(['test/conformance/soak.test.ts'], { SOAK_SEED: seed, SOAK_MINUTES: minutes });
  },
  /** kill -9 at random moments. `--runs 200 --seed N` */
  storage: (args) => runBuilt({ storage: 'test/soak/storage.ts', 'storage-child': 'test/soak/storage/child.ts', worker: 'src/node/mining/worker.ts' }, args),
  /** The log cut at 200 offsets, a byte flipped at 200 offsets of every file, and in every record. `--seed N --cuts 200 --flips 200 --rounds 10` */
  damage: (args) => {
    const { values } = parseArgs({ args, options: { seed: number, cuts: number, flips: number, rounds: number } });
    const seed = values.seed ?? anySeed();
    say(`seed ${seed}`);
    return vitest(['test/node/chain/level-store.test.ts', 'test/node/chain/flipped-records.test.ts', '-t', 'STO-0[23]'], {
      DAMAGE_SEED: seed,
      DAMAGE_LOG_CUTS: values.cuts ?? '200',
      DAMAGE_FILE_FLIPS: values.flips ?? '200',
      DAMAGE_RECORD_ROUNDS: values.rounds ?? '10',
    });
  },
};

function anySeed() {
  return String(Date.now() % 1_000_000);
}

/** @param {string[]} args @param {Record<string, string>} env */
async function vitest(args, env) {
  await ensurePackages();
  const { code } = await run(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], { env: { ...process.env, ...env } });
  return code;
}

await runScript(async () => {
  const given = process.argv.slice(2);
  const [name = '', ...args] = given[0] === undefined || given[0].startsWith('--') ? ['network', ...given] : given;
  const soak = Object.hasOwn(soaks, name) ? soaks[name] : undefined;
  if (soak === undefined) throw new ScriptError(`there is no soak "${name}". There is: ${Object.keys(soaks).join(', ')}, as in: npm run soak -- storage --runs 200 --seed 7`);
  try {
    return await soak(args);
  } catch (error) {
    if (/** @type {{ code?: string }} */ (error).code?.startsWith('ERR_PARSE_ARGS') === true) throw new ScriptError(/** @type {Error} */ (error).message);
    throw error;
  }
});

// `npm run soak -- <name> [arguments]`: the long forms of tests, with their length and seed as options.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runBuilt } from './lib/built.mjs';
import { ensurePackages } from './lib/packages.mjs';
import { root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { runScript, say, ScriptError } from './lib/say.mjs';

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const soaks = {
  /** The SOAK cases of docs/conformance.md in full length; also without a name. `--seed 7 --minutes 120` */
  conformance: (args) => {
    const number = /** @type {const} */ ({ type: 'string' });
    const { values } = parseArgs({ args, options: { seed: number, minutes: number } });
    const { seed = String(Date.now() % 1_000_000), minutes = '120' } = values;
    if (![seed, minutes].every((text) => /^\d+$/.test(text)) || Number(minutes) === 0) throw new ScriptError('--seed and --minutes must be whole numbers, minutes at least 1.');
    say(`seed ${seed}, ${minutes} minutes`);
    return vitest(['test/conformance/soak.test.ts'], { SOAK_SEED: seed, SOAK_MINUTES: minutes });
  },
  /** SOAK-01 with every node in a process of its own, and its memory as a slope. `--seed 7 --minutes 120 --nodes 20 --out file.json --snapshots folder` */
  network: (args) => runBuilt({ network: 'test/soak/network.ts', 'network-child': 'test/soak/network/child.ts', worker: 'src/node/mining/worker.ts' }, args),
  /** kill -9 at random moments. `--runs 200 --seed N` */
  storage: (args) => runBuilt({ storage: 'test/soak/storage.ts', 'storage-child': 'test/soak/storage/child.ts', worker: 'src/node/mining/worker.ts' }, args),
  /** The log cut at 200 offsets, a byte flipped at 200 offsets of every file, and in every record. `--seed N --cuts 200 --flips 200 --rounds 10` */
  damage: (args) => {
    const number = /** @type {const} */ ({ type: 'string' });
    const { values } = parseArgs({ args, options: { seed: number, cuts: number, flips: number, rounds: number } });
    const seed = values.seed ?? String(Date.now() % 1_000_000);
    say(`seed ${seed}`);
    return vitest(['test/node/chain/level-store.test.ts', 'test/node/chain/flipped-records.test.ts', '-t', 'STO-0[23]'], {
      DAMAGE_SEED: seed,
      DAMAGE_LOG_CUTS: values.cuts ?? '200',
      DAMAGE_FILE_FLIPS: values.flips ?? '200',
      DAMAGE_RECORD_ROUNDS: values.rounds ?? '10',
    });
  },
};

/** @param {string[]} args @param {Record<string, string>} env */
async function vitest(args, env) {
  await ensurePackages();
  const { code } = await run(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], { env: { ...process.env, ...env } });
  return code;
}

await runScript(async () => {
  const given = process.argv.slice(2);
  const [name = '', ...args] = given[0]?.startsWith('--') === false ? given : ['conformance', ...given];
  const soak = Object.hasOwn(soaks, name) ? soaks[name] : undefined;
  if (soak === undefined) throw new ScriptError(`there is no soak "${name}". There is: ${Object.keys(soaks).join(', ')}, as in: npm run soak -- storage --runs 200 --seed 7`);
  return soak(args);
});

// What the parts of `npm run bench` have in common: the bench is built as the app is built, then a program of it measures.
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleForNode } from '../../scripts/lib/bundle.mjs';
import { electronExecutable, electronVersion, ensureElectron } from '../../scripts/lib/electron.mjs';
import { reportsDir, root, startDir } from '../../scripts/lib/paths.mjs';
import { run, runNode } from '../../scripts/lib/run.mjs';
import { sandboxImpossible } from '../../scripts/lib/sandbox.mjs';
import { say, ScriptError } from '../../scripts/lib/say.mjs';
import { ensureSystem, hasDisplay } from '../../scripts/lib/system.mjs';
import { withXvfb } from '../../scripts/lib/xvfb.mjs';

export function machine() {
  const { platform, arch } = process;
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), memoryMib: Math.round(totalmem() / 2 ** 20), platform: `${platform} ${arch}`, load: loadavg()[0] ?? 0 };
}

/**
 * The seed of a part that takes nothing else.
 * @param {string} part @param {string[]} args
 */
export function seedArgument(part, args) {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [seed = '1', ...more] = positionals;
  if (more.length > 0 || !/^\d{1,15}$/.test(seed)) throw new ScriptError(`the seed is a whole number, as in: npm run bench -- ${part} 1`);
  return Number(seed);
}

/** @param {string} text @param {readonly string[]} all */
export function chosenParts(text, all) {
  const only = text === '' ? [...all] : text.split(',');
  const wrong = only.find((part) => !all.includes(part));
  if (wrong !== undefined) throw new ScriptError(`--only takes ${all.join(', ')}, separated by commas, not "${wrong}"`);
  return only;
}

/**
 * The folder of a chain of so many blocks inside `folder`, made first when it is not there. The same options make the same chain.
 * @param {string} folder @param {{ blocks: number, seed: number, transactions: number }} chain
 */
export async function ensureChain(folder, { blocks, seed, transactions }) {
  const dataDir = join(folder, `chain-${blocks}-${transactions}-${seed}`);
  if (existsSync(join(dataDir, 'chain'))) return dataDir;
  say(`mining ${blocks.toLocaleString('en')} blocks of ${transactions} transactions into ${dataDir}`);
  const made = `${dataDir}.part`;
  await rm(made, { recursive: true, force: true });
  const args = ['generate-chain', '--blocks', String(blocks), '--data-dir', made, '--seed', String(seed), '--transactions', String(transactions), '--forks', '0'];
  const { code } = await runNode(join(root, 'bench', 'run.mjs'), args, { output: 'stderr' });
  if (code !== 0) throw new ScriptError(`the chain could not be made (code ${code}). The messages above say why.`);
  await rename(made, dataDir);
  return dataDir;
}

/**
 * A folder for chains: the one that was named, which is kept, or one that goes when `work` is done.
 * @template T @param {string | undefined} named @param {(folder: string) => Promise<T>} work
 */
export async function withChains(named, work) {
  if (named !== undefined) return work(resolve(startDir(), named));
  const folder = await mkdtemp(join(tmpdir(), 'chainscope-bench-chains-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Builds `entries` (name → path below bench/) and runs the one named `measure` with the task as its only argument, with a display when Electron is measured.
 * The task gets `machine`, `report` (where the JSON goes) and `runtimes` (see hosted.ts) in addition.
 * @param {string} name of the part
 * @param {Record<string, string>} entries
 * @param {object} task
 * @param {{ electron: boolean }} options
 */
export async function measurePart(name, entries, task, { electron }) {
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-bench-'));
  try {
    say('building the bench');
    const paths = Object.fromEntries(Object.entries(entries).map(([entry, path]) => [entry, join(root, 'bench', path)]));
    await bundleForNode(folder, { ...paths, worker: join(root, 'src/node/mining/worker.ts') }, { external: ['electron'] });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: `chainscope-bench-${name}`, type: 'module', main: 'host.js' }));
    /** @type {{ bundle: string, electron?: { executable: string, switches: string[] } }} */
    const runtimes = { bundle: folder };
    /** @type {NodeJS.ProcessEnv} */
    let env = process.env;
    let version;
    if (electron) {
      const dist = await ensureElectron();
      const executable = electronExecutable(dist);
      await ensureSystem({ executable, xvfb: !hasDisplay() });
      runtimes.electron = { executable, switches: [...(sandboxImpossible() ? ['--no-sandbox'] : []), '--disable-gpu'] };
      env = { ...env, ELECTRON_OVERRIDE_DIST_PATH: dist };
      version = electronVersion(dist);
    }
    const report = join(reportsDir, `bench-${name}.json`);
    const json = JSON.stringify({ ...task, machine: { ...machine(), ...(version === undefined ? {} : { electron: version }) }, root, report, runtimes });
    /** @param {NodeJS.ProcessEnv} with_ */
    const start = async (with_) => (await run(process.execPath, ['--enable-source-maps', join(folder, 'measure.js'), json], { env: with_ })).code;
    const code = electron && !hasDisplay() ? await withXvfb((more) => start({ ...env, ...more })) : await start(env);
    if (code !== 0) throw new ScriptError(`the bench ended with code ${code}: it could not measure everything. The messages above say why.`);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

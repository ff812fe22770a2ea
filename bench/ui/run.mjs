// `npm run bench -- ui`: the window with a long chain, in the built app. How to read it stands in bench/README.md.
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.mjs';
import { bundleForNode } from '../../scripts/lib/bundle.mjs';
import { electronExecutable, electronVersion, ensureElectron } from '../../scripts/lib/electron.mjs';
import { wholeNumber } from '../../scripts/lib/options.mjs';
import { reportsDir, root, startDir } from '../../scripts/lib/paths.mjs';
import { run, runNode } from '../../scripts/lib/run.mjs';
import { say, ScriptError } from '../../scripts/lib/say.mjs';
import { ensureSystem, hasDisplay } from '../../scripts/lib/system.mjs';
import { withXvfb } from '../../scripts/lib/xvfb.mjs';
import { BENCH_OPTIONS } from '../options.mjs';

const PARTS = ['start', 'jumps', 'look', 'arrival', 'mining', 'plain'];

/** @param {string} folder */
async function bundle(folder) {
  const here = join(root, 'bench', 'ui');
  const entries = {
    measure: join(here, 'measure.ts'),
    peer: join(here, 'peer.ts'),
    worker: join(root, 'src/node/mining/worker.ts'),
    'plain-main': join(here, 'plain-main.ts'),
    'plain-list': join(here, 'page', 'plain-list.ts'),
    probe: join(here, 'page', 'probe.ts'),
  };
  await bundleForNode(folder, entries, { external: ['electron'] });
  for (const name of ['plain-list.html', 'plain-list.css']) await copyFile(join(here, 'page', name), join(folder, name));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'chainscope-bench-ui', type: 'module', main: 'plain-main.js' }));
}

/**
 * A data directory with a chain of that many blocks: the given one, made first when it is not there.
 * @param {string} dataDir @param {number} blocks @param {number} seed
 * @returns {Promise<number | undefined>} seconds that it took to make
 */
async function ensureChain(dataDir, blocks, seed) {
  if (existsSync(join(dataDir, 'chain'))) return undefined;
  say(`mining ${blocks.toLocaleString('en')} blocks into ${dataDir}; a million take about three minutes`);
  const startedAt = performance.now();
  const { code } = await runNode(join(root, 'bench', 'run.mjs'), ['generate-chain', '--blocks', String(blocks), '--data-dir', dataDir, '--seed', String(seed)], { output: 'stderr' });
  if (code !== 0) throw new ScriptError(`the chain could not be made (code ${code}). The messages above say why.`);
  const seconds = (performance.now() - startedAt) / 1000;
  say(`the chain took ${seconds.toFixed(0)} s`);
  return seconds;
}

/** @param {string[]} args */
function readOptions(args) {
  const { values } = parseArgs({ args, options: BENCH_OPTIONS.ui });
  const only = values.only === '' ? [] : values.only.split(',');
  const wrong = only.find((part) => !PARTS.includes(part));
  if (wrong !== undefined) throw new ScriptError(`--only takes ${PARTS.join(', ')}, separated by commas, not "${wrong}"`);
  const dataDir = values['data-dir'];
  return {
    dataDir: dataDir === undefined ? undefined : resolve(startDir(), dataDir),
    blocks: wholeNumber('blocks', values.blocks),
    seed: wholeNumber('seed', values.seed),
    only,
    strict: values.strict,
    ...(values.profiles === undefined ? {} : { profiles: resolve(startDir(), values.profiles) }),
  };
}

/** @param {string[]} args */
export async function bench(args) {
  const { dataDir, strict, ...options } = readOptions(args);
  const dist = await ensureElectron();
  await ensureSystem({ executable: electronExecutable(dist), xvfb: !hasDisplay() });
  const made = dataDir === undefined ? await mkdtemp(join(tmpdir(), 'chainscope-bench-chain-')) : undefined;
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-bench-'));
  const chain = dataDir ?? made ?? folder;
  const report = join(reportsDir, 'bench-ui.json');
  try {
    await ensureBuilt();
    say('building the bench');
    await bundle(folder);
    const generatedSeconds = await ensureChain(chain, options.blocks, options.seed);
    const task = { ...options, root, bundle: folder, dataDir: chain, report, generatedSeconds, electron: electronVersion(dist) };
    /** @param {NodeJS.ProcessEnv} env */
    const measure = async (env) => {
      const { code } = await run(process.execPath, [join(folder, 'measure.js'), JSON.stringify(task)], { env: { ...env, ELECTRON_OVERRIDE_DIST_PATH: dist } });
      return code;
    };
    const code = await (hasDisplay() ? measure(process.env) : withXvfb(measure));
    if (code !== 0) throw new ScriptError(`the bench ended with code ${code}: it could not measure everything. The messages above say why.`);
    /** @type {{ missed: number }} */
    const { missed } = JSON.parse(await readFile(report, 'utf8'));
    if (strict && missed > 0) throw new ScriptError(`${missed} goals were missed.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
    if (made !== undefined) await rm(made, { recursive: true, force: true });
  }
}

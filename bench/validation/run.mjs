// `npm run bench -- validation [seed]`: what the checks of headers and blocks take, in Electron and in Node. See bench/README.md.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { bundleForNode } from '../../scripts/lib/bundle.mjs';
import { electronExecutable, ensureElectron } from '../../scripts/lib/electron.mjs';
import { reportsDir, root } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { sandboxImpossible } from '../../scripts/lib/sandbox.mjs';
import { say, ScriptError } from '../../scripts/lib/say.mjs';
import { ensureSystem, hasDisplay } from '../../scripts/lib/system.mjs';
import { withXvfb } from '../../scripts/lib/xvfb.mjs';
import { seedArgument } from '../lib/part.mjs';

/** @typedef {import('./measure.ts').Measured} Measured */

const HEADERS = 100_000;
const ROUNDS = 3;

/** Goals of issue 5: ms for 100,000 headers, and how many times `crypto.hash`. */
const GOAL_MS = 200;
const GOAL_RATIO = 3;

/** @param {string} folder @param {number} seed @param {boolean} inElectron @returns {Promise<Measured>} */
async function measure(folder, seed, inElectron) {
  const result = join(folder, `${inElectron ? 'electron' : 'node'}.json`);
  const task = JSON.stringify({ seed, headers: HEADERS, rounds: ROUNDS, result });
  let code;
  if (!inElectron) ({ code } = await run(process.execPath, [join(folder, 'measure.js'), task]));
  else {
    const executable = electronExecutable(await ensureElectron());
    await ensureSystem({ executable, xvfb: !hasDisplay() });
    const args = [...(sandboxImpossible() ? ['--no-sandbox'] : []), folder, task];
    // Chromium's own lines on stderr are no part of the result.
    /** @param {NodeJS.ProcessEnv} env */
    const start = async (env) => {
      const ended = await run(executable, args, { env, output: 'pipe' });
      if (ended.code !== 0) process.stderr.write(ended.stderr);
      return ended.code;
    };
    code = await (hasDisplay() ? start(process.env) : withXvfb(start));
  }
  if (code !== 0) throw new ScriptError(`the bench ended with code ${code}. The messages above say why.`);
  return JSON.parse(await readFile(result, 'utf8'));
}

/** @param {number} ms */
const time = (ms) => (ms >= 1 ? `${ms.toFixed(1)} ms` : `${(ms * 1000).toFixed(2)} us`);

/** @param {Measured} measured */
function print({ runtime, v8, hasher, groups }) {
  console.log(`\n${runtime}, V8 ${v8}, the node hashes with ${hasher}`);
  for (const { title, unit, rows } of groups) {
    const reference = rows.find(({ name }) => name.endsWith('crypto.hash')) ?? rows[0];
    console.log(`\n${title}, ${unit}`);
    console.log(`${''.padEnd(36)}${'median'.padStart(12)}${'best'.padStart(12)}${'processor'.padStart(12)}${'crypto.hash takes'.padStart(20)}${'processor'.padStart(12)}`);
    for (const { name, median, best, cpu } of rows) {
      const times = (/** @type {number} */ to) => `${to.toFixed(1)} x`;
      const ratios = [times((reference?.median ?? 0) / median).padStart(20), times((reference?.cpu ?? 0) / cpu).padStart(12)];
      console.log(`${name.padEnd(36)}${time(median).padStart(12)}${time(best).padStart(12)}${time(cpu).padStart(12)}${ratios.join('')}`);
    }
  }
  for (const { title, rows } of groups.filter(({ title: each }) => each.startsWith('full checks'))) {
    const batch = rows.find(({ name }) => name === 'our checks, WebAssembly, batch');
    const plain = rows.find(({ name }) => name === 'plain Node, crypto.hash');
    if (batch === undefined) continue;
    const ratio = plain === undefined ? undefined : plain.median / batch.median;
    console.log(`\n${title}: ${time(batch.median)}, goal ${GOAL_MS} ms: ${batch.median <= GOAL_MS ? 'met' : 'MISSED'}`);
    if (ratio !== undefined) console.log(`  ${ratio.toFixed(1)} times plain Node with crypto.hash, goal ${GOAL_RATIO}: ${ratio >= GOAL_RATIO ? 'met' : 'MISSED'}`);
  }
}

/** @param {string[]} args */
export async function bench(args) {
  const seed = seedArgument('validation', args);
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), platform: `${process.platform} ${process.arch}`, load: loadavg()[0] };
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-bench-'));
  try {
    say('building the bench');
    await bundleForNode(folder, { measure: join(root, 'bench/validation/measure.ts') }, { external: ['electron'] });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'chainscope-bench', type: 'module', main: 'measure.js' }));
    console.log(`machine: ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, load ${machine.load?.toFixed(1)}; seed ${seed}; ${ROUNDS} rounds by turns`);
    const results = [];
    for (const inElectron of [true, false]) {
      const measured = await measure(folder, seed, inElectron);
      print(measured);
      results.push(measured);
    }
    await mkdir(reportsDir, { recursive: true });
    const report = join(reportsDir, 'bench-validation.json');
    await writeFile(report, `${JSON.stringify({ bench: 'validation', at: new Date().toISOString(), seed, machine, results }, null, 2)}\n`);
    say(`the numbers are in ${report}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

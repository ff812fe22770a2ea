// `npm run bench -- mining`: how many header hashes a second, by all ways we know, in Electron and in Node. See README.md beside it.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { bundleForNode } from '../../scripts/lib/bundle.mjs';
import { electronExecutable, ensureElectron } from '../../scripts/lib/electron.mjs';
import { findCompiler, placeNative } from '../../scripts/lib/native.mjs';
import { reportsDir, root } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { sandboxImpossible } from '../../scripts/lib/sandbox.mjs';
import { say, ScriptError } from '../../scripts/lib/say.mjs';
import { ensureSystem, hasDisplay } from '../../scripts/lib/system.mjs';
import { withXvfb } from '../../scripts/lib/xvfb.mjs';
import { seedArgument } from '../lib/part.mjs';

/** @typedef {import('./measure.ts').Measured} Measured */

const TURN_MS = 150;
const ROUNDS = 9;
const POOL_MS = 3_000;

/** @param {string} folder */
async function bundle(folder) {
  const entries = { measure: join(root, 'bench/mining/measure.ts'), worker: join(root, 'src/node/mining/worker.ts') };
  await bundleForNode(folder, entries, { external: ['electron'] });
  await placeNative(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'chainscope-bench', type: 'module', main: 'measure.js' }));
}

/**
 * The programs in C: row, source, flags, what stands before the other arguments.
 * @type {{ name: string, source: string, flags: string[], first: string[] }[]}
 */
const C_PROGRAMS = [
  { name: process.arch === 'x64' ? 'C, 128-bit AVX' : 'C, 128 bits', source: 'sha256d.c', flags: process.arch === 'x64' ? ['-mavx'] : [], first: [] },
  ...(process.arch === 'x64'
    ? [
        { name: 'C, AVX2', source: 'sha256d.c', flags: ['-mavx2', '-DLANES=8'], first: [] },
        { name: 'C, our AVX2', source: 'native-loops.c', flags: [], first: ['avx2'] },
        { name: 'C, SHA-NI', source: 'native-loops.c', flags: [], first: ['sha-ni-1'] },
        { name: 'C, SHA-NI twice', source: 'native-loops.c', flags: [], first: ['sha-ni-2'] },
      ]
    : []),
];

/**
 * The programs in C, where there is a compiler.
 * @param {string} folder
 * @returns {Promise<import('./measure.ts').Program[]>}
 */
async function compilePrograms(folder) {
  const compiler = await findCompiler();
  if (compiler === undefined) return [];
  const [cc = '', ...own] = compiler.command;
  const programs = [];
  for (const [index, { name, source, flags, first }] of C_PROGRAMS.entries()) {
    const file = join(folder, `c${index}`);
    const args = [...own, '-O3', ...flags, '-I', join(root, 'src/node/mining/native'), '-o', file, join(root, 'bench/mining', source)];
    if ((await run(cc, args, { output: 'pipe' })).code === 0) programs.push({ name, file, first });
  }
  return programs;
}

/**
 * @param {string} folder @param {string} header @param {import('./measure.ts').Program[]} programs @param {boolean} inElectron
 * @returns {Promise<Measured>}
 */
async function measure(folder, header, programs, inElectron) {
  const result = join(folder, `${inElectron ? 'electron' : 'node'}.json`);
  const task = JSON.stringify({ header, programs, worker: join(folder, 'worker.js'), result, turnMs: TURN_MS, rounds: ROUNDS, poolMs: POOL_MS });
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

/** @param {number} rate */
const millions = (rate) => (rate / 1e6).toFixed(2);

/** @param {Measured} measured */
function table({ runtime, v8, loops, pools }) {
  // The kernels that the app may use: the WebAssembly one, which runs everywhere, and the fastest one here.
  const compared = [loops.find(({ name }) => name === 'wasm-simd'), loops.find(({ name }) => name === 'sha-ni') ?? loops.find(({ name }) => name === 'avx2')].filter((each) => each !== undefined);
  console.log(`\n${runtime}, V8 ${v8}\n`);
  console.log(`${'one thread'.padEnd(18)}${'median M/s'.padStart(12)}${'best M/s'.padStart(12)}${compared.map(({ name }) => `${name} is`.padStart(16)).join('')}`);
  for (const { name, median, best } of loops) {
    const ratios = compared.map((each) => `${(each.best / best).toFixed(best > each.best / 3 ? 2 : 1)} x`.padStart(16));
    console.log(`${name.padEnd(18)}${millions(median).padStart(12)}${millions(best).padStart(12)}${ratios.join('')}`);
  }
  console.log(`\n${'threads of the app'.padEnd(18)}${'M/s'.padStart(12)}${'to one'.padStart(12)}${'p99 delay'.padStart(16)}${'max delay'.padStart(12)}`);
  for (const { workers, rate, kernel, loopDelayP99Ms, loopDelayMaxMs } of pools) {
    const one = pools.find((each) => each.workers === 1 && each.kernel === kernel)?.rate ?? 0;
    console.log(
      `${`${workers} (${kernel})`.padEnd(18)}${millions(rate).padStart(12)}${`${(rate / one).toFixed(2)} x`.padStart(12)}${`${loopDelayP99Ms.toFixed(1)} ms`.padStart(16)}${`${loopDelayMaxMs.toFixed(1)} ms`.padStart(12)}`,
    );
  }
}

/** @param {string[]} args */
export async function bench(args) {
  const seed = seedArgument('mining', args);
  // 80 bytes that look like any, and are the same for the same seed.
  const header = [0, 1, 2].map((part) => createHash('sha256').update(`chainscope bench mining ${seed} ${part}`).digest('hex')).join('').slice(0, 160);
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), platform: `${process.platform} ${process.arch}`, load: loadavg()[0] };
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-bench-'));
  try {
    say('building the bench');
    await bundle(folder);
    const programs = await compilePrograms(folder);
    console.log(`machine: ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, load ${machine.load?.toFixed(1)}; seed ${seed}`);
    /** @type {Measured[]} */
    const results = [];
    for (const inElectron of [true, false]) {
      const measured = await measure(folder, header, programs, inElectron);
      table(measured);
      results.push(measured);
    }
    await mkdir(reportsDir, { recursive: true });
    const report = join(reportsDir, 'bench-mining.json');
    await writeFile(report, `${JSON.stringify({ bench: 'mining', at: new Date().toISOString(), seed, machine, results }, null, 2)}\n`);
    say(`the numbers are in ${report}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

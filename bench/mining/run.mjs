// `npm run bench -- mining`: how many header hashes a second, by all ways we know, in Electron and in Node. See README.md beside it.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { findCompiler, placeNative } from '../../scripts/lib/native.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { measureInBoth } from '../lib/both.mjs';
import { seedArgument } from '../lib/part.mjs';

/** @typedef {import('./measure.ts').Measured} Measured */

const TURN_MS = 150;
const ROUNDS = 9;
const POOL_MS = 3_000;

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
  const prepare = async (/** @type {string} */ folder) => {
    await placeNative(folder);
    return { task: { header, programs: await compilePrograms(folder), worker: join(folder, 'worker.js'), turnMs: TURN_MS, rounds: ROUNDS, poolMs: POOL_MS } };
  };
  await measureInBoth('mining', seed, prepare, table);
}

// `npm run bench -- mining`: how many header hashes a second, by all ways we know, in Electron and in Node. See README.md beside it.
import { createHash } from 'node:crypto';
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

/** @typedef {import('./measure.ts').Measured} Measured */

const TURN_MS = 150;
const ROUNDS = 9;
const POOL_MS = 3_000;
const C_TRIES = 1_000_000;

/** @param {string} folder */
async function bundle(folder) {
  const entries = { measure: join(root, 'bench/mining/measure.ts'), worker: join(root, 'src/node/mining/worker.ts') };
  await bundleForNode(folder, entries, { external: ['electron'] });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'chainscope-bench', type: 'module', main: 'measure.js' }));
}

/**
 * C with vectors of 128 bits, where there is a compiler.
 * @param {string} folder @param {string} header
 * @returns {Promise<{ median: number, best: number } | undefined>} tries a second
 */
async function measureC(folder, header) {
  const program = join(folder, 'sha256d');
  const source = join(root, 'bench/mining/sha256d.c');
  const compiled = await run('cc', ['-O3', ...(process.arch === 'x64' ? ['-mavx'] : []), '-o', program, source], { output: 'pipe' });
  if (compiled.code !== 0) return undefined;
  const rates = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { code, stdout } = await run(program, [header, '0', String(C_TRIES)], { output: 'pipe' });
    const [seconds = 0, , nonce = 0] = stdout.trim().split(' ').map(Number);
    if (code !== 0 || seconds <= 0) return undefined;
    if (round === 0) checkC(header, nonce, Number(stdout.split(' ')[1]));
    rates.push(C_TRIES / seconds);
  }
  rates.sort((a, b) => a - b);
  return { median: rates[rates.length >> 1] ?? 0, best: rates.at(-1) ?? 0 };
}

/** A fast program that computes something else proves nothing. @param {string} header @param {number} nonce @param {number} top */
function checkC(header, nonce, top) {
  const bytes = Buffer.from(header, 'hex');
  bytes.writeUInt32LE(nonce, 76);
  const once = createHash('sha256').update(bytes).digest();
  const hash = createHash('sha256').update(once).digest();
  if (hash.readUInt32LE(28) !== top) throw new ScriptError('the program in C computes other hashes. Check bench/mining/sha256d.c.');
}

/**
 * @param {string} folder @param {string} header @param {boolean} inElectron
 * @returns {Promise<Measured>}
 */
async function measure(folder, header, inElectron) {
  const result = join(folder, `${inElectron ? 'electron' : 'node'}.json`);
  const task = JSON.stringify({ header, worker: join(folder, 'worker.js'), result, turnMs: TURN_MS, rounds: ROUNDS, poolMs: POOL_MS });
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

/** @param {Measured} measured @param {{ median: number, best: number } | undefined} c */
function table({ runtime, v8, loops, pools }, c) {
  const rows = [...loops, ...(c === undefined ? [] : [{ name: process.arch === 'x64' ? 'C, 128-bit AVX' : 'C, 128 bits', ...c }])];
  const fastest = loops.find(({ name }) => name === 'wasm-simd')?.best ?? 0;
  console.log(`\n${runtime}, V8 ${v8}\n`);
  console.log(`${'one thread'.padEnd(18)}${'median M/s'.padStart(12)}${'best M/s'.padStart(12)}${'wasm-simd is'.padStart(16)}`);
  for (const { name, median, best } of rows) {
    console.log(`${name.padEnd(18)}${millions(median).padStart(12)}${millions(best).padStart(12)}${`${(fastest / best).toFixed(best > fastest / 3 ? 2 : 1)} x`.padStart(16)}`);
  }
  console.log(`\n${'threads of the app'.padEnd(18)}${'M/s'.padStart(12)}${'to one'.padStart(12)}${'p99 delay'.padStart(16)}${'max delay'.padStart(12)}`);
  const one = pools[0]?.rate ?? 0;
  for (const { workers, rate, kernel, loopDelayP99Ms, loopDelayMaxMs } of pools) {
    console.log(
      `${`${workers} (${kernel})`.padEnd(18)}${millions(rate).padStart(12)}${`${(rate / one).toFixed(2)} x`.padStart(12)}${`${loopDelayP99Ms.toFixed(1)} ms`.padStart(16)}${`${loopDelayMaxMs.toFixed(1)} ms`.padStart(12)}`,
    );
  }
}

/** @param {string[]} args */
export async function bench(args) {
  const seed = args[0] ?? '1';
  // 80 bytes that look like any, and are the same for the same seed.
  const header = [0, 1, 2].map((part) => createHash('sha256').update(`chainscope bench mining ${seed} ${part}`).digest('hex')).join('').slice(0, 160);
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), platform: `${process.platform} ${process.arch}`, load: loadavg()[0] };
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-bench-'));
  try {
    say('building the bench');
    await bundle(folder);
    console.log(`machine: ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, load ${machine.load?.toFixed(1)}; seed ${seed}`);
    /** @type {(Measured & { c?: { median: number, best: number } | undefined })[]} */
    const results = [];
    for (const inElectron of [true, false]) {
      const measured = await measure(folder, header, inElectron);
      const c = await measureC(folder, header);
      table(measured, c);
      results.push({ ...measured, c });
    }
    await mkdir(reportsDir, { recursive: true });
    const report = join(reportsDir, 'bench-mining.json');
    await writeFile(report, `${JSON.stringify({ bench: 'mining', at: new Date().toISOString(), seed, machine, results }, null, 2)}\n`);
    say(`the numbers are in ${report}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// A part of `npm run bench` whose program measures alone, first in Electron and then in Node.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleForNode } from '../../scripts/lib/bundle.mjs';
import { electronExecutable, ensureElectron } from '../../scripts/lib/electron.mjs';
import { reportsDir, root } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { sandboxImpossible } from '../../scripts/lib/sandbox.mjs';
import { say, ScriptError } from '../../scripts/lib/say.mjs';
import { ensureSystem, hasDisplay } from '../../scripts/lib/system.mjs';
import { withXvfb } from '../../scripts/lib/xvfb.mjs';
import { machine } from './part.mjs';

/**
 * Runs the program in `folder` with the task as its only argument. Returns what it wrote into the file that the task names as `result`.
 * @param {string} folder @param {object} task @param {boolean} inElectron
 */
async function measureIn(folder, task, inElectron) {
  const result = join(folder, `${inElectron ? 'electron' : 'node'}.json`);
  const json = JSON.stringify({ ...task, result });
  let code;
  if (!inElectron) ({ code } = await run(process.execPath, [join(folder, 'measure.js'), json]));
  else {
    const executable = electronExecutable(await ensureElectron());
    await ensureSystem({ executable, xvfb: !hasDisplay() });
    const args = [...(sandboxImpossible() ? ['--no-sandbox'] : []), folder, json];
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

/**
 * Builds bench/<name>/measure.ts, runs it in Electron and in Node, shows each result and writes both to reports/bench-<name>.json.
 * @template Measured
 * @param {string} name of the part
 * @param {number} seed
 * @param {(folder: string) => Promise<{ task: object, remark?: string }>} prepare puts what is needed besides into the folder; `remark` ends the line about the machine
 * @param {(measured: Measured) => void} show
 */
export async function measureInBoth(name, seed, prepare, show) {
  const here = machine();
  const folder = await mkdtemp(join(root, 'node_modules', '.chainscope-bench-'));
  try {
    say('building the bench');
    const entries = { measure: join(root, 'bench', name, 'measure.ts'), worker: join(root, 'src/node/mining/worker.ts') };
    await bundleForNode(folder, entries, { external: ['electron'] });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: `chainscope-bench-${name}`, type: 'module', main: 'measure.js' }));
    const { task, remark } = await prepare(folder);
    console.log(`machine: ${here.cpu}, ${here.cores} cores, ${here.platform}, load ${here.load.toFixed(1)}; seed ${seed}${remark === undefined ? '' : `; ${remark}`}`);
    /** @type {Measured[]} */
    const results = [];
    for (const inElectron of [true, false]) {
      const measured = await measureIn(folder, task, inElectron);
      show(measured);
      results.push(measured);
    }
    await mkdir(reportsDir, { recursive: true });
    const report = join(reportsDir, `bench-${name}.json`);
    await writeFile(report, `${JSON.stringify({ bench: name, at: new Date().toISOString(), seed, machine: here, results }, null, 2)}\n`);
    say(`the numbers are in ${report}`);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

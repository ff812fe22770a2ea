// `npm run bench -- start`: how long a node with a long chain takes to open, and what it then holds in memory. How to read it stands in bench/README.md.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.mjs';
import { wholeNumber } from '../../scripts/lib/options.mjs';
import { startDir } from '../../scripts/lib/paths.mjs';
import { chosenParts, ensureChain, measurePart, withChains } from '../lib/part.mjs';
import { BENCH_OPTIONS } from '../options.mjs';

const PARTS = ['node', 'electron', 'window'];

/** @param {string[]} args */
export async function bench(args) {
  const { values } = parseArgs({ args, options: BENCH_OPTIONS.start });
  const blocks = wholeNumber('blocks', values.blocks);
  const seed = wholeNumber('seed', values.seed);
  const times = wholeNumber('times', values.times);
  const only = chosenParts(values.only, PARTS);
  if (only.includes('window')) await ensureBuilt();
  const named = values['data-dir'] === undefined ? undefined : resolve(startDir(), values['data-dir']);
  await withChains(values.chains ?? (named === undefined ? undefined : join(named, '..')), async (folder) => {
    const dataDir = named ?? (await ensureChain(folder, { blocks, seed, transactions: 1 }));
    const entries = { measure: 'start/measure.ts', opening: 'opening.ts', empty: 'start/empty-main.ts', probe: 'ui/page/probe.ts' };
    await measurePart('start', entries, { dataDir, seed, only, times }, { electron: only.includes('electron') || only.includes('window') });
  });
}

// `npm run bench -- sync`: a first sync from one peer over loopback. How to read it stands in bench/README.md.
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.mjs';
import { wholeNumber } from '../../scripts/lib/options.mjs';
import { chosenParts, ensureChain, measurePart, withChains } from '../lib/part.mjs';
import { BENCH_OPTIONS } from '../options.mjs';

const PARTS = ['node', 'electron', 'resume', 'window'];

/** @param {string[]} args */
export async function bench(args) {
  const { values } = parseArgs({ args, options: BENCH_OPTIONS.sync });
  const blocks = wholeNumber('blocks', values.blocks, 100);
  const seed = wholeNumber('seed', values.seed);
  const times = wholeNumber('times', values.times);
  const only = chosenParts(values.only, PARTS);
  const electron = only.includes('electron') || only.includes('window');
  if (only.includes('window')) await ensureBuilt();
  await withChains(values.chains, async (folder) => {
    const dataDir = await ensureChain(folder, { blocks, seed, transactions: 2 });
    const entries = { measure: 'sync/measure.ts', host: 'lib/host.ts', probe: 'ui/page/probe.ts' };
    const task = { blocks, seed, times, only, dataDir };
    await measurePart('sync', entries, task, { electron });
  });
}

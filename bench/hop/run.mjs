// `npm run bench -- hop`: one more block, from the node that found it to its neighbours. How to read it stands in bench/README.md.
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.mjs';
import { wholeNumber } from '../../scripts/lib/options.mjs';
import { ScriptError } from '../../scripts/lib/say.mjs';
import { chosenParts, ensureChain, measurePart, withChains } from '../lib/part.mjs';
import { BENCH_OPTIONS } from '../options.mjs';

const PARTS = ['nodes', 'tutorial', 'window'];

/** @param {string[]} args */
export async function bench(args) {
  const { values } = parseArgs({ args, options: BENCH_OPTIONS.hop });
  const sizes = values.sizes.split(',').map((size) => wholeNumber('sizes', size));
  if (sizes.some((size, index) => index > 0 && size <= (sizes[index - 1] ?? 0))) throw new ScriptError('--sizes are numbers of blocks that rise, separated by commas');
  const seed = wholeNumber('seed', values.seed);
  const times = wholeNumber('times', values.times);
  const only = chosenParts(values.only, PARTS);
  const window = only.includes('window');
  if (window) await ensureBuilt();
  await withChains(values.chains, async (folder) => {
    const chains = [];
    for (const blocks of sizes) chains.push({ blocks, dataDir: await ensureChain(folder, { blocks, seed, transactions: 2 }) });
    const entries = { measure: 'hop/measure.ts', host: 'lib/host.ts', probe: 'ui/page/probe.ts' };
    await measurePart('hop', entries, { chains, seed, times, only }, { electron: window });
  });
}

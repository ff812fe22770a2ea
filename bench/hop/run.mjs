// `npm run bench -- hop`: one more block, from the node that found it to its neighbours. How to read it stands in bench/README.md.
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.mjs';
import { ScriptError } from '../../scripts/lib/say.mjs';
import { chosenParts, ensureChain, measurePart, wholeNumber, withChains } from '../lib/part.mjs';

const PARTS = ['nodes', 'tutorial', 'window'];
/** A million takes minutes to make: it is measured where it is asked for. */
const SIZES = '1000,10000,100000';

/** @param {string[]} args */
export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      sizes: { type: 'string', default: SIZES },
      seed: { type: 'string', default: '1' },
      times: { type: 'string', default: '20' },
      only: { type: 'string', default: '' },
      chains: { type: 'string' },
    },
  });
  const sizes = values.sizes.split(',').map((size) => wholeNumber('sizes', size));
  if (sizes.some((size, index) => index > 0 && size <= (sizes[index - 1] ?? 0))) throw new ScriptError('--sizes are numbers of blocks that rise, separated by commas');
  const seed = wholeNumber('seed', values.seed);
  const only = chosenParts(values.only, PARTS);
  const window = only.includes('window');
  if (window) await ensureBuilt();
  await withChains(values.chains, async (folder) => {
    const chains = [];
    for (const blocks of sizes) chains.push({ blocks, dataDir: await ensureChain(folder, { blocks, seed, transactions: 2 }) });
    const entries = { measure: 'hop/measure.ts', host: 'lib/host.ts', probe: 'ui/page/probe.ts' };
    await measurePart('hop', entries, { chains, seed, times: wholeNumber('times', values.times), only }, { electron: window });
  });
}

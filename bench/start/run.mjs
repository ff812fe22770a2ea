// `npm run bench -- start`: how long a node with a long chain takes to open, and what it then holds in memory. How to read it stands in bench/README.md.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.mjs';
import { chosenParts, ensureChain, measurePart, wholeNumber, withChains } from '../lib/part.mjs';

const PARTS = ['node', 'electron', 'window'];

/** @param {string[]} args */
export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      'data-dir': { type: 'string' },
      blocks: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      times: { type: 'string', default: '5' },
      only: { type: 'string', default: '' },
      chains: { type: 'string' },
    },
  });
  const blocks = wholeNumber('blocks', values.blocks);
  const seed = wholeNumber('seed', values.seed);
  const only = chosenParts(values.only, PARTS);
  if (only.includes('window')) await ensureBuilt();
  await withChains(values.chains ?? (values['data-dir'] === undefined ? undefined : join(values['data-dir'], '..')), async (folder) => {
    const dataDir = values['data-dir'] ?? (await ensureChain(folder, { blocks, seed, transactions: 1 }));
    const entries = { measure: 'start/measure.ts', opening: 'opening.ts', empty: 'start/empty-main.ts', probe: 'ui/page/probe.ts' };
    await measurePart('start', entries, { dataDir, seed, only, times: wholeNumber('times', values.times) }, { electron: only.includes('electron') || only.includes('window') });
  });
}

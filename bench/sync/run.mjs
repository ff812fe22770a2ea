// `npm run bench -- sync`: a first sync from one peer over loopback. How to read it stands in bench/README.md.
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.mjs';
import { chosenParts, ensureChain, measurePart, wholeNumber, withChains } from '../lib/part.mjs';

const PARTS = ['node', 'electron', 'resume', 'window'];

/** @param {string[]} args */
export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      blocks: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      times: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      chains: { type: 'string' },
    },
  });
  const blocks = wholeNumber('blocks', values.blocks, 100);
  const seed = wholeNumber('seed', values.seed);
  const only = chosenParts(values.only, PARTS);
  const electron = only.includes('electron') || only.includes('window');
  if (only.includes('window')) await ensureBuilt();
  await withChains(values.chains, async (folder) => {
    const dataDir = await ensureChain(folder, { blocks, seed, transactions: 2 });
    const entries = { measure: 'sync/measure.ts', host: 'lib/host.ts', probe: 'ui/page/probe.ts' };
    const task = { blocks, seed, times: wholeNumber('times', values.times), only, dataDir };
    await measurePart('sync', entries, task, { electron });
  });
}

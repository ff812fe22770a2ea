// `npm run bench -- http`: a long chain through GET /blocks. How to read it stands in bench/README.md.
import { parseArgs } from 'node:util';
import { wholeNumber } from '../../scripts/lib/options.mjs';
import { ensureChain, measurePart, withChains } from '../lib/part.mjs';
import { BENCH_OPTIONS } from '../options.mjs';

/** @param {string[]} args */
export async function bench(args) {
  const { values } = parseArgs({ args, options: BENCH_OPTIONS.http });
  const blocks = wholeNumber('blocks', values.blocks, 1_000);
  const seed = wholeNumber('seed', values.seed);
  const times = wholeNumber('times', values.times);
  await withChains(values.chains, async (folder) => {
    const dataDir = await ensureChain(folder, { blocks, seed, transactions: 2 });
    await measurePart('http', { measure: 'http/measure.ts', host: 'lib/host.ts' }, { blocks, seed, times, dataDir }, { electron: false });
  });
}

// `npm run bench -- http`: a long chain through GET /blocks. How to read it stands in bench/README.md.
import { parseArgs } from 'node:util';
import { ensureChain, measurePart, wholeNumber, withChains } from '../lib/part.mjs';

/** @param {string[]} args */
export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: { blocks: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' }, times: { type: 'string', default: '3' }, chains: { type: 'string' } },
  });
  const blocks = wholeNumber('blocks', values.blocks, 1_000);
  const seed = wholeNumber('seed', values.seed);
  await withChains(values.chains, async (folder) => {
    const dataDir = await ensureChain(folder, { blocks, seed, transactions: 2 });
    await measurePart('http', { measure: 'http/measure.ts', host: 'lib/host.ts' }, { blocks, seed, times: wholeNumber('times', values.times), dataDir }, { electron: false });
  });
}

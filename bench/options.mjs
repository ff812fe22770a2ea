// The options of each `npm run bench -- <part>`: read by the part and by the help.
import { flag, preset, taken } from '../scripts/lib/options.mjs';

const seed = preset('number', '1', 'from which chains are made: the same seed makes the same chain');
const chains = taken('folder', 'keeps the chains that the part makes, for the next time (removed)');
/** @param {string} all */
const only = (all) => preset('parts', '', `some of ${all}, separated by commas; all when it is left out`);

export const BENCH_OPTIONS = {
  hop: {
    // A million takes minutes to make: it is measured where it is asked for.
    sizes: preset('numbers', '1000,10000,100000', 'blocks of the chains, which rise, separated by commas'),
    seed,
    times: preset('number', '20', 'blocks that are measured on each'),
    only: only('nodes, tutorial, window'),
    chains,
  },
  http: {
    blocks: preset('number', '100000', 'blocks of the chain, at least 1000'),
    seed,
    times: preset('number', '3', 'readings of each kind'),
    chains,
  },
  /** Its seed is no option but an argument, as that of validation. */
  mining: {},
  start: {
    'data-dir': taken('folder', 'a chain of bench:generate, instead of one that is made'),
    blocks: preset('number', '1000000', 'blocks of the chain'),
    seed,
    times: preset('number', '5', 'openings of each kind'),
    only: only('node, electron, window'),
    chains,
  },
  sync: {
    blocks: preset('number', '100000', 'blocks of the chain, at least 100'),
    seed,
    times: preset('number', '3', 'syncs of each kind'),
    only: only('node, electron, resume, window'),
    chains,
  },
  ui: {
    'data-dir': taken('folder', 'a chain of bench:generate; made there when there is none'),
    blocks: preset('number', '1000000', 'blocks of the chain'),
    seed,
    only: only('start, jumps, look, arrival, mining, plain'),
    profiles: taken('folder', 'where profiles go (nowhere)'),
    strict: flag('ends with 1 when a goal was missed'),
  },
  validation: {},
};

/** The options of bench:opening. */
export const OPENING_OPTIONS = {
  'data-dir': taken('folder', 'the chain, made by bench:generate'),
  times: preset('number', '5', 'openings of each kind'),
  executable: taken('file', 'an Electron whose engine is measured (this Node)'),
  part: taken('name', 'what a process that it starts itself does'),
};

/** The options of bench:generate. */
export const GENERATE_OPTIONS = {
  'data-dir': taken('folder', 'an empty folder, where the chain is put'),
  blocks: preset('number', '100000', 'blocks of the chain'),
  forks: preset('number', '50', 'branches beside it'),
  seed: preset('number', '1', 'the same seed makes the same chain'),
  transactions: preset('number', '1', 'in each block, its coinbase included'),
};

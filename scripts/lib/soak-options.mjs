// The options of each `npm run soak -- <name>`: read by the script, by the programs that it builds, and by its help.
import { preset, taken } from './options.mjs';

const seed = taken('number', 'repeats a run (picked)');

/** In full length. */
export const SOAK_OPTIONS = {
  conformance: {
    seed,
    minutes: preset('number', '120', 'how long it runs'),
  },
  network: {
    seed,
    minutes: preset('number', '120', 'how long blocks, kills and cuts come'),
    nodes: preset('number', '20', 'processes, at least 6'),
    steady: preset('number', '8', 'of them never killed: their memory counts'),
    speed: preset('number', '4', 'how many times as fast the clock of the nodes is'),
    height: preset('number', '5000', 'blocks that all have before it begins'),
    every: preset('number', '1000', 'ms between two things that happen'),
    out: taken('file', 'where all figures go as JSON (nowhere)'),
    snapshots: taken('folder', 'where heap snapshots of the first node go (nowhere)'),
  },
  storage: {
    seed,
    runs: preset('number', '200', 'kills'),
  },
  damage: {
    seed,
    cuts: preset('number', '200', 'offsets at which the log is cut'),
    flips: preset('number', '200', 'bytes that are flipped in each file'),
    rounds: preset('number', '10', 'bytes that are flipped in each record'),
  },
};

/**
 * `npm run bench:generate -- --blocks 100000 --data-dir <folder> [--forks 50] [--seed 1] [--transactions 1]`
 *
 * Mines a regtest chain of real blocks, with side branches, into a data directory that a node can be started on. Every block goes
 * through Chain.addBlock and all its checks. The same seed makes the same chain, as long as the spacing printed is the same.
 */
import { optionsOrExit, readOrExit, wholeNumber } from '../scripts/lib/options.mjs';
import { Chain } from '../src/node/chain/chain.ts';
import { REGTEST } from '../src/node/consensus/params.ts';
import { systemClock } from '../src/node/util/clock.ts';
import { nullLogger } from '../src/node/util/logger.ts';
import { BatchingStore } from './lib/batching-store.ts';
import { mineBlock, seeded, type Made, type Parent } from './lib/mining.ts';
import { GENERATE_OPTIONS } from './options.mjs';

const MINERS = 8;
/** Seconds between two blocks that the generator aims at, when there is time enough between the first block and today. */
const SPACING = 10;
/** One gap in this many is this many times longer, so that there is something to see. */
const LONG_GAP = { oneIn: 2_000, times: 60 } as const;
const LONGEST_BRANCH = 6;

const { values } = optionsOrExit({ options: GENERATE_OPTIONS }, 'npm run bench:generate -- --data-dir <folder> [options]');
const dataDir = values['data-dir'];
const { count, forks, seed, transactions } = readOrExit(() => {
  const blocks = wholeNumber('blocks', values.blocks, 0);
  return { count: blocks, forks: Math.min(wholeNumber('forks', values.forks, 0), blocks >> 3), seed: wholeNumber('seed', values.seed, 0), transactions: wholeNumber('transactions', values.transactions) };
});
if (dataDir === undefined) fail('say where with --data-dir <folder>');

const params = REGTEST;
const store = new BatchingStore({ dataDir, genesisHash: params.genesisHash });
const chain = new Chain({ params, dataDir }, { clock: systemClock, logger: nullLogger, store });
await chain.open();
if (chain.tip.height > 0) {
  const { height } = chain.tip;
  await chain.close();
  fail(`${dataDir} holds a chain of ${String(height)} blocks; name an empty folder`);
}

const random = seeded(seed);
const first = params.genesis.header.time;
const longGaps = 1 + (LONG_GAP.times - 1) / LONG_GAP.oneIn;
const spacing = Math.min(SPACING, Math.floor(systemClock.now() / 1000 - first) / (count * longGaps + LONG_GAP.times));
const forkEvery = forks === 0 ? Infinity : count / forks;

const startedAt = performance.now();
let tip: Parent = { hash: params.genesisHash, height: 0, time: first };
let exact = first;
let made = 0;
let nextFork = forkEvery / 2;
/** Branches that are mined once the chain is so high that they stay beside it. */
const waiting: { from: Parent; length: number }[] = [];
let saidAt = startedAt;
for (let i = 1; i <= count; i++) {
  const gap = -Math.log(1 - random()) * spacing * (random() < 1 / LONG_GAP.oneIn ? LONG_GAP.times : 1);
  exact += gap;
  const before = tip;
  tip = await add(before, Math.floor(exact));
  if (i >= nextFork && i < count) {
    nextFork += forkEvery;
    waiting.push({ from: before, length: 1 + Math.floor(random() * random() * LONGEST_BRANCH) });
  }
  while (waiting[0] !== undefined && (waiting[0].from.height + waiting[0].length <= tip.height || i === count)) await branch(waiting.shift());
  if (performance.now() - saidAt > 5_000) {
    saidAt = performance.now();
    process.stderr.write(`${tip.height.toLocaleString('en')} blocks, ${rate()} a second\n`);
  }
}
await store.flush();
const seconds = (performance.now() - startedAt) / 1000;
const bytes = await chain.bytesOnDisk();
console.log(`${chain.tip.height.toLocaleString('en')} blocks and ${(made - count).toLocaleString('en')} beside the chain in ${seconds.toFixed(1)} s: ${rate()} a second`);
console.log(`${(bytes / 2 ** 20).toFixed(0)} MiB in ${dataDir}, seed ${String(seed)}, ${spacing.toFixed(2)} s between blocks`);
console.log(`tip ${chain.tip.hash}`);
await chain.close();

/** Mines and adds one block. The median of the last eleven must stay below its time, which "never earlier than its parent" alone does not ensure. */
async function add(parent: Parent, time: number): Promise<Made> {
  const entry = chain.getEntry(parent.hash);
  if (entry === undefined) throw new Error(`${parent.hash} is not in the chain`);
  const earliest = chain.medianTimePast(entry) + 1;
  const miner = 1 + Math.floor(random() * MINERS);
  const block = mineBlock(params, parent, Math.max(time, earliest), miner, made, transactions);
  const result = await chain.addBlock(block.bytes, { kind: 'mined' });
  if (result.status !== 'connected' && result.status !== 'side') throw new Error(`block ${String(block.height)} was not taken: ${result.status}`);
  made += 1;
  return block;
}

/** A branch beside the chain: it is never longer, and was seen later. */
async function branch(planned: { from: Parent; length: number } | undefined): Promise<void> {
  let at = planned?.from ?? tip;
  for (let i = 0; i < (planned?.length ?? 0) && at.height < chain.tip.height; i++) at = await add(at, at.time + 1);
}

function rate(): string {
  return Math.round((made / (performance.now() - startedAt)) * 1000).toLocaleString('en');
}

/** What was asked for cannot be done. */
function fail(message: string): never {
  process.stderr.write(`generate-chain: ${message}\n`);
  process.exit(2);
}

import { afterEach, describe, expect, it } from 'vitest';
import type { AddBlockResult, BlockIndexEntry } from '../../../src/node/chain/types.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { RuleError } from '../../../src/node/consensus/errors.ts';
import { checkBlock, checkBlockContextual } from '../../../src/node/consensus/rules.ts';
import { MINING_LIMITS } from '../../../src/node/mining/limits.ts';
import { Miner } from '../../../src/node/mining/miner.ts';
import type { SearchPool, SearchPoolEvents } from '../../../src/node/mining/worker-pool.ts';
import { blockHash, coinbaseOf, type Block } from '../../../src/node/primitives/block.ts';
import { decodeHeader, type BlockHeader } from '../../../src/node/primitives/header.ts';
import { encodeTransaction, type DataTransaction } from '../../../src/node/primitives/transaction.ts';
import { MAX_BLOCK_BYTES, MAX_TRANSACTIONS } from '../../../src/node/primitives/limits.ts';
import { encodeBlock } from '../../../src/node/primitives/block.ts';
import { displayHash } from '../../../src/node/util/bytes.ts';
import { VirtualClock } from '../../../src/node/util/clock.ts';
import { Emitter } from '../../../src/node/util/emitter.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import type { MiningState } from '../../../src/shared/events.ts';

/** Workers that do what the test says. */
class ScriptedPool extends Emitter<SearchPoolEvents> implements SearchPool {
  readonly size = 3;
  headers: BlockHeader[] = [];
  searching = false;
  closed = false;
  /** The system has no thread to give, once. */
  refuses: Error | undefined;
  #search = 0;

  newJob(): void {
    // Crashes are the pool's own business.
  }
  search(header: Uint8Array): number {
    const { refuses } = this;
    this.refuses = undefined;
    if (refuses !== undefined) throw refuses;
    this.headers.push(decodeHeader(header));
    this.searching = true;
    return (this.#search += 1);
  }
  halt(): Promise<void> {
    this.searching = false;
    return Promise.resolve();
  }
  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
  /** The search that runs finds this nonce. */
  find(nonce = 42): void {
    this.emit('found', this.#search, nonce);
  }
  get last(): number {
    return this.#search;
  }
}

function entryOf(block: Block, parent: BlockIndexEntry | undefined): BlockIndexEntry {
  return {
    hash: blockHash(block),
    parent,
    height: (parent?.height ?? -1) + 1,
    time: block.header.time,
    bits: block.header.bits,
    chainwork: (parent?.chainwork ?? 0n) + 2n,
    sequence: 1,
    hasBlock: true,
    invalid: false,
    size: 1,
    transactionCount: block.transactions.length,
    receivedAt: 0,
    anchorHeight: 0,
    anchorParentTime: 0,
  };
}

const genesis = entryOf(REGTEST.genesis, undefined);
const START = (REGTEST.genesis.header.time + 1000) * 1000;
const miners: Miner[] = [];
afterEach(async () => {
  await Promise.all(miners.splice(0).map((miner) => miner.close()));
});

function setup(options: { answer?: (block: Block) => AddBlockResult | Promise<AddBlockResult> } = {}) {
  const clock = new VirtualClock(START);
  const pool = new ScriptedPool();
  const submitted: Block[] = [];
  const states: MiningState[] = [];
  const parts = {
    tip: genesis,
    medianTime: genesis.time,
    transactions: [] as DataTransaction[],
    selectBytes: 0,
    answer: options.answer,
  };
  const miner = new Miner(
    { minerId: new Uint8Array(16).fill(9), minerName: 'Aster' },
    {
      chain: {
        get tip() {
          return parts.tip;
        },
        nextBits: () => REGTEST.powLimitBits,
        medianTimePast: () => parts.medianTime,
      },
      select: (maxBytes) => {
        parts.selectBytes = maxBytes;
        return parts.transactions;
      },
      submit: async (block) => {
        submitted.push(block);
        if (parts.answer !== undefined) return parts.answer(block);
        parts.tip = entryOf(block, parts.tip);
        miner.tipChanged();
        return Promise.resolve({ status: 'connected', entry: parts.tip });
      },
      pool,
      clock,
      logger: nullLogger,
    },
  );
  miner.on('state', (state) => states.push(state));
  miners.push(miner);
  return { clock, pool, submitted, states, parts, miner };
}

const transaction = (text: string): DataTransaction => ({ version: 1, kind: 'data', time: START, salt: new Uint8Array(8).fill(text.length), dataText: JSON.stringify(text) });

describe('Miner', () => {
  it('mines on the tip and hands a valid block to the one door', async () => {
    const { miner, pool, submitted, parts } = setup();
    parts.transactions = [transaction('one'), transaction('three')];
    const job = miner.mine('{"a": 1.0}');
    expect(job.jobId).toBe(1);
    pool.emit('progress', 1, 8, undefined);
    pool.find(7);
    const mined = await job.done;
    const block = submitted[0];
    if (block === undefined) throw new Error('nothing was submitted');
    expect(mined).toEqual({ jobId: 1, hash: blockHash(block), height: 1 });
    expect(block.header).toMatchObject({ version: 1, bits: REGTEST.powLimitBits, nonce: 7, time: START / 1000 });
    expect(displayHash(block.header.previousHash)).toBe(genesis.hash);
    expect(coinbaseOf(block)).toMatchObject({ height: 1, minerName: 'Aster', dataText: '{"a": 1.0}' });
    expect(block.transactions).toHaveLength(3);
    checkBlock(block);
    checkBlockContextual(block, { height: 1 });
    expect(miner.state()).toMatchObject({ status: 'idle', lastResult: { jobId: 1, outcome: 'found', height: 1 } });
    expect(miner.state().lastResult?.hashes).toBe(8);
  });

  it('dates a block after the median of the last blocks even when the clock is behind', () => {
    const { miner, pool, parts } = setup();
    parts.medianTime = START / 1000 + 500;
    miner.mine('1');
    expect(pool.headers[0]?.time).toBe(parts.medianTime + 1);
  });

  it('leaves room for the coinbase and the header, and takes no more than the allowed number of transactions', async () => {
    const { miner, pool, submitted, parts } = setup();
    parts.transactions = Array.from({ length: MAX_TRANSACTIONS + 5 }, () => transaction('x'));
    const job = miner.mine(JSON.stringify('d'.repeat(1000)));
    pool.find();
    await job.done;
    const block = submitted[0];
    if (block === undefined) throw new Error('nothing was submitted');
    expect(block.transactions).toHaveLength(MAX_TRANSACTIONS);
    const empty = encodeBlock({ ...block, transactions: [coinbaseOf(block)] }).length;
    expect(parts.selectBytes + empty).toBeLessThanOrEqual(MAX_BLOCK_BYTES);
    expect(parts.selectBytes + empty).toBeGreaterThan(MAX_BLOCK_BYTES - encodeTransaction(transaction('x')).length);
  });

  it('goes on with a new template when a rival takes the tip, and drops what was found for the old one', async () => {
    const { miner, pool, submitted, parts } = setup();
    const job = miner.mine('"mine"');
    const stale = pool.last;
    parts.tip = entryOf({ header: { ...REGTEST.genesis.header, nonce: 99 }, transactions: REGTEST.genesis.transactions }, genesis);
    miner.tipChanged();
    pool.emit('found', stale, 5);
    expect(submitted).toHaveLength(0);
    expect(pool.headers).toHaveLength(2);
    expect(displayHash((pool.headers[1] as BlockHeader).previousHash)).toBe(parts.tip.hash);
    expect(miner.state()).toMatchObject({ height: 2, templateRenewals: 1, jobId: 1 });
    pool.find();
    expect((await job.done).height).toBe(2);
  });

  it('goes on when its block ends up beside the active chain', async () => {
    const { miner, pool, parts } = setup({ answer: (block) => ({ status: 'side', entry: entryOf(block, genesis) }) });
    const job = miner.mine('"mine"');
    pool.find();
    await Promise.resolve();
    await Promise.resolve();
    expect(pool.headers).toHaveLength(2);
    expect(miner.state().status).toBe('mining');
    parts.answer = undefined;
    pool.find();
    expect((await job.done).height).toBe(1);
  });

  it('fails with the reason when the node refuses the block', async () => {
    const { miner, pool } = setup({ answer: (block) => ({ status: 'invalid', hash: blockHash(block), error: new RuleError('bad-bits', 'a', 'b', 'its bits are wrong') }) });
    const job = miner.mine('1');
    pool.find();
    await expect(job.done).rejects.toMatchObject({ code: 'mining-failed', message: expect.stringContaining('its bits are wrong') as string });
    expect(miner.state().lastResult).toMatchObject({ outcome: 'failed' });
  });

  it('keeps a block that could not be stored and offers it again until there is room', async () => {
    let full = true;
    const { miner, pool, clock, submitted, parts } = setup({
      answer: (block) => {
        if (full) throw new Error('no space left on the device');
        parts.tip = entryOf(block, parts.tip);
        return { status: 'connected', entry: parts.tip };
      },
    });
    const job = miner.mine('1');
    pool.find();
    await clock.advanceAsync(MINING_LIMITS.submitRetryMs * 2);
    expect(submitted.length).toBe(3);
    expect(pool.searching).toBe(false);
    full = false;
    await clock.advanceAsync(MINING_LIMITS.submitRetryMs);
    const mined = await job.done;
    expect(new Set(submitted.map((block) => blockHash(block)))).toEqual(new Set([mined.hash]));
  });

  it('can be stopped while it waits for room', async () => {
    const { miner, pool, clock, submitted } = setup({
      answer: () => {
        throw new Error('no space left on the device');
      },
    });
    const job = miner.mine('1');
    pool.find();
    await clock.advanceAsync(0);
    expect(await miner.stop()).toBe(true);
    await expect(job.done).rejects.toMatchObject({ code: 'mining-stopped' });
    await clock.advanceAsync(MINING_LIMITS.submitRetryMs * 3);
    expect(submitted).toHaveLength(1);
  });

  it('leaves a block that waits for room when a rival takes the tip', async () => {
    const { miner, pool, clock, submitted, parts } = setup({
      answer: () => {
        throw new Error('no space left on the device');
      },
    });
    miner.mine('1');
    pool.find();
    await clock.advanceAsync(0);
    parts.tip = entryOf({ header: { ...REGTEST.genesis.header, nonce: 7 }, transactions: [] }, genesis);
    miner.tipChanged();
    expect(pool.searching).toBe(true);
    expect(pool.headers.map(({ previousHash }) => displayHash(previousHash))).toEqual([genesis.hash, parts.tip.hash]);
    await clock.advanceAsync(MINING_LIMITS.submitRetryMs * 2);
    expect(submitted).toHaveLength(1);
  });

  it('goes on at once when a rival took the tip while its block could not be stored', async () => {
    const { miner, pool, clock, parts } = setup({
      answer: () => {
        parts.tip = entryOf({ header: { ...REGTEST.genesis.header, nonce: 7 }, transactions: [] }, genesis);
        miner.tipChanged();
        throw new Error('no space left on the device');
      },
    });
    miner.mine('1');
    pool.find();
    await clock.advanceAsync(0);
    expect(pool.searching).toBe(true);
    expect(pool.headers.map(({ previousHash }) => displayHash(previousHash))).toEqual([genesis.hash, parts.tip.hash]);
  });

  it('can be stopped while its block is stored: found when it is on the chain, stopped when it is beside it', async () => {
    for (const status of ['connected', 'side'] as const) {
      let store: () => void = () => undefined;
      const stored = new Promise<void>((resolve) => (store = resolve));
      const { miner, pool, clock } = setup({
        answer: async (block) => {
          await stored;
          return { status, entry: entryOf(block, genesis) };
        },
      });
      const job = miner.mine('1');
      pool.find();
      await clock.advanceAsync(0);
      const stopped = miner.stop();
      store();
      if (status === 'connected') expect((await job.done).jobId).toBe(job.jobId);
      else await expect(job.done).rejects.toMatchObject({ code: 'mining-stopped' });
      expect(await stopped).toBe(true);
      expect(pool.searching).toBe(false);
      expect(miner.state().status).toBe('idle');
    }
  });

  it('renews its template for new transactions, but not more often than allowed and not for nothing', async () => {
    const { miner, pool, clock, parts } = setup();
    miner.mine('1');
    miner.mempoolChanged();
    await clock.advanceAsync(MINING_LIMITS.mempoolRenewMs);
    expect(pool.headers).toHaveLength(1);
    parts.transactions = [transaction('new')];
    miner.mempoolChanged();
    miner.mempoolChanged();
    await clock.advanceAsync(0);
    expect(pool.headers).toHaveLength(2);
    parts.transactions = [...parts.transactions, transaction('second')];
    miner.mempoolChanged();
    await clock.advanceAsync(MINING_LIMITS.mempoolRenewMs - 1);
    expect(pool.headers).toHaveLength(2);
    await clock.advanceAsync(1);
    expect(pool.headers).toHaveLength(3);
    expect(miner.state().templateRenewals).toBe(2);
  });

  it('keeps the time of its template true, with other nonces to try each time', async () => {
    const { miner, pool, clock } = setup();
    miner.mine('1');
    await clock.advanceAsync(MINING_LIMITS.templateMaxAgeMs);
    pool.emit('exhausted', pool.last);
    expect(pool.headers).toHaveLength(3);
    const [first, second, third] = pool.headers;
    expect((second?.time ?? 0) - (first?.time ?? 0)).toBe(MINING_LIMITS.templateMaxAgeMs / 1000);
    // The extra nonce is in the coinbase, so the merkle root differs.
    expect(new Set([first, second, third].map((header) => displayHash(header?.merkleRoot ?? new Uint8Array(32)))).size).toBe(3);
    expect(miner.state().templateRenewals).toBe(0);
  });

  it('tells tries, rate and closest miss four times a second', async () => {
    const { miner, pool, clock, states } = setup();
    miner.mine('"hello"');
    states.length = 0;
    for (let step = 0; step < 16; step += 1) {
      const best = new Uint8Array(32).fill(0xff);
      best[31] = step === 3 ? 0 : 1;
      pool.emit('progress', pool.last, 500, best);
      await clock.advanceAsync(MINING_LIMITS.progressMs);
    }
    expect(states).toHaveLength(16);
    const last = states.at(-1);
    expect(last).toMatchObject({ status: 'mining', hashes: 8_000, hashRate: 2_000, bestZeroBits: 8, dataPreview: 'hello', workers: 3, requiredZeroBits: 1 });
    expect(last?.bestHash?.startsWith('00ff')).toBe(true);
    expect(last?.rateHistory).toHaveLength(16);
  });

  it('keeps a bounded history of rates', async () => {
    const { miner, clock } = setup();
    miner.mine('1');
    await clock.advanceAsync(MINING_LIMITS.progressMs * (MINING_LIMITS.rateHistory + 10));
    expect(miner.state().rateHistory).toHaveLength(MINING_LIMITS.rateHistory);
  });

  it('mines one job at a time in order, and refuses more than the queue holds', async () => {
    const { miner, pool, clock, submitted } = setup();
    const jobs = Array.from({ length: MINING_LIMITS.queue + 1 }, (_, index) => miner.mine(String(index)));
    expect(() => miner.mine('"one too many"')).toThrow(expect.objectContaining({ code: 'mining-queue-full' }) as Error);
    expect(miner.state()).toMatchObject({ jobId: 1, queued: MINING_LIMITS.queue });
    for (const job of jobs) {
      pool.find();
      expect((await job.done).jobId).toBe(job.jobId);
      await clock.advanceAsync(0);
    }
    expect(submitted.map((block) => coinbaseOf(block).dataText)).toEqual(jobs.map((_, index) => String(index)));
    expect(miner.state()).toMatchObject({ status: 'idle', queued: 0, jobId: jobs.length });
  });

  it('a job for which no thread can be started fails, and the next one runs', async () => {
    const { miner, pool } = setup();
    pool.refuses = new Error('EAGAIN');
    const [first, second] = [miner.mine('1'), miner.mine('2')];
    await expect(first.done).rejects.toMatchObject({ code: 'mining-failed', message: 'The mining threads stopped working (EAGAIN). Mine again, or restart Chainscope.' });
    expect(miner.state()).toMatchObject({ status: 'mining', jobId: second.jobId, queued: 0 });
    // Also when a template is renewed.
    pool.refuses = new Error('EAGAIN');
    miner.tipChanged();
    await expect(second.done).rejects.toMatchObject({ code: 'mining-failed' });
    expect(miner.state()).toMatchObject({ status: 'idle', lastResult: { outcome: 'failed' } });
    const third = miner.mine('3');
    pool.find();
    expect((await third.done).jobId).toBe(third.jobId);
  });

  it('stops everything, and nothing follows', async () => {
    const { miner, pool, clock, states } = setup();
    const jobs = [miner.mine('1'), miner.mine('2')];
    expect(await miner.stop()).toBe(true);
    for (const job of jobs) await expect(job.done).rejects.toMatchObject({ code: 'mining-stopped' });
    expect(pool.searching).toBe(false);
    expect(states.at(-1)).toMatchObject({ status: 'idle', lastResult: { jobId: 1, outcome: 'stopped', dropped: 1 } });
    expect(clock.timerCount).toBe(0);
    const count = states.length;
    await clock.advanceAsync(60_000);
    expect(states).toHaveLength(count);
    expect(await miner.stop()).toBe(false);
  });

  it('stops one job by its number: the running one gives way to the next, a waiting one leaves the queue', async () => {
    const { miner, pool } = setup();
    const [first, second, third] = [miner.mine('1'), miner.mine('2'), miner.mine('3')];
    expect(await miner.stop(second.jobId)).toBe(true);
    await expect(second.done).rejects.toMatchObject({ code: 'mining-stopped' });
    expect(miner.state()).toMatchObject({ jobId: first.jobId, queued: 1 });
    expect(await miner.stop(first.jobId)).toBe(true);
    await expect(first.done).rejects.toMatchObject({ code: 'mining-stopped' });
    expect(pool.searching).toBe(true);
    pool.find();
    expect((await third.done).jobId).toBe(third.jobId);
    expect(await miner.stop(99)).toBe(false);
  });

  it('fails the job when the threads cannot go on, and takes the next one', async () => {
    const { miner, pool } = setup();
    const first = miner.mine('1');
    const second = miner.mine('2');
    pool.emit('failed', new Error('out of memory'));
    await expect(first.done).rejects.toMatchObject({ code: 'mining-failed', message: expect.stringContaining('out of memory') as string });
    pool.find();
    expect((await second.done).jobId).toBe(second.jobId);
  });

  it('takes no job after it is closed', async () => {
    const { miner, pool } = setup();
    const job = miner.mine('1');
    await miner.close();
    await expect(job.done).rejects.toMatchObject({ code: 'mining-stopped' });
    expect(pool.closed).toBe(true);
    expect(() => miner.mine('2')).toThrow(expect.objectContaining({ code: 'node-closing' }) as Error);
  });
});

import { describe, expect, it } from 'vitest';
import type { Chain } from '../../../src/node/chain/chain.ts';
import { MAX_MEMPOOL_BYTES, MAX_MEMPOOL_COUNT, MAX_MEMPOOL_ENTRY_BYTES } from '../../../src/node/mempool/limits.ts';
import { DEFAULT_MEMPOOL_LIMITS, Mempool, type MempoolLimits } from '../../../src/node/mempool/mempool.ts';
import { MAX_DATA_BYTES } from '../../../src/node/primitives/limits.ts';
import { coinbaseOf } from '../../../src/node/primitives/block.ts';
import { encodeTransaction, transactionHashHex, type DataTransaction } from '../../../src/node/primitives/transaction.ts';
import { VirtualClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { addAll, openChain, PEER } from '../chain/support.ts';

const LOCAL = { kind: 'local' } as const;
const size = (tx: DataTransaction): number => encodeTransaction(tx).length;

function makePool(chain: Pick<Chain, 'findTransaction'>, limits: Partial<MempoolLimits> = {}): { pool: Mempool; log: string[] } {
  const pool = new Mempool({ limits }, { chain, clock: new VirtualClock(), logger: nullLogger });
  const log: string[] = [];
  pool.on('add', (entry) => log.push(`add ${entry.id.slice(0, 8)} ${entry.origin.kind}`));
  pool.on('remove', (ids, reason) => log.push(`remove ${ids.length} ${reason}`));
  return { pool, log };
}

/** As the node wires them. */
async function wired(limits: Partial<MempoolLimits> = {}): Promise<{ chain: Chain; pool: Mempool; log: string[] }> {
  const { chain } = await openChain();
  const made = makePool(chain, limits);
  chain.on('connect', (_entry, block) => made.pool.blockConnected(block));
  chain.on('disconnect', (_entry, block) => made.pool.blockDisconnected(block));
  chain.on('connect-unread', (_entry, ids) => made.pool.idsConnected(ids));
  chain.on('tip', () => {
    made.pool.settle();
  });
  return { chain, ...made };
}

describe('Mempool', () => {
  it('takes data transactions in, in the order in which they come', async () => {
    const { pool, log } = await wired();
    const txs = [dataTransaction('a'), dataTransaction('b'), dataTransaction('c')];
    for (const tx of txs) expect(await pool.add(tx, LOCAL)).toMatchObject({ status: 'added', entry: { transaction: tx, size: size(tx), receivedAt: 1_767_225_600_000 } });
    const ids = txs.map(transactionHashHex);
    expect(pool.entries().map((entry) => entry.id)).toEqual(ids);
    expect(pool.count).toBe(3);
    expect(pool.bytes).toBe(txs.reduce((sum, tx) => sum + size(tx), 0));
    expect(pool.get(ids[1] ?? '')?.transaction).toBe(txs[1]);
    expect(pool.has('0'.repeat(64))).toBe(false);
    expect(log).toEqual(ids.map((id) => `add ${id.slice(0, 8)} local`));
  });

  it('MEM-02 MEM-03 ignores what it has and what is mined', async () => {
    const { chain, pool } = await wired();
    const tx = dataTransaction('once');
    const mined = dataTransaction('mined');
    await pool.add(tx, LOCAL);
    expect(await pool.add({ ...tx }, LOCAL)).toEqual({ status: 'known', id: transactionHashHex(tx) });
    await chain.addBlock(mineBlock(genesisParent(), { txs: [mined] }).bytes, PEER);
    expect(await pool.add(mined, LOCAL)).toEqual({ status: 'mined', id: transactionHashHex(mined) });
    // The same one by two ways at the same time.
    const both = dataTransaction('both');
    const results = await Promise.all([pool.add(both, LOCAL), pool.add(both, LOCAL)]);
    expect(results.map((result) => result.status).sort()).toEqual(['added', 'known']);
    expect(pool.count).toBe(2);
  });

  it('MEM-05 refuses what breaks a rule', async () => {
    const { pool, log } = await wired();
    const { block } = mineBlock(genesisParent());
    const cases: [string, Parameters<Mempool['add']>[0]][] = [
      ['bad-data-json', { ...dataTransaction(), dataText: '{' }],
      ['json-too-deep', { ...dataTransaction(), dataText: '['.repeat(33) + ']'.repeat(33) }],
      ['data-too-large', { ...dataTransaction(), dataText: JSON.stringify('x'.repeat(MAX_DATA_BYTES)) }],
      ['coinbase-extra', coinbaseOf(block)],
      ['block-malformed', { ...dataTransaction(), salt: new Uint8Array(3) }],
      ['block-malformed', { ...dataTransaction(), dataText: '"\ud800"' }],
    ];
    for (const [rule, tx] of cases) expect(await pool.add(tx, LOCAL), rule).toMatchObject({ status: 'invalid', error: { rule } });
    expect(pool.count).toBe(0);
    expect(log).toEqual([]);
  });

  it('a transaction of the size that a block allows fits, one byte above the pool’s limit does not', async () => {
    const { pool } = await wired();
    const largest = { ...dataTransaction(), dataText: JSON.stringify('x'.repeat(MAX_DATA_BYTES - 2)) };
    expect((await pool.add(largest, LOCAL)).status).toBe('added');
    expect(size(largest)).toBeLessThanOrEqual(MAX_MEMPOOL_ENTRY_BYTES);
    const tx = dataTransaction('just so');
    const { pool: tight } = await wired({ entryBytes: size(tx) - 1 });
    expect(await tight.add(tx, LOCAL)).toMatchObject({ status: 'invalid', error: { rule: 'data-too-large' } });
    const { pool: exact } = await wired({ entryBytes: size(tx), bytes: size(tx) });
    expect((await exact.add(tx, LOCAL)).status).toBe('added');
    const { pool: tiny } = await wired({ bytes: size(tx) - 1 });
    expect(await tiny.add(tx, LOCAL)).toEqual({ status: 'full', id: transactionHashHex(tx) });
  });

  it('a reorg pushes nobody out for transactions that are in its new branch too, and is within the limits when it is over', async () => {
    const both = [dataTransaction('t1'), dataTransaction('t2')];
    const waiting = [dataTransaction('u1'), dataTransaction('u2')];
    const ids = (txs: typeof both): string[] => txs.map(transactionHashHex);
    for (const inBoth of [true, false]) {
      const { chain, pool } = await wired({ count: 2 });
      for (const tx of waiting) await pool.add(tx, LOCAL);
      await addAll(chain, [mineBlock(genesisParent(), { txs: both })]);
      await addAll(chain, mineFork(genesisParent(), 2, (index) => ({ txs: inBoth && index === 0 ? both : [] })));
      expect(pool.entries().map(({ id }) => id)).toEqual(ids(inBoth ? waiting : both));
    }
    // What is set aside and mined meanwhile does not come back; what finds no room is told.
    const { pool, log } = makePool({ findTransaction: () => Promise.resolve(undefined) }, { count: 2 });
    for (const tx of waiting) await pool.add(tx, LOCAL);
    pool.blockDisconnected(mineBlock(genesisParent(), { txs: both }).block);
    expect(pool.entries().map(({ id }) => id)).toEqual(ids(both));
    pool.blockConnected(mineBlock(genesisParent(), { txs: [...both.slice(0, 1), ...waiting.slice(1)] }).block);
    log.length = 0;
    pool.settle();
    expect(pool.entries().map(({ id }) => id)).toEqual(ids([...waiting.slice(0, 1), ...both.slice(1)]));
    const third = dataTransaction('t3');
    pool.blockDisconnected(mineBlock(genesisParent(), { txs: [third] }).block);
    pool.settle();
    expect(log).toEqual([`add ${transactionHashHex(third).slice(0, 8)} reorg`, 'remove 1 evicted']);
    expect(pool.count).toBe(2);
  });

  it('nor does a second reorg push out who came back with the first', async () => {
    const waiting = [dataTransaction('u1'), dataTransaction('u2')];
    const both = [dataTransaction('t1'), dataTransaction('t2')];
    const { chain, pool } = await wired({ count: 2 });
    const [first, second] = mineFork(genesisParent(), 2) as [MinedBlock, MinedBlock];
    await addAll(chain, [mineBlock(genesisParent(), { txs: waiting }), first, second]);
    expect(pool.entries().map(({ transaction }) => transaction)).toEqual(waiting);
    await addAll(chain, [mineBlock(second, { txs: both }), ...mineFork(second, 2, (index) => ({ txs: index === 0 ? both : [] }))]);
    expect(chain.tip.height).toBe(4);
    expect(pool.entries().map(({ transaction }) => transaction)).toEqual(waiting);
  });

  it('has the same room for who is set aside at each reorg', async () => {
    const waiting = ['u1', 'u2', 'u3', 'u4'].map((text) => dataTransaction(text));
    const { pool } = await wired({ bytes: waiting.reduce((sum, tx) => sum + size(tx), 0) });
    for (const tx of waiting) await pool.add(tx, LOCAL);
    for (let round = 0; round <= waiting.length; round++) {
      const { block } = mineBlock(genesisParent(), { txs: [dataTransaction('t0')] });
      pool.blockDisconnected(block);
      pool.blockConnected(block);
      pool.settle();
      expect(pool.entries().map(({ transaction }) => transaction)).toEqual(waiting);
    }
  });

  it('has one once that was set aside and came again before the reorg was over', async () => {
    const waiting = [dataTransaction('u1'), dataTransaction('u2'), dataTransaction('u3')] as const;
    const { pool, log } = await wired({ count: 3 });
    for (const tx of waiting) await pool.add(tx, LOCAL);
    const { block } = mineBlock(genesisParent(), { txs: ['t1', 't2', 't3'].map((text) => dataTransaction(text)) });
    pool.blockDisconnected(block);
    expect((await pool.add(waiting[2], LOCAL)).status).toBe('added');
    pool.blockConnected(block);
    log.length = 0;
    pool.settle();
    expect(pool.entries().map(({ transaction }) => transaction)).toEqual(waiting);
    expect(pool.bytes).toBe(waiting.reduce((sum, tx) => sum + size(tx), 0));
    expect(log).toEqual([]);
  });

  it('MEM-01 stays within its count, the oldest out', { timeout: 60_000 }, async () => {
    expect(DEFAULT_MEMPOOL_LIMITS.count).toBe(MAX_MEMPOOL_COUNT);
    const pool = makePool({ findTransaction: () => Promise.resolve(undefined) }).pool;
    const total = MAX_MEMPOOL_COUNT + 500;
    const ids: string[] = [];
    let evicted = 0;
    pool.on('remove', (gone, reason) => {
      expect(reason).toBe('evicted');
      for (const id of gone) expect(id).toBe(ids[evicted++]);
    });
    for (let i = 0; i < total; i++) {
      const tx = dataTransaction(i);
      ids.push(transactionHashHex(tx));
      await pool.add(tx, LOCAL);
    }
    expect(pool.count).toBe(MAX_MEMPOOL_COUNT);
    expect(evicted).toBe(500);
    expect(pool.entries()[0]?.id).toBe(ids[500]);
  });

  it('MEM-01 stays within its bytes, the oldest out', async () => {
    const pool = makePool({ findTransaction: () => Promise.resolve(undefined) }).pool;
    const big = 'x'.repeat(200_000);
    for (let i = 0; i < 40; i++) {
      await pool.add(dataTransaction(big), LOCAL);
      expect(pool.bytes).toBeLessThanOrEqual(MAX_MEMPOOL_BYTES);
    }
    expect(pool.bytes).toBe(pool.entries().reduce((sum, entry) => sum + entry.size, 0));
    expect(pool.count).toBe(Math.floor(MAX_MEMPOOL_BYTES / (pool.entries()[0]?.size ?? 1)));
  });

  it('selects by order of arrival within the bytes, and passes over what does not fit', async () => {
    const { pool } = await wired();
    const small = [dataTransaction('a'), dataTransaction('b'), dataTransaction('c')] as const;
    const big = dataTransaction('x'.repeat(1_000));
    for (const tx of [small[0], big, small[1], small[2]]) await pool.add(tx, LOCAL);
    expect(pool.select(10_000)).toEqual([small[0], big, small[1], small[2]]);
    expect(pool.select(size(small[0]) + size(small[1]))).toEqual([small[0], small[1]]);
    expect(pool.select(10_000, 2)).toEqual([small[0], big]);
    expect(pool.select(0)).toEqual([]);
    expect(pool.count).toBe(4);
  });

  it('lets go of what a block holds', async () => {
    const { chain, pool, log } = await wired();
    const txs = [dataTransaction('a'), dataTransaction('b')] as const;
    for (const tx of txs) await pool.add(tx, LOCAL);
    log.length = 0;
    await chain.addBlock(mineBlock(genesisParent(), { txs: [txs[0]] }).bytes, PEER);
    expect(pool.entries().map((entry) => entry.transaction)).toEqual([txs[1]]);
    expect(pool.bytes).toBe(size(txs[1]));
    expect(log).toEqual(['remove 1 mined']);
  });

  it('MEM-04 a reorg returns what only the old branch held', async () => {
    const { chain, pool, log } = await wired();
    const [both, old, fresh, waiting] = [dataTransaction('both'), dataTransaction('old'), dataTransaction('new'), dataTransaction('waiting')];
    await pool.add(waiting, LOCAL);
    await addAll(chain, mineFork(genesisParent(), 2, (i) => ({ txs: i === 0 ? [both] : [old] })));
    await pool.add(fresh, LOCAL);
    log.length = 0;
    await addAll(chain, mineFork(genesisParent(), 3, (i) => ({ txs: i === 0 ? [fresh] : i === 2 ? [both] : [] })));
    expect(chain.tip.height).toBe(3);
    expect(new Set(pool.entries().map((entry) => entry.transaction))).toEqual(new Set([waiting, old]));
    expect(pool.get(transactionHashHex(old))?.origin).toEqual({ kind: 'reorg' });
    expect(log.filter((line) => line.endsWith('reorg'))).toHaveLength(2);
    expect(await pool.add(old, LOCAL)).toMatchObject({ status: 'known' });
    expect(await pool.add(both, LOCAL)).toMatchObject({ status: 'mined' });
  });

  it('a block that returns too much stays within the limits, and tells what came back', async () => {
    const pool = makePool({ findTransaction: () => Promise.resolve(undefined) }, { count: 3 }).pool;
    const txs = Array.from({ length: 5 }, (_, i) => dataTransaction(i));
    const returned = pool.blockDisconnected(mineBlock(genesisParent(), { txs }).block);
    expect(returned).toEqual(txs.map(transactionHashHex));
    expect(pool.entries().map((entry) => entry.transaction)).toEqual(txs.slice(2));
  });

  it('sees a block that connects while it looks a transaction up', async () => {
    const tx = dataTransaction('race');
    const { block, hash } = mineBlock(genesisParent(), { txs: [tx] });
    let looked = 0;
    const { pool } = makePool({
      findTransaction: () => {
        looked++;
        // The block is connected after this look-up began and before its answer is used.
        if (looked === 1) pool.blockConnected(block);
        return Promise.resolve(looked === 1 ? undefined : { blockHash: hash, height: 1 });
      },
    });
    expect((await pool.add(tx, LOCAL)).status).toBe('mined');
    expect(looked).toBe(2);
    expect(pool.count).toBe(0);
  });
});

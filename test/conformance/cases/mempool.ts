import { expect } from 'vitest';
import { MAX_MEMPOOL_BYTES, MAX_MEMPOOL_COUNT } from '../../../src/node/mempool/limits.ts';
import { encodeTransaction, type DataTransaction } from '../../../src/node/primitives/transaction.ts';
import { displayHash } from '../../../src/node/util/bytes.ts';
import { hash256 } from '../../../src/node/util/hash.ts';
import { dataTransaction } from '../../helpers/mine-fork.ts';
import type { RawPeer } from '../../helpers/raw-peer.ts';
import { until } from '../../helpers/until.ts';
import { expectDrop, fork, oneBlock, readToHere, sendBlock, type Case, type World } from '../world.ts';

const idOf = (transaction: DataTransaction): string => displayHash(hash256(encodeTransaction(transaction)));
const fresh = (data: unknown): DataTransaction => dataTransaction(data, Date.now());

function send(peer: RawPeer, transaction: DataTransaction): void {
  peer.send({ type: 'tx', id: '', transaction });
}

/** Mines what waits, so that the next case finds an empty pool. */
async function mineAll(world: World): Promise<void> {
  while (world.parts.mempool.count > 0) await world.give([oneBlock(world.tip, { txs: world.parts.mempool.select(900_000, 5_000) })]);
}

export const mempoolCases: Case[] = [
  {
    id: 'MEM-01',
    title: '100,000 transactions: the limits hold, the oldest leave, and the neighbour is not flooded',
    timeout: 120_000,
    run: async (world) => {
      const { mempool } = world.parts;
      // From the wire, at the rate that one peer may keep; and so many as no wire brings in the time of a test.
      const peer = await world.peer();
      const first = Array.from({ length: 300 }, (_, i) => fresh(`wire ${String(i)}`));
      for (const transaction of first) send(peer, transaction);
      await until('taken', () => first.every((transaction) => mempool.has(idOf(transaction))), 20_000);
      let last = '';
      for (let i = 0; i < 100_000; i += 500) {
        const results = await Promise.all(Array.from({ length: 500 }, (_, j) => mempool.add(fresh(i + j), { kind: 'local' })));
        if (results.some(({ status }) => status !== 'added')) throw new Error('every one of them is new');
        last = mempool.entries().at(-1)?.id ?? '';
        expect(mempool.count).toBeLessThanOrEqual(MAX_MEMPOOL_COUNT);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(mempool.count).toBe(MAX_MEMPOOL_COUNT);
      expect(mempool.bytes).toBeLessThanOrEqual(MAX_MEMPOOL_BYTES);
      expect(mempool.has(last)).toBe(true);
      expect(first.some((transaction) => mempool.has(idOf(transaction)))).toBe(false);
      expect((await world.http('/transactions')).status).toBe(200);
      await mineAll(world);
    },
  },
  {
    id: 'MEM-02',
    title: 'one that is there, and one that was mined: ignored',
    run: async (world) => {
      const { mempool } = world.parts;
      const transaction = fresh('once');
      const id = idOf(transaction);
      const peer = await world.peer();
      send(peer, transaction);
      send(peer, transaction);
      await until('taken', () => mempool.has(id));
      await readToHere(peer);
      // Not by the number of all: a neighbour may bring others meanwhile, and at the limit each new one sends an old one away.
      expect(mempool.entries().filter((entry) => entry.id === id)).toHaveLength(1);
      await world.give([oneBlock(world.tip, { txs: [transaction] })]);
      expect(mempool.has(id)).toBe(false);
      send(peer, transaction);
      await readToHere(peer);
      expect(await mempool.add(transaction, { kind: 'local' })).toMatchObject({ status: 'mined' });
      expect(mempool.has(id)).toBe(false);
      expect(peer.end).toBeUndefined();
    },
  },
  {
    id: 'MEM-03',
    title: 'the same one from another peer: the first stays; one that differs in a byte is another one',
    run: async (world) => {
      const { mempool } = world.parts;
      const transaction = fresh('first');
      const [a, b] = [await world.peer(), await world.peer()];
      send(a, transaction);
      await until('taken', () => mempool.has(idOf(transaction)));
      const entry = mempool.get(idOf(transaction));
      send(b, transaction);
      await readToHere(b);
      expect(mempool.get(idOf(transaction))).toBe(entry);
      const rival = { ...transaction, dataText: '"second"' };
      send(b, rival);
      await until('the other one', () => mempool.has(idOf(rival)));
      expect(mempool.get(idOf(transaction))).toBe(entry);
      await mineAll(world);
    },
  },
  {
    id: 'MEM-04',
    title: 'a reorg: what only the old branch held is pending again',
    run: async (world) => {
      const { mempool } = world.parts;
      const [returning, inBoth] = [fresh('comes back'), fresh('in both')];
      const base = world.tip;
      await world.give([oneBlock(base, { txs: [returning, inBoth] })]);
      await world.agree();
      const heavier = fork(base, 2, (index) => (index === 0 ? { txs: [inBoth] } : {}));
      await world.server(base, heavier);
      await until('the reorg', () => world.tip.hash === heavier[1]?.hash);
      expect([mempool.has(idOf(returning)), mempool.has(idOf(inBoth))]).toEqual([true, false]);
      expect(world.events('reorg').at(-1)?.reorg.returnedTransactions).toBe(1);
      await mineAll(world);
    },
  },
  {
    id: 'MEM-05',
    title: 'a coinbase, no JSON, too deep, too large: dropped or not taken; mining goes on',
    run: async (world) => {
      const { mempool } = world.parts;
      const before = mempool.count;
      const coinbase = await world.peer();
      const [transaction] = oneBlock(world.tip).block.transactions;
      if (transaction === undefined) throw new Error('a block has a coinbase');
      coinbase.send({ type: 'tx', id: '', transaction });
      await expectDrop(coinbase, 'malformed', 'misbehaving');
      for (const dataText of ['{', '', 'NaN', `${'['.repeat(33)}${']'.repeat(33)}`, JSON.stringify('x'.repeat(262_143))]) {
        const peer = await world.peer();
        send(peer, { ...fresh('x'), dataText });
        await readToHere(peer);
        expect(mempool.count).toBe(before);
        // One mistake costs some points, twenty the connection.
        for (let i = 0; i < 30 && peer.end === undefined; i++) {
          send(peer, { ...fresh('x'), dataText });
          await readToHere(peer);
        }
        await expectDrop(peer, 'misbehaving', 'malformed');
      }
      const block = await world.node.api.mine({ dataText: '"mines all the same"' }).done;
      expect(world.tip.hash).toBe(block.hash);
      const rival = oneBlock(world.tip);
      const peer = await world.peer();
      sendBlock(peer, rival);
      await until('blocks arrive', () => world.tip.hash === rival.hash);
    },
  },
];

import { describe, expect, it } from 'vitest';
import type { Chain } from '../../../src/node/chain/chain.ts';
import { MAX_RUN_BLOCKS, MAX_RUN_BYTES } from '../../../src/node/chain/limits.ts';
import { LevelStore } from '../../../src/node/chain/store/level-store.ts';
import { StoreError } from '../../../src/node/chain/store/errors.ts';
import type { AddBlockResult } from '../../../src/node/chain/types.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { transactionHashHex } from '../../../src/node/primitives/transaction.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { addAll, expectConsistent, FailingStore, last, openChain, PEER, short, temporaryDirectory } from './support.ts';

const withData = (): { txs: ReturnType<typeof dataTransaction>[] } => ({ txs: [dataTransaction()] });

async function headers(chain: Chain, blocks: readonly MinedBlock[]): Promise<void> {
  expect(await chain.addHeaders(blocks.map(({ header }) => header), PEER)).toMatchObject({ status: 'ok' });
}

function run(chain: Chain, blocks: readonly MinedBlock[]): Promise<AddBlockResult[]> {
  return chain.addBlocks(chain.checkBlocks(blocks.map(({ hash, bytes }) => ({ hash, bytes, origin: PEER }))));
}

const statuses = (results: readonly AddBlockResult[]): string[] => results.map(({ status }) => status);

describe('a run of blocks', () => {
  it('is one write, a connect for each and one tip, and then the same chain as block by block', async () => {
    const store = new FailingStore();
    const { chain, log } = await openChain(store);
    const blocks = mineFork(genesisParent(), 40, withData);
    await headers(chain, blocks);
    store.written = [];
    const seen: [height: number, tip: number][] = [];
    chain.on('connect', (entry, block) => {
      expect(block.header).toEqual(blocks[entry.height - 1]?.header);
      expect(block.transactions).toEqual(blocks[entry.height - 1]?.block.transactions);
      seen.push([entry.height, chain.tip.height]);
    });
    expect(statuses(await run(chain, blocks))).toEqual(blocks.map(() => 'connected'));
    expect(store.written).toHaveLength(1);
    expect(log).toEqual([...blocks.map((block) => `connect ${short(block)}`), `tip ${short(last(blocks))}`]);
    expect(seen).toEqual(blocks.map(({ height }) => [height, 40]));
    await expectConsistent(chain);

    const single = await openChain();
    await addAll(single.chain, blocks);
    for (const { hash, block } of blocks) {
      const [one, other] = [chain.getEntry(hash), single.chain.getEntry(hash)];
      expect([one?.sequence, one?.size, one?.transactionCount, one?.origin, one?.chainwork]).toEqual([other?.sequence, other?.size, other?.transactionCount, other?.origin, other?.chainwork]);
      expect(one?.checkMs).toBeTypeOf('number');
      expect(await chain.getBlock(hash)).toEqual(block);
    }
    for (const { hash, height, block } of blocks) {
      for (const transaction of block.transactions) expect(await chain.findTransaction(transactionHashHex(transaction))).toEqual({ blockHash: hash, height });
    }
  });

  it('keeps the body that was stored last when it came alone, and none of a longer run, of a side block, or of one that is damaged', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 4, withData);
    await headers(chain, blocks);
    const [first, second, third, fourth] = blocks as [MinedBlock, MinedBlock, MinedBlock, MinedBlock];
    await run(chain, [first]);
    expect(chain.newestBody(first.hash)).toEqual(first.bytes);
    await run(chain, [second, third]);
    expect(chain.newestBody(second.hash) ?? chain.newestBody(third.hash)).toBeUndefined();
    await chain.addBlock(fourth.bytes, { kind: 'mined' });
    expect(chain.newestBody(fourth.hash)).toEqual(fourth.bytes);
    const side = mineBlock(third, withData());
    expect(await chain.addBlock(side.bytes, PEER)).toMatchObject({ status: 'side' });
    expect(chain.newestBody(side.hash)).toBeUndefined();
    expect(chain.newestBody(first.hash)).toBeUndefined();

    chain.store.readBody = () => Promise.resolve({ state: 'damaged' });
    expect(await chain.getBlockBytes(fourth.hash)).toBeUndefined();
    expect(chain.newestBody(fourth.hash)).toBeUndefined();
  });

  it('is on disk when it is acknowledged, and there after the next start', async () => {
    const dataDir = await temporaryDirectory();
    const blocks = mineFork(genesisParent(), 60, withData);
    const first = await openChain(new LevelStore({ dataDir, genesisHash: REGTEST.genesisHash }));
    await headers(first.chain, blocks);
    await run(first.chain, blocks);
    await first.chain.close();
    const { chain } = await openChain(new LevelStore({ dataDir, genesisHash: REGTEST.genesisHash }));
    expect(chain.tip.hash).toBe(last(blocks).hash);
    await expectConsistent(chain);
  });

  it.each<[string, (parent: MinedBlock) => MinedBlock, string]>([
    ['bad text', (parent) => mineBlock(parent, { dataText: 'no json' }), 'bad-data-json'],
    ['a wrong height', (parent) => mineBlock(parent, { coinbaseHeight: 3 }), 'bad-coinbase-height'],
    ['another Merkle root', (parent) => mineBlock(parent, { header: { merkleRoot: new Uint8Array(32) } }), 'bad-merkle-root'],
    ['a transaction twice', (parent) => {
      const twice = dataTransaction();
      return mineBlock(parent, { txs: [twice, dataTransaction(), twice] });
    }, 'duplicate-transaction'],
  ])('with %s in the middle: what is below is connected, it is refused with its rule, what is above is not looked at', async (_name, bad, rule) => {
    const { chain, log } = await openChain();
    const good = mineFork(genesisParent(), 10, withData);
    const wrong = bad(last(good));
    const above = mineFork(wrong, 5, withData);
    const all = [...good, wrong, ...above];
    await headers(chain, all);
    const results = await run(chain, all);
    expect(statuses(results)).toEqual([...good.map(() => 'connected'), 'invalid']);
    const refused = last(results);
    expect(refused.status === 'invalid' && [refused.hash, refused.error.rule]).toEqual([wrong.hash, rule]);
    expect(chain.tip.hash).toBe(last(good).hash);
    expect(log).toEqual([...good.map((block) => `connect ${short(block)}`), `tip ${short(last(good))}`, `invalid ${short(wrong)} ${rule}`]);
    await expectConsistent(chain);
  });

  it.each([
    ['of an earlier block of the run', 3],
    ['of a block that was stored before it', 0],
  ])('ends before a transaction %s comes again', async (_name, earlier) => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 6, withData);
    const repeated = mineBlock(last(blocks), { txs: blocks[earlier]?.block.transactions.slice(1) as ReturnType<typeof dataTransaction>[] });
    await addAll(chain, blocks.slice(0, 2));
    await headers(chain, [...blocks, repeated]);
    const results = await run(chain, [...blocks.slice(2), repeated]);
    expect(statuses(results)).toEqual(['connected', 'connected', 'connected', 'connected', 'invalid']);
    const refused = last(results);
    expect(refused.status === 'invalid' && refused.error.rule).toBe('duplicate-transaction');
    expect(chain.tip.hash).toBe(last(blocks).hash);
  });

  it('takes another body for a header once its own comes, after one that did not fit', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 3, withData);
    await headers(chain, blocks);
    const [first, second, third] = blocks as [MinedBlock, MinedBlock, MinedBlock];
    const altered = second.bytes.slice();
    altered[altered.length - 3] = (altered[altered.length - 3] as number) ^ 1;
    const results = await run(chain, [first, { ...second, bytes: altered }, third]);
    expect(statuses(results)).toEqual(['connected', 'invalid']);
    expect(statuses(await run(chain, [second, third]))).toEqual(['connected', 'connected']);
  });

  it('does not believe the hash that a block is given with', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 2, withData);
    const other = mineBlock(genesisParent(), withData());
    await headers(chain, blocks);
    const [first] = blocks as [MinedBlock];
    const [result] = await chain.addBlocks(chain.checkBlocks([{ hash: first.hash, bytes: other.bytes, origin: PEER }]));
    expect(result?.status).toBe('connected');
    expect(chain.tip.hash).toBe(other.hash);
    expect(chain.getEntry(first.hash)?.hasBlock).toBe(false);
  });

  it('announces nothing when the disk says no, and takes the same run later', async () => {
    const store = new FailingStore();
    const { chain, log } = await openChain(store);
    const blocks = mineFork(genesisParent(), 20, withData);
    await headers(chain, blocks);
    store.failIf = () => true;
    await expect(run(chain, blocks)).rejects.toBeInstanceOf(StoreError);
    expect(log).toEqual(['notice disk-full']);
    expect([chain.tip.height, chain.blockCount, chain.getEntry(blocks[0]?.hash ?? '')?.hasBlock]).toEqual([0, 1, false]);
    store.failIf = undefined;
    expect(statuses(await run(chain, blocks))).toEqual(blocks.map(() => 'connected'));
    expect(log.at(-1)).toBe('notice store-recovered');
  });

  it('comes after the better branch that the disk kept from becoming the chain', async () => {
    const store = new FailingStore();
    const { chain } = await openChain(store);
    const own = mineFork(genesisParent(), 2);
    const better = mineFork(genesisParent(), 3);
    const next = mineBlock(last(own));
    await addAll(chain, [...own, ...better.slice(0, 2)]);
    await headers(chain, [next]);
    store.failIf = (ops) => ops.some(({ op }) => op === 'tip');
    await expect(chain.addBlock(last(better).bytes, PEER)).rejects.toBeInstanceOf(StoreError);
    store.failIf = undefined;
    expect(statuses(await run(chain, [next]))).toEqual(['side']);
    expect(chain.tip.hash).toBe(last(better).hash);
    await expectConsistent(chain);
  });

  it('keeps what was stored before the disk said no', async () => {
    const store = new FailingStore();
    const { chain } = await openChain(store);
    const blocks = mineFork(genesisParent(), MAX_RUN_BLOCKS + 10, withData);
    await headers(chain, blocks);
    store.written = [];
    store.failIf = () => store.written.length > 0;
    expect(statuses(await run(chain, blocks))).toHaveLength(MAX_RUN_BLOCKS);
    expect(chain.tip.height).toBe(MAX_RUN_BLOCKS);
    await expect(run(chain, blocks.slice(MAX_RUN_BLOCKS))).rejects.toBeInstanceOf(StoreError);
  });

  it('takes at most MAX_RUN_BLOCKS, and MAX_RUN_BYTES, into one write', async () => {
    const store = new FailingStore();
    const { chain } = await openChain(store);
    const blocks = mineFork(genesisParent(), MAX_RUN_BLOCKS + 1);
    await headers(chain, blocks);
    store.written = [];
    expect(statuses(await run(chain, blocks))).toHaveLength(blocks.length);
    const bodies = store.written.map((ops) => ops.filter(({ op }) => op === 'body').length);
    expect(bodies).toEqual([MAX_RUN_BLOCKS, 1]);
    store.written = [];
    const large = mineFork(last(blocks), 5, () => ({ data: 'x'.repeat(250_000) }));
    await headers(chain, large);
    await run(chain, large);
    const sizes = store.written.map((ops) => ops.reduce((sum, op) => sum + (op.op === 'body' ? op.bytes.length : 0), 0));
    expect(sizes).toHaveLength(2);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(MAX_RUN_BYTES);
    expect(chain.tip.hash).toBe(last(large).hash);
  });

  it('goes the way of single blocks where a body above is there already, or the branch is another one', async () => {
    const { chain } = await openChain();
    const own = mineFork(genesisParent(), 3);
    await addAll(chain, own);
    const rival = mineFork(genesisParent(), 6, withData);
    await headers(chain, rival);
    // The fourth came early.
    const [, , , fourth] = rival as [MinedBlock, MinedBlock, MinedBlock, MinedBlock];
    expect((await chain.addBlock(fourth.bytes, PEER)).status).toBe('side');
    const results = await run(chain, rival);
    expect(statuses(results)).toEqual(['side', 'side', 'connected', 'duplicate', 'connected', 'connected']);
    expect(chain.tip.hash).toBe(last(rival).hash);
    await expectConsistent(chain);
  });

  it('takes in the orphans that wait for it', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 5, withData);
    const waiting = mineBlock(last(blocks));
    expect((await chain.addBlock(waiting.bytes, PEER)).status).toBe('orphan');
    await headers(chain, blocks);
    await run(chain, blocks);
    expect(chain.tip.hash).toBe(waiting.hash);
    expect(chain.orphanCount).toBe(0);
  });

  it('without a known header is taken block by block', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 4, withData);
    expect(statuses(await run(chain, blocks))).toEqual(blocks.map(() => 'connected'));
    expect(await run(chain, [])).toEqual([]);
  });
});

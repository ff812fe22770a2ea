import { describe, expect, it } from 'vitest';
import { FIRST_FILTER_IDS } from '../../../src/node/chain/limits.ts';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import { TransactionFilter } from '../../../src/node/chain/transaction-filter.ts';
import { seededRandom } from '../../../src/node/util/random.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork } from '../../helpers/mine-fork.ts';
import { addAll, openChain, PEER, rule } from './support.ts';

describe('TransactionFilter', () => {
  const ids = (count: number, seed: number): string[] => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, () => Buffer.from(random.bytes(32)).toString('hex'));
  };

  it('knows every id that it was told, over more than one layer, and seldom takes another for one of them', () => {
    const filter = new TransactionFilter();
    filter.start(true);
    const told = ids(FIRST_FILTER_IDS + 1_000, 1);
    for (const id of told) filter.add(id);
    expect(told.every((id) => filter.mayHave(id))).toBe(true);
    const others = ids(20_000, 2).filter((id) => filter.mayHave(id));
    expect(others.length).toBeLessThan(20_000 / 100);
  });

  it('is sure of nothing when something was in the store before it', () => {
    const filter = new TransactionFilter();
    filter.start(false);
    expect(filter.mayHave('ab'.repeat(32))).toBe(true);
    expect(new TransactionFilter().mayHave('ab'.repeat(32))).toBe(true);
  });

  it('begins anew at every start', () => {
    const filter = new TransactionFilter();
    filter.start(true);
    filter.add('ab'.repeat(32));
    filter.start(true);
    expect(filter.mayHave('ab'.repeat(32))).toBe(false);
  });
});

/** Counts what is asked of it. */
class CountingStore extends MemoryStore {
  asked = 0;

  override findTransactions(ids: readonly string[]): ReturnType<MemoryStore['findTransactions']> {
    this.asked += ids.length;
    return super.findTransactions(ids);
  }
}

describe('the rule against repeated transactions', () => {
  it('asks the store for nothing while a chain is fetched from its beginning, and still refuses a repetition', async () => {
    const store = new CountingStore();
    const { chain } = await openChain(store);
    const blocks = mineFork(genesisParent(), 30, () => ({ txs: [dataTransaction()] }));
    await chain.addHeaders(blocks.map(({ header }) => header), PEER);
    await chain.addBlocks(chain.checkBlocks(blocks.map(({ hash, bytes }) => ({ hash, bytes, origin: PEER }))));
    expect(chain.tip.height).toBe(30);
    expect(store.asked).toBe(0);
    const again = mineBlock(chain.tip, { txs: blocks[3]?.block.transactions.slice(1) as ReturnType<typeof dataTransaction>[] });
    await chain.addHeaders([again.header], PEER);
    const [result] = await chain.addBlocks(chain.checkBlocks([{ hash: again.hash, bytes: again.bytes, origin: PEER }]));
    expect(result?.status === 'invalid' && result.error.rule).toBe('duplicate-transaction');
  });

  it('refuses a repetition of what was stored before this start', async () => {
    const store = new CountingStore();
    const first = await openChain(store);
    const blocks = mineFork(genesisParent(), 3, () => ({ txs: [dataTransaction()] }));
    await addAll(first.chain, blocks);
    await first.chain.close();
    const { chain } = await openChain(store);
    const again = mineBlock(chain.tip, { txs: blocks[0]?.block.transactions.slice(1) as ReturnType<typeof dataTransaction>[] });
    expect(await rule(chain.addBlock(again.bytes, PEER))).toBe('duplicate-transaction');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECODED_BLOCK_BYTES, DECODED_TRANSACTION_BYTES, MAX_REORG_CACHE_BYTES } from '../../../src/node/chain/limits.ts';
import { BlockCache } from '../../../src/node/chain/reorg.ts';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import { StoreError } from '../../../src/node/chain/store/errors.ts';
import type { StoreOp } from '../../../src/node/chain/store/store.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { transactionHashHex, type DataTransaction } from '../../../src/node/primitives/transaction.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock, type Parent } from '../../helpers/mine-fork.ts';
import { addAll, expectConsistent, FailingStore, last, openChain, PEER, short } from './support.ts';

describe('fork choice', () => {
  it('BLK-12 BLK-13 stores a fork beside the chain; on equal work the first seen stays', async () => {
    const { chain, log } = await openChain();
    const a = mineFork(genesisParent(), 2);
    const b = mineFork(genesisParent(), 2);
    await addAll(chain, a);
    log.length = 0;
    expect((await addAll(chain, b)).map((result) => result.status)).toEqual(['side', 'side']);
    expect(log).toEqual(b.map((mined) => `side ${short(mined)}`));
    expect(chain.tip.hash).toBe(last(a).hash);
    expect(chain.sideTips().map((entry) => entry.hash)).toEqual([last(b).hash]);
    expect(await chain.getBlock(last(b).hash)).toEqual(last(b).block);
    expect(chain.children(chain.genesis.hash)).toHaveLength(2);
    await expectConsistent(chain);
  });

  it.each([1, 10, 100])('BLK-15 reorganises %i deep as one, in the order of events', async (depth) => {
    const { chain, log } = await openChain();
    const base = mineFork(genesisParent(), 3);
    const fork = last(base);
    const oldBlocks = mineFork(fork, depth);
    const newBlocks = mineFork(fork, depth + 1);
    await addAll(chain, [...base, ...oldBlocks, ...newBlocks.slice(0, depth)]);
    expect(chain.tip.hash).toBe(last(oldBlocks).hash);
    log.length = 0;
    const result = await chain.addBlock(last(newBlocks).bytes, PEER);
    expect(result).toMatchObject({ status: 'connected', reorg: { fork: { hash: fork.hash }, oldTip: { hash: last(oldBlocks).hash } } });
    expect(log).toEqual([
      ...[...oldBlocks].reverse().map((mined) => `disconnect ${short(mined)}`),
      ...newBlocks.map((mined) => `connect ${short(mined)}`),
      `reorg ${depth}>${depth + 1}`,
      `tip ${short(last(newBlocks))}`,
    ]);
    expect(chain.sideTips().map((entry) => entry.hash)).toEqual([last(oldBlocks).hash]);
    await expectConsistent(chain);
  });

  it('BLK-14 more blocks with less work do not win', async () => {
    // Regtest with retargeting: blocks that come fast make the next ones harder, late ones stay at the floor.
    const params = { ...REGTEST, retarget: true };
    const grow = async (length: number, spacing: number): Promise<MinedBlock[]> => {
      const { chain } = await openChain(new MemoryStore(), { params });
      const blocks: MinedBlock[] = [];
      for (let i = 0; i < length; i++) {
        const { tip } = chain;
        const mined = mineBlock(tip, { params, bits: chain.nextBits(tip), time: tip.time + spacing });
        expect((await chain.addBlock(mined.bytes, PEER)).status).toBe('connected');
        blocks.push(mined);
      }
      return blocks;
    };
    const fast = await grow(60, 1);
    const slow = await grow(63, 20);
    expect(last(fast).header.bits).not.toBe(params.powLimitBits);
    const { chain } = await openChain(new MemoryStore(), { params });
    await addAll(chain, fast);
    expect((await addAll(chain, slow)).every((result) => result.status === 'side')).toBe(true);
    expect(chain.tip.hash).toBe(last(fast).hash);
    expect(chain.getEntry(last(slow).hash)?.height).toBeGreaterThan(chain.tip.height);
    // The other way round the shorter branch takes over, and no height above its end is left.
    const other = await openChain(new MemoryStore(), { params });
    await addAll(other.chain, [...slow, ...fast]);
    expect(other.chain.tip.hash).toBe(last(fast).hash);
    expect(other.chain.getActive(61)).toBeUndefined();
    let highest = 0;
    for await (const batch of other.chain.store.scanActive(1)) highest = last(batch).key.height;
    expect(highest).toBe(other.chain.tip.height);
    await expectConsistent(other.chain);
  });

  it('finds transactions on the active chain only, through a reorg and back', async () => {
    const { chain } = await openChain();
    const tx = dataTransaction('find me');
    const id = transactionHashHex(tx);
    const a = mineFork(genesisParent(), 2, (i) => ({ txs: i === 1 ? [tx] : [] }));
    const b = mineFork(genesisParent(), 3);
    await addAll(chain, a);
    expect(await chain.findTransaction(id)).toEqual({ blockHash: last(a).hash, height: 2 });
    await addAll(chain, b);
    expect(await chain.findTransaction(id)).toBeUndefined();
    const more = mineFork(last(a), 2);
    await addAll(chain, more);
    expect(chain.tip.hash).toBe(last(more).hash);
    expect(await chain.findTransaction(id)).toEqual({ blockHash: last(a).hash, height: 2 });
  });

  it('a branch may repeat what is above its fork, and nothing of the fork itself', async () => {
    const { chain } = await openChain();
    const below = dataTransaction('in the fork');
    const above = dataTransaction('above it');
    const base = mineFork(genesisParent(), 2, (i) => ({ txs: i === 1 ? [below] : [] }));
    const fork = last(base);
    await addAll(chain, [...base, ...mineFork(fork, 1, () => ({ txs: [above] }))]);
    const repeats = mineFork(fork, 2, (i) => ({ txs: i === 0 ? [below] : [] }));
    expect((await addAll(chain, repeats)).map(({ status }) => status)).toEqual(['side', 'invalid']);
    const fine = mineFork(fork, 2, (i) => ({ txs: i === 0 ? [above] : [] }));
    expect((await addAll(chain, fine)).map(({ status }) => status)).toEqual(['side', 'connected']);
    expect(await chain.findTransaction(transactionHashHex(above))).toEqual({ blockHash: fine[0]?.hash, height: 3 });
  });

  it('walks its ancestors and locators through jumps', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 300);
    await addAll(chain, blocks);
    const side = mineFork(blocks[99] as MinedBlock, 150);
    await addAll(chain, side);
    const tip = chain.getEntry(last(side).hash);
    if (tip === undefined) throw new Error('the side tip is lost');
    for (const height of [0, 1, 50, 100, 101, 200, 249, 250]) {
      const expected = height === 0 ? chain.genesis.hash : (height <= 100 ? blocks[height - 1] : side[height - 101])?.hash;
      expect(chain.getAncestor(tip, height)?.hash).toBe(expected);
    }
    expect(chain.getAncestor(tip, 251)).toBeUndefined();
    expect(chain.getAncestor(tip, -1)).toBeUndefined();
    const locator = chain.locator(tip);
    expect(locator.slice(0, 10)).toEqual(side.slice(-10).reverse().map((mined) => mined.hash));
    expect(last(locator)).toBe(chain.genesis.hash);
    expect(locator.length).toBeLessThan(24);
    const fork = chain.findLocatorFork(locator);
    expect(fork.height).toBeLessThanOrEqual(100);
    expect(chain.isActive(fork)).toBe(true);
    expect(chain.findLocatorFork(['0'.repeat(64)]).hash).toBe(chain.genesis.hash);
    expect(chain.medianTimePast(chain.tip)).toBe(blocks[294]?.time);
  });
});

describe('a reorg that cannot be', () => {
  it('BLK-16 invalid at its last block: the tip stays, the branch is marked', async () => {
    const store = new FailingStore();
    const { chain, log } = await openChain(store);
    const tx = dataTransaction('twice');
    const a = mineFork(genesisParent(), 3);
    const b = mineFork(genesisParent(), 4, (i) => ({ txs: i === 0 || i === 3 ? [tx] : [] }));
    await addAll(chain, a);
    await addAll(chain, b.slice(0, 3));
    log.length = 0;
    expect(await chain.addBlock(last(b).bytes, PEER)).toMatchObject({ status: 'invalid', error: { rule: 'duplicate-transaction' } });
    expect(log).toEqual([`invalid ${short(last(b))} duplicate-transaction`]);
    expect(chain.tip.hash).toBe(last(a).hash);
    expect(chain.isKnownInvalid(last(b).hash)).toBe(true);
    expect(chain.getEntry(last(b).hash)).toMatchObject({ invalid: true, hasBlock: true });
    expect(chain.getEntry(b[2]?.hash ?? '')?.invalid).toBe(false);
    const child = mineBlock(last(b));
    expect(await chain.addBlock(child.bytes, PEER)).toMatchObject({ status: 'invalid', error: { rule: 'invalid-ancestor' } });
    await expectConsistent(chain);
    // The part that is valid may grow on.
    const onwards = mineFork(b[2] as MinedBlock, 1);
    expect(await chain.addBlock((onwards[0] as MinedBlock).bytes, PEER)).toMatchObject({ status: 'connected', reorg: {} });

    const again = await openChain(store);
    expect(again.chain.tip.hash).toBe(last(onwards).hash);
    expect(again.chain.getEntry(last(b).hash)?.invalid).toBe(true);
  });

  it('takes the valid part of a branch that breaks further up, when it beats the tip', async () => {
    const { chain, log } = await openChain();
    const tx = dataTransaction('twice');
    const a = mineFork(genesisParent(), 2);
    const b = mineFork(genesisParent(), 5, (i) => ({ txs: i === 0 || i === 3 ? [tx] : [] }));
    await addAll(chain, a);
    await chain.addHeaders(b.map((mined) => mined.header), PEER);
    // Out of order: block 1 completes the branch.
    await addAll(chain, b.slice(1));
    log.length = 0;
    expect((await chain.addBlock((b[0] as MinedBlock).bytes, PEER)).status).toBe('connected');
    expect(chain.tip.hash).toBe(b[2]?.hash);
    expect(log[0]).toBe(`invalid ${short(b[3])} duplicate-transaction`);
    expect(chain.getEntry(last(b).hash)?.invalid).toBe(true);
    expect(chain.bestHeader.hash).toBe(b[2]?.hash);
    await expectConsistent(chain);
  });

  it.each(['body', 'tip'] as const)('a store that fails at the %s leaves everything, and the next block catches up', async (at) => {
    const store = new FailingStore();
    const { chain, log } = await openChain(store);
    const a = mineFork(genesisParent(), 3);
    const b = mineFork(genesisParent(), 4);
    await addAll(chain, [...a, ...b.slice(0, 3)]);
    const before = { tip: chain.tip.hash, sides: chain.sideTips().map((entry) => entry.hash), blocks: chain.blockCount };
    log.length = 0;
    store.failIf = (ops) => ops.some((op) => op.op === at);
    await expect(chain.addBlock(last(b).bytes, PEER)).rejects.toBeInstanceOf(StoreError);
    expect(log).toEqual(['notice disk-full']);
    expect(chain.tip.hash).toBe(before.tip);
    for (let height = 1; height <= 3; height++) expect(chain.getActive(height)?.hash).toBe(a[height - 1]?.hash);
    // Started again, the store says the same, and the better branch is taken when it is complete.
    store.failIf = undefined;
    const again = await openChain(store);
    expect(again.chain.tip.hash).toBe(at === 'body' ? before.tip : last(b).hash);
    await expectConsistent(again.chain);
    await chain.addBlock(last(b).bytes, PEER);
    expect(chain.tip.hash).toBe(last(b).hash);
    expect(log.filter((line) => line.startsWith('reorg'))).toEqual(['reorg 3>4']);
    await expectConsistent(chain);
  });

  it('an orphan is taken when its parent is there, also when the disk failed as that one came', async () => {
    const store = new FailingStore();
    const { chain } = await openChain(store);
    const b = mineFork(genesisParent(), 4);
    await addAll(chain, [...mineFork(genesisParent(), 2), ...b.slice(0, 2)]);
    expect((await chain.addBlock(last(b).bytes, PEER)).status).toBe('orphan');
    store.failIf = (ops) => ops.some((op) => op.op === 'tip');
    await expect(chain.addBlock((b[2] as MinedBlock).bytes, PEER)).rejects.toBeInstanceOf(StoreError);
    store.failIf = undefined;
    await chain.addBlock((b[2] as MinedBlock).bytes, PEER);
    expect((await chain.addBlock(last(b).bytes, PEER)).status).not.toBe('orphan');
    expect([chain.tip.hash, chain.orphanCount]).toEqual([last(b).hash, 0]);
    await expectConsistent(chain);
  });

  it('tells of a reorg that is written, also when a block cannot be read for it any more', { timeout: 60_000 }, async () => {
    class DeafStore extends FailingStore {
      deaf = false;
      override write(ops: readonly StoreOp[]): Promise<void> {
        this.deaf ||= this.written.length > 0 && ops.some((op) => op.op === 'tip') && this.armed;
        return super.write(ops);
      }
      override readBody(...args: Parameters<FailingStore['readBody']>): ReturnType<FailingStore['readBody']> {
        if (this.deaf) return Promise.reject(new StoreError('io', 'The disk failed.'));
        return super.readBody(...args);
      }
      armed = false;
    }
    const store = new DeafStore();
    const { chain, log } = await openChain(store);
    // More than what is held of a reorg's blocks in memory.
    const large = (index: number): { txs: DataTransaction[] } => ({ txs: [dataTransaction(`${String(index)}${'x'.repeat(240_000)}`)] });
    const a = mineFork(genesisParent(), 40, large);
    const b = mineFork(genesisParent(), 41, (index) => large(index + 100));
    await addAll(chain, [...a, ...b.slice(0, 40)]);
    log.length = 0;
    store.armed = true;
    const told: string[] = [];
    chain.on('connect', (_entry, block) => told.push(...block.transactions.map(transactionHashHex)));
    chain.on('connect-unread', (_entry, ids) => told.push(...ids));
    expect((await chain.addBlock(last(b).bytes, PEER)).status).toBe('connected');
    expect(chain.tip.hash).toBe(last(b).hash);
    // Whoever waits for a transaction hears of each, read or not, in the order of the chain.
    expect(told).toEqual(b.flatMap(({ block }) => block.transactions.map(transactionHashHex)));
    expect(log.filter((line) => line.startsWith('reorg') || line.startsWith('tip'))).toHaveLength(2);
    expect(log.filter((line) => line.startsWith('connect')).length).toBeLessThan(41);
    store.deaf = false;
    store.armed = false;
    await expectConsistent(chain);
  });

  it('a side body that cannot be read any more stops the reorg until it is back', async () => {
    class ForgetfulStore extends MemoryStore {
      lost: string | undefined;
      override readBody(key: { height: number; hash: string }): ReturnType<MemoryStore['readBody']> {
        return key.hash === this.lost ? Promise.resolve({ state: 'damaged' }) : super.readBody(key);
      }
    }
    const store = new ForgetfulStore();
    const { chain, log } = await openChain(store);
    const a = mineFork(genesisParent(), 2);
    const b = mineFork(genesisParent(), 3);
    await addAll(chain, [...a, ...b.slice(0, 2)]);
    store.lost = b[0]?.hash;
    expect((await chain.addBlock(last(b).bytes, PEER)).status).toBe('side');
    expect(chain.tip.hash).toBe(last(a).hash);
    expect(chain.getEntry(b[0]?.hash ?? '')?.hasBlock).toBe(false);
    expect(chain.bestHeader.hash).toBe(last(b).hash);
    expect(log).toContain('notice block-damaged');
    store.lost = undefined;
    expect((await chain.addBlock((b[0] as MinedBlock).bytes, PEER)).status).toBe('connected');
    expect(chain.tip.hash).toBe(last(b).hash);
    await expectConsistent(chain);
  });

  it('keeps only so many decoded bodies for its events', async () => {
    const { chain } = await openChain();
    const big = 'x'.repeat(250_000);
    const b = [mineBlock(genesisParent(), { data: big })];
    const cache = new BlockCache();
    const parts = Math.ceil(MAX_REORG_CACHE_BYTES / (b[0] as MinedBlock).bytes.length) + 1;
    const entries = mineFork(genesisParent(), parts);
    await addAll(chain, entries);
    for (const mined of entries) cache.put(chain.getEntry(mined.hash) as never, mined.block, (b[0] as MinedBlock).bytes.length);
    expect(cache.get(entries[0]?.hash ?? '')).toBeDefined();
    expect(cache.get(last(entries).hash)).toBeUndefined();
  });

  it('counts what small blocks take as objects, which is most of it', () => {
    const cache = new BlockCache();
    const [mined] = mineFork(genesisParent(), 1);
    if (mined === undefined) throw new Error('no block');
    const most = Math.floor(MAX_REORG_CACHE_BYTES / (mined.bytes.length + DECODED_BLOCK_BYTES + DECODED_TRANSACTION_BYTES));
    for (let i = 0; i <= most; i++) cache.put({ hash: String(i) }, mined.block, mined.bytes.length);
    expect(cache.get(String(most - 1))).toBeDefined();
    expect(cache.get(String(most))).toBeUndefined();
    expect(most).toBeLessThan(6_000);
  });
});

/** A tree of blocks as a list of parents: block i stands on block parents[i] - 1, or on the genesis block for 0. */
function growTree(parents: readonly number[]): MinedBlock[] {
  const blocks: MinedBlock[] = [];
  for (const [i, parent] of parents.entries()) {
    const on: Parent = parent % (i + 1) === 0 ? genesisParent() : (blocks[(parent % (i + 1)) - 1] as MinedBlock);
    blocks.push(mineBlock(on));
  }
  return blocks;
}

describe('fork choice in any order of arrival', () => {
  const tree = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 16 });

  it('headers first or blocks alone, every order ends at the same chainwork, with one consistent chain', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.infiniteStream(fc.nat(1_000)), fc.boolean(), async (parents, picks, headersFirst) => {
        const blocks = growTree(parents);
        const most = Math.max(...blocks.map((mined) => mined.height));
        const left = [...blocks];
        const store = new MemoryStore();
        const { chain } = await openChain(store);
        // A header's parent must be known, so headers go in the order of the tree.
        if (headersFirst) for (const mined of blocks) await chain.addHeaders([mined.header], PEER);
        while (left.length > 0) {
          const [mined] = left.splice((picks.next().value ?? 0) % left.length, 1);
          await chain.addBlock((mined as MinedBlock).bytes, PEER);
        }
        expect(chain.tip.height).toBe(most);
        expect(chain.tip.chainwork).toBe(chain.genesis.chainwork * BigInt(most + 1));
        expect(chain.blockCount).toBe(blocks.length + 1);
        expect(chain.orphanCount).toBe(0);
        expect(chain.bestHeader.hash).toBe(chain.tip.hash);
        const leaves = blocks.filter((mined) => chain.children(mined.hash).length === 0).map((mined) => mined.hash);
        expect(new Set([chain.tip.hash, ...chain.sideTips().map((entry) => entry.hash)])).toEqual(new Set(leaves));
        await expectConsistent(chain);
        const again = await openChain(store);
        expect(again.chain.tip.hash).toBe(chain.tip.hash);
        expect(again.chain.blockCount).toBe(chain.blockCount);
        await expectConsistent(again.chain);
      }),
      { numRuns: 60 },
    );
  });

  it('a write that fails anywhere leaves a chain that a second try completes', async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), async (parents, failures) => {
        const blocks = growTree(parents);
        const store = new FailingStore();
        const { chain } = await openChain(store);
        let write = 0;
        store.failIf = () => failures[write++ % failures.length] === true;
        for (const mined of blocks) {
          const tip = chain.tip.hash;
          const refused = await chain.addBlock(mined.bytes, PEER).then(
            () => false,
            () => true,
          );
          if (refused) expect(chain.tip.hash === tip || chain.tip.height > 0).toBe(true);
        }
        store.failIf = undefined;
        for (const mined of blocks) await chain.addBlock(mined.bytes, PEER);
        expect(chain.tip.height).toBe(Math.max(...blocks.map((mined) => mined.height)));
        await expectConsistent(chain);
        const again = await openChain(store);
        expect(again.chain.tip.hash).toBe(chain.tip.hash);
      }),
      { numRuns: 60 },
    );
  });
});

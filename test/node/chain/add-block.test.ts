import { describe, expect, it } from 'vitest';
import { MAX_BODIES_AHEAD, MAX_INVALID_HASHES, MAX_ORPHANS, MAX_UNPROVEN_HASHES } from '../../../src/node/chain/limits.ts';
import { BoundedMap } from '../../../src/node/chain/bounded-map.ts';
import { StoreError } from '../../../src/node/chain/store/errors.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeBlock } from '../../../src/node/primitives/block.ts';
import { MAX_BLOCK_BYTES } from '../../../src/node/primitives/limits.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork } from '../../helpers/mine-fork.ts';
import { addAll, expectConsistent, FailingStore, last, makeChain, NOW_MS, openChain, PEER, rule, short } from './support.ts';

describe('Chain.addBlock', () => {
  it('begins with the genesis block', async () => {
    const { chain } = await openChain();
    expect(chain.tip.hash).toBe(REGTEST.genesisHash);
    expect(chain.tip.size).toBe(encodeBlock(REGTEST.genesis).length);
    expect(chain.blockCount).toBe(1);
    expect(await chain.getBlockBytes(REGTEST.genesisHash)).toEqual(encodeBlock(REGTEST.genesis));
    expect(chain.locator()).toEqual([REGTEST.genesisHash]);
    expect(chain.sideTips()).toEqual([]);
  });

  it('connects blocks, stores them, then announces them', async () => {
    const store = new FailingStore();
    const { chain, log } = await openChain(store);
    const blocks = mineFork(genesisParent(), 3);
    const stored: boolean[] = [];
    chain.on('connect', (entry) => {
      stored.push(store.written.some((ops) => ops.some((op) => op.op === 'body' && op.key.hash === entry.hash)));
    });
    const results = await addAll(chain, blocks, { kind: 'mined' });
    expect(results.map((result) => result.status)).toEqual(['connected', 'connected', 'connected']);
    expect(stored).toEqual([true, true, true]);
    expect(log).toEqual(blocks.flatMap((mined) => [`connect ${short(mined)}`, `tip ${short(mined)}`]));
    expect(chain.tip).toMatchObject({ height: 3, hash: last(blocks).hash, origin: 'mined', transactionCount: 1, size: last(blocks).bytes.length, receivedAt: NOW_MS });
    expect(await chain.getBlock(last(blocks).hash)).toEqual(last(blocks).block);
    expect(chain.headerOf(chain.tip)).toEqual(last(blocks).header);
    await expectConsistent(chain);
  });

  it('BLK-09 answers a duplicate, once in the chain', async () => {
    const { chain, log } = await openChain();
    const mined = mineBlock(genesisParent());
    await chain.addBlock(mined.block, PEER);
    log.length = 0;
    expect(await chain.addBlock(mined.bytes, PEER)).toMatchObject({ status: 'duplicate', entry: { hash: mined.hash } });
    expect(chain.blockCount).toBe(2);
    expect(log).toEqual([]);
    expect((await chain.addBlock(REGTEST.genesis, PEER)).status).toBe('duplicate');
  });

  it('refuses by the rule, leaves the tip, remembers what is the hash’s fault', async () => {
    const { chain, log } = await openChain();
    const parent = genesisParent();
    const cases: [string, ReturnType<typeof mineBlock>, boolean][] = [
      ['high-hash', mineBlock(parent, { withoutWork: true }), true],
      ['bad-version', mineBlock(parent, { version: 2 }), true],
      ['bad-bits', mineBlock(parent, { bits: 0x207ffffe }), true],
      ['time-too-old', mineBlock(parent, { time: parent.time }), true],
      ['bad-coinbase-height', mineBlock(parent, { coinbaseHeight: 2 }), true],
      ['bad-data-json', mineBlock(parent, { dataText: '{' }), true],
      ['coinbase-missing', mineBlock(parent, { transactions: () => [dataTransaction()] }), true],
      ['bad-merkle-root', mineBlock(parent, { header: { merkleRoot: new Uint8Array(32) } }), false],
      ['no-transactions', mineBlock(parent, { transactions: () => [] }), false],
      ['time-too-new', mineBlock(parent, { time: NOW_MS / 1000 + 7_201 }), false],
    ];
    for (const [expected, mined, remembered] of cases) {
      expect(await rule(chain.addBlock(mined.bytes, PEER))).toBe(expected);
      expect(chain.isKnownInvalid(mined.hash), expected).toBe(remembered);
      expect(chain.invalidReason(mined.hash)?.rule).toBe(remembered ? expected : undefined);
      expect(log.pop()).toBe(`invalid ${short(mined)} ${expected}`);
    }
    expect(chain.tip.height).toBe(0);
    expect(chain.blockCount).toBe(1);
    expect(chain.children(parent.hash)).toEqual([]);
  });

  it('names bytes that are no block', async () => {
    const { chain } = await openChain();
    const mined = mineBlock(genesisParent());
    for (const bytes of [new Uint8Array(0), new Uint8Array(79), mined.bytes.subarray(0, mined.bytes.length - 1), Uint8Array.of(...mined.bytes, 0)]) {
      expect(await rule(chain.addBlock(bytes, PEER))).toBe('block-malformed');
    }
    expect(await rule(chain.addBlock(new Uint8Array(MAX_BLOCK_BYTES + 1), PEER))).toBe('block-too-large');
    // A liar's bytes with a true header do not keep the true block out.
    expect((await chain.addBlock(mined.bytes, PEER)).status).toBe('connected');
    const broken = { header: { ...mined.header, merkleRoot: new Uint8Array(3) }, transactions: mined.block.transactions };
    expect(await rule(chain.addBlock(broken, PEER))).toBe('block-malformed');
  });

  it('takes the true body after a false one with the same header (CVE-2012-2459 too)', async () => {
    const { chain } = await openChain();
    const txs = [dataTransaction('a'), dataTransaction('b')];
    const mined = mineBlock(genesisParent(), { txs });
    const { header, transactions } = mined.block;
    const repeated = { header, transactions: [...transactions, transactions[2] as (typeof txs)[0]] };
    expect(await rule(chain.addBlock(repeated, PEER))).toBe('merkle-mutated');
    const other = { header, transactions: mineBlock(genesisParent()).block.transactions };
    expect(await rule(chain.addBlock(other, PEER))).toBe('bad-merkle-root');
    expect((await chain.addBlock(mined.bytes, PEER)).status).toBe('connected');
  });

  it('takes a block that came too early once its time has come', async () => {
    const { chain, clock } = await openChain();
    const mined = mineBlock(genesisParent(), { time: NOW_MS / 1000 + 10_800 });
    expect(await rule(chain.addBlock(mined.bytes, PEER))).toBe('time-too-new');
    clock.advance(3_600_000);
    expect((await chain.addBlock(mined.bytes, PEER)).status).toBe('connected');
  });

  it('BLK-10 refuses a known invalid block and its children without a second look', async () => {
    const { chain } = await openChain();
    const bad = mineBlock(genesisParent(), { dataText: 'no json' });
    const first = await chain.addBlock(bad.bytes, PEER);
    const again = await chain.addBlock(bad.bytes, PEER);
    // The very same error: nothing was checked again.
    expect(again.status === 'invalid' && first.status === 'invalid' && again.error === first.error).toBe(true);
    const child = mineBlock(bad);
    expect(await rule(chain.addBlock(child.bytes, PEER))).toBe('invalid-ancestor');
    const grandchild = mineBlock(child);
    expect(await rule(chain.addBlock(grandchild.bytes, PEER))).toBe('invalid-ancestor');
    expect(chain.orphanCount).toBe(0);
  });

  it('BLK-11 keeps 20 orphans, the oldest out, and adopts them', async () => {
    const { chain, log } = await openChain();
    expect(MAX_ORPHANS).toBe(20);
    const root = mineBlock(genesisParent());
    const orphans = Array.from({ length: 300 }, () => mineBlock(root));
    for (const orphan of orphans) expect(await chain.addBlock(orphan.bytes, PEER)).toMatchObject({ status: 'orphan', missing: root.hash });
    expect(chain.orphanCount).toBe(MAX_ORPHANS);
    expect((await chain.addBlock(last(orphans).bytes, PEER)).status).toBe('orphan');
    expect(chain.orphanCount).toBe(MAX_ORPHANS);
    log.length = 0;
    await chain.addBlock(root.bytes, PEER);
    expect(chain.orphanCount).toBe(0);
    expect(chain.blockCount).toBe(2 + MAX_ORPHANS);
    // First seen of those that are left.
    expect(chain.tip.hash).toBe(orphans[300 - MAX_ORPHANS]?.hash);
    expect(log.filter((line) => line.startsWith('side'))).toHaveLength(MAX_ORPHANS - 1);
  });

  it('says which block is missing below a chain of orphans', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 4);
    await chain.addBlock((blocks[1] as (typeof blocks)[0]).bytes, PEER);
    await chain.addBlock((blocks[2] as (typeof blocks)[0]).bytes, PEER);
    expect(await chain.addBlock(last(blocks).bytes, PEER)).toMatchObject({ status: 'orphan', missing: blocks[0]?.hash });
    await chain.addBlock((blocks[0] as (typeof blocks)[0]).bytes, PEER);
    expect(chain.tip.hash).toBe(last(blocks).hash);
  });

  it('keeps the broken hashes within their bounds, apart from each other', async () => {
    const map = new BoundedMap<number, string>(3);
    for (let i = 0; i < 5; i++) map.set(i, `v${i}`);
    expect([map.size, map.has(1), map.get(2)]).toEqual([3, false, 'v2']);
    map.set(9, 'v9');
    expect([map.has(2), map.has(3)]).toEqual([true, false]);

    const { chain } = await openChain();
    const proven = mineBlock(genesisParent(), { dataText: 'no json' });
    await chain.addBlock(proven.bytes, PEER);
    const free = Array.from({ length: MAX_UNPROVEN_HASHES + 1 }, () => mineBlock(genesisParent(), { withoutWork: true }));
    await addAll(chain, free);
    expect(chain.isKnownInvalid(free[0]?.hash ?? '')).toBe(false);
    expect(chain.isKnownInvalid(last(free).hash)).toBe(true);
    expect(chain.isKnownInvalid(proven.hash)).toBe(true);
    await addAll(chain, Array.from({ length: MAX_INVALID_HASHES }, () => mineBlock(genesisParent(), { dataText: 'no json' })));
    expect(chain.isKnownInvalid(proven.hash)).toBe(false);
  });

  it('refuses a transaction that is on the branch already, and only there', async () => {
    const { chain } = await openChain();
    const tx = dataTransaction('once');
    const a = mineFork(genesisParent(), 2, (i) => ({ txs: i === 0 ? [tx] : [] }));
    await addAll(chain, a);
    const again = mineBlock(last(a), { txs: [tx] });
    expect(await rule(chain.addBlock(again.bytes, PEER))).toBe('duplicate-transaction');
    expect(chain.isKnownInvalid(again.hash)).toBe(true);
    expect(chain.tip.hash).toBe(last(a).hash);
    // Another branch may hold it.
    const b = mineFork(genesisParent(), 3, (i) => ({ txs: i === 1 ? [tx] : [] }));
    await addAll(chain, b);
    expect(chain.tip.hash).toBe(last(b).hash);
  });

  it('a listener that throws disturbs neither the chain nor the others', async () => {
    const { chain, log } = await openChain();
    chain.on('connect', () => {
      throw new Error('a bug elsewhere');
    });
    const heard: string[] = [];
    chain.on('connect', (entry) => heard.push(entry.hash));
    const blocks = mineFork(genesisParent(), 2);
    expect((await addAll(chain, blocks)).map((result) => result.status)).toEqual(['connected', 'connected']);
    expect(heard).toEqual(blocks.map((mined) => mined.hash));
    expect(log.filter((line) => line.startsWith('tip'))).toHaveLength(2);
  });

  it('STO-05 a write that fails announces nothing and changes nothing; the next one may succeed', async () => {
    const store = new FailingStore();
    const { chain, log } = await openChain(store);
    const blocks = mineFork(genesisParent(), 2);
    store.failIf = () => true;
    await expect(chain.addBlock((blocks[0] as (typeof blocks)[0]).bytes, PEER)).rejects.toBeInstanceOf(StoreError);
    expect(log).toEqual(['notice disk-full']);
    expect(chain.tip.height).toBe(0);
    expect(chain.blockCount).toBe(1);
    expect(chain.getEntry(blocks[0]?.hash ?? '')).toBeUndefined();
    store.failIf = undefined;
    expect((await addAll(chain, blocks)).map((result) => result.status)).toEqual(['connected', 'connected']);
    expect(log.filter((line) => line === 'notice store-recovered')).toHaveLength(1);
    await expectConsistent(chain);
  });

  it('is closed before open and after close', async () => {
    const { chain } = makeChain(new FailingStore());
    const mined = mineBlock(genesisParent());
    await expect(chain.addBlock(mined.bytes, PEER)).rejects.toMatchObject({ code: 'closed' });
    await chain.open();
    const adding = chain.addBlock(mined.bytes, PEER);
    await chain.close();
    expect((await adding).status).toBe('connected');
    await expect(chain.addHeaders([mined.header], PEER)).rejects.toMatchObject({ code: 'closed' });
  });

  it('stores bodies whose ancestors are still missing, and connects them when the gap is filled', async () => {
    const { chain, log } = await openChain();
    const blocks = mineFork(genesisParent(), 6);
    await chain.addHeaders(blocks.map((mined) => mined.header), PEER);
    const [first, second, ...rest] = blocks as [(typeof blocks)[0], (typeof blocks)[0], ...typeof blocks];
    for (const mined of [...rest].reverse()) expect((await chain.addBlock(mined.bytes, PEER)).status).toBe('side');
    expect(log).toEqual([]);
    expect(chain.tip.height).toBe(0);
    expect(chain.sideTips()).toEqual([]);
    expect(chain.orphanCount).toBe(0);
    await chain.addBlock(first.bytes, PEER);
    expect(chain.tip.height).toBe(1);
    log.length = 0;
    expect(await chain.addBlock(second.bytes, PEER)).toMatchObject({ status: 'connected', entry: { hash: second.hash } });
    expect(chain.tip.hash).toBe(last(blocks).hash);
    expect(log).toEqual([...blocks.slice(1).map((mined) => `connect ${short(mined)}`), `tip ${short(last(blocks))}`]);
    await expectConsistent(chain);
  });

  it('lets a body too far above the complete chain wait as an orphan', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), MAX_BODIES_AHEAD + 2);
    for (let i = 0; i < blocks.length; i += 2_000) {
      expect((await chain.addHeaders(blocks.slice(i, i + 2_000).map((mined) => mined.header), PEER)).status).toBe('ok');
    }
    const [first, second] = blocks as [(typeof blocks)[0], (typeof blocks)[0]];
    const atLimit = blocks[MAX_BODIES_AHEAD - 1] as typeof first;
    expect((await chain.addBlock(atLimit.bytes, PEER)).status).toBe('side');
    const beyond = blocks[MAX_BODIES_AHEAD] as typeof first;
    expect(await chain.addBlock(beyond.bytes, PEER)).toEqual({ status: 'orphan', hash: beyond.hash, missing: first.hash });
    await addAll(chain, [first, second]);
    await addAll(chain, blocks.slice(2, MAX_BODIES_AHEAD - 1));
    expect(chain.tip.hash).toBe(beyond.hash);
    expect(chain.orphanCount).toBe(0);
  });
});

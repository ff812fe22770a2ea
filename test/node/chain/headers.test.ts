import { describe, expect, it } from 'vitest';
import { BlockIndex } from '../../../src/node/chain/block-index.ts';
import { HeaderRoom } from '../../../src/node/chain/headers.ts';
import { HEADERS_NEAR, HEADERS_PER_TURN, MAX_HEADERS_AHEAD, MAX_LOW_WORK_HEADERS, MAX_UNPROVEN_HASHES } from '../../../src/node/chain/limits.ts';
import { MAIN, REGTEST } from '../../../src/node/consensus/params.ts';
import { checkPow } from '../../../src/node/consensus/target.ts';
import { encodeHeader, hashHeader, type BlockHeader } from '../../../src/node/primitives/header.ts';
import { internalHash } from '../../../src/node/util/bytes.ts';
import { genesisParent, mineBlock, mineFork, type MinedBlock, type Parent } from '../../helpers/mine-fork.ts';
import { addAll, FailingStore, last, NOW_MS, openChain, PEER } from './support.ts';

function headers(blocks: readonly MinedBlock[]): BlockHeader[] {
  return blocks.map((mined) => mined.header);
}

describe('Chain.addHeaders', () => {
  it('adds them to the tree in memory, and nothing to the disk', async () => {
    const store = new FailingStore();
    const { chain, log } = await openChain(store);
    const written = store.written.length;
    const blocks = mineFork(genesisParent(), 5);
    expect(await chain.addHeaders(headers(blocks), PEER)).toMatchObject({ status: 'ok', added: 5, last: { hash: last(blocks).hash, hasBlock: false } });
    expect(chain.bestHeader.hash).toBe(last(blocks).hash);
    expect(chain.tip.height).toBe(0);
    expect(chain.headerOnlyCount).toBe(5);
    expect(chain.blockCount).toBe(1);
    expect(store.written).toHaveLength(written);
    expect(log).toEqual([]);
    expect(await chain.addHeaders(headers(blocks), PEER)).toMatchObject({ status: 'ok', added: 0, last: { height: 5 } });
    expect(await chain.addHeaders([], PEER)).toEqual({ status: 'ok', added: 0, last: undefined });
    expect(await chain.getBlock(last(blocks).hash)).toBeUndefined();
  });

  it('names the missing parent of the first', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 2);
    expect(await chain.addHeaders(headers(blocks.slice(1)), PEER)).toEqual({ status: 'unconnected', missing: blocks[0]?.hash });
    expect(chain.headerOnlyCount).toBe(0);
  });

  it('headers that cost nothing push out none of those that were worked for', async () => {
    const { chain } = await openChain();
    const parent = genesisParent();
    const refuse = async ({ header, hash }: MinedBlock): Promise<void> => {
      expect(await chain.addHeaders([header], PEER)).toMatchObject({ status: 'invalid', hash });
    };
    const proven = mineBlock(parent, { version: 2 });
    await refuse(proven);
    const free = Array.from({ length: MAX_UNPROVEN_HASHES + 1 }, () => mineBlock(parent, { withoutWork: true }));
    for (const mined of free) await refuse(mined);
    expect(chain.isKnownInvalid(proven.hash)).toBe(true);
    expect([chain.isKnownInvalid(free[0]?.hash ?? ''), chain.isKnownInvalid(last(free).hash)]).toEqual([false, true]);
  });

  it('HDR-02 HDR-05 stops at the one that breaks a rule; those before it stay', async () => {
    const parent = genesisParent();
    const good = mineFork(parent, 2);
    const on: Parent & { time: number } = last(good);
    const cases: [string, BlockHeader, boolean][] = [
      ['high-hash', mineBlock(on, { withoutWork: true }).header, true],
      ['bad-bits', mineBlock(on, { bits: 0x207ffffe }).header, true],
      ['bad-bits', { ...mineBlock(on).header, bits: 0 }, true],
      ['time-too-old', mineBlock(on, { time: parent.time }).header, true],
      ['time-too-new', mineBlock(on, { time: NOW_MS / 1000 + 7_201 }).header, false],
      ['bad-version', mineBlock(on, { version: 0 }).header, true],
      ['bad-prev-hash', mineBlock(parent).header, false],
    ];
    for (const [rule, header, remembered] of cases) {
      const { chain } = await openChain();
      const result = await chain.addHeaders([...headers(good), header], PEER);
      expect(result).toMatchObject({ status: 'invalid', at: 2, error: { rule } });
      expect(chain.headerOnlyCount).toBe(2);
      expect(result.status === 'invalid' && chain.isKnownInvalid(result.hash)).toBe(remembered);
      const again = await chain.addHeaders([...headers(good), header], PEER);
      expect(again).toMatchObject({ status: 'invalid', at: 2, error: { rule } });
    }
  });

  it('a bad body condemns the headers above it, but not one that does not fit its header', async () => {
    const { chain } = await openChain();
    const bad = mineBlock(genesisParent(), { dataText: 'no json' });
    const above = mineFork(bad, 3);
    const other = mineFork(genesisParent(), 2);
    await chain.addHeaders(headers([bad, ...above]), PEER);
    await chain.addHeaders(headers(other), PEER);
    expect(chain.bestHeader.hash).toBe(last(above).hash);
    const misfit = { header: bad.header, transactions: mineBlock(genesisParent()).block.transactions };
    expect(await chain.addBlock(misfit, PEER)).toMatchObject({ status: 'invalid', error: { rule: 'bad-merkle-root' } });
    expect(chain.bestHeader.hash).toBe(last(above).hash);
    expect(await chain.addBlock(bad.bytes, PEER)).toMatchObject({ status: 'invalid', error: { rule: 'bad-data-json' } });
    expect(chain.bestHeader.hash).toBe(last(other).hash);
    expect(chain.headerOnlyCount).toBe(2);
    for (const mined of [bad, ...above]) expect(chain.isKnownInvalid(mined.hash)).toBe(true);
    expect(await chain.addHeaders(headers(above), PEER)).toMatchObject({ status: 'invalid', at: 0 });
    expect(await chain.addHeaders(headers([bad, ...above]), PEER)).toMatchObject({ status: 'invalid', at: 0, error: { rule: 'bad-data-json' } });
  });

  it('lets the event loop turn between parts of a long message', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 4 * HEADERS_PER_TURN);
    let turns = 0;
    let running = true;
    const tick = (): void => {
      turns++;
      if (running) setImmediate(tick);
    };
    setImmediate(tick);
    await chain.addHeaders(headers(blocks), PEER);
    running = false;
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('adopts an orphan when its parent’s header comes', async () => {
    const { chain } = await openChain();
    const blocks = mineFork(genesisParent(), 2);
    expect((await chain.addBlock(last(blocks).bytes, PEER)).status).toBe('orphan');
    await chain.addHeaders(headers(blocks.slice(0, 1)), PEER);
    expect(chain.orphanCount).toBe(0);
    expect(chain.getEntry(last(blocks).hash)?.hasBlock).toBe(true);
    await addAll(chain, blocks.slice(0, 1));
    expect(chain.tip.hash).toBe(last(blocks).hash);
  });

  it('gives the bits that ASERT asks for on main', async () => {
    const { chain } = await openChain(new FailingStore(), { params: MAIN });
    expect(chain.nextBits(chain.genesis)).toBe(MAIN.powLimitBits);
    expect(chain.genesis).toMatchObject({ anchorHeight: 0, anchorParentTime: MAIN.genesis.header.time - MAIN.spacing });
  });
});

describe('room for headers', () => {
  function grow(index: BlockIndex, parent: Parent, length: number, room: HeaderRoom): { added: number; blocks: MinedBlock[] } {
    const blocks = mineFork(parent, length);
    let added = 0;
    for (const mined of blocks) {
      const on = index.get(mined.height === 1 ? index.genesis.hash : (blocks[added - 1]?.hash ?? parent.hash));
      if (on === undefined) break;
      if (!room.reserve(on, index.workAbove(on, mined.header.bits))) break;
      index.insertHeader(internalHash(mined.hash), encodeHeader(mined.header), on);
      added++;
    }
    return { added, blocks };
  }

  it('keeps at most so many headers without bodies; the branch that grows stops at the limit', () => {
    const index = new BlockIndex(REGTEST);
    expect(grow(index, genesisParent(), 12, new HeaderRoom(index, { ahead: 10, lowWork: 10 })).added).toBe(10);
    expect(index.headerOnly).toBe(10);
  });

  it('drops other branches, the oldest first, never the best', () => {
    const index = new BlockIndex(REGTEST);
    const limits = { ahead: 10, lowWork: 10 };
    const best = grow(index, genesisParent(), 6, new HeaderRoom(index, limits)).blocks;
    const old = grow(index, genesisParent(), 2, new HeaderRoom(index, limits)).blocks;
    const newer = grow(index, genesisParent(), 2, new HeaderRoom(index, limits)).blocks;
    expect(index.headerOnly).toBe(10);
    expect(grow(index, genesisParent(), 2, new HeaderRoom(index, limits)).added).toBe(2);
    expect(old.map((mined) => index.get(mined.hash))).toEqual([undefined, undefined]);
    expect(newer.every((mined) => index.get(mined.hash) !== undefined)).toBe(true);
    expect(index.bestHeader.hash).toBe(last(best).hash);
    expect(index.headerOnly).toBe(10);
  });

  it('has less room for branches that do not beat the tip', () => {
    const index = new BlockIndex(REGTEST);
    const limits = { ahead: 100, lowWork: 4 };
    const active = grow(index, genesisParent(), 20, new HeaderRoom(index, limits)).blocks;
    for (const mined of active) {
      const entry = index.get(mined.hash);
      if (entry === undefined) throw new Error('a header is missing');
      index.setBody(entry, true);
      index.link(entry);
      index.setTip(entry);
    }
    expect(grow(index, genesisParent(), 10, new HeaderRoom(index, limits)).added).toBe(4);
    expect(grow(index, last(active), 30, new HeaderRoom(index, limits)).added).toBe(30);
  });

  it('has room for what is just above the complete chain, however much a better branch without bodies takes', () => {
    const index = new BlockIndex(REGTEST);
    const limits = { ahead: HEADERS_NEAR + 1_000, lowWork: 100 };
    const best = grow(index, genesisParent(), limits.ahead + 1, new HeaderRoom(index, limits));
    expect(best.added).toBe(limits.ahead);
    expect(grow(index, genesisParent(), 3, new HeaderRoom(index, limits)).added).toBe(3);
    // The bottom of the better one stays, and it is still the best.
    expect(index.headerOnly).toBe(1_000 + 3);
    expect(index.bestHeader.hash).toBe(best.blocks[999]?.hash);
    expect(grow(index, genesisParent(), HEADERS_NEAR + 10, new HeaderRoom(index, limits)).added).toBeGreaterThanOrEqual(HEADERS_NEAR);
    expect(index.headerOnly).toBeLessThanOrEqual(limits.ahead);
  });

  it('stops at the real limits and says so', { timeout: 60_000 }, async () => {
    const { chain } = await openChain();
    let { previousHash, time } = { previousHash: internalHash(chain.genesis.hash), time: chain.genesis.time };
    let limited = false;
    for (let i = 0; i <= MAX_HEADERS_AHEAD && !limited; i += 2_000) {
      const some: BlockHeader[] = [];
      for (let j = 0; j < 2_000; j++) {
        // A second apart, so that they stay in the past of the clock.
        const header: BlockHeader = { version: 1, previousHash, merkleRoot: new Uint8Array(32), time: ++time, bits: REGTEST.powLimitBits, nonce: 0 };
        while (!checkPow((previousHash = hashHeader(header)), header.bits, REGTEST.powLimit)) header.nonce++;
        some.push(header);
      }
      const result = await chain.addHeaders(some, PEER);
      if (result.status !== 'ok') throw new Error(`refused: ${result.status}`);
      limited = result.limited === true;
    }
    expect(limited).toBe(true);
    expect(chain.headerOnlyCount).toBe(MAX_HEADERS_AHEAD);
    expect(MAX_LOW_WORK_HEADERS).toBeLessThan(MAX_HEADERS_AHEAD);
  });
});

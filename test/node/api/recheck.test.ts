import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { API_LIMITS } from '../../../src/node/api/limits.ts';
import { recheckBlock, type RecheckParts } from '../../../src/node/api/recheck.ts';
import { Chain } from '../../../src/node/chain/chain.ts';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeBlock, type Block } from '../../../src/node/primitives/block.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork } from '../../helpers/mine-fork.ts';
import { mine, NodeNetwork } from '../../helpers/node.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function chainOf(count: number) {
  const chain = new Chain({ params: REGTEST, dataDir: 'unused' }, { clock: systemClock, logger: nullLogger, store: new MemoryStore() });
  await chain.open();
  closers.push(() => chain.close());
  const blocks = mineFork(genesisParent(), count - 1);
  blocks.push(mineBlock(blocks.at(-1) ?? genesisParent(), { txs: [dataTransaction('a'), dataTransaction('b')] }));
  for (const { block } of blocks) await chain.addBlock(block, { kind: 'peer' });
  return { chain, blocks };
}

/** The chain, with another body in the place of one. */
function withBody(chain: Chain, bytes: Uint8Array | undefined): RecheckParts {
  const parts = {
    getEntry: chain.getEntry.bind(chain),
    nextBits: chain.nextBits.bind(chain),
    medianTimePast: chain.medianTimePast.bind(chain),
    getBlockBytes: () => Promise.resolve(bytes),
  };
  return { chain: parts, params: REGTEST, clock: systemClock };
}

describe('a stored block is checked again', () => {
  it('and every stage has its time', async () => {
    const { chain, blocks } = await chainOf(15);
    for (const { hash } of blocks) {
      const check = await recheckBlock({ chain, params: REGTEST, clock: systemClock }, hash);
      expect(check?.violation).toBeUndefined();
      expect(Object.keys(check?.times ?? {}).sort()).toEqual(['data', 'parent', 'read', 'time', 'work']);
      for (const ms of Object.values(check?.times ?? {})) expect(ms).toBeGreaterThanOrEqual(0);
      const { work = 0, parent = 0, time = 0, data = 0 } = check?.times ?? {};
      expect(check?.ms).toBeCloseTo(work + parent + time + data, 9);
    }
    expect(await recheckBlock({ chain, params: REGTEST, clock: systemClock }, REGTEST.genesisHash)).toMatchObject({ hash: REGTEST.genesisHash });
    expect(await recheckBlock({ chain, params: REGTEST, clock: systemClock }, 'ab'.repeat(32))).toBeUndefined();
  });

  it('and a broken rule is found at its stage', async () => {
    const { chain, blocks } = await chainOf(3);
    const last = blocks[2];
    if (last === undefined) throw new Error('no block');
    const { block, hash } = last;
    // The same header, and a body that is not the one it names.
    const other: Block = { ...block, transactions: block.transactions.slice(0, 2) };
    const check = await recheckBlock(withBody(chain, encodeBlock(other)), hash);
    expect(check?.violation?.rule).toBe('bad-merkle-root');
    expect(check?.times.data).toBeGreaterThanOrEqual(0);
    // A header that is another block's is not this block.
    expect(await recheckBlock(withBody(chain, encodeBlock(blocks[1]?.block ?? block)), hash)).toBeUndefined();
    expect(await recheckBlock(withBody(chain, undefined), hash)).toBeUndefined();
    // Its place in the chain is looked up anew.
    const harder = withBody(chain, encodeBlock(block));
    const bits = await recheckBlock({ ...harder, chain: { ...harder.chain, nextBits: () => block.header.bits - 1 } }, hash);
    expect(bits?.violation?.rule).toBe('bad-bits');
    expect(bits?.times.data).toBeUndefined();
    const older = await recheckBlock({ ...harder, chain: { ...harder.chain, medianTimePast: () => block.header.time } }, hash);
    expect(older?.violation?.rule).toBe('time-too-old');
  });
});

describe('through the door', () => {
  let network: NodeNetwork;
  beforeAll(async () => {
    network = await NodeNetwork.create();
  }, 60_000);
  afterEach(() => network.reset());
  afterAll(() => network.close());

  it('checks what is stored, and knows the tries of what was found here', async () => {
    const node = await network.open();
    const [hash = ''] = await mine(node, 'found here');
    expect(await node.api.checkBlock(hash)).toMatchObject({ hash });
    expect(await node.api.checkBlock('ab'.repeat(32))).toBeNull();
    const { lastResult } = node.api.snapshot().mining;
    expect(lastResult?.hashes).toBeGreaterThan(0);
    expect((await node.api.getBlock(hash))?.tries).toBe(lastResult?.hashes);
    expect((await node.api.getBlock(0))?.tries).toBeUndefined();
  });

  it('remembers the tries of so many blocks', { timeout: 60_000 }, async () => {
    const node = await network.open();
    const first = await mine(node, 'first');
    const { miner } = node.node.parts;
    const state = miner.state();
    for (let i = 0; i < API_LIMITS.rememberedTries - 1; i += 1) miner.emit('state', { ...state, lastResult: { jobId: i, outcome: 'found', hashes: 1, hash: i.toString(16).padStart(64, '0'), height: 1 } });
    expect((await node.api.getBlock(first[0] ?? ''))?.tries).toBeDefined();
    for (let i = 0; i < API_LIMITS.rememberedTries; i += 1) miner.emit('state', { ...state, lastResult: { jobId: i, outcome: 'found', hashes: 1, hash: i.toString(16).padStart(63, '0').padStart(64, '1'), height: 1 } });
    expect((await node.api.getBlock(first[0] ?? ''))?.tries).toBeUndefined();
  });
});

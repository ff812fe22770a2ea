import { expect } from 'vitest';
import { MAX_ORPHANS } from '../../../src/node/chain/limits.ts';
import { MESSAGE_TYPES } from '../../../src/node/net/messages.ts';
import { dataTransaction, type MinedBlock } from '../../helpers/mine-fork.ts';
import { until } from '../../helpers/until.ts';
import { expectDrop, fork, oneBlock, readToHere, sendBlock, type Case, type World } from '../world.ts';
import { frame } from './wire.ts';

/** The same header and hash over a body in which one text is replaced by another of the same length. */
function altered(block: MinedBlock, from: string, to: string): MinedBlock {
  const bytes = Buffer.from(block.bytes);
  const at = bytes.indexOf(from);
  if (at < 0 || Buffer.byteLength(from) !== Buffer.byteLength(to)) throw new Error('the text must be there, and keep its length');
  bytes.write(to, at);
  return { ...block, bytes: Uint8Array.from(bytes) };
}

/** An altered body is refused under its hash, and the honest one with the same hash is taken afterwards. */
async function refusesAltered(world: World, dataText: string, from: string, to: string): Promise<void> {
  const block = oneBlock(world.tip, { dataText });
  await expectDrop(await world.refuses(altered(block, from, to), 'bad-merkle-root'), 'misbehaving');
  const honest = await world.peer();
  sendBlock(honest, block);
  await until('the honest body', () => world.tip.hash === block.hash);
  expect((await world.http(`/blocks/${block.hash}`)).text).toContain(`"data":${dataText}`);
}

/** Hashes of the last blocks, as the HTTP API tells them. */
async function hashes(world: World): Promise<string[]> {
  return ((await world.http(`/blocks?from=${String(Math.max(0, world.tip.height - 20))}`)).json() as { hash: string }[]).map(({ hash }) => hash);
}

export const blockCases: Case[] = [
  { id: 'BLK-01', title: 'an object altered in its data: refused', run: (world) => refusesAltered(world, '{"from":"ana","amount":100}', '100', '900') },
  {
    id: 'BLK-02',
    title: 'another order of keys, 1.0 for 1, another form of a letter: another text, refused under the old hash',
    run: async (world) => {
      await refusesAltered(world, '{"a":1,"b":2}', '{"a":1,"b":2}', '{"b":2,"a":1}');
      await refusesAltered(world, '[1.0]', '[1.0]', '[1  ]');
      // é as one code point and two spaces; e, and the accent by itself.
      await refusesAltered(world, '"caf\u00e9 "', '\u00e9 ', 'e\u0301');
    },
  },
  { id: 'BLK-03', title: 'a string altered: refused', run: (world) => refusesAltered(world, '"pay ana 5"', 'ana', 'bob') },
  {
    id: 'BLK-04',
    title: 'the right parent and a hash without the work, or a hash changed in one bit: refused',
    run: async (world) => {
      await world.refuses(oneBlock(world.tip, { withoutWork: true }), 'high-hash');
      // A bit of the nonce: almost always another hash than the parent's child; on regtest every second one happens to be good.
      const elsewhere = oneBlock(world.tip, { header: { merkleRoot: new Uint8Array(32).fill(9) } });
      await world.refuses(elsewhere, 'bad-merkle-root');
    },
  },
  {
    id: 'BLK-05',
    title: 'a height too high, too low, 0, the largest: refused',
    run: async (world) => {
      for (const coinbaseHeight of [world.tip.height + 2, world.tip.height, 0, 0xffff_ffff]) {
        await world.refuses(oneBlock(world.tip, { coinbaseHeight }), 'bad-coinbase-height');
      }
    },
  },
  {
    id: 'BLK-06',
    title: 'a time 3 h ahead: refused with a word about clocks, its sender stays, its hash is not condemned',
    run: async (world) => {
      const block = oneBlock(world.tip, { time: Math.floor(Date.now() / 1000) + 3 * 3_600 });
      const peer = await world.refuses(block, 'time-too-new');
      await readToHere(peer);
      expect(peer.end).toBeUndefined();
      expect(world.events('rejected').find(({ rejection }) => rejection.hash === block.hash)?.rejection.violation.message).toMatch(/clock/);
      expect(world.chain.isKnownInvalid(block.hash)).toBe(false);
    },
  },
  {
    id: 'BLK-07',
    title: 'a time of 0, at the median, and the largest: refused',
    run: async (world) => {
      await world.refuses(oneBlock(world.tip, { time: 0 }), 'time-too-old');
      await world.refuses(oneBlock(world.tip, { time: world.chain.medianTimePast(world.tip) }), 'time-too-old');
      await world.refuses(oneBlock(world.tip, { time: 0xffff_ffff }), 'time-too-new');
    },
  },
  {
    id: 'BLK-08',
    title: 'above 1 MiB: dropped',
    run: async (world) => {
      const peer = await world.peer();
      peer.raw(frame(MESSAGE_TYPES.block).bytes(new Uint8Array(1024 * 1024 + 1)).finish());
      await expectDrop(peer, 'malformed');
      const large = await world.peer();
      const txs = Array.from({ length: 5 }, () => dataTransaction('x'.repeat(250_000)));
      const block = oneBlock(world.tip, { txs });
      expect(block.bytes.length).toBeGreaterThan(1024 * 1024);
      sendBlock(large, block);
      await expectDrop(large, 'malformed');
      expect(world.chain.getEntry(block.hash)).toBeUndefined();
    },
  },
  {
    id: 'BLK-09',
    title: 'the same block again: ignored, once in GET /blocks',
    run: async (world) => {
      const block = oneBlock(world.tip);
      const peers = [await world.peer(), await world.peer()];
      for (let i = 0; i < 3; i++) for (const peer of peers) sendBlock(peer, block);
      for (const peer of peers) await readToHere(peer);
      await until('taken', () => world.tip.hash === block.hash);
      expect((await hashes(world)).filter((hash) => hash === block.hash)).toHaveLength(1);
      expect(peers.map(({ end }) => end)).toEqual([undefined, undefined]);
    },
  },
  {
    id: 'BLK-10',
    title: 'a known invalid block again, and its child: refused',
    run: async (world) => {
      const bad = oneBlock(world.tip, { coinbaseHeight: world.tip.height + 9 });
      await world.refuses(bad, 'bad-coinbase-height');
      expect(world.chain.isKnownInvalid(bad.hash)).toBe(true);
      await world.refuses(bad, 'bad-coinbase-height');
      await world.refuses(oneBlock(bad), 'invalid-ancestor');
    },
  },
  {
    id: 'BLK-11',
    title: '300 blocks without parents: at most 20 are kept',
    run: async (world) => {
      const blocks = fork(world.tip, 301);
      const before = world.chain.blockCount;
      const peer = await world.peer({}, (raw) => {
        raw.answers.getheaders = () => undefined;
      });
      for (const block of blocks.slice(1)) sendBlock(peer, block);
      await readToHere(peer);
      await until('orphans', () => world.chain.orphanCount > 0);
      expect(world.chain.orphanCount).toBeLessThanOrEqual(MAX_ORPHANS);
      expect(MAX_ORPHANS).toBe(20);
      expect(world.chain.blockCount).toBe(before);
    },
  },
  {
    id: 'BLK-12',
    title: 'a valid block on an older one: a side branch, told to the window',
    run: async (world) => {
      const { hash } = world.tip;
      const side = oneBlock(world.below(1));
      // A rival of equal work; the one below is a block behind.
      const older = oneBlock(world.below(2));
      const peer = await world.peer();
      sendBlock(peer, side);
      sendBlock(peer, older);
      await until('stored', () => [side, older].every((block) => world.chain.getEntry(block.hash)?.hasBlock === true));
      expect(world.chain.sideTips().map((entry) => entry.hash)).toEqual(expect.arrayContaining([side.hash, older.hash]));
      expect(world.events('block').filter(({ block }) => block.branch === 'side').map(({ block }) => block.hash)).toEqual([side.hash, older.hash]);
      expect((await world.http(`/blocks/${side.hash}`)).json()).toMatchObject({ branch: 'side' });
      expect(world.tip.hash).toBe(hash);
    },
  },
  {
    id: 'BLK-13',
    title: 'a rival of equal work: the first seen stays, both are known',
    run: async (world) => {
      const [first, second] = [oneBlock(world.tip), oneBlock(world.tip)];
      const peer = await world.peer();
      sendBlock(peer, first);
      await until('taken', () => world.tip.hash === first.hash);
      sendBlock(peer, second);
      await until('stored', () => world.chain.getEntry(second.hash)?.hasBlock === true);
      expect(world.tip.hash).toBe(first.hash);
      expect(world.chain.getEntry(second.hash)?.chainwork).toBe(world.tip.chainwork);
      expect(world.node.api.snapshot().chain.sideTips.map(({ hash }) => hash)).toContain(second.hash);
    },
  },
  {
    id: 'BLK-14',
    title: 'a branch with less work: the tip stays',
    height: 12,
    run: async (world) => {
      const { hash } = world.tip;
      const low = fork(world.below(10), 9);
      const peer = await world.peer();
      for (const block of low) sendBlock(peer, block);
      await until('stored', () => world.chain.getEntry(low.at(-1)?.hash ?? '')?.hasBlock === true);
      expect(world.tip.hash).toBe(hash);
      expect(world.events('reorg')).toEqual([]);
    },
  },
  {
    id: 'BLK-15',
    title: 'a heavier fork 1, 10 and 100 deep: one reorg each',
    height: 104,
    timeout: 60_000,
    run: async (world) => {
      for (const depth of [1, 10, 100]) {
        const base = world.below(depth);
        const heavier = fork(base, depth + 1);
        const before = world.events('reorg').length;
        const peer = await world.server(base, heavier);
        await until(`the fork of ${String(depth)}`, () => world.tip.hash === heavier.at(-1)?.hash, 20_000);
        const reorgs = world.events('reorg').slice(before);
        expect(reorgs.map(({ reorg }) => [reorg.disconnected.length, reorg.connected.length])).toEqual([[depth, depth + 1]]);
        peer.close();
        await world.agree();
      }
    },
  },
  {
    id: 'BLK-16',
    title: 'a heavier fork that is invalid at its last block: the old tip is there again',
    height: 8,
    run: async (world) => {
      const { hash } = world.tip;
      const twice = dataTransaction('twice on one branch');
      const base = world.below(5);
      const bad = fork(base, 6, (index) => (index === 0 || index === 5 ? { txs: [twice] } : {}));
      const peer = await world.server(base, bad);
      const [reject] = await peer.waitFor('reject');
      expect(reject).toMatchObject({ rule: 'duplicate-transaction', hash: bad.at(-1)?.hash });
      expect(world.tip.hash).toBe(hash);
      expect(world.events('tip').every(({ chain }) => chain.tip.hash === hash)).toBe(true);
      expect((await hashes(world)).at(-1)).toBe(hash);
      expect(world.chain.isKnownInvalid(bad.at(-1)?.hash ?? '')).toBe(true);
    },
  },
];

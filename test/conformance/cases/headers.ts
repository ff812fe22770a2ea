import { expect } from 'vitest';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { MESSAGE_TYPES } from '../../../src/node/net/messages.ts';
import type { MinedBlock } from '../../helpers/mine-fork.ts';
import type { RawPeer } from '../../helpers/raw-peer.ts';
import { until } from '../../helpers/until.ts';
import { expectDrop, fork, oneBlock, readToHere, serve, tipAbove, type Case, type World } from '../world.ts';
import { frame } from './wire.ts';

/** A header is refused: the sender is dropped, it is told the rule, and nothing of it is kept. */
async function refusesHeader(world: World, block: MinedBlock, rule: string): Promise<void> {
  const before = world.chain.headerOnlyCount;
  const peer = await world.peer();
  peer.send({ type: 'headers', headers: [block.header] });
  await expectDrop(peer, 'misbehaving');
  expect(peer.got('reject')[0]).toMatchObject({ rule, hash: block.hash });
  expect(world.chain.getEntry(block.hash)).toBeUndefined();
  expect(world.chain.headerOnlyCount).toBe(before);
}

/** Sends headers in batches, each after the one before it was read. */
async function push(peer: RawPeer, blocks: readonly MinedBlock[]): Promise<void> {
  for (let at = 0; at < blocks.length && peer.end === undefined; at += NET_LIMITS.headersPerMessage) {
    peer.send({ type: 'headers', headers: blocks.slice(at, at + NET_LIMITS.headersPerMessage).map(({ header }) => header) });
    await readToHere(peer);
  }
}

export const headerCases: Case[] = [
  {
    id: 'HDR-01',
    title: '2,001 headers in a message: dropped',
    run: async (world) => {
      const peer = await world.peer();
      peer.raw(frame(MESSAGE_TYPES.headers).varint(2_001).bytes(new Uint8Array(2_001 * 80)).finish());
      await expectDrop(peer, 'malformed');
      expect(NET_LIMITS.headersPerMessage).toBe(2_000);
    },
  },
  { id: 'HDR-02', title: 'without proof of work: dropped, not stored', run: (world) => refusesHeader(world, oneBlock(world.tip, { withoutWork: true }), 'high-hash') },
  {
    id: 'HDR-03',
    title: '100,000 valid headers of little work, asked for and pushed, on many connections: not stored',
    timeout: 180_000,
    height: 4_500,
    run: async (world) => {
      const before = world.chain.headerOnlyCount;
      const { hash, height } = world.tip;
      const length = 4_100;
      const rss = process.memoryUsage.rss();
      let sent = 0;
      for (let round = 0; sent < 100_000; round++) {
        const low = fork(world.chain.genesis, length);
        let served = 0;
        // It says that it is near our tip, so that it is asked.
        const peer = await world.peer({ tip: { ...tipAbove(world.chain.genesis, low), height: height - 1 } }, (raw) => {
          serve(raw, low);
          const answer = raw.answers.getheaders;
          raw.answers.getheaders = (message) => {
            served += 1;
            answer?.(message);
          };
        });
        if (round % 2 === 0) {
          await until('asked to the end', () => served >= Math.ceil(length / NET_LIMITS.headersPerMessage) || peer.end !== undefined, 30_000);
          await readToHere(peer);
        } else await push(peer, low);
        sent += length;
        expect(world.chain.headerOnlyCount).toBe(before);
        peer.close();
      }
      console.log(`      HDR-03: ${String(sent)} headers, RSS ${((process.memoryUsage.rss() - rss) / 1e6).toFixed(0)} MB more, of which the attacker in the same process is a part`);
      expect(world.tip.hash).toBe(hash);
    },
  },
  {
    id: 'HDR-04',
    title: 'a gap: dropped; connected to nothing: one getheaders, then dropped',
    run: async (world) => {
      const gap = await world.peer();
      const blocks = fork(world.tip, 3);
      gap.send({ type: 'headers', headers: [blocks[0], blocks[2]].flatMap((block) => (block === undefined ? [] : [block.header])) });
      await expectDrop(gap, 'misbehaving');
      const nowhere = { hash: 'aa'.repeat(32), height: 5, time: world.tip.time };
      const lost = await world.peer();
      await readToHere(lost);
      const before = lost.got('getheaders').length;
      for (let i = 0; i < 4; i++) lost.send({ type: 'headers', headers: [oneBlock(nowhere).header] });
      await expectDrop(lost, 'misbehaving');
      expect(lost.got('getheaders')).toHaveLength(before + 1);
    },
  },
  {
    id: 'HDR-05',
    title: 'bits that are not the computed ones, zero, negative, above the limit, or no target at all: dropped, not stored',
    run: async (world) => {
      await refusesHeader(world, oneBlock(world.tip, { bits: 0x207ffffe }), 'bad-bits');
      for (const bits of [0, 0x01003456, 0x04923456, 0x217fffff, 0xff123456, 0xffffffff]) {
        // What is no target cannot be met.
        await refusesHeader(world, oneBlock(world.tip, { bits, withoutWork: true }), 'bad-bits');
      }
    },
  },
  {
    id: 'HDR-06',
    title: 'announced work that does not come: dropped, and another peer is asked',
    run: async (world) => {
      const big = { hash: 'ee'.repeat(32), height: world.tip.height + 1_000, chainwork: 1n << 100n };
      const boaster = await world.peer({ tip: big }, (peer) => {
        serve(peer, []);
      });
      await expectDrop(boaster, 'work-not-delivered');
      const blocks = fork(world.tip, 10);
      await world.server(world.tip, blocks);
      await until('the tip', () => world.tip.hash === blocks.at(-1)?.hash);
    },
  },
  {
    id: 'HDR-07',
    title: 'a locator of 10,000: dropped',
    run: async (world) => {
      const peer = await world.peer();
      peer.raw(frame(MESSAGE_TYPES.getheaders).varint(10_000).bytes(new Uint8Array(320_032)).finish());
      await expectDrop(peer, 'malformed');
    },
  },
];

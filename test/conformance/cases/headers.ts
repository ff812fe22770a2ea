import { expect } from 'vitest';
import type { BlockIndexEntry } from '../../../src/node/chain/types.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { checkPow } from '../../../src/node/consensus/target.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { MESSAGE_TYPES } from '../../../src/node/net/messages.ts';
import { hashHeader, type BlockHeader } from '../../../src/node/primitives/header.ts';
import { displayHash, internalHash } from '../../../src/node/util/bytes.ts';
import { systemRandom } from '../../../src/node/util/random.ts';
import type { MinedBlock } from '../../helpers/mine-fork.ts';
import type { RawPeer } from '../../helpers/raw-peer.ts';
import { until } from '../../helpers/until.ts';
import { expectDrop, fork, oneBlock, readToHere, serve, type Case, type World } from '../world.ts';
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

export interface Headers {
  headers: BlockHeader[];
  hashes: string[];
}

/** Valid headers without bodies on a block: no two calls give the same. */
export function headersOn(base: Pick<BlockIndexEntry, 'hash' | 'time'>, length: number): Headers {
  const { powLimit, powLimitBits: bits } = REGTEST;
  const branch: Headers = { headers: [], hashes: [] };
  let previousHash: Uint8Array = internalHash(base.hash);
  for (let i = 0; i < length; i++) {
    const header = { version: 1, previousHash, merkleRoot: systemRandom.bytes(32), time: base.time + i + 1, bits, nonce: 0 };
    while (!checkPow(hashHeader(header), bits, powLimit)) header.nonce++;
    previousHash = hashHeader(header);
    branch.headers.push(header);
    branch.hashes.push(displayHash(previousHash));
  }
  return branch;
}

/** Sends headers in batches, each after the one before it was read. */
export async function push(peer: RawPeer, { headers }: Headers): Promise<void> {
  for (let at = 0; at < headers.length && peer.end === undefined; at += NET_LIMITS.headersPerMessage) {
    peer.send({ type: 'headers', headers: headers.slice(at, at + NET_LIMITS.headersPerMessage) });
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
    title: 'valid headers of little work by the ten thousand, asked for and pushed, on many connections: not stored',
    timeout: 180_000,
    height: 4_500,
    run: async (world) => {
      const before = world.chain.headerOnlyCount;
      const { hash, height } = world.tip;
      const length = 4_100;
      let sent = 0;
      // A hundred thousand, and what they cost in memory: memory.test.ts.
      for (let round = 0; sent < 24_000; round++) {
        const low = headersOn(world.chain.genesis, length);
        const places = new Map(low.hashes.map((hash, index) => [hash, index]));
        let served = 0;
        // It says that it is near our tip, so that it is asked.
        const chainwork = world.chain.genesis.chainwork * BigInt(length + 1);
        const peer = await world.peer({ tip: { hash: low.hashes.at(-1) ?? '', height: height - 1, chainwork } }, (raw) => {
          raw.answers.getheaders = ({ locator }) => {
            served += 1;
            const at = locator.map((hash) => places.get(hash)).find((index) => index !== undefined) ?? -1;
            raw.send({ type: 'headers', headers: low.headers.slice(at + 1, at + 1 + NET_LIMITS.headersPerMessage) });
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

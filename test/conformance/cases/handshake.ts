import { expect } from 'vitest';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { MAIN } from '../../../src/node/consensus/params.ts';
import { encodeMessage } from '../../../src/node/net/codec/frame.ts';
import { MESSAGE_TYPES, PROTOCOL_VERSION, type VersionMessage } from '../../../src/node/net/messages.ts';
import type { RawPeer } from '../../helpers/raw-peer.ts';
import { until } from '../../helpers/until.ts';
import { expectDrop, oneBlock, sendBlock, type Case, type World } from '../world.ts';
import { frame } from './wire.ts';

/** A connection that begins with this instead of its version. */
async function beginsWith(world: World, ...send: ((peer: RawPeer) => void)[]): Promise<RawPeer> {
  const peer = await world.open();
  for (const one of send) one(peer);
  return peer;
}

const says = (changes: Partial<VersionMessage> = {}) => (peer: RawPeer) => {
  peer.send(peer.hello(changes));
};

export const handshakeCases: Case[] = [
  {
    id: 'HS-01',
    title: 'nothing for 5 s, or never a verack: dropped',
    timeout: 40_000,
    waits: true,
    run: async (world) => {
      const silent = await world.open();
      const half = await beginsWith(world, says());
      await expectDrop(silent, 'handshake-timeout');
      await expectDrop(half, 'handshake-timeout');
    },
  },
  {
    id: 'HS-02',
    title: 'a block before the version: dropped, and not taken',
    run: async (world) => {
      const block = oneBlock(world.tip);
      const peer = await beginsWith(world, (raw) => {
        sendBlock(raw, block);
      });
      await expectDrop(peer, 'protocol-order');
      expect(world.chain.getEntry(block.hash)).toBeUndefined();
    },
  },
  {
    id: 'HS-03',
    title: 'two versions, before and after the verack: dropped',
    run: async (world) => {
      await expectDrop(await beginsWith(world, says(), says()), 'protocol-order');
      const ready = await world.peer();
      ready.send(ready.hello());
      await expectDrop(ready, 'protocol-order');
    },
  },
  {
    id: 'HS-04',
    title: 'another genesis block, another magic: dropped as of another network',
    run: async (world) => {
      const genesis = await beginsWith(world, says({ genesisHash: MAIN.genesisHash }));
      expect(await genesis.endsWithin(15_000)).toEqual({ code: 4001, reason: 'other-network' });
      const magic = await beginsWith(world, (peer) => {
        peer.raw(encodeMessage(MAIN.magic, peer.hello()));
      });
      expect(await magic.endsWithin(15_000)).toEqual({ code: 4001, reason: 'other-network' });
    },
  },
  {
    id: 'HS-05',
    title: 'an older and a newer protocol version: dropped, whatever follows the number',
    run: async (world) => {
      for (const protocol of [0, PROTOCOL_VERSION + 1, 0xffff_ffff]) {
        const bytes = frame(MESSAGE_TYPES.version).u32(protocol).bytes(new Uint8Array(20)).finish();
        const peer = await beginsWith(world, (raw) => {
          raw.raw(bytes);
        });
        expect(await peer.endsWithin(15_000)).toEqual({ code: 4002, reason: 'other-version' });
      }
    },
  },
  {
    id: 'HS-06',
    title: 'our own node id, and our own address: no peer',
    run: async (world) => {
      const peer = await beginsWith(world, says({ nodeId: world.node.info.nodeId }));
      expect(await peer.endsWithin(15_000)).toEqual({ code: 4003, reason: 'self' });
      for (const host of ['127.0.0.1', 'localhost']) {
        const answer = await world.http('/peers', { method: 'POST', body: { address: `${host}:${String(world.port)}` } });
        expect(answer).toMatchObject({ status: 400 });
        expect(answer.json()).toMatchObject({ error: { code: 'self' } });
      }
    },
  },
  {
    id: 'HS-07',
    title: 'one node id on two connections: one row',
    run: async (world) => {
      const nodeId = 'aa'.repeat(16);
      const first = await world.peer({ nodeId });
      await until('its row', () => world.strangers().length === 1);
      const second = await world.peer({ nodeId });
      // The older one answers the probe, so it stays.
      expect(await second.endsWithin(15_000)).toEqual({ code: 4004, reason: 'duplicate' });
      expect(world.strangers()).toHaveLength(1);
      first.answers.ping = () => undefined;
      const third = await world.peer({ nodeId });
      expect(await first.endsWithin(15_000)).toEqual({ code: 4004, reason: 'duplicate' });
      await until('the newer one has the row', () => world.strangers().length === 1 && world.strangers()[0]?.state === 'connected');
      expect(third.end).toBeUndefined();
    },
  },
  {
    id: 'HS-08',
    title: 'an Origin, foreign or not: 403',
    run: async (world) => {
      for (const origin of ['https://example.org', 'null', `http://127.0.0.1:${String(world.port)}`]) {
        const socket = await world.socket(`Origin: ${origin}`);
        expect(socket.text).toMatch(/^HTTP\/1.1 403/);
        await until('closed', () => socket.closed, 15_000);
      }
      expect(REGTEST.magic).not.toBe(MAIN.magic);
    },
  },
];

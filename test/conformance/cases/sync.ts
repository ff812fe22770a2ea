import { expect } from 'vitest';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import type { MinedBlock } from '../../helpers/mine-fork.ts';
import { until } from '../../helpers/until.ts';
import { expectDrop, fork, oneBlock, readToHere, sendBlock, serve, tipAbove, type Case, type World } from '../world.ts';

const reached = (world: World, blocks: readonly MinedBlock[], ms = 20_000): Promise<void> => until('the tip', () => world.tip.hash === blocks.at(-1)?.hash, ms);

export const syncCases: Case[] = [
  {
    id: 'SYNC-01',
    title: 'peers that never answer for bodies or headers: another one is asked, the silent one is dropped',
    timeout: 60_000,
    waits: true,
    run: async (world) => {
      const base = world.tip;
      const blocks = fork(base, 100);
      const silent = await world.server(base, blocks, (peer) => {
        peer.answers.getdata = () => undefined;
      });
      await silent.waitFor('getdata');
      const mute = await world.server(base, blocks, (peer) => {
        peer.answers.getheaders = () => undefined;
      });
      await world.server(base, blocks);
      const began = performance.now();
      await reached(world, blocks);
      console.log(`      SYNC-01: another peer brought it after ${((performance.now() - began) / 1000).toFixed(1)} s (a stall is seen after ${String(NET_LIMITS.stallMs / 1000)} s)`);
      await expectDrop(silent, 'stalled');
      expect(mute.end === undefined || mute.end.reason === 'stalled').toBe(true);
    },
  },
  {
    id: 'SYNC-02',
    title: 'a byte a second: dropped, and the sync ends elsewhere',
    timeout: 60_000,
    waits: true,
    run: async (world) => {
      const base = world.tip;
      const blocks = fork(base, 40);
      const slow = await world.server(base, blocks, (peer) => {
        peer.answers.getdata = () => {
          peer.answers.getdata = () => undefined;
          // The first bytes of a frame of 1 MiB, and then one at a time.
          const socket = (peer.ws as unknown as { _socket: { write(data: Buffer): void; destroyed: boolean } })._socket;
          socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4]));
          const timer = setInterval(() => {
            if (!socket.destroyed) socket.write(Buffer.from([0]));
          }, 1_000);
          world.after(() => {
            clearInterval(timer);
          });
        };
      });
      await slow.waitFor('getdata');
      await world.server(base, blocks);
      await reached(world, blocks);
      await slow.endsWithin(30_000);
    },
  },
  {
    id: 'SYNC-03',
    title: 'good headers, wrong bodies: refused with the rule, and the sync ends elsewhere',
    run: async (world) => {
      const base = world.tip;
      const blocks = fork(base, 20);
      const bad = await world.server(base, blocks, (peer) => {
        peer.answers.getdata = ({ entries }) => {
          for (const { hash } of entries) {
            const block = blocks.find((candidate) => candidate.hash === hash);
            const other = blocks.find((candidate) => candidate.hash !== hash);
            if (block === undefined || other === undefined) continue;
            sendBlock(peer, { ...block, bytes: Buffer.concat([block.bytes.subarray(0, 80), other.bytes.subarray(80)]) });
          }
        };
      });
      const [reject] = await bad.waitFor('reject');
      expect(reject).toMatchObject({ rule: 'bad-merkle-root', height: base.height + 1 });
      await expectDrop(bad, 'misbehaving');
      expect(world.events('rejected')[0]?.rejection).toMatchObject({ by: 'us', height: base.height + 1, peerName: 'Stranger', violation: { rule: 'bad-merkle-root' } });
      await world.server(base, blocks);
      await reached(world, blocks);
    },
  },
  {
    id: 'SYNC-04',
    title: 'a peer that dies halfway: goes on with another, and nothing is asked for twice',
    timeout: 40_000,
    run: async (world) => {
      const base = world.tip;
      const blocks = fork(base, 300);
      let served = 0;
      const first = await world.server(base, blocks, (peer) => {
        const answer = peer.answers.getdata;
        peer.answers.getdata = (message) => {
          served += message.entries.length;
          if (served > 150) peer.close();
          else answer?.(message);
        };
      });
      await first.endsWithin(20_000);
      await until('what came is stored', () => world.tip.height >= base.height + 100);
      // Whatever is on its way into the chain gets there before the next peer is asked.
      let height = -1;
      await until('nothing more comes', () => height === (height = world.tip.height));
      const second = await world.server(base, blocks);
      await reached(world, blocks);
      const asked = second.got('getdata').flatMap(({ entries }) => entries.map(({ hash }) => hash));
      expect(new Set(asked).size).toBe(asked.length);
      expect(asked.length).toBeLessThanOrEqual(base.height + 300 - height);
    },
  },
  {
    id: 'SYNC-06',
    title: 'one honest peer among eight liars: the honest tip',
    timeout: 60_000,
    waits: true,
    run: async (world) => {
      const base = world.tip;
      const blocks = fork(base, 60);
      const big = { hash: 'dd'.repeat(32), height: base.height + 9_999, chainwork: 1n << 90n };
      for (let i = 0; i < 8; i++) {
        await world.peer({ tip: big }, (peer) => {
          serve(peer, i % 2 === 0 ? [] : blocks);
          if (i % 2 === 1) peer.answers.getdata = () => undefined;
          if (i % 3 === 0) peer.answers.getheaders = () => undefined;
        });
      }
      await world.server(base, blocks);
      await reached(world, blocks, 45_000);
    },
  },
  {
    id: 'SYNC-07',
    title: 'the same request a thousand times: throttled, and answered to nobody more often than allowed',
    run: async (world) => {
      const peer = await world.peer();
      const began = performance.now();
      // After the tip there is nothing: answers so short that each question gets its own.
      for (let i = 0; i < 1_000; i++) peer.send({ type: 'getheaders', locator: [world.tip.hash], stop: undefined });
      await peer.waitFor('headers', 500, 20_000);
      const seconds = (performance.now() - began) / 1000;
      expect(peer.got('headers').length).toBeLessThanOrEqual(NET_LIMITS.messagesBurst + Math.ceil((seconds + 1) * NET_LIMITS.messagesPerSecond));
    },
  },
  {
    id: 'SYNC-08',
    title: 'rivals while it mines, one by one and as a reorg: the old work is given up each time',
    height: 8,
    timeout: 40_000,
    run: async (world) => {
      world.holdMining(true);
      const job = world.node.api.mine({ dataText: '"while others mine"' });
      await until('mining', () => world.node.api.snapshot().mining.hashes > 0);
      const peer = await world.peer();
      const onTip = oneBlock(world.tip);
      sendBlock(peer, onTip);
      await until('the template follows', () => world.node.api.snapshot().mining.height === onTip.height + 1 && world.node.api.snapshot().mining.templateRenewals >= 1);
      const base = world.below(5);
      const heavier = fork(base, 7);
      await world.server(base, heavier);
      await reached(world, heavier);
      await until('the template follows the reorg', () => world.node.api.snapshot().mining.height === world.tip.height + 1);
      const on = world.tip.hash;
      world.holdMining(false);
      const { hash } = await job.done;
      expect((await world.node.api.getBlock(hash))?.previousHash).toBe(on);
      expect(world.tip.hash).toBe(hash);
      await readToHere(peer);
      expect(tipAbove(world.tip, []).hash).toBe(hash);
    },
  },
];

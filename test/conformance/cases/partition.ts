import { expect } from 'vitest';
import { seeded } from '../../../bench/lib/mining.ts';
import type { RunningNode } from '../../../src/node/index.ts';
import { Link } from '../../helpers/link.ts';
import { until } from '../../helpers/until.ts';
import { fork, type Case, type World } from '../world.ts';

const tipOf = (node: RunningNode): string => node.node.parts.chain.tip.hash;

/** Another node that reaches the one under test over a wire, on the same tip. */
async function beyond(world: World): Promise<{ other: RunningNode; wire: Link }> {
  const wire = await Link.to(world.port);
  world.after(() => wire.close());
  const other = await world.another();
  await other.api.addPeer(wire.address);
  await until('one tip', () => tipOf(other) === world.tip.hash, 100_000);
  return { other, wire };
}

/** Mines so many blocks here and there, at once, while neither hears of the other. */
async function mineApart(world: World, other: RunningNode, here: number, there: number): Promise<void> {
  await Promise.all([world.give(fork(world.tip, here)), world.give(fork(other.node.parts.chain.tip, there), other)]);
}

async function joins(id: string, world: World, other: RunningNode): Promise<void> {
  const began = performance.now();
  await until('one chain with no new block', () => tipOf(other) === world.tip.hash, 30_000);
  console.log(`      ${id}: one chain ${((performance.now() - began) / 1000).toFixed(1)} s after the mending`);
}

export const partitionCases: Case[] = [
  {
    id: 'NET-01',
    title: 'a cut, unequal mining on both sides, mended: one chain with no new block',
    timeout: 180_000,
    waits: true,
    run: async (world) => {
      const { other, wire } = await beyond(world);
      wire.cut();
      await until('noticed', () => other.api.peers().every(({ state }) => state !== 'connected'), 20_000);
      await mineApart(world, other, 1, 3);
      const heavier = tipOf(other);
      await until('some failed tries', () => (other.api.peers()[0]?.attempts ?? 0) >= 4, 30_000);
      wire.mend();
      await joins('NET-01', world, other);
      expect(world.tip.hash).toBe(heavier);
    },
  },
  {
    id: 'NET-02',
    title: 'a frozen wire, unequal mining on both sides, thawed: one chain with no new block',
    timeout: 180_000,
    waits: true,
    run: async (world) => {
      const { other, wire } = await beyond(world);
      wire.freeze();
      await mineApart(world, other, 4, 2);
      const heavier = world.tip.hash;
      wire.mend();
      await joins('NET-02', world, other);
      expect(world.tip.hash).toBe(heavier);
    },
  },
  {
    id: 'NET-05',
    title: 'half a second each way, one packet in twenty lost, then one direction only: one chain each time',
    timeout: 180_000,
    waits: true,
    run: async (world) => {
      const { other, wire } = await beyond(world);
      const random = seeded(5);
      wire.slow({ delayMs: 500, loss: 0.05, random });
      for (const [here, there] of [[2, 3], [3, 2], [20, 0]] as const) {
        await mineApart(world, other, here, there);
        await until('one chain', () => tipOf(other) === world.tip.hash, 40_000);
      }
      wire.mend();
      for (const way of ['there', 'back'] as const) {
        wire.block(way);
        await mineApart(world, other, 2, 3);
        wire.mend();
        await until('one chain', () => tipOf(other) === world.tip.hash, 40_000);
      }
    },
  },
];

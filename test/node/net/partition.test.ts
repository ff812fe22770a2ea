import { afterEach, describe, expect, it } from 'vitest';
import { fastClock } from '../../helpers/fast-clock.ts';
import { Link } from '../../helpers/link.ts';
import { NodeNetwork, type TestNodeOptions } from '../../helpers/node-network.ts';
import { until } from '../../helpers/until.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function network(count: number, options?: TestNodeOptions): Promise<NodeNetwork> {
  const net = await NodeNetwork.start(count, options);
  cleanups.push(() => net.close());
  return net;
}

/** `from` dials `to` through a wire. */
async function link(net: NodeNetwork, from: number, to: number): Promise<Link> {
  const wire = await Link.to(net.at(to).port);
  cleanups.push(() => wire.close());
  await net.at(from).pool.addPeer(wire.address);
  return wire;
}

describe('NET partitions', () => {
  it('NET-01 a cut, unequal mining on both sides, mended: one chain within 10 s with no new block', { timeout: 40_000 }, async () => {
    const net = await network(2);
    const wire = await link(net, 0, 1);
    await net.at(0).mine(2);
    await net.agree(2);
    wire.cut();
    await until('noticed', () => net.nodes.every((node) => node.connected().length === 0));
    await net.at(0).mine(1);
    await net.at(1).mine(3);
    // Long enough for the retries to slow down.
    await until('some failed retries', () => (net.at(0).peers()[0]?.attempts ?? 0) >= 4, 15_000);
    wire.mend();
    await net.agree(5, net.nodes, 10_000);
    expect(net.at(0).chain.sideTips()).toHaveLength(1);
  });

  it('NET-02 a frozen wire, mining on both sides, thawed: one chain within 10 s', { timeout: 40_000 }, async () => {
    const net = await network(2);
    const wire = await link(net, 0, 1);
    wire.freeze();
    await net.at(0).mine(4);
    await net.at(1).mine(2);
    wire.mend();
    await net.agree(4, net.nodes, 10_000);
  });

  it('a tip message that got lost is made up for by the next one, with no new block', { timeout: 40_000 }, async () => {
    const net = await network(2);
    await net.line(0, 1);
    // B misses the announcement: its chain refuses while its disk is full, and the room comes back.
    const { addHeaders } = net.at(1).chain;
    let refused = 0;
    net.at(1).chain.addHeaders = () => {
      refused += 1;
      return Promise.reject(new Error('no room'));
    };
    await net.at(0).mine(2);
    await until('refused', () => refused > 0);
    net.at(1).chain.addHeaders = addHeaders;
    await net.agree(2, net.nodes, 10_000);
  });

  it('NET-03 three and three, unequal work: the heavier chain everywhere', { timeout: 40_000 }, async () => {
    const net = await network(6);
    await net.line(0, 1, 2);
    await net.line(3, 4, 5);
    await net.at(1).mine(4);
    await net.at(4).mine(6);
    await Promise.all([net.agree(4, net.nodes.slice(0, 3)), net.agree(6, net.nodes.slice(3))]);
    await link(net, 2, 3);
    await net.agree(6, net.nodes, 10_000);
  });

  it('NET-04 three and three, equal work: both stay until the next block, which decides', { timeout: 40_000 }, async () => {
    const net = await network(6);
    await net.line(0, 1, 2);
    await net.line(3, 4, 5);
    await net.at(1).mine(3);
    await net.at(4).mine(3);
    await Promise.all([net.agree(3, net.nodes.slice(0, 3)), net.agree(3, net.nodes.slice(3))]);
    await link(net, 2, 3);
    await until('both know both', () => net.at(2).chain.sideTips().length === 1 && net.at(3).chain.sideTips().length === 1);
    expect(net.at(2).tip.hash).not.toBe(net.at(3).tip.hash);
    await net.at(0).mine(1);
    await net.agree(4, net.nodes, 10_000);
  });

  it('NET-05 one direction only: given up by the one that hears nothing, and one chain when it is back', { timeout: 60_000 }, async () => {
    const net = await network(2, { modules: { clock: fastClock(10) } });
    const wire = await link(net, 0, 1);
    await net.at(0).mine(1);
    await net.agree(1);
    // What the target says no longer arrives; it hears everything.
    wire.block('back');
    await net.at(0).mine(1);
    await net.at(1).mine(3);
    await until('given up by the one that hears nothing', () => net.at(0).connected().length === 0, 20_000);
    wire.mend();
    await net.agree(4, net.nodes, 20_000);
  });

  it('NET-06 twenty nodes in a line, the middle one goes and returns: all agree', { timeout: 60_000 }, async () => {
    const net = await network(20);
    await net.line(...net.nodes.map((_node, i) => i));
    await net.at(0).mine(1);
    await net.agree(1, net.nodes, 10_000);
    await net.at(10).close();
    await net.at(0).mine(2);
    await net.at(19).mine(1);
    await net.agree(3, net.nodes.slice(0, 10));
    await net.agree(2, net.nodes.slice(11));
    await net.at(10).restart();
    await net.agree(3, net.nodes, 15_000);
  });
});

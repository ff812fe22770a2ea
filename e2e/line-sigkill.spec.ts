import { expectConnected, expectSameChain } from './harness/chain.ts';
import { freePorts } from './harness/ports.ts';
import { expect, test } from './harness/test.ts';

test('ELE-12 on a line A-B-C a block of A reaches C; B is killed and comes back, and all agree again', async ({ apps }) => {
  const [portA, portB] = (await freePorts(2)) as [number, number];
  const a = await apps.launch({ env: { P2P_PORT: String(portA) } });
  let b = await apps.launch({ env: { P2P_PORT: String(portB), PEERS: `ws://localhost:${String(portA)}` } });
  const c = await apps.launch({ env: { PEERS: `ws://localhost:${String(portB)}` } });
  await expectConnected(b, 2);

  const [doorA, doorC] = await Promise.all([a.http(), c.http()]);
  await doorA.mine('over B to C');
  // C mines on what it has: before A's block is there its own would be a rival of the same work.
  await expectSameChain([a, b, c], 1);
  await doorC.mine('over B to A');
  const before = await expectSameChain([a, b, c], 2);

  // Killed in the middle of receiving: A mines ten blocks, and B dies when the first of them has arrived.
  const doorB = await b.http();
  const flood = (async () => {
    for (let i = 0; i < 10; i += 1) await doorA.mine(`block ${String(i)} of ten`);
  })();
  await expect.poll(async () => (await doorB.tip())?.height, { intervals: [20] }).toBeGreaterThan(2);
  await b.sigkill();
  await flood;
  await expectConnected(a, 0);
  await expectConnected(c, 0);
  expect((await doorC.blocks()).slice(0, 3)).toEqual(before);
  await doorA.mine('while B is away');

  b = await apps.restart(b);
  // Its own chain first: what it had is there, in the same bytes, whatever came after.
  expect((await (await b.http()).blocks()).slice(0, 3)).toEqual(before);
  const chain = await expectSameChain([a, b, c], 13);
  expect(chain.at(-1)?.data).toBe('while B is away');
  await expectConnected(b, 2);

  await doorC.mine('after all');
  await expectSameChain([a, b, c], 14);
  expect((await b.snapshot()).notices.filter((notice) => notice.level === 'error')).toEqual([]);
});

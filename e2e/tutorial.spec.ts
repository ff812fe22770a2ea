import { expectConnected, expectSameChain } from './harness/chain.ts';
import { Http } from './harness/http.ts';
import { freePorts } from './harness/ports.ts';
import { expect, test } from './harness/test.ts';

test('the tutorial: two nodes by environment, two blocks, a third node, a block from the second', async ({ apps }) => {
  const [http1, p2p1, http2, p2p2, http3, p2p3] = (await freePorts(6)).map(String) as [string, string, string, string, string, string];

  const first = await apps.launch({ env: { HTTP_PORT: http1, P2P_PORT: p2p1 } });
  const second = await apps.launch({ env: { HTTP_PORT: http2, P2P_PORT: p2p2, PEERS: `ws://localhost:${p2p1}` } });
  await expectConnected(first, 1);
  await expectConnected(second, 1);

  const door = new Http(Number(http1));
  const redirect = await fetch(`${door.base}/mine`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ data: 'foo-bar' }),
    redirect: 'manual',
  });
  expect(redirect.status).toBe(302);
  expect(redirect.headers.get('location')).toBe('/blocks');
  const afterTwo = await door.mine({ amount: 12.5, to: ['Ana', 'Bo'] });
  expect(afterTwo).toHaveLength(3);

  const chain = await expectSameChain([first, second], 2);
  expect(chain.map((block) => block.data).slice(1)).toEqual(['foo-bar', { amount: 12.5, to: ['Ana', 'Bo'] }]);
  for (const block of chain.slice(1)) {
    expect(Object.keys(block)).toEqual(
      expect.arrayContaining(['height', 'hash', 'lastHash', 'timestamp', 'data', 'nonce', 'bits', 'difficulty', 'merkleRoot', 'transactions']),
    );
    expect(block.hash).toMatch(/^[0-9a-f]{64}$/);
  }

  const third = await apps.launch({
    env: { HTTP_PORT: http3, P2P_PORT: p2p3, PEERS: `ws://localhost:${p2p1},ws://localhost:${p2p2}` },
  });
  await expectConnected(third, 2);
  await expectSameChain([first, second, third], 2);

  await new Http(Number(http2)).mine('from the second');
  const all = await expectSameChain([first, second, third], 3);
  expect(all.at(-1)?.data).toBe('from the second');
  for (const app of [first, second, third]) await expect(app.tile(all.at(-1)?.hash ?? '')).toBeVisible();
});

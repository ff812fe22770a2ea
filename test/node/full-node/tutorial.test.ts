import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../helpers/http.ts';
import { httpPort, NodeNetwork, p2pAddress, waitForTip } from '../../helpers/node.ts';
import type { RunningNode } from '../../../src/node/index.ts';

let network: NodeNetwork;
beforeAll(async () => {
  network = await NodeNetwork.create();
}, 60_000);
afterEach(() => network.reset());
afterAll(() => network.close());

interface HttpBlock {
  height: number;
  hash: string;
  lastHash: string;
  timestamp: number;
  data: unknown;
}

const blocks = async (node: RunningNode, query = ''): Promise<HttpBlock[]> => (await ask(httpPort(node), `/blocks${query}`)).json() as HttpBlock[];

/** As `curl -H "Content-type:application/json" --data '{"data":"foo"}' http://localhost:3001/mine`. */
async function postMine(node: RunningNode, body: string): Promise<string> {
  const answer = await ask(httpPort(node), '/mine', { method: 'POST', headers: { 'Content-type': 'application/json' }, body });
  expect(answer.status).toBe(302);
  const location = answer.headers.location ?? '';
  const followed = await ask(httpPort(node), location);
  const tip = (followed.json() as HttpBlock[]).at(-1);
  expect((answer.json() as { hash: string }).hash).toBe(tip?.hash);
  return tip?.hash ?? '';
}

describe('the tutorial as written', () => {
  it('two nodes, two blocks on the first, a third node, a block on the second reaches all', async () => {
    const first = await network.open();
    const second = await network.open({ peers: [p2pAddress(first)] });
    await postMine(first, '{"data":"foo"}');
    const bar = await postMine(first, '{"data":{"bar": [1, 2.50]}}');
    await waitForTip(second, bar);
    expect(await blocks(second)).toEqual(await blocks(first));
    const chain = await blocks(first);
    expect(chain.map(({ height, data }) => ({ height, data }))).toEqual([
      { height: 0, data: 'Chainscope regtest, the first block, 2026-01-01' },
      { height: 1, data: 'foo' },
      { height: 2, data: { bar: [1, 2.5] } },
    ]);
    expect(chain[2]?.lastHash).toBe(chain[1]?.hash);
    expect((await ask(httpPort(second), '/blocks')).text).toContain('"data":{"bar": [1, 2.50]}');

    const third = await network.open({ peers: [p2pAddress(first), p2pAddress(second)] });
    await waitForTip(third, bar);
    const baz = await postMine(second, '{"data":"baz"}');
    await Promise.all([first, second, third].map((node) => waitForTip(node, baz)));
    const texts = await Promise.all([first, second, third].map(async (node) => (await ask(httpPort(node), '/blocks')).text));
    expect(new Set(texts).size).toBe(1);
    expect((await blocks(third, '?limit=1'))[0]?.height).toBe(0);
  });

  it('a node that is given its peer later over HTTP gets the chain, too', async () => {
    const first = await network.open();
    const hash = await postMine(first, '{"data":"before"}');
    const second = await network.open();
    const answer = await ask(httpPort(second), '/peers', { method: 'POST', body: { peer: `ws://${p2pAddress(first)}` } });
    expect(answer.text).toContain('connected');
    expect(answer.status).toBe(201);
    await waitForTip(second, hash);
    const peers = (await ask(httpPort(second), '/peers')).json() as { state: string; kept: boolean }[];
    expect(peers).toMatchObject([{ state: 'connected', kept: true }]);
    const removed = await ask(httpPort(second), '/peers', { method: 'DELETE', body: { address: p2pAddress(first) } });
    expect(removed.status).toBe(200);
    expect((await ask(httpPort(second), '/peers')).json()).toEqual([]);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { judgeTip } from '../../../src/node/net/verdict.ts';
import { genesisParent, mineFork } from '../../helpers/mine-fork.ts';
import { TestNode } from '../../helpers/node-network.ts';
import { tipOf } from '../../helpers/raw-chain.ts';

let node: TestNode | undefined;
afterEach(() => node?.close());

describe("a peer's tip against ours", () => {
  it('behind, same, ahead, on another branch, unknown', async () => {
    node = await new TestNode('Aster').open();
    const { chain } = node;
    const blocks = mineFork(genesisParent(), 6);
    const rivals = mineFork(genesisParent(), 3);
    await node.add(blocks.slice(0, 5));
    await node.add(rivals);
    await chain.addHeaders(blocks.map(({ header }) => header), { kind: 'peer' });
    expect(judgeTip(chain, undefined)).toEqual({ verdict: 'unknown' });
    expect(judgeTip(chain, tipOf(blocks.slice(0, 5)))).toEqual({ verdict: 'same-tip', blocksBehind: 0 });
    expect(judgeTip(chain, tipOf(blocks.slice(0, 2)))).toEqual({ verdict: 'behind', blocksBehind: 3 });
    expect(judgeTip(chain, tipOf(blocks))).toEqual({ verdict: 'ahead', blocksBehind: -1 });
    expect(judgeTip(chain, tipOf(rivals))).toEqual({ verdict: 'other-branch' });
    // Tips that are not in our index.
    expect(judgeTip(chain, tipOf(mineFork(genesisParent(), 9)))).toEqual({ verdict: 'ahead', blocksBehind: -4 });
    expect(judgeTip(chain, tipOf(mineFork(genesisParent(), 5)))).toEqual({ verdict: 'other-branch' });
  });
});

import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import type { BlockKey, BodyRead, StoreOp } from '../../../src/node/chain/store/store.ts';
import type { HashHex } from '../../../src/shared/blocks.ts';
import { genesisParent, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { addAll, expectConsistent, last, openChain, PEER } from './support.ts';

/** A store whose next change of the tip waits, and whose bodies can be damaged. */
class GatedStore extends MemoryStore {
  readonly damaged = new Set<HashHex>();
  #gate: { reached: () => void; opened: Promise<void> } | undefined;

  gateTip(): { reached: Promise<void>; open: () => void } {
    let open = (): void => undefined;
    let arrived = (): void => undefined;
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    const opened = new Promise<void>((resolve) => (open = resolve));
    this.#gate = { reached: arrived, opened };
    return { reached, open };
  }

  override async write(ops: readonly StoreOp[]): Promise<void> {
    if (this.#gate !== undefined && ops.some(({ op }) => op === 'tip')) {
      this.#gate.reached();
      await this.#gate.opened;
      this.#gate = undefined;
    }
    await super.write(ops);
  }

  override readBody(key: BlockKey): Promise<BodyRead> {
    return this.damaged.has(key.hash) ? Promise.resolve({ state: 'damaged' }) : super.readBody(key);
  }
}

describe('a body that is lost', () => {
  it('asks again for a body that was lost on its side branch while that became the active one', async () => {
    const store = new GatedStore();
    const { chain } = await openChain(store);
    const b = mineFork(genesisParent(), 2);
    await addAll(chain, [...mineFork(genesisParent(), 1), ...b.slice(0, 1)]);
    const gate = store.gateTip();
    const reorg = chain.addBlock(last(b).bytes, PEER);
    await gate.reached;
    store.damaged.add(b[0]?.hash ?? '');
    expect(await chain.getBlockBytes(b[0]?.hash ?? '')).toBeUndefined();
    gate.open();
    expect(await reorg).toMatchObject({ status: 'connected' });
    await chain.addHeaders([], PEER);
    expect(chain.missingBodies().map(({ hash }) => hash)).toEqual([b[0]?.hash]);
    store.damaged.clear();
    expect((await chain.addBlock((b[0] as MinedBlock).bytes, PEER)).status).toBe('duplicate');
    expect(chain.missingBodies()).toEqual([]);
    await expectConsistent(chain);
  });
});

import { expect, it } from 'vitest';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import { openIdentity } from '../../../src/node/identity.ts';
import { seededRandom } from '../../../src/node/util/random.ts';

it('a node keeps its id, and takes a new one when what is stored is none', async () => {
  const store = new MemoryStore();
  await store.open();
  await store.putMeta('node-id', new Uint8Array(4));
  const made = await openIdentity(store, seededRandom(1), undefined);
  expect(made.nodeId).toHaveLength(16);
  expect(made.nodeIdHex).toMatch(/^[0-9a-f]{32}$/);
  expect(await openIdentity(store, seededRandom(2), undefined)).toEqual(made);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as ClientModule from '../../../src/renderer/lib/client.ts';
import type { TamperRequest } from '../../../src/shared/tamper.ts';
import { until } from '../../helpers/until.ts';
import { block, chainOf, chainState, numbered, snapshotOf } from './helpers.ts';
import { tamperReport } from '../tamper/reports.ts';

const chain = chainOf('a', 6);
/** The block three below the tip, which the scene changes. */
const third = block('a3', 'a2', 3);
let gate: Promise<void> = Promise.resolve();
vi.stubGlobal('document', { documentElement: { dataset: {} } });
vi.mock('../../../src/renderer/lib/client.ts', async (original) => ({
  ...(await original<typeof ClientModule>()),
  client: () => ({
    getBlock: async () => {
      await gate;
      return { hash: third.hash, height: third.height, dataText: '"three"' };
    },
    tamper: ({ block: hash }: TamperRequest) => Promise.resolve(tamperReport({ hash: String(hash), height: 3, changed: true })),
    setPreferences: (patch: object) => Promise.resolve({ theme: 'system', shortcuts: true, followTip: true, hints: 'off', ...patch }),
  }),
}));
const { enterPresent, leavePresent, play, usePresent } = await import('../../../src/renderer/present/present-store.ts');
const { sceneLine, presentFactsOf } = await import('../../../src/renderer/present/scenes.ts');
const { select, useNode, useUi } = await import('../../../src/renderer/store/index.ts');
const { applyEvents, applySnapshot, emptyNodeState } = await import('../../../src/renderer/store/node-state.ts');
const { useTamper, watchTamper } = await import('../../../src/renderer/tamper/tamper-store.ts');

let off: () => void;
beforeEach(() => {
  gate = Promise.resolve();
  vi.stubGlobal('document', { documentElement: { dataset: {} } });
  vi.stubGlobal('window', { matchMedia: () => ({ matches: false }) });
  useNode.setState(applySnapshot(emptyNodeState, snapshotOf(chain)), true);
  select(null);
  off = watchTamper();
  enterPresent();
});
afterEach(() => {
  leavePresent();
  off();
});

it('leaving while the scene waits for its block leaves nothing changed, and nothing chosen', async () => {
  let open: () => void = () => undefined;
  for (const restart of [false, true]) {
    gate = new Promise((resolve) => (open = resolve));
    const playing = play('tamper');
    leavePresent();
    if (restart) enterPresent();
    open();
    await playing;
    expect(useTamper.getState().target).toBeNull();
    expect(useUi.getState().selectedHash).toBeNull();
    if (!restart) enterPresent();
  }
});

it('a reorg that takes the changed block away is told, and leaving goes back to what was looked at before', async () => {
  await play('tamper');
  await until('the copy is there', () => useTamper.getState().change !== null);
  expect(useUi.getState().selectedHash).toBe(third.hash);
  const others = [block('b3', 'a2', 3), block('b4', 'b3', 4), block('b5', 'b4', 5), block('b6', 'b5', 6), block('b7', 'b6', 7)];
  const tip = others.at(-1);
  if (tip === undefined) throw new Error('there are five');
  const state = useNode.getState();
  const reorg = {
    forkHash: chain[2]?.hash ?? '',
    forkHeight: 2,
    oldTip: chainState(chain.at(-1) ?? tip).tip,
    newTip: chainState(tip).tip,
    disconnected: chain.slice(3).map(({ hash }) => hash).reverse(),
    connected: others.map(({ hash }) => hash),
    returnedTransactions: 0,
  };
  const blocks = others.map((each) => ({ type: 'block' as const, block: each }));
  useNode.setState(applyEvents(state, numbered(state.seq + 1, ...blocks, { type: 'reorg', reorg }, { type: 'tip', chain: chainState(tip) })), true);
  expect(useTamper.getState().target).toBeNull();
  const facts = presentFactsOf(useNode.getState());
  if (facts === null) throw new Error('the node is there');
  expect(sceneLine(usePresent.getState().scene, facts)).toMatch(/^The copy is gone: a reorg/);
  leavePresent();
  expect(useUi.getState().selectedHash).toBeNull();
});

it('whoever chose another block meanwhile stays there', async () => {
  await play('tamper');
  select(chain[1]?.hash ?? '', 1);
  leavePresent();
  expect(useUi.getState().selectedHash).toBe(chain[1]?.hash);
});

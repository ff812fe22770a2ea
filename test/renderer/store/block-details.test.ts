import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { BlockDetail } from '../../../src/shared/blocks.ts';
import { fetchDetail, knownActive, knownDetail } from '../../../src/renderer/store/block-details.ts';
import { emptyNodeState } from '../../../src/renderer/store/node-state.ts';
import { useNode } from '../../../src/renderer/store/node-store.ts';
import { detailOf, hashOf } from './helpers.ts';

const answers = new Map<string | number, BlockDetail>();

beforeEach(() => {
  vi.stubGlobal('window', { chainscope: { getBlock: async (ref: string | number) => ({ ok: true, value: answers.get(ref) ?? null }) } });
});
afterEach(() => {
  vi.unstubAllGlobals();
  useNode.setState(emptyNodeState, true);
  answers.clear();
});

/** A reorg that the window hears of. */
const reorganise = (id: number): void => {
  const tip = { hash: hashOf('x'), height: 1, time: 1, chainwork: '1' };
  useNode.setState({ lastReorg: { id, at: 1, value: { forkHash: hashOf('f'), forkHeight: 0, oldTip: tip, newTip: tip, disconnected: [], connected: [], returnedTransactions: 0 } } });
};

it('knows a block by its hash that was asked for by its height', async () => {
  const detail = detailOf('here');
  answers.set(7, detail);
  expect(knownDetail(detail.hash)).toBeUndefined();
  expect(await fetchDetail(7)).toEqual(detail);
  expect(knownDetail(detail.hash)).toEqual(detail);
  expect(knownActive(detail.hash)).toEqual(detail);
  expect(await fetchDetail(8)).toBeNull();
});

it('does not call a block active that was so before a reorg, nor one that is not', async () => {
  const active = detailOf('active');
  const side = detailOf('side', { branch: 'side' });
  answers.set(active.hash, active).set(side.hash, side);
  await fetchDetail(active.hash);
  await fetchDetail(side.hash);
  expect(knownActive(side.hash)).toBeUndefined();
  reorganise(1);
  expect(knownActive(active.hash)).toBeUndefined();
  expect(knownDetail(active.hash)).toEqual(active);
  await fetchDetail(active.hash);
  expect(knownActive(active.hash)).toEqual(active);
});

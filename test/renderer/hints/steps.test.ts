import { describe, expect, it } from 'vitest';
import { advance, type Facts, factsOf, type HintPeer, type Hints, opening, startAt, type Step } from '../../../src/renderer/hints/steps.ts';
import { applyEvents, applySnapshot, emptyNodeState } from '../../../src/renderer/store/node-state.ts';
import { chainOf, peer, snapshotOf } from '../store/helpers.ts';

const nothing: Facts = { height: 0, mining: false, zeroBits: 1, peers: [], reorg: null };
const birch = (over: Partial<HintPeer> = {}): HintPeer => ({ key: 'b', name: 'Birch', state: 'connected', verdict: 'same-tip', height: 1, ...over });

/** The steps that the hints pass for one change of the facts after another. */
function walk(from: Hints, ...changes: Partial<Facts>[]): { steps: Step[]; end: Hints; facts: Facts } {
  const steps: Step[] = [];
  let facts = nothing;
  let hints = from;
  for (const change of changes) {
    facts = { ...facts, ...change };
    hints = advance(hints, facts);
    steps.push(hints.step);
  }
  return { steps, end: hints, facts };
}

describe('the first minute', () => {
  it('goes from the first block to a reorg, each step on its own event', () => {
    const { steps, end } = walk(
      startAt('mine'),
      {},
      { mining: true },
      { mining: false, height: 1 },
      { peers: [birch({ state: 'connecting', verdict: 'unknown' })] },
      { peers: [birch({ verdict: 'behind', height: 0 })] },
      { peers: [birch()] },
      { peers: [birch({ state: 'cut' })] },
      { mining: true },
      { mining: false, height: 2 },
      { peers: [birch({ state: 'connecting' })] },
      { peers: [birch({ verdict: 'ahead', height: 3 })] },
      { height: 3, reorg: { id: 4, left: 1, joined: 2 } },
      { peers: [birch({ height: 3 })] },
    );
    expect(steps).toEqual(['mine', 'mine', 'spawn', 'spawn', 'spawn', 'cut', 'apart', 'apart', 'mend', 'meet', 'meet', 'more', 'more']);
    expect(end.outcome).toEqual({ kind: 'left', left: 1, joined: 2, by: 'Birch' });
  });

  it('nothing happens when nothing has happened', () => {
    const hints = startAt('spawn');
    expect(advance(hints, { ...nothing, height: 1 })).toBe(hints);
  });

  it('waits with the cut until no link is left through which blocks could come', () => {
    const cedar = birch({ key: 'c', name: 'Cedar' });
    const { steps } = walk(
      startAt('cut'),
      { height: 1, peers: [] },
      { peers: [birch({ state: 'waiting' })] },
      { peers: [birch({ state: 'cut' }), cedar] },
      { peers: [birch({ state: 'cut' }), { ...cedar, state: 'cut' }] },
    );
    expect(steps).toEqual(['cut', 'cut', 'cut', 'apart']);
  });

  it('goes back to the cut when the link is whole before anything was mined here', () => {
    const { steps } = walk(startAt('cut'), { height: 1, peers: [birch({ state: 'cut' })] }, { peers: [birch()] });
    expect(steps).toEqual(['apart', 'cut']);
  });

  it('asks for another cut when the mended link undid nothing', () => {
    const { steps, end } = walk(
      startAt('cut'),
      { height: 1, peers: [birch({ state: 'cut' })] },
      { height: 2 },
      { peers: [birch({ verdict: 'behind' })] },
      { peers: [birch({ height: 2 })] },
    );
    expect(steps).toEqual(['apart', 'mend', 'meet', 'cut']);
    expect(end.again).toBe(true);
  });

  it('counts a fork that the other side gave up', () => {
    const { steps, end } = walk(
      startAt('cut'),
      { height: 1, peers: [birch({ state: 'cut' })] },
      { height: 2 },
      { peers: [birch({ verdict: 'other-branch', height: 2 })] },
      { height: 3 },
      { peers: [birch({ height: 3 })] },
    );
    expect(steps).toEqual(['apart', 'mend', 'meet', 'meet', 'more']);
    expect(end.outcome).toEqual({ kind: 'stayed', by: 'Birch' });
  });

  it('does not take a reorg from before the cut for its own', () => {
    const old = { id: 7, left: 1, joined: 2 };
    const { steps } = walk(
      startAt('cut'),
      { height: 1, reorg: old, peers: [birch({ state: 'cut' })] },
      { height: 2 },
      { peers: [birch({ state: 'connecting' })] },
      { reorg: { ...old, id: 9 } },
    );
    expect(steps).toEqual(['apart', 'mend', 'meet', 'more']);
  });

  it('waits for the mend again when the link is cut once more, and for a link when the peer is gone', () => {
    const meeting = { ...startAt('meet'), base: 1 };
    expect(advance(meeting, { ...nothing, height: 2, peers: [birch({ state: 'cut' })] }).step).toBe('mend');
    expect(advance(meeting, { ...nothing, height: 2, peers: [birch({ state: 'waiting' })] }).step).toBe('meet');
    expect(advance(meeting, { ...nothing, height: 2, peers: [] }).step).toBe('cut');
  });
});

describe('which hints a window opens with', () => {
  it('someone new begins at the beginning, anybody else has none', () => {
    expect(opening('unseen', nothing)?.step).toBe('mine');
    expect(opening('unseen', { ...nothing, height: 5 })).toBeNull();
    expect(opening('off', nothing)).toBeNull();
  });

  it('steps that have happened are passed', () => {
    expect(opening('mine', { ...nothing, height: 5 })?.step).toBe('spawn');
    expect(opening('mine', { ...nothing, height: 5, peers: [birch()] })?.step).toBe('cut');
  });

  it('an interrupted step stands again after a restart, as far as it is still true', () => {
    expect(opening('cut', { ...nothing, height: 5 })?.step).toBe('cut');
    expect(opening('mend', { ...nothing, height: 5, peers: [birch({ state: 'cut' })] })?.step).toBe('mend');
    // A cut lasts as long as the process: without one there is nothing to mend.
    expect(opening('mend', { ...nothing, height: 5 })?.step).toBe('cut');
    expect(opening('more', nothing)?.step).toBe('more');
  });
});

describe('the facts', () => {
  it('are none before the first snapshot', () => {
    expect(factsOf(emptyNodeState)).toBeNull();
  });

  it('come from the node’s state, peers by name, strangers’ names as plain text', () => {
    const snapshot = snapshotOf(chainOf('a', 3));
    snapshot.peers = [peer('z', { name: 'Zoe' }), peer('a', { name: 'A\nb\u202e', height: 3 })];
    const state = applySnapshot(emptyNodeState, snapshot);
    const facts = factsOf(state);
    expect(facts?.height).toBe(3);
    expect(facts?.peers.map(({ name }) => name)).toEqual(['A b', 'Zoe']);
    const reorg = { forkHash: '', forkHeight: 1, oldTip: snapshot.chain.tip, newTip: snapshot.chain.tip, disconnected: ['x'], connected: ['y', 'z'], returnedTransactions: 0 };
    expect(factsOf(applyEvents(state, [{ seq: snapshot.seq + 1, at: 1, type: 'reorg', reorg }]))?.reorg).toMatchObject({ left: 1, joined: 2 });
  });
});

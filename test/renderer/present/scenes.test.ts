import { describe, expect, it } from 'vitest';
import type { HintPeer } from '../../../src/renderer/hints/steps.ts';
import { type Begun, presentFactsOf, type PresentFacts, SCENE_IDS, type SceneId, sceneLine, scenesOf, tamperHeight } from '../../../src/renderer/present/scenes.ts';
import { applySnapshot, emptyNodeState } from '../../../src/renderer/store/node-state.ts';
import { chainOf, peer, snapshotOf } from '../store/helpers.ts';
import { tamperReport } from '../tamper/reports.ts';

const one = (name: string, over: Partial<HintPeer> = {}): HintPeer => ({ key: name, name, state: 'connected', verdict: 'same-tip', height: 3, ...over });
const cut = (name: string): HintPeer => one(name, { state: 'cut' });
function facts(over: Partial<PresentFacts> = {}): PresentFacts {
  const peers = over.peers ?? [];
  const frozen = peers.some(({ state }) => state === 'cut') && !peers.some(({ state }) => state === 'connected');
  return { height: 3, mining: false, zeroBits: 20, reorg: null, live: true, listening: true, frozen, tampered: null, job: 0, ...over, peers };
}
const possible = (over: Partial<PresentFacts>): SceneId[] => scenesOf(facts(over)).filter((scene) => scene.possible).map(({ id }) => id);
const reason = (id: SceneId, over: Partial<PresentFacts>): string => scenesOf(facts(over)).find((scene) => scene.id === id)?.text ?? '';
const begun = (id: SceneId, over: Partial<Begun> = {}): Begun => ({ id, mends: id === 'reorg', height: 3, reorgId: 0, known: [], ...over });

describe('which scenes are possible', () => {
  it('alone on the first block: only mining', () => {
    expect(possible({ height: 0 })).toEqual(['mine']);
    expect(reason('sync', { height: 0 })).toBe('There is nothing to fetch yet. Mine a block first.');
    expect(reason('fork', { height: 0 })).toBe('No peer is connected. Press Sync first.');
    expect(reason('reorg', { height: 0 })).toBe('No link is cut. Press Fork first.');
  });

  it('with a peer: everything but a reorg', () => {
    expect(possible({ peers: [one('Birch')] })).toEqual(['mine', 'sync', 'fork', 'tamper', 'freeze']);
  });

  it('with every link cut: mining, the reorg and the thaw', () => {
    expect(possible({ peers: [cut('Birch'), cut('Cedar')] })).toEqual(['mine', 'reorg', 'tamper', 'freeze']);
    expect(scenesOf(facts({ peers: [cut('Birch')] })).at(-1)?.label).toBe('Thaw network');
  });

  it('with one of two links cut: the other can be cut too, and the one mended', () => {
    expect(possible({ peers: [cut('Birch'), one('Cedar')] })).toEqual([...SCENE_IDS]);
  });

  it('while mining: no fork, and mining can be stopped', () => {
    expect(possible({ mining: true, peers: [one('Birch')] })).toEqual(['mine', 'sync', 'tamper', 'freeze']);
    expect(scenesOf(facts({ mining: true }))[0]?.label).toBe('Stop mining');
  });

  it('none while the node does not answer, and no sync when it takes no connections', () => {
    expect(possible({ live: false, peers: [one('Birch')] })).toEqual([]);
    expect(reason('mine', { live: false })).toBe('The node does not answer.');
    expect(reason('sync', { listening: false })).toBe('This node takes no connections.');
  });
});

describe('tampering', () => {
  it('needs a block that another stands on, and is not about the first one', () => {
    expect(reason('tamper', { height: 1 })).toBe('No block stands on another yet. Mine two blocks first.');
    expect([2, 3, 4, 5, 1317].map(tamperHeight)).toEqual([1, 1, 1, 2, 1314]);
    expect(reason('tamper', { height: 1317 })).toBe('Changes a copy of block 1,314.');
  });

  it('is taken back by the same button, and says what is broken', () => {
    const tampered = { report: tamperReport(), text: 'lunch at one (changed)' };
    expect(scenesOf(facts({ tampered })).find(({ id }) => id === 'tamper')).toMatchObject({ label: 'Restore', possible: true, text: 'Shows block 1,312 as it is.' });
    expect(sceneLine(begun('tamper'), facts({ tampered }))).toBe(
      'The copy says “lunch at one (changed)”. Block 1,313 still names the old hash. To forge it: about 1.05 M tries for this block and 5.24 M for the 5 blocks after it, 5.1 s on this computer.',
    );
    expect(sceneLine(begun('tamper'), facts())).toBe('All is as it was. It was a copy: the chain never changed.');
  });
});

describe('tampering and a reorg', () => {
  const reorged = { reorg: { id: 4, left: 25, joined: 26 } as never };
  it('is not "as it was" when a reorg took the block away', () => {
    expect(sceneLine(begun('tamper', { reorgId: 3 }), facts(reorged))).toMatch(/^The copy is gone: a reorg changed the chain/);
    expect(sceneLine(begun('tamper', { reorgId: 4 }), facts(reorged))).toMatch(/^All is as it was/);
    expect(sceneLine(begun('tamper', { reorgId: 3, restores: true }), facts(reorged))).toMatch(/^All is as it was/);
  });
});

describe('the line of a scene', () => {
  it('follows mining from the first try to the peers', () => {
    expect(sceneLine(begun('mine'), facts({ mining: true }))).toContain('20 zero bits in front makes block 4');
    expect(sceneLine(begun('mine'), facts())).toBe('Mining stopped.');
    expect(sceneLine(begun('mine'), facts({ height: 4 }))).toBe('Block 4 stands. Nobody is connected who could fetch it.');
    expect(sceneLine(begun('mine'), facts({ height: 4, peers: [one('Birch')] }))).toBe('Block 4 stands. Birch has it too.');
    expect(sceneLine(begun('mine'), facts({ height: 4, peers: [one('Birch'), one('Cedar')] }))).toBe('Block 4 stands. Both peers have it too.');
    expect(sceneLine(begun('mine'), facts({ height: 4, peers: [one('Birch'), one('Cedar', { verdict: 'behind' })] }))).toBe('Block 4 stands. One of two peers has it too.');
  });

  it('watches the new node catch up, not one that was there', () => {
    const known = ['Birch'];
    expect(sceneLine(begun('sync', { known }), facts({ peers: [one('Birch')] }))).toBe('A second window opens with a node of its own.');
    expect(sceneLine(begun('sync', { known }), facts({ peers: [one('Birch'), one('Cedar', { verdict: 'behind', height: 1 })] }))).toBe(
      'Cedar fetches the blocks that it lacks and checks each one. It holds 1 of 3.',
    );
    expect(sceneLine(begun('sync', { known }), facts({ peers: [one('Birch'), one('Cedar')] }))).toContain('Cedar has caught up');
  });

  it('says what to mine in the other window after a fork', () => {
    expect(sceneLine(begun('fork'), facts({ peers: [one('Birch')] }))).toBe('The links are being cut.');
    expect(sceneLine(begun('fork'), facts({ mining: true, peers: [cut('Birch')] }))).toContain('mined for this window alone');
    expect(sceneLine(begun('fork'), facts({ height: 4, peers: [cut('Birch')] }))).toBe(
      'Only this window knows block 4. Now mine two blocks in the window of Birch, then press Reorg.',
    );
    expect(sceneLine(begun('fork'), facts({ height: 4, peers: [cut('Birch'), one('Cedar')] }))).toContain('Cedar came back meanwhile');
  });

  it('explains how the branches met', () => {
    const reorg = { id: 2, left: 1, joined: 2 };
    expect(sceneLine(begun('reorg'), facts({ peers: [one('Birch', { state: 'connecting' })] }))).toBe('The links are whole again. The nodes call each other.');
    expect(sceneLine(begun('reorg'), facts({ height: 4, peers: [one('Birch', { verdict: 'other-branch', height: 4 })] }))).toContain('as much work');
    expect(sceneLine(begun('reorg'), facts({ reorg, peers: [one('Birch')] }))).toContain('The branch of Birch had more work');
    expect(sceneLine(begun('reorg', { reorgId: 2 }), facts({ reorg, peers: [one('Birch')] }))).toContain('no other branch had more work');
    expect(sceneLine(begun('freeze', { mends: true }), facts({ peers: [one('Birch')] }))).toContain('All agree again');
    expect(sceneLine(begun('freeze'), facts({ peers: [cut('Birch')] }))).toContain('Every link of this node is cut');
  });
});

it('the facts come from the node’s state', () => {
  expect(presentFactsOf(emptyNodeState)).toBeNull();
  const snapshot = snapshotOf(chainOf('a', 3));
  snapshot.peers = [peer('Birch', { state: 'cut' })];
  const state = applySnapshot(emptyNodeState, snapshot);
  expect(presentFactsOf(state)).toMatchObject({ frozen: true, live: true, height: 3 });
  expect(presentFactsOf({ ...state, phase: 'lost' })?.live).toBe(false);
});

describe('a scene whose command is on its way', () => {
  it('says nothing of an end that has not come', () => {
    const pressed = begun('mine', { idleJob: 4 });
    expect(sceneLine(pressed, facts({ job: 4 }))).toBe('Block 4 comes next.');
    expect(sceneLine(pressed, facts({ job: 5, mining: true }))).toContain('makes block 4');
    expect(sceneLine(pressed, facts({ job: 5 }))).toBe('Mining stopped.');
    // Pressed to stop what was mined.
    expect(sceneLine(begun('mine'), facts({ job: 4 }))).toBe('Mining stopped.');
    expect(sceneLine(begun('tamper', { restores: false }), facts(), true)).toBe('A copy of a block is being changed.');
    expect(sceneLine(begun('tamper', { restores: true }), facts(), true)).toContain('All is as it was.');
    expect(sceneLine(begun('tamper', { restores: false }), facts())).toContain('All is as it was.');
  });
});

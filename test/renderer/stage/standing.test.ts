import { describe, expect, it } from 'vitest';
import { columnLeft, EDGE_RIGHT, PITCH, TILE_WIDTH } from '../../../src/renderer/stage/geometry.ts';
import { layoutChain } from '../../../src/renderer/stage/layout.ts';
import { MAX_AVATARS } from '../../../src/renderer/stage/limits.ts';
import { contentRight, holders, standsOf, type Stand } from '../../../src/renderer/stage/standing.ts';
import { makeTree, run } from './make.ts';

const tree = makeTree('g', [...run('a', 12, 'g'), ...run('d', 3, 'a7')], 'a12');
const layout = layoutChain(tree);
const YOU = { nodeId: 'me', name: 'Aster' };

interface Peer {
  key: string;
  state: 'connected' | 'waiting';
  nodeId?: string;
  address: string;
  name?: string;
  tipHash?: string;
}
const peer = (name: string, on: string, more: Partial<Peer> = {}): Peer => ({
  key: name,
  state: 'connected',
  nodeId: `id ${name}`,
  address: '127.0.0.1:5002',
  name,
  tipHash: tree.hash(on),
  ...more,
});
const standAt = (stands: readonly Stand[], on: string): Stand => {
  const found = stands.find(({ hash }) => hash === tree.hash(on));
  if (found === undefined) throw new Error(`Nobody stands on ${on}`);
  return found;
};

describe('standsOf', () => {
  it('puts you on the tip, first, and whoever holds it beside you', () => {
    const stand = standAt(standsOf(layout, YOU, [peer('Cedar', 'a12'), peer('Birch', 'a12')]), 'a12');
    expect(stand.shown.map(({ name }) => name)).toEqual(['Aster', 'Birch', 'Cedar']);
    expect(stand.shown[0]?.you).toBe(true);
    expect(stand.label).toBe('');
    expect(holders(stand)).toBe('Held by you, Birch and Cedar');
  });

  it('says who catches up, and how far a branch is behind', () => {
    const stands = standsOf(layout, YOU, [peer('Elm', 'a4'), peer('Dune', 'd3')]);
    expect(standAt(stands, 'a4')).toMatchObject({ label: 'Elm, catching up', lane: 0, atBranchEnd: false });
    expect(standAt(stands, 'd3')).toMatchObject({ label: 'Dune is here', sublabel: '3 blocks, 2 behind', atBranchEnd: true });
    const two = standsOf(layout, YOU, [peer('Fir', 'd3'), peer('Dune', 'd3')]);
    expect(standAt(two, 'd3').label).toBe('Dune and Fir are here');
  });

  it('stands above a side block that is not the end, without words', () => {
    const stand = standAt(standsOf(layout, YOU, [peer('Dune', 'd2')]), 'd2');
    expect(stand).toMatchObject({ atBranchEnd: false, lane: 1, label: '', sublabel: '' });
  });

  it('leaves out who is not connected, has no tip, or is on a block that is not drawn', () => {
    const stands = standsOf(layout, YOU, [
      peer('Birch', 'a12', { state: 'waiting' }),
      { key: 'x', state: 'connected', address: '127.0.0.1:5003' },
      peer('Cedar', 'a12', { tipHash: 'ab'.repeat(32) }),
    ]);
    expect(stands).toHaveLength(1);
    expect(stands[0]?.everyone).toHaveLength(1);
  });

  it('shows at most three avatars and counts the rest', () => {
    const crowd = Array.from({ length: 29 }, (_, index) => peer(`P${String(index).padStart(2, '0')}`, 'a12'));
    const stand = standAt(standsOf(layout, YOU, crowd), 'a12');
    expect(stand.shown.length).toBeLessThanOrEqual(MAX_AVATARS);
    expect(stand.shown.length + stand.more).toBe(30);
    expect(stand.shown[0]?.you).toBe(true);
    expect(holders(stand)).toBe('Held by you, P00, P01, P02 and 26 others');
    const three = standAt(standsOf(layout, YOU, crowd.slice(0, 2)), 'a12');
    expect(three).toMatchObject({ more: 0 });
    expect(three.shown).toHaveLength(3);
  });

  it('knows the room to the next stand of its lane', () => {
    const stands = standsOf(layout, YOU, [peer('Elm', 'a4'), peer('Fir', 'a6')]);
    expect(standAt(stands, 'a4').freeColumns).toBe(2);
    expect(standAt(stands, 'a6').freeColumns).toBe(6);
    expect(standAt(stands, 'a12').freeColumns).toBe(Infinity);
  });

  it('does not let a stranger\'s name act up', () => {
    const [first] = standsOf(layout, YOU, [peer('\u202eevil\u0007\n', 'a12', { nodeId: '0' })]).slice(-1);
    expect(first?.everyone.map(({ name }) => name)).toEqual(['Aster', 'evil']);
  });
});

describe('contentRight', () => {
  it('ends after the place of the next block, or after the words at a branch\'s end', () => {
    const bare = contentRight(12, 12, standsOf(layout, YOU, []));
    expect(bare).toBe(columnLeft(13) + TILE_WIDTH + EDGE_RIGHT);
    const near = makeTree('g', [...run('a', 12, 'g'), ...run('d', 6, 'a6')], 'a12');
    const stands = standsOf(layoutChain(near), YOU, [{ ...peer('Dune', 'd3'), tipHash: near.hash('d6') }]);
    expect(contentRight(12, 12, stands)).toBeGreaterThan(bare + PITCH / 2);
  });
});

import { describe, expect, it } from 'vitest';
import { sortPeers } from '../../../src/renderer/store/node-store.ts';
import { peer } from './helpers.ts';

const rows = [
  peer('Cedar', { height: 9, latencyMs: 2, bytesIn: 10, bytesOut: 5 }),
  peer('Birch', { height: 12, latencyMs: 7, bytesIn: 1, bytesOut: 1 }),
  peer('Ash', { bytesIn: 900, bytesOut: 0 }),
  peer('Dune', { height: 12, latencyMs: 7, bytesIn: 0, bytesOut: 30 }),
  peer('Elm', { state: 'waiting', height: 99, latencyMs: 1, bytesIn: 5000 }),
];
const names = (order?: Parameters<typeof sortPeers>[1]): (string | undefined)[] => sortPeers(rows, order).map(({ name }) => name);

describe('sortPeers', () => {
  it('leaves a peer whose link is cut where it was: Mend takes the place of the scissors', () => {
    const cut = rows.map((row) => (row.name === 'Birch' ? { ...row, state: 'cut' as const } : row));
    expect(sortPeers(cut).map(({ name }) => name)).toEqual(['Ash', 'Birch', 'Cedar', 'Dune', 'Elm']);
  });

  it('keeps connected ones first in every order, and equal ones by name', () => {
    expect(names()).toEqual(['Ash', 'Birch', 'Cedar', 'Dune', 'Elm']);
    expect(names('height')).toEqual(['Birch', 'Dune', 'Cedar', 'Ash', 'Elm']);
    expect(names('latency')).toEqual(['Cedar', 'Birch', 'Dune', 'Ash', 'Elm']);
    expect(names('bytes')).toEqual(['Ash', 'Dune', 'Cedar', 'Birch', 'Elm']);
  });
});

import { describe, expect, it } from 'vitest';
import { Broken } from '../../../../src/renderer/stage/canvas/broken.ts';
import { kindOf } from '../../../../src/renderer/stage/canvas/faces.ts';
import { makeTree, run, type Tree } from '../make.ts';

/** g-a1-a2-a3-a4, with s1-s2 on a1, t on s1, and u on a3. */
const tree = makeTree('g', [...run('a', 4, 'g'), 's1<a1', 's2<s1', 't<s1', 'u<a3'], 'a4');
const of = (name: string, active: boolean, from: Tree = tree): Broken => {
  const hash = from.hash(name);
  return new Broken(from.blocks.values(), { hash, height: from.blocks.get(hash)?.height ?? 0, newHash: 'f3'.repeat(32), active });
};
const loose = (broken: Broken): string[] => ['g', 'a1', 'a2', 'a3', 'a4', 's1', 's2', 't', 'u'].filter((name) => broken.markOf(block(name)) === 'loose');
const block = (name: string) => tree.blocks.get(tree.hash(name)) ?? expect.fail(name);

describe('what a changed block breaks', () => {
  it('of the chain: all above it, with the branches that stand on those, and no other branch', () => {
    expect(loose(of('a2', true))).toEqual(['a3', 'a4', 'u']);
    expect(loose(of('a1', true))).toEqual(['a2', 'a3', 'a4', 's1', 's2', 't', 'u']);
    expect(loose(of('a4', true))).toEqual([]);
    expect(of('a2', true).markOf(block('a2'))).toBe('changed');
  });

  it('of a branch: what stands on it there', () => {
    expect(loose(of('s1', false))).toEqual(['s2', 't']);
    expect(loose(of('u', false))).toEqual([]);
  });

  it('cuts the links to its own children only', () => {
    const broken = of('a1', true);
    expect(['a1', 'a2', 'a3', 's1', 's2'].filter((name) => broken.cuts(block(name)))).toEqual(['a2', 's1']);
  });

  it('knows heights of which only the seal is known', () => {
    const broken = of('a2', true);
    expect([0, 1, 2, 3, 99].map((height) => broken.markAt(height))).toEqual([null, null, 'changed', 'loose', 'loose']);
    expect(of('s1', false).markAt(3)).toBeNull();
  });

  it('a branch whose parent is not known stands on the chain', () => {
    const part = [...tree.blocks.values()].filter(({ hash }) => hash !== tree.hash('a3'));
    const broken = new Broken(part, { hash: tree.hash('a2'), height: 2, newHash: 'f3'.repeat(32), active: true });
    expect(broken.markOf(block('u'))).toBe('loose');
    expect(broken.markOf(block('s2'))).toBeNull();
  });

  it('a block that was refused before stays so, and the changed one is that above all', () => {
    const broken = of('a1', true);
    expect(kindOf({ block: { ...block('s1'), branch: 'invalid' }, lane: 1 }, broken)).toBe('invalid');
    expect(kindOf({ block: block('s1'), lane: 1 }, broken)).toBe('loose');
    expect(kindOf({ block: block('a1'), lane: 0 }, broken)).toBe('changed');
    expect(kindOf({ block: block('g'), lane: 0 }, broken)).toBe('active');
  });
});

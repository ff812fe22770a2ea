import { describe, expect, it } from 'vitest';
import { hashEnding, identityOf } from '../../../src/renderer/lib/identity.ts';

describe('identityOf', () => {
  it('is the same for the same node, and a hexagon only for you', () => {
    expect(identityOf('b2', 'Birch')).toEqual(identityOf('b2', 'Birch'));
    expect(identityOf('b2', 'Birch', true)).toEqual({ shape: 'hexagon', letter: 'B', hue: 255 });
    for (let letter = 65; letter <= 90; letter += 1) {
      expect(identityOf('x', `${String.fromCharCode(letter)}ame`).shape).not.toBe('hexagon');
    }
  });

  it('gives neighbours in the alphabet another shape', () => {
    const shapes = ['Aster', 'Birch', 'Cedar', 'Dune', 'Elm', 'Fern', 'Gorse'].map((name) => identityOf('id', name).shape);
    expect(new Set(shapes).size).toBe(7);
  });

  it('tells some nodes of one name apart by hue', () => {
    const hues = new Set(Array.from({ length: 16 }, (_, index) => identityOf(`node ${index}`, 'Birch').hue));
    expect(hues.size).toBe(2);
  });

  it.each([
    ['  elm', 'E'],
    ['127.0.0.1:5001', '1'],
    ['östra', 'Ö'],
    ['***', '?'],
    ['', '?'],
    ['𝒜lpha', '𝒜'],
  ])('%j has the letter %s', (name, letter) => expect(identityOf('id', name).letter).toBe(letter));

  it('shows the end of a hash', () => expect(hashEnding('0000abcd')).toBe('abcd'));
});

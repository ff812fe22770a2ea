import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NAME_GRAPHEMES } from '../../../src/renderer/stage/limits.ts';
import { countInside, countWord, plainLine, shownName } from '../../../src/renderer/stage/text.ts';
import { anyCharacter } from '../../helpers/characters.ts';

describe('plainLine', () => {
  it('is one line without what turns, hides or rings', () => {
    expect(plainLine('a\nb\tc  d', 99)).toBe('a b c d');
    expect(plainLine('pay\u202e 99 \u2066x\u2069\u0007\u0000', 99)).toBe('pay 99 x');
    expect(plainLine('\ud800lone', 99)).toBe('lone');
    expect(plainLine('<b>bold</b>', 99)).toBe('<b>bold</b>');
  });

  it('cuts by what is seen, and says so', () => {
    expect(plainLine('abcdef', 3)).toBe('abc…');
    expect(plainLine('abc', 3)).toBe('abc');
    const family = '👨‍👩‍👧';
    expect(plainLine(family.repeat(5), 2)).toBe(`${family}${family}…`);
  });

  it('takes the tower of accents off a letter', () => {
    const tower = `a${'\u0301'.repeat(500)}b`;
    expect(plainLine(tower, 40).length).toBeLessThan(40);
  });

  it('is bounded and clean for any text, however long', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (text, limit) => {
        const line = plainLine(text, limit);
        expect(line.length).toBeLessThanOrEqual(limit * 16 + 1);
        expect(line).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 50 },
    );
    expect(plainLine('x'.repeat(1_000_000), 10)).toBe('xxxxxxxxxx…');
  });
});

describe('shownName', () => {
  it('falls back to the address', () => {
    expect(shownName('Birch', '127.0.0.1:1')).toBe('Birch');
    expect(shownName(undefined, '127.0.0.1:1')).toBe('127.0.0.1:1');
    expect(shownName('\u200b\u202e', '127.0.0.1:1')).toBe('127.0.0.1:1');
    expect([...shownName('n'.repeat(99), '')]).toHaveLength(NAME_GRAPHEMES + 1);
  });
});

describe('counts', () => {
  it('are words to ten', () => {
    expect(countWord(0)).toBe('No');
    expect(countWord(1)).toBe('One');
    expect(countWord(10)).toBe('Ten');
    expect(countWord(11)).toBe('11');
    expect(countWord(1200)).toBe('1,200');
    expect(countInside(3)).toBe('three');
  });
});

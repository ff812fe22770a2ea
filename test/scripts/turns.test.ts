import { describe, expect, it } from 'vitest';
import { inTurns } from '../../scripts/lib/turns.mjs';

describe('inTurns', () => {
  it('shows the first place at once and the others in their order, unmixed', () => {
    const shown: string[] = [];
    const turns = inTurns((text) => shown.push(String(text)));
    const [first, second, third] = [turns.place(), turns.place(), turns.place()];
    second.write('b1');
    first.write('a1');
    expect(shown).toEqual(['a1']);
    third.write('c1');
    third.end();
    second.write('b2');
    first.write('a2');
    expect(shown).toEqual(['a1', 'a2']);
    first.end();
    expect(shown).toEqual(['a1', 'a2', 'b1', 'b2']);
    second.write('b3');
    expect(shown).toEqual(['a1', 'a2', 'b1', 'b2', 'b3']);
    second.end();
    expect(shown).toEqual(['a1', 'a2', 'b1', 'b2', 'b3', 'c1']);
  });

  it('shows a place that comes after all others have ended', () => {
    const shown: string[] = [];
    const turns = inTurns((text) => shown.push(String(text)));
    turns.place().end();
    const late = turns.place();
    late.write('late');
    expect(shown).toEqual(['late']);
  });

  it('keeps bytes as they are: a letter may be cut between two pieces', () => {
    const shown: Uint8Array[] = [];
    const turns = inTurns((text) => shown.push(text as Uint8Array));
    const [first, second] = [turns.place(), turns.place()];
    const letter = Buffer.from('ä');
    second.write(letter.subarray(0, 1));
    second.write(letter.subarray(1));
    first.end();
    expect(Buffer.concat(shown).toString()).toBe('ä');
  });

  it('refuses what comes after the end', () => {
    const place = inTurns(() => undefined).place();
    place.end();
    expect(() => {
      place.write('x');
    }).toThrow('ended');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDeeperThan, isJsonText } from '../../../src/node/consensus/json-text.ts';
import { anyCharacter } from '../../helpers/characters.ts';

/** Depth by recursion, to compare with. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('isDeeperThan', () => {
  it('agrees with the depth of the parsed value, for every JSON text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6, stringUnit: anyCharacter }), fc.nat({ max: 8 }), (text, max) => {
        expect(isDeeperThan(text, max)).toBe(depthOf(JSON.parse(text)) > max);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['"[[[["', 0, false],
    ['"\\"[[["', 0, false],
    ['"\\\\"', 0, false],
    ['["\\\\", [1]]', 1, true],
    ['{"[": "{"}', 1, false],
    ['[[],[],[[]]]', 2, true],
    ['[[],[],[[]]]', 3, false],
    ['0', 0, false],
  ])('%s deeper than %d: %s', (text, max, expected) => {
    expect(isDeeperThan(text, max)).toBe(expected);
  });

  it('answers for a million brackets without a stack', () => {
    expect(isDeeperThan('['.repeat(1_000_000), 32)).toBe(true);
    expect(isDeeperThan('{"a":'.repeat(1_000_000), 999_999)).toBe(true);
    expect(isDeeperThan(`${'[]'.repeat(500_000)}`, 1)).toBe(false);
  });
});

describe('isJsonText', () => {
  it.each(['null', 'true', '1', '-0', '1e999', '"x"', '[]', '{}', ' {"a" : [1, "\\ud800"]}\n', '{"__proto__":1,"a":1,"a":2}'])(
    'takes %s',
    (text) => {
      expect(isJsonText(text)).toBe(true);
    },
  );

  it.each(['', ' ', 'undefined', 'NaN', '01', '+1', '.5', "'x'", '[1,]', '{a:1}', '"\n"', '1 2', '\ufeff1', '// x\n1', '"\\x41"'])(
    'refuses %j',
    (text) => {
      expect(isJsonText(text)).toBe(false);
    },
  );
});

import fc from 'fast-check';

const SURROGATES_FROM = 0xd800;
const SURROGATES = 0x800;
const LAST = 0x10ffff;

/**
 * Any Unicode scalar value (a code point that is no surrogate), as a string: a `unit` for `fc.string`. fast-check's own `unit: 'binary'` is the
 * same set, but makes a table of all 1.1 million of them when it is first used: 1.5 s of processor time in each test file, and on a busy machine
 * more than a test may take.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: LAST - SURROGATES })
  .map((n) => String.fromCodePoint(n < SURROGATES_FROM ? n : n + SURROGATES));

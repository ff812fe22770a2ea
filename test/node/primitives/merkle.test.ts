import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merkleRoot } from '../../../src/node/primitives/merkle.ts';
import { concatBytes, displayHash, internalHash } from '../../../src/node/util/bytes.ts';
import { hash256 } from '../../../src/node/util/hash.ts';
import { bitcoinBlocks } from '../consensus/vectors/bitcoin.ts';

const id = (n: number): Uint8Array => hash256(Uint8Array.of(n & 0xff, n >> 8));
const ids = (count: number): Uint8Array[] => Array.from({ length: count }, (_, n) => id(n));

describe('real Bitcoin blocks', () => {
  it.each(bitcoinBlocks)('block $height', ({ merkleRoot: published, txids }) => {
    const { root, mutated } = merkleRoot(txids.map(internalHash));
    expect(displayHash(root)).toBe(published);
    expect(mutated).toBe(false);
  });

  it('has one with an odd number of transactions at several levels', () => {
    expect(bitcoinBlocks.some(({ txids }) => txids.length === 461)).toBe(true);
  });
});

describe('merkleRoot', () => {
  it('of nothing is zero, of one is that one, in a copy', () => {
    expect(merkleRoot([])).toEqual({ root: new Uint8Array(32), mutated: false });
    const only = id(1);
    const { root } = merkleRoot([only]);
    expect(root).toEqual(only);
    root.fill(0);
    expect(only).toEqual(id(1));
  });

  it('pairs the last of an odd level with itself, and that is no mutation', () => {
    const [a, b, c] = ids(3) as [Uint8Array, Uint8Array, Uint8Array];
    const left = hash256(concatBytes(a, b));
    const right = hash256(concatBytes(c, c));
    expect(merkleRoot([a, b, c])).toEqual({ root: hash256(concatBytes(left, right)), mutated: false });
  });

  /** Every list that repeats its end so that the root stays the same: the block of CVE-2012-2459. */
  it.each([3, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 21, 461])('sees the repetition of the end of %d ids', (count) => {
    const honest = ids(count);
    const { root, mutated } = merkleRoot(honest);
    expect(mutated).toBe(false);
    // At the first level with an odd count, the last node covers `width` ids; repeating them fills the pair.
    let width = 1;
    let level = count;
    while (level % 2 === 0) {
      level /= 2;
      width *= 2;
    }
    const forged = [...honest, ...honest.slice(count - width)];
    expect(merkleRoot(forged)).toEqual({ root, mutated: true });
  });

  it('sees equal neighbours in a pair, wherever they are, and not equal ids in different pairs', () => {
    expect(merkleRoot([id(1), id(1)]).mutated).toBe(true);
    expect(merkleRoot([id(0), id(2), id(1), id(1)]).mutated).toBe(true);
    expect(merkleRoot([id(1), id(2), id(1), id(2)]).mutated).toBe(true);
    expect(merkleRoot([id(0), id(1), id(1), id(2)]).mutated).toBe(false);
  });

  it('changes with every id and with their order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), (count, at) => {
        const list = ids(count);
        const root = displayHash(merkleRoot(list).root);
        const index = at % count;
        const changed = list.with(index, id(10_000));
        expect(displayHash(merkleRoot(changed).root)).not.toBe(root);
        const other = (index + 1) % count;
        const swapped = list.with(index, list[other] as Uint8Array).with(other, list[index] as Uint8Array);
        expect(displayHash(merkleRoot(swapped).root)).not.toBe(root);
      }),
    );
  });

  it('leaves the list as it was', () => {
    const list = ids(5);
    merkleRoot(list);
    expect(list).toEqual(ids(5));
  });
});

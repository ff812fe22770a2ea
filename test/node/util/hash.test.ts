import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BITCOIN_HEADERS } from '../../helpers/bitcoin-headers.ts';
import { displayHash, fromHex, toHex, utf8Encode } from '../../../src/node/util/bytes.ts';
import { chooseHasher } from '../../../src/node/util/choose-hasher.ts';
import { hash256, hash256Forest, hash256Many, hash256Rows, hasher, sha256 } from '../../../src/node/util/hash.ts';
import type { Hasher } from '../../../src/node/util/hasher.ts';
import { MAX_WASM_FOREST, MAX_WASM_MESSAGE_BYTES, MAX_WASM_SINGLE_BYTES, WASM_BATCH_MESSAGES, WASM_BATCH_ROWS } from '../../../src/node/util/limits.ts';
import { PlainHasher, sha256WithHashObject } from '../../../src/node/util/plain-hasher.ts';
import { WasmHasher } from '../../../src/node/util/wasm-hasher.ts';

const once = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const twice = (bytes: Uint8Array): string => once(once(bytes)).toString('hex');

/** Bytes that look like any, the same in each run. */
function bytesLike(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
}

const split = (hashes: Uint8Array): string[] => Array.from({ length: hashes.length / 32 }, (_, i) => toHex(hashes.subarray(32 * i, 32 * i + 32)));

/** The tree by its definition, on hexadecimal text. */
function treeOf(leaves: readonly string[]): { root: string; mutated: boolean } {
  let level = leaves;
  let mutated = false;
  while (level.length > 1) {
    const next: string[] = [];
    for (let i = 0; i < level.length; i += 2) {
      if (level[i] === level[i + 1]) mutated = true;
      next.push(twice(Buffer.from((level[i] ?? '') + (level[i + 1] ?? level[i] ?? ''), 'hex')));
    }
    level = next;
  }
  return { root: level[0] ?? '', mutated };
}

/** FIPS 180-4 examples, and NIST's short messages (CAVS 11.0, SHA256ShortMsg). */
const PUBLISHED = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['616263', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    toHex(utf8Encode('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  [
    toHex(utf8Encode('abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu')),
    'cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1',
  ],
  ['d3', '28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1'],
  ['11af', '5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98'],
  ['74ba2521', 'b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e'],
] as const;

describe.each<[string, Hasher]>([
  ['plain', new PlainHasher()],
  ['wasm', WasmHasher.scalar()],
  ['wasm-simd', WasmHasher.simd()],
])('the hasher %s', (name, one) => {
  it('says its name', () => {
    expect(one.name).toBe(name);
  });

  it.each(PUBLISHED)('gives the published SHA-256 of %s', (hex, hash) => {
    expect(toHex(one.sha256(fromHex(hex)))).toBe(hash);
  });

  it('gives the published hashes of headers, alone and together', () => {
    for (const { header, hash } of BITCOIN_HEADERS) expect(displayHash(one.hash256(fromHex(header)))).toBe(hash);
    const rows = fromHex(BITCOIN_HEADERS.map(({ header }) => header).join(''));
    expect(split(one.hashRows(rows)).map((hex) => displayHash(fromHex(hex)))).toEqual(BITCOIN_HEADERS.map(({ hash }) => hash));
  });

  it('gives what node:crypto gives for every length up to 300 and around the limits, alone and among others', () => {
    const lengths = [...Array(301).keys(), ...[MAX_WASM_SINGLE_BYTES, MAX_WASM_MESSAGE_BYTES].flatMap((limit) => [-1, 0, 1, 64].map((more) => limit + more)), 70_000];
    const messages = lengths.map((length) => bytesLike(length, length));
    const expected = messages.map(twice);
    messages.forEach((message, i) => {
      expect(toHex(one.sha256(message))).toBe(once(message).toString('hex'));
      expect(toHex(one.hash256(message))).toBe(expected[i]);
    });
    expect(split(one.hashMany(messages))).toEqual(expected);
  });

  it('gives what node:crypto gives for any messages, in their order', () => {
    const lengths = fc.oneof({ weight: 8, arbitrary: fc.nat(300) }, fc.constantFrom(55, 56, 63, 64, 119, 120, MAX_WASM_SINGLE_BYTES, MAX_WASM_MESSAGE_BYTES, MAX_WASM_MESSAGE_BYTES + 1));
    const message = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        const given = messages.map((bytes) => bytes.slice());
        expect(split(one.hashMany(messages))).toEqual(messages.map(twice));
        for (const bytes of messages) expect(toHex(one.sha256(bytes))).toBe(once(bytes).toString('hex'));
        expect(messages).toEqual(given);
      }),
    );
  });

  it('gives hashes of their own, that the next call leaves alone', () => {
    const hash = one.sha256(fromHex('616263'));
    const root = one.hashForest(bytesLike(64), [2]).roots;
    const before = [toHex(hash), toHex(root)];
    one.hash256(bytesLike(300));
    one.hashForest(bytesLike(640), [20]);
    expect([toHex(hash), toHex(root)]).toEqual(before);
    expect([hash.constructor, hash.buffer.byteLength, root.buffer.byteLength]).toEqual([Uint8Array, 32, 32]);
  });

  it('hashes any number of rows, in one batch and in several', () => {
    for (const count of [0, 1, 2, 3, 4, 5, 7, 8, WASM_BATCH_ROWS - 1, WASM_BATCH_ROWS, WASM_BATCH_ROWS + 1, 2 * WASM_BATCH_ROWS + 3]) {
      const rows = bytesLike(80 * count, count);
      const expected = Array.from({ length: count }, (_, i) => twice(rows.subarray(80 * i, 80 * i + 80)));
      expect(split(one.hashRows(rows))).toEqual(expected);
    }
    for (const length of [1, 79, 81]) expect(() => one.hashRows(new Uint8Array(length))).toThrow(RangeError);
  });

  it('hashes more messages than a batch has room for', () => {
    const messages = Array.from({ length: WASM_BATCH_MESSAGES + 3 }, (_, i) => bytesLike((i * 7) % 400, i));
    expect(split(one.hashMany(messages))).toEqual(messages.map(twice));
    // The most that a batch can hold: each message as long as it may be.
    const long = Array.from({ length: WASM_BATCH_MESSAGES }, (_, i) => bytesLike(MAX_WASM_MESSAGE_BYTES, i));
    expect(split(one.hashMany(long))).toEqual(long.map(twice));
  });

  it('gives the roots of any trees, and says when a pair is twice the same', () => {
    const leaf = fc.integer({ min: 0, max: 5 }).map((seed) => toHex(bytesLike(32, seed)));
    const tree = fc.array(leaf, { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 9 }), (trees) => {
        const { roots, mutated } = one.hashForest(fromHex(trees.flat().join('')), trees.map(({ length }) => length));
        expect(split(roots).map((root, i) => ({ root, mutated: mutated[i] === 1 }))).toEqual(trees.map(treeOf));
      }),
    );
  });

  it('tells a repeated end from an odd level (CVE-2012-2459)', () => {
    const leaves = Array.from({ length: 6 }, (_, i) => bytesLike(32, i));
    const flat = (...order: number[]): Uint8Array => Uint8Array.from(order.flatMap((i) => [...(leaves[i] ?? [])]));
    const { roots, mutated } = one.hashForest(flat(0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 4, 5), [6, 8]);
    expect(split(roots)[1]).toBe(split(roots)[0]);
    expect([...mutated]).toEqual([0, 1]);
    // The same hash twice, but in two pairs.
    expect([...one.hashForest(flat(0, 1, 1, 0), [4]).mutated]).toEqual([0]);
  });

  it('hashes trees of any size, and refuses what is none', () => {
    for (const count of [1, 2, 3, 1_000]) {
      const leaves = bytesLike(32 * count, count);
      const { roots, mutated } = one.hashForest(leaves, [count]);
      expect({ root: toHex(roots), mutated: mutated[0] === 1 }).toEqual(treeOf(split(leaves)));
    }
    expect(one.hashForest(new Uint8Array(0), [])).toEqual({ roots: new Uint8Array(0), mutated: new Uint8Array(0) });
    for (const [bytes, counts] of [[0, [0]], [33, [1]], [64, [1]], [64, [3]], [64, [2, 0]], [64, [3, -1]], [48, [1.5]]] as const) {
      expect(() => one.hashForest(new Uint8Array(bytes), counts)).toThrow(RangeError);
    }
  });
});

describe.each<[string, Hasher]>([
  ['wasm', WasmHasher.scalar()],
  ['wasm-simd', WasmHasher.simd()],
])('trees at the limits of the hasher %s', (_name, one) => {
  it.each([
    ['one as large as fits, and one larger', [MAX_WASM_FOREST], [MAX_WASM_FOREST + 1]],
    ['as many as fit', new Array<number>(MAX_WASM_FOREST).fill(1), new Array<number>(MAX_WASM_FOREST / 2).fill(2)],
    ['the most pairs that there can be', new Array<number>(Math.floor(MAX_WASM_FOREST / 3)).fill(3), []],
    ['more than fit, with one among them that never fits', [5, MAX_WASM_FOREST - 2, 3, MAX_WASM_FOREST + 2, 7, 1], []],
  ])('%s', (_what, ...forests) => {
    for (const counts of forests) {
      const leaves = bytesLike(32 * counts.reduce((x, y) => x + y, 0), counts.length);
      // Whatever the size: node:crypto has none to mind, and is held against the definition above.
      const expected = new PlainHasher().hashForest(leaves, counts);
      const got = one.hashForest(leaves, counts);
      expect(Buffer.compare(got.roots, expected.roots)).toBe(0);
      expect(Buffer.compare(got.mutated, expected.mutated)).toBe(0);
    }
  });
});

describe('which hasher is taken', () => {
  const broken = (change: Partial<Hasher>): (() => Hasher) => {
    const right = new PlainHasher();
    return () => ({
      name: 'broken',
      sha256: right.sha256,
      hash256: right.hash256,
      hashRows: (rows) => right.hashRows(rows),
      hashMany: (messages) => right.hashMany(messages),
      hashForest: (leaves, counts) => right.hashForest(leaves, counts),
      ...change,
    });
  };
  const wrong = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 31 ? byte ^ 1 : byte));
  const right = new PlainHasher();

  it('is the one with vectors here', () => {
    expect(chooseHasher().name).toBe('wasm-simd');
    expect(hasher().name).toBe('wasm-simd');
    expect(hasher()).toBe(hasher());
  });

  it.each<[string, Partial<Hasher>]>([
    ['hashes once wrongly', { sha256: (bytes) => wrong(right.sha256(bytes)) }],
    ['hashes twice wrongly', { hash256: (bytes) => wrong(right.hash256(bytes)) }],
    ['is wrong in a row', { hashRows: (rows) => (rows.length > 80 ? wrong(right.hashRows(rows)) : right.hashRows(rows)) }],
    ['is wrong in a message', { hashMany: (messages) => wrong(right.hashMany(messages)) }],
    ['gives another root', { hashForest: (leaves, counts) => ({ ...right.hashForest(leaves, counts), roots: wrong(right.hashForest(leaves, counts).roots) }) }],
    ['sees repetitions where there are none', { hashForest: (leaves, counts) => ({ ...right.hashForest(leaves, counts), mutated: Uint8Array.of(0, 1) }) }],
  ])('is not one that %s', (_what, change) => {
    expect(chooseHasher([broken({})]).name).toBe('broken');
    expect(chooseHasher([broken(change), () => WasmHasher.scalar()]).name).toBe('wasm');
    expect(chooseHasher([broken(change)]).name).toBe('plain');
  });

  it('is node:crypto where there is no WebAssembly', () => {
    const { WebAssembly: present } = globalThis as { WebAssembly?: unknown };
    Reflect.deleteProperty(globalThis, 'WebAssembly');
    try {
      expect(chooseHasher().name).toBe('plain');
    } finally {
      Reflect.set(globalThis, 'WebAssembly', present);
    }
  });
});

describe('the functions that everything uses', () => {
  it('are those of the hasher', () => {
    const bytes = bytesLike(160);
    expect(sha256(bytes)).toEqual(sha256WithHashObject(bytes));
    // Published in the Bitcoin wiki's protocol documentation.
    expect(toHex(hash256(utf8Encode('hello')))).toBe('9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50');
    expect(split(hash256Many([bytes, bytes.subarray(1)]))).toEqual([twice(bytes), twice(bytes.subarray(1))]);
    expect(split(hash256Rows(bytes))).toEqual([twice(bytes.subarray(0, 80)), twice(bytes.subarray(80))]);
    expect(toHex(hash256Forest(bytes.subarray(0, 64), [2]).roots)).toBe(twice(bytes.subarray(0, 64)));
  });
});

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { displayHash, fromHex, toHex, utf8Encode } from '../../../src/node/util/bytes.ts';
import { hash256, sha256, sha256WithHashObject } from '../../../src/node/util/hash.ts';

/** FIPS 180-4 examples and NIST's short messages. */
it.each([
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
])('SHA-256 of %j', (text, hex) => {
  expect(toHex(sha256(utf8Encode(text)))).toBe(hex);
  expect(toHex(sha256WithHashObject(utf8Encode(text)))).toBe(hex);
});

it('gives the same by both ways, as plain bytes of their own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const hash = sha256(bytes);
      expect(hash).toEqual(sha256WithHashObject(bytes));
      expect(toHex(hash)).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(hash.constructor).toBe(Uint8Array);
      expect(hash.buffer.byteLength).toBe(32);
    }),
  );
});

it('hashes twice', () => {
  // Published in the Bitcoin wiki's protocol documentation.
  expect(toHex(hash256(utf8Encode('hello')))).toBe('9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50');
  expect(displayHash(hash256(fromHex('')))).toBe(displayHash(sha256(sha256(new Uint8Array(0)))));
});

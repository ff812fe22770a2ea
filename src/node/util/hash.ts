import * as crypto from 'node:crypto';

type OneShot = (algorithm: string, data: Uint8Array, encoding: 'buffer') => Uint8Array;

/** `crypto.hash` (Node 20.12, 21.7) makes no Hash object and is about twice as fast on short input; it is absent before. */
const oneShot = (crypto as { hash?: OneShot }).hash;

/** SHA-256 through a Hash object: the way that works in every version. Exported for the test that compares both. */
export function sha256WithHashObject(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(crypto.createHash('sha256').update(bytes).digest());
}

/** SHA-256 (FIPS 180-4), 32 bytes. */
export const sha256: (bytes: Uint8Array) => Uint8Array =
  oneShot === undefined ? sha256WithHashObject : (bytes) => new Uint8Array(oneShot('sha256', bytes, 'buffer'));

/** SHA-256 of the SHA-256, 32 bytes in internal order: Bitcoin's hash of headers, transactions and merkle nodes. */
export function hash256(bytes: Uint8Array): Uint8Array {
  return sha256(sha256(bytes));
}

/** The same into 32 bytes of `target` at `at`; the input may lie there as well. */
export const hash256Into: (bytes: Uint8Array, target: Uint8Array, at: number) => void =
  oneShot === undefined
    ? (bytes, target, at) => {
        target.set(hash256(bytes), at);
      }
    : (bytes, target, at) => {
        target.set(oneShot('sha256', oneShot('sha256', bytes, 'buffer'), 'buffer'), at);
      };

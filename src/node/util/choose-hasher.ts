import { equalBytes, fromHex, utf8Encode } from './bytes.ts';
import { DIGEST_BYTES, ROW_BYTES, type Hasher } from './hasher.ts';
import { PlainHasher } from './plain-hasher.ts';
import { WasmHasher } from './wasm-hasher.ts';

/** The fastest first. */
const FAST: readonly (() => Hasher)[] = [() => WasmHasher.simd(), () => WasmHasher.scalar()];

/** SHA-256 of the examples in FIPS 180-4 and of nothing. */
const PUBLISHED: readonly (readonly [text: string, hash: string])[] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
];

/** The header of Bitcoin's first block, and its hash in internal order. */
const HEADER = fromHex(
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c',
);
const HEADER_HASH = fromHex('6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000');

/** More than a group of four, and no whole number of groups. */
const TRIAL_ROWS = 7;

/**
 * The fastest hasher that this machine can run and that gives the published hashes, and what node:crypto gives. An engine without the
 * means, or with a fault in them, costs speed and nothing else.
 */
export function chooseHasher(fast: readonly (() => Hasher)[] = FAST): Hasher {
  const plain = new PlainHasher();
  for (const make of fast) {
    try {
      const hasher = make();
      if (isRight(hasher) && agrees(hasher, plain)) return hasher;
    } catch {
      // No such instructions, no WebAssembly, or no memory for it: the next one.
    }
  }
  return plain;
}

function isRight(hasher: Hasher): boolean {
  return (
    PUBLISHED.every(([text, hash]) => equalBytes(hasher.sha256(utf8Encode(text)), fromHex(hash))) &&
    equalBytes(hasher.hash256(HEADER), HEADER_HASH) &&
    equalBytes(hasher.hashRows(HEADER), HEADER_HASH)
  );
}

/** All ways of both, on the same bytes. */
function agrees(hasher: Hasher, plain: Hasher): boolean {
  const rows = Uint8Array.from({ length: TRIAL_ROWS * ROW_BYTES }, (_, index) => (index * 37 + (index >> 6) * 11) & 0xff);
  // Lengths on both sides of a block's end, so that the lanes of a group differ.
  const messages = [0, 55, 56, 64, 119, 120, 300].map((length) => rows.subarray(0, length));
  const leaves = rows.subarray(0, TRIAL_ROWS * DIGEST_BYTES);
  const trees = [TRIAL_ROWS - 2, 2];
  const [mine, other] = [hasher.hashForest(leaves, trees), plain.hashForest(leaves, trees)];
  return (
    equalBytes(hasher.hashRows(rows), plain.hashRows(rows)) &&
    equalBytes(hasher.hashMany(messages), plain.hashMany(messages)) &&
    equalBytes(mine.roots, other.roots) &&
    equalBytes(mine.mutated, other.mutated)
  );
}

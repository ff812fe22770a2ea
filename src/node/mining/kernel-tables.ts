import { KERNEL_LAYOUT } from '../util/sha256-module.ts';

// SHA-256 (FIPS 180-4) in 32-bit integers, as much of it as is done once a header and not once a nonce.

/** The round constants: the first 32 bits of the fractions of the cube roots of the first 64 primes. */
const K = Int32Array.of(
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
);

/** The initial state: the same of the square roots of the first 8 primes. */
const INITIAL = Int32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);

/** The word after a message: its highest bit ends the message. */
const END = 0x8000_0000 | 0;
/** Message lengths in bits: of a header, and of a hash. */
const HEADER_BITS = 640;
const HASH_BITS = 256;

const rotr = (x: number, n: number): number => (x >>> n) | (x << (32 - n));
const small0 = (x: number): number => rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
const small1 = (x: number): number => rotr(x, 17) ^ rotr(x, 19) ^ (x >>> 10);

/** The state after the rounds `from` to `to - 1` with the message words `w`. */
function rounds(state: Int32Array, w: Int32Array, from: number, to: number): Int32Array {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = from; i < to; i += 1) {
    const t1 = (h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + (K[i] ?? 0) + (w[i] ?? 0)) | 0;
    const t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  return Int32Array.of(a, b, c, d, e, f, g, h);
}

/** A message schedule in which only what follows from the known words stands: the words that depend on others hold the known part of their sum. */
interface PartialSchedule {
  words: Int32Array;
  known: boolean[];
}

function partialSchedule(message: readonly (number | undefined)[]): PartialSchedule {
  const words = new Int32Array(64);
  const known = Array.from({ length: 64 }, (_, index) => message[index] !== undefined);
  message.forEach((word, index) => (words[index] = word ?? 0));
  for (let i = 16; i < 64; i += 1) {
    const part = (back: number, of: (x: number) => number): number => (known[i - back] === true ? of(words[i - back] ?? 0) : 0);
    const same = (x: number): number => x;
    words[i] = part(16, same) + part(15, small0) + part(7, same) + part(2, small1);
    known[i] = [16, 15, 7, 2].every((back) => known[i - back]);
  }
  return { words, known };
}

/** The second hash reads a hash, of which nothing is known, and the padding. */
const SECOND = partialSchedule([...Array.from({ length: 8 }, () => undefined), END, 0, 0, 0, 0, 0, 0, HASH_BITS]);

/** Puts a word at a place of the memory, into each lane. */
type Put = (place: number, word: number) => void;

function putRounds(put: Put, place: number, { words, known }: PartialSchedule): void {
  // From word 32 on the kernel works the whole schedule out.
  for (let i = 0; i < 64; i += 1) put(place + i, (K[i] ?? 0) + (i < 32 && known[i] === true ? (words[i] ?? 0) : 0));
}

function putAll(put: Put, place: number, words: Int32Array): void {
  words.forEach((word, index) => {
    put(place + index, word);
  });
}

/** Fills what is the same for all headers. */
export function putConstants(put: Put): void {
  putRounds(put, KERNEL_LAYOUT.roundsSecond, SECOND);
  putAll(put, KERNEL_LAYOUT.partsSecond, SECOND.words.subarray(16, 32));
  putAll(put, KERNEL_LAYOUT.afterWord, rounds(INITIAL, SECOND.words, 0, 1));
  put(KERNEL_LAYOUT.initialLast, INITIAL[7] ?? 0);
}

/** Fills what is the same for all nonces of a header of 80 bytes, whose own nonce is ignored. */
export function putHeader(put: Put, header: Uint8Array): void {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const word = (index: number): number => view.getInt32(index * 4);
  const chunk = partialSchedule(Array.from({ length: 16 }, (_, index) => word(index)));
  const midstate = rounds(INITIAL, chunk.words, 0, 64).map((value, index) => value + (INITIAL[index] ?? 0));
  const first = partialSchedule([word(16), word(17), word(18), undefined, END, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, HEADER_BITS]);
  putRounds(put, KERNEL_LAYOUT.roundsFirst, first);
  putAll(put, KERNEL_LAYOUT.partsFirst, first.words.subarray(16, 32));
  putAll(put, KERNEL_LAYOUT.afterNonce, rounds(midstate, first.words, 0, 4));
  putAll(put, KERNEL_LAYOUT.midstate, midstate);
}

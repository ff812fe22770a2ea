/**
 * The baseline "tutorial": the mining loop of the small blockchains that tutorials build, as their published designs tell it. A block is
 * turned into text, the text is hashed by a SHA-256 in JavaScript that works on arrays of numbers, the hash becomes hex, the hex becomes
 * binary digits, and those are looked at for leading zeros. Once for each try.
 */
export interface TutorialBlock {
  index: number;
  previousHash: string;
  timestamp: number;
  data: unknown;
  difficulty: number;
}

const K: number[] = [];
const INITIAL: number[] = [];
for (let candidate = 2; K.length < 64; candidate += 1) {
  let prime = true;
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) if (candidate % divisor === 0) prime = false;
  if (!prime) continue;
  const fraction = (root: number): number => ((root - Math.floor(root)) * 0x1_0000_0000) | 0;
  if (INITIAL.length < 8) INITIAL.push(fraction(Math.sqrt(candidate)));
  K.push(fraction(Math.cbrt(candidate)));
}

function words(text: string): number[] {
  const bytes = unescape(encodeURIComponent(text));
  const out: number[] = [];
  for (let i = 0; i < bytes.length; i += 1) out[i >>> 2] = (out[i >>> 2] ?? 0) | (bytes.charCodeAt(i) << (24 - (i % 4) * 8));
  out[bytes.length >>> 2] = (out[bytes.length >>> 2] ?? 0) | (0x80 << (24 - (bytes.length % 4) * 8));
  const length = (((bytes.length + 8) >>> 6) + 1) * 16;
  for (let i = 0; i < length; i += 1) out[i] ??= 0;
  out[length - 1] = bytes.length * 8;
  return out;
}

/** SHA-256 (FIPS 180-4) of a text, as hex. */
export function tutorialSha256(text: string): string {
  const message = words(text);
  const state = INITIAL.slice();
  const w: number[] = [];
  for (let offset = 0; offset < message.length; offset += 16) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
    for (let i = 0; i < 64; i += 1) {
      if (i < 16) w[i] = message[offset + i] ?? 0;
      else {
        const x = w[i - 15] ?? 0;
        const y = w[i - 2] ?? 0;
        const s0 = ((x << 25) | (x >>> 7)) ^ ((x << 14) | (x >>> 18)) ^ (x >>> 3);
        const s1 = ((y << 15) | (y >>> 17)) ^ ((y << 13) | (y >>> 19)) ^ (y >>> 10);
        w[i] = (s0 + (w[i - 7] ?? 0) + s1 + (w[i - 16] ?? 0)) | 0;
      }
      const choice = (e & f) ^ (~e & g);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const sum0 = ((a << 30) | (a >>> 2)) ^ ((a << 19) | (a >>> 13)) ^ ((a << 10) | (a >>> 22));
      const sum1 = ((e << 26) | (e >>> 6)) ^ ((e << 21) | (e >>> 11)) ^ ((e << 7) | (e >>> 25));
      const t1 = (h + sum1 + choice + (K[i] ?? 0) + (w[i] ?? 0)) | 0;
      const t2 = (sum0 + majority) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => (state[i] = ((state[i] ?? 0) + value) | 0));
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function matchesDifficulty(hash: string, difficulty: number): boolean {
  const binary = [...hash].map((digit) => parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  return binary.startsWith('0'.repeat(difficulty));
}

/** Tries `count` nonces; the first whose hash has enough zeros, or -1. */
export function tutorialMine(block: TutorialBlock, start: number, count: number): number {
  for (let nonce = start; nonce < start + count; nonce += 1) {
    const { index, previousHash, timestamp, data, difficulty } = block;
    const text = `${String(index)}${previousHash}${String(timestamp)}${JSON.stringify(data)}${String(difficulty)}${String(nonce)}`;
    if (matchesDifficulty(tutorialSha256(text), difficulty)) return nonce;
  }
  return -1;
}

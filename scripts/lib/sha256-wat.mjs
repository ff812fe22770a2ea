// SHA-256 (FIPS 180-4) as expressions of WebAssembly text: what the mining kernel (kernel-wat.mjs) and the batch functions
// (batch-wat.mjs) are written with. `scalar` works on 32-bit numbers, `simd` on four of them in the lanes of a 128-bit vector.

/** @typedef {'scalar' | 'simd'} Kind */
/** @typedef {{ s: string[], bc: string | undefined }} State the state a to h as expressions, and b^c where the last round made it */

/** The bytes of four words in reverse. */
const SWAP = '3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12';

// A value lives for five rounds at most and a round makes fewer than ten, so the names may go around: each fits into a byte.
const LOCALS = 96;

/** The declarations of what `keep` uses. @param {string} type */
export const locals = (type) => Array.from({ length: LOCALS }, (_, i) => `(local $v${i} ${type})`).join(' ');

/**
 * The body of one function. `out` is what was emitted; words of memory are counted in the kind's own size (scalar: 4 bytes, SIMD: 16).
 * @param {Kind} kind @param {number} scratch a word that is written and never read, see `round`
 */
export function sha256Ops(kind, scratch) {
  const simd = kind === 'simd';
  const size = simd ? 16 : 4;
  const type = simd ? 'v128' : 'i32';
  const lane = simd ? 'i32x4' : 'i32';
  /** @type {string[]} */
  const out = [];
  /** @param {string} line */
  const emit = (line) => void out.push(line);

  let made = 0;
  /** Puts a value into a local and gives the expression that reads it. @param {string} value */
  const keep = (value) => {
    const name = `$v${made % LOCALS}`;
    made += 1;
    emit(`(local.set ${name} ${value})`);
    return `(local.get ${name})`;
  };

  /** @param {...string} terms */
  const sum = (...terms) => terms.reduce((a, b) => `(${lane}.add ${a} ${b})`);
  /** @param {...string} terms */
  const xor = (...terms) => terms.reduce((a, b) => `(${type}.xor ${a} ${b})`);
  /** @param {string} a @param {string} b */
  const and = (a, b) => `(${type}.and ${a} ${b})`;
  /** @param {string} x @param {number} n */
  const shr = (x, n) => `(${lane}.shr_u ${x} (i32.const ${n}))`;
  /** @param {string} x @param {number} n */
  const rotr = (x, n) => (simd ? `(v128.or ${shr(x, n)} (i32x4.shl ${x} (i32.const ${32 - n})))` : `(i32.rotr ${x} (i32.const ${n}))`);
  /** @param {number} word @param {string} [base] */
  const load = (word, base = '(i32.const 0)') => `(${type}.load offset=${word * size} ${base})`;
  /** @param {number} word @param {string} value @param {string} [base] */
  const store = (word, value, base = '(i32.const 0)') => emit(`(${type}.store offset=${word * size} ${base} ${value})`);

  // rotr a ^ rotr b ^ rotr c as rotr a (x ^ rotr b-a (x ^ rotr c-b x)): as many operations, and one value alive instead of three.
  /** @param {string} x @param {number} a @param {number} b @param {number} c */
  const big = (x, a, b, c) => rotr(keep(xor(x, rotr(keep(xor(x, rotr(x, c - b))), b - a))), a);
  /** @param {string} x */
  const small0 = (x) => xor(rotr(x, 7), rotr(x, 18), shr(x, 3));
  /** @param {string} x */
  const small1 = (x) => xor(rotr(x, 17), rotr(x, 19), shr(x, 10));

  /**
   * One round. maj(a, b, c) is b ^ ((a ^ b) & (b ^ c)), and a ^ b is b ^ c in the next round.
   * @param {State} state @param {string} kw K plus the message word @param {boolean} [onlyE] nobody will ask for the new a
   * @returns {State}
   */
  const round = ({ s: [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''], bc }, kw, onlyE = false) => {
    const t1 = keep(sum(h, kw, xor(g, and(e, xor(f, g))), big(e, 6, 11, 25)));
    const e2 = keep(sum(d, t1));
    if (onlyE) return { s: [a, a, b, c, e2, e, f, g], bc: undefined };
    const ab = keep(xor(a, b));
    const a2 = keep(sum(t1, big(a, 2, 13, 22), xor(b, and(ab, bc ?? xor(b, c)))));
    // A store is a place that V8 does not move work across: without it the scalar kernel spills its registers and is a third slower.
    if (!simd) store(scratch, a2);
    return { s: [a2, a, b, c, e2, e, f, g], bc: ab };
  };

  return { out, size, type, emit, keep, sum, xor, and, load, store, small0, small1, round };
}

/** The bytes of each word in reverse. @param {string} x evaluated twice when scalar @param {boolean} simd */
export function swapped(x, simd) {
  if (simd) return `(i8x16.shuffle ${SWAP} ${x} (v128.const i32x4 0 0 0 0))`;
  return `(i32.or (i32.and (i32.rotl ${x} (i32.const 8)) (i32.const 0x00ff00ff)) (i32.and (i32.rotr ${x} (i32.const 8)) (i32.const 0xff00ff00)))`;
}

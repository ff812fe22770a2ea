// The mining kernel as WebAssembly text: double SHA-256 (FIPS 180-4) of the second half of a header, again and again with
// another nonce. One generator writes both kernels: `scalar` hashes one nonce at a time in 32-bit numbers, `simd` four at a
// time in the four lanes of a 128-bit vector.
//
// What is the same for every nonce is left out: the first 64 bytes (the midstate), the first rounds of the second chunk, and the
// end of the second hash, which the highest word does not need. The few parts of the message schedules that no nonce reaches are
// made all the same: leaving them out takes code of its own, and all the code of a try has to fit into the processor's cache of
// decoded instructions.

/** @typedef {'scalar' | 'simd'} KernelKind */
/** @typedef {{ s: string[], bc: string | undefined }} State the state a to h as expressions, and b^c where the last round made it */

/**
 * Memory, counted in words of the kernel (4 bytes; SIMD: 16 bytes, the same value in each lane). All but `tops` and what a nonce reaches of
 * the schedules is filled by src/node/mining/kernel-tables.ts.
 */
export const LAYOUT = {
  /** K[i] of the rounds 16 to 63, at i. Before that, of the rounds 0 to 15 of the first hash: plus the message word where the nonce does not reach it. */
  rounds: 0,
  /** The same of the rounds 0 to 15 of the second hash. 16 words. */
  roundsSecond: 64,
  /** The message schedule of the first hash. 64 words. */
  scheduleFirst: 80,
  /** The same of the second one. */
  scheduleSecond: 144,
  /** The state after round 3 of the first hash, without the nonce, which is added to the words 0 and 4. */
  afterNonce: 208,
  /** The state after the first 64 bytes of the header. */
  midstate: 216,
  /** The state after round 0 of the second hash, without the message word, which is added to the words 0 and 4. */
  afterWord: 224,
  /** The last word of SHA-256's initial state. */
  initialLast: 232,
  /** The result: the highest word of each hash, as a number. */
  tops: 233,
  /** Written and never read, see `round`. */
  scratch: 234,
};

/** Rounds that are written out in a loop: the state is back in its places after eight. */
const STEP = 8;

/** The bytes of four words in reverse. */
const SWAP = '3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12';

/**
 * The module's text. It exports `memory` and `scan(nonce, groups, limit)`, all 32-bit numbers: tries groups of one or four
 * nonces until the highest word of a hash is at most `limit`; gives how many groups were left then, or -1.
 * @param {KernelKind} kind
 */
export function kernelWat(kind) {
  const simd = kind === 'simd';
  const size = simd ? 16 : 4;
  const type = simd ? 'v128' : 'i32';
  const lane = simd ? 'i32x4' : 'i32';
  /** @type {string[]} */
  const out = [];
  /** @param {string} line */
  const emit = (line) => void out.push(line);

  // A value lives for five rounds at most and a round makes fewer than ten, so the names may go around: each fits into a byte.
  const LOCALS = 96;
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
    if (!simd) store(LAYOUT.scratch, a2);
    return { s: [a2, a, b, c, e2, e, f, g], bc: ab };
  };

  /**
   * The state after the first round that the hash's own word enters: its constant part, plus the word in a and e.
   * @param {number} from @param {string} word
   * @returns {State}
   */
  const entered = (from, word) => ({
    s: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => keep(i % 4 === 0 ? sum(load(from + i), word) : load(from + i))),
    bc: undefined,
  });

  /** A round from 16 on with its message word. @param {State} state @param {number} schedule @param {number} i @param {string} [base] @param {boolean} [onlyE] */
  const late = (state, schedule, i, base, onlyE) => {
    /** @param {number} back */
    const word = (back) => load(schedule + i - back, base);
    const w = keep(sum(word(16), small0(keep(word(15))), word(7), small1(keep(word(2)))));
    store(schedule + i, w, base);
    return round(state, sum(load(LAYOUT.rounds + i, base), w), onlyE);
  };

  const names = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `$s${i}`);
  let loops = 0;
  /** The rounds 16 to `end` - 1 as a loop. @param {State} state @param {number} schedule @param {number} end @returns {State} */
  const looped = (state, schedule, end) => {
    const label = `$rounds${(loops += 1)}`;
    const held = { s: names.map((name) => `(local.get ${name})`), bc: undefined };
    names.forEach((name, i) => emit(`(local.set ${name} ${state.s[i] ?? ''})`));
    emit(`(local.set $p (i32.const 0)) (loop ${label}`);
    /** @type {State} */
    let current = held;
    for (let i = 16; i < 16 + STEP; i += 1) current = late(current, schedule, i, '(local.get $p)');
    names.forEach((name, i) => emit(`(local.set ${name} ${current.s[i] ?? ''})`));
    emit(`(local.set $p (i32.add (local.get $p) (i32.const ${STEP * size})))`);
    emit(`(br_if ${label} (i32.lt_u (local.get $p) (i32.const ${(end - 16) * size}))))`);
    return held;
  };

  // The first hash. Its second chunk: three words of the header, the nonce, the padding.
  const nonces = simd ? '(i32x4.add (i32x4.splat (local.get $nonce)) (v128.const i32x4 0 1 2 3))' : '(local.get $nonce)';
  const nonce = keep(swapped(nonces, simd));
  store(LAYOUT.scheduleFirst + 3, nonce);
  let state = entered(LAYOUT.afterNonce, nonce);
  for (let i = 4; i < 16; i += 1) state = round(state, load(LAYOUT.rounds + i));
  state = looped(state, LAYOUT.scheduleFirst, 64);

  // The second hash, of the first one's 32 bytes.
  state.s.forEach((value, i) => store(LAYOUT.scheduleSecond + i, sum(value, load(LAYOUT.midstate + i))));
  state = entered(LAYOUT.afterWord, keep(load(LAYOUT.scheduleSecond)));
  for (let i = 1; i < 16; i += 1) {
    const kw = load(LAYOUT.roundsSecond + i);
    state = round(state, i < 8 ? sum(kw, load(LAYOUT.scheduleSecond + i)) : kw);
  }
  state = looped(state, LAYOUT.scheduleSecond, 48);
  // The highest word of a hash is h after round 63, and that is e after round 60; a of the last four rounds is not in it.
  for (let i = 48; i <= 60; i += 1) state = late(state, LAYOUT.scheduleSecond, i, undefined, i > 56);
  const last = keep(sum(state.s[4] ?? '', load(LAYOUT.initialLast)));
  const top = keep(swapped(last, simd));
  const hit = simd ? `(v128.any_true (i32x4.le_u ${top} (i32x4.splat (local.get $limit))))` : `(i32.le_u ${top} (local.get $limit))`;

  return `(module
(memory (export "memory") 1 1)
(func (export "scan") (param $nonce i32) (param $groups i32) (param $limit i32) (result i32)
(local $p i32)
${names.map((name) => `(local ${name} ${type})`).join(' ')}
${Array.from({ length: LOCALS }, (_, i) => `(local $v${i} ${type})`).join(' ')}
(loop $next
(local.set $groups (i32.sub (local.get $groups) (i32.const 1)))
${out.join('\n')}
(if ${hit} (then (${type}.store offset=${LAYOUT.tops * size} (i32.const 0) ${top}) (return (local.get $groups))))
(local.set $nonce (i32.add (local.get $nonce) (i32.const ${size / 4})))
(br_if $next (local.get $groups)))
(i32.const -1)))
`;
}

/** The bytes of each word in reverse. @param {string} x evaluated twice when scalar @param {boolean} simd */
function swapped(x, simd) {
  if (simd) return `(i8x16.shuffle ${SWAP} ${x} (v128.const i32x4 0 0 0 0))`;
  return `(i32.or (i32.and (i32.rotl ${x} (i32.const 8)) (i32.const 0x00ff00ff)) (i32.and (i32.rotr ${x} (i32.const 8)) (i32.const 0xff00ff00)))`;
}

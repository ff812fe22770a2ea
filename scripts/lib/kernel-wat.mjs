// The mining kernel as a function of WebAssembly text: double SHA-256 (FIPS 180-4) of the second half of a header, again and again
// with another nonce. One generator writes both kernels: `scalar` hashes one nonce at a time in 32-bit numbers, `simd` four at a
// time in the four lanes of a 128-bit vector.
//
// What is the same for every nonce is left out: the first 64 bytes (the midstate), the first rounds of the second chunk, the
// parts of the message schedule that no nonce reaches, and the end of the second hash, which the highest word does not need.

import { locals, sha256Ops, swapped } from './sha256-wat.mjs';

/** @typedef {import('./sha256-wat.mjs').Kind} KernelKind */
/** @typedef {import('./sha256-wat.mjs').State} State */

/**
 * Memory, counted in words of the kernel (4 bytes; SIMD: 16 bytes, the same value in each lane). All but `schedule` and `tops`
 * is filled by src/node/mining/kernel-tables.ts.
 */
export const LAYOUT = {
  /** K[i] for the first hash, plus the message word where the nonce does not reach it. 64 words. */
  roundsFirst: 0,
  /** The same for the second hash. */
  roundsSecond: 64,
  /** The message schedule of the hash that is being made. 64 words. */
  schedule: 128,
  /** The state after round 3 of the first hash, without the nonce, which is added to the words 0 and 4. */
  afterNonce: 192,
  /** The state after the first 64 bytes of the header. */
  midstate: 200,
  /** The constant part of the words 16 to 31 of the first schedule. */
  partsFirst: 208,
  /** The same of the second one. */
  partsSecond: 224,
  /** The state after round 0 of the second hash, without the message word, which is added to the words 0 and 4. */
  afterWord: 240,
  /** The last word of SHA-256's initial state. */
  initialLast: 248,
  /** The result: the highest word of each hash, as a number. */
  tops: 249,
  /** Written and never read, see `round`. */
  scratch: 250,
};

/**
 * Which words of a schedule depend on the words `inputs`.
 * @param {readonly number[]} inputs
 */
export function reached(inputs) {
  const dynamic = Array.from({ length: 64 }, (_, index) => inputs.includes(index));
  for (let index = 16; index < 64; index += 1) dynamic[index] = [16, 15, 7, 2].some((back) => dynamic[index - back]);
  return dynamic;
}

/** Words of the first schedule's second chunk that are zero, and of the second one's. */
const ZERO_FIRST = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
const ZERO_SECOND = [9, 10, 11, 12, 13, 14];

/**
 * The function `scan(nonce, groups, limit)`, all 32-bit numbers: tries groups of one or four nonces until the highest word of a hash is
 * at most `limit`; gives how many groups were left then, or -1.
 * @param {KernelKind} kind
 */
export function scanWat(kind) {
  const simd = kind === 'simd';
  const { out, size, type, emit, keep, sum, load, store, small0, small1, round } = sha256Ops(kind, LAYOUT.scratch);

  /**
   * The state after the first round that the hash's own word enters: its constant part, plus the word in a and e.
   * @param {number} from @param {string} word
   * @returns {State}
   */
  const entered = (from, word) => ({
    s: [0, 1, 2, 3, 4, 5, 6, 7].map((i) => keep(i % 4 === 0 ? sum(load(from + i), word) : load(from + i))),
    bc: undefined,
  });

  /**
   * Rounds 16 to 31, where part of the schedule is constant.
   * @param {State} state @param {{ rounds: number, parts: number, dynamic: boolean[], zero: number[] }} hash
   */
  const middle = (state, { rounds, parts, dynamic, zero }) => {
    let current = state;
    for (let i = 16; i < 32; i += 1) {
      let kw = load(rounds + i);
      if (dynamic[i]) {
        const terms = [];
        if (dynamic[i - 16]) terms.push(load(LAYOUT.schedule + i - 16));
        if (dynamic[i - 15]) terms.push(small0(keep(load(LAYOUT.schedule + i - 15))));
        if (dynamic[i - 7]) terms.push(load(LAYOUT.schedule + i - 7));
        if (dynamic[i - 2]) terms.push(small1(keep(load(LAYOUT.schedule + i - 2))));
        if ([16, 15, 7, 2].some((back) => !dynamic[i - back] && !zero.includes(i - back))) terms.push(load(parts + i - 16));
        const word = keep(sum(...terms));
        store(LAYOUT.schedule + i, word);
        kw = sum(kw, word);
      } else {
        // The other hash has left its own word here.
        store(LAYOUT.schedule + i, load(parts + i - 16));
      }
      current = round(current, kw);
    }
    return current;
  };

  /** A round of 32 to 63 with its message word. @param {State} state @param {number} rounds @param {number} i @param {string} [base] @param {boolean} [onlyE] */
  const late = (state, rounds, i, base, onlyE) => {
    /** @param {number} back */
    const word = (back) => load(LAYOUT.schedule + i - back, base);
    const w = keep(sum(word(16), small0(keep(word(15))), word(7), small1(keep(word(2)))));
    store(LAYOUT.schedule + i, w, base);
    return round(state, sum(load(rounds + i, base), w), onlyE);
  };

  // The first hash. Its second chunk: three words of the header, the nonce, the padding.
  const nonces = simd ? '(i32x4.add (i32x4.splat (local.get $nonce)) (v128.const i32x4 0 1 2 3))' : '(local.get $nonce)';
  const nonce = keep(swapped(nonces, simd));
  store(LAYOUT.schedule + 3, nonce);
  let state = entered(LAYOUT.afterNonce, nonce);
  for (let i = 4; i < 16; i += 1) state = round(state, load(LAYOUT.roundsFirst + i));
  state = middle(state, { rounds: LAYOUT.roundsFirst, parts: LAYOUT.partsFirst, dynamic: reached([3]), zero: ZERO_FIRST });
  // Twice 16 rounds as a loop: all the code of a try has to fit into the processor's instruction cache.
  const looped = state.s.map((value, i) => {
    emit(`(local.set $s${i} ${value})`);
    return `$s${i}`;
  });
  emit('(local.set $p (i32.const 0)) (loop $half');
  state = { s: looped.map((name) => `(local.get ${name})`), bc: undefined };
  for (let i = 32; i < 48; i += 1) state = late(state, LAYOUT.roundsFirst, i, '(local.get $p)');
  looped.forEach((name, i) => emit(`(local.set ${name} ${state.s[i] ?? ''})`));
  emit(`(local.set $p (i32.add (local.get $p) (i32.const ${16 * size})))`);
  emit(`(br_if $half (i32.eq (local.get $p) (i32.const ${16 * size}))))`);

  // The second hash, of the first one's 32 bytes.
  looped.forEach((name, i) => store(LAYOUT.schedule + i, keep(sum(`(local.get ${name})`, load(LAYOUT.midstate + i)))));
  state = entered(LAYOUT.afterWord, keep(load(LAYOUT.schedule)));
  for (let i = 1; i < 16; i += 1) {
    const kw = load(LAYOUT.roundsSecond + i);
    state = round(state, i < 8 ? sum(kw, load(LAYOUT.schedule + i)) : kw);
  }
  state = middle(state, { rounds: LAYOUT.roundsSecond, parts: LAYOUT.partsSecond, dynamic: reached([0, 1, 2, 3, 4, 5, 6, 7]), zero: ZERO_SECOND });
  // The highest word of a hash is h after round 63, and that is e after round 60; a of the last four rounds is not in it.
  for (let i = 32; i <= 60; i += 1) state = late(state, LAYOUT.roundsSecond, i, undefined, i > 56);
  const last = keep(sum(state.s[4] ?? '', load(LAYOUT.initialLast)));
  const top = keep(swapped(last, simd));
  const hit = simd ? `(v128.any_true (i32x4.le_u ${top} (i32x4.splat (local.get $limit))))` : `(i32.le_u ${top} (local.get $limit))`;

  return `(func (export "scan") (param $nonce i32) (param $groups i32) (param $limit i32) (result i32)
(local $p i32)
${looped.map((name) => `(local ${name} ${type})`).join(' ')}
${locals(type)}
(loop $next
(local.set $groups (i32.sub (local.get $groups) (i32.const 1)))
${out.join('\n')}
(if ${hit} (then (${type}.store offset=${LAYOUT.tops * size} (i32.const 0) ${top}) (return (local.get $groups))))
(local.set $nonce (i32.add (local.get $nonce) (i32.const ${size / 4})))
(br_if $next (local.get $groups)))
(i32.const -1))`;
}

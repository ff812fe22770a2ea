// The mining kernel as a function of WebAssembly text: double SHA-256 (FIPS 180-4) of the second half of a header, again and again
// with another nonce. One generator writes both kernels: `scalar` hashes one nonce at a time in 32-bit numbers, `simd` four at a
// time in the four lanes of a 128-bit vector.
//
// What is the same for every nonce is left out: the first 64 bytes (the midstate), the first rounds of the second chunk, and the
// end of the second hash, which the highest word does not need. The few parts of the message schedules that no nonce reaches are
// made all the same: leaving them out takes code of its own, and all the code of a try has to fit into the processor's cache of
// decoded instructions.

import { locals, sha256Ops, swapped } from './sha256-wat.mjs';

/** @typedef {import('./sha256-wat.mjs').Kind} KernelKind */
/** @typedef {import('./sha256-wat.mjs').State} State */

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

  return `(func (export "scan") (param $nonce i32) (param $groups i32) (param $limit i32) (result i32)
(local $p i32)
${names.map((name) => `(local ${name} ${type})`).join(' ')}
${locals(type)}
(loop $next
(local.set $groups (i32.sub (local.get $groups) (i32.const 1)))
${out.join('\n')}
(if ${hit} (then (${type}.store offset=${LAYOUT.tops * size} (i32.const 0) ${top}) (return (local.get $groups))))
(local.set $nonce (i32.add (local.get $nonce) (i32.const ${size / 4})))
(br_if $next (local.get $groups)))
(i32.const -1))`;
}

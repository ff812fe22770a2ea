// SHA-256 and double SHA-256 (FIPS 180-4) of many short messages as functions of WebAssembly text, for the checks of headers and
// blocks. The SIMD module hashes four messages at a time, one in each lane, and a single one in 32-bit numbers, which is a third
// sooner than three empty lanes. Rounds 16 to 63 are a loop, so that all of it fits into the processor's instruction cache.

import { locals, sha256Ops, swapped } from './sha256-wat.mjs';

/** @typedef {import('./sha256-wat.mjs').Kind} Kind */
/** @typedef {ReturnType<typeof sha256Ops> & { schedule: number, state: number }} Ops with the words where these begin */
/** @typedef {(kw: (i: number) => string) => void} Rounds writes 16 rounds, with what K plus the message word of each is */

/** Memory, in bytes. What comes before it is the mining kernel's, see `LAYOUT` in kernel-wat.mjs. */
export const BATCH_LAYOUT = {
  /** The round constants, 64 numbers. */
  constants: 4096,
  /** The same plus the schedule of the block that pads a message of 64 bytes. */
  padding: 4352,
  /** The initial state, 8 numbers. */
  initial: 4608,
  /** 16 words of the message schedule. */
  schedule: 4640,
  /** The state, 8 words. */
  state: 4896,
  /** All ones in the lanes whose message has this block too. */
  mask: 5024,
  /** Written and never read. */
  scratch: 5040,
  /** From here on the caller puts messages and tables, and finds results. */
  data: 8192,
};

const END = 0x8000_0000;
const ROW_BYTES = 80;
const HASH_BYTES = 32;

/** The first 32 bits of the fraction of the `degree`-th root. @param {number} prime @param {2n | 3n} degree */
function rootFraction(prime, degree) {
  const scaled = BigInt(prime) << (32n * degree);
  let low = 0n;
  let high = 1n << 37n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= scaled) low = middle;
    else high = middle;
  }
  return Number(BigInt.asUintN(32, low));
}

/** @type {number[]} */
const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n += 1) if (PRIMES.every((prime) => n % prime !== 0)) PRIMES.push(n);
const K = PRIMES.map((prime) => rootFraction(prime, 3n));
const INITIAL = PRIMES.slice(0, 8).map((prime) => rootFraction(prime, 2n));

/** K plus the schedule of a block that holds nothing but the end of a message of 64 bytes. */
function paddingRounds() {
  const rotr = (/** @type {number} */ x, /** @type {number} */ n) => (x >>> n) | (x << (32 - n));
  const w = new Int32Array(64);
  const at = (/** @type {number} */ i) => w[i] ?? 0;
  w[0] = END;
  w[15] = 512;
  for (let i = 16; i < 64; i += 1) {
    const [a, b] = [at(i - 15), at(i - 2)];
    w[i] = at(i - 16) + (rotr(a, 7) ^ rotr(a, 18) ^ (a >>> 3)) + at(i - 7) + (rotr(b, 17) ^ rotr(b, 19) ^ (b >>> 10));
  }
  return K.map((k, i) => (k + at(i)) >>> 0);
}

/** A data segment of 32-bit numbers. @param {number} at @param {readonly number[]} numbers */
function segment(at, numbers) {
  const bytes = numbers.flatMap((number) => [0, 8, 16, 24].map((shift) => `\\${((number >>> shift) & 0xff).toString(16).padStart(2, '0')}`));
  return `(data (i32.const ${at}) "${bytes.join('')}")`;
}

/** @param {string} name */
const get = (name) => `(local.get ${name})`;
/** @param {string} name @param {number} by */
const advance = (name, by) => `(local.set ${name} (i32.add (local.get ${name}) (i32.const ${by})))`;
/** @param {string} base @param {number} by */
const plus = (base, by) => (by === 0 ? get(base) : `(i32.add ${get(base)} (i32.const ${by}))`);

/** The functions that hash blocks in one kind of word: `$compress`, `$padding`, `$reset`, `$second`, `$gather`, `$scatter`, each with the kind's name. */
class Blocks {
  /** @param {Kind} kind */
  constructor(kind) {
    this.kind = kind;
    this.simd = kind === 'simd';
    this.lanes = this.simd ? 4 : 1;
  }

  /** @returns {Ops} */
  #ops() {
    const size = this.simd ? 16 : 4;
    const { schedule, state, scratch } = BATCH_LAYOUT;
    return { ...sha256Ops(this.kind, scratch / size), schedule: schedule / size, state: state / size };
  }

  /** A number of a table, in each lane. @param {number} at @param {string} base */
  #number(at, base) {
    return `(${this.simd ? 'v128.load32_splat' : 'i32.load'} offset=${at} ${base})`;
  }

  /** @param {number} number */
  #constant(number) {
    return this.simd ? `(i32x4.splat (i32.const ${number}))` : `(i32.const ${number})`;
  }

  /** Stores constants into words of the schedule. @param {Record<number, number>} words */
  #constants(words) {
    const { store, schedule, out } = this.#ops();
    for (const [word, number] of Object.entries(words)) store(schedule + Number(word), this.#constant(number));
    return out.join('\n');
  }

  /** The end of a message in the words from `first` on, the last ones of its last block. @param {number} first @param {number} bits */
  end(first, bits) {
    /** @type {Record<number, number>} */
    const words = { [first]: END, 15: bits };
    for (let i = first + 1; i < 15; i += 1) words[i] = 0;
    return this.#constants(words);
  }

  /**
   * A function that puts a block through 64 rounds and adds the result to the state.
   * @param {string} name @param {(ops: Ops, rounds: Rounds) => void} write
   */
  #rounds(name, write) {
    const ops = this.#ops();
    const { out, emit, load, store, sum, and, round, state, type } = ops;
    const names = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `$s${i}`);
    names.forEach((local, i) => emit(`(local.set ${local} ${load(state + i)})`));
    write(ops, (kw) => {
      /** @type {import('./sha256-wat.mjs').State} */
      let at = { s: names.map(get), bc: undefined };
      for (let i = 0; i < 16; i += 1) at = round(at, kw(i));
      names.forEach((local, i) => emit(`(local.set ${local} ${at.s[i] ?? ''})`));
    });
    const kept = (/** @type {string} */ value) => (this.simd ? and(value, `(v128.load offset=${BATCH_LAYOUT.mask} (i32.const 0))`) : value);
    names.forEach((local, i) => store(state + i, sum(load(state + i), kept(get(local)))));
    return `(func $${name}_${this.kind} (local $p i32) ${names.map((local) => `(local ${local} ${type})`).join(' ')} ${locals(type)}\n${out.join('\n')})`;
  }

  /** The block that the schedule holds. */
  #compress() {
    return this.#rounds('compress', ({ emit, load, store, sum, small0, small1, keep, schedule }, rounds) => {
      rounds((i) => sum(load(schedule + i), this.#number(BATCH_LAYOUT.constants + 4 * i, '(i32.const 0)')));
      emit('(loop $more');
      emit(advance('$p', 64));
      rounds((i) => {
        const word = (/** @type {number} */ ahead) => load(schedule + ((i + ahead) % 16));
        const w = keep(sum(word(0), small0(keep(word(1))), word(9), small1(keep(word(14)))));
        store(schedule + i, w);
        return sum(w, this.#number(BATCH_LAYOUT.constants + 4 * i, get('$p')));
      });
      emit(`(br_if $more (i32.lt_u ${get('$p')} (i32.const 192))))`);
    });
  }

  /** The block that ends a message of 64 bytes. */
  #padding() {
    return this.#rounds('padding', ({ emit }, rounds) => {
      emit('(loop $more');
      rounds((i) => this.#number(BATCH_LAYOUT.padding + 4 * i, get('$p')));
      emit(advance('$p', 64));
      emit(`(br_if $more (i32.lt_u ${get('$p')} (i32.const 256))))`);
    });
  }

  #reset() {
    const { out, store, state } = this.#ops();
    for (let i = 0; i < 8; i += 1) store(state + i, this.#number(BATCH_LAYOUT.initial + 4 * i, '(i32.const 0)'));
    return `(func $reset_${this.kind}\n${out.join('\n')})`;
  }

  /** Puts the hash of the hash in the state in its place. */
  #second() {
    const { out, emit, load, store, state, schedule } = this.#ops();
    for (let i = 0; i < 8; i += 1) store(schedule + i, load(state + i));
    emit(this.end(8, 8 * HASH_BYTES));
    emit(this.call('reset'));
    emit(this.call('compress'));
    return `(func $second_${this.kind}\n${out.join('\n')})`;
  }

  /** Puts the next `end` bytes (16 or 64) of each lane's message into the schedule. */
  #gather() {
    const params = this.#lanes().map((lane) => `(param ${lane} i32)`).join(' ');
    const { out, emit, store, schedule } = this.#ops();
    if (!this.simd) {
      emit(`(i32.store offset=${BATCH_LAYOUT.schedule} ${get('$p')} ${swapped(`(i32.load (i32.add ${get('$a')} ${get('$p')}))`, false)})`);
      emit(advance('$p', 4));
    } else {
      for (const lane of this.#lanes()) emit(`(local.set ${lane}4 ${swapped(`(v128.load (i32.add ${get(lane)} ${get('$p')}))`, true)})`);
      for (const [word, value] of transposed(this.#lanes().map((lane) => get(`${lane}4`))).entries()) store(schedule + word, value, get('$q'));
      emit(advance('$p', 16));
      emit(advance('$q', 64));
    }
    const extra = this.simd ? `(local $q i32) ${this.#lanes().map((lane) => `(local ${lane}4 v128)`).join(' ')}` : '';
    return `(func $gather_${this.kind} ${params} (param $end i32) (local $p i32) ${extra}
(loop $more ${out.join('\n')}
(br_if $more (i32.lt_u ${get('$p')} ${get('$end')}))))`;
  }

  /** Writes the hash in the state, 32 bytes for each lane. */
  #scatter() {
    const params = this.#lanes().map((lane) => `(param ${lane} i32)`).join(' ');
    const { out, emit, load, state } = this.#ops();
    if (!this.simd) {
      for (let i = 0; i < 8; i += 1) {
        // `swapped` reads its argument twice.
        emit(`(local.set $w ${load(state + i)})`);
        emit(`(i32.store offset=${4 * i} ${get('$a')} ${swapped(get('$w'), false)})`);
      }
      return `(func $scatter_${this.kind} ${params} (local $w i32)\n${out.join('\n')})`;
    }
    for (const half of [0, 4]) {
      for (let i = 0; i < 4; i += 1) emit(`(local.set $r${i} ${swapped(load(state + half + i), true)})`);
      const columns = transposed([0, 1, 2, 3].map((i) => get(`$r${i}`)));
      this.#lanes().forEach((lane, i) => emit(`(v128.store offset=${4 * half} ${get(lane)} ${columns[i] ?? ''})`));
    }
    return `(func $scatter_${this.kind} ${params} ${[0, 1, 2, 3].map((i) => `(local $r${i} v128)`).join(' ')}\n${out.join('\n')})`;
  }

  #lanes() {
    return ['$a', '$b', '$c', '$d'].slice(0, this.lanes);
  }

  /** @param {string} name @param {...string} args */
  call(name, ...args) {
    return `(call $${name}_${this.kind} ${args.join(' ')})`;
  }

  functions() {
    return [this.#compress(), this.#padding(), this.#reset(), this.#second(), this.#gather(), this.#scatter()];
  }

  /** Double SHA-256 of the rows of `bytes` at `$in`, to `$out`. @param {64 | 80} bytes */
  rows(bytes) {
    const from = [0, 1, 2, 3].slice(0, this.lanes).map((lane) => plus('$in', lane * bytes));
    const tail = [0, 1, 2, 3].slice(0, this.lanes).map((lane) => plus('$in', lane * bytes + 64));
    const to = [0, 1, 2, 3].slice(0, this.lanes).map((lane) => plus('$out', lane * HASH_BYTES));
    const rest = bytes === 64 ? [this.call('padding')] : [this.call('gather', ...tail, '(i32.const 16)'), this.end(4, 8 * bytes), this.call('compress')];
    return [
      this.call('reset'),
      this.call('gather', ...from, '(i32.const 64)'),
      this.call('compress'),
      ...rest,
      this.call('second'),
      this.call('scatter', ...to),
      advance('$in', this.lanes * bytes),
      advance('$out', this.lanes * HASH_BYTES),
      `(local.set $n (i32.sub ${get('$n')} (i32.const ${this.lanes})))`,
    ].join('\n');
  }
}

/** The columns of four rows of four words. @param {string[]} rows read twice each @returns {string[]} */
function transposed([a = '', b = '', c = '', d = '']) {
  const low = (/** @type {string} */ x, /** @type {string} */ y) => `(i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 ${x} ${y})`;
  const high = (/** @type {string} */ x, /** @type {string} */ y) => `(i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 ${x} ${y})`;
  const first = (/** @type {string} */ x, /** @type {string} */ y) => `(i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 ${x} ${y})`;
  const last = (/** @type {string} */ x, /** @type {string} */ y) => `(i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 ${x} ${y})`;
  return [first(low(a, b), low(c, d)), last(low(a, b), low(c, d)), first(high(a, b), high(c, d)), last(high(a, b), high(c, d))];
}

/** `rows<bytes>(in, out, n)`. What a last group has too little is read and written behind the end. @param {Blocks[]} kinds the widest first @param {64 | 80} bytes */
function rowsFunction(kinds, bytes) {
  const loops = kinds.map((blocks, i) => {
    const least = i < kinds.length - 1 ? 2 : 1;
    return `(block $done${i} (loop $more${i} (br_if $done${i} (i32.lt_s ${get('$n')} (i32.const ${least})))\n${blocks.rows(bytes)}\n(br $more${i})))`;
  });
  return `(func $rows${bytes} (export "rows${bytes}") (param $in i32) (param $out i32) (param $n i32)\n${loops.join('\n')})`;
}

/** `one(message, blocks, out, twice)`: SHA-256, or the double one, of a padded message. @param {Blocks} scalar */
function oneFunction(scalar) {
  return `(func $one (export "one") (param $m i32) (param $blocks i32) (param $out i32) (param $twice i32)
${scalar.call('reset')}
(loop $more
${scalar.call('gather', get('$m'), '(i32.const 64)')}
${scalar.call('compress')}
${advance('$m', 64)}
(br_if $more (local.tee $blocks (i32.sub ${get('$blocks')} (i32.const 1)))))
(if ${get('$twice')} (then ${scalar.call('second')}))
${scalar.call('scatter', get('$out'))})`;
}

/**
 * `many(table, n)`: double SHA-256 of padded messages. The table has 48 bytes for each four of them: where they lie, how many blocks they
 * have, in ascending order, and where their hashes go. A last group that is not full repeats its last message.
 * @param {Kind} kind @param {Blocks[]} kinds
 */
function manyFunction(kind, [blocks]) {
  const word = (/** @type {number} */ lane, /** @type {number} */ row) => `(i32.load offset=${16 * row + 4 * lane} ${get('$t')})`;
  if (kind === 'scalar') {
    return `(func (export "many") (param $t i32) (param $n i32) (local $i i32) (local $e i32)
(block $done (loop $more
(br_if $done (i32.ge_s ${get('$i')} ${get('$n')}))
(local.set $e (i32.add ${get('$t')} (i32.add (i32.mul (i32.shr_u ${get('$i')} (i32.const 2)) (i32.const 48)) (i32.shl (i32.and ${get('$i')} (i32.const 3)) (i32.const 2)))))
(call $one (i32.load ${get('$e')}) (i32.load offset=16 ${get('$e')}) (i32.load offset=32 ${get('$e')}) (i32.const 1))
${advance('$i', 1)}
(br $more))))`;
  }
  const lanes = ['$a', '$b', '$c', '$d'];
  const setMask = (/** @type {string} */ value) => `(v128.store offset=${BATCH_LAYOUT.mask} (i32.const 0) ${value})`;
  return `(func (export "many") (param $t i32) (param $n i32) (local $i i32) (local $blocks v128) ${lanes.map((lane) => `(local ${lane} i32)`).join(' ')}
(block $done (loop $more
(br_if $done (i32.le_s ${get('$n')} (i32.const 0)))
${lanes.map((lane, i) => `(local.set ${lane} ${word(i, 0)})`).join('\n')}
(local.set $blocks (v128.load offset=16 ${get('$t')}))
(local.set $i (i32.const 0))
${blocks?.call('reset') ?? ''}
(loop $block
${setMask(`(i32x4.gt_u ${get('$blocks')} (i32x4.splat ${get('$i')}))`)}
${blocks?.call('gather', ...lanes.map(get), '(i32.const 64)') ?? ''}
${blocks?.call('compress') ?? ''}
${lanes.map((lane) => advance(lane, 64)).join('\n')}
${advance('$i', 1)}
(br_if $block (i32.lt_u ${get('$i')} (i32x4.extract_lane 3 ${get('$blocks')}))))
${setMask('(i32x4.splat (i32.const -1))')}
${blocks?.call('second') ?? ''}
${blocks?.call('scatter', ...lanes.map((_, i) => word(i, 2))) ?? ''}
${advance('$t', 48)}
(local.set $n (i32.sub ${get('$n')} (i32.const 4)))
(br $more))))`;
}

/**
 * `merkle(at, n)`: the root of the `n` hashes at `at`, which takes their place, level by level; the last of an odd level is paired with
 * itself. Gives 1 when two hashes of one pair were equal at some level (CVE-2012-2459), else 0. Writes up to 96 bytes behind the hashes.
 */
function merkleFunction() {
  const half = (/** @type {string} */ name, /** @type {number} */ offset) => `(i64.load offset=${offset} ${get(name)})`;
  const different = [0, 8, 16, 24].map((offset) => `(i64.xor ${half('$p', offset)} ${half('$p', offset + HASH_BYTES)})`).reduce((a, b) => `(i64.or ${a} ${b})`);
  const copy = [0, 8, 16, 24].map((offset) => `(i64.store offset=${offset + HASH_BYTES} ${get('$p')} ${half('$p', offset)})`);
  return `(func (export "merkle") (param $at i32) (param $n i32) (result i32) (local $p i32) (local $i i32) (local $mutated i32)
(block $done (loop $level
(br_if $done (i32.lt_u ${get('$n')} (i32.const 2)))
(local.set $p ${get('$at')})
(local.set $i (i32.shr_u ${get('$n')} (i32.const 1)))
(loop $pair
(local.set $mutated (i32.or ${get('$mutated')} (i64.eqz ${different})))
${advance('$p', 2 * HASH_BYTES)}
(br_if $pair (local.tee $i (i32.sub ${get('$i')} (i32.const 1)))))
(if (i32.and ${get('$n')} (i32.const 1)) (then
${copy.join('\n')}
${advance('$n', 1)}))
(local.set $n (i32.shr_u ${get('$n')} (i32.const 1)))
(call $rows64 ${get('$at')} ${get('$at')} ${get('$n')})
(br $level)))
${get('$mutated')})`;
}

/** The functions of a module, and its tables. @param {Kind} kind */
export function batchWat(kind) {
  const scalar = new Blocks('scalar');
  const kinds = kind === 'simd' ? [new Blocks('simd'), scalar] : [scalar];
  return [
    segment(BATCH_LAYOUT.constants, K),
    segment(BATCH_LAYOUT.padding, paddingRounds()),
    segment(BATCH_LAYOUT.initial, INITIAL),
    segment(BATCH_LAYOUT.mask, [-1, -1, -1, -1]),
    ...kinds.flatMap((blocks) => blocks.functions()),
    rowsFunction(kinds, ROW_BYTES),
    rowsFunction(kinds, 64),
    oneFunction(scalar),
    manyFunction(kind, kinds),
    merkleFunction(),
  ].join('\n');
}

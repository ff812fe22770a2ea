/**
 * The best plain JavaScript that we know: the same work as the kernels in WebAssembly (midstate, folded constants, no last rounds), written
 * as 32-bit integers by a generator, since nobody writes sixteen rounds by hand.
 */
import { HEADER_BYTES, NONCE_OFFSET } from '../../src/node/primitives/header.ts';
import { hash256 } from '../../src/node/util/hash.ts';
import { KERNEL_LAYOUT as AT } from '../../src/node/util/sha256-module.ts';
import { putConstants, putHeader } from '../../src/node/mining/kernel-tables.ts';
import { compareHashes } from '../../src/node/mining/kernel.ts';
import type { HashKernel, SearchResult } from '../../src/node/mining/types.ts';

type Scan = (words: Int32Array, nonce: number, count: number, limit: number) => number;

/** Gives the number of nonces left when the highest word of a hash is at most `limit`, or -1. */
function scanSource(): string {
  const lines: string[] = [];
  let made = 0;
  const keep = (value: string): string => {
    made += 1;
    lines.push(`const v${String(made)} = ${value};`);
    return `v${String(made)}`;
  };
  const rotr = (x: string, n: number): string => `(${x} >>> ${String(n)} | ${x} << ${String(32 - n)})`;
  const at = (place: number): string => `m[${String(place)}]`;
  const round = (s: string[], kw: string): string[] => {
    const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''] = s;
    const t1 = keep(`${h} + ${kw} + (${rotr(e, 6)} ^ ${rotr(e, 11)} ^ ${rotr(e, 25)}) + (${g} ^ ${e} & (${f} ^ ${g})) | 0`);
    const e2 = keep(`${d} + ${t1} | 0`);
    const a2 = keep(`${t1} + (${rotr(a, 2)} ^ ${rotr(a, 13)} ^ ${rotr(a, 22)}) + (${a} & ${b} | ${c} & (${a} | ${b})) | 0`);
    return [a2, a, b, c, e2, e, f, g];
  };
  const word = (i: number | string): string => {
    const back = (n: number): string => keep(`m[${typeof i === 'number' ? String(AT.schedule + i - n) : `${i} - ${String(n)}`}]`);
    const [x, y] = [back(15), back(2)];
    return keep(`${back(16)} + (${rotr(x, 7)} ^ ${rotr(x, 18)} ^ ${x} >>> 3) + ${back(7)} + (${rotr(y, 17)} ^ ${rotr(y, 19)} ^ ${y} >>> 10) | 0`);
  };
  const names = [...'abcdefgh'];
  /** Rounds 16 to 63 as three times a loop of 16. */
  const loop = (rounds: number): void => {
    lines.push('for (let p = 16; p < 64; p += 16) {');
    let s = names;
    for (let i = 0; i < 16; i += 1) {
      const w = word(`p + ${String(AT.schedule + i)}`);
      lines.push(`m[p + ${String(AT.schedule + i)}] = ${w};`);
      s = round(s, `m[p + ${String(rounds + i)}] + ${w}`);
    }
    names.forEach((name, i) => lines.push(`${name} = ${s[i] ?? ''};`));
    lines.push('}');
  };
  const enter = (from: number, value: string): string[] => names.map((_, i) => keep(i % 4 === 0 ? `${at(from + i)} + ${value} | 0` : at(from + i)));
  const take = (s: string[]): void => names.forEach((name, i) => lines.push(`${name} = ${s[i] ?? ''};`));

  lines.push('let a, b, c, d, e, f, g, h;', 'while (count > 0) {', 'count -= 1;');
  const nonce = keep('(nonce << 8 | nonce >>> 24) & 0x00ff00ff | (nonce << 24 | nonce >>> 8) & 0xff00ff00');
  for (let i = 0; i < 16; i += 1) lines.push(`m[${String(AT.schedule + i)}] = ${i === 3 ? nonce : `first[${String(i)}]`};`);
  let s = enter(AT.afterNonce, nonce);
  for (let i = 4; i < 16; i += 1) s = round(s, at(AT.roundsFirst + i));
  take(s);
  loop(AT.roundsFirst);
  names.forEach((name, i) => lines.push(`m[${String(AT.schedule + i)}] = ${name} + ${at(AT.midstate + i)};`));
  for (let i = 8; i < 16; i += 1) lines.push(`m[${String(AT.schedule + i)}] = ${i === 8 ? '0x80000000 | 0' : i === 15 ? '256' : '0'};`);
  s = enter(AT.afterWord, at(AT.schedule));
  for (let i = 1; i < 16; i += 1) s = round(s, i < 8 ? `${at(AT.roundsSecond + i)} + ${at(AT.schedule + i)}` : at(AT.roundsSecond + i));
  take(s);
  loop(AT.roundsSecond);
  const last = keep(`h + ${at(AT.initialLast)} | 0`);
  lines.push(`top[0] = (${last} << 8 | ${last} >>> 24) & 0x00ff00ff | (${last} << 24 | ${last} >>> 8) & 0xff00ff00;`);
  lines.push('if (top[0] <= limit) return count;', 'nonce = nonce + 1 | 0;', '}', 'return -1;');
  return lines.join('\n');
}

export class Int32Kernel implements HashKernel {
  readonly name = 'int32';
  readonly #words = new Int32Array(256);
  readonly #first = new Int32Array(16);
  readonly #top = new Uint32Array(1);
  readonly #scan: Scan;

  constructor() {
    // Generated code is the point here; nothing from outside enters it.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    const make = new Function('first', 'top', `return function scan(m, nonce, count, limit) {\n${scanSource()}\n}`) as (first: Int32Array, top: Uint32Array) => Scan;
    this.#scan = make(this.#first, this.#top);
    putConstants(this.#put);
  }

  /** For the bench: like the other kernels, but `best` is the hash with the lowest highest word. */
  search(header: Uint8Array, target: Uint8Array, start: number, count: number): SearchResult {
    const bytes = new Uint8Array(header);
    const view = new DataView(bytes.buffer);
    putHeader(this.#put, bytes);
    // The loops do the whole schedule, so they need the rounds without what is folded in for the others.
    this.#first.set([view.getInt32(64), view.getInt32(68), view.getInt32(72), 0, 0x8000_0000 | 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, HEADER_BYTES * 8]);
    for (const table of [AT.roundsFirst, AT.roundsSecond]) for (let i = 16; i < 32; i += 1) this.#words[table + i] = this.#words[AT.roundsSecond + i] ?? 0;
    let best = new Uint8Array(32).fill(0xff);
    let limit = 0xffff_ffff;
    let done = 0;
    while (done < count) {
      const left = this.#scan(this.#words, (start + done) | 0, count - done, limit);
      if (left < 0) break;
      done = count - left;
      limit = this.#top[0] ?? 0;
      view.setUint32(NONCE_OFFSET, start + done - 1, true);
      const hash = hash256(bytes) as Uint8Array<ArrayBuffer>;
      if (compareHashes(hash, best) >= 0) continue;
      best = hash;
      if (compareHashes(hash, target) <= 0) return { nonce: start + done - 1, hashes: done, best };
    }
    return { nonce: -1, hashes: count, best };
  }

  #put = (place: number, word: number): void => {
    this.#words[place] = word;
  };
}

import type { Random } from '../../src/node/util/random.ts';

const BYTES = [0, 1, 2, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff, 0x20, 0x22, 0x5c, 0x7b, 0x5b];
/** Where integers and lengths turn over. */
const NUMBERS = [0n, 1n, 0xfcn, 0xfdn, 0xffn, 0xffffn, 0x1_0000n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x1f_ffff_ffff_ffffn, 0x20_0000_0000_0000n, 0xffff_ffff_ffff_ffffn];
/** Texts in which programs have erred. */
const WORDS = ['"', '\\', '\\u0000', '\\ud800', '\ud83d\ude00', '\u202e', '\u0000', '__proto__', 'constructor', 'null', 'true', '-0', '1e999', '1E-400', '9007199254740993', '0.1', '[]', '{}', '[[[[', '}}}}', ',', ':', '\n', ' ', '\ufeff', '\u0130', '%00', '//', '..', '[::1]', '0x10'];

export interface MutateOptions {
  readonly maxBytes: number;
  readonly words?: readonly string[];
}

/** One to six changes. The input is left as it is. */
export function mutate(input: Uint8Array, pool: readonly Uint8Array[], random: Random, options: MutateOptions): Uint8Array {
  let bytes = input.slice(0, options.maxBytes);
  const changes = 1 + Math.floor(random.float() ** 2 * 6);
  for (let i = 0; i < changes; i++) bytes = change(bytes, pool, random, options);
  return bytes.length > options.maxBytes ? bytes.subarray(0, options.maxBytes) : bytes;
}

function change(bytes: Uint8Array<ArrayBuffer>, pool: readonly Uint8Array[], random: Random, { words }: MutateOptions): Uint8Array<ArrayBuffer> {
  const at = below(random, bytes.length + 1);
  const length = 1 + Math.floor(random.float() ** 3 * Math.min(64, bytes.length - at));
  const kinds = words === undefined ? 10 : 13;
  switch (below(random, kinds)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = BYTES[below(random, BYTES.length)] ?? 0;
      return bytes;
    case 2:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) + (random.float() < 0.5 ? 1 : 255);
      return bytes;
    case 3:
      return splice(bytes, at, length, new Uint8Array(0));
    case 4:
      return splice(bytes, at, 0, random.bytes(length));
    case 5:
      return splice(bytes, at, 0, bytes.subarray(at, at + length));
    case 6:
      return bytes.slice(0, at);
    case 7: {
      const width = [1, 2, 4, 8][below(random, 4)] ?? 1;
      return splice(bytes, at, random.float() < 0.8 ? width : 0, number(random, width));
    }
    case 8: {
      const other = pool[below(random, pool.length)] ?? bytes;
      const from = below(random, other.length + 1);
      return splice(bytes, at, random.float() < 0.5 ? length : 0, other.subarray(from, from + 1 + below(random, 64)));
    }
    case 9: {
      const other = pool[below(random, pool.length)] ?? bytes;
      return splice(bytes, at, bytes.length, other.subarray(Math.min(at, other.length)));
    }
    default: {
      const all = [...(words ?? []), ...WORDS];
      return splice(bytes, at, random.float() < 0.5 ? length : 0, new TextEncoder().encode(all[below(random, all.length)] ?? ''));
    }
  }
}

/** A limit, or one beside it, little-endian. */
function number(random: Random, width: number): Uint8Array {
  const value = (NUMBERS[below(random, NUMBERS.length)] ?? 0n) + BigInt(below(random, 3) - 1);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes.subarray(0, width);
}

function splice(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = Math.min(bytes.length, at + remove);
  const result = new Uint8Array(at + insert.length + bytes.length - end);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(end), at + insert.length);
  return result;
}

function below(random: Random, limit: number): number {
  return limit <= 1 ? 0 : Math.floor(random.float() * limit);
}

/** Whether every byte belongs to UTF-8 text without control characters but white space: such an input is kept as `.txt`. */
export function isText(bytes: Uint8Array): boolean {
  try {
    return !/[^\P{Cc}\t\n\r]/u.test(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
}

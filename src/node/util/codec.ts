/** Reader and writer for Bitcoin's wire conventions: little-endian integers and CompactSize lengths. */
import { utf8Decode, utf8Encode } from './bytes.ts';
import { DecodeError } from './decode-error.ts';

export { DecodeError, type DecodeErrorCode } from './decode-error.ts';

const U64_LIMIT = 1n << 64n;

/**
 * Where 64-bit integers pass through. A view of a message's own bytes would cost more than reading the message: V8 keeps up to 64 bytes beside the object, and
 * moves them out when somebody asks for their buffer.
 */
const scratch = new Uint8Array(8);
const scratchView = new DataView(scratch.buffer);

function checkInteger(value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${value} is not an integer from ${min} to ${max}`);
  }
}

/** Bytes that `ByteWriter.varint` takes for a value. */
export function varintSize(value: number): 1 | 3 | 5 | 9 {
  if (value < 0xfd) return 1;
  if (value <= 0xffff) return 3;
  return value <= 0xffff_ffff ? 5 : 9;
}

/** Grows as it is written to. Every method throws RangeError when the value does not fit its field: that is a bug of the caller. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  /** `capacity` is only a hint. */
  constructor(capacity = 128) {
    this.#bytes = new Uint8Array(Math.max(capacity, 16));
  }

  get length(): number {
    return this.#length;
  }

  /** Forgets what was written, to be used again; more room than `capacity` is let go. */
  reset(capacity = 4096): this {
    this.#length = 0;
    if (this.#bytes.length > capacity) this.#bytes = new Uint8Array(capacity);
    return this;
  }

  /** Makes room for `count` bytes and returns where they go. */
  #take(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = needed;
    return at;
  }

  u8(value: number): this {
    checkInteger(value, 0, 0xff);
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    checkInteger(value, 0, 0xffff);
    const at = this.#take(2);
    this.#bytes[at] = value;
    this.#bytes[at + 1] = value >>> 8;
    return this;
  }

  u32(value: number): this {
    checkInteger(value, 0, 0xffff_ffff);
    return this.#word(value);
  }

  i32(value: number): this {
    checkInteger(value, -0x8000_0000, 0x7fff_ffff);
    return this.#word(value);
  }

  /** 32 bits, signed or not. */
  #word(value: number): this {
    const at = this.#take(4);
    const bytes = this.#bytes;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    return this;
  }

  u64(value: bigint): this {
    if (value < 0n || value >= U64_LIMIT) throw new RangeError(`${value} is not an unsigned 64-bit integer`);
    scratchView.setBigUint64(0, value, true);
    return this.bytes(scratch);
  }

  /** CompactSize in its shortest form. */
  varint(value: number): this {
    checkInteger(value, 0, Number.MAX_SAFE_INTEGER);
    switch (varintSize(value)) {
      case 1:
        return this.u8(value);
      case 3:
        return this.u8(0xfd).u16(value);
      case 5:
        return this.u8(0xfe).u32(value);
      case 9:
        return this.u8(0xff).u64(BigInt(value));
    }
  }

  bytes(value: Uint8Array): this {
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** CompactSize length, then the bytes. */
  varbytes(value: Uint8Array): this {
    return this.varint(value.length).bytes(value);
  }

  /** CompactSize length in bytes, then UTF-8. Throws DecodeError `bad-utf8` on a lone surrogate. */
  varstring(value: string): this {
    return this.varbytes(utf8Encode(value));
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/**
 * Reads from untrusted bytes. Every method throws DecodeError and nothing else; a claimed length is compared with its limit and
 * with the bytes that are left before anything is allocated. `field` names the part for the message.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  get offset(): number {
    return this.#offset;
  }

  #take(count: number, field?: string): number {
    if (count > this.remaining) {
      throw new DecodeError('truncated', `${count} bytes needed, ${this.remaining} left`, field);
    }
    const at = this.#offset;
    this.#offset += count;
    return at;
  }

  u8(field?: string): number {
    return this.#bytes[this.#take(1, field)] as number;
  }

  u16(field?: string): number {
    const at = this.#take(2, field);
    return (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8);
  }

  u32(field?: string): number {
    return this.i32(field) >>> 0;
  }

  i32(field?: string): number {
    const at = this.#take(4, field);
    const bytes = this.#bytes;
    return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
  }

  u64(field?: string): bigint {
    const at = this.#take(8, field);
    for (let i = 0; i < 8; i++) scratch[i] = this.#bytes[at + i] as number;
    return scratchView.getBigUint64(0, true);
  }

  /** CompactSize of at most `max` (itself at most 2^53 - 1): `non-canonical` when a shorter form exists, `too-large` above `max`. */
  varint(max: number, field?: string): number {
    const first = this.u8(field);
    let value: number;
    let smallest: number;
    if (first < 0xfd) {
      value = first;
      smallest = 0;
    } else if (first === 0xfd) {
      value = this.u16(field);
      smallest = 0xfd;
    } else if (first === 0xfe) {
      value = this.u32(field);
      smallest = 0x1_0000;
    } else {
      // Above 2^53 the conversion rounds, but stays above every `max` and every smaller form.
      value = Number(this.u64(field));
      smallest = 0x1_0000_0000;
    }
    if (value < smallest) throw new DecodeError('non-canonical', `${value} is not in its shortest form`, field);
    if (value > max) throw new DecodeError('too-large', `${value} is more than ${max}`, field);
    return value;
  }

  /** A copy of the next `count` bytes. */
  bytes(count: number, field?: string): Uint8Array {
    const at = this.#take(count, field);
    return this.#bytes.slice(at, at + count);
  }

  /** The next `count` bytes where they are: whoever keeps them keeps all that was read from. */
  view(count: number, field?: string): Uint8Array {
    const at = this.#take(count, field);
    return this.#bytes.subarray(at, at + count);
  }

  varbytes(maxLength: number, field?: string): Uint8Array {
    return this.bytes(this.varint(maxLength, field), field);
  }

  varstring(maxBytes: number, field?: string): string {
    const length = this.varint(maxBytes, field);
    const at = this.#take(length, field);
    try {
      return utf8Decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw new DecodeError('bad-utf8', 'bytes are not UTF-8', field);
    }
  }

  /** Throws `trailing-bytes` when something is left. */
  end(field?: string): void {
    if (this.remaining > 0) throw new DecodeError('trailing-bytes', `${this.remaining} bytes left over`, field);
  }
}

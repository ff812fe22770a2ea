import type { ByteReader, ByteWriter } from '../../util/codec.ts';

/** 256-bit unsigned number, 32 bytes little-endian: four words, which costs less than the digits of a text. Throws RangeError when it does not fit. */
export function writeU256(writer: ByteWriter, value: bigint): void {
  if (value < 0n) throw new RangeError('a negative number has no unsigned encoding');
  // The last word keeps what is left: one that is too large for its field is refused there.
  for (let word = 0; word < 3; word++) {
    writer.u64(BigInt.asUintN(64, value));
    value >>= 64n;
  }
  writer.u64(value);
}

export function readU256(reader: ByteReader): bigint {
  const [a, b, c, d] = [reader.u64(), reader.u64(), reader.u64(), reader.u64()];
  // Work of 2^64 hashes is more than a private network ever sees.
  return (b | c | d) === 0n ? a : a | (b << 64n) | (c << 128n) | (d << 192n);
}

import { bigIntToBytesLE, bytesToBigIntLE } from '../../util/bytes.ts';
import type { ByteReader, ByteWriter } from '../../util/codec.ts';

/** 256-bit unsigned number, 32 bytes little-endian. */
export function writeU256(writer: ByteWriter, value: bigint): void {
  writer.bytes(bigIntToBytesLE(value, 32));
}

export function readU256(reader: ByteReader): bigint {
  return bytesToBigIntLE(reader.bytes(32));
}

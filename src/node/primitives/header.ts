/**
 * The block header, byte for byte Bitcoin's: 80 bytes, little-endian integers, hashes in internal order.
 *
 *  offset  size  field
 *       0     4  version       i32
 *       4    32  previousHash
 *      36    32  merkleRoot
 *      68     4  time          u32, seconds since 1970
 *      72     4  bits          u32, compact target
 *      76     4  nonce         u32
 */
import { displayHash, HASH_BYTES, type HashHex } from '../util/bytes.ts';
import { ByteReader, ByteWriter } from '../util/codec.ts';
import { hash256 } from '../util/hash.ts';

export const HEADER_BYTES = 80;
/** Offset of the nonce in an encoded header. */
export const NONCE_OFFSET = 76;

export interface BlockHeader {
  version: number;
  /** 32 bytes, internal order. */
  previousHash: Uint8Array;
  /** 32 bytes, internal order. */
  merkleRoot: Uint8Array;
  /** Seconds since 1970 (UTC). */
  time: number;
  /** Compact target. */
  bits: number;
  nonce: number;
}

export function writeHeader(writer: ByteWriter, header: BlockHeader): void {
  if (header.previousHash.length !== HASH_BYTES || header.merkleRoot.length !== HASH_BYTES) {
    throw new RangeError(`the hashes of a header have ${HASH_BYTES} bytes`);
  }
  writer
    .i32(header.version)
    .bytes(header.previousHash)
    .bytes(header.merkleRoot)
    .u32(header.time)
    .u32(header.bits)
    .u32(header.nonce);
}

export function readHeader(reader: ByteReader): BlockHeader {
  return {
    version: reader.i32('version'),
    previousHash: reader.bytes(HASH_BYTES, 'previousHash'),
    merkleRoot: reader.bytes(HASH_BYTES, 'merkleRoot'),
    time: reader.u32('time'),
    bits: reader.u32('bits'),
    nonce: reader.u32('nonce'),
  };
}

/** 80 bytes. Throws RangeError when a field does not fit. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES);
  writeHeader(writer, header);
  return writer.finish();
}

/** The 80 bytes of each header, one after the other: what `hash256Rows` takes. Throws RangeError when a field does not fit. */
export function encodeHeaders(headers: readonly BlockHeader[]): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES * headers.length);
  const view = new DataView(bytes.buffer);
  for (const [i, header] of headers.entries()) {
    const { version, previousHash, merkleRoot, time, bits, nonce } = header;
    const fits = version === (version | 0) && time === time >>> 0 && bits === bits >>> 0 && nonce === nonce >>> 0;
    if (!fits || previousHash.length !== HASH_BYTES || merkleRoot.length !== HASH_BYTES) {
      // The careful way says what does not fit.
      encodeHeader(header);
    }
    const at = HEADER_BYTES * i;
    view.setInt32(at, version, true);
    bytes.set(previousHash, at + 4);
    bytes.set(merkleRoot, at + 36);
    view.setUint32(at + 68, time, true);
    view.setUint32(at + 72, bits, true);
    view.setUint32(at + NONCE_OFFSET, nonce, true);
  }
  return bytes;
}

/** Exactly 80 bytes, or DecodeError `truncated` / `trailing-bytes`. */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  const reader = new ByteReader(bytes);
  const header = readHeader(reader);
  reader.end('header');
  return header;
}

/** Double SHA-256 of the 80 bytes, internal order. */
export function hashHeader(header: BlockHeader): Uint8Array {
  return hash256(encodeHeader(header));
}

/** The same hash as people and maps see it. */
export function headerHash(header: BlockHeader): HashHex {
  return displayHash(hashHeader(header));
}

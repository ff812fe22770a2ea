/** Keys and values of the database, byte for byte as docs/storage.md lays them out. */
import { crc32 } from 'node:zlib';
import type { HashHex } from '../../../shared/blocks.ts';
import { HEADER_BYTES } from '../../primitives/header.ts';
import { concatBytes, displayHash, HASH_BYTES, internalHash, utf8Decode, utf8Encode } from '../../util/bytes.ts';
import { ByteWriter } from '../../util/codec.ts';
import type { BlockKey, BodyState, IndexRecord, TransactionPlace } from './store.ts';

/** 2: pages of index records. What 1 wrote is read as it is, and packed little by little. */
export const SCHEMA_VERSION = 2;

/** First byte of a key. */
export const PREFIX = { index: 0x69, page: 0x78, body: 0x62, active: 0x61, transaction: 0x74, peer: 0x70, meta: 0x6d } as const;
export type Prefix = (typeof PREFIX)[keyof typeof PREFIX];

/** Flags of an index record. */
export const RECORD_FLAG = { hasBlock: 1, invalid: 2, mined: 4 } as const;
/** Where the fields of an index record begin, after its header; sequence and time of arrival are 64 bits. */
export const RECORD_AT = { flags: HEADER_BYTES, sequence: HEADER_BYTES + 1, size: HEADER_BYTES + 9, transactions: HEADER_BYTES + 13, received: HEADER_BYTES + 17 } as const;

/** Bounds of all keys with a prefix, for iterators. */
export function prefixRange(prefix: Prefix): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: Uint8Array.of(prefix), lt: Uint8Array.of(prefix + 1) };
}

/** Big-endian, so that the order of keys is the order of heights. */
export function heightBytes(height: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, height);
  return bytes;
}

export function blockKey(prefix: Prefix, key: BlockKey): Uint8Array {
  return concatBytes(Uint8Array.of(prefix), heightBytes(key.height), internalHash(key.hash));
}

/** undefined when the bytes are no such key: the database was damaged. */
export function readBlockKey(bytes: Uint8Array): BlockKey | undefined {
  if (bytes.length !== 5 + HASH_BYTES) return undefined;
  return { height: readHeight(bytes), hash: displayHash(bytes.subarray(5)) };
}

export function activeKey(height: number): Uint8Array {
  return concatBytes(Uint8Array.of(PREFIX.active), heightBytes(height));
}

export function readHeight(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(1);
}

export function transactionKey(id: HashHex): Uint8Array {
  return concatBytes(Uint8Array.of(PREFIX.transaction), internalHash(id));
}

export function peerKey(address: string): Uint8Array {
  return concatBytes(Uint8Array.of(PREFIX.peer), utf8Encode(address));
}

export function metaKey(name: string): Uint8Array {
  return concatBytes(Uint8Array.of(PREFIX.meta), utf8Encode(name));
}

export const TIP_KEY = metaKey('tip');
export const SCHEMA_KEY = metaKey('schema');
export const GENESIS_KEY = metaKey('genesis');

/** CRC-32 of key and value in front of the value: a record that moved to another key is as wrong as one with a flipped bit. */
export function seal(key: Uint8Array, value: Uint8Array): Uint8Array {
  return new ByteWriter(4 + value.length).u32(crc32(value, crc32(key))).bytes(value).finish();
}

/** The value, or undefined when the checksum says no. A view on `sealed`. */
export function unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < 4) return undefined;
  const value = sealed.subarray(4);
  const stored = new DataView(sealed.buffer, sealed.byteOffset, 4).getUint32(0, true);
  return stored === crc32(value, crc32(key)) ? value : undefined;
}

export function encodeIndexRecord(record: IndexRecord): Uint8Array {
  const bytes = Buffer.alloc(INDEX_RECORD_BYTES);
  writeIndexRecord(bytes, 0, record);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The same into `target` at `at`. */
export function writeIndexRecord(target: Buffer, at: number, record: IndexRecord): void {
  if (record.header.length !== HEADER_BYTES) throw new RangeError(`a header has ${HEADER_BYTES} bytes, not ${record.header.length}`);
  target.set(record.header, at);
  target[at + RECORD_AT.flags] = (record.hasBlock ? RECORD_FLAG.hasBlock : 0) | (record.invalid ? RECORD_FLAG.invalid : 0) | (record.mined ? RECORD_FLAG.mined : 0);
  writeU64(target, record.sequence, at + RECORD_AT.sequence);
  target.writeUInt32LE(record.size, at + RECORD_AT.size);
  target.writeUInt32LE(record.transactionCount, at + RECORD_AT.transactions);
  writeU64(target, Math.max(0, Math.floor(record.receivedAt)), at + RECORD_AT.received);
}

/** Exact up to 2^53; RangeError outside what fits. */
function writeU64(target: Buffer, value: number, at: number): void {
  target.writeUInt32LE(value % TWO_32, at);
  target.writeUInt32LE(Math.floor(value / TWO_32), at + 4);
}

const TWO_32 = 2 ** 32;

/** Bytes of an index record without its checksum. */
export const INDEX_RECORD_BYTES = HEADER_BYTES + 25;

/** undefined when the bytes are no such record. `header` is a view of them. */
export function decodeIndexRecord(key: BlockKey, bytes: Uint8Array): IndexRecord | undefined {
  if (bytes.length !== INDEX_RECORD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, INDEX_RECORD_BYTES);
  if (!isBodyState(view, 0)) return undefined;
  return { hash: key.hash, height: key.height, header: bytes.subarray(0, HEADER_BYTES), ...readBodyState(view, 0) };
}

const KNOWN_FLAGS = RECORD_FLAG.hasBlock | RECORD_FLAG.invalid | RECORD_FLAG.mined;
/** Upper half of 2^53: a number from there on would lose its last digits. */
const UNSAFE_HIGH = 0x20_0000;

/** Whether what follows the header of the record at `at` is something that `encodeIndexRecord` writes. */
export function isBodyState(view: DataView, at: number): boolean {
  const sequenceHigh = view.getUint32(at + RECORD_AT.sequence + 4, true);
  const receivedHigh = view.getUint32(at + RECORD_AT.received + 4, true);
  return view.getUint8(at + RECORD_AT.flags) <= KNOWN_FLAGS && sequenceHigh < UNSAFE_HIGH && receivedHigh < UNSAFE_HIGH;
}

/** What follows the header of the record at `at`. */
export function readBodyState(view: DataView, at: number): BodyState {
  const flags = view.getUint8(at + RECORD_AT.flags);
  return {
    hasBlock: (flags & RECORD_FLAG.hasBlock) !== 0,
    invalid: (flags & RECORD_FLAG.invalid) !== 0,
    mined: (flags & RECORD_FLAG.mined) !== 0,
    sequence: readU64(view, at + RECORD_AT.sequence),
    size: view.getUint32(at + RECORD_AT.size, true),
    transactionCount: view.getUint32(at + RECORD_AT.transactions, true),
    receivedAt: readU64(view, at + RECORD_AT.received),
  };
}

/** As a number: exact up to 2^53, far above every sequence and time. */
export function readU64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
}

export function encodePlace(place: TransactionPlace): Uint8Array {
  return concatBytes(heightBytes(place.height), internalHash(place.blockHash));
}

export function decodePlace(bytes: Uint8Array): TransactionPlace | undefined {
  if (bytes.length !== 4 + HASH_BYTES) return undefined;
  const height = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  return { height, blockHash: displayHash(bytes.subarray(4)) };
}

export function encodeVersion(version: number): Uint8Array {
  return utf8Encode(String(version));
}

/** A positive whole number, or undefined. */
export function decodeVersion(bytes: Uint8Array): number | undefined {
  let text: string;
  try {
    text = utf8Decode(bytes).trim();
  } catch {
    return undefined;
  }
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined;
}

/**
 * The common block, judged from its bytes: nothing is decoded that is not looked at, and the hashes of many blocks are made in one go.
 * It says yes or nothing. Whatever is not plainly in order goes through `parseBlock` and `checkBlock`, which say which rule is broken;
 * so what is valid is defined there alone, and this is only sooner (test/node/consensus/quick-check.test.ts holds one against the other).
 */
import { MAX_BLOCK_BYTES, MAX_DATA_BYTES, MAX_MINER_NAME_BYTES, MAX_TRANSACTION_TIME } from '../primitives/limits.ts';
import { HEADER_BYTES } from '../primitives/header.ts';
import { MINER_ID_BYTES, SALT_BYTES } from '../primitives/transaction.ts';
import { displayHash, HASH_BYTES, utf8Decode, type HashHex } from '../util/bytes.ts';
import { hash256Into } from '../util/hash.ts';
import { checkDataText } from './rules.ts';

/** What is left to be judged by the block's place. */
export interface QuickBlock {
  /** Transaction ids, the coinbase's first. */
  readonly ids: readonly HashHex[];
  /** What the coinbase says. */
  readonly height: number;
}

/** More transactions than that take the other way: their number has another encoding. */
const MOST_TRANSACTIONS = 0xfc;
const MERKLE_ROOT_AT = 36;
const TWO_32 = 2 ** 32;

/** Where the transactions begin and end, of one block at a time. */
const ends = new Int32Array(MOST_TRANSACTIONS + 1);
let hashes = new Uint8Array(2 * HASH_BYTES);

/**
 * Whether everything is in order that can be judged without the block's place and without its header's proof of work: form, sizes,
 * Merkle root, kinds, texts, no transaction twice. undefined when it is not, or when this takes a closer look.
 */
export function quickCheck(bytes: Uint8Array): QuickBlock | undefined {
  if (bytes.length > MAX_BLOCK_BYTES || bytes.length <= HEADER_BYTES) return undefined;
  const count = bytes[HEADER_BYTES] as number;
  if (count === 0 || count > MOST_TRANSACTIONS) return undefined;
  let at = HEADER_BYTES + 1;
  let height = -1;
  ends[0] = at;
  for (let i = 0; i < count; i++) {
    const payload = payloadOf(bytes, at, i === 0 ? 0 : 1);
    if (payload < 0) return undefined;
    const end = payload + payloadLength;
    if (end > bytes.length) return undefined;
    if (i === 0) height = coinbaseHeight(bytes, payload, end);
    else if (!isData(bytes, payload, end)) return undefined;
    if (height < 0) return undefined;
    at = end;
    ends[i + 1] = end;
  }
  if (at !== bytes.length) return undefined;
  return hashed(bytes, count, height);
}

/** Set by `payloadOf`. */
let payloadLength = 0;

/** Version, kind and length of a transaction: where its payload begins, -1 when it is another form. */
function payloadOf(bytes: Uint8Array, at: number, kind: number): number {
  if (at + 4 > bytes.length || bytes[at] !== 1 || bytes[at + 1] !== 0 || bytes[at + 2] !== kind) return -1;
  return lengthAt(bytes, at + 3);
}

/** A CompactSize of one or three bytes in its shortest form: the value in `payloadLength`, where it ends returned; -1 for any other. */
function lengthAt(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return -1;
  const first = bytes[at] as number;
  if (first < 0xfd) {
    payloadLength = first;
    return at + 1;
  }
  if (first !== 0xfd || at + 3 > bytes.length) return -1;
  payloadLength = (bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8);
  return payloadLength < 0xfd ? -1 : at + 3;
}

/** The height that a coinbase says; -1 when the payload is not plainly one. */
function coinbaseHeight(bytes: Uint8Array, at: number, end: number): number {
  const nameAt = at + 4 + MINER_ID_BYTES;
  if (nameAt >= end) return -1;
  const nameLength = bytes[nameAt] as number;
  if (nameLength > MAX_MINER_NAME_BYTES) return -1;
  const nameEnd = nameAt + 1 + nameLength;
  if (nameEnd + 8 >= end) return -1;
  for (let i = nameAt + 1; i < nameEnd; i++) if ((bytes[i] as number) >= 0x80) return -1;
  if (!isText(bytes, nameEnd + 8, end)) return -1;
  return u32(bytes, at);
}

function isData(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 8 + SALT_BYTES >= end) return false;
  const time = u32(bytes, at + 4) * TWO_32 + u32(bytes, at);
  return time <= MAX_TRANSACTION_TIME && isText(bytes, at + 8 + SALT_BYTES, end);
}

/** A length and as many bytes of JSON, which end at `end`. */
function isText(bytes: Uint8Array, at: number, end: number): boolean {
  const from = lengthAt(bytes, at);
  if (from < 0 || from + payloadLength !== end || payloadLength > MAX_DATA_BYTES) return false;
  if (isPlainString(bytes, from, end)) return true;
  try {
    checkDataText(utf8Decode(bytes.subarray(from, end)));
    return true;
  } catch {
    // The full check says which rule it is.
    return false;
  }
}

/** A JSON string of printable ASCII without an escape: a JSON value, and nested no level deep, for sure. */
function isPlainString(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from < 2 || bytes[from] !== 0x22 || bytes[end - 1] !== 0x22) return false;
  for (let i = from + 1; i < end - 1; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return false;
  }
  return true;
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0;
}

/** Ids and Merkle root, level by level in one buffer. */
function hashed(bytes: Uint8Array, count: number, height: number): QuickBlock | undefined {
  if (hashes.length < (count + 1) * HASH_BYTES) hashes = new Uint8Array((count + 1) * HASH_BYTES);
  for (let i = 0; i < count; i++) hash256Into(bytes.subarray(ends[i] as number, ends[i + 1] as number), hashes, i * HASH_BYTES);
  const ids: HashHex[] = [];
  for (let i = 0; i < count; i++) ids.push(displayHash(hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
  for (let level = count; level > 1; level = (level + 1) >> 1) {
    if (level % 2 === 1) hashes.copyWithin(level * HASH_BYTES, (level - 1) * HASH_BYTES, level * HASH_BYTES);
    for (let i = 0; i < level; i += 2) {
      // A repeated end, or the same transaction twice: the full check tells them apart.
      if (i + 1 < level && isSame(hashes, i * HASH_BYTES, hashes, (i + 1) * HASH_BYTES)) return undefined;
      hash256Into(hashes.subarray(i * HASH_BYTES, (i + 2) * HASH_BYTES), hashes, (i >> 1) * HASH_BYTES);
    }
  }
  if (!isSame(hashes, 0, bytes, MERKLE_ROOT_AT)) return undefined;
  if (count > 2 && new Set(ids).size < count) return undefined;
  return { ids, height };
}

function isSame(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let i = 0; i < HASH_BYTES; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

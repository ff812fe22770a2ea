/**
 * The common block, judged from its bytes: nothing is decoded that is not looked at, and the hashes of many blocks are made in one go.
 * It says yes or nothing. Whatever is not plainly in order goes through `parseBlock` and `checkBlock`, which say which rule is broken;
 * so what is valid is defined there alone, and this is only sooner (test/node/consensus/quick-check.test.ts holds one against the other).
 */
import { MAX_BLOCK_BYTES, MAX_DATA_BYTES, MAX_MINER_NAME_BYTES, MAX_TRANSACTION_TIME } from '../primitives/limits.ts';
import { HEADER_BYTES } from '../primitives/header.ts';
import { MINER_ID_BYTES, SALT_BYTES } from '../primitives/transaction.ts';
import { displayHash, HASH_BYTES, utf8Decode, type HashHex } from '../util/bytes.ts';
import { hash256Many, hash256Tree } from '../util/hash.ts';
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

/** What is known of a block before anything is hashed. */
interface Scanned {
  readonly height: number;
  /** Number of its first transaction among those of all blocks, and how many it has. */
  readonly first: number;
  readonly count: number;
}

/**
 * Whether everything is in order that can be judged without a block's place and without its header's proof of work: form, sizes, Merkle
 * root, kinds, texts, no transaction twice. For each block in its order: undefined when it is not, or when this takes a closer look.
 */
export function quickCheck(blocks: readonly Uint8Array[]): (QuickBlock | undefined)[] {
  const transactions: Uint8Array[] = [];
  const scanned = blocks.map((bytes) => scan(bytes, transactions));
  const hashes = hash256Many(transactions);
  const pairs = hash256Many(scanned.flatMap((block) => (block?.count === 2 ? [hashes.subarray(block.first * HASH_BYTES, (block.first + 2) * HASH_BYTES)] : [])));
  let pair = 0;
  return scanned.map((block, i) => {
    if (block === undefined) return undefined;
    const leaves = hashes.subarray(block.first * HASH_BYTES, (block.first + block.count) * HASH_BYTES);
    const root = block.count === 2 ? pairs.subarray(pair++ * HASH_BYTES, pair * HASH_BYTES) : rootOf(leaves);
    // A repeated end, or the same transaction twice: the full check tells them apart.
    if (root === undefined || (block.count === 2 && isSame(leaves, 0, leaves, HASH_BYTES))) return undefined;
    if (!isSame(root, 0, blocks[i] as Uint8Array, MERKLE_ROOT_AT)) return undefined;
    const ids: HashHex[] = [];
    for (let at = 0; at < leaves.length; at += HASH_BYTES) ids.push(displayHash(leaves.subarray(at, at + HASH_BYTES)));
    return block.count > 2 && new Set(ids).size < block.count ? undefined : { ids, height: block.height };
  });
}

function rootOf(leaves: Uint8Array): Uint8Array | undefined {
  if (leaves.length === HASH_BYTES) return leaves;
  const { root, mutated } = hash256Tree(leaves);
  return mutated ? undefined : root;
}

/** Looks over one block and adds its transactions to `all`; none of them when it is not plainly in order. */
function scan(bytes: Uint8Array, all: Uint8Array[]): Scanned | undefined {
  if (bytes.length > MAX_BLOCK_BYTES || bytes.length <= HEADER_BYTES) return undefined;
  const count = bytes[HEADER_BYTES] as number;
  if (count === 0 || count > MOST_TRANSACTIONS) return undefined;
  const first = all.length;
  let height = -1;
  let at = HEADER_BYTES + 1;
  for (let i = 0; i < count; i++) {
    const payload = payloadOf(bytes, at, i === 0 ? 0 : 1);
    const end = payload + payloadLength;
    const fits = payload >= 0 && end <= bytes.length;
    if (fits && i === 0) height = coinbaseHeight(bytes, payload, end);
    if (!fits || height < 0 || (i > 0 && !isData(bytes, payload, end))) {
      all.length = first;
      return undefined;
    }
    all.push(bytes.subarray(at, end));
    at = end;
  }
  if (at === bytes.length) return { height, first, count };
  all.length = first;
  return undefined;
}

/** Set by `payloadOf`. */
let payloadLength = 0;

/** Version, kind and length of a transaction: where its payload begins, -1 when it is another form. */
function payloadOf(bytes: Uint8Array, at: number, kind: number): number {
  if (at + 4 > bytes.length || bytes[at] !== 1 || bytes[at + 1] !== 0 || bytes[at + 2] !== kind) return -1;
  return lengthAt(bytes, at + 3);
}

/** A CompactSize of at most five bytes in its shortest form: the value in `payloadLength`, where it ends returned; -1 for any other. */
function lengthAt(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return -1;
  const first = bytes[at] as number;
  if (first < 0xfd) {
    payloadLength = first;
    return at + 1;
  }
  if (first === 0xfd) {
    if (at + 3 > bytes.length) return -1;
    payloadLength = (bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8);
    return payloadLength < 0xfd ? -1 : at + 3;
  }
  if (first !== 0xfe || at + 5 > bytes.length) return -1;
  payloadLength = u32(bytes, at + 1);
  return payloadLength <= 0xffff ? -1 : at + 5;
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

function isSame(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let i = 0; i < HASH_BYTES; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

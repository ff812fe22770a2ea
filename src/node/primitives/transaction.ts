/**
 * Transactions. The encoding says version, kind and length before anything else, so that a reader knows at once what it cannot
 * read, and a later kind (a signed one) is a new number and not a new format.
 *
 *   version  u16   1
 *   kind     u8    0 coinbase, 1 data
 *   payload  CompactSize length, then
 *     coinbase:  height u32 · miner id 16 bytes · miner name CompactSize + UTF-8 (at most 32 bytes)
 *                · extra nonce u64 · data CompactSize + UTF-8
 *     data:      time u64 (ms since 1970) · salt 8 bytes · data CompactSize + UTF-8
 *
 * Each value has one encoding only: the id of a transaction is the double SHA-256 of these bytes.
 */
import { displayHash, type HashHex } from '../util/bytes.ts';
import { ByteReader, ByteWriter, DecodeError } from '../util/codec.ts';
import { hash256 } from '../util/hash.ts';
import { MAX_BLOCK_BYTES, MAX_MINER_NAME_BYTES, MAX_TRANSACTION_TIME } from './limits.ts';

export const TRANSACTION_VERSION = 1;
export const MINER_ID_BYTES = 16;
export const SALT_BYTES = 8;
const KIND_COINBASE = 0;
const KIND_DATA = 1;

export interface CoinbaseTransaction {
  version: 1;
  kind: 'coinbase';
  /** Height of its block: makes the ids of coinbases with equal data differ (as BIP 34). */
  height: number;
  /** 16 bytes: the id of the node that mined it. A claim, not a proof. */
  minerId: Uint8Array;
  /** What the miner calls itself; at most 32 bytes of UTF-8. A claim, not a proof. */
  minerName: string;
  /** Counts up with each new template of a job, so that the nonces start anew: all 2^32 were tried, or tip, transactions or time changed. Unsigned 64 bits. */
  extraNonce: bigint;
  /** The exact JSON text that the block carries. */
  dataText: string;
}

export interface DataTransaction {
  version: 1;
  kind: 'data';
  /** Milliseconds since 1970, given by whoever made it. */
  time: number;
  /** 8 random bytes: two transactions with equal text and time are still two. */
  salt: Uint8Array;
  /** The exact JSON text. */
  dataText: string;
}

export type Transaction = CoinbaseTransaction | DataTransaction;

function checkLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new RangeError(`${what} has ${length} bytes, not ${bytes.length}`);
}

function encodePayload(transaction: Transaction): Uint8Array {
  const payload = new ByteWriter(64 + transaction.dataText.length);
  if (transaction.kind === 'coinbase') {
    checkLength(transaction.minerId, MINER_ID_BYTES, 'a miner id');
    payload
      .u32(transaction.height)
      .bytes(transaction.minerId)
      .varstring(transaction.minerName)
      .u64(transaction.extraNonce)
      .varstring(transaction.dataText);
  } else {
    checkLength(transaction.salt, SALT_BYTES, 'a salt');
    payload.u64(BigInt(transaction.time)).bytes(transaction.salt).varstring(transaction.dataText);
  }
  return payload.finish();
}

/**
 * The bytes of a transaction. Throws RangeError when a number or length does not fit its field, DecodeError `bad-utf8` when a
 * text has half of a surrogate pair. Sizes are not judged here: that is a rule of consensus.
 */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const payload = encodePayload(transaction);
  return new ByteWriter(payload.length + 8)
    .u16(transaction.version)
    .u8(transaction.kind === 'coinbase' ? KIND_COINBASE : KIND_DATA)
    .varbytes(payload)
    .finish();
}

function decodeCoinbase(payload: ByteReader): CoinbaseTransaction {
  return {
    version: TRANSACTION_VERSION,
    kind: 'coinbase',
    height: payload.u32('height'),
    minerId: payload.bytes(MINER_ID_BYTES, 'minerId'),
    minerName: payload.varstring(MAX_MINER_NAME_BYTES, 'minerName'),
    extraNonce: payload.u64('extraNonce'),
    dataText: payload.varstring(MAX_BLOCK_BYTES, 'data'),
  };
}

function decodeData(payload: ByteReader): DataTransaction {
  const time = payload.u64('time');
  if (time > BigInt(MAX_TRANSACTION_TIME)) throw new DecodeError('bad-value', `${time} ms is no date`, 'time');
  return {
    version: TRANSACTION_VERSION,
    kind: 'data',
    time: Number(time),
    salt: payload.bytes(SALT_BYTES, 'salt'),
    dataText: payload.varstring(MAX_BLOCK_BYTES, 'data'),
  };
}

/**
 * From a reader: takes one transaction and leaves the rest. From bytes: they must be one transaction and nothing else.
 * Throws DecodeError; an unknown version or kind is `bad-value`. The data is not yet known to be JSON (see consensus/rules.ts).
 */
export function decodeTransaction(source: ByteReader | Uint8Array): Transaction {
  const reader = source instanceof ByteReader ? source : new ByteReader(source);
  const version = reader.u16('version');
  if (version !== TRANSACTION_VERSION) throw new DecodeError('bad-value', `unknown transaction version ${version}`, 'version');
  const kind = reader.u8('kind');
  if (kind !== KIND_COINBASE && kind !== KIND_DATA) throw new DecodeError('bad-value', `unknown transaction kind ${kind}`, 'kind');
  const payload = new ByteReader(reader.varbytes(MAX_BLOCK_BYTES, 'payload'));
  const transaction = kind === KIND_COINBASE ? decodeCoinbase(payload) : decodeData(payload);
  payload.end('payload');
  if (reader !== source) reader.end('transaction');
  return transaction;
}

/** Double SHA-256 of the encoding, internal order. */
export function transactionId(transaction: Transaction): Uint8Array {
  return hash256(encodeTransaction(transaction));
}

/** The id as people and maps see it. */
export function transactionHashHex(transaction: Transaction): HashHex {
  return displayHash(transactionId(transaction));
}

export { previewData } from './preview.ts';

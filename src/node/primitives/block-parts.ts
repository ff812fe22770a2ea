import { utf8Decode } from '../util/bytes.ts';
import { decodeBlock, encodedTransactions } from './block.ts';
import { HEADER_BYTES } from './header.ts';
import { MAX_TRANSACTION_TIME } from './limits.ts';
import { MINER_ID_BYTES, SALT_BYTES, type Transaction } from './transaction.ts';

/** What a list of transactions says of one. */
export interface TransactionParts {
  kind: Transaction['kind'];
  dataText: string;
  /** Of a data transaction: ms since 1970. */
  time?: number;
  /** Its encoding, shared with the block's bytes: the id is its hash. */
  bytes: Uint8Array;
}

export interface BlockParts {
  /** The hashes are shared with the block's bytes, in internal order. */
  header: { previousHash: Uint8Array; merkleRoot: Uint8Array; time: number; bits: number; nonce: number };
  transactions: TransactionParts[];
}

/** More transactions than that are counted in another encoding. */
const MOST_TRANSACTIONS = 0xfc;
const TWO_32 = 2 ** 32;

/**
 * What a list of blocks says of one, from its bytes alone, without the copy of each field that `decodeBlock` makes. Takes what `decodeBlock`
 * takes and says the same of it; throws as that does, since whatever is not plainly in order is given to it.
 */
export function partsOfBlock(bytes: Uint8Array): BlockParts {
  const transactions = plainTransactions(bytes);
  if (transactions === undefined) return decodedParts(bytes);
  return {
    header: { previousHash: bytes.subarray(4, 36), merkleRoot: bytes.subarray(36, 68), time: u32(bytes, 68), bits: u32(bytes, 72), nonce: u32(bytes, 76) },
    transactions,
  };
}

function decodedParts(bytes: Uint8Array): BlockParts {
  const { header, transactions } = decodeBlock(bytes);
  const encoded = encodedTransactions(bytes);
  return {
    header,
    transactions: transactions.map((transaction, index) => {
      const { kind, dataText } = transaction;
      const own = encoded[index] ?? new Uint8Array(0);
      return kind === 'data' ? { kind, dataText, time: transaction.time, bytes: own } : { kind, dataText, bytes: own };
    }),
  };
}

/** Undefined when anything is not as in nearly every block. */
function plainTransactions(bytes: Uint8Array): TransactionParts[] | undefined {
  const count = bytes[HEADER_BYTES] ?? 0;
  if (count === 0 || count > MOST_TRANSACTIONS) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const transactions: TransactionParts[] = [];
  let at = HEADER_BYTES + 1;
  for (let index = 0; index < count; index += 1) {
    const payload = lengthAt(bytes, at + 3);
    const end = payload + length;
    const kind = bytes[at + 2];
    if (payload < 0 || end > bytes.length || bytes[at] !== 1 || bytes[at + 1] !== 0) return undefined;
    let time: number | undefined;
    let textAt = payload + 8 + SALT_BYTES;
    if (kind === 1) {
      if (textAt >= end) return undefined;
      time = u32(bytes, payload + 4) * TWO_32 + u32(bytes, payload);
      if (time > MAX_TRANSACTION_TIME) return undefined;
    } else {
      const nameAt = payload + 4 + MINER_ID_BYTES;
      const nameLength = bytes[nameAt] ?? 0xff;
      textAt = nameAt + 1 + nameLength + 8;
      if (kind !== 0 || nameLength >= 0x20 || textAt >= end || !isAscii(bytes, nameAt + 1, nameAt + 1 + nameLength)) return undefined;
    }
    const from = lengthAt(bytes, textAt);
    if (from < 0 || from + length !== end) return undefined;
    const dataText = textOf(buffer, from, end);
    const own = bytes.subarray(at, end);
    transactions.push(time === undefined ? { kind: 'coinbase', dataText, bytes: own } : { kind: 'data', dataText, time, bytes: own });
    at = end;
  }
  return at === bytes.length ? transactions : undefined;
}

/** Set by `lengthAt`. */
let length = 0;

/** A CompactSize of one or three bytes in its shortest form: the value in `length`, where it ends returned; -1 for any other. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0xff;
  if (first < 0xfd) {
    length = first;
    return at + 1;
  }
  if (first !== 0xfd || at + 3 > bytes.length) return -1;
  length = (bytes[at + 1] as number) | ((bytes[at + 2] as number) << 8);
  return length < 0xfd ? -1 : at + 3;
}

function isAscii(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if ((bytes[at] as number) >= 0x80) return false;
  return true;
}

/** Of bytes without an accent or the like Node makes the text in a fraction of the time that its strict UTF-8 takes. */
function textOf(bytes: Buffer, from: number, end: number): string {
  return isAscii(bytes, from, end) ? bytes.toString('latin1', from, end) : utf8Decode(bytes.subarray(from, end));
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0;
}

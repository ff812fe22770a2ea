/**
 * A block: header (80 bytes), number of transactions (CompactSize), the transactions one after the other.
 * One block has one encoding.
 */
import type { HashHex } from '../util/bytes.ts';
import { ByteReader, ByteWriter, DecodeError } from '../util/codec.ts';
import { hash256Many } from '../util/hash.ts';
import { HEADER_BYTES, headerHash, readHeader, writeHeader, type BlockHeader } from './header.ts';
import { MAX_BLOCK_BYTES, MAX_TRANSACTIONS } from './limits.ts';
import { merkleRootOf } from './merkle.ts';
import { decodeTransaction, encodeTransaction, type CoinbaseTransaction, type Transaction } from './transaction.ts';

export interface Block {
  header: BlockHeader;
  /** The first is the coinbase. */
  transactions: Transaction[];
}

/** The bytes of a block. Throws as `encodeHeader` and `encodeTransaction` do. */
export function encodeBlock(block: Block): Uint8Array {
  const writer = new ByteWriter(HEADER_BYTES + 512);
  writeHeader(writer, block.header);
  writer.varint(block.transactions.length);
  for (const transaction of block.transactions) writer.bytes(encodeTransaction(transaction));
  return writer.finish();
}

/**
 * Throws DecodeError: `too-large` above MAX_BLOCK_BYTES or MAX_TRANSACTIONS, and all that its parts throw. A block that decodes
 * has the right form and nothing more: see consensus/rules.ts.
 */
export function decodeBlock(bytes: Uint8Array): Block {
  if (bytes.length > MAX_BLOCK_BYTES) {
    throw new DecodeError('too-large', `${bytes.length} bytes, at most ${MAX_BLOCK_BYTES} allowed`, 'block');
  }
  const reader = new ByteReader(bytes);
  const header = readHeader(reader);
  const count = reader.varint(MAX_TRANSACTIONS, 'transaction count');
  const transactions: Transaction[] = [];
  for (let i = 0; i < count; i++) transactions.push(decodeTransaction(reader));
  reader.end('block');
  return { header, transactions };
}

/** The bytes of each transaction of an encoded block, shared with it. For one that `decodeBlock` takes; throws DecodeError when a length reaches too far. */
export function encodedTransactions(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes.subarray(HEADER_BYTES));
  const count = reader.varint(MAX_TRANSACTIONS, 'transaction count');
  const transactions: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const from = HEADER_BYTES + reader.offset;
    reader.u16('version');
    reader.u8('kind');
    reader.view(reader.varint(MAX_BLOCK_BYTES, 'payload'), 'payload');
    transactions.push(bytes.subarray(from, HEADER_BYTES + reader.offset));
  }
  return transactions;
}

/** Hash of the header in display order: the block's name. */
export function blockHash(block: Block): HashHex {
  return headerHash(block.header);
}

/** Root of the block's own transactions, and whether the list is a CVE-2012-2459 repetition. */
export function blockMerkleRoot(block: Block): { root: Uint8Array; mutated: boolean } {
  return merkleRootOf(hash256Many(block.transactions.map(encodeTransaction)));
}

/** The coinbase. Throws when the first transaction is none, which no checked block is: a bug of the caller. */
export function coinbaseOf(block: Block): CoinbaseTransaction {
  const first = block.transactions[0];
  if (first?.kind !== 'coinbase') throw new Error('the block has no coinbase');
  return first;
}

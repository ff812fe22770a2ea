/** What makes a block valid. Pure: the caller brings the place in the chain and the clock. Every check throws RuleError. */
import { displayHash, equalBytes, HASH_BYTES, isHash, isWellFormed, utf8Encode, type HashHex } from '../util/bytes.ts';
import { DecodeError, varintSize } from '../util/codec.ts';
import { hash256Many } from '../util/hash.ts';
import { decodeBlock, type Block } from '../primitives/block.ts';
import { HEADER_BYTES, type BlockHeader } from '../primitives/header.ts';
import { MAX_BLOCK_BYTES, MAX_DATA_BYTES, MAX_JSON_DEPTH, MAX_MINER_NAME_BYTES, MAX_TRANSACTIONS } from '../primitives/limits.ts';
import { merkleRootOf } from '../primitives/merkle.ts';
import { encodeTransaction, type Transaction } from '../primitives/transaction.ts';
import { RuleError } from './errors.ts';
import { formatBits, formatCount, formatDuration, formatTime, shortHash } from './format.ts';
import { isDeeperThan, isJsonText } from './json-text.ts';
import { MAX_TIME_AHEAD } from './limits.ts';
import { bitsInRange, bitsToTarget, checkPow, leadingZeroBits, requiredZeroBits, targetToBytes } from './target.ts';

/** The only header version there is. Other rules mean another version, which nodes that do not know it refuse. */
export const BLOCK_VERSION = 1;

/**
 * The header alone, before anything is looked up: version, bits within the network's limit, proof of work.
 * `hash` is the header's hash in internal order.
 */
export function checkHeader(header: BlockHeader, hash: Uint8Array, context: { powLimit: bigint }): void {
  const { version, bits } = header;
  if (version !== BLOCK_VERSION) {
    throw new RuleError('bad-version', String(BLOCK_VERSION), String(version), `its version is ${version}, ${BLOCK_VERSION} needed`);
  }
  if (!bitsInRange(bits, context.powLimit)) {
    const got = formatBits(bits);
    throw new RuleError('bad-bits', "a target within the network's limit", got, `its bits ${got} are no target of this network`);
  }
  if (!checkPow(hash, bits, context.powLimit)) {
    const target = displayHash(targetToBytes(bitsToTarget(bits)));
    const zeros = leadingZeroBits(hash);
    const needed = requiredZeroBits(bits);
    const tail = (hex: string): string => shortHash(hex.slice(needed >> 2));
    throw new RuleError(
      'high-hash',
      `at most ${target}`,
      displayHash(hash),
      zeros < needed
        ? `its hash has ${zeros} zero ${zeros === 1 ? 'bit' : 'bits'}, ${needed} needed`
        : `its hash has the ${needed} zero bits but goes on with ${tail(displayHash(hash))}, at most ${tail(target)} allowed`,
    );
  }
}

export interface HeaderContext {
  /** Hash of the block that it is to stand on. */
  parentHash: HashHex;
  /** Height that it would have. */
  height: number;
  /** `nextBits` of the parent. */
  expectedBits: number;
  /** `medianTimePast` of the parent. */
  medianTimePast: number;
  /** This node's wall clock in seconds since 1970. */
  nowSeconds: number;
}

/** The header in its place: link, bits, time. */
export function checkHeaderContextual(header: BlockHeader, context: HeaderContext): void {
  if (!isHash(header.previousHash, context.parentHash)) {
    const previous = displayHash(header.previousHash);
    throw new RuleError(
      'bad-prev-hash',
      context.parentHash,
      previous,
      `its previous hash is ${shortHash(previous)}, block ${formatCount(context.height - 1)} is ${shortHash(context.parentHash)}`,
    );
  }
  if (header.bits !== context.expectedBits) {
    const expected = formatBits(context.expectedBits);
    const got = formatBits(header.bits);
    throw new RuleError('bad-bits', expected, got, `its bits are ${got}, ${expected} needed at height ${formatCount(context.height)}`);
  }
  if (header.time <= context.medianTimePast) {
    const median = formatTime(context.medianTimePast);
    const got = formatTime(header.time);
    throw new RuleError(
      'time-too-old',
      `later than ${median}`,
      got,
      `its time is ${got}, later than ${median} needed (the median of the last 11 blocks)`,
    );
  }
  const ahead = header.time - Math.floor(context.nowSeconds);
  if (ahead > MAX_TIME_AHEAD) {
    throw new RuleError(
      'time-too-new',
      `at most ${formatTime(Math.floor(context.nowSeconds) + MAX_TIME_AHEAD)}`,
      formatTime(header.time),
      `its time is ${formatDuration(ahead)} ahead of the clock here, ${formatDuration(MAX_TIME_AHEAD)} allowed: check the clocks`,
    );
  }
}

/** Refuses a block for what lies below it, without looking at it again. `ancestor` is the nearest block known to be invalid. */
export function invalidAncestor(ancestor: HashHex): RuleError {
  return new RuleError('invalid-ancestor', 'a valid block below it', ancestor, `it stands on ${shortHash(ancestor)}, which broke a rule`);
}

/**
 * The text of a transaction: size, Unicode, nesting, JSON. `subject` is what the message calls it.
 * The order matters: the size bounds the scan, the depth guards the parser.
 */
export function checkDataText(dataText: string, subject = 'its data'): void {
  const tooLarge = (size: number): RuleError =>
    new RuleError(
      'data-too-large',
      `at most ${MAX_DATA_BYTES} bytes`,
      `${size} bytes`,
      `${subject} has ${formatCount(size)} bytes, ${formatCount(MAX_DATA_BYTES)} allowed`,
    );
  // Every UTF-16 unit takes at least a byte, so this length is a lower bound that costs nothing.
  if (dataText.length > MAX_DATA_BYTES) throw tooLarge(dataText.length);
  if (!isWellFormed(dataText)) {
    throw new RuleError('bad-data-json', 'a JSON value in UTF-8', 'half of a surrogate pair', `${subject} has half of a surrogate pair, which has no UTF-8`);
  }
  const size = utf8Encode(dataText).length;
  if (size > MAX_DATA_BYTES) throw tooLarge(size);
  if (isDeeperThan(dataText, MAX_JSON_DEPTH)) {
    const more = `more than ${MAX_JSON_DEPTH}`;
    throw new RuleError('json-too-deep', `at most ${MAX_JSON_DEPTH} levels`, more, `${subject} is nested ${more} levels deep`);
  }
  if (!isJsonText(dataText)) {
    throw new RuleError('bad-data-json', 'a JSON value', shortText(dataText), `${subject} is not JSON`);
  }
}

/** The start of a text, for `got`. */
function shortText(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** One transaction by itself; `subject` as in `checkDataText`. The mempool and the block check share it. */
export function checkTransaction(transaction: Transaction, subject = 'its data'): void {
  checkDataText(transaction.dataText, subject);
  if (transaction.kind !== 'coinbase') return;
  const size = isWellFormed(transaction.minerName) ? utf8Encode(transaction.minerName).length : Infinity;
  if (size > MAX_MINER_NAME_BYTES) {
    const expected = `at most ${MAX_MINER_NAME_BYTES} bytes of UTF-8`;
    const got = size === Infinity ? 'half of a surrogate pair' : `${size} bytes`;
    throw new RuleError('bad-miner-name', expected, got, `its miner's name has ${got}, ${expected} allowed`);
  }
}

/** Bytes from outside → a block of the right form. Throws `block-too-large` or `block-malformed`. */
export function parseBlock(bytes: Uint8Array): Block {
  checkSize(bytes.length);
  try {
    return decodeBlock(bytes);
  } catch (error) {
    if (error instanceof DecodeError) throw malformed(error.message);
    throw error;
  }
}

function checkSize(size: number): void {
  if (size <= MAX_BLOCK_BYTES) return;
  throw new RuleError(
    'block-too-large',
    `at most ${MAX_BLOCK_BYTES} bytes`,
    `${size} bytes`,
    `its size is ${formatCount(size)} bytes, ${formatCount(MAX_BLOCK_BYTES)} allowed`,
  );
}

function malformed(what: string): RuleError {
  return new RuleError('block-malformed', 'a block as docs/consensus.md lays it out', what, `its bytes cannot be read (${what})`);
}

/** A transaction that cannot be encoded was made here, not decoded: the block is malformed all the same. */
function encodeForBlock(transaction: Transaction): Uint8Array {
  try {
    return encodeTransaction(transaction);
  } catch (error) {
    if (error instanceof DecodeError || error instanceof RangeError) throw malformed(error.message);
    throw error;
  }
}

/**
 * The body without its place in the chain. First what ties the body to the header (count, size, merkle root): a failure there
 * says nothing about the header's hash. Then the body's own rules, whose failure condemns the hash for good.
 */
export function checkBlock(block: Block): void {
  const { header, transactions } = block;
  if (transactions.length === 0) {
    throw new RuleError('no-transactions', 'at least 1', '0', 'it has no transactions, not even a coinbase');
  }
  if (transactions.length > MAX_TRANSACTIONS) {
    throw new RuleError(
      'too-many-transactions',
      `at most ${MAX_TRANSACTIONS}`,
      String(transactions.length),
      `it has ${formatCount(transactions.length)} transactions, ${formatCount(MAX_TRANSACTIONS)} allowed`,
    );
  }

  let size = HEADER_BYTES + varintSize(transactions.length);
  const encoded = transactions.map(encodeForBlock);
  for (const { length } of encoded) size += length;
  checkSize(size);

  const ids = hash256Many(encoded);
  const { root, mutated } = merkleRootOf(ids);
  if (!equalBytes(root, header.merkleRoot)) {
    const expected = displayHash(root);
    const got = displayHash(header.merkleRoot);
    throw new RuleError(
      'bad-merkle-root',
      expected,
      got,
      `its merkle root is ${shortHash(got)}, its transactions give ${shortHash(expected)}`,
    );
  }
  if (mutated) {
    throw new RuleError(
      'merkle-mutated',
      'no two equal hashes in a pair',
      'a repeated end',
      'its transactions are repeated so that another list has the same merkle root',
    );
  }

  checkKinds(transactions);
  const seen = new Map<string, number>();
  transactions.forEach((transaction, index) => {
    checkTransaction(transaction, index === 0 ? 'its data' : `the data of its transaction ${formatCount(index)}`);
    const id = displayHash(ids.subarray(HASH_BYTES * index, HASH_BYTES * (index + 1)));
    const earlier = seen.get(id);
    if (earlier !== undefined) {
      throw new RuleError(
        'duplicate-transaction',
        'every transaction once',
        id,
        `its transactions ${formatCount(earlier)} and ${formatCount(index)} are the same`,
      );
    }
    seen.set(id, index);
  });
}

/** A coinbase first, and none after it. Positions count from 0, the coinbase's. */
function checkKinds(transactions: readonly Transaction[]): void {
  const first = transactions[0];
  if (first?.kind !== 'coinbase') {
    throw new RuleError('coinbase-missing', 'coinbase', first?.kind ?? 'nothing', 'its first transaction is not a coinbase');
  }
  const second = transactions.findIndex((transaction, index) => index > 0 && transaction.kind === 'coinbase');
  if (second > 0) {
    throw new RuleError('coinbase-extra', '1 coinbase', `another at ${second}`, `its transaction ${formatCount(second)} is a second coinbase`);
  }
}

/** The body in its place: the coinbase says the height. Call after `checkBlock`. */
export function checkBlockContextual(block: Block, context: { height: number }): void {
  const coinbase = block.transactions[0];
  if (coinbase?.kind !== 'coinbase') {
    throw new RuleError('coinbase-missing', 'coinbase', coinbase?.kind ?? 'nothing', 'its first transaction is not a coinbase');
  }
  if (coinbase.height !== context.height) {
    throw new RuleError(
      'bad-coinbase-height',
      String(context.height),
      String(coinbase.height),
      `its coinbase says height ${formatCount(coinbase.height)}, ${formatCount(context.height)} needed`,
    );
  }
}

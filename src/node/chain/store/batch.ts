import { crc32 } from 'node:zlib';
import type { HashHex } from '../../../shared/blocks.ts';
import { HASH_BYTES } from '../../util/bytes.ts';
import { encodePage, pageKey } from './pages.ts';
import { STEPS_PER_TURN } from '../limits.ts';
import { activeKey, blockKey, INDEX_RECORD_BYTES, PREFIX, seal, TIP_KEY, transactionKey, writeIndexRecord } from './records.ts';
import type { BlockKey, IndexRecord, StoreOp, TransactionPlace } from './store.ts';

/** One step of a LevelDB batch. */
export type BatchOp = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array };

/** What takes the steps: LevelDB's chained batch, which copies what it is given at once. */
export interface BatchTarget {
  put(key: Uint8Array, value: Uint8Array): unknown;
  del(key: Uint8Array): unknown;
}

export function put(key: Uint8Array, value: Uint8Array): BatchOp {
  return { type: 'put', key, value: seal(key, value) };
}

export function del(key: Uint8Array): BatchOp {
  return { type: 'del', key };
}

const CHECKSUM_BYTES = 4;
/** The longest key that is made here. */
const KEY_BYTES = 5 + HASH_BYTES;
const HEIGHT_KEY_BYTES = 5;
const TRANSACTION_KEY_BYTES = 1 + HASH_BYTES;
/** Where the second key of a form begins; no key here is longer. */
const VALUE_AT = 64;

/**
 * Where a record is put together: the key, and from VALUE_AT on the key once more with the value behind it, so that one pass makes the
 * checksum of both. The checksum then takes the place of the second key's last bytes, in front of the value. What LevelDB and the checksum are
 * given are views that are made once for each kind of record: making three for each record took longer than filling them.
 */
class Form {
  readonly bytes: Buffer;
  readonly #keyBytes: number;
  readonly #key: Uint8Array;
  readonly #summed: Uint8Array;
  readonly #sealed: Uint8Array;

  constructor(keyBytes: number, valueBytes: number, bytes: Buffer = Buffer.alloc(VALUE_AT + keyBytes + valueBytes)) {
    const { buffer, byteOffset } = bytes;
    this.bytes = bytes;
    this.#keyBytes = keyBytes;
    this.#key = new Uint8Array(buffer, byteOffset, keyBytes);
    this.#summed = new Uint8Array(buffer, byteOffset + VALUE_AT, keyBytes + valueBytes);
    this.#sealed = new Uint8Array(buffer, byteOffset + VALUE_AT + keyBytes - CHECKSUM_BYTES, CHECKSUM_BYTES + valueBytes);
  }

  /** Key and value are in their places. */
  putTo(target: BatchTarget): void {
    const { bytes } = this;
    bytes.copyWithin(VALUE_AT, 0, this.#keyBytes);
    bytes.writeUInt32LE(crc32(this.#summed), VALUE_AT + this.#keyBytes - CHECKSUM_BYTES);
    target.put(this.#key, this.#sealed);
  }

  /** The key is in its place: its record is taken out. */
  deleteFrom(target: BatchTarget): void {
    target.del(this.#key);
  }
}

const INDEX = new Form(KEY_BYTES, INDEX_RECORD_BYTES);
const ACTIVE = new Form(HEIGHT_KEY_BYTES, HASH_BYTES);
const TRANSACTION = new Form(TRANSACTION_KEY_BYTES, 4 + HASH_BYTES);
const TIP = new Form(TIP_KEY.length, HASH_BYTES);
/** Bodies differ in length. */
let bodyBytes = Buffer.alloc(4_096);

/** The last hash that was converted: the records of one block name it five times. */
let lastHash = '';
const lastBytes = Buffer.alloc(HASH_BYTES);

/** Writes a hash, internal order, to `at` of `target`. */
function writeHash(target: Buffer, hash: HashHex, at: number): void {
  if (hash !== lastHash) {
    // From here on `lastBytes` is another hash, whether or not the text was one.
    lastHash = '';
    if (hash.length !== 2 * HASH_BYTES || lastBytes.write(hash, 'hex') !== HASH_BYTES) throw new RangeError(`${hash} is no hash`);
    lastBytes.reverse();
    lastHash = hash;
  }
  target.set(lastBytes, at);
}

function writeBlockKey(target: Buffer, prefix: number, { height, hash }: BlockKey): void {
  target[0] = prefix;
  target.writeUInt32BE(height, 1);
  writeHash(target, hash, HEIGHT_KEY_BYTES);
}

function putIndex(target: BatchTarget, record: IndexRecord): void {
  writeBlockKey(INDEX.bytes, PREFIX.index, record);
  writeIndexRecord(INDEX.bytes, VALUE_AT + KEY_BYTES, record);
  INDEX.putTo(target);
}

function putBody(target: BatchTarget, key: BlockKey, bytes: Uint8Array): void {
  const needed = VALUE_AT + KEY_BYTES + bytes.length;
  if (needed > bodyBytes.length) bodyBytes = Buffer.alloc(2 * needed);
  writeBlockKey(bodyBytes, PREFIX.body, key);
  bodyBytes.set(bytes, VALUE_AT + KEY_BYTES);
  new Form(KEY_BYTES, bytes.length, bodyBytes).putTo(target);
}

function putActive(target: BatchTarget, height: number, hash: HashHex): void {
  const { bytes } = ACTIVE;
  bytes[0] = PREFIX.active;
  bytes.writeUInt32BE(height, 1);
  writeHash(bytes, hash, VALUE_AT + HEIGHT_KEY_BYTES);
  ACTIVE.putTo(target);
}

function putTransaction(target: BatchTarget, id: HashHex, place: TransactionPlace): void {
  const { bytes } = TRANSACTION;
  // The place first: its hash is most likely the one converted last.
  bytes.writeUInt32BE(place.height, VALUE_AT + TRANSACTION_KEY_BYTES);
  writeHash(bytes, place.blockHash, VALUE_AT + TRANSACTION_KEY_BYTES + 4);
  bytes[0] = PREFIX.transaction;
  if (id.length !== 2 * HASH_BYTES || transactionId.write(id, 'hex') !== HASH_BYTES) throw new RangeError(`${id} is no transaction id`);
  transactionId.reverse();
  TRANSACTION.putTo(target);
}

/** The id within the key, internal order. */
const transactionId = TRANSACTION.bytes.subarray(1, TRANSACTION_KEY_BYTES);

function putTip(target: BatchTarget, hash: HashHex): void {
  TIP.bytes.set(TIP_KEY, 0);
  writeHash(TIP.bytes, hash, VALUE_AT + TIP_KEY.length);
  TIP.putTo(target);
}

/**
 * The steps of all these operations, in order. Pauses after every STEPS_PER_TURN, so that the event loop can turn: until it is done the batch is nothing yet.
 * Throws RangeError when one of them is none that could be read again.
 */
export function* addToBatch(target: BatchTarget, ops: readonly StoreOp[]): Generator<void, void> {
  let steps = 0;
  for (const op of ops) {
    if (op.op === 'index-page') {
      putPage(target, op.records);
      for (const record of op.records) {
        if (++steps % STEPS_PER_TURN === 0) yield;
        writeBlockKey(INDEX.bytes, PREFIX.index, record);
        INDEX.deleteFrom(target);
      }
    } else {
      if (++steps % STEPS_PER_TURN === 0) yield;
      addStep(target, op);
    }
  }
}

function addStep(target: BatchTarget, op: Exclude<StoreOp, { op: 'index-page' }>): void {
  switch (op.op) {
    case 'index':
      putIndex(target, op.record);
      break;
    case 'drop-index':
      target.del(blockKey(PREFIX.index, op.key));
      break;
    case 'drop-page':
      target.del(pageKey(op.height));
      break;
    case 'body':
      putBody(target, op.key, op.bytes);
      break;
    case 'drop-body':
      target.del(blockKey(PREFIX.body, op.key));
      break;
    case 'active':
      if (op.hash === undefined) target.del(activeKey(op.height));
      else putActive(target, op.height, op.hash);
      break;
    case 'transaction':
      if (op.place === undefined) target.del(transactionKey(op.id));
      else putTransaction(target, op.id, op.place);
      break;
    case 'tip':
      putTip(target, op.hash);
      break;
  }
}

function putPage(target: BatchTarget, records: readonly IndexRecord[]): void {
  const [first] = records;
  if (first === undefined) return;
  const key = pageKey(first.height);
  target.put(key, seal(key, encodePage(records)));
}

/** Finished steps, in order, with the same pauses. */
export function* addSteps(target: BatchTarget, steps: readonly BatchOp[]): Generator<void, void> {
  for (const [at, step] of steps.entries()) {
    if (at > 0 && at % STEPS_PER_TURN === 0) yield;
    if (step.type === 'put') target.put(step.key, step.value);
    else target.del(step.key);
  }
}

import { crc32 } from 'node:zlib';
import type { HashHex } from '../../../shared/blocks.ts';
import { HASH_BYTES } from '../../util/bytes.ts';
import { encodePage, pageKey } from './pages.ts';
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

/**
 * Key and value of the record under way: the key, and from VALUE_AT on the key once more with the value behind it, so that one pass makes the
 * checksum of both. The checksum then takes the place of the second key's last bytes, in front of the value.
 */
let scratch = Buffer.alloc(4_096);
const VALUE_AT = 64;

/** The last hash that was converted: the records of one block name it five times. */
let lastHash = '';
const lastBytes = Buffer.alloc(HASH_BYTES);

/** Writes a hash, internal order, to `at` of the scratch. */
function writeHash(hash: HashHex, at: number): void {
  if (hash !== lastHash) {
    // From here on `lastBytes` is another hash, whether or not the text was one.
    lastHash = '';
    if (hash.length !== 2 * HASH_BYTES || lastBytes.write(hash, 'hex') !== HASH_BYTES) throw new RangeError(`${hash} is no hash`);
    lastBytes.reverse();
    lastHash = hash;
  }
  scratch.set(lastBytes, at);
}

function blockKeyAt(prefix: number, { height, hash }: BlockKey): void {
  scratch[0] = prefix;
  scratch.writeUInt32BE(height, 1);
  writeHash(hash, HEIGHT_KEY_BYTES);
}

/** Puts the key in the scratch and the value behind VALUE_AT + keyBytes. */
function putScratch(target: BatchTarget, keyBytes: number, valueBytes: number): void {
  const valueAt = VALUE_AT + keyBytes;
  scratch.copyWithin(VALUE_AT, 0, keyBytes);
  const sum = crc32(scratch.subarray(VALUE_AT, valueAt + valueBytes));
  scratch.writeUInt32LE(sum, valueAt - CHECKSUM_BYTES);
  target.put(scratch.subarray(0, keyBytes), scratch.subarray(valueAt - CHECKSUM_BYTES, valueAt + valueBytes));
}

function putIndex(target: BatchTarget, record: IndexRecord): void {
  blockKeyAt(PREFIX.index, record);
  const at = VALUE_AT + KEY_BYTES;
  writeIndexRecord(scratch, at, record);
  putScratch(target, KEY_BYTES, INDEX_RECORD_BYTES);
}

function putBody(target: BatchTarget, key: BlockKey, bytes: Uint8Array): void {
  const needed = VALUE_AT + KEY_BYTES + bytes.length;
  if (needed > scratch.length) scratch = Buffer.alloc(2 * needed);
  blockKeyAt(PREFIX.body, key);
  scratch.set(bytes, VALUE_AT + KEY_BYTES);
  putScratch(target, KEY_BYTES, bytes.length);
}

function putActive(target: BatchTarget, height: number, hash: HashHex): void {
  scratch[0] = PREFIX.active;
  scratch.writeUInt32BE(height, 1);
  writeHash(hash, VALUE_AT + HEIGHT_KEY_BYTES);
  putScratch(target, HEIGHT_KEY_BYTES, HASH_BYTES);
}

function putTransaction(target: BatchTarget, id: HashHex, place: TransactionPlace): void {
  // The place first: its hash is most likely the one converted last.
  scratch.writeUInt32BE(place.height, VALUE_AT + TRANSACTION_KEY_BYTES);
  writeHash(place.blockHash, VALUE_AT + TRANSACTION_KEY_BYTES + 4);
  scratch[0] = PREFIX.transaction;
  if (id.length !== 2 * HASH_BYTES || scratch.write(id, 1, 'hex') !== HASH_BYTES) throw new RangeError(`${id} is no transaction id`);
  scratch.subarray(1, TRANSACTION_KEY_BYTES).reverse();
  putScratch(target, TRANSACTION_KEY_BYTES, 4 + HASH_BYTES);
}

function putTip(target: BatchTarget, hash: HashHex): void {
  scratch.set(TIP_KEY, 0);
  writeHash(hash, VALUE_AT + TIP_KEY.length);
  putScratch(target, TIP_KEY.length, HASH_BYTES);
}

/** The steps of all these operations, in order. Throws RangeError when one of them is none that could be read again. */
export function addToBatch(target: BatchTarget, ops: readonly StoreOp[]): void {
  for (const op of ops) {
    switch (op.op) {
      case 'index':
        putIndex(target, op.record);
        break;
      case 'drop-index':
        target.del(blockKey(PREFIX.index, op.key));
        break;
      case 'index-page':
        putPage(target, op.records);
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
}

function putPage(target: BatchTarget, records: readonly IndexRecord[]): void {
  const [first] = records;
  if (first === undefined) return;
  const key = pageKey(first.height);
  target.put(key, seal(key, encodePage(records)));
  for (const record of records) {
    blockKeyAt(PREFIX.index, record);
    target.del(scratch.subarray(0, KEY_BYTES));
  }
}

/** Finished steps, in order. */
export function addSteps(target: BatchTarget, steps: readonly BatchOp[]): void {
  for (const step of steps) {
    if (step.type === 'put') target.put(step.key, step.value);
    else target.del(step.key);
  }
}

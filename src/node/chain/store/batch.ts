import { internalHash } from '../../util/bytes.ts';
import { encodePage, pageKey } from './pages.ts';
import { activeKey, blockKey, encodeIndexRecord, encodePlace, PREFIX, seal, TIP_KEY, transactionKey } from './records.ts';
import type { StoreOp } from './store.ts';

/** One step of a LevelDB batch. */
export type BatchOp = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array };

export function put(key: Uint8Array, value: Uint8Array): BatchOp {
  return { type: 'put', key, value: seal(key, value) };
}

export function del(key: Uint8Array): BatchOp {
  return { type: 'del', key };
}

/** The steps of all these operations, in order. */
export function toBatch(ops: readonly StoreOp[]): BatchOp[] {
  const batch: BatchOp[] = [];
  for (const op of ops) {
    if (op.op !== 'index-page') batch.push(toBatchOp(op));
    else if (op.records[0] !== undefined) {
      batch.push(put(pageKey(op.records[0].height), encodePage(op.records)));
      for (const record of op.records) batch.push(del(blockKey(PREFIX.index, record)));
    }
  }
  return batch;
}

function toBatchOp(op: Exclude<StoreOp, { op: 'index-page' }>): BatchOp {
  switch (op.op) {
    case 'index':
      return put(blockKey(PREFIX.index, op.record), encodeIndexRecord(op.record));
    case 'drop-index':
      return del(blockKey(PREFIX.index, op.key));
    case 'drop-page':
      return del(pageKey(op.height));
    case 'body':
      return put(blockKey(PREFIX.body, op.key), op.bytes);
    case 'drop-body':
      return del(blockKey(PREFIX.body, op.key));
    case 'active': {
      const key = activeKey(op.height);
      return op.hash === undefined ? del(key) : put(key, internalHash(op.hash));
    }
    case 'transaction': {
      const key = transactionKey(op.id);
      return op.place === undefined ? del(key) : put(key, encodePlace(op.place));
    }
    case 'tip':
      return put(TIP_KEY, internalHash(op.hash));
  }
}

import { encodeHeader } from '../primitives/header.ts';
import type { IndexEntry } from './index-entry.ts';
import type { BodyState, IndexRecord, StoreOp } from './store/store.ts';

/** An entry as the store keeps it. `changes` are fields that become true with this very write. */
export function recordOf(entry: IndexEntry, changes: Partial<IndexRecord> = {}): IndexRecord {
  return {
    hash: entry.hash,
    height: entry.height,
    header: encodeHeader(entry.header),
    hasBlock: entry.hasBlock,
    invalid: entry.invalid,
    mined: entry.origin === 'mined',
    sequence: entry.sequence,
    size: entry.size,
    transactionCount: entry.transactionCount,
    receivedAt: entry.receivedAt,
    ...changes,
  };
}

/** Puts what the store knows of the body into an entry. */
export function applyRecord(entry: IndexEntry, record: BodyState): void {
  entry.sequence = record.sequence;
  entry.size = record.size;
  entry.transactionCount = record.transactionCount;
  entry.receivedAt = record.receivedAt;
  entry.invalid ||= record.invalid;
  if (record.hasBlock) entry.origin = record.mined ? 'mined' : 'peer';
  entry.persisted = true;
}

/** Records of ancestors that the store does not have yet: a body far above the tip needs its headers to be found again. */
export function missingAncestorRecords(entry: IndexEntry): StoreOp[] {
  const ops: StoreOp[] = [];
  for (let at = entry.parent; at?.parent !== undefined && !at.persisted; at = at.parent) ops.push({ op: 'index', record: recordOf(at) });
  return ops;
}

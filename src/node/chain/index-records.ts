import type { Block } from '../primitives/block.ts';
import { transactionHashHex } from '../primitives/transaction.ts';
import type { BlockIndex } from './block-index.ts';
import type { IndexEntry } from './index-entry.ts';
import type { IndexRecord, StoreOp } from './store/store.ts';

/** An entry as the store keeps it. `header`: its 80 bytes. `changes` are fields that become true with this very write. */
export function recordOf(entry: IndexEntry, header: Uint8Array, changes: Partial<IndexRecord> = {}): IndexRecord {
  return {
    hash: entry.hash,
    height: entry.height,
    header,
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

/** Where the transactions of an active block are, for the transaction index. */
export function placesIn(block: Block, { hash, height }: IndexEntry): StoreOp[] {
  return block.transactions.map((transaction) => ({ op: 'transaction', id: transactionHashHex(transaction), place: { blockHash: hash, height } }));
}

/** Records of ancestors that the store does not have yet: a body far above the tip needs its headers to be found again. */
export function missingAncestorRecords(index: BlockIndex, entry: IndexEntry): StoreOp[] {
  const ops: StoreOp[] = [];
  for (let at = entry.parent; at?.parent !== undefined && !at.persisted; at = at.parent) {
    const header = index.headerBytes(at);
    if (header === undefined) throw new Error(`the header of ${at.hash} is neither stored nor in memory`);
    ops.push({ op: 'index', record: recordOf(at, header) });
  }
  return ops;
}

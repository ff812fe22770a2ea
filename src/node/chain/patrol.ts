/**
 * A slow walk over every stored record while the node runs. What opening does not read (old bodies, the height map under the pages, the
 * transaction index) could otherwise rot until somebody asks for it, and then no peer may have it any more.
 *
 * 1. Every record is read once and its checksum compared. A body is given up and fetched again; a height is written again from memory; a
 *    record of the block index, which memory has whole, makes the next start rebuild.
 * 2. (Only after damage to the transaction index.) The active bodies are read, and entries that differ are written again; what is still
 *    damaged then belongs to no active block and is removed, unless bodies of active blocks are missing.
 */
import { parseBlock } from '../consensus/rules.ts';
import type { BlockIndex } from './block-index.ts';
import type { IndexEntry } from './index-entry.ts';
import { placesIn } from './index-records.ts';
import { REINDEX_BLOCKS } from './limits.ts';
import { StoreError } from './store/errors.ts';
import type { DamagedRecord, Store, StoreOp } from './store/store.ts';

export interface PatrolReport {
  records: number;
  damaged: number;
  /** False when the node was closed before the walk was over. */
  complete: boolean;
}

export interface PatrolParts {
  readonly index: BlockIndex;
  readonly store: Store;
  readonly isOpen: () => boolean;
  /** Runs alone among the changes of the chain. */
  readonly alone: (task: () => Promise<void>) => Promise<void>;
  readonly readBody: (entry: IndexEntry) => Promise<Uint8Array | undefined>;
  readonly bodyLost: (entry: IndexEntry) => void;
  readonly tell: (level: 'info' | 'warning', code: string, message: string) => void;
}

/** @param pause resolves when the next part may be read */
export async function patrol(parts: PatrolParts, pause: () => Promise<void>): Promise<PatrolReport> {
  const report: PatrolReport = { records: 0, damaged: 0, complete: false };
  try {
    await walk(parts, pause, report);
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'closed')) throw error;
  }
  return report;
}

async function walk(parts: PatrolParts, pause: () => Promise<void>, report: PatrolReport): Promise<void> {
  let transactions = false;
  let index = false;
  for await (const part of parts.store.scanDamaged()) {
    if (!parts.isOpen()) return;
    report.records += part.read;
    report.damaged += part.damaged.length;
    for (const record of part.damaged) {
      if (record.kind === 'transaction') transactions = true;
      else if (record.kind === 'index') index = true;
      else await mend(parts, record);
    }
    await pause();
  }
  if (!parts.isOpen()) return;
  if (transactions && !(await reindexTransactions(parts, pause))) return;
  if (index) {
    await parts.store.markDamaged();
    parts.tell('warning', 'index-damaged', 'The block index is damaged on disk; it is rebuilt at the next start.');
  }
  report.complete = true;
}

async function mend(parts: PatrolParts, record: DamagedRecord): Promise<void> {
  const { index, store } = parts;
  if (record.kind === 'body') {
    const entry = record.hash === undefined ? undefined : index.get(record.hash);
    // It may have been put back since it was read.
    if (entry?.hasBlock === true && (await parts.readBody(entry)) === undefined) parts.bodyLost(entry);
    else if (entry === undefined) await parts.alone(() => store.dropRecords([record]));
    return;
  }
  await parts.alone(async () => {
    const { height } = record;
    const hash = height === undefined ? undefined : index.getActive(height)?.hash;
    if (record.kind === 'active' && height !== undefined && hash !== undefined) await store.write([{ op: 'active', height, hash }]);
    else await store.dropRecords([record]);
  });
  if (record.kind === 'active') parts.tell('info', 'store-repaired', `The height map was damaged on disk at block ${String(record.height ?? '')} and has been written again.`);
  else parts.tell('warning', 'record-damaged', 'A record about peers or this node was damaged on disk and has been removed.');
}

/** @returns false when the node was closed before the end */
async function reindexTransactions(parts: PatrolParts, pause: () => Promise<void>): Promise<boolean> {
  const { index, store } = parts;
  let whole = true;
  for (let from = 1; from <= index.tip.height; from += REINDEX_BLOCKS) {
    if (!parts.isOpen()) return false;
    await parts.alone(async () => {
      const ops: StoreOp[] = [];
      for (let height = from; height < from + REINDEX_BLOCKS && height <= index.tip.height; height++) {
        const places = await placesOf(parts, height);
        if (places === undefined) whole = false;
        else ops.push(...places);
      }
      if (ops.length > 0) await store.write(ops);
    });
    await pause();
  }
  if (!whole) {
    // What is still damaged may be of a block whose body is lost, which writes it again when it is back: "not there" would let it be repeated.
    parts.tell('info', 'store-repaired', 'The transaction index was damaged on disk and has been written again as far as blocks could be read; the rest follows with their new copies.');
    return true;
  }
  for await (const part of store.scanDamaged()) {
    if (!parts.isOpen()) return false;
    const rest = part.damaged.filter(({ kind }) => kind === 'transaction');
    if (rest.length > 0) await parts.alone(() => store.dropRecords(rest));
    await pause();
  }
  parts.tell('info', 'store-repaired', 'The transaction index was damaged on disk and has been written again.');
  return true;
}

/** Undefined when the body cannot be read. */
async function placesOf({ index, readBody }: PatrolParts, height: number): Promise<StoreOp[] | undefined> {
  const entry = index.getActive(height);
  const bytes = entry?.hasBlock === true ? await readBody(entry) : undefined;
  return entry === undefined || bytes === undefined ? undefined : placesIn(parseBlock(bytes), entry);
}

import type { HashHex } from '../../../shared/blocks.ts';

/** What the store keeps of one entry of the block index. */
export interface IndexRecord extends BodyState {
  readonly hash: HashHex;
  readonly height: number;
  /** The 80 bytes. */
  readonly header: Uint8Array;
}

/** The part of an index record that is not in the header. */
export interface BodyState {
  readonly hasBlock: boolean;
  readonly invalid: boolean;
  readonly mined: boolean;
  readonly sequence: number;
  readonly size: number;
  readonly transactionCount: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** Where a record of a block is. Keys begin with the height, so that an iterator brings parents before children. */
export interface BlockKey {
  readonly height: number;
  readonly hash: HashHex;
}

export interface TransactionPlace {
  readonly blockHash: HashHex;
  readonly height: number;
}

/** One step of an atomic write. */
export type StoreOp =
  | { readonly op: 'index'; readonly record: IndexRecord }
  | { readonly op: 'drop-index'; readonly key: BlockKey }
  /** These records, each the parent of the next one, become one page and are no records of their own any more. */
  | { readonly op: 'index-page'; readonly records: readonly IndexRecord[] }
  /** The page that begins at a height, with all that is in it. */
  | { readonly op: 'drop-page'; readonly height: number }
  | { readonly op: 'body'; readonly key: BlockKey; readonly bytes: Uint8Array }
  | { readonly op: 'drop-body'; readonly key: BlockKey }
  /** Block of the active chain at a height; undefined above its end. */
  | { readonly op: 'active'; readonly height: number; readonly hash: HashHex | undefined }
  | { readonly op: 'transaction'; readonly id: HashHex; readonly place: TransactionPlace | undefined }
  | { readonly op: 'tip'; readonly hash: HashHex };

/** `damaged`: a record is there and its checksum says no. */
export type BodyRead = { state: 'ok'; bytes: Uint8Array } | { state: 'missing' } | { state: 'damaged' };

/** A record of an iterator; `value` is undefined when its checksum says no. */
export interface Scanned<T> {
  readonly key: BlockKey;
  readonly value: T | undefined;
}

/** Records of consecutive heights as they lie in one value, each the parent of the next one. */
export interface PackedRecords {
  /** Of the first record. */
  readonly height: number;
  readonly count: number;
  /** Of the block below the first record. */
  readonly parentHash: HashHex;
  hash(i: number): HashHex;
  record(i: number): IndexRecord;
  /** Where record `i`, its header first, begins in `view`. */
  offset(i: number): number;
  /** Where its hash is (internal order). */
  hashAt(i: number): number;
  /** Where the hash of the block below the first record is. */
  readonly parentAt: number;
  readonly view: DataView;
}

/** What one step of reading the index brings: records, or a page, whose first height is `pageAt`; without the page itself it is damaged. */
export type ScannedIndex =
  | { readonly pageAt?: undefined; readonly records: readonly Scanned<IndexRecord>[] }
  | { readonly pageAt: number; readonly page: PackedRecords | undefined };

/** A record whose checksum says no. `index` is one of the block index, or a page of it; `small` a peer or metadata. */
export interface DamagedRecord {
  readonly kind: 'index' | 'body' | 'active' | 'transaction' | 'small';
  readonly key: Uint8Array;
  readonly height?: number;
  readonly hash?: HashHex;
}

export interface StoreOpenReport {
  /** The database was damaged and put together again: what is left must be checked against itself. */
  repaired: boolean;
  /** One sentence each. */
  messages: string[];
}

/**
 * Where blocks are kept. All calls reject with StoreError. A write is atomic, and on disk when it resolves; one that rejects
 * changed nothing that a later write could trip over.
 */
export interface Store {
  open(): Promise<StoreOpenReport>;
  close(): Promise<void>;
  write(ops: readonly StoreOp[]): Promise<void>;
  /** Ascending by height, but that a page comes before the records between its first height and its last: those are newer. */
  scanIndex(): AsyncIterable<ScannedIndex>;
  scanBodies(): AsyncIterable<Scanned<Uint8Array>[]>;
  /** From this height on, ascending. */
  scanActive(from: number): AsyncIterable<Scanned<HashHex>[]>;
  /** The headers (80 bytes) of stored index records; undefined where there is no record, or a damaged one. In order of height it is fastest. */
  readHeaders(keys: readonly BlockKey[]): Promise<(Uint8Array | undefined)[]>;
  tip(): Promise<HashHex | undefined>;
  readBody(key: BlockKey): Promise<BodyRead>;
  /**
   * Bodies of consecutive heights, read in one go: as many of the first as are there and whole; it stops once it has `maxBytes`. Rejects with
   * StoreError when the disk says no.
   */
  readBodies(keys: readonly BlockKey[], maxBytes: number): Promise<Uint8Array[]>;
  /** Rejects with `corrupt` when an entry is damaged: "not there" would let a block repeat a transaction that others know. */
  findTransactions(ids: readonly HashHex[]): Promise<(TransactionPlace | undefined)[]>;
  getMeta(key: string): Promise<Uint8Array | undefined>;
  putMeta(key: string, value: Uint8Array): Promise<void>;
  /** As `savePeers` was given them, to be checked by whoever reads them: the disk is an outside too. */
  loadPeers(): Promise<unknown[]>;
  /** Replaces all. JSON values; at most MAX_STORED_PEERS. */
  savePeers<T extends { address: string }>(records: readonly T[]): Promise<void>;
  removePeer(address: string): Promise<void>;
  bytesOnDisk(): Promise<number>;
  /** Reads every record: how many were read, and those of them that are damaged. Rejects with `corrupt` where it cannot read on. */
  scanDamaged(): AsyncIterable<{ readonly read: number; readonly damaged: readonly DamagedRecord[] }>;
  /** Removes damaged records. */
  dropRecords(records: readonly DamagedRecord[]): Promise<void>;
  /** The next opening rebuilds. */
  markDamaged(): Promise<void>;
  /** After a scan found the database damaged: saves what can be read into a new one; the old one is kept beside it. */
  repair(): Promise<StoreOpenReport>;
}

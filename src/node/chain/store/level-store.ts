import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HashHex } from '../../../shared/blocks.ts';
import { displayHash, HASH_BYTES, utf8Decode, utf8Encode } from '../../util/bytes.ts';
import { Mutex } from '../../util/mutex.ts';
import { BYTES_PER_READ, MAX_META_BYTES, MAX_PEER_RECORD_BYTES, MAX_STORED_PEERS, RECORDS_PER_READ } from '../limits.ts';
import { addSteps, addToBatch, del, put, type BatchOp, type BatchTarget } from './batch.ts';
import { isCorruption, StoreError, toStoreError, unusable } from './errors.ts';
import { readBodies } from './body-records.ts';
import { readHeaders } from './header-records.ts';
import { markInUse } from './in-use.ts';
import { checkSchemaFile, DATABASE_DIRECTORY, directoryBytes, finishExchange, isMarkedDamaged, markDamaged, prepareDirectory, writeSchemaFile } from './level-directory.ts';
import { checkContents, openDatabase, openOrRepair, recordOf, salvageDatabase, type DatabasePlace } from './level-opening.ts';
import { IndexPage } from './pages.ts';
import * as records from './records.ts';
import { blockKey, PREFIX, prefixRange, unseal, type Prefix } from './records.ts';
import type { Database } from './salvage.ts';
import { damagedRecord } from './small-records.ts';
import type { BlockKey, BodyRead, DamagedRecord, IndexRecord, Scanned, ScannedIndex, Store, StoreOp, StoreOpenReport, TransactionPlace } from './store.ts';

/**
 * The store on disk: a LevelDB database in `<dataDir>/chain`. Every write is one batch, synced before it resolves. Values carry
 * their own checksums, since LevelDB checks its own only while it recovers. docs/storage.md has the layout.
 */
export class LevelStore implements Store {
  readonly #place: DatabasePlace;
  readonly #writes = new Mutex();
  #db: Database | undefined;
  /** Which LOCK file is ours: another number under that name means that the directory was removed or exchanged. */
  #lockNumber: bigint | undefined;
  /**
   * A write failed. LevelDB's log may end in half a record, and what is appended to that would be lost at the next recovery;
   * so the database is opened anew, which recovers the log, before anything else is written.
   */
  #stale = false;
  #reopening: Promise<void> | undefined;
  #closed = true;

  constructor(options: { dataDir: string; genesisHash: HashHex }) {
    this.#place = { ...options, path: resolve(options.dataDir, DATABASE_DIRECTORY) };
  }

  async open(): Promise<StoreOpenReport> {
    const report: StoreOpenReport = { repaired: false, messages: [] };
    try {
      await prepareDirectory(this.#place.dataDir);
      const schemaDamage = await checkSchemaFile(this.#place.dataDir);
      if (schemaDamage !== undefined) report.messages.push(schemaDamage);
      await finishExchange(this.#place.dataDir);
      this.#db = await openOrRepair(this.#place, report);
      if (await isMarkedDamaged(this.#place.dataDir)) await this.#salvage(report);
      await checkContents(this.#place, this.#opened(), report).catch(async (error: unknown) => {
        if (!isCorruption(error)) throw error;
        await this.#salvage(report);
        await checkContents(this.#place, this.#opened(), report);
      });
      await writeSchemaFile(this.#place.dataDir);
      this.#lockNumber = await this.#readLockNumber();
    } catch (error) {
      await this.#db?.close().catch(() => undefined);
      this.#db = undefined;
      throw toStoreError(error, this.#place.dataDir);
    }
    this.#stale = false;
    this.#closed = false;
    markInUse(this.#place.path, true);
    return report;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writes.run(async () => {
      await this.#db?.close().catch(() => undefined);
      this.#db = undefined;
      markInUse(this.#place.path, false);
    });
  }

  write(ops: readonly StoreOp[]): Promise<void> {
    return this.#commit((batch) => addToBatch(batch, ops));
  }

  async *scanIndex(): AsyncGenerator<ScannedIndex> {
    const singles = this.#scanBlocks(PREFIX.index, (key, value) => records.decodeIndexRecord(key, value));
    const waiting: Scanned<IndexRecord>[] = [];
    let more = true;
    for await (const batch of this.#scan(PREFIX.page)) {
      for (const [key, sealed] of batch) {
        if (key.length !== 5) continue;
        const page = records.readHeight(key);
        while (more && (waiting.at(-1)?.key.height ?? 0) < page) {
          const next = await singles.next();
          if (next.done === true) more = false;
          else waiting.push(...next.value);
        }
        const from = waiting.findIndex((single) => single.key.height >= page);
        const below = waiting.splice(0, from < 0 ? waiting.length : from);
        if (below.length > 0) yield { records: below };
        const value = unseal(key, sealed);
        yield { pageAt: page, page: value === undefined ? undefined : IndexPage.decode(page, value) };
      }
    }
    if (waiting.length > 0) yield { records: waiting };
    for await (const batch of singles) yield { records: batch };
  }

  async *scanBodies(): AsyncGenerator<Scanned<Uint8Array>[]> {
    yield* this.#scanBlocks(PREFIX.body, (_key, value) => value);
  }

  async *scanActive(from: number): AsyncGenerator<Scanned<HashHex>[]> {
    for await (const batch of this.#scan(PREFIX.active, records.activeKey(from))) {
      yield batch
        .filter(([key]) => key.length === 5)
        .map(([key, sealed]) => {
          const value = unseal(key, sealed);
          const hash = value?.length === HASH_BYTES ? displayHash(value) : undefined;
          return { key: { height: records.readHeight(key), hash: hash ?? '' }, value: hash };
        });
    }
  }

  readHeaders(keys: readonly BlockKey[]): Promise<(Uint8Array | undefined)[]> {
    return this.#read((db) => readHeaders(db, keys));
  }

  async tip(): Promise<HashHex | undefined> {
    const value = await this.#get(records.TIP_KEY);
    return value?.length === HASH_BYTES ? displayHash(value) : undefined;
  }

  async readBody(at: BlockKey): Promise<BodyRead> {
    const key = blockKey(PREFIX.body, at);
    await this.#reopening;
    try {
      const sealed = await this.#opened().get(key);
      if (sealed === undefined) return { state: 'missing' };
      const bytes = unseal(key, sealed);
      // Node's Buffer shares and slices differently; nothing above knows of it.
      return bytes === undefined ? { state: 'damaged' } : { state: 'ok', bytes: new Uint8Array(bytes) };
    } catch (error) {
      if (isCorruption(error)) return { state: 'damaged' };
      throw toStoreError(error, this.#place.dataDir);
    }
  }

  readBodies(keys: readonly BlockKey[], maxBytes: number): Promise<Uint8Array[]> {
    return this.#read((db) => readBodies(db, keys, maxBytes));
  }

  async findTransactions(ids: readonly HashHex[]): Promise<(TransactionPlace | undefined)[]> {
    const keys = ids.map(records.transactionKey);
    const values = await this.#read((db) => db.getMany(keys));
    return values.map((sealed, i) => {
      if (sealed === undefined) return undefined;
      const value = unseal(keys[i] as Uint8Array, sealed);
      if (value === undefined) throw new StoreError('corrupt', `The transaction index in ${this.#place.dataDir} is damaged; it is mended while the node runs, or at the next start.`);
      return records.decodePlace(value);
    });
  }

  async getMeta(key: string): Promise<Uint8Array | undefined> {
    return this.#get(records.metaKey(`user:${key}`));
  }

  async putMeta(key: string, value: Uint8Array): Promise<void> {
    if (value.length > MAX_META_BYTES) throw new RangeError(`metadata ${key} has ${value.length} bytes, at most ${MAX_META_BYTES} allowed`);
    await this.#commitSteps([put(records.metaKey(`user:${key}`), value)]);
  }

  async loadPeers(): Promise<unknown[]> {
    const peers: unknown[] = [];
    for await (const batch of this.#scan(PREFIX.peer)) {
      for (const [key, sealed] of batch) {
        const value = unseal(key, sealed);
        if (value === undefined || peers.length >= MAX_STORED_PEERS) continue;
        try {
          peers.push(JSON.parse(utf8Decode(value)));
        } catch {
          // A record that is no JSON is a peer forgotten, nothing worse.
        }
      }
    }
    return peers;
  }

  async savePeers<T extends { address: string }>(peers: readonly T[]): Promise<void> {
    if (peers.length > MAX_STORED_PEERS) throw new RangeError(`${peers.length} peers, at most ${MAX_STORED_PEERS} are kept`);
    const batch = peers.map((peer) => {
      const value = utf8Encode(JSON.stringify(peer));
      if (value.length > MAX_PEER_RECORD_BYTES) throw new RangeError(`the record of peer ${peer.address} has ${value.length} bytes, at most ${MAX_PEER_RECORD_BYTES} allowed`);
      return put(records.peerKey(peer.address), value);
    });
    const kept = new Set(peers.map((peer) => peer.address));
    const gone: BatchOp[] = [];
    for await (const found of this.#scan(PREFIX.peer)) {
      for (const [key] of found) if (!kept.has(addressOf(key))) gone.push(del(key.slice()));
    }
    await this.#commitSteps([...gone, ...batch]);
  }

  async removePeer(address: string): Promise<void> {
    await this.#commitSteps([del(records.peerKey(address))]);
  }

  bytesOnDisk(): Promise<number> {
    return directoryBytes(this.#place.path).catch((error: unknown) => {
      throw toStoreError(error, this.#place.dataDir);
    });
  }

  async *scanDamaged(): AsyncGenerator<{ read: number; damaged: DamagedRecord[] }> {
    for await (const batch of this.#scanRange({})) {
      yield { read: batch.length, damaged: batch.filter(([key, sealed]) => unseal(key, sealed) === undefined).map(([key]) => damagedRecord(key)) };
    }
  }

  async dropRecords(damaged: readonly DamagedRecord[]): Promise<void> {
    await this.#commitSteps(damaged.map(({ key }) => del(key)));
  }

  async markDamaged(): Promise<void> {
    await markDamaged(this.#place.dataDir, true).catch((error: unknown) => {
      throw toStoreError(error, this.#place.dataDir);
    });
  }

  async repair(): Promise<StoreOpenReport> {
    const report: StoreOpenReport = { repaired: false, messages: [] };
    try {
      await this.#salvage(report);
      await checkContents(this.#place, this.#opened(), report);
      this.#stale = false;
      this.#lockNumber = await this.#readLockNumber();
    } catch (error) {
      throw toStoreError(error, this.#place.dataDir);
    }
    return report;
  }

  async #salvage(report: StoreOpenReport): Promise<void> {
    this.#db = await salvageDatabase(this.#place, this.#opened(), report);
  }

  #opened(): Database {
    if (this.#db === undefined) throw new StoreError('closed', 'The database is closed; open the node again.');
    return this.#db;
  }

  #commitSteps(steps: readonly BatchOp[]): Promise<void> {
    return this.#commit((batch) => addSteps(batch, steps));
  }

  /** `fill` adds the steps: the chained form of a batch takes them three times as fast as the array form (docs/performance.md). */
  #commit(fill: (batch: BatchTarget) => Iterable<void>): Promise<void> {
    return this.#writes.run(async () => {
      try {
        this.#opened();
        await this.#checkPlace();
        if (this.#stale) await this.#reopen();
        const batch = await this.#fill(fill);
        await batch.write({ sync: true });
      } catch (error) {
        // A step that cannot be written down: nothing has reached the database.
        if (error instanceof RangeError) throw error;
        const failure = await this.#failure(error);
        if (failure.code !== 'closed') this.#stale = true;
        throw failure;
      }
      // A directory that was removed meanwhile took the batch with it, though LevelDB saw no error.
      await this.#checkPlace();
    });
  }

  async #fill(fill: (batch: BatchTarget) => Iterable<void>): Promise<ReturnType<Database['batch']>> {
    const batch = this.#opened().batch();
    try {
      for (const _pause of fill(batch)) await new Promise(setImmediate);
      return batch;
    } catch (error) {
      void batch.close();
      throw error;
    }
  }

  async #readLockNumber(): Promise<bigint | undefined> {
    return (await stat(join(this.#place.path, 'LOCK'), { bigint: true })).ino;
  }

  async #checkPlace(): Promise<void> {
    let number: bigint | undefined;
    try {
      number = await this.#readLockNumber();
    } catch (error) {
      throw toStoreError(error, this.#place.dataDir);
    }
    if (number !== this.#lockNumber) throw unusable(this.#place.dataDir, 'it was removed or exchanged while it was in use');
  }

  async #reopen(): Promise<void> {
    const task = (async () => {
      await this.#opened().close();
      this.#db = await openDatabase(this.#place.path, false);
      this.#stale = false;
    })();
    this.#reopening = task.catch(() => undefined);
    try {
      await task;
    } finally {
      this.#reopening = undefined;
    }
  }

  async #read<T>(task: (db: Database) => Promise<T>): Promise<T> {
    await this.#reopening;
    try {
      return await task(this.#opened());
    } catch (error) {
      throw await this.#failure(error);
    }
  }

  /** Damage that was met while the node runs is repaired at the next start: nothing else would look there. */
  async #failure(error: unknown): Promise<StoreError> {
    const failure = toStoreError(error, this.#place.dataDir);
    if (failure.code === 'corrupt') await markDamaged(this.#place.dataDir, true).catch(() => undefined);
    return failure;
  }

  #get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#read((db) => recordOf(db, key));
  }

  /** Batches come from a thread of the pool; the event loop turns between them. */
  async *#scan(prefix: Prefix, from?: Uint8Array): AsyncGenerator<[Uint8Array, Uint8Array][]> {
    const range = prefixRange(prefix);
    yield* this.#scanRange({ ...range, ...(from === undefined ? {} : { gte: from }) });
  }

  /** Goes on behind the last key when the database is opened anew meanwhile. */
  async *#scanRange(range: { gte?: Uint8Array; gt?: Uint8Array; lt?: Uint8Array }): AsyncGenerator<[Uint8Array, Uint8Array][]> {
    let from = range;
    for (;;) {
      await this.#reopening;
      const db = this.#opened();
      const iterator = db.iterator({ ...from, highWaterMarkBytes: BYTES_PER_READ, fillCache: false });
      try {
        for (;;) {
          const entries = await iterator.nextv(RECORDS_PER_READ);
          const last = entries.at(-1);
          if (last === undefined) return;
          const { gte: _first, ...rest } = from;
          from = { ...rest, gt: last[0].slice() };
          yield entries;
        }
      } catch (error) {
        if (db === this.#db && this.#reopening === undefined) throw toStoreError(error, this.#place.dataDir);
      } finally {
        await iterator.close().catch(() => undefined);
      }
    }
  }

  async *#scanBlocks<T>(prefix: Prefix, decode: (key: BlockKey, value: Uint8Array) => T | undefined): AsyncGenerator<Scanned<T>[]> {
    for await (const batch of this.#scan(prefix)) {
      const scanned: Scanned<T>[] = [];
      for (const [keyBytes, sealed] of batch) {
        const key = records.readBlockKey(keyBytes);
        if (key === undefined) continue;
        const value = unseal(keyBytes, sealed);
        scanned.push({ key, value: value === undefined ? undefined : decode(key, new Uint8Array(value)) });
      }
      yield scanned;
    }
  }
}

function addressOf(key: Uint8Array): string {
  try {
    return utf8Decode(key.subarray(1));
  } catch {
    return '';
  }
}

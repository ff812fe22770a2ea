import type { HashHex } from '../../../shared/blocks.ts';
import { RECORDS_PER_READ } from '../limits.ts';
import type { BlockKey, BodyRead, DamagedRecord, IndexRecord, Scanned, ScannedIndex, Store, StoreOp, StoreOpenReport, TransactionPlace } from './store.ts';

/**
 * The same store in memory, for simulations with many nodes. Data outlives `close`, so that a node can be started again on the
 * same object. Never used when a data directory cannot be opened: that is an error the user hears of.
 */
export class MemoryStore implements Store {
  readonly #index = new Map<HashHex, IndexRecord>();
  readonly #bodies = new Map<HashHex, { key: BlockKey; bytes: Uint8Array }>();
  readonly #active = new Map<number, HashHex>();
  readonly #transactions = new Map<HashHex, TransactionPlace>();
  readonly #meta = new Map<string, Uint8Array>();
  readonly #peers = new Map<string, string>();
  #tip: HashHex | undefined;

  open(): Promise<StoreOpenReport> {
    return Promise.resolve({ repaired: false, messages: [] });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  write(ops: readonly StoreOp[]): Promise<void> {
    for (const op of ops) this.#apply(op);
    return Promise.resolve();
  }

  /** Bytes of a body as they are kept: a copy, since the caller may go on writing into its own. */
  protected keep(bytes: Uint8Array, _hash: HashHex): Uint8Array {
    return bytes.slice();
  }

  /** The same for a header, which may be a view of a whole block, or of what a socket brought. */
  protected keepHeader(bytes: Uint8Array, _hash: HashHex): Uint8Array {
    return bytes.slice();
  }

  #apply(op: StoreOp): void {
    switch (op.op) {
      case 'index':
        this.#index.set(op.record.hash, { ...op.record, header: this.keepHeader(op.record.header, op.record.hash) });
        break;
      case 'drop-index':
        this.#index.delete(op.key.hash);
        break;
      case 'index-page':
      case 'drop-page':
        // Records in memory gain nothing from being packed: they are where they were.
        break;
      case 'body':
        this.#bodies.set(op.key.hash, { key: { height: op.key.height, hash: op.key.hash }, bytes: this.keep(op.bytes, op.key.hash) });
        break;
      case 'drop-body':
        this.#bodies.delete(op.key.hash);
        break;
      case 'active':
        if (op.hash === undefined) this.#active.delete(op.height);
        else this.#active.set(op.height, op.hash);
        break;
      case 'transaction':
        if (op.place === undefined) this.#transactions.delete(op.id);
        else this.#transactions.set(op.id, op.place);
        break;
      case 'tip':
        this.#tip = op.hash;
        break;
    }
  }

  async *scanIndex(): AsyncGenerator<ScannedIndex> {
    const all = [...this.#index.values()].sort((a, b) => a.height - b.height);
    for (const records of slices(all.map((value) => ({ key: { height: value.height, hash: value.hash }, value })))) yield { records };
  }

  async *scanBodies(): AsyncGenerator<Scanned<Uint8Array>[]> {
    const all = [...this.#bodies.values()].sort((a, b) => a.key.height - b.key.height);
    yield* slices(all.map(({ key, bytes }) => ({ key, value: bytes.slice() })));
  }

  async *scanActive(from: number): AsyncGenerator<Scanned<HashHex>[]> {
    const all = [...this.#active].filter(([height]) => height >= from).sort(([a], [b]) => a - b);
    yield* slices(all.map(([height, hash]) => ({ key: { height, hash }, value: hash })));
  }

  readHeaders(keys: readonly BlockKey[]): Promise<(Uint8Array | undefined)[]> {
    return Promise.resolve(keys.map(({ hash }) => this.#index.get(hash)?.header));
  }

  tip(): Promise<HashHex | undefined> {
    return Promise.resolve(this.#tip);
  }

  readBody(key: BlockKey): Promise<BodyRead> {
    const found = this.#bodies.get(key.hash);
    return Promise.resolve(found === undefined ? { state: 'missing' } : { state: 'ok', bytes: found.bytes.slice() });
  }

  findTransactions(ids: readonly HashHex[]): Promise<(TransactionPlace | undefined)[]> {
    return Promise.resolve(ids.map((id) => this.#transactions.get(id)));
  }

  getMeta(key: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#meta.get(key)?.slice());
  }

  putMeta(key: string, value: Uint8Array): Promise<void> {
    this.#meta.set(key, value.slice());
    return Promise.resolve();
  }

  loadPeers(): Promise<unknown[]> {
    return Promise.resolve([...this.#peers.values()].map((text) => JSON.parse(text) as unknown));
  }

  savePeers<T extends { address: string }>(records: readonly T[]): Promise<void> {
    this.#peers.clear();
    for (const record of records) this.#peers.set(record.address, JSON.stringify(record));
    return Promise.resolve();
  }

  removePeer(address: string): Promise<void> {
    this.#peers.delete(address);
    return Promise.resolve();
  }

  bytesOnDisk(): Promise<number> {
    let sum = 0;
    for (const { bytes } of this.#bodies.values()) sum += bytes.length;
    return Promise.resolve(sum);
  }

  async *scanDamaged(): AsyncGenerator<{ read: number; damaged: DamagedRecord[] }> {
    // Memory does not rot.
  }

  dropRecords(): Promise<void> {
    return Promise.resolve();
  }

  markDamaged(): Promise<void> {
    return Promise.resolve();
  }

  repair(): Promise<StoreOpenReport> {
    return Promise.resolve({ repaired: false, messages: [] });
  }
}

function* slices<T>(all: readonly T[]): Generator<T[]> {
  for (let i = 0; i < all.length; i += RECORDS_PER_READ) yield all.slice(i, i + RECORDS_PER_READ);
}

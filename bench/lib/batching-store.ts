import { LevelStore } from '../../src/node/chain/store/level-store.ts';
import type { BlockKey, BodyRead, StoreOp, TransactionPlace } from '../../src/node/chain/store/store.ts';

/** Blocks whose writes become one batch. */
const OPS_PER_BATCH = 4_000;

/**
 * A LevelStore that syncs the disk once for many blocks. What the chain believes to be on disk is not there until `flush`: good
 * enough for making a chain to measure with, which is thrown away when the process dies, and for nothing else.
 */
export class BatchingStore extends LevelStore {
  #ops: StoreOp[] = [];
  #writing: Promise<void> = Promise.resolve();

  /** Resolves when the batch is full and the one before it is on disk. */
  override async write(ops: readonly StoreOp[]): Promise<void> {
    for (const op of ops) this.#ops.push(op);
    if (this.#ops.length < OPS_PER_BATCH) return;
    const batch = this.#ops;
    this.#ops = [];
    await this.#writing;
    this.#writing = super.write(batch);
    // Whoever writes next hears of a failure.
    this.#writing.catch(() => undefined);
  }

  async flush(): Promise<void> {
    const batch = this.#ops;
    this.#ops = [];
    await this.#writing;
    if (batch.length > 0) await super.write(batch);
  }

  override async readBody(at: BlockKey): Promise<BodyRead> {
    await this.flush();
    return super.readBody(at);
  }

  override async readBodies(keys: readonly BlockKey[], maxBytes: number): Promise<Uint8Array[]> {
    await this.flush();
    return super.readBodies(keys, maxBytes);
  }

  override async findTransactions(ids: readonly string[]): Promise<(TransactionPlace | undefined)[]> {
    await this.flush();
    return super.findTransactions(ids);
  }

  override async close(): Promise<void> {
    await this.flush();
    await super.close();
  }
}

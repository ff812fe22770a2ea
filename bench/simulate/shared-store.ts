/** A store in memory for each of many nodes: what all of them keep alike is kept once. */
import { MemoryStore } from '../../src/node/chain/store/memory-store.ts';
import type { StoreOp } from '../../src/node/chain/store/store.ts';

/** Bytes that many nodes hold: the first ones that came, for all of them. */
export class SharedBytes {
  readonly #byHash = new Map<string, Uint8Array>();

  intern(hash: string, bytes: Uint8Array): Uint8Array {
    const known = this.#byHash.get(hash);
    if (known?.length === bytes.length && known.every((byte, i) => byte === bytes[i])) return known;
    const own = bytes.slice();
    if (known === undefined) this.#byHash.set(hash, own);
    return own;
  }
}

/** MemoryStore, its bodies and headers shared with the other nodes of the process. */
export class SharedStore extends MemoryStore {
  readonly #bodies: SharedBytes;
  readonly #headers: SharedBytes;

  constructor(shared: { bodies: SharedBytes; headers: SharedBytes }) {
    super();
    this.#bodies = shared.bodies;
    this.#headers = shared.headers;
  }

  protected override keep(bytes: Uint8Array, hash: string): Uint8Array {
    return this.#bodies.intern(hash, bytes);
  }

  override write(ops: readonly StoreOp[]): Promise<void> {
    return super.write(
      ops.map((op) => (op.op === 'index' ? { ...op, record: { ...op.record, header: this.#headers.intern(op.record.hash, op.record.header) } } : op)),
    );
  }
}

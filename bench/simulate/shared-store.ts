/** A store in memory for each of many nodes: what all of them keep alike is kept once. */
import { MemoryStore } from '../../src/node/chain/store/memory-store.ts';
import type { StoreOp } from '../../src/node/chain/store/store.ts';

/** Bytes and hashes that many nodes hold: the first ones that came, for all of them. */
export class SharedBytes {
  readonly #byHash = new Map<string, { hash: string; bytes: Uint8Array }>();

  intern(hash: string, bytes: Uint8Array): Uint8Array {
    const known = this.#byHash.get(hash)?.bytes;
    if (known?.length === bytes.length && known.every((byte, i) => byte === bytes[i])) return known;
    const own = bytes.slice();
    if (known === undefined) this.#byHash.set(hash, { hash, bytes: own });
    return own;
  }

  /** The same text; the one object for all when its bytes are known. */
  text(hash: string): string {
    return this.#byHash.get(hash)?.hash ?? hash;
  }
}

/** MemoryStore, its bodies, headers and hashes shared with the other nodes of the process. */
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

  protected override keepHeader(bytes: Uint8Array, hash: string): Uint8Array {
    return this.#headers.intern(hash, bytes);
  }

  override write(ops: readonly StoreOp[]): Promise<void> {
    return super.write(ops.map((op) => this.#shared(op)));
  }

  #shared(op: StoreOp): StoreOp {
    const text = (hash: string): string => this.#headers.text(hash);
    switch (op.op) {
      case 'index': {
        const header = this.#headers.intern(op.record.hash, op.record.header);
        return { op: 'index', record: { ...op.record, hash: text(op.record.hash), header } };
      }
      case 'body':
        return { ...op, key: { ...op.key, hash: text(op.key.hash) } };
      case 'active':
        return op.hash === undefined ? op : { ...op, hash: text(op.hash) };
      case 'transaction':
        return op.place === undefined ? op : { ...op, place: { ...op.place, blockHash: text(op.place.blockHash) } };
      default:
        return op;
    }
  }
}

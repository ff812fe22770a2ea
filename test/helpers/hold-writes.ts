import type { Store } from '../../src/node/chain/store/store.ts';

/** From now on every write waits, as on a disk that is slow, until the function that this returns is called. */
export function holdWrites(store: Store): () => void {
  let open: () => void = () => undefined;
  const room = new Promise<void>((resolve) => (open = resolve));
  const { write } = store;
  store.write = async (ops) => {
    await room;
    return write.call(store, ops);
  };
  return open;
}

import { nameFor } from './names.ts';
import { toHex } from './util/bytes.ts';
import type { Random } from './util/random.ts';

const NODE_ID_BYTES = 16;
const KEY = 'node-id';

export interface Identity {
  /** 16 bytes, kept for the life of the data directory. */
  nodeId: Uint8Array;
  nodeIdHex: string;
  name: string;
}

/** The part of the store that keeps small records. */
export interface MetaStore {
  getMeta(key: string): Promise<Uint8Array | undefined>;
  putMeta(key: string, value: Uint8Array): Promise<void>;
}

/** Who this node is: drawn at random on the first start, read from disk afterwards. A name from the settings goes before the one of the id. */
export async function openIdentity(store: MetaStore, random: Random, settingsName: string | undefined): Promise<Identity> {
  const stored = await store.getMeta(KEY);
  const nodeId = stored?.length === NODE_ID_BYTES ? new Uint8Array(stored) : random.bytes(NODE_ID_BYTES);
  if (stored?.length !== NODE_ID_BYTES) await store.putMeta(KEY, nodeId);
  return { nodeId, nodeIdHex: toHex(nodeId), name: settingsName ?? nameFor(nodeId) };
}

import { HEADER_BYTES } from '../primitives/header.ts';
import { displayHash } from '../util/bytes.ts';
import { hash256 } from '../util/hash.ts';
import type { BlockIndex } from './block-index.ts';
import type { IndexEntry } from './index-entry.ts';
import { recordOf } from './index-records.ts';
import type { IndexRecord, Store } from './store/store.ts';

/**
 * The headers (80 bytes) of entries, in their order: from memory, from the index records, or, where a record cannot be read or moved
 * meanwhile, from the body. undefined where there is neither. Rejects with StoreError.
 */
export async function readHeaders(index: BlockIndex, store: Store, entries: readonly IndexEntry[]): Promise<(Uint8Array | undefined)[]> {
  const headers = entries.map((entry) => index.headerBytes(entry));
  const missing = entries.filter((_, i) => headers[i] === undefined);
  if (missing.length === 0) return headers;
  const stored = await store.readHeaders(missing);
  let next = 0;
  for (const [i, entry] of entries.entries()) {
    if (headers[i] !== undefined) continue;
    headers[i] = stored[next++] ?? (await fromBody(store, entry));
  }
  return headers;
}

async function fromBody(store: Store, entry: IndexEntry): Promise<Uint8Array | undefined> {
  const read = await store.readBody(entry);
  if (read.state !== 'ok' || read.bytes.length < HEADER_BYTES) return undefined;
  const header = read.bytes.slice(0, HEADER_BYTES);
  return displayHash(hash256(header)) === entry.hash ? header : undefined;
}

/** Entries as the store keeps them, but those whose header cannot be read any more: opening finds what is left of them. */
export async function recordsOf(index: BlockIndex, store: Store, entries: readonly IndexEntry[]): Promise<IndexRecord[]> {
  const headers = await readHeaders(index, store, entries);
  return entries.flatMap((entry, i) => {
    const header = headers[i];
    return header === undefined ? [] : [recordOf(entry, header)];
  });
}

import { HEADER_BYTES } from '../../primitives/header.ts';
import { BYTES_PER_READ, PAGE_RECORDS } from '../limits.ts';
import { IndexPage, pageKey } from './pages.ts';
import { blockKey, INDEX_RECORD_BYTES, PREFIX, prefixRange, readHeight, unseal } from './records.ts';
import type { Database } from './salvage.ts';
import type { BlockKey } from './store.ts';

/** Pages between two headers that are read and dropped rather than looked up anew. */
const PAGES_SKIPPED = 2;

/** The headers of these blocks from pages, and from records of their own; undefined where there is none, or a damaged one. */
export async function readHeaders(db: Database, keys: readonly BlockKey[]): Promise<(Uint8Array | undefined)[]> {
  const found = new Map<BlockKey, Uint8Array>();
  await fromPages(db, [...keys].sort((a, b) => a.height - b.height), found);
  const rest = keys.filter((key) => !found.has(key));
  const places = rest.map((key) => blockKey(PREFIX.index, key));
  const values = rest.length === 0 ? [] : await db.getMany(places);
  for (const [i, key] of rest.entries()) {
    const sealed = values[i];
    const value = sealed === undefined ? undefined : unseal(places[i] as Uint8Array, sealed);
    if (value?.length === INDEX_RECORD_BYTES) found.set(key, new Uint8Array(value.subarray(0, HEADER_BYTES)));
  }
  return keys.map((key) => found.get(key));
}

/** `keys` ascending by height. */
async function fromPages(db: Database, keys: readonly BlockKey[], found: Map<BlockKey, Uint8Array>): Promise<void> {
  for (let next = 0; next < keys.length; ) {
    const [first] = await db.keys({ gte: Uint8Array.of(PREFIX.page), lte: pageKey(keys[next]?.height ?? 0), reverse: true, limit: 1 }).all();
    const begun = next;
    const iterator = db.iterator({ ...prefixRange(PREFIX.page), ...(first === undefined ? {} : { gte: first }), highWaterMarkBytes: BYTES_PER_READ, fillCache: false });
    try {
      for (;;) {
        // Pages that are far apart would be read for nothing, so one at a time.
        const [entry] = await iterator.nextv(1);
        // Above the last page there are only single records.
        if (entry === undefined) return;
        const value = unseal(entry[0], entry[1]);
        const page = value === undefined ? undefined : IndexPage.decode(readHeight(entry[0]), value);
        if (page === undefined) continue;
        const end = page.height + page.count;
        for (let key = keys[next]; key !== undefined && key.height < end; key = keys[++next]) {
          const i = key.height - page.height;
          if (i >= 0 && page.hash(i) === key.hash) found.set(key, page.header(i).slice());
        }
        const height = keys[next]?.height;
        if (height === undefined) return;
        if (next > begun && height >= end + PAGES_SKIPPED * PAGE_RECORDS) break;
      }
    } finally {
      await iterator.close();
    }
  }
}

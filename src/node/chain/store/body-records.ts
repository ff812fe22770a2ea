import { displayHash } from '../../util/bytes.ts';
import { BYTES_PER_READ, RECORDS_PER_READ } from '../limits.ts';
import { blockKey, PREFIX, prefixRange, unseal } from './records.ts';
import type { Database } from './salvage.ts';
import type { BlockKey } from './store.ts';

/**
 * Bodies of consecutive heights. They lie one behind the other, so one iterator brings a hundred of them in the time of two look-ups. Ends
 * before the first that is missing or damaged, and once it has `maxBytes`.
 */
export async function readBodies(db: Database, keys: readonly BlockKey[], maxBytes: number): Promise<Uint8Array[]> {
  const [first] = keys;
  if (first === undefined) return [];
  const bodies: Uint8Array[] = [];
  let bytes = 0;
  const range = { ...prefixRange(PREFIX.body), gte: blockKey(PREFIX.body, first) };
  const iterator = db.iterator({ ...range, highWaterMarkBytes: Math.min(BYTES_PER_READ, maxBytes), fillCache: false });
  try {
    while (bodies.length < keys.length && bytes < maxBytes) {
      const entries = await iterator.nextv(Math.min(RECORDS_PER_READ, keys.length - bodies.length));
      if (entries.length === 0) return bodies;
      for (const [keyBytes, sealed] of entries) {
        const wanted = keys[bodies.length];
        if (wanted === undefined || bytes >= maxBytes) return bodies;
        const order = compare(keyBytes, wanted);
        // A block of a side branch at the same height comes before or behind.
        if (order < 0) continue;
        const body = order > 0 ? undefined : unseal(keyBytes, sealed);
        if (body === undefined) return bodies;
        bytes += body.length;
        bodies.push(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
      }
    }
    return bodies;
  } finally {
    await iterator.close();
  }
}

/** Below 0 when a key of a body comes before that of `wanted`. */
function compare(key: Uint8Array, wanted: BlockKey): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  if (key.length !== 37 || view.getUint32(1) !== wanted.height) return view.getUint32(1) - wanted.height;
  return displayHash(key.subarray(5)) === wanted.hash ? 0 : Buffer.compare(key, blockKey(PREFIX.body, wanted));
}

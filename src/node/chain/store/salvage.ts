import type { ClassicLevel } from 'classic-level';
import { BYTES_PER_READ, RECORDS_PER_READ } from '../limits.ts';
import { isCorruption } from './errors.ts';
import { unseal } from './records.ts';

export type Database = ClassicLevel<Uint8Array, Uint8Array>;

/**
 * Copies every record that can still be read, and whose checksum is right, from a damaged database into an empty one. LevelDB's own
 * repair keeps tables with broken keys in them, at which iterators stop for ever; this goes around them.
 */
export async function salvage(from: Database, to: Database): Promise<void> {
  // A batch in which LevelDB meets damage is lost as a whole; so the first one is the last one read in bulk. Behind it an iterator
  // skips what it cannot read, and says so only at its end.
  const last = await copy(from, to, undefined, RECORDS_PER_READ);
  if (last !== 'all') await copy(from, to, last.after, 1);
}

/** Returns where it met damage, unless everything was read. */
async function copy(
  from: Database,
  to: Database,
  after: Uint8Array | undefined,
  size: number,
): Promise<'all' | { after: Uint8Array | undefined }> {
  const iterator = from.iterator({ highWaterMarkBytes: BYTES_PER_READ, fillCache: false, ...(after === undefined ? {} : { gt: after }) });
  let key = after;
  let pending: { type: 'put'; key: Uint8Array; value: Uint8Array }[] = [];
  const flush = async (): Promise<void> => {
    const batch = pending;
    pending = [];
    if (batch.length > 0) await to.batch(batch, { sync: true });
  };
  try {
    for (;;) {
      const entries = await iterator.nextv(size);
      if (entries.length === 0) return 'all';
      for (const [found, value] of entries) {
        key = found;
        if (unseal(found, value) !== undefined) pending.push({ type: 'put', key: found, value });
      }
      if (pending.length >= RECORDS_PER_READ) await flush();
    }
  } catch (error) {
    if (isCorruption(error)) return { after: key };
    throw error;
  } finally {
    await iterator.close().catch(() => undefined);
    await flush();
  }
}

import { RECORDS_PER_READ } from '../limits.ts';
import { GENESIS_KEY, metaKey, PREFIX, prefixRange, readBlockKey, readHeight, SCHEMA_KEY, TIP_KEY, unseal } from './records.ts';
import type { Database } from './salvage.ts';
import type { DamagedRecord } from './store.ts';

/** What a key belongs to. */
export function damagedRecord(key: Uint8Array): DamagedRecord {
  const own = key.slice();
  switch (key[0]) {
    case PREFIX.body:
      return { kind: 'body', key: own, ...readBlockKey(key) };
    case PREFIX.active:
      return { kind: 'active', key: own, ...(key.length < 5 ? {} : { height: readHeight(key) }) };
    case PREFIX.transaction:
      return { kind: 'transaction', key: own };
    case PREFIX.index:
    case PREFIX.page:
      return { kind: 'index', key: own };
    default:
      return isOwn(key) ? { kind: 'index', key: own } : { kind: 'small', key: own };
  }
}

const OWN = [TIP_KEY, SCHEMA_KEY, GENESIS_KEY];

/** Records without which the database cannot be told: opening writes them again. */
function isOwn(key: Uint8Array): boolean {
  return OWN.some((own) => Buffer.compare(own, key) === 0);
}

/**
 * Removes damaged records of peers and metadata, and says so in sentences: nothing can bring them back but the neighbours, who tell of
 * other nodes again, and chance, which draws a new node id.
 */
export async function dropDamagedSmall(db: Database): Promise<string[]> {
  const messages: string[] = [];
  const peers = await damagedOf(db, PREFIX.peer);
  const metadata = (await damagedOf(db, PREFIX.meta)).filter((key) => !isOwn(key));
  const gone = [...peers, ...metadata];
  if (gone.length > 0) await db.batch(gone.map((key) => ({ type: 'del' as const, key })), { sync: true });
  if (peers.length > 0) messages.push(`${peers.length === 1 ? 'A known peer was' : `${String(peers.length)} known peers were`} damaged on disk and removed; the others tell of it again.`);
  for (const key of metadata) {
    const identity = Buffer.compare(key, metaKey('user:node-id')) === 0;
    messages.push(identity ? 'The id of this node was damaged on disk; it has a new one, and with it a new name unless one was chosen.' : 'A record about this node was damaged on disk and removed.');
  }
  return messages;
}

async function damagedOf(db: Database, prefix: 0x70 | 0x6d): Promise<Uint8Array[]> {
  const damaged: Uint8Array[] = [];
  const iterator = db.iterator({ ...prefixRange(prefix), fillCache: false });
  try {
    for (;;) {
      const entries = await iterator.nextv(RECORDS_PER_READ);
      if (entries.length === 0) return damaged;
      for (const [key, sealed] of entries) if (unseal(key, sealed) === undefined) damaged.push(key.slice());
    }
  } finally {
    await iterator.close().catch(() => undefined);
  }
}

import { BYTES_PER_READ, RECORDS_PER_READ } from '../limits.ts';
import { isCorruption } from '../store/errors.ts';
import { pageKey, IndexPage } from '../store/pages.ts';
import { decodeIndexRecord, prefixRange, readBlockKey, readHeight, unseal, type Prefix } from '../store/records.ts';
import type { Database } from '../store/salvage.ts';
import type { BlockKey, IndexRecord } from '../store/store.ts';

/** A record as it lies in the database; `value` is undefined when its checksum says no. */
export interface RawRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export interface StreamEvents {
  /** Every record that was read, with its bytes. */
  read(bytes: number): void;
  /** The checksum of a record says no. */
  damaged(key: Uint8Array): void;
  /** LevelDB cannot read on. */
  broken(range: string): void;
}

/** Records in the order of their keys, one at a time, read in parts of bounded size. */
export class RecordCursor {
  readonly #iterator: AsyncGenerator<RawRecord>;
  #head: RawRecord | undefined;

  private constructor(iterator: AsyncGenerator<RawRecord>) {
    this.#iterator = iterator;
  }

  static async open(db: Database, range: { gte?: Uint8Array; lt?: Uint8Array }, name: string, events: StreamEvents): Promise<RecordCursor> {
    const cursor = new RecordCursor(readRecords(db, range, name, events));
    await cursor.advance();
    return cursor;
  }

  /** The next record, not taken yet; undefined at the end. */
  get head(): RawRecord | undefined {
    return this.#head;
  }

  async advance(): Promise<void> {
    const next = await this.#iterator.next();
    this.#head = next.done === true ? undefined : next.value;
  }

  async close(): Promise<void> {
    await this.#iterator.return(undefined);
  }
}

export function cursorOf(db: Database, prefix: Prefix, name: string, events: StreamEvents): Promise<RecordCursor> {
  return RecordCursor.open(db, prefixRange(prefix), name, events);
}

async function* readRecords(db: Database, range: { gte?: Uint8Array; lt?: Uint8Array }, name: string, events: StreamEvents): AsyncGenerator<RawRecord> {
  const iterator = db.iterator({ ...range, highWaterMarkBytes: BYTES_PER_READ, fillCache: false });
  try {
    for (;;) {
      const entries = await iterator.nextv(RECORDS_PER_READ);
      if (entries.length === 0) return;
      for (const [key, sealed] of entries) {
        events.read(key.length + sealed.length);
        const value = unseal(key, sealed);
        if (value === undefined) events.damaged(key);
        yield { key, value: value === undefined ? undefined : new Uint8Array(value) };
      }
    }
  } catch (error) {
    if (!isCorruption(error)) throw error;
    events.broken(name);
  } finally {
    await iterator.close().catch(() => undefined);
  }
}

/** All of a height that a cursor over keys of the form prefix, height, hash has; `undefined` heights come from keys of no such form. */
export function heightOf(record: RawRecord | undefined): number | undefined {
  return record === undefined || record.key.length < 5 ? undefined : readHeight(record.key);
}

/** One entry of the block index, from a record of its own or from a page. */
export interface StoredEntry {
  readonly record: IndexRecord;
  readonly paged: boolean;
}

/** Records and pages of the block index, merged into one list a height. */
export class IndexStream {
  readonly #singles: RecordCursor;
  readonly #pages: RecordCursor;
  readonly #bad: (kind: 'page' | 'record', height: number | undefined, why: string) => void;
  #page: IndexPage | undefined;
  #nextPaged = 1;
  pages = 0;

  constructor(singles: RecordCursor, pages: RecordCursor, bad: (kind: 'page' | 'record', height: number | undefined, why: string) => void) {
    this.#singles = singles;
    this.#pages = pages;
    this.#bad = bad;
  }

  /** The lowest height that has something left. */
  get next(): number | undefined {
    const heights = [heightOf(this.#singles.head), heightOf(this.#pages.head)].filter((height) => height !== undefined);
    if (this.#page !== undefined) heights.push(this.#nextPaged);
    return heights.length === 0 ? undefined : Math.min(...heights);
  }

  /** What is stored of a height: a record of its own counts more than what a page says of the same block. */
  async take(height: number): Promise<Map<string, StoredEntry>> {
    const found = new Map<string, StoredEntry>();
    await this.#openPages(height);
    const page = this.#page;
    if (page !== undefined && height >= page.height && height < page.height + page.count) {
      const record = page.record(height - page.height);
      found.set(record.hash, { record, paged: true });
      this.#nextPaged = height + 1;
      if (height === page.height + page.count - 1) this.#page = undefined;
    }
    while (this.#singles.head !== undefined && (heightOf(this.#singles.head) ?? height) <= height) {
      const { key, value } = this.#singles.head;
      const at: BlockKey | undefined = readBlockKey(key);
      if (at === undefined) this.#bad('record', undefined, 'its key is of no block');
      else if (value !== undefined) {
        const record = decodeIndexRecord(at, value);
        if (record === undefined) this.#bad('record', at.height, `it has ${String(value.length)} bytes`);
        else found.set(at.hash, { record, paged: false });
      }
      await this.#singles.advance();
    }
    return found;
  }

  async #openPages(height: number): Promise<void> {
    while (this.#pages.head !== undefined && (heightOf(this.#pages.head) ?? height) <= height) {
      const { key, value } = this.#pages.head;
      const first = heightOf(this.#pages.head);
      if (first === undefined || key.length !== pageKey(0).length) this.#bad('page', first, 'its key is of no page');
      else if (value !== undefined) {
        const page = IndexPage.decode(first, value);
        if (page === undefined) this.#bad('page', first, `it has ${String(value.length)} bytes`);
        else if (this.#page !== undefined || first < this.#nextPaged) this.#bad('page', first, 'it overlaps the one before it');
        else {
          if (first !== this.#nextPaged) this.#bad('page', this.#nextPaged, `none begins at height ${String(this.#nextPaged)}, the next one at ${String(first)}`);
          this.#page = page;
          this.#nextPaged = first;
          this.pages++;
        }
      }
      await this.#pages.advance();
    }
  }
}

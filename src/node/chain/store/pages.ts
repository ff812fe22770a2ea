/**
 * Pages: a thousand index records of consecutive heights in one value. LevelDB hands over a value in a few microseconds whatever is in
 * it, so that a long chain is read in a fraction of the time that as many records take.
 *
 *  key      `x` and the height of the first record
 *  content  the records one after the other, then the hash of the last one (internal order); that of every other record is the
 *           previous hash in the header of the next
 */
import type { HashHex } from '../../../shared/blocks.ts';
import { HEADER_BYTES } from '../../primitives/header.ts';
import { concatBytes, displayHash, HASH_BYTES, internalHash } from '../../util/bytes.ts';
import { heightBytes, INDEX_RECORD_BYTES, isBodyState, PREFIX, readBodyState, writeIndexRecord } from './records.ts';
import type { IndexRecord, PackedRecords } from './store.ts';

/** Where a header names its parent. */
const PREVIOUS_HASH = 4;

export function pageKey(height: number): Uint8Array {
  return concatBytes(Uint8Array.of(PREFIX.page), heightBytes(height));
}

/** Throws RangeError when one record is not the parent of the next: such a page could not be read again. */
export function encodePage(records: readonly IndexRecord[]): Uint8Array {
  const page = Buffer.alloc(records.length * INDEX_RECORD_BYTES + HASH_BYTES);
  let below: IndexRecord | undefined;
  for (const [i, record] of records.entries()) {
    const at = i * INDEX_RECORD_BYTES;
    writeIndexRecord(page, at, record);
    if (below !== undefined && (record.height !== below.height + 1 || displayHash(page.subarray(at + PREVIOUS_HASH, at + PREVIOUS_HASH + HASH_BYTES)) !== below.hash)) {
      throw new RangeError(`block ${record.hash} does not stand on ${below.hash}`);
    }
    below = record;
  }
  if (below === undefined) throw new RangeError('a page has at least one record');
  page.set(internalHash(below.hash), page.length - HASH_BYTES);
  return page;
}

/** A page as it lies in memory: nothing is made of a record before somebody asks for it. */
export class IndexPage implements PackedRecords {
  /** Of the first record. */
  readonly height: number;
  readonly count: number;
  readonly view: DataView;
  readonly parentAt = PREVIOUS_HASH;
  readonly #bytes: Uint8Array;

  private constructor(height: number, count: number, bytes: Uint8Array) {
    this.height = height;
    this.count = count;
    // Not Node's Buffer, whose `slice` is another one.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** undefined when the bytes are no page. */
  static decode(height: number, bytes: Uint8Array): IndexPage | undefined {
    const count = (bytes.length - HASH_BYTES) / INDEX_RECORD_BYTES;
    if (!Number.isInteger(count) || count < 1) return undefined;
    const page = new IndexPage(height, count, bytes);
    for (let i = 0; i < count; i++) if (!isBodyState(page.view, page.offset(i))) return undefined;
    return page;
  }

  offset(i: number): number {
    return i * INDEX_RECORD_BYTES;
  }

  hashAt(i: number): number {
    const next = this.offset(i + 1);
    return i + 1 < this.count ? next + PREVIOUS_HASH : next;
  }

  hash(i: number): HashHex {
    return this.#displayed(this.hashAt(i));
  }

  /** Of the block below the first record. */
  get parentHash(): HashHex {
    return this.#displayed(this.parentAt);
  }

  /** The 80 bytes of record `i`, a view. */
  header(i: number): Uint8Array {
    const at = this.offset(i);
    return this.#bytes.subarray(at, at + HEADER_BYTES);
  }

  record(i: number): IndexRecord {
    return { hash: this.hash(i), height: this.height + i, header: this.header(i), ...readBodyState(this.view, this.offset(i)) };
  }

  #displayed(at: number): HashHex {
    return displayHash(this.#bytes.subarray(at, at + HASH_BYTES));
  }
}

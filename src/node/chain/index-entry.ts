import type { BlockOriginKind, HashHex } from '../../shared/blocks.ts';
import type { Anchor } from '../consensus/difficulty.ts';
import type { BlockHeader } from '../primitives/header.ts';
import { HASH_BYTES, internalHash } from '../util/bytes.ts';
import type { BlockIndexEntry } from './types.ts';

const NO_HASH = '0'.repeat(64);

/** What an entry keeps of its header, besides the parent. */
export interface HeaderFields {
  readonly version: number;
  /** See `pack`. */
  readonly root: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
}

export function fieldsOf(header: BlockHeader): HeaderFields {
  const { version, merkleRoot, time, bits, nonce } = header;
  return { version, root: pack(merkleRoot), time, bits, nonce };
}

/** The fields of the header that begins at `at`, by their offsets (see primitives/header.ts): no copy of what is not kept. */
export function readFields(bytes: Buffer, view: DataView, at: number): HeaderFields {
  return {
    version: view.getInt32(at, true),
    root: bytes.toString('latin1', at + 36, at + 36 + HASH_BYTES),
    time: view.getUint32(at + 68, true),
    bits: view.getUint32(at + 72, true),
    nonce: view.getUint32(at + 76, true),
  };
}

/** 32 bytes as a string of 32 one-byte characters: a fifth of the memory of a Uint8Array, which counts with a million entries. */
function pack(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function unpack(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * One node of the header tree. Children hang in a list threaded through the entries, and `jump` skips ancestors so that any
 * ancestor is found in a logarithmic number of steps (the jump pointers of Myers' skew-binary lists, 1983).
 */
export class IndexEntry implements BlockIndexEntry {
  readonly hash: HashHex;
  readonly parent: IndexEntry | undefined;
  readonly jump: IndexEntry | undefined;
  readonly height: number;
  readonly chainwork: bigint;
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
  readonly version: number;
  readonly anchorHeight: number;
  readonly anchorParentTime: number;
  readonly #root: string;

  sequence = 0;
  hasBlock = false;
  invalid = false;
  size = 0;
  transactionCount = 0;
  receivedAt = 0;
  origin: BlockOriginKind = 'disk';
  checkMs?: number;

  /** The body and those of all ancestors are stored, or were when this block was connected. */
  linked = false;
  /** An index record of it is in the store. */
  persisted = false;
  firstChild: IndexEntry | undefined = undefined;
  nextSibling: IndexEntry | undefined = undefined;

  constructor(hash: HashHex, header: HeaderFields, parent: IndexEntry | undefined, chainwork: bigint, anchor: Anchor) {
    this.hash = hash;
    this.parent = parent;
    this.height = parent === undefined ? 0 : parent.height + 1;
    this.chainwork = chainwork;
    this.time = header.time;
    this.bits = header.bits;
    this.nonce = header.nonce;
    this.version = header.version;
    this.anchorHeight = anchor.anchorHeight;
    this.anchorParentTime = anchor.anchorParentTime;
    this.#root = header.root;
    this.jump = jumpOf(parent);
  }

  /** Made anew at every call. */
  get header(): BlockHeader {
    return {
      version: this.version,
      previousHash: internalHash(this.parent?.hash ?? NO_HASH),
      merkleRoot: unpack(this.#root),
      time: this.time,
      bits: this.bits,
      nonce: this.nonce,
    };
  }

  *childEntries(): Generator<IndexEntry> {
    for (let child = this.firstChild; child !== undefined; child = child.nextSibling) yield child;
  }
}

/** Two equal jumps in a row merge into one of double length; otherwise the jump is to the parent. */
function jumpOf(parent: IndexEntry | undefined): IndexEntry | undefined {
  const near = parent?.jump;
  const far = near?.jump;
  if (parent === undefined || near === undefined || far === undefined) return parent;
  return parent.height - near.height === near.height - far.height ? far : parent;
}

/** Ancestor at `height`, itself when equal; undefined above it or below 0. */
export function ancestorAt(entry: IndexEntry, height: number): IndexEntry | undefined {
  if (height < 0 || height > entry.height) return undefined;
  let at: IndexEntry | undefined = entry;
  while (at !== undefined && at.height > height) {
    at = at.jump !== undefined && at.jump.height >= height ? at.jump : at.parent;
  }
  return at;
}

/** The highest ancestor (or itself) for which `test` holds, when it holds for all below that one; undefined when for none. */
export function highestAncestor(entry: IndexEntry, test: (entry: IndexEntry) => boolean): IndexEntry | undefined {
  let at: IndexEntry | undefined = entry;
  while (at !== undefined && !test(at)) {
    at = at.jump !== undefined && !test(at.jump) ? at.jump : at.parent;
  }
  return at;
}

/** Times of the entry and its ancestors, oldest first, at most `count`. */
export function lastTimes(entry: IndexEntry, count: number): number[] {
  const times: number[] = [];
  for (let at: IndexEntry | undefined = entry; at !== undefined && times.length < count; at = at.parent) times.push(at.time);
  return times.reverse();
}

import type { HashHex } from '../../../shared/blocks.ts';

/** Faults that a report lists; the rest is only counted. */
export const MAX_LISTED_FAULTS = 200;

export type FaultKind =
  /** LevelDB cannot open or read it. */
  | 'database'
  /** A checksum says no. */
  | 'checksum'
  /** Whole, but no such record. */
  | 'format'
  | 'schema'
  /** A block that stands on none that is stored. */
  | 'link'
  | 'proof-of-work'
  | 'bits'
  | 'time'
  | 'version'
  /** The index says that a body is stored, and it is not. */
  | 'missing-body'
  /** A body that the index does not know. */
  | 'unknown-body'
  | 'body'
  | 'merkle-root'
  /** Size, count or page that the index has differently from the body. */
  | 'index'
  | 'height-map'
  | 'transaction-index'
  | 'tip';

export interface Fault {
  readonly kind: FaultKind;
  readonly height?: number;
  readonly hash?: HashHex;
  /** One sentence. */
  readonly message: string;
}

/** How many of each were looked at. */
export interface VerifyCounts {
  /** Key-value pairs in the database, and their bytes. */
  records: number;
  bytes: number;
  headers: number;
  proofsOfWork: number;
  links: number;
  bits: number;
  times: number;
  bodies: number;
  merkleRoots: number;
  transactions: number;
  /** Entries of the active chain's height map. */
  heights: number;
  /** Entries of the transaction index. */
  indexedTransactions: number;
  pages: number;
  /** Index entries that come from pages. */
  pagedHeaders: number;
  /** Stored blocks beside the active chain, and the tips of their branches. */
  sideBlocks: number;
  sideBranches: number;
  /** Headers stored without a body because one above it has one. */
  headersOnly: number;
  markedInvalid: number;
  peers: number;
  metadata: number;
  /** Of a kind that this version does not know; their checksums were compared all the same. */
  unknownRecords: number;
}

export interface VerifyReport {
  readonly dataDir: string;
  readonly network: string;
  readonly schema: number | undefined;
  readonly tip: { readonly height: number; readonly hash: HashHex } | undefined;
  readonly counts: VerifyCounts;
  /** The first MAX_LISTED_FAULTS. */
  readonly faults: Fault[];
  readonly faultCount: number;
  /** What is no fault and worth knowing, one sentence each. */
  readonly notes: string[];
  /** False where the directory could not be locked, since it cannot be written to. */
  readonly locked: boolean;
  readonly seconds: number;
}

export function noCounts(): VerifyCounts {
  return {
    records: 0,
    bytes: 0,
    headers: 0,
    proofsOfWork: 0,
    links: 0,
    bits: 0,
    times: 0,
    bodies: 0,
    merkleRoots: 0,
    transactions: 0,
    heights: 0,
    indexedTransactions: 0,
    pages: 0,
    pagedHeaders: 0,
    sideBlocks: 0,
    sideBranches: 0,
    headersOnly: 0,
    markedInvalid: 0,
    peers: 0,
    metadata: 0,
    unknownRecords: 0,
  };
}

/** The faults that were found; their number has no limit, the memory they take has. */
export class FaultList {
  readonly listed: Fault[] = [];
  count = 0;

  add(kind: FaultKind, message: string, where: { height?: number | undefined; hash?: HashHex | undefined } = {}): void {
    this.count++;
    if (this.listed.length >= MAX_LISTED_FAULTS) return;
    this.listed.push({
      kind,
      ...(where.height === undefined ? {} : { height: where.height }),
      ...(where.hash === undefined ? {} : { hash: where.hash }),
      message,
    });
  }
}

import type { HashHex } from '../../shared/blocks.ts';
import { RuleError } from '../consensus/errors.ts';
import { nextBits } from '../consensus/difficulty.ts';
import { MEDIAN_TIME_SPAN } from '../consensus/limits.ts';
import { medianTimePast } from '../consensus/median-time.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { checkHeader, checkHeaderContextual } from '../consensus/rules.ts';
import { bitsInRange, checkPow } from '../consensus/target.ts';
import type { BlockHeader } from '../primitives/header.ts';
import type { BlockIndex } from './block-index.ts';
import { lastTimes, type IndexEntry } from './index-entry.ts';
import { HEADERS_NEAR, MAX_HEADERS_AHEAD, MAX_LOW_WORK_HEADERS } from './limits.ts';

/** Everything about a header that can be judged without its body. Throws RuleError. `hash` in internal order. */
export function checkHeaderFully(params: NetworkParams, header: BlockHeader, hash: Uint8Array, parent: IndexEntry, nowMs: number): void {
  checkHeader(header, hash, params);
  checkHeaderPlace(params, header, parent, nowMs);
}

/** Whether somebody worked for this hash: only such hashes may push others out of the memory of invalid ones. */
export function isProven(params: NetworkParams, header: BlockHeader, hash: Uint8Array): boolean {
  return bitsInRange(header.bits, params.powLimit) && checkPow(hash, header.bits, params.powLimit);
}

/** The header on its parent: bits and time. */
export function checkHeaderPlace(params: NetworkParams, header: BlockHeader, parent: IndexEntry, nowMs: number): void {
  checkHeaderContextual(header, {
    parentHash: parent.hash,
    height: parent.height + 1,
    expectedBits: nextBits(params, parent),
    medianTimePast: medianTimePast(lastTimes(parent, MEDIAN_TIME_SPAN)),
    nowSeconds: nowMs / 1000,
  });
}

/** A header that does not follow the one before it in the same message. */
export function notInARow(expected: HashHex, got: HashHex): RuleError {
  return new RuleError('bad-prev-hash', expected, got, 'its previous hash is not that of the header before it in the same message');
}

export interface HeaderLimits {
  /** All branches together. */
  readonly ahead: number;
  /** Those on branches that do not beat the tip. */
  readonly lowWork: number;
}

/**
 * Keeps the headers without bodies within their two limits during one call of addHeaders. When there is no room, whole branches
 * leave, the oldest first; never the one that grows now, and of the best one only its top, for headers just above the complete chain.
 */
export class HeaderRoom {
  readonly #index: BlockIndex;
  readonly #limits: HeaderLimits;
  #lowWork: number;

  constructor(index: BlockIndex, limits: HeaderLimits = { ahead: MAX_HEADERS_AHEAD, lowWork: MAX_LOW_WORK_HEADERS }) {
    this.#index = index;
    this.#limits = limits;
    let best = 0;
    for (let at: IndexEntry | undefined = index.bestHeader; at !== undefined && !at.linked; at = at.parent) if (!at.hasBlock) best++;
    this.#lowWork = index.headerOnly - best;
  }

  /** Whether a header of this chainwork may be added above `parent`. */
  reserve(parent: IndexEntry, chainwork: bigint): boolean {
    const low = chainwork <= this.#index.tip.chainwork;
    if (!this.#fits(low)) this.#evict(parent);
    if (!this.#fits(low) && this.#isNear(parent)) this.#trimBest(parent);
    if (!this.#fits(low)) return false;
    if (low) this.#lowWork++;
    return true;
  }

  #fits(low: boolean): boolean {
    return this.#index.headerOnly < this.#limits.ahead && (!low || this.#lowWork < this.#limits.lowWork);
  }

  /** Few headers above the complete chain: what neighbours mine now is there. */
  #isNear(parent: IndexEntry): boolean {
    let at: IndexEntry | undefined = parent;
    for (let i = 0; i < HEADERS_NEAR && at !== undefined; i++, at = at.parent) if (at.linked) return true;
    return false;
  }

  /**
   * The best branch gives up its top. Otherwise a peer that sends as many headers as fit, and never a body, would keep out every other chain for
   * good; who really has that chain sends its headers again.
   */
  #trimBest(growing: IndexEntry): void {
    let at: IndexEntry = this.#index.bestHeader;
    for (let i = 0; i < HEADERS_NEAR && !at.hasBlock && !at.linked && !at.persisted && at.firstChild === undefined && at !== growing; i++) {
      const { parent }: IndexEntry = at;
      this.#index.remove(at);
      if (parent === undefined) break;
      at = parent;
    }
    this.#index.findBestHeader();
  }

  /** One branch: from its tip down to where something else needs it. */
  #evict(growing: IndexEntry): void {
    const { bestHeader } = this.#index;
    for (const leaf of this.#index.pending) {
      if (leaf.hasBlock || leaf.firstChild !== undefined || leaf === growing || leaf === bestHeader) continue;
      let at: IndexEntry | undefined = leaf;
      while (at !== undefined && !at.hasBlock && !at.linked && at.firstChild === undefined && at !== growing && at !== bestHeader) {
        const { parent }: IndexEntry = at;
        // A header in the store belongs to a body above it.
        if (at.persisted) break;
        this.#index.remove(at);
        this.#lowWork = Math.max(0, this.#lowWork - 1);
        at = parent;
      }
      if (at !== leaf) return;
    }
  }
}

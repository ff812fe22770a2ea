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
import type { IndexEntry } from './index-entry.ts';
import { HEADERS_NEAR, MAX_HEADERS_AHEAD, MAX_LOW_WORK_HEADERS } from './limits.ts';
import { FIRST_CHILD, HAS_BLOCK, LINKED, NO_ROW, PARENT, PERSISTED } from './rows/rows.ts';

/** Everything about a header that can be judged without its body. Throws RuleError. `hash` in internal order. */
export function checkHeaderFully(params: NetworkParams, index: BlockIndex, header: BlockHeader, hash: Uint8Array, parent: IndexEntry, nowMs: number): void {
  checkHeader(header, hash, params);
  checkHeaderPlace(params, index, header, parent, nowMs);
}

/** Whether somebody worked for this hash: only such hashes may push others out of the memory of invalid ones. */
export function isProven(params: NetworkParams, header: BlockHeader, hash: Uint8Array): boolean {
  return bitsInRange(header.bits, params.powLimit) && checkPow(hash, header.bits, params.powLimit);
}

/** The header on its parent: bits and time. */
export function checkHeaderPlace(params: NetworkParams, index: BlockIndex, header: BlockHeader, parent: IndexEntry, nowMs: number): void {
  checkHeaderContextual(header, {
    parentHash: parent.hash,
    height: parent.height + 1,
    expectedBits: nextBits(params, parent),
    medianTimePast: medianTimePast(index.lastTimes(parent, MEDIAN_TIME_SPAN)),
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
    const { rows } = index.tree;
    let best = 0;
    for (let at = index.bestHeader.row; at !== NO_ROW && !rows.flag(at, LINKED); at = rows.word(at, PARENT)) if (!rows.flag(at, HAS_BLOCK)) best++;
    this.#lowWork = index.headerOnly - best;
  }

  /** Whether a header of this chainwork may be added above `parent`. */
  reserve(parent: IndexEntry, chainwork: bigint): boolean {
    const low = chainwork <= this.#index.tip.chainwork;
    if (!this.#fits(low)) this.#evict(parent.row);
    if (!this.#fits(low) && this.#isNear(parent)) this.#trimBest(parent.row);
    if (!this.#fits(low)) return false;
    if (low) this.#lowWork++;
    return true;
  }

  #fits(low: boolean): boolean {
    return this.#index.headerOnly < this.#limits.ahead && (!low || this.#lowWork < this.#limits.lowWork);
  }

  /** Few headers above the complete chain: what neighbours mine now is there. */
  #isNear(parent: IndexEntry): boolean {
    return parent.height - this.#index.highestLinked(parent).height < HEADERS_NEAR;
  }

  /** A header that nothing stands on, whose body nobody has: a header in the store belongs to a body above it. */
  #isLoose(row: number): boolean {
    const { rows } = this.#index.tree;
    return !rows.flag(row, HAS_BLOCK | LINKED | PERSISTED) && rows.word(row, FIRST_CHILD) === NO_ROW;
  }

  /**
   * The best branch gives up its top. Otherwise a peer that sends as many headers as fit, and never a body, would keep out every other chain for
   * good; who really has that chain sends its headers again.
   */
  #trimBest(growing: number): void {
    const { rows } = this.#index.tree;
    let at = this.#index.bestHeader.row;
    for (let i = 0; i < HEADERS_NEAR && at !== growing && this.#isLoose(at); i++) {
      const parent = rows.word(at, PARENT);
      this.#index.remove(at);
      at = parent;
    }
    this.#index.findBestHeader();
  }

  /** One branch: from its tip down to where something else needs it. */
  #evict(growing: number): void {
    const { rows } = this.#index.tree;
    const best = this.#index.bestHeader.row;
    for (const leaf of this.#index.linked.pending) {
      let at = leaf;
      while (at !== growing && at !== best && this.#isLoose(at)) {
        const parent = rows.word(at, PARENT);
        this.#index.remove(at);
        this.#lowWork = Math.max(0, this.#lowWork - 1);
        at = parent;
      }
      if (at !== leaf) return;
    }
  }
}

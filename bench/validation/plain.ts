/**
 * The baseline: checks as a straightforward node on node:crypto does them, one header at a time, with bigints. Written for the bench from
 * the rules in docs/consensus.md; it throws when a header breaks one.
 */
import * as crypto from 'node:crypto';
import { exactAsert } from '../../src/node/consensus/asert.ts';
import { anchorFor, type Anchor } from '../../src/node/consensus/difficulty.ts';
import type { NetworkParams } from '../../src/node/consensus/params.ts';
import { encodeHeader, type BlockHeader } from '../../src/node/primitives/header.ts';

export type HashOnce = (bytes: Uint8Array) => Uint8Array;

const oneShot = (crypto as { hash?: (algorithm: string, data: Uint8Array, encoding: 'buffer') => Uint8Array }).hash;

/** The two ways of node:crypto; the second is absent before Node 20.12. */
export const CRYPTO: readonly (readonly [name: string, once: HashOnce])[] = [
  ['createHash', (bytes) => crypto.createHash('sha256').update(bytes).digest()],
  ...(oneShot === undefined ? [] : [['crypto.hash', (bytes: Uint8Array) => oneShot('sha256', bytes, 'buffer')] as const]),
];

const numberOf = (hash: Uint8Array): bigint => BigInt(`0x${Buffer.from(hash).reverse().toString('hex')}`);

/** Link, bits, time and proof of work of a chain of headers on the genesis block. */
export function plainCheck(params: NetworkParams, headers: readonly BlockHeader[], once: HashOnce, nowSeconds: number): void {
  const { spacing, halfLife, powLimit, powLimitBits, retarget } = params;
  const first = params.genesis.header;
  let previous = Buffer.from(params.genesisHash, 'hex').reverse();
  let times = [first.time];
  let anchor: Anchor = anchorFor(params, { height: 0, times }, undefined);
  headers.forEach((header, i) => {
    const hash = once(once(encodeHeader(header)));
    const size = header.bits >>> 24;
    const target = BigInt(header.bits & 0x7f_ffff) << BigInt(8 * (size - 3));
    const expected = retarget ? exactAsert(powLimitBits, (times.at(-1) ?? 0) - anchor.anchorParentTime, i - anchor.anchorHeight, spacing, halfLife, powLimit) : powLimitBits;
    const median = [...times].sort((a, b) => a - b)[times.length >> 1] ?? 0;
    if (header.version !== 1) throw new Error('version');
    if (!previous.equals(header.previousHash)) throw new Error('link');
    if (target > powLimit || numberOf(hash) > target) throw new Error('proof of work');
    if (header.bits !== expected) throw new Error('bits');
    if (header.time <= median || header.time > nowSeconds + 7_200) throw new Error('time');
    previous = Buffer.from(hash);
    times = [...times, header.time].slice(-11);
    anchor = anchorFor(params, { height: i + 1, times }, anchor);
  });
}

/** Ids and Merkle root, pair by pair. */
export function plainRoot(transactions: readonly Uint8Array[], once: HashOnce): Uint8Array {
  let level = transactions.map((bytes) => once(once(bytes)));
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const left = level[i] as Uint8Array;
      next.push(once(once(Buffer.concat([left, level[i + 1] ?? left]))));
    }
    level = next;
  }
  return level[0] ?? new Uint8Array(32);
}

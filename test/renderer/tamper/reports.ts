import type { TamperFault, TamperReport } from '../../../src/shared/tamper.ts';

const fault = (step: TamperFault['step'], height: number, rule: string, message: string): TamperFault => ({ step, height, violation: { rule, expected: 'a', got: 'b', message } });
export const ROOT = fault('old-header', 1312, 'bad-merkle-root', 'its merkle root is 1234abcd…, its transactions give 5678cdef…');
export const WORK = fault('copy', 1312, 'high-hash', 'its hash has 0 zero bits, 20 needed');
export const CHILD = fault('child', 1313, 'bad-prev-hash', 'its previous hash is 00000c10…, block 1,312 is f3a1…');

/** What a node says of a changed block 1,312 of a chain of 1,317. */
export function tamperReport(over: Partial<TamperReport> = {}): TamperReport {
  return {
    hash: 'aa'.repeat(32),
    height: 1312,
    branch: 'active',
    changed: true,
    newHash: 'f3'.repeat(32),
    merkleRoot: '12'.repeat(32),
    newMerkleRoot: '56'.repeat(32),
    coinbaseId: '11'.repeat(32),
    newCoinbaseId: '22'.repeat(32),
    zeroBits: 0,
    requiredZeroBits: 20,
    faults: [ROOT, WORK, CHILD],
    blocksAbove: 5,
    cost: { hashes: 1_048_576, hashesAbove: 5_242_880, hashRate: 1_240_000 },
    ...over,
  };
}

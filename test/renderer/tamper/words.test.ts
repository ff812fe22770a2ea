import { describe, expect, it } from 'vitest';
import { costText, detailOfTamper, faultLines, headlineOfTamper, remarkOf, spokenOf } from '../../../src/renderer/tamper/words.ts';
import { CHILD, ROOT, tamperReport, WORK } from './reports.ts';

describe('what is said of a changed copy', () => {
  it('one line a broken rule, in the node’s order, with its code', () => {
    expect(faultLines(tamperReport()).map(({ rule, text }) => [rule, text])).toEqual([
      ['bad-merkle-root', 'With its old header the data does not match.'],
      ['high-hash', 'With a new one its hash has 0 zero bits, 20 needed.'],
      ['bad-prev-hash', 'Block 1,313 names the old hash: 5 blocks no longer follow.'],
    ]);
    expect(faultLines(tamperReport({ blocksAbove: 1 })).at(-1)?.text).toBe('Block 1,313 names the old hash and no longer follows.');
    const other = { ...WORK, violation: { ...WORK.violation, rule: 'block-too-large', message: 'its size is 1,100,000 bytes, 1,048,576 allowed' } };
    expect(faultLines(tamperReport({ faults: [other] }))[0]?.text).toBe('Its size is 1,100,000 bytes, 1,048,576 allowed.');
  });

  it('luck, the tip and the first block have their own words', () => {
    expect(remarkOf(tamperReport())).toBe('');
    expect(remarkOf(tamperReport({ faults: [ROOT, CHILD], zeroBits: 1 }))).toBe('By luck its new hash is low enough, with 1 zero bit.');
    expect(remarkOf(tamperReport({ faults: [ROOT, WORK], blocksAbove: 0 }))).toBe('No block stands on it yet.');
    expect(remarkOf(tamperReport({ height: 0 }))).toBe('Nodes with another first block are another network.');
  });

  it('the cost is what it takes for all of it, with the time when the rate is known', () => {
    const cost = { hashes: 1_048_576, hashesAbove: 5_242_880 };
    expect(costText(tamperReport())).toBe('To forge it: about 1.05 M tries for this block and 5.24 M for the 5 blocks after it, 5.1 s on this computer.');
    expect(costText(tamperReport({ cost }))).toBe('To forge it: about 1.05 M tries for this block and 5.24 M for the 5 blocks after it.');
    expect(costText(tamperReport({ cost: { ...cost, hashes: 0 }, blocksAbove: 1 }))).toBe('To forge it: about 5.24 M tries for the block after it.');
    expect(costText(tamperReport({ cost: { ...cost, hashesAbove: 0 }, blocksAbove: 0 }))).toBe('To forge it: about 1.05 M tries for this block.');
    expect(costText(tamperReport({ cost: { hashes: 0, hashesAbove: 0 }, blocksAbove: 0 }))).toBe('To forge it: nothing more to find.');
  });

  it('a screen reader hears all of it, and that the chain is unchanged; a room reads one sentence', () => {
    expect(spokenOf(tamperReport())).toMatch(/^Block 1,312 changed\. With its old header .* no longer follow\. Your chain is unchanged\.$/);
    expect(headlineOfTamper(tamperReport())).toBe('Block 1,312 was changed: 5 blocks no longer follow');
    expect(headlineOfTamper(tamperReport({ blocksAbove: 1 }))).toBe('Block 1,312 was changed: block 1,313 no longer follows');
    expect(headlineOfTamper(tamperReport({ faults: [ROOT, WORK], blocksAbove: 0 }))).toBe('Block 1,312 was changed: its hash is another one');
    expect(detailOfTamper(tamperReport())).toBe('Its hash has 0 zero bits, 20 needed. It is a copy: your chain is unchanged.');
    expect(detailOfTamper(tamperReport({ faults: [ROOT, CHILD] }))).toContain('By luck');
  });
});

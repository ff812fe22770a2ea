import { describe, expect, it } from 'vitest';
import { MAX_TIME_AHEAD } from '../../../src/node/consensus/limits.ts';
import { MAIN, REGTEST } from '../../../src/node/consensus/params.ts';
import { BLOCK_VERSION, checkHeader, checkHeaderContextual, invalidAncestor, type HeaderContext } from '../../../src/node/consensus/rules.ts';
import { bitsToTarget, targetToBytes } from '../../../src/node/consensus/target.ts';
import { hashHeader, headerHash } from '../../../src/node/primitives/header.ts';
import { internalHash } from '../../../src/node/util/bytes.ts';
import { blockOf, coinbase, mined } from './blocks.ts';
import { broken, ruleOf } from './broken.ts';

const header = mined(blockOf([coinbase()]).header, REGTEST.powLimit);
const check = (fields: object, params = REGTEST): void => {
  const changed = { ...header, ...fields };
  checkHeader(changed, hashHeader(changed), params);
};

describe('checkHeader', () => {
  it('takes a header with its proof of work', () => {
    check({});
  });

  it.each([0, 2, -1, 0x20000000])('refuses version %d', (version) => {
    const error = broken(() => check({ version }));
    expect(error).toMatchObject({ rule: 'bad-version', expected: String(BLOCK_VERSION), got: String(version), permanent: true });
    expect(error.message).toBe(`its version is ${version}, 1 needed`);
  });

  it.each([
    ['zero', 0],
    ['negative', 0x20ffffff],
    ['too large a number', 0xff7fffff],
    ['easier than the network allows', 0x21008000],
  ])('refuses bits that are %s', (_name, bits) => {
    expect(broken(() => check({ bits }))).toMatchObject({ rule: 'bad-bits', score: 100 });
  });

  it("refuses regtest's bits on main", () => {
    expect(broken(() => check({}, MAIN)).message).toBe('its bits 0x207fffff are no target of this network');
  });

  it('refuses a hash above the target, and says how far', () => {
    const hash = internalHash(`8${'0'.repeat(63)}`);
    const error = broken(() => checkHeader({ ...header, bits: MAIN.powLimitBits }, hash, MAIN));
    expect(error.message).toBe('its hash has 0 zero bits, 20 needed');
    expect(error).toMatchObject({
      rule: 'high-hash',
      score: 100,
      expected: `at most 00000fffff${'0'.repeat(54)}`,
      got: `8${'0'.repeat(63)}`,
    });
    const one = internalHash(`4${'0'.repeat(63)}`);
    expect(broken(() => checkHeader({ ...header, bits: MAIN.powLimitBits }, one, MAIN)).message).toBe('its hash has 1 zero bit, 20 needed');
  });

  it('explains a hash that has the zero bits and is above the target all the same', () => {
    const bits = 0x1e0abcde;
    const hash = targetToBytes(bitsToTarget(bits) + 1n);
    const error = broken(() => checkHeader({ ...header, bits }, hash, MAIN));
    expect(error.rule).toBe('high-hash');
    expect(error.message).toBe('its hash has the 20 zero bits but goes on with abcde000…, at most abcde000… allowed');
    checkHeader({ ...header, bits }, targetToBytes(bitsToTarget(bits)), MAIN);
  });

  it('refuses a regtest header whose nonce was not looked for', () => {
    const missed = mined(header, REGTEST.powLimit, true);
    expect(broken(() => checkHeader(missed, hashHeader(missed), REGTEST)).message).toBe('its hash has 0 zero bits, 1 needed');
  });
});

describe('checkHeaderContextual', () => {
  const context: HeaderContext = {
    parentHash: headerHash(REGTEST.genesis.header),
    height: 1,
    expectedBits: header.bits,
    medianTimePast: header.time - 1,
    nowSeconds: header.time,
  };
  const inPlace = (changes: Partial<HeaderContext>): void => checkHeaderContextual(header, { ...context, ...changes });

  it('takes a header in its place', () => {
    inPlace({});
  });

  it('refuses another parent', () => {
    const parentHash = MAIN.genesisHash;
    const error = broken(() => inPlace({ parentHash, height: 1_313 }));
    expect(error).toMatchObject({ rule: 'bad-prev-hash', expected: parentHash, got: REGTEST.genesisHash, score: 100 });
    expect(error.message).toBe('its previous hash is 1f917e08…, block 1,312 is 000001f5…');
  });

  it('refuses other bits, harder ones too', () => {
    for (const expectedBits of [header.bits - 1, 0x1e0fffff]) {
      expect(ruleOf(() => inPlace({ expectedBits }))).toBe('bad-bits');
    }
    expect(broken(() => inPlace({ expectedBits: 0x1e0fffff }))).toMatchObject({
      expected: '0x1e0fffff',
      got: '0x207fffff',
      message: 'its bits are 0x207fffff, 0x1e0fffff needed at height 1',
    });
  });

  it('refuses the median time of the last eleven blocks and before', () => {
    inPlace({ medianTimePast: header.time - 1 });
    for (const ahead of [0, 1, 100_000]) {
      expect(broken(() => inPlace({ medianTimePast: header.time + ahead }))).toMatchObject({ rule: 'time-too-old', permanent: true });
    }
    expect(broken(() => inPlace({ medianTimePast: header.time })).message).toBe(
      'its time is 2026-01-01 00:00:10 UTC, later than 2026-01-01 00:00:10 UTC needed (the median of the last 11 blocks)',
    );
  });

  it('takes a time two hours ahead of the clock, and refuses a second more without blame', () => {
    inPlace({ nowSeconds: header.time - MAX_TIME_AHEAD });
    // A clock within the second counts as the second.
    inPlace({ nowSeconds: header.time - MAX_TIME_AHEAD + 0.9 });
    const error = broken(() => inPlace({ nowSeconds: header.time - MAX_TIME_AHEAD - 1 }));
    expect(error).toMatchObject({ rule: 'time-too-new', score: 0, permanent: false });
    expect(broken(() => inPlace({ nowSeconds: header.time - 3 * 3_600 })).message).toBe(
      'its time is 3 h ahead of the clock here, 2 h allowed: check the clocks',
    );
  });

  it('says what was expected and what came, for every code', () => {
    const violation = broken(() => inPlace({ medianTimePast: header.time })).toViolation();
    expect(violation).toEqual({
      rule: 'time-too-old',
      expected: 'later than 2026-01-01 00:00:10 UTC',
      got: '2026-01-01 00:00:10 UTC',
      message: expect.stringContaining('its time is') as string,
    });
  });
});

describe('invalidAncestor', () => {
  it('names the block below', () => {
    const error = invalidAncestor(MAIN.genesisHash);
    expect(error).toMatchObject({ rule: 'invalid-ancestor', got: MAIN.genesisHash, permanent: true });
    expect(error.message).toBe('it stands on 000001f5…, which broke a rule');
  });
});

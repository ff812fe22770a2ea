import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { headerBatch, longHeaderBatch } from '../../../src/node/net/sync/header-batch.ts';
import { genesisParent, mineFork } from '../../helpers/mine-fork.ts';
import { turnsOf } from '../../helpers/turns.ts';

const { headersAtOnce } = NET_LIMITS;
const blocks = mineFork(genesisParent(), 4 * headersAtOnce + 1);
const headers = blocks.map(({ header }) => header);

describe('the headers of one message', () => {
  it('have their hashes, and nothing that breaks a rule', () => {
    expect(headerBatch(headers, REGTEST)).toEqual({ headers, hashes: blocks.map(({ hash }) => hash), broken: undefined });
    expect(headerBatch([], REGTEST)).toEqual({ headers: [], hashes: [], broken: undefined });
  });

  it('headersAtOnce: of many the event loop turns between parts, with the same outcome', async () => {
    let batch: unknown;
    expect(await turnsOf(async () => (batch = await longHeaderBatch(headers, REGTEST, headersAtOnce)))).toBeGreaterThanOrEqual(5);
    expect(batch).toEqual(headerBatch(headers, REGTEST));
    expect(headersAtOnce).toBe(64);
  });

  it.each([1, headersAtOnce - 1, headersAtOnce, 2 * headersAtOnce + 1, headers.length - 1])('number %i does not stand on the one before it: they are no batch', async (at) => {
    const torn = headers.map((header, i) => (i === at ? { ...header, previousHash: new Uint8Array(32) } : header));
    expect(headerBatch(torn, REGTEST)).toBeUndefined();
    expect(await longHeaderBatch(torn, REGTEST, headersAtOnce)).toBeUndefined();
  });

  it.each([0, headersAtOnce, 3 * headersAtOnce + 7])('number %i breaks a rule: it is named, the first of several', async (at) => {
    const rules = { ...REGTEST, powLimit: 1n };
    expect(headerBatch(headers, rules)?.broken).toMatchObject({ at: 0 });
    // On top of what is in order, so that the ones before it still follow each other.
    const wrong = [...headers.slice(0, at), ...mineFork(blocks[at - 1] ?? genesisParent(), 2, () => ({ header: { version: 0 } })).map(({ header }) => header)];
    const expected = { at, error: expect.objectContaining({ rule: 'bad-version' }) as unknown };
    expect(headerBatch(wrong, REGTEST)?.broken).toMatchObject(expected);
    expect((await longHeaderBatch(wrong, REGTEST, headersAtOnce))?.broken).toMatchObject(expected);
  });
});

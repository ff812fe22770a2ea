import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SUMMARY_DATA_LIMIT } from '../../../src/shared/blocks.ts';
import { MAX_MINER_NAME_BYTES, MAX_TRANSACTION_TIME, PREVIEW_CODE_POINTS } from '../../../src/node/primitives/limits.ts';
import {
  decodeTransaction, encodeTransaction, previewData, transactionHashHex, transactionId, type CoinbaseTransaction,
  type DataTransaction,
} from '../../../src/node/primitives/transaction.ts';
import { displayHash, fromHex, toHex } from '../../../src/node/util/bytes.ts';
import { ByteReader, ByteWriter } from '../../../src/node/util/codec.ts';
import { hash256 } from '../../../src/node/util/hash.ts';
import { transaction } from './arbitraries.ts';
import { decodeFailure } from './failure.ts';
import { anyCharacter } from '../../helpers/characters.ts';

const coinbase: CoinbaseTransaction = {
  version: 1,
  kind: 'coinbase',
  height: 0x01020304,
  minerId: Uint8Array.from({ length: 16 }, (_, i) => i),
  minerName: 'Birch',
  extraNonce: 0x1122334455667788n,
  dataText: '"é"',
};
const COINBASE_HEX =
  '0100' + '00' + '27' + '04030201' + '000102030405060708090a0b0c0d0e0f' + '05' + '4269726368' + '8877665544332211' + '04' + '22c3a922';

const data: DataTransaction = { version: 1, kind: 'data', time: 1_767_225_600_000, salt: fromHex('0102030405060708'), dataText: '{}' };
const DATA_HEX = '0100' + '01' + '13' + '00a8da769b010000' + '0102030405060708' + '02' + '7b7d';

/** An encoding with this payload. */
const withPayload = (kind: number, payload: Uint8Array, version = 1): Uint8Array =>
  new ByteWriter().u16(version).u8(kind).varbytes(payload).finish();

describe('transaction codec', () => {
  it.each([
    ['a coinbase', coinbase, COINBASE_HEX],
    ['a data transaction', data, DATA_HEX],
  ])('lays out %s as documented', (_name, value, hex) => {
    expect(toHex(encodeTransaction(value))).toBe(hex);
    expect(decodeTransaction(fromHex(hex))).toEqual(value);
    expect(transactionId(value)).toEqual(hash256(fromHex(hex)));
    expect(transactionHashHex(value)).toBe(displayHash(hash256(fromHex(hex))));
  });

  it('gives back what it was given', () => {
    fc.assert(
      fc.property(transaction, (value) => {
        expect(decodeTransaction(encodeTransaction(value))).toEqual(value);
      }),
    );
  });

  it('takes one transaction from a reader and leaves the rest', () => {
    const reader = new ByteReader(fromHex(`${DATA_HEX}${COINBASE_HEX}ff`));
    expect(decodeTransaction(reader)).toEqual(data);
    expect(decodeTransaction(reader)).toEqual(coinbase);
    expect(reader.remaining).toBe(1);
  });

  it('has no second encoding: whatever decodes is encoded to the same bytes', () => {
    const mutated = fc.tuple(transaction, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([value, at, byte]) => {
      const bytes = encodeTransaction(value);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        let value;
        try {
          value = decodeTransaction(bytes);
        } catch (error) {
          expect(decodeFailure(() => { throw error; })).toBe(error);
          return;
        }
        expect(encodeTransaction(value)).toEqual(bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  it('refuses every cut of an encoding', () => {
    for (const hex of [COINBASE_HEX, DATA_HEX]) {
      const bytes = fromHex(hex);
      for (let length = 0; length < bytes.length; length++) {
        expect(decodeFailure(() => decodeTransaction(bytes.subarray(0, length))).code).toBe('truncated');
      }
    }
  });

  it.each([0, 2, 0xffff])('refuses version %d', (version) => {
    const error = decodeFailure(() => decodeTransaction(withPayload(1, new Uint8Array(0), version)));
    expect(error).toMatchObject({ code: 'bad-value', field: 'version' });
  });

  it.each([2, 255])('refuses kind %d', (kind) => {
    const error = decodeFailure(() => decodeTransaction(withPayload(kind, new Uint8Array(0))));
    expect(error).toMatchObject({ code: 'bad-value', field: 'kind' });
  });

  it('refuses bytes left over, inside the payload and behind it', () => {
    expect(decodeFailure(() => decodeTransaction(fromHex(`${DATA_HEX}00`)))).toMatchObject({ code: 'trailing-bytes', field: 'transaction' });
    const payload = fromHex(`${DATA_HEX.slice(8)}00`);
    expect(decodeFailure(() => decodeTransaction(withPayload(1, payload)))).toMatchObject({ code: 'trailing-bytes', field: 'payload' });
  });

  it('refuses a claimed payload of 2^32 bytes', () => {
    expect(decodeFailure(() => decodeTransaction(fromHex('010001feffffffff'))).code).toBe('too-large');
  });

  it('refuses a miner name above its limit, and takes one at it', () => {
    const named = (minerName: string): Uint8Array => encodeTransaction({ ...coinbase, minerName });
    const longest = 'é'.repeat(MAX_MINER_NAME_BYTES / 2);
    expect(decodeTransaction(named(longest))).toMatchObject({ minerName: longest });
    expect(decodeFailure(() => decodeTransaction(named(`${longest}x`)))).toMatchObject({ code: 'too-large', field: 'minerName' });
  });

  it('refuses a time that is no date, and takes the last one', () => {
    const at = (time: bigint): Uint8Array => withPayload(1, new ByteWriter().u64(time).bytes(new Uint8Array(8)).varstring('1').finish());
    expect(decodeTransaction(at(BigInt(MAX_TRANSACTION_TIME)))).toMatchObject({ time: MAX_TRANSACTION_TIME });
    for (const time of [BigInt(MAX_TRANSACTION_TIME) + 1n, 2n ** 53n, 2n ** 64n - 1n]) {
      expect(decodeFailure(() => decodeTransaction(at(time)))).toMatchObject({ code: 'bad-value', field: 'time' });
    }
  });

  it('refuses data that is not UTF-8', () => {
    const payload = new ByteWriter().u64(0n).bytes(new Uint8Array(8)).varbytes(Uint8Array.of(0xc0, 0x80)).finish();
    expect(decodeFailure(() => decodeTransaction(withPayload(1, payload)))).toMatchObject({ code: 'bad-utf8', field: 'data' });
  });

  it('refuses to write what it could not read', () => {
    expect(() => encodeTransaction({ ...coinbase, minerId: new Uint8Array(15) })).toThrow(RangeError);
    expect(() => encodeTransaction({ ...data, salt: new Uint8Array(9) })).toThrow(RangeError);
    expect(() => encodeTransaction({ ...data, time: 1.5 })).toThrow(RangeError);
    expect(() => encodeTransaction({ ...data, time: -1 })).toThrow(RangeError);
    expect(decodeFailure(() => encodeTransaction({ ...data, dataText: '"\ud800"' })).code).toBe('bad-utf8');
  });
});

describe('the id', () => {
  it('changes with every field', () => {
    const ids = [
      coinbase,
      { ...coinbase, height: 1 },
      { ...coinbase, minerId: new Uint8Array(16) },
      { ...coinbase, minerName: 'birch' },
      { ...coinbase, extraNonce: 0n },
      { ...coinbase, dataText: '"e\u0301"' },
      data,
      { ...data, time: 0 },
      { ...data, salt: new Uint8Array(8) },
      { ...data, dataText: '{} ' },
    ].map(transactionHashHex);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('previewData', () => {
  it('has the limit of the shapes that cross the bridge', () => {
    expect(PREVIEW_CODE_POINTS).toBe(SUMMARY_DATA_LIMIT);
  });

  it.each([
    ['"hello"', 'hello'],
    [' \n"a\\n\\u00e9" ', 'a\né'],
    ['""', ''],
    ['42', '42'],
    ['1.0', '1.0'],
    ['{"a": [1, 2]}', '{"a": [1, 2]}'],
    ['"not json', '"not json'],
    ['"a\\ud800b"', 'a\ufffdb'],
  ])('shows %j as %j', (text, shown) => {
    expect(previewData(text)).toEqual({ text: shown, truncated: false });
  });

  it('cuts at code points, not within one', () => {
    const exact = '😀'.repeat(PREVIEW_CODE_POINTS);
    expect(previewData(JSON.stringify(exact))).toEqual({ text: exact, truncated: false });
    expect(previewData(JSON.stringify(`${exact}x`))).toEqual({ text: exact, truncated: true });
    expect(previewData(JSON.stringify(`${exact}😀`))).toEqual({ text: exact, truncated: true });
    expect(previewData(`[${'1,'.repeat(200)}1]`).truncated).toBe(true);
  });

  it('never throws, and its length has a bound', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyCharacter, maxLength: 600 }), fc.json()), (text) => {
        expect(Array.from(previewData(text).text).length).toBeLessThanOrEqual(PREVIEW_CODE_POINTS);
      }),
    );
  });
});

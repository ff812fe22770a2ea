import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/node/util/bytes.ts';
import { ByteReader, ByteWriter, DecodeError, varintSize } from '../../../src/node/util/codec.ts';
import { thrown } from '../../helpers/thrown.ts';

const failure = (action: () => unknown): DecodeError => thrown(DecodeError, action);

describe('integers', () => {
  it('are little-endian', () => {
    const bytes = new ByteWriter().u8(1).u16(0x0203).u32(0x04050607).i32(-2).u64(0x08090a0b0c0d0e0fn).finish();
    expect(toHex(bytes)).toBe('01' + '0302' + '07060504' + 'feffffff' + '0f0e0d0c0b0a0908');
    const reader = new ByteReader(bytes);
    expect([reader.u8(), reader.u16(), reader.u32(), reader.i32(), reader.u64()]).toEqual([
      1, 0x0203, 0x04050607, -2, 0x08090a0b0c0d0e0fn,
    ]);
    reader.end();
  });

  it('refuses what does not fit, before anything is written', () => {
    const writer = new ByteWriter();
    for (const bad of [-1, 256, 1.5, NaN, Infinity]) expect(() => writer.u8(bad)).toThrow(RangeError);
    expect(() => writer.u16(0x1_0000)).toThrow(RangeError);
    expect(() => writer.u32(0x1_0000_0000)).toThrow(RangeError);
    expect(() => writer.i32(0x8000_0000)).toThrow(RangeError);
    expect(() => writer.i32(-0x8000_0001)).toThrow(RangeError);
    expect(() => writer.u64(-1n)).toThrow(RangeError);
    expect(() => writer.u64(1n << 64n)).toThrow(RangeError);
    expect(() => writer.varint(-1)).toThrow(RangeError);
    expect(() => writer.varint(2 ** 53)).toThrow(RangeError);
    expect(writer.length).toBe(0);
  });

  it('names the field that is cut short', () => {
    const error = failure(() => new ByteReader(Uint8Array.of(1, 2)).u32('height'));
    expect(error).toMatchObject({ code: 'truncated', field: 'height', message: 'height: 4 bytes needed, 2 left' });
  });

  it('reads within a view of a larger buffer', () => {
    const view = Uint8Array.of(9, 9, 1, 0, 9).subarray(2, 4);
    const reader = new ByteReader(view);
    expect(reader.u16()).toBe(1);
    expect(failure(() => reader.u8()).code).toBe('truncated');
  });
});

describe('CompactSize', () => {
  it.each([
    [0, '00'],
    [0xfc, 'fc'],
    [0xfd, 'fdfd00'],
    [0xffff, 'fdffff'],
    [0x1_0000, 'fe00000100'],
    [0xffff_ffff, 'feffffffff'],
    [0x1_0000_0000, 'ff0000000001000000'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff1f00'],
  ])('%d is %s', (value, hex) => {
    expect(toHex(new ByteWriter().varint(value).finish())).toBe(hex);
    expect(varintSize(value)).toBe(hex.length / 2);
    const reader = new ByteReader(fromHex(hex));
    expect(reader.varint(Number.MAX_SAFE_INTEGER)).toBe(value);
    reader.end();
  });

  it.each(['fd0000', 'fdfc00', 'fe00000000', 'feffff0000', 'ff0000000000000000', 'ffffffffff00000000'])(
    'refuses the long form %s',
    (hex) => {
      expect(failure(() => new ByteReader(fromHex(hex)).varint(Number.MAX_SAFE_INTEGER)).code).toBe('non-canonical');
    },
  );

  it.each(['ffffffffffffffffff', 'ff00000000000020 00'.replace(' ', ''), 'fe00000100'])('refuses %s above its limit', (hex) => {
    expect(failure(() => new ByteReader(fromHex(hex)).varint(0xffff)).code).toBe('too-large');
  });

  it('refuses 2^53 and above whatever the limit', () => {
    const reader = new ByteReader(fromHex('ff00000000000020 00'.replace(' ', '')));
    expect(failure(() => reader.varint(Number.MAX_SAFE_INTEGER)).code).toBe('too-large');
  });
});

describe('lengths from outside', () => {
  it('are compared with what is left before anything is allocated', () => {
    // 2^40 bytes claimed: allocating first would throw RangeError or take the machine down.
    const claim = new ByteWriter().varint(2 ** 40).u8(1).finish();
    expect(failure(() => new ByteReader(claim).varbytes(Number.MAX_SAFE_INTEGER)).code).toBe('truncated');
    expect(failure(() => new ByteReader(claim).varstring(Number.MAX_SAFE_INTEGER)).code).toBe('truncated');
    expect(failure(() => new ByteReader(claim).varbytes(1000)).code).toBe('too-large');
  });

  it('gives copies, so that a value does not hold or change the frame', () => {
    const frame = Uint8Array.of(2, 7, 8);
    const value = new ByteReader(frame).varbytes(10);
    frame[1] = 0;
    expect(value).toEqual(Uint8Array.of(7, 8));
    expect(value.buffer.byteLength).toBe(2);
  });

  it('refuses text that is not UTF-8, and bytes left over', () => {
    expect(failure(() => new ByteReader(Uint8Array.of(1, 0xff)).varstring(10, 'name'))).toMatchObject({ code: 'bad-utf8', field: 'name' });
    const reader = new ByteReader(Uint8Array.of(1, 2));
    reader.u8();
    expect(reader.remaining).toBe(1);
    expect(reader.offset).toBe(1);
    expect(failure(() => reader.end('frame'))).toMatchObject({ code: 'trailing-bytes', field: 'frame' });
  });
});

describe('one writer for one message after the other', () => {
  it('writes what a new one writes, and lets go of more room than it may keep', () => {
    const writer = new ByteWriter(64);
    const first = writer.bytes(new Uint8Array(1000).fill(7)).finish();
    expect(writer.reset(64).length).toBe(0);
    const second = writer.u8(1).varint(300).u64(5n).finish();
    expect(second).toEqual(new ByteWriter().u8(1).varint(300).u64(5n).finish());
    // What was finished is a copy.
    expect(first).toEqual(new Uint8Array(1000).fill(7));
    const large = new Uint8Array(5000).map((_, i) => i % 251);
    expect(writer.reset(64).bytes(large).finish()).toEqual(large);
  });
});

describe('any sequence of fields', () => {
  const field = fc.oneof(
    fc.record({ type: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 0xff }) }),
    fc.record({ type: fc.constant('u16' as const), value: fc.integer({ min: 0, max: 0xffff }) }),
    fc.record({ type: fc.constant('u32' as const), value: fc.integer({ min: 0, max: 0xffff_ffff }) }),
    fc.record({ type: fc.constant('i32' as const), value: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }) }),
    fc.record({ type: fc.constant('u64' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
    fc.record({ type: fc.constant('varint' as const), value: fc.maxSafeNat() }),
    fc.record({ type: fc.constant('varbytes' as const), value: fc.uint8Array({ maxLength: 400 }) }),
    fc.record({ type: fc.constant('varstring' as const), value: fc.string({ unit: 'binary' }) }),
  );

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 30 }), (fields) => {
        const writer = new ByteWriter(1);
        for (const { type, value } of fields) (writer[type] as (v: unknown) => ByteWriter).call(writer, value);
        const bytes = writer.finish();
        expect(bytes.length).toBe(writer.length);
        const reader = new ByteReader(bytes);
        for (const { type, value } of fields) {
          expect((reader[type] as (max: number) => unknown).call(reader, Number.MAX_SAFE_INTEGER)).toEqual(value);
        }
        reader.end();
      }),
    );
  });
});

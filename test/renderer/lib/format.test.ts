import { describe, expect, it } from 'vitest';
import {
  formatByteRate,
  formatBytes,
  formatCount,
  formatDuration,
  formatLatency,
  formatNumber,
  formatWhen,
  formatWork,
  listOf,
  plural,
  scaleCount,
} from '../../../src/renderer/lib/format.ts';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1317, '1,317'],
    [4294967295, '4,294,967,295'],
  ])('%d reads %s', (value, text) => expect(formatNumber(value)).toBe(text));

  it.each([
    [0, '0'],
    [842, '842'],
    [999.4, '999'],
    [999.6, '1.00 K'],
    [12_345, '12.3 K'],
    [451_904, '452 K'],
    [1_048_576, '1.05 M'],
    [999_600_000, '1.00 G'],
  ])('%d tries read %s', (value, text) => expect(formatCount(value)).toBe(text));

  it('keeps the scale apart from the number', () => expect(scaleCount(1_240_000)).toEqual({ value: '1.24', unit: 'M' }));

  it.each([
    ['0', '0'],
    ['', '0'],
    [(1234).toString(16), '1,234'],
    [(1_400_000_000).toString(16), '1.4 billion'],
    [(999_600_000).toString(16), '1.0 billion'],
    [(150_000).toString(16), '150 thousand'],
    ['f'.repeat(24), '79,228,162,514 quintillion'],
  ])('work of 0x%s reads %s', (hex, text) => expect(formatWork(hex)).toBe(text));
});

describe('sizes and times', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [3100, '3.1 kB'],
    [48_200, '48.2 kB'],
    [412_000, '412 kB'],
    [7_340_000, '7.3 MB'],
  ])('%d bytes read %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('rates are rounded to whole bytes', () => expect(formatByteRate(3.7)).toBe('4 B/s'));

  it.each([
    [0.04, '< 0.1 ms'],
    [0.2, '0.2 ms'],
    [12, '12 ms'],
    [1400, '1.4 s'],
    [19_000, '19 s'],
    [150_000, '3 min'],
    [7_200_000, '2 h'],
    [9.94, '9.9 ms'],
    [9.97, '10 ms'],
    [999.4, '999 ms'],
    [999.7, '1.0 s'],
    [9_940, '9.9 s'],
    [9_970, '10 s'],
    [89_400, '89 s'],
    [89_700, '1 min'],
    [47 * 3_600_000, '47 h'],
    [48 * 3_600_000, '2 days'],
    [5e11, '5,787 days'],
  ])('%d ms read %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('a ping within one computer is under a millisecond', () => {
    expect(formatLatency(0.3)).toBe('< 1 ms');
    expect(formatLatency(4.4)).toBe('4 ms');
    expect(formatLatency(12_345)).toBe('12 s');
  });
});

describe('formatWhen', () => {
  const now = new Date(2026, 10, 26, 9, 30).getTime();
  const when = (...at: [number, number, number, number, number, number]): string => formatWhen(new Date(...at).getTime() / 1000, now);
  it('is short: the time today, without its seconds this year, the day alone before', () => {
    expect(when(2026, 10, 26, 8, 5, 7)).toBe('at 08:05:07');
    expect(when(2026, 10, 25, 23, 59, 59)).toBe('on 25 Nov, 23:59');
    expect(when(2026, 0, 2, 13, 57, 9)).toBe('on 2 Jan, 13:57');
    expect(when(2025, 11, 31, 13, 57, 9)).toBe('on 31 Dec 2025');
  });
});

describe('words', () => {
  it('counts', () => {
    expect(plural(1, 'block')).toBe('1 block');
    expect(plural(2000, 'block')).toBe('2,000 blocks');
    expect(plural(2, 'try', 'tries')).toBe('2 tries');
  });

  it('lists', () => {
    expect(listOf([])).toBe('');
    expect(listOf(['You'])).toBe('You');
    expect(listOf(['You', 'Birch', 'Cedar'])).toBe('You, Birch and Cedar');
  });
});

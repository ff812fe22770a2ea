import { expect, it } from 'vitest';
import { formatBits, formatCount, formatDuration, formatTime, shortHash } from '../../../src/node/consensus/format.ts';

it('groups digits by three', () => {
  expect([0, 12, 999, 1_000, 1_312, 1_048_576].map(formatCount)).toEqual(['0', '12', '999', '1,000', '1,312', '1,048,576']);
});

it('shows times in UTC, to the last one that a header can hold', () => {
  expect(formatTime(0)).toBe('1970-01-01 00:00:00 UTC');
  expect(formatTime(0xffff_ffff)).toBe('2106-02-07 06:28:15 UTC');
});

it('shows a duration by its two largest parts', () => {
  expect([0, 5, 60, 62, 7_200, 7_201, 10_860, 90_000, 0xffff_ffff].map(formatDuration)).toEqual([
    '0 s', '5 s', '1 min', '1 min 2 s', '2 h', '2 h', '3 h 1 min', '1 d 1 h', '49710 d 6 h',
  ]);
});

it('shows bits and hashes short', () => {
  expect(formatBits(0x1e0fffff)).toBe('0x1e0fffff');
  expect(formatBits(1)).toBe('0x00000001');
  expect(shortHash('0123456789abcdef')).toBe('01234567…');
});

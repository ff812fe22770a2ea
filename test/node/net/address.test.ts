import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey, isLoopback, parseAddress } from '../../../src/node/net/address.ts';
import { ApiError } from '../../../src/shared/node-api.ts';

function problem(text: string): string {
  try {
    return `ok ${parseAddress(text).text}`;
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('parseAddress', () => {
  it.each([
    ['localhost:5001', 'localhost:5001'],
    ['  ws://127.0.0.1:6001/ ', '127.0.0.1:6001'],
    ['WS://LocalHost:1', 'localhost:1'],
    ['[::1]:65535', '[::1]:65535'],
    ['ws://[FE80::1]:7/', '[fe80::1]:7'],
    ['node-1.example.org:80', 'node-1.example.org:80'],
  ])('%s', (input, text) => {
    expect(parseAddress(input).text).toBe(text);
  });

  it.each([
    'localhost:0',
    'localhost:65536',
    'localhost:99999999',
    'localhost:abc',
    'localhost:',
    'ws://127.0.0.1:-1',
    '127.0.0.1:1.5',
    'localhost:1e3',
  ])('CON-09 %s: the port is wrong', (input) => {
    expect(problem(input)).toBe('bad-port: Port must be 1-65535');
  });

  it.each([
    '',
    ' ',
    'localhost',
    '5001',
    ':5001',
    'http://localhost:5001',
    'wss://localhost:5001',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ws://user:secret@localhost:5001',
    'ws://localhost:5001/path',
    'localhost:5001?x',
    '::1:5001',
    '[::1]',
    '[::1%eth0]:5001',
    '[zz]:5001',
    '1.2.3:5001',
    '999.1.1.1:5001',
    '-a:5001',
    'a b:5001',
    'münchen:5001',
    `${'a'.repeat(64)}:5001`,
    `${'a.'.repeat(200)}b:5001`,
  ])('CON-09 %s: not an address', (input) => {
    expect(problem(input)).toBe('not-an-address: Not an address');
  });

  it('throws nothing but ApiError and reads back what it gives', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (input) => {
        const result = problem(input);
        if (result.startsWith('ok ')) expect(problem(result.slice(3))).toBe(result);
      }),
    );
  });

  it('knows that localhost is 127.0.0.1 and what is loopback', () => {
    expect(addressKey(parseAddress('localhost:1'))).toBe(addressKey(parseAddress('127.0.0.1:1')));
    expect(['127.0.0.1', '127.9.9.9', 'localhost', '::1'].every(isLoopback)).toBe(true);
    expect(['10.0.0.1', 'example.org', '::2'].some(isLoopback)).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { hostOf, isLoopbackHost, leavesThisComputer } from '../../../src/renderer/lib/address.ts';

describe('hostOf', () => {
  it.each([
    ['127.0.0.1:5001', '127.0.0.1'],
    ['ws://Localhost:5001', 'localhost'],
    ['wss://example.org/path', 'example.org'],
    ['[::1]:5001', '::1'],
    ['example.org', 'example.org'],
    [' 10.0.0.5:1 ', '10.0.0.5'],
  ])('%s → %s', (address, host) => expect(hostOf(address)).toBe(host));

  it.each(['', ':5001', 'ws://', '::1', 'a:b:c'])('%j has none to be seen', (address) => expect(hostOf(address)).toBeNull());
});

describe('isLoopbackHost', () => {
  it.each(['localhost', 'LOCALHOST.', 'a.localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])('%s stays here', (host) =>
    expect(isLoopbackHost(host)).toBe(true),
  );
  it.each(['128.0.0.1', '127.0.0.256', '127.0.0.1.example.org', '0.0.0.0', '::', '::2', 'localhost.example.org', '192.168.1.2', '::ffff:10.0.0.1', ''])(
    '%j does not',
    (host) => expect(isLoopbackHost(host)).toBe(false),
  );
});

describe('leavesThisComputer', () => {
  it('asks for other computers only', () => {
    expect(leavesThisComputer('192.168.1.20:5001')).toBe(true);
    expect(leavesThisComputer('example.org:5001')).toBe(true);
    expect(leavesThisComputer('localhost:5001')).toBe(false);
    // Not an address at all: the node says so, nothing is dialled.
    expect(leavesThisComputer('')).toBe(false);
    expect(leavesThisComputer('999.1.1.1:5001')).toBe(false);
    expect(leavesThisComputer('255.1.1.1:5001')).toBe(true);
  });
});

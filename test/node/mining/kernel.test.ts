import { describe, expect, it } from 'vitest';
import { compareHashes, PlainKernel } from '../../../src/node/mining/kernel.ts';
import { bytesToBigIntLE, displayHash, fromHex } from '../../../src/node/util/bytes.ts';
import { hash256 } from '../../../src/node/util/hash.ts';
import { bitsToTarget, targetToBytes } from '../../../src/node/consensus/target.ts';

// Bitcoin's genesis header: its nonce is known, so the kernel must find it.
const GENESIS = fromHex(
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c',
);
const NONCE = 2_083_236_893;
const TARGET = targetToBytes(bitsToTarget(0x1d00ffff));

describe('PlainKernel', () => {
  const kernel = new PlainKernel();

  it('finds the nonce of the Bitcoin genesis block and stops there', () => {
    const result = kernel.search(GENESIS, TARGET, NONCE - 50, 100);
    expect(result).toMatchObject({ nonce: NONCE, hashes: 51 });
    expect(displayHash(result.best)).toBe('000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f');
  });

  it('tells the lowest hash of a batch that finds nothing, and leaves the header alone', () => {
    const header = new Uint8Array(GENESIS);
    const result = kernel.search(header, TARGET, 1000, 200);
    expect(result.nonce).toBe(-1);
    expect(result.hashes).toBe(200);
    expect(header).toEqual(new Uint8Array(GENESIS));
    let lowest: bigint | undefined;
    const view = new DataView(header.buffer);
    for (let nonce = 1000; nonce < 1200; nonce += 1) {
      view.setUint32(76, nonce, true);
      const value = bytesToBigIntLE(hash256(header));
      if (lowest === undefined || value < lowest) lowest = value;
    }
    expect(bytesToBigIntLE(result.best)).toBe(lowest);
  });

  it('reaches the last nonce of the 32-bit space', () => {
    const result = kernel.search(GENESIS, new Uint8Array(32), 0xffff_fff0, 16);
    expect(result).toMatchObject({ nonce: -1, hashes: 16 });
  });

  it('refuses what is no header', () => {
    expect(() => kernel.search(new Uint8Array(79), TARGET, 0, 1)).toThrow(RangeError);
  });
});

describe('compareHashes', () => {
  it('reads the last byte as the highest', () => {
    const low = new Uint8Array(32).fill(0xff);
    low[31] = 0;
    const high = new Uint8Array(32);
    high[31] = 1;
    expect(compareHashes(low, high)).toBeLessThan(0);
    expect(compareHashes(high, low)).toBeGreaterThan(0);
    expect(compareHashes(low, low)).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage, FRAME_HEADER_BYTES, OtherNetworkError } from '../../../src/node/net/codec/frame.ts';
import { message } from './arbitraries.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { MESSAGE_TYPES, PROTOCOL_VERSION, type Message } from '../../../src/node/net/messages.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeHeader } from '../../../src/node/primitives/header.ts';
import { MAX_BLOCK_BYTES } from '../../../src/node/primitives/limits.ts';
import { encodeTransaction } from '../../../src/node/primitives/transaction.ts';
import { concatBytes, fromHex, toHex } from '../../../src/node/util/bytes.ts';
import { ByteWriter, DecodeError } from '../../../src/node/util/codec.ts';

const MAGIC = 0xf4c5a1e9;
const HASH = '00'.repeat(2) + 'ab'.repeat(30);

function frame(type: number, ...parts: Uint8Array[]): Uint8Array {
  return concatBytes(new ByteWriter().u32(MAGIC).u8(type).finish(), ...parts);
}

/** What decoding gives: a message, or the code of the DecodeError. */
function codeOf(bytes: Uint8Array): string {
  try {
    return decodeMessage(MAGIC, bytes).type;
  } catch (error) {
    if (error instanceof DecodeError) return error.code;
    throw error;
  }
}

describe('wire codec', () => {
  it('gives back every message that it encodes', () => {
    fc.assert(
      fc.property(message, (m) => {
        expect(decodeMessage(MAGIC, encodeMessage(MAGIC, m))).toEqual(m);
      }),
      { numRuns: 500 },
    );
  });

  it('has one encoding for each message', () => {
    fc.assert(
      fc.property(message, (m) => {
        const bytes = encodeMessage(MAGIC, m);
        const again = decodeMessage(MAGIC, bytes);
        expect(encodeMessage(MAGIC, again as Message)).toEqual(bytes);
      }),
    );
  });

  it('writes the tip message as docs/protocol.md has it', () => {
    const bytes = encodeMessage(MAGIC, { type: 'tip', tip: { hash: HASH, height: 258, chainwork: 513n } });
    expect(toHex(bytes)).toBe(`e9a1c5f4${'0f'}${'ab'.repeat(30)}0000${'02010000'}${'0102'}${'00'.repeat(30)}`);
  });

  it('writes the header of a frame as magic, type, payload', () => {
    expect(toHex(encodeMessage(MAGIC, { type: 'ping', nonce: 1n }))).toBe('e9a1c5f4030100000000000000');
    expect(encodeMessage(MAGIC, { type: 'verack' })).toHaveLength(FRAME_HEADER_BYTES);
  });

  it('WIRE-02 WIRE-10 WIRE-11 throws nothing but DecodeError for random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 15 }), (bytes, type) => {
        codeOf(frame(type, bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('WIRE-13 survives 10,000 mutations of valid messages', () => {
    fc.assert(
      fc.property(
        message,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(), { nil: undefined }),
        (m, changes, cut) => {
          const bytes = encodeMessage(MAGIC, m);
          for (const [at, value] of changes) bytes[5 + (at % Math.max(1, bytes.length - 5))] = value;
          codeOf(cut === undefined ? bytes : bytes.subarray(0, 5 + (cut % Math.max(1, bytes.length - 5))));
        },
      ),
      { numRuns: 10_000, seed: 20_260_101 },
    );
  });

  it('HS-04 tells a frame of another network by its magic', () => {
    expect(() => decodeMessage(MAGIC + 1, encodeMessage(MAGIC, { type: 'verack' }))).toThrow(OtherNetworkError);
  });

  it('HS-05 reads of another protocol version only its number', () => {
    const bytes = frame(1, new ByteWriter().u32(PROTOCOL_VERSION + 1).finish(), fromHex('ff'.repeat(9)));
    expect(decodeMessage(MAGIC, bytes)).toEqual({ type: 'foreign-version', protocol: PROTOCOL_VERSION + 1 });
  });

  it('WIRE-09 names an unknown type without reading it', () => {
    expect(decodeMessage(MAGIC, frame(200, fromHex('00ff')))).toEqual({ type: 'unknown', code: 200 });
  });

  it('refuses blocks without a block: they would answer a request for nothing, for ever', () => {
    expect(() => decodeMessage(REGTEST.magic, encodeMessage(REGTEST.magic, { type: 'blocks', bodies: [] }))).toThrow(DecodeError);
  });

  it('refuses bytes after the last field, an empty frame and a cut one', () => {
    expect(codeOf(frame(MESSAGE_TYPES.verack, fromHex('00')))).toBe('trailing-bytes');
    expect(codeOf(new Uint8Array(0))).toBe('truncated');
    expect(codeOf(frame(MESSAGE_TYPES.ping, fromHex('00')))).toBe('truncated');
  });

  it('refuses an inventory kind, flags and a coinbase that do not belong there', () => {
    expect(codeOf(frame(MESSAGE_TYPES.inv, fromHex(`0103${HASH}`)))).toBe('bad-value');
    const tip = { hash: HASH, height: 0, chainwork: 2n };
    const version = encodeMessage(REGTEST.magic, {
      type: 'version', protocol: PROTOCOL_VERSION, genesisHash: HASH, nonce: 1n, nodeId: '00'.repeat(16), userAgent: '', name: '', listenPort: 0, time: 0, asked: true, runs: true, tip,
    }).slice();
    // The byte before the tip.
    const flags = version.length - 69;
    expect(version[flags]).toBe(3);
    version[flags] = 4;
    expect(codeOf(version)).toBe('bad-value');
    const [coinbase] = REGTEST.genesis.transactions;
    if (coinbase === undefined) throw new Error('genesis has a coinbase');
    expect(codeOf(frame(MESSAGE_TYPES.tx, encodeTransaction(coinbase)))).toBe('bad-value');
  });
});

describe('limits inside messages', () => {
  const count = (n: number): Uint8Array => new ByteWriter().varint(n).finish();
  const many = (n: number, bytes: Uint8Array): Uint8Array => concatBytes(...Array.from({ length: n }, () => bytes));
  const oneHash = fromHex(HASH);
  const oneEntry = fromHex(`02${HASH}`);
  const oneHeader = encodeHeader(REGTEST.genesis.header);
  const oneAddress = new ByteWriter().varstring('a').u16(1).u32(0).finish();
  const noStop = new Uint8Array(32);

  it.each([
    ['HDR-01 headers', MESSAGE_TYPES.headers, NET_LIMITS.headersPerMessage, 2000, oneHeader, new Uint8Array(0)],
    ['HDR-07 locator', MESSAGE_TYPES.getheaders, NET_LIMITS.locatorHashes, 101, oneHash, noStop],
    ['inv', MESSAGE_TYPES.inv, NET_LIMITS.inventoryEntries, 1000, oneEntry, new Uint8Array(0)],
    ['getdata', MESSAGE_TYPES.getdata, NET_LIMITS.getdataEntries, 128, oneEntry, new Uint8Array(0)],
    ['notfound', MESSAGE_TYPES.notfound, NET_LIMITS.getdataEntries, 128, oneEntry, new Uint8Array(0)],
    ['addr', MESSAGE_TYPES.addr, NET_LIMITS.addressesPerMessage, 100, oneAddress, new Uint8Array(0)],
  ] as const)('%s: the limit passes, one more does not', (_name, type, limit, number, one, rest) => {
    expect(limit).toBe(number);
    expect(codeOf(frame(type, count(limit), many(limit, one), rest))).not.toBe('too-large');
    expect(codeOf(frame(type, count(limit + 1), many(limit + 1, one), rest))).toBe('too-large');
    expect(codeOf(frame(type, count(1_000_000_000)))).toBe('too-large');
  });

  it('BLK-08 a block of 1 MiB passes, one byte more does not', () => {
    const block = (size: number): Uint8Array => frame(MESSAGE_TYPES.block, oneHeader, new Uint8Array(size - 80));
    expect(codeOf(block(MAX_BLOCK_BYTES))).toBe('block');
    expect(codeOf(block(MAX_BLOCK_BYTES + 1))).toBe('too-large');
    expect(codeOf(frame(MESSAGE_TYPES.block, oneHeader.subarray(1)))).toBe('truncated');
  });

  it('a run has 1 to 512 blocks, and each body a header and at most 1 MiB', () => {
    const getblocks = (n: number): string => codeOf(frame(MESSAGE_TYPES.getblocks, oneHash, new ByteWriter().u16(n).finish()));
    expect([getblocks(0), getblocks(1), getblocks(NET_LIMITS.runBlocks), getblocks(NET_LIMITS.runBlocks + 1)]).toEqual(['bad-value', 'getblocks', 'getblocks', 'too-large']);
    expect(NET_LIMITS.runBlocks).toBe(512);
    const body = (size: number): Uint8Array => concatBytes(count(size), oneHeader, new Uint8Array(Math.max(0, size - 80)));
    expect(codeOf(frame(MESSAGE_TYPES.blocks, count(2), body(80), body(300)))).toBe('blocks');
    expect(codeOf(frame(MESSAGE_TYPES.blocks, count(1), count(79), new Uint8Array(79)))).toBe('truncated');
    expect(codeOf(frame(MESSAGE_TYPES.blocks, count(1), body(MAX_BLOCK_BYTES)))).toBe('blocks');
    expect(codeOf(frame(MESSAGE_TYPES.blocks, count(1), body(MAX_BLOCK_BYTES + 1)))).toBe('too-large');
    expect(codeOf(frame(MESSAGE_TYPES.blocks, count(NET_LIMITS.runBlocks), many(NET_LIMITS.runBlocks, body(80))))).toBe('blocks');
    expect(codeOf(frame(MESSAGE_TYPES.blocks, count(NET_LIMITS.runBlocks + 1)))).toBe('too-large');
  });

  it('texts of version and reject have limits', () => {
    const version = (agent: number, name: number): Uint8Array =>
      frame(
        MESSAGE_TYPES.version,
        new ByteWriter()
          .u32(PROTOCOL_VERSION)
          .bytes(oneHash)
          .u64(0n)
          .bytes(new Uint8Array(16))
          .varstring('a'.repeat(agent))
          .varstring('n'.repeat(name))
          .u16(0)
          .u64(0n)
          .u8(0)
          .bytes(oneHash)
          .u32(0)
          .bytes(new Uint8Array(32))
          .finish(),
      );
    expect(codeOf(version(96, 32))).toBe('version');
    expect(codeOf(version(97, 32))).toBe('too-large');
    expect(codeOf(version(96, 33))).toBe('too-large');
    const reject = (rule: number, expected: number, got: number): Uint8Array =>
      frame(
        MESSAGE_TYPES.reject,
        new ByteWriter()
          .varstring('r'.repeat(rule))
          .bytes(oneHash)
          .u32(0)
          .varstring('e'.repeat(expected))
          .varstring('g'.repeat(got))
          .finish(),
      );
    expect(codeOf(reject(64, 256, 256))).toBe('reject');
    expect(codeOf(reject(65, 0, 0))).toBe('too-large');
    expect(codeOf(reject(0, 257, 0))).toBe('too-large');
    expect(codeOf(reject(0, 0, 257))).toBe('too-large');
  });
});

import fc from 'fast-check';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { PROTOCOL_VERSION, type InventoryEntry, type Message } from '../../../src/node/net/messages.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeBlock } from '../../../src/node/primitives/block.ts';
import { transactionHashHex, type DataTransaction } from '../../../src/node/primitives/transaction.ts';
import { toHex } from '../../../src/node/util/bytes.ts';

export const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
export const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
export const tip = fc.record({
  hash,
  height: fc.integer({ min: 0, max: 0xffff_ffff }),
  chainwork: fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }),
});
export const text = (bytes: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme-composite', maxLength: bytes }).filter((s) => Buffer.byteLength(s) <= bytes);
export const inventory = fc.array(fc.record({ kind: fc.constantFrom<InventoryEntry['kind']>('tx', 'block'), hash }), { maxLength: 20 });
export const header = fc.record({
  version: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  previousHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  merkleRoot: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  time: fc.integer({ min: 0, max: 0xffff_ffff }),
  bits: fc.integer({ min: 0, max: 0xffff_ffff }),
  nonce: fc.integer({ min: 0, max: 0xffff_ffff }),
});

export const genesisBytes = encodeBlock(REGTEST.genesis);
export const transaction: DataTransaction = { version: 1, kind: 'data', time: 1_767_225_600_000, salt: new Uint8Array(8), dataText: '"hi"' };

/** Any message that a node may send. */
export const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('version' as const),
    protocol: fc.constant(PROTOCOL_VERSION),
    genesisHash: hash,
    nonce: u64,
    nodeId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toHex),
    userAgent: text(NET_LIMITS.userAgentBytes),
    name: text(NET_LIMITS.nodeNameBytes),
    listenPort: fc.integer({ min: 0, max: 65_535 }),
    time: fc.maxSafeNat(),
    asked: fc.boolean(),
    tip,
  }),
  fc.record({ hash, nodeId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toHex), tip }).map(
    (m): Message => ({ type: 'version', protocol: PROTOCOL_VERSION, genesisHash: m.hash, nonce: 1n, nodeId: m.nodeId, userAgent: '', name: '', listenPort: 0, time: 0, asked: true, runs: true, tip: m.tip }),
  ),
  fc.record({ last: hash, count: fc.integer({ min: 1, max: NET_LIMITS.runBlocks }) }).map((m): Message => ({ type: 'getblocks', ...m })),
  fc.array(fc.uint8Array({ minLength: 80, maxLength: 200 }), { minLength: 1, maxLength: 5 }).map((bodies): Message => ({ type: 'blocks', bodies })),
  fc.constant<Message>({ type: 'verack' }),
  u64.map((nonce): Message => ({ type: 'ping', nonce })),
  u64.map((nonce): Message => ({ type: 'pong', nonce })),
  fc
    .record({ locator: fc.array(hash, { maxLength: NET_LIMITS.locatorHashes }), stop: fc.option(hash, { nil: undefined }) })
    .map((m): Message => ({ type: 'getheaders', ...m })),
  fc.array(header, { maxLength: 5 }).map((headers): Message => ({ type: 'headers', headers })),
  inventory.map((entries): Message => ({ type: 'inv', entries })),
  inventory.map((entries): Message => ({ type: 'getdata', entries })),
  inventory.map((entries): Message => ({ type: 'notfound', entries })),
  fc.constant<Message>({ type: 'block', hash: REGTEST.genesisHash, header: REGTEST.genesis.header, bytes: genesisBytes }),
  fc.constant<Message>({ type: 'tx', id: transactionHashHex(transaction), transaction }),
  fc.constant<Message>({ type: 'getaddr' }),
  fc
    .array(fc.record({ host: text(40), port: fc.integer({ min: 0, max: 65_535 }), lastSeen: fc.integer({ min: 0, max: 0xffff_ffff }) }), {
      maxLength: 10,
    })
    .map((entries): Message => ({ type: 'addr', entries })),
  fc
    .record({
      rule: text(NET_LIMITS.ruleBytes),
      hash,
      height: fc.option(fc.integer({ min: 0, max: 0xffff_fffe }), { nil: undefined }),
      expected: text(NET_LIMITS.rejectTextBytes),
      got: text(NET_LIMITS.rejectTextBytes),
    })
    .map((m): Message => ({ type: 'reject', ...m })),
  tip.map((t): Message => ({ type: 'tip', tip: t })),
);

import type { HashHex } from '../../../shared/blocks.ts';
import { decodeHeader, encodeHeaders, headerHash, readHeader } from '../../primitives/header.ts';
import { MAX_BLOCK_BYTES } from '../../primitives/limits.ts';
import { decodeTransaction, encodeTransaction, transactionHashHex } from '../../primitives/transaction.ts';
import { displayHash, fromHex, internalHash, toHex } from '../../util/bytes.ts';
import { type ByteReader, type ByteWriter, DecodeError } from '../../util/codec.ts';
import { NET_LIMITS } from '../limits.ts';
import {
  PROTOCOL_VERSION,
  type AddressEntry,
  type InventoryEntry,
  type Message,
  type MessageType,
  type ReceivedMessage,
  type TipStatus,
} from '../messages.ts';
import { readU256, writeU256 } from './u256.ts';

interface BodyCodec<M extends Message> {
  write(writer: ByteWriter, message: M): void;
  read(reader: ByteReader): M | Extract<ReceivedMessage, { type: 'foreign-version' }>;
}

type Named<T extends MessageType> = Extract<Message, { type: T }>;

const HEADER_BYTES = 80;
const NO_HASH = '0'.repeat(64);
const FLAG_ASKED = 1;
const FLAG_RUNS = 2;
const NO_HEIGHT = 0xffff_ffff;

const readHash = (reader: ByteReader): HashHex => displayHash(reader.bytes(32));
const writeHash = (writer: ByteWriter, hash: HashHex): void => void writer.bytes(internalHash(hash));

function readList<T>(reader: ByteReader, max: number, read: () => T): T[] {
  const count = reader.varint(max);
  const list: T[] = [];
  for (let i = 0; i < count; i++) list.push(read());
  return list;
}

function writeTip(writer: ByteWriter, tip: TipStatus): void {
  writeHash(writer, tip.hash);
  writer.u32(tip.height);
  writeU256(writer, tip.chainwork);
}

function readTip(reader: ByteReader): TipStatus {
  return { hash: readHash(reader), height: reader.u32(), chainwork: readU256(reader) };
}

function writeInventory(writer: ByteWriter, entries: readonly InventoryEntry[]): void {
  writer.varint(entries.length);
  for (const entry of entries) {
    writer.u8(entry.kind === 'tx' ? 1 : 2);
    writeHash(writer, entry.hash);
  }
}

function readInventory(reader: ByteReader, max: number): InventoryEntry[] {
  return readList(reader, max, () => {
    const kind = reader.u8();
    if (kind !== 1 && kind !== 2) throw new DecodeError('bad-value', 'inventory kind');
    return { kind: kind === 1 ? 'tx' : 'block', hash: readHash(reader) };
  });
}

function nothing<T extends 'verack' | 'getaddr'>(type: T): BodyCodec<Named<T>> {
  return { write: () => undefined, read: () => ({ type }) as Named<T> };
}

function nonceOnly<T extends 'ping' | 'pong'>(type: T): BodyCodec<Named<T>> {
  return {
    write: (writer, message: { nonce: bigint }) => void writer.u64(message.nonce),
    read: (reader) => ({ type, nonce: reader.u64() }) as Named<T>,
  };
}

function inventory<T extends 'inv' | 'getdata' | 'notfound'>(type: T, max: number): BodyCodec<Named<T>> {
  return {
    write: (writer, message: { entries: InventoryEntry[] }) => {
      writeInventory(writer, message.entries);
    },
    read: (reader) => ({ type, entries: readInventory(reader, max) }) as Named<T>,
  };
}

function safeNumber(value: bigint, field: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new DecodeError('bad-value', field);
  return Number(value);
}

function readFlags(reader: ByteReader): number {
  const flags = reader.u8();
  if (flags > (FLAG_ASKED | FLAG_RUNS)) throw new DecodeError('bad-value', 'flags');
  return flags;
}

function readRest(reader: ByteReader): Uint8Array {
  return reader.bytes(reader.remaining);
}

const versionCodec: BodyCodec<Named<'version'>> = {
  write(writer, message) {
    writer.u32(message.protocol);
    writeHash(writer, message.genesisHash);
    writer.u64(message.nonce);
    writer.bytes(fromHex(message.nodeId));
    writer.varstring(message.userAgent);
    writer.varstring(message.name);
    writer.u16(message.listenPort);
    writer.u64(BigInt(message.time));
    writer.u8((message.asked ? FLAG_ASKED : 0) | (message.runs === true ? FLAG_RUNS : 0));
    writeTip(writer, message.tip);
  },
  read(reader) {
    const protocol = reader.u32();
    if (protocol !== PROTOCOL_VERSION) return { type: 'foreign-version', protocol };
    const facts = {
      genesisHash: readHash(reader),
      nonce: reader.u64(),
      nodeId: toHex(reader.bytes(16)),
      userAgent: reader.varstring(NET_LIMITS.userAgentBytes),
      name: reader.varstring(NET_LIMITS.nodeNameBytes),
      listenPort: reader.u16(),
      time: safeNumber(reader.u64(), 'time'),
    };
    const flags = readFlags(reader);
    return {
      type: 'version',
      protocol,
      ...facts,
      asked: (flags & FLAG_ASKED) !== 0,
      ...((flags & FLAG_RUNS) === 0 ? {} : { runs: true }),
      tip: readTip(reader),
    };
  },
};

const getheadersCodec: BodyCodec<Named<'getheaders'>> = {
  write(writer, message) {
    writer.varint(message.locator.length);
    for (const hash of message.locator) writeHash(writer, hash);
    writeHash(writer, message.stop ?? NO_HASH);
  },
  read(reader) {
    const locator = readList(reader, NET_LIMITS.locatorHashes, () => readHash(reader));
    const stop = readHash(reader);
    return { type: 'getheaders', locator, stop: stop === NO_HASH ? undefined : stop };
  },
};

const headersCodec: BodyCodec<Named<'headers'>> = {
  write(writer, message) {
    writer.varint(message.headers.length);
    writer.bytes(encodeHeaders(message.headers));
  },
  read(reader) {
    return {
      type: 'headers',
      headers: readList(reader, NET_LIMITS.headersPerMessage, () => readHeader(reader)),
    };
  },
};

const blockCodec: BodyCodec<Named<'block'>> = {
  write: (writer, message) => void writer.bytes(message.bytes),
  read(reader) {
    if (reader.remaining > MAX_BLOCK_BYTES) throw new DecodeError('too-large', 'block');
    const bytes = readRest(reader);
    if (bytes.length < HEADER_BYTES) throw new DecodeError('truncated', 'block header');
    const header = decodeHeader(bytes.subarray(0, HEADER_BYTES));
    return { type: 'block', hash: headerHash(header), header, bytes };
  },
};

const getblocksCodec: BodyCodec<Named<'getblocks'>> = {
  write(writer, message) {
    writeHash(writer, message.last);
    writer.u16(message.count);
  },
  read(reader) {
    const last = readHash(reader);
    const count = reader.u16();
    if (count === 0) throw new DecodeError('bad-value', 'count');
    if (count > NET_LIMITS.runBlocks) throw new DecodeError('too-large', 'count');
    return { type: 'getblocks', last, count };
  },
};

const blocksCodec: BodyCodec<Named<'blocks'>> = {
  write(writer, message) {
    writer.varint(message.bodies.length);
    for (const bytes of message.bodies) writer.varbytes(bytes);
  },
  read(reader) {
    const body = (): Uint8Array => {
      const length = reader.varint(MAX_BLOCK_BYTES, 'block');
      if (length < HEADER_BYTES) throw new DecodeError('truncated', 'block header');
      return reader.view(length, 'block');
    };
    const bodies = readList(reader, NET_LIMITS.runBlocks, body);
    // It would answer a request without bringing anything, for free and for ever.
    if (bodies.length === 0) throw new DecodeError('bad-value', 'count of blocks');
    return { type: 'blocks', bodies };
  },
};

const txCodec: BodyCodec<Named<'tx'>> = {
  write: (writer, message) => void writer.bytes(encodeTransaction(message.transaction)),
  read(reader) {
    const transaction = decodeTransaction(readRest(reader));
    // A coinbase lives in its block and nowhere else.
    if (transaction.kind === 'coinbase') throw new DecodeError('bad-value', 'transaction kind');
    return { type: 'tx', id: transactionHashHex(transaction), transaction };
  },
};

const addrCodec: BodyCodec<Named<'addr'>> = {
  write(writer, message) {
    writer.varint(message.entries.length);
    for (const entry of message.entries) {
      writer.varstring(entry.host);
      writer.u16(entry.port);
      writer.u32(entry.lastSeen);
    }
  },
  read(reader) {
    const entry = (): AddressEntry => ({
      host: reader.varstring(NET_LIMITS.hostBytes),
      port: reader.u16(),
      lastSeen: reader.u32(),
    });
    return { type: 'addr', entries: readList(reader, NET_LIMITS.addressesPerMessage, entry) };
  },
};

const rejectCodec: BodyCodec<Named<'reject'>> = {
  write(writer, message) {
    writer.varstring(message.rule);
    writeHash(writer, message.hash);
    writer.u32(message.height ?? NO_HEIGHT);
    writer.varstring(message.expected);
    writer.varstring(message.got);
  },
  read(reader) {
    const rule = reader.varstring(NET_LIMITS.ruleBytes);
    const hash = readHash(reader);
    const height = reader.u32();
    return {
      type: 'reject',
      rule,
      hash,
      height: height === NO_HEIGHT ? undefined : height,
      expected: reader.varstring(NET_LIMITS.rejectTextBytes),
      got: reader.varstring(NET_LIMITS.rejectTextBytes),
    };
  },
};

const tipCodec: BodyCodec<Named<'tip'>> = {
  write: (writer, message) => {
    writeTip(writer, message.tip);
  },
  read: (reader) => ({ type: 'tip', tip: readTip(reader) }),
};

/** Payload codec of each message, byte by byte as docs/protocol.md has it. */
export const bodyCodecs: { readonly [T in MessageType]: BodyCodec<Named<T>> } = {
  version: versionCodec,
  verack: nothing('verack'),
  ping: nonceOnly('ping'),
  pong: nonceOnly('pong'),
  getheaders: getheadersCodec,
  headers: headersCodec,
  inv: inventory('inv', NET_LIMITS.inventoryEntries),
  getdata: inventory('getdata', NET_LIMITS.getdataEntries),
  block: blockCodec,
  tx: txCodec,
  notfound: inventory('notfound', NET_LIMITS.getdataEntries),
  getaddr: nothing('getaddr'),
  addr: addrCodec,
  reject: rejectCodec,
  tip: tipCodec,
  getblocks: getblocksCodec,
  blocks: blocksCodec,
};

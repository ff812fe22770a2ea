import fc from 'fast-check';
import { expect } from 'vitest';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeMessage } from '../../../src/node/net/codec/frame.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { MESSAGE_TYPES, type Message } from '../../../src/node/net/messages.ts';
import { ByteWriter } from '../../../src/node/util/codec.ts';
import { dataTransaction } from '../../helpers/mine-fork.ts';
import { RawPeer } from '../../helpers/raw-peer.ts';
import type { RawSocket } from '../../helpers/raw-socket.ts';
import { until } from '../../helpers/until.ts';
import { expectDrop, fork, oneBlock, readToHere, sendBlock, tipAbove, type Case, type World } from '../world.ts';

export const frame = (type: number): ByteWriter => new ByteWriter().u32(REGTEST.magic).u8(type);
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

/** Each text on a connection of its own: dropped as text. */
async function texts(world: World, ...all: string[]): Promise<void> {
  for (const text of all) {
    const peer = await world.peer();
    peer.raw(text);
    expect(await peer.endsWithin(15_000)).toEqual({ code: 1003, reason: 'text-frame' });
  }
}

/** Each frame on a connection of its own: dropped for one of the reasons. */
async function frames(world: World, reasons: string[], ...all: Uint8Array[]): Promise<void> {
  for (const bytes of all) {
    const peer = await world.peer();
    peer.raw(bytes);
    await expectDrop(peer, ...reasons);
  }
}

/** One message of every type that may be sent after the handshake, valid as far as its form goes. */
export function validMessages(world: World): Message[] {
  const blocks = fork(world.tip, 2);
  const [block] = blocks;
  if (block === undefined) throw new Error('two blocks were asked for');
  return [
    { type: 'ping', nonce: 7n },
    { type: 'pong', nonce: 7n },
    { type: 'getheaders', locator: world.chain.locator(), stop: undefined },
    { type: 'headers', headers: blocks.map(({ header }) => header) },
    { type: 'inv', entries: [{ kind: 'tx', hash: 'ab'.repeat(32) }] },
    { type: 'getdata', entries: [{ kind: 'block', hash: world.tip.hash }] },
    { type: 'block', hash: block.hash, header: block.header, bytes: block.bytes },
    { type: 'tx', id: '', transaction: dataTransaction('a transaction', Date.now()) },
    { type: 'notfound', entries: [{ kind: 'tx', hash: 'ab'.repeat(32) }] },
    { type: 'addr', entries: [{ host: '10.1.2.3', port: 5001, lastSeen: 1_767_225_600 }] },
    { type: 'reject', rule: 'bad-bits', hash: 'ab'.repeat(32), height: 7, expected: 'a', got: 'b' },
    { type: 'tip', tip: tipAbove(world.tip, blocks) },
  ];
}

const broken: [string, (socket: RawSocket) => void][] = [
  ['an unmasked frame', (s) => { s.frame(0x82, new Uint8Array(4), { masked: false }); }],
  ['reserved bits', (s) => { s.frame(0xf2, new Uint8Array(4)); }],
  ['bad UTF-8', (s) => { s.frame(0x81, Uint8Array.from([0xff, 0xfe])); }],
  ['a long control frame', (s) => { s.frame(0x89, new Uint8Array(126)); }],
  ['a control frame in parts', (s) => { s.frame(0x09, new Uint8Array(1)); }],
  ['a bad close code', (s) => { s.write(Uint8Array.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe7])); }],
  ['an unknown opcode', (s) => { s.frame(0x83, new Uint8Array(1)); }],
  ['a continuation of nothing', (s) => { s.frame(0x80, new Uint8Array(1)); }],
];

export const wireCases: Case[] = [
  { id: 'WIRE-01', title: 'a text that is no JSON: dropped with 1003', run: (world) => texts(world, 'hello', '', '{"type":') },
  {
    id: 'WIRE-02',
    title: 'random bytes, an empty frame, the magic alone: dropped',
    run: (world) =>
      frames(world, ['malformed', 'other-network'], Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 256), new Uint8Array(0), new Uint8Array(1), new ByteWriter().u32(REGTEST.magic).finish()),
  },
  { id: 'WIRE-03', title: 'null, a number, [], a string: dropped with 1003', run: (world) => texts(world, 'null', '7', '[]', '"text"', 'true') },
  {
    id: 'WIRE-04',
    title: '100,000 levels, as a frame and as data: dropped, refused',
    run: async (world) => {
      await texts(world, '['.repeat(100_000), `{"type":"version","data":${deep(100_000)}}`);
      await world.refuses(oneBlock(world.tip, { dataText: deep(100_000) }), 'json-too-deep');
      await world.refuses(oneBlock(world.tip, { txs: [{ ...dataTransaction(), dataText: deep(33) }] }), 'json-too-deep');
    },
  },
  {
    id: 'WIRE-05',
    title: 'a message above 4 MiB, a claimed gigabyte: 1009',
    run: async (world) => {
      const peer = await world.peer();
      peer.raw(new Uint8Array(NET_LIMITS.messageBytes + 1));
      expect((await peer.endsWithin(15_000)).code).toBe(1009);
      for (const claim of [1n << 30n, 1n << 62n]) {
        const socket = await world.socket();
        socket.frame(0x82, new Uint8Array(10), { claim });
        await until('closed', () => socket.closed, 15_000);
        expect(socket.closeCode).toBe(1009);
      }
    },
  },
  {
    id: 'WIRE-06',
    title: 'an offer of compression is not taken, and compressed frames are dropped',
    run: async (world) => {
      const socket = await world.socket('Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits');
      expect(socket.text).toMatch(/^HTTP\/1.1 101/);
      expect(socket.text.split('\r\n\r\n')[0]).not.toMatch(/extensions/i);
      socket.frame(0xc2, Uint8Array.from([1, 2, 3]));
      await until('closed', () => socket.closed, 15_000);
    },
  },
  {
    id: 'WIRE-07',
    title: 'frames against RFC 6455: dropped, each',
    run: async (world) => {
      for (const [what, send] of broken) {
        const socket = await world.socket();
        send(socket);
        await until(`closed for ${what}`, () => socket.closed, 15_000);
      }
    },
  },
  {
    id: 'WIRE-08',
    title: 'fragments without end: dropped at 4 MiB',
    run: async (world) => {
      const peer = await world.peer();
      const part = new Uint8Array(100_000);
      for (let i = 0; i < 60 && peer.end === undefined; i++) peer.ws.send(part, { fin: false, binary: true });
      expect((await peer.endsWithin(15_000)).code).toBe(1009);
      expect(60 * part.length).toBeGreaterThan(NET_LIMITS.messageBytes);
      // Many small ones, before the handshake.
      const socket = await world.socket();
      socket.frame(0x02, new Uint8Array(1000));
      for (let i = 0; i < 100 && !socket.closed; i++) socket.frame(0x00, new Uint8Array(1000));
      await until('closed', () => socket.closed, 15_000);
    },
  },
  {
    id: 'WIRE-09',
    title: 'unknown types are ignored; dropped at the hundredth',
    run: async (world) => {
      const peer = await world.peer();
      const unknown = frame(77).finish();
      for (let i = 0; i < 99; i++) peer.raw(unknown);
      await readToHere(peer);
      expect(peer.end).toBeUndefined();
      peer.raw(unknown);
      await expectDrop(peer, 'misbehaving');
    },
  },
  {
    id: 'WIRE-10',
    title: '__proto__ and constructor: dropped, or kept as text; no prototype changes',
    run: async (world) => {
      const names = Object.getOwnPropertyNames(Object.prototype).sort();
      const text = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
      await texts(world, text, `{"type":"version","data":${text}}`);
      await frames(world, ['malformed'], frame(MESSAGE_TYPES.verack).u8(1).finish(), frame(MESSAGE_TYPES.getaddr).bytes(new TextEncoder().encode(text)).finish());
      // As data it is what it is: a text.
      const block = oneBlock(world.tip, { dataText: text });
      const peer = await world.peer();
      sendBlock(peer, block);
      await until('taken', () => world.tip.hash === block.hash);
      expect((await world.http(`/blocks/${block.hash}`)).text).toContain(`"data":${text}`);
      const mined = await world.http('/mine', { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"data":${text}}` });
      expect(mined.status).toBe(302);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(names);
    },
  },
  {
    id: 'WIRE-11',
    title: 'every message cut anywhere, with a byte too many, or with a count out of its range: dropped',
    timeout: 60_000,
    run: async (world) => {
      const { hash } = world.tip;
      for (const message of validMessages(world)) {
        const bytes = encodeMessage(REGTEST.magic, message);
        const cuts = new Set([5, 6, 7, Math.floor(bytes.length / 2), bytes.length - 2, bytes.length - 1].filter((at) => at >= 5 && at < bytes.length));
        await frames(world, ['malformed', 'misbehaving'], ...[...cuts].map((at) => bytes.subarray(0, at)));
        // A block is read to its end by the rules of blocks, the others by the codec.
        await frames(world, ['malformed', 'misbehaving'], Uint8Array.from([...bytes, 0]));
      }
      const counted = [MESSAGE_TYPES.getheaders, MESSAGE_TYPES.headers, MESSAGE_TYPES.inv, MESSAGE_TYPES.getdata, MESSAGE_TYPES.notfound, MESSAGE_TYPES.addr];
      for (const type of counted) {
        // 2^64 - 1, 2^53, 2^31, and 5 in a longer form than needed.
        await frames(
          world,
          ['malformed'],
          frame(type).bytes(Uint8Array.from([0xff, 255, 255, 255, 255, 255, 255, 255, 255])).finish(),
          frame(type).bytes(Uint8Array.from([0xff, 0, 0, 0, 0, 0, 0, 0x20, 0])).finish(),
          frame(type).bytes(Uint8Array.from([0xfe, 0, 0, 0, 0x80])).finish(),
          frame(type).bytes(Uint8Array.from([0xfd, 5, 0])).finish(),
        );
      }
      expect(world.tip.hash).toBe(hash);
    },
  },
  {
    id: 'WIRE-12',
    title: '20,000 messages at once: throttled, then dropped for flooding',
    run: async (world) => {
      const peer = await world.peer();
      const getaddr = encodeMessage(REGTEST.magic, { type: 'getaddr' });
      for (let i = 0; i < 20_000; i++) peer.raw(getaddr);
      await peer.endsWithin(20_000);
      expect(peer.got('addr').length).toBeLessThanOrEqual(NET_LIMITS.messagesBurst + NET_LIMITS.messagesPerSecond * (NET_LIMITS.throttledSeconds + 1));
    },
  },
  {
    id: 'WIRE-13',
    title: 'thousands of mutations of valid messages: the node lives',
    timeout: 90_000,
    run: async (world) => {
      const valid = validMessages(world).map((message) => encodeMessage(REGTEST.magic, message));
      const mutation = fc.tuple(fc.constantFrom(...valid), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }), fc.nat(), fc.boolean());
      const seed = Number(process.env['CONFORMANCE_SEED'] ?? 7) | 0;
      let peer: RawPeer | undefined;
      for (const [message, changes, at, cut] of fc.sample(mutation, { numRuns: 2_500, seed })) {
        if (peer === undefined || peer.end !== undefined) peer = await world.peer();
        const bytes = Uint8Array.from(message);
        // The magic stays: mutations of it are WIRE-02.
        for (const [place, value] of changes) bytes[4 + (place % (bytes.length - 4))] = value;
        peer.raw(cut ? bytes.subarray(0, 5 + (at % (bytes.length - 4))) : bytes);
        if (at % 4 === 0) await readToHere(peer);
      }
    },
  },
];

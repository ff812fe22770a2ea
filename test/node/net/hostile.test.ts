import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeMessage } from '../../../src/node/net/codec/frame.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { MESSAGE_TYPES, PROTOCOL_VERSION } from '../../../src/node/net/messages.ts';
import { ByteWriter } from '../../../src/node/util/codec.ts';
import { mineBlock, genesisParent, mineFork } from '../../helpers/mine-fork.ts';
import { NodeNetwork, type TestNode } from '../../helpers/node-network.ts';
import { serveChain, tipOf } from '../../helpers/raw-chain.ts';
import { RawPeer, rawSocketOf } from '../../helpers/raw-peer.ts';
import { RawSocket } from '../../helpers/raw-socket.ts';
import { until } from '../../helpers/until.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A node with an honest neighbour, who must not notice anything. */
async function pair(): Promise<{ node: TestNode; honest: TestNode; net: NodeNetwork }> {
  const net = await NodeNetwork.start(2);
  cleanups.push(() => net.close());
  await net.line(1, 0);
  await until('the honest peer', () => net.at(0).connected().length === 1);
  return { node: net.at(0), honest: net.at(1), net };
}

/** The outcome of every case: only the offender is gone, and honest blocks still arrive. */
async function unharmed({ node, honest, net }: Awaited<ReturnType<typeof pair>>): Promise<void> {
  await until('only the honest peer is left', () => node.connected().length === 1, 2_000);
  expect(node.connected()[0]).toMatchObject({ name: honest.name, misbehaviour: 0 });
  await honest.mine();
  await net.agree(undefined, [node, honest], 2_000);
}

async function rawPeer(node: TestNode): Promise<RawPeer> {
  const peer = await RawPeer.connect(node.port);
  cleanups.push(() => {
    peer.close();
  });
  return peer;
}

async function rawSocket(node: TestNode, ...headers: string[]): Promise<RawSocket> {
  const socket = await RawSocket.open(node.port);
  cleanups.push(() => {
    socket.destroy();
  });
  socket.upgrade(...headers);
  await until('the upgrade', () => socket.text.includes('\r\n\r\n') || socket.closed, 2_000);
  return socket;
}

const header = (type: number): ByteWriter => new ByteWriter().u32(REGTEST.magic).u8(type);

describe('WIRE frames after the handshake', () => {
  const texts: [string, string][] = [
    ['WIRE-01 no JSON', 'hello'],
    ['WIRE-03 null', 'null'],
    ['WIRE-03 a number', '7'],
    ['WIRE-03 []', '[]'],
    ['WIRE-04 100,000 levels', '['.repeat(100_000)],
    ['WIRE-10 __proto__', '{"__proto__":{"polluted":true},"type":"version"}'],
  ];
  it.each(texts)('%s as text: dropped with 1003', async (_name, text) => {
    const setup = await pair();
    const peer = await rawPeer(setup.node);
    peer.raw(text);
    expect(await peer.endsWithin(1_000)).toEqual({ code: 1003, reason: 'text-frame' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    await unharmed(setup);
  });

  const frames: [string, Uint8Array][] = [
    ['WIRE-02 garbage', Uint8Array.from({ length: 300 }, (_, i) => (i * 7) % 256)],
    ['WIRE-02 an empty frame', new Uint8Array(0)],
    ['WIRE-11 a cut message', header(MESSAGE_TYPES.tip).bytes(new Uint8Array(60)).finish()],
    ['WIRE-10 a field too many', header(MESSAGE_TYPES.verack).u8(1).finish()],
    ['HDR-01 2,001 headers', header(MESSAGE_TYPES.headers).varint(2001).bytes(new Uint8Array(2001 * 80)).finish()],
    ['HDR-07 a locator of 10,000', header(MESSAGE_TYPES.getheaders).varint(10_000).bytes(new Uint8Array(320_032)).finish()],
    ['BLK-08 a block above 1 MiB', header(MESSAGE_TYPES.block).bytes(new Uint8Array(1024 * 1024 + 1)).finish()],
    ['MEM-05 a coinbase as a transaction', header(MESSAGE_TYPES.tx).u16(1).u8(0).finish()],
  ];
  it.each(frames)('%s: dropped', async (_name, bytes) => {
    const setup = await pair();
    const peer = await rawPeer(setup.node);
    peer.raw(bytes);
    const end = await peer.endsWithin(1_000);
    expect(['malformed', 'other-network']).toContain(end.reason);
    await unharmed(setup);
  });

  it('WIRE-05 a message above 4 MiB: 1009', async () => {
    const setup = await pair();
    const peer = await rawPeer(setup.node);
    peer.raw(new Uint8Array(NET_LIMITS.messageBytes + 1));
    expect((await peer.endsWithin(1_000)).code).toBe(1009);
    expect(NET_LIMITS.messageBytes).toBe(4 * 1024 * 1024);
    await unharmed(setup);
  });

  it('a message of exactly 4 MiB is read (and is malformed)', async () => {
    const setup = await pair();
    const peer = await rawPeer(setup.node);
    const bytes = new Uint8Array(NET_LIMITS.messageBytes);
    bytes.set(header(MESSAGE_TYPES.verack).finish());
    peer.raw(bytes);
    expect((await peer.endsWithin(1_000)).reason).toBe('malformed');
  });

  it('WIRE-09 99 unknown types are ignored, the hundredth is too many', async () => {
    const setup = await pair();
    const peer = await rawPeer(setup.node);
    const unknown = header(77).finish();
    for (let i = 0; i < 99; i++) peer.raw(unknown);
    peer.send({ type: 'ping', nonce: 1n });
    await peer.waitFor('pong');
    peer.raw(unknown);
    expect((await peer.endsWithin(1_000)).reason).toBe('misbehaving');
    await unharmed(setup);
  });

  it('WIRE-12 20,000 messages at once: dropped for flooding', async () => {
    const setup = await pair();
    const peer = await rawPeer(setup.node);
    const getaddr = encodeMessage(REGTEST.magic, { type: 'getaddr' });
    for (let i = 0; i < 20_000; i++) peer.raw(getaddr);
    await peer.endsWithin(2_000);
    expect(peer.got('addr').length).toBeLessThanOrEqual(NET_LIMITS.messagesBurst + 100);
    await unharmed(setup);
  });

  it('SYNC-07 the same request a thousand times: throttled', async () => {
    const setup = await pair();
    const peer = await rawPeer(setup.node);
    for (let i = 0; i < 1_000; i++) peer.send({ type: 'getheaders', locator: [REGTEST.genesisHash], stop: undefined });
    await peer.waitFor('headers', 500, 3_000);
    expect(peer.got('headers').length).toBeLessThan(700);
    peer.close();
    await unharmed(setup);
  });

  it('WIRE-13 thousands of mutated messages, each on a new connection when the last one was dropped', { timeout: 60_000 }, async () => {
    const setup = await pair();
    const blocks = mineFork(genesisParent(), 3);
    const valid = [
      encodeMessage(REGTEST.magic, { type: 'tip', tip: tipOf(blocks) }),
      encodeMessage(REGTEST.magic, { type: 'headers', headers: blocks.map((block) => block.header) }),
      encodeMessage(REGTEST.magic, { type: 'inv', entries: [{ kind: 'tx', hash: 'ab'.repeat(32) }] }),
      encodeMessage(REGTEST.magic, { type: 'getdata', entries: [{ kind: 'block', hash: REGTEST.genesisHash }] }),
      ...blocks.map(({ hash, header: head, bytes }) => encodeMessage(REGTEST.magic, { type: 'block', hash, header: head, bytes })),
    ];
    const mutated = fc.sample(
      fc.tuple(fc.constantFrom(...valid), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.boolean()),
      { numRuns: 2_000, seed: 7 },
    );
    let peer = await RawPeer.connect(setup.node.port);
    for (const [message, at, value, cut] of mutated) {
      if (peer.end !== undefined) peer = await RawPeer.connect(setup.node.port);
      const bytes = Uint8Array.from(message);
      bytes[4 + (at % (bytes.length - 4))] = value;
      peer.raw(cut ? bytes.subarray(0, 1 + (at % bytes.length)) : bytes);
    }
    peer.close();
    expect(setup.node.pool.listening).toBeDefined();
    await unharmed(setup);
  });
});

describe('WIRE below the protocol', () => {
  it('WIRE-06 an offer of compression is not taken', async () => {
    const { node } = await pair();
    const socket = await rawSocket(node, 'Sec-WebSocket-Extensions: permessage-deflate');
    expect(socket.text).toMatch(/^HTTP\/1.1 101/);
    expect(socket.text.split('\r\n\r\n')[0]).not.toMatch(/extensions/i);
  });

  const broken: [string, (socket: RawSocket) => void][] = [
    ['an unmasked frame', (s) => { s.frame(0x82, new Uint8Array(4), { masked: false }); }],
    ['a reserved bit', (s) => { s.frame(0xc2, new Uint8Array(4)); }],
    ['bad UTF-8', (s) => { s.frame(0x81, Uint8Array.from([0xff, 0xfe])); }],
    ['a long control frame', (s) => { s.frame(0x89, new Uint8Array(126)); }],
    ['a bad close code', (s) => { s.write(Uint8Array.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe7])); }],
    ['an unknown opcode', (s) => { s.frame(0x83, new Uint8Array(1)); }],
    ['a continuation of nothing', (s) => { s.frame(0x80, new Uint8Array(1)); }],
  ];
  it.each(broken)('WIRE-07 %s: dropped', async (_name, send) => {
    const setup = await pair();
    const socket = await rawSocket(setup.node);
    send(socket);
    await until('closed', () => socket.closed, 1_000);
    await unharmed(setup);
  });

  it('WIRE-05 a claimed gigabyte: 1009 at once', async () => {
    const setup = await pair();
    const socket = await rawSocket(setup.node);
    socket.frame(0x82, new Uint8Array(10), { claim: 1n << 30n });
    await until('closed', () => socket.closed, 1_000);
    expect(socket.closeCode).toBe(1009);
    await unharmed(setup);
  });

  it('WIRE-08 fragments without end: dropped', async () => {
    const setup = await pair();
    const socket = await rawSocket(setup.node);
    socket.frame(0x02, new Uint8Array(1000));
    for (let i = 0; i < 100 && !socket.closed; i++) socket.frame(0x00, new Uint8Array(1000));
    await until('closed', () => socket.closed, 1_000);
    await unharmed(setup);
  });

  it('before the handshake no more than 64 KiB are taken, whatever they claim to become', async () => {
    const setup = await pair();
    const socket = await rawSocket(setup.node);
    socket.frame(0x82, new Uint8Array(NET_LIMITS.rawBytesBeforeHandshake + 1), { claim: 3_000_000n });
    await until('closed', () => socket.closed, 1_000);
    expect(socket.closeCode).toBe(1009);
    await unharmed(setup);
  });

  it('HS-08 an Origin header, foreign or not: 403', async () => {
    const { node } = await pair();
    for (const origin of ['https://example.org', 'null', 'http://127.0.0.1']) {
      const socket = await rawSocket(node, `Origin: ${origin}`);
      expect(socket.text).toMatch(/^HTTP\/1.1 403/);
      await until('closed', () => socket.closed, 1_000);
    }
  });

  it('tells a browser what this port is', async () => {
    const { node } = await pair();
    const answer = await fetch(`http://127.0.0.1:${String(node.port)}/`);
    expect(answer.status).toBe(426);
    expect(await answer.text()).toMatch(/peer port of a Chainscope node/);
  });
});

describe('HS over sockets', () => {
  it('HS-01 CON-03 silent sockets are freed after 5 s, before and after the upgrade', { timeout: 15_000 }, async () => {
    const setup = await pair();
    const upgraded = await rawSocket(setup.node);
    const tcp = await RawSocket.open(setup.node.port);
    await until('both freed', () => upgraded.closed && tcp.closed, 7_500);
    expect(upgraded.closeCode).toBe(4005);
    await unharmed(setup);
  });

  it('HS-02 HS-03 HS-04 HS-05 wrong beginnings are answered with their reason', async () => {
    const setup = await pair();
    const { node } = setup;
    const block = mineBlock(genesisParent());
    const before = await RawPeer.open(node.port);
    before.send({ type: 'block', hash: block.hash, header: block.header, bytes: block.bytes });
    expect((await before.endsWithin(1_000)).reason).toBe('protocol-order');
    const twice = await RawPeer.open(node.port);
    twice.send(twice.hello());
    twice.send(twice.hello());
    expect((await twice.endsWithin(1_000)).reason).toBe('protocol-order');
    const genesis = await RawPeer.open(node.port);
    genesis.send(genesis.hello({ genesisHash: 'ab'.repeat(32) }));
    expect(await genesis.endsWithin(1_000)).toEqual({ code: 4001, reason: 'other-network' });
    const version = await RawPeer.open(node.port);
    version.raw(header(MESSAGE_TYPES.version).u32(PROTOCOL_VERSION + 1).finish());
    expect(await version.endsWithin(1_000)).toEqual({ code: 4002, reason: 'other-version' });
    const self = await RawPeer.open(node.port);
    self.send(self.hello({ nodeId: node.nodeId }));
    expect(await self.endsWithin(1_000)).toEqual({ code: 4003, reason: 'self' });
    expect(node.height).toBe(0);
    await unharmed(setup);
  });

  it('HS-07 one node id on two connections: one row', async () => {
    const setup = await pair();
    const first = await RawPeer.connect(setup.node.port, { nodeId: 'aa'.repeat(16) });
    await until('its row', () => setup.node.connected().length === 2);
    const second = await RawPeer.connect(setup.node.port, { nodeId: 'aa'.repeat(16) });
    await until('one of them gone', () => first.end !== undefined || second.end !== undefined, 3_000);
    // The older one answered the probe, so it stays.
    expect(second.end).toEqual({ code: 4004, reason: 'duplicate' });
    expect(setup.node.connected()).toHaveLength(2);
    first.answers.ping = () => undefined;
    const third = await RawPeer.connect(setup.node.port, { nodeId: 'aa'.repeat(16) });
    expect(await first.endsWithin(3_000)).toEqual({ code: 4004, reason: 'duplicate' });
    await until('the newer one has the row', () => setup.node.connected().length === 2);
    expect(third.end).toBeUndefined();
    third.close();
    await unharmed(setup);
  });
});

describe('CON many connections', () => {
  it('CON-01 200 idle connections: 32 are kept, and an honest newcomer gets in at once', async () => {
    const setup = await pair();
    const sockets: RawSocket[] = [];
    for (let i = 0; i < 200; i++) {
      const socket = await RawSocket.open(setup.node.port).catch(() => undefined);
      if (socket === undefined) continue;
      socket.upgrade();
      sockets.push(socket);
      cleanups.push(() => {
        socket.destroy();
      });
    }
    await until('the rest is closed', () => sockets.filter(({ closed }) => !closed).length <= NET_LIMITS.inbound, 3_000);
    const newcomer = await RawPeer.connect(setup.node.port);
    expect(newcomer.end).toBeUndefined();
    expect(NET_LIMITS.inbound).toBe(32);
    newcomer.close();
    await unharmed(setup);
  });

  it('refuses politely when 32 peers are connected', async () => {
    const { node } = await pair();
    const peers: RawPeer[] = [];
    for (let i = 0; i < NET_LIMITS.inbound - 1; i++) peers.push(await RawPeer.connect(node.port));
    await until('full', () => node.connected().length === NET_LIMITS.inbound);
    const late = await RawPeer.connect(node.port);
    expect(await late.endsWithin(1_000)).toEqual({ code: 1013, reason: 'full' });
    peers[0]?.close();
    await until('room', () => node.connected().length === NET_LIMITS.inbound - 1);
    const next = await RawPeer.connect(node.port);
    expect(next.end).toBeUndefined();
    for (const peer of [...peers, next]) peer.close();
  });

  it('CON-02 200 connect and leave, half of them with a reset: the list is empty of them', async () => {
    const setup = await pair();
    for (let i = 0; i < 200; i++) {
      const socket = await RawSocket.open(setup.node.port);
      if (i % 3 === 0) socket.upgrade();
      if (i % 2 === 0) socket.socket.resetAndDestroy();
      else socket.destroy();
    }
    await unharmed(setup);
    expect(setup.node.peers()).toHaveLength(1);
  });

  it('CON-05 a peer that asks for much and does not read is dropped', { timeout: 60_000 }, async () => {
    const setup = await pair();
    const { node } = setup;
    const big = 'x'.repeat(250_000);
    await node.mine(20, { data: big });
    const peer = await RawPeer.connect(node.port);
    cleanups.push(() => {
      peer.close();
    });
    const [block] = [node.tip];
    rawSocketOf(peer).pause();
    // Requests without end: the answers stay unsent, the queue grows, and then it is over.
    for (let i = 0; i < 8; i++) peer.send({ type: 'getdata', entries: Array.from({ length: 128 }, () => ({ kind: 'block' as const, hash: block.hash })) });
    await until('dropped', () => node.connected().every(({ name }) => name !== 'Raw'), 10_000);
    await until('memory is free', () => node.connected().length === 1);
    peer.close();
    await unharmed(setup);
  });

  it('CON-10 an offender on loopback: everybody else stays, and so may the next connection from there', async () => {
    const setup = await pair();
    const other = await RawPeer.connect(setup.node.port);
    const offender = await RawPeer.connect(setup.node.port);
    offender.raw('no');
    await offender.endsWithin(1_000);
    const again = await RawPeer.connect(setup.node.port);
    expect([other.end, again.end]).toEqual([undefined, undefined]);
    other.close();
    again.close();
    await unharmed(setup);
  });
});

describe('gossip', () => {
  it('remembers addresses, offers them, dials none by itself', async () => {
    const { node, honest } = await pair();
    const peer = await rawPeer(node);
    peer.send({
      type: 'addr',
      entries: [
        { host: '127.0.0.1', port: honest.port, lastSeen: 5 },
        { host: '10.1.2.3', port: 5001, lastSeen: 1_767_225_600 },
        { host: 'file:///x', port: 1, lastSeen: 1 },
        { host: 'a.example', port: 0, lastSeen: 1 },
      ],
    });
    peer.send({ type: 'getaddr' });
    const [addr] = await peer.waitFor('addr');
    expect(addr?.entries.map(({ host, port }) => `${host}:${String(port)}`).sort()).toEqual(['10.1.2.3:5001', honest.address].sort());
    await until('saved', () => node.saved.length === 2);
    expect(node.saved.every(({ kept }) => !kept)).toBe(true);
    expect(node.peers()).toHaveLength(2);
  });

  it('keeps at most a thousand addresses, and those that the user keeps first', async () => {
    const { node } = await pair();
    const peer = await rawPeer(node);
    for (let i = 0; i < 15; i++) {
      peer.send({ type: 'addr', entries: Array.from({ length: 100 }, (_, j) => ({ host: `h${String(i)}-${String(j)}.example`, port: 1, lastSeen: 100 + i })) });
    }
    peer.send({ type: 'ping', nonce: 1n });
    await peer.waitFor('pong');
    await node.pool.close();
    expect(node.saved).toHaveLength(NET_LIMITS.addressBook);
  });
});

describe('serving', () => {
  it('answers getheaders from the fork, blocks by hash, and notfound for the rest', async () => {
    const { node } = await pair();
    const blocks = await node.mine(5);
    const peer = await rawPeer(node);
    serveChain(peer, []);
    peer.send({ type: 'getheaders', locator: ['ab'.repeat(32), blocks[1]?.hash ?? ''], stop: blocks[3]?.hash });
    const headers = await peer.waitFor('headers');
    expect(headers.at(-1)?.headers).toEqual(blocks.slice(2, 4).map((block) => block.header));
    peer.send({
      type: 'getdata',
      entries: [
        { kind: 'block', hash: blocks[0]?.hash ?? '' },
        { kind: 'block', hash: 'cd'.repeat(32) },
        { kind: 'tx', hash: 'ef'.repeat(32) },
      ],
    });
    const [block] = await peer.waitFor('block');
    expect(Buffer.from(block?.bytes ?? [])).toEqual(Buffer.from(blocks[0]?.bytes ?? []));
    const [notfound] = await peer.waitFor('notfound');
    expect(notfound?.entries.map(({ kind }) => kind)).toEqual(['block', 'tx']);
  });
});

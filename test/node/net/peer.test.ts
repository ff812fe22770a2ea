import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../../../src/node/net/codec/frame.ts';
import { CLOSE_CODES } from '../../../src/node/net/drops.ts';
import { HandshakeDesk } from '../../../src/node/net/handshake.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { PROTOCOL_VERSION, type Message, type MessageType, type ReceivedMessage, type VersionMessage } from '../../../src/node/net/messages.ts';
import { Peer, type PeerEnd } from '../../../src/node/net/peer.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { ByteWriter } from '../../../src/node/util/codec.ts';
import { VirtualClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { seededRandom } from '../../../src/node/util/random.ts';
import { MemorySocket } from '../../helpers/memory-socket.ts';

const MAGIC = REGTEST.magic;

/** A real Peer at one end, and this test at the other. */
class Bench {
  readonly clock = new VirtualClock();
  readonly #ends = MemorySocket.pair();
  readonly near = this.#ends[0];
  readonly far = this.#ends[1];
  readonly desk = new HandshakeDesk(
    { magic: MAGIC, genesisHash: REGTEST.genesisHash, nodeId: '11'.repeat(16), nodeName: 'Aster', userAgent: '/test/' },
    seededRandom(1),
  );
  readonly sent: ReceivedMessage[] = [];
  readonly messages: Message[] = [];
  readonly expected = new Set<MessageType>();
  end: PeerEnd | undefined;
  readonly peer: Peer;

  constructor() {
    this.far.start({
      message: (data) => this.sent.push(decodeMessage(MAGIC, data)),
      text: () => undefined,
      control: () => undefined,
      flooded: () => undefined,
      close: () => undefined,
    });
    this.peer = new Peer(1, 'inbound', this.near, {
      clock: this.clock,
      logger: nullLogger,
      desk: this.desk,
      hooks: {
        hello: () => this.desk.hello({ listenPort: 5001, time: this.clock.now(), asked: false, tip: this.tip }),
        refuses: () => undefined,
        ready: () => undefined,
        message: (_peer, message) => this.messages.push(message),
        expects: (_peer, type) => this.expected.has(type),
        changed: () => undefined,
        closed: (_peer, end) => {
          this.end = end;
        },
      },
    });
    this.peer.start();
  }

  readonly tip = { hash: REGTEST.genesisHash, height: 0, chainwork: 2n };

  hello(changes: Partial<VersionMessage> = {}): VersionMessage {
    return {
      type: 'version',
      protocol: PROTOCOL_VERSION,
      genesisHash: REGTEST.genesisHash,
      nonce: 7n,
      nodeId: '22'.repeat(16),
      userAgent: '/other/',
      name: 'Birch',
      listenPort: 5002,
      time: this.clock.now(),
      asked: false,
      tip: this.tip,
      ...changes,
    };
  }

  async send(...messages: Message[]): Promise<void> {
    for (const message of messages) this.far.send(encodeMessage(MAGIC, message));
    await this.settle();
  }

  async raw(bytes: Uint8Array): Promise<void> {
    this.far.send(bytes);
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.clock.advanceAsync(0);
  }

  async ready(): Promise<this> {
    await this.send(this.hello(), { type: 'verack' });
    expect(this.peer.ready).toBe(true);
    return this;
  }
}

describe('handshake', () => {
  it('sends version, answers version with verack, and is ready after verack', async () => {
    const bench = new Bench();
    await bench.send(bench.hello());
    expect(bench.sent.map(({ type }) => type)).toEqual(['version', 'verack']);
    expect(bench.peer.ready).toBe(false);
    await bench.send({ type: 'verack' });
    expect(bench.peer.ready).toBe(true);
    expect(bench.peer.name).toBe('Birch');
  });

  it('HS-01 drops whoever says nothing for 5 s', async () => {
    const bench = new Bench();
    await bench.clock.advanceAsync(NET_LIMITS.handshakeMs - 1);
    expect(bench.end).toBeUndefined();
    await bench.clock.advanceAsync(1);
    expect(bench.end?.code).toBe('handshake-timeout');
    expect(NET_LIMITS.handshakeMs).toBe(5000);
  });

  it('HS-01 counts the five seconds until verack', async () => {
    const bench = new Bench();
    await bench.clock.advanceAsync(4000);
    await bench.send(bench.hello());
    await bench.clock.advanceAsync(1000);
    expect(bench.end?.code).toBe('handshake-timeout');
  });

  const firstMessages: [string, Message, string][] = [
    ['HS-02 a block', { type: 'block', hash: '', header: REGTEST.genesis.header, bytes: new Uint8Array(100) }, 'protocol-order'],
    ['verack', { type: 'verack' }, 'protocol-order'],
    ['ping', { type: 'ping', nonce: 1n }, 'protocol-order'],
  ];
  it.each(firstMessages)('%s before version: dropped', async (_name, message, code) => {
    const bench = new Bench();
    await bench.send(message);
    expect(bench.end).toMatchObject({ by: 'us', code });
    expect(bench.near.closedWith?.code).toBe(CLOSE_CODES['protocol-order']);
  });

  it('HS-03 two versions: dropped, before and after verack', async () => {
    const early = new Bench();
    await early.send(early.hello(), early.hello());
    expect(early.end?.code).toBe('protocol-order');
    const late = await new Bench().ready();
    await late.send(late.hello());
    expect(late.end?.code).toBe('protocol-order');
    const twice = await new Bench().ready();
    await twice.send({ type: 'verack' });
    expect(twice.end?.code).toBe('protocol-order');
  });

  it('HS-04 another genesis or magic: "other network"', async () => {
    const genesis = new Bench();
    await genesis.send(genesis.hello({ genesisHash: 'ab'.repeat(32) }));
    expect(genesis.end?.code).toBe('other-network');
    const magic = new Bench();
    await magic.raw(encodeMessage(MAGIC + 1, magic.hello()));
    expect(magic.end).toMatchObject({ code: 'other-network' });
    expect(magic.end?.text).toMatch(/another network/);
  });

  it.each([0, PROTOCOL_VERSION + 1, 0xffff_ffff])('HS-05 protocol version %i: "update"', async (protocol) => {
    const bench = new Bench();
    await bench.raw(new ByteWriter().u32(MAGIC).u8(1).u32(protocol).bytes(new Uint8Array(40)).finish());
    expect(bench.end?.code).toBe('other-version');
    expect(bench.end?.text).toMatch(/Update/);
  });

  it('HS-06 our own nonce or node id: "self"', async () => {
    const nonce = new Bench();
    await nonce.settle();
    const own = nonce.sent[0];
    if (own?.type !== 'version') throw new Error('version comes first');
    await nonce.send(nonce.hello({ nonce: own.nonce }));
    expect(nonce.end?.code).toBe('self');
    const id = new Bench();
    await id.send(id.hello({ nodeId: '11'.repeat(16) }));
    expect(id.end?.code).toBe('self');
  });

  it('before the handshake a frame above 4 KiB is refused unread; after it 4 KiB and more are fine', async () => {
    const bench = new Bench();
    await bench.raw(new Uint8Array(NET_LIMITS.messageBytesBeforeHandshake + 1));
    expect(bench.end?.code).toBe('too-large');
    const later = await new Bench().ready();
    const headers = Array.from({ length: 100 }, () => REGTEST.genesis.header);
    await later.send({ type: 'headers', headers });
    expect(later.end).toBeUndefined();
    expect(later.messages).toHaveLength(1);
    expect(NET_LIMITS.messageBytesBeforeHandshake).toBe(4096);
  });
});

describe('garbage', () => {
  it('WIRE-01 WIRE-03 a text frame: dropped', () => {
    const bench = new Bench();
    bench.near.text();
    expect(bench.end?.code).toBe('text-frame');
    expect(bench.near.closedWith?.code).toBe(1003);
  });

  it('WIRE-02 bytes that are no message: dropped with the reason', async () => {
    const bench = await new Bench().ready();
    await bench.raw(new ByteWriter().u32(MAGIC).u8(3).u8(1).finish());
    expect(bench.end).toMatchObject({ code: 'malformed', by: 'us', wasReady: true });
    expect(bench.peer.score).toBe(100);
  });

  it('WIRE-09 unknown types are ignored until there are a hundred', async () => {
    const bench = await new Bench().ready();
    const unknown = new ByteWriter().u32(MAGIC).u8(99).finish();
    for (let i = 0; i < 99; i++) await bench.raw(unknown);
    expect(bench.end).toBeUndefined();
    expect(bench.peer.score).toBe(99);
    await bench.raw(unknown);
    expect(bench.end?.code).toBe('misbehaving');
  });
});

describe('keepalive', () => {
  it('measures latency with ping and pong', async () => {
    const bench = await new Bench().ready();
    const ping = bench.sent.at(-1);
    if (ping?.type !== 'ping') throw new Error('a ping follows the handshake');
    await bench.clock.advanceAsync(42);
    await bench.send({ type: 'pong', nonce: ping.nonce });
    expect(bench.peer.latencyMs).toBe(42);
    expect(bench.peer.latencyHistory).toEqual([42]);
  });

  it('keeps the last 20 latencies', async () => {
    const bench = await new Bench().ready();
    for (let i = 0; i < 25; i++) {
      const ping = bench.sent.at(-1);
      if (ping?.type !== 'ping') throw new Error('no ping');
      await bench.clock.advanceAsync(i);
      await bench.send({ type: 'pong', nonce: ping.nonce });
      bench.peer.ping();
      await bench.settle();
    }
    expect(bench.peer.latencyHistory).toEqual(Array.from({ length: 20 }, (_, i) => i + 5));
    expect(NET_LIMITS.latencySamples).toBe(20);
  });

  it('pings every 15 s and gives up after 45 s of silence', async () => {
    const bench = await new Bench().ready();
    const tick = async (ms: number): Promise<void> => {
      for (let at = 0; at < ms; at += NET_LIMITS.tickMs) {
        await bench.clock.advanceAsync(NET_LIMITS.tickMs);
        bench.peer.tick(bench.clock.monotonic(), false);
        await bench.settle();
      }
    };
    await tick(44_500);
    expect(bench.end).toBeUndefined();
    expect(bench.sent.filter(({ type }) => type === 'ping')).toHaveLength(3);
    await tick(500);
    expect(bench.end?.code).toBe('dead');
    expect([NET_LIMITS.pingMs, NET_LIMITS.deadMs]).toEqual([15_000, 45_000]);
  });

  it('CLK-02 after the computer slept nobody is dead, and a ping goes out', async () => {
    const bench = await new Bench().ready();
    await bench.clock.advanceAsync(3_600_000);
    const before = bench.sent.length;
    bench.peer.tick(bench.clock.monotonic(), true);
    await bench.settle();
    expect(bench.end).toBeUndefined();
    expect(bench.sent.slice(before).map(({ type }) => type)).toEqual(['ping']);
  });

  it('CLK-02 nor is what was not read while it slept held against anybody', async () => {
    const bench = await new Bench().ready();
    bench.near.unsentBytes = 1000;
    bench.peer.tick(bench.clock.monotonic(), false);
    await bench.clock.advanceAsync(3_600_000);
    bench.peer.tick(bench.clock.monotonic(), true);
    expect(bench.end).toBeUndefined();
  });

  it('punishes pongs that nobody asked for', async () => {
    const bench = await new Bench().ready();
    await bench.send({ type: 'pong', nonce: 12n });
    expect(bench.peer.score).toBe(1);
  });

  it('pingsUnderWay: a pong to a ping that was forgotten is our doing, and each is taken once', async () => {
    const bench = await new Bench().ready();
    for (let i = 0; i < 3 * NET_LIMITS.pingsUnderWay; i++) bench.peer.ping();
    await bench.settle();
    for (const message of bench.sent) if (message.type === 'ping') await bench.send({ type: 'pong', nonce: message.nonce });
    expect(bench.peer.score).toBe(0);
    expect(bench.peer.latencyHistory).toHaveLength(NET_LIMITS.pingsUnderWay);
    await bench.send({ type: 'pong', nonce: 12n });
    expect(bench.peer.score).toBe(1);
  });

  it('sends one ping for all who probe at the same time', async () => {
    const bench = await new Bench().ready();
    const pings = (): ReceivedMessage[] => bench.sent.filter(({ type }) => type === 'ping');
    const before = pings().length;
    const probes = Array.from({ length: 30 }, () => bench.peer.probe(1000));
    await bench.settle();
    const [ping, ...more] = pings().slice(before);
    if (ping?.type !== 'ping') throw new Error('no ping');
    expect(more).toEqual([]);
    await bench.send({ type: 'pong', nonce: ping.nonce });
    expect(new Set(await Promise.all(probes))).toEqual(new Set([true]));
    const again = bench.peer.probe(1000);
    await bench.clock.advanceAsync(1000);
    expect(await again).toBe(false);
  });
});

describe('output that is not read', () => {
  it('CON-05 is dropped at 8 MiB', async () => {
    const bench = await new Bench().ready();
    bench.near.unsentBytes = NET_LIMITS.unreadBytes;
    bench.peer.send({ type: 'getaddr' });
    expect(bench.end).toBeUndefined();
    bench.near.unsentBytes += 1;
    bench.peer.send({ type: 'getaddr' });
    expect(bench.end?.code).toBe('unread');
    expect(NET_LIMITS.unreadBytes).toBe(8 * 1024 * 1024);
  });

  it('is dropped when nothing of it moves for 30 s, and not while it moves', async () => {
    const bench = await new Bench().ready();
    bench.near.unsentBytes = 1000;
    const tick = async (): Promise<void> => {
      await bench.clock.advanceAsync(10_000);
      await bench.send({ type: 'tip', tip: bench.tip });
      bench.peer.tick(bench.clock.monotonic(), false);
    };
    bench.peer.tick(bench.clock.monotonic(), false);
    for (let i = 0; i < 6; i++) {
      bench.near.bytesOut += 10;
      await tick();
    }
    expect(bench.end).toBeUndefined();
    // Pings still go out, but the other side's operating system takes nothing: what is sent stays unsent.
    for (let i = 0; i < 5; i++) {
      const before = bench.near.bytesOut;
      await tick();
      bench.near.unsentBytes += bench.near.bytesOut - before;
    }
    bench.peer.tick(bench.clock.monotonic(), false);
    expect(bench.end?.code).toBe('unread');
    expect(NET_LIMITS.unreadMs).toBe(30_000);
  });
});

describe('a calm connection', () => {
  it('is looked at every 3 s; output that stops moving is still given 30 s, and never more than 33', async () => {
    const bench = await new Bench().ready();
    const tick = async (ms: number): Promise<void> => {
      for (let at = 0; at < ms; at += NET_LIMITS.tickMs) {
        await bench.clock.advanceAsync(NET_LIMITS.tickMs);
        await bench.send({ type: 'tip', tip: bench.tip });
        bench.peer.tick(bench.clock.monotonic(), false);
      }
    };
    await tick(10_000);
    const began = bench.clock.monotonic();
    // From now on the other side takes nothing more: what is sent stays unsent.
    const taken = bench.near.bytesOut - bench.near.unsentBytes;
    bench.near.unsentBytes = 1000;
    while (bench.end === undefined && bench.clock.monotonic() - began < 60_000) {
      await tick(NET_LIMITS.tickMs);
      bench.near.unsentBytes = bench.near.bytesOut - taken + 1000;
    }
    expect(bench.end?.code).toBe('unread');
    const took = bench.clock.monotonic() - began;
    expect(took).toBeGreaterThanOrEqual(NET_LIMITS.unreadMs);
    expect(took).toBeLessThanOrEqual(NET_LIMITS.unreadMs + NET_LIMITS.unreadLookMs + NET_LIMITS.tickMs);
    expect(NET_LIMITS.unreadLookMs).toBe(3_000);
  });
});

describe('message rate', () => {
  it('WIRE-12 20,000 messages at once: 500 pass, then it is dropped', async () => {
    const bench = await new Bench().ready();
    const tip = encodeMessage(MAGIC, { type: 'tip', tip: bench.tip });
    for (let i = 0; i < 20_000; i++) bench.near.arrive(tip);
    await bench.settle();
    // The burst has passed; the rest waits with the socket paused, a thousand a ten seconds, and it is not forgiven.
    expect(bench.messages).toHaveLength(500);
    expect(bench.near.paused).toBe(true);
    await bench.clock.advanceAsync(10_100);
    expect(bench.end?.code).toBe('flooding');
    expect(bench.messages.length).toBeLessThan(1600);
  });

  it('drops at once whoever sends more than may wait', async () => {
    const bench = await new Bench().ready();
    bench.near.pause = () => undefined;
    const tip = encodeMessage(MAGIC, { type: 'tip', tip: bench.tip });
    for (let i = 0; i < 500 + NET_LIMITS.throttledMessages; i++) bench.near.arrive(tip);
    expect(bench.end).toBeUndefined();
    bench.near.arrive(tip);
    expect(bench.end?.code).toBe('flooding');
  });

  it('throttles a short burst and forgives it', async () => {
    const bench = await new Bench().ready();
    for (let i = 0; i < 700; i++) bench.near.arrive(encodeMessage(MAGIC, { type: 'tip', tip: bench.tip }));
    expect(bench.messages).toHaveLength(500);
    await bench.clock.advanceAsync(1000);
    expect(bench.messages.length).toBeGreaterThan(590);
    expect(bench.messages.length).toBeLessThan(612);
    await bench.clock.advanceAsync(2000);
    expect(bench.messages).toHaveLength(700);
    expect(bench.end).toBeUndefined();
    expect(bench.near.paused).toBe(false);
  });

  it('answers that were asked for do not count', async () => {
    const bench = await new Bench().ready();
    bench.expected.add('headers');
    const headers = encodeMessage(MAGIC, { type: 'headers', headers: [] });
    for (let i = 0; i < 3000; i++) bench.near.arrive(headers);
    expect(bench.messages).toHaveLength(3000);
    expect(bench.end).toBeUndefined();
  });
});

describe('score', () => {
  it('drops at 100 and says why', async () => {
    const bench = await new Bench().ready();
    bench.peer.punish(99, 'a test');
    expect(bench.end).toBeUndefined();
    bench.peer.punish(1, 'a test');
    expect(bench.end).toMatchObject({ code: 'misbehaving', by: 'us' });
    expect(bench.near.closedWith).toEqual({ code: CLOSE_CODES.misbehaving, reason: 'misbehaving' });
  });

  it('leaves no timer behind', async () => {
    const bench = await new Bench().ready();
    for (let i = 0; i < 600; i++) bench.near.arrive(encodeMessage(MAGIC, { type: 'tip', tip: bench.tip }));
    const probing = bench.peer.probe(1000);
    bench.peer.drop({ code: 'removed', text: '' });
    expect(await probing).toBe(false);
    expect(bench.clock.timerCount).toBe(0);
  });
});

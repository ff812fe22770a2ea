import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import type { PeerInfo } from '../../../src/shared/peers.ts';
import { DialError } from '../../../src/node/net/transport.ts';
import { WsTransport } from '../../../src/node/net/ws-transport.ts';
import { fastClock } from '../../helpers/fast-clock.ts';
import { NodeNetwork, TestNode, type TestNodeOptions } from '../../helpers/node-network.ts';
import { RawPeer } from '../../helpers/raw-peer.ts';
import { until } from '../../helpers/until.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function network(count: number, options?: TestNodeOptions | ((index: number) => TestNodeOptions)): Promise<NodeNetwork> {
  const net = await NodeNetwork.start(count, options);
  cleanups.push(() => net.close());
  return net;
}

/** Two nodes, of which the first keeps the second. */
async function pair(options?: TestNodeOptions | ((index: number) => TestNodeOptions)): Promise<{ net: NodeNetwork; a: TestNode; b: TestNode }> {
  const net = await network(2, options);
  const [a, b] = [net.at(0), net.at(1)];
  await net.line(0, 1);
  await until('both ends', () => b.connected().length === 1);
  return { net, a, b };
}

const only = (node: TestNode): PeerInfo => {
  const rows = node.peers();
  expect(rows).toHaveLength(1);
  const row = rows[0];
  if (row === undefined) throw new Error('no row');
  return row;
};
const isCut = (node: TestNode): boolean => node.peers().every(({ state }) => state === 'cut');
const isLinked = (node: TestNode): boolean => node.peers().length === 1 && node.peers()[0]?.state === 'connected';

describe('cutting a link', () => {
  it.each([
    ['the one who dialled', 0],
    ['the one who was dialled', 1],
  ])('UI-25 by %s: a ghost at both ends, each says who did it, within 500 ms', async (_who, index) => {
    const { net } = await pair();
    const [cutter, other] = [net.at(index), net.at(1 - index)];
    const direction = only(cutter).direction;
    const told = new Promise<PeerInfo>((resolve) => {
      other.pool.on('peer', (info) => {
        if (info.state === 'cut') resolve(info);
      });
    });
    const start = performance.now();
    expect(cutter.pool.cutPeer(only(cutter).key)).toMatchObject({ state: 'cut', cutBy: 'us', name: other.name, direction });
    expect(await told).toMatchObject({ state: 'cut', cutBy: 'them', name: cutter.name, lastError: 'Its user cut the link.' });
    // A promise of the design, with room: it takes a few milliseconds.
    expect(performance.now() - start).toBeLessThan(500);
    expect(only(cutter).lastError).toBeUndefined();
  });

  it('keeps both apart: neither end dials, and blocks stay on their side', async () => {
    const { a, b } = await pair();
    a.pool.cutPeer(only(a).key);
    await until('told', () => isCut(b));
    let dials = 0;
    for (const node of [a, b]) {
      node.pool.on('peer', ({ state }) => {
        if (state !== 'cut') dials += 1;
      });
    }
    await a.mine(2);
    await b.mine(1);
    // The first retry would have come after a second, give or take a fifth.
    await expect(until('a redial', () => dials > 0, 2_500)).rejects.toThrow();
    expect([a.height, b.height]).toEqual([2, 1]);
    expect(a.peers()[0]).toMatchObject({ state: 'cut', attempts: 0, kept: true });
    expect(a.peers()[0]?.nextRetryAt).toBeUndefined();
  });

  it('refuses what the other one dials by itself, with the reason in the close frame', async () => {
    const b = (await network(1)).at(0);
    const raw = await RawPeer.connect(b.port);
    cleanups.push(() => {
      raw.close();
    });
    await until('a row', () => b.connected().length === 1);
    b.pool.cutPeer(only(b).key);
    expect(await raw.endsWithin(1_000)).toEqual({ code: 4014, reason: 'cut' });
    const again = await RawPeer.connect(b.port, { nodeId: raw.nodeId });
    expect(await again.endsWithin(1_000)).toEqual({ code: 4014, reason: 'cut' });
    expect(only(b)).toMatchObject({ state: 'cut', cutBy: 'us' });
    // Another node is let in.
    const other = await RawPeer.connect(b.port);
    cleanups.push(() => {
      other.close();
    });
    await until('the other one', () => b.connected().length === 1);
    // A person at the other end asks for it.
    const asked = await RawPeer.connect(b.port, { nodeId: raw.nodeId, asked: true });
    cleanups.push(() => {
      asked.close();
    });
    await until('let in', () => b.connected().length === 2);
    expect(b.peers()).toHaveLength(2);
  });

  /** A node cut a link to an address before it ever saw who is there; then that one calls, and is told. */
  async function cutUnseen(): Promise<{ a: TestNode; late: TestNode; key: string }> {
    const a = (await network(1)).at(0);
    const late = new TestNode('Late', { peers: [a.address] });
    cleanups.push(() => late.close());
    // Its port is known before it runs.
    await late.open();
    const { address } = late;
    await late.close();
    await until('gone', () => a.connected().length === 0);
    const { key } = await a.pool.addPeer(address, { keepUnreachable: true });
    a.pool.cutPeer(key);
    await late.restart();
    await until('told', () => late.peers()[0]?.state === 'cut');
    return { a, late, key };
  }

  it('refuses the address as well, when the node behind it was never seen', async () => {
    const { a } = await cutUnseen();
    expect(a.peers().map(({ state }) => state)).toEqual(['cut']);
  });

  it('has one row for that node once its user asks for it', async () => {
    const { a, late, key } = await cutUnseen();
    late.pool.mendPeer(only(late).key);
    await until('linked', () => isLinked(a) && isLinked(late));
    expect(only(a).key).toBe(key);
  });

  it('ends a second connection of the same node too, while it is looked at', async () => {
    const b = (await network(1)).at(0);
    const older = await RawPeer.connect(b.port);
    await until('a row', () => b.connected().length === 1);
    older.answers.ping = () => undefined;
    const newer = await RawPeer.connect(b.port, { nodeId: older.nodeId });
    await older.waitFor('ping', 2);
    b.pool.cutPeer(only(b).key);
    for (const raw of [older, newer]) expect(await raw.endsWithin(1_000)).toEqual({ code: 4014, reason: 'cut' });
    expect(only(b)).toMatchObject({ state: 'cut', cutBy: 'us' });
  });

  it('ends a dial under way, and answers the one who waits for it', async () => {
    const a = (await network(1)).at(0);
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => silent.close(resolve)));
    const { port } = silent.address() as { port: number };
    const connected = new Promise((resolve) => silent.once('connection', resolve));
    const adding = a.pool.addPeer(`127.0.0.1:${String(port)}`, { keepUnreachable: true }).catch((error: unknown) => error);
    await connected;
    a.pool.cutPeer(only(a).key);
    expect(await adding).toMatchObject({ code: 'refused', message: 'The link was cut. Mend it to connect again.' });
  });

  it('leaves the next dial alone when it is mended at once', async () => {
    const ends: Promise<unknown>[] = [];
    const silent = createServer((socket) => {
      ends.push(new Promise((resolve) => socket.resume().once('close', resolve)));
      cleanups.push(() => socket.destroy());
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => silent.close(resolve)));
    const { port } = silent.address() as { port: number };
    const a = (await network(1, { peers: [`127.0.0.1:${String(port)}`] })).at(0);
    await until('the first dial', () => ends.length === 1);
    a.pool.cutPeer(only(a).key);
    a.pool.mendPeer(only(a).key);
    await until('the second dial', () => ends.length === 2);
    await ends[0];
    expect(only(a)).toMatchObject({ state: 'connecting', attempts: 0 });
  });

  it('of a peer that is away: it is not dialled when it comes back', async () => {
    const { a, b } = await pair();
    const { address } = b;
    await b.close();
    await until('away', () => only(a).state === 'waiting');
    expect(a.pool.cutPeer(address)).toMatchObject({ state: 'cut', cutBy: 'us' });
    await b.restart();
    // It had been a neighbour of this node, and looks for it once.
    await until('told', () => b.peers().length === 1 && isCut(b));
    expect(only(a).state).toBe('cut');
  });

  it('is forgotten by a restart, which connects to what is kept', async () => {
    const { a, b } = await pair();
    a.pool.cutPeer(only(a).key);
    await until('told', () => isCut(b));
    await a.restart();
    await until('linked', () => isLinked(a) && isLinked(b));
  });

  it('says so when there is no such peer', async () => {
    const a = (await network(1)).at(0);
    expect(() => a.pool.cutPeer('peer-9')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => a.pool.mendPeer('localhost:1')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('cutting twice and mending what is not cut change nothing', async () => {
    const { a, b } = await pair();
    expect(a.pool.mendPeer(only(a).key)).toMatchObject({ state: 'connected' });
    a.pool.cutPeer(only(a).key);
    expect(a.pool.cutPeer(only(a).key)).toMatchObject({ state: 'cut', cutBy: 'us' });
    await until('told', () => isCut(b));
    // The other end cuts it too: then it is its cut as well, and one of them is enough to mend it.
    expect(b.pool.cutPeer(only(b).key)).toMatchObject({ state: 'cut', cutBy: 'us' });
    a.pool.mendPeer(only(a).key);
    await until('linked', () => isLinked(a) && isLinked(b));
  });

  it('a cut row can be removed', async () => {
    const { a, b } = await pair();
    a.pool.cutPeer(only(a).key);
    await until('told', () => isCut(b));
    expect(await a.pool.removePeer(only(a).key)).toBe(true);
    expect(await b.pool.removePeer(only(b).key)).toBe(true);
    expect([a.peers(), b.peers()]).toEqual([[], []]);
  });
});

describe('mending a link', () => {
  it.each([
    ['the one who cut, who had dialled', 0, 0],
    ['the one who cut, who was dialled', 1, 1],
    ['the one who was cut off, who was dialled', 0, 1],
    ['the one who was cut off, who had dialled', 1, 0],
  ])('UI-25 NET-01 by %s: both have one row, and agree with no new block', async (_who, cutter, mender) => {
    const { net, a, b } = await pair();
    await a.mine(1);
    await net.agree(1);
    net.at(cutter).pool.cutPeer(only(net.at(cutter)).key);
    await until('cut', () => isCut(a) && isCut(b));
    await a.mine(1);
    await b.mine(3);
    net.at(mender).pool.mendPeer(only(net.at(mender)).key);
    await until('linked', () => isLinked(a) && isLinked(b), 2_000);
    await net.agree(4, net.nodes, 10_000);
    expect(only(a)).toMatchObject({ kept: true, name: 'Birch' });
    expect(only(a).cutBy).toBeUndefined();
  });

  it('by both at once: one row at each end', async () => {
    const { a, b } = await pair();
    a.pool.cutPeer(only(a).key);
    await until('told', () => isCut(b));
    a.pool.mendPeer(only(a).key);
    b.pool.mendPeer(only(b).key);
    await until('linked', () => isLinked(a) && isLinked(b), 5_000);
  });

  it('by adding its address again', async () => {
    const { a, b } = await pair();
    b.pool.cutPeer(only(b).key);
    await until('told', () => isCut(a));
    expect(await a.pool.addPeer(b.address)).toMatchObject({ state: 'connected', kept: true });
    await until('linked', () => isLinked(a) && isLinked(b));
  });

  it('all links of a node: cut in one go, mended in one go', async () => {
    const net = await network(4);
    await net.line(0, 1);
    await net.line(2, 0);
    await net.line(0, 3);
    const a = net.at(0);
    await until('three', () => a.connected().length === 3);
    for (const { key } of a.peers()) a.pool.cutPeer(key);
    expect(a.connected()).toEqual([]);
    await until('told', () => net.nodes.every((node) => node.peers().length > 0 && isCut(node)));
    await net.at(2).mine(2);
    for (const { key } of a.peers()) a.pool.mendPeer(key);
    await net.agree(2);
    expect(a.connected()).toHaveLength(3);
  });

  it('a peer that listens nowhere is waited for, then forgotten; its own dial is welcome', async () => {
    const b = (await network(1, { modules: { clock: fastClock(100) } })).at(0);
    const raw = await RawPeer.connect(b.port);
    await until('a row', () => b.connected().length === 1);
    const { key } = only(b);
    b.pool.cutPeer(key);
    await raw.endsWithin(1_000);
    expect(b.pool.mendPeer(key)).toMatchObject({ state: 'waiting', lastError: 'It does not listen, so only it can connect again.' });
    const again = await RawPeer.connect(b.port, { nodeId: raw.nodeId });
    await until('the same row', () => b.connected()[0]?.key === key);
    b.pool.cutPeer(key);
    await again.endsWithin(1_000);
    b.pool.mendPeer(key);
    await until('forgotten', () => b.peers().length === 0, 20_000);
    expect(b.removedRows).toEqual([key]);
  });

  it('the one who was cut off asks now and then: a cut that its maker forgot does not last', { timeout: 20_000 }, async () => {
    class Seen extends WsTransport {
      readonly ports: number[] = [];
      override dial(...[target, signal]: Parameters<WsTransport['dial']>): ReturnType<WsTransport['dial']> {
        this.ports.push(target.port);
        return super.dial(target, signal);
      }
    }
    const transport = new Seen();
    const { a, b } = await pair((index) => (index === 0 ? { modules: { clock: fastClock(30), transport } } : {}));
    // Not kept by the first node: it came by itself, and its cut is its own business.
    const c = (await network(1)).at(0);
    await c.pool.addPeer(a.address);
    await until('both', () => a.connected().length === 2);
    c.pool.cutPeer(only(c).key);
    b.pool.cutPeer(only(b).key);
    await until('told', () => isCut(a));
    const states = new Set<string>();
    a.pool.on('peer', ({ state }) => states.add(state));
    let refused = 0;
    a.pool.on('peer', ({ state, cutBy }) => {
      if (state === 'cut' && cutBy === 'them') refused += 1;
    });
    await until('asked twice', () => refused >= 2, 15_000);
    // Asking does not show as connecting.
    expect([...states]).toEqual(['cut']);
    expect(new Set(transport.ports)).toEqual(new Set([b.port]));
    await b.restart();
    await until('linked', () => a.connected().length === 1 && isLinked(b), 10_000);
  });
});

describe('a peer that says "cut" can only take itself away', () => {
  it('keeps no more than so many ghosts of strangers', { timeout: 20_000 }, async () => {
    const b = (await network(1)).at(0);
    for (let i = 0; i < NET_LIMITS.cutByThem + 3; i++) {
      const raw = await RawPeer.connect(b.port);
      await until('a row', () => b.connected().length === 1);
      raw.ws.close(4014, 'cut');
      await until('cut', () => isCut(b));
    }
    expect(b.peers()).toHaveLength(NET_LIMITS.cutByThem);
    expect(b.removedRows).toHaveLength(3);
    expect(b.removedRows[0]).toBe('peer-1');
  });

  it('keeps no more than so many cuts of links that nobody keeps', { timeout: 30_000 }, async () => {
    const b = (await network(1)).at(0);
    for (let i = 0; i < NET_LIMITS.cutByUs + 2; i++) {
      await RawPeer.connect(b.port);
      await until('a row', () => b.connected().length === 1);
      for (const { key } of b.connected()) b.pool.cutPeer(key);
    }
    expect(b.peers()).toHaveLength(NET_LIMITS.cutByUs);
    expect(b.removedRows).toEqual(['peer-1', 'peer-2']);
  });

  it('does not take over the row of another node by naming its address', async () => {
    const { a, b } = await pair();
    a.pool.cutPeer(only(a).key);
    await until('told', () => isCut(b));
    const liar = await RawPeer.connect(a.port, { listenPort: b.port, asked: true });
    cleanups.push(() => {
      liar.close();
    });
    await until('let in', () => a.connected().length === 1);
    expect(a.peers().map(({ name, state, nodeId }) => [name, state, nodeId])).toEqual([
      ['Birch', 'cut', b.nodeId],
      ['Raw', 'connected', liar.nodeId],
    ]);
  });
});

it('a mend whose first dial fails is still one that a person asked for', { timeout: 20_000 }, async () => {
  class Moody extends WsTransport {
    failures = 0;
    override dial(...args: Parameters<WsTransport['dial']>): ReturnType<WsTransport['dial']> {
      if (this.failures === 0) return super.dial(...args);
      this.failures -= 1;
      return Promise.reject(new DialError('unreachable', 'no network for a moment'));
    }
  }
  const moody = new Moody();
  const { a, b } = await pair((index) => (index === 0 ? { modules: { transport: moody } } : {}));
  b.pool.cutPeer(only(b).key);
  await until('told', () => isCut(a));
  moody.failures = 1;
  a.pool.mendPeer(only(a).key);
  await until('linked again', () => isLinked(a) && isLinked(b), 10_000);
});

import { createServer } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { decodeMessage } from '../../../src/node/net/codec/frame.ts';
import { ListenError } from '../../../src/node/net/index.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import type { PeerInfo } from '../../../src/shared/peers.ts';
import { systemClock, type Clock } from '../../../src/node/util/clock.ts';
import { fastClock } from '../../helpers/fast-clock.ts';
import { NodeNetwork, TestNode, type TestNodeOptions } from '../../helpers/node-network.ts';
import { until } from '../../helpers/until.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function network(count: number, options?: TestNodeOptions | ((index: number) => TestNodeOptions)): Promise<NodeNetwork> {
  const net = await NodeNetwork.start(count, options);
  cleanups.push(() => net.close());
  return net;
}

/** A port where something else listens. */
async function occupied(http = false): Promise<number> {
  const server = http ? createHttpServer((_request, response) => response.end('hello')) : createServer((socket) => socket.resume().end('SSH-2.0-x\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** A port where nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const code = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'ok', (error: unknown) => (error as { code: unknown; message: string }).code);
const message = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'ok', (error: unknown) => (error as Error).message);

describe('addPeer', () => {
  it('connects, and both ends show one row with name, tip and verdict', async () => {
    const net = await network(2);
    const [a, b] = [net.at(0), net.at(1)];
    const row = await a.pool.addPeer(`ws://localhost:${String(b.port)}/`);
    expect(row).toMatchObject({ state: 'connected', direction: 'outbound', kept: true, name: 'Birch', nodeId: b.nodeId, verdict: 'same-tip', height: 0 });
    await until('the other end', () => b.connected().length === 1);
    expect(b.peers()[0]).toMatchObject({ direction: 'inbound', kept: false, name: 'Aster', address: a.address, verdict: 'same-tip', tipHash: REGTEST.genesisHash });
    await until('a latency', () => (a.peers()[0]?.latencyHistory.length ?? 0) > 0);
    expect(a.peers()[0]?.bytesIn).toBeGreaterThan(100);
  });

  it('CON-09 says what is wrong with an address', async () => {
    const a = (await network(1)).at(0);
    expect(await message(a.pool.addPeer('localhost:0'))).toBe('Port must be 1-65535');
    expect(await message(a.pool.addPeer('file:///etc/passwd'))).toBe('Not an address');
    expect(a.peers()).toEqual([]);
  });

  it('HS-06 "That is this node", by address and by handshake', async () => {
    const a = (await network(1)).at(0);
    expect(await message(a.pool.addPeer(a.address))).toBe('That is this node');
    expect(await message(a.pool.addPeer(`127.0.0.2:${String(a.port)}`))).not.toBe('ok');
    const wide = await new TestNode('Wide', { host: '0.0.0.0' }).open();
    cleanups.push(() => wide.close());
    expect(await message(wide.pool.addPeer(`127.0.0.1:${String(wide.port)}`))).toBe('That is this node');
    expect(await message(wide.pool.addPeer(`127.0.0.3:${String(wide.port)}`))).toBe('That is this node');
    expect(wide.peers()).toEqual([]);
    expect(a.peers()).toEqual([]);
  });

  it('"Already connected" when it is kept already', async () => {
    const net = await network(2);
    await net.line(0, 1);
    expect(await message(net.at(0).pool.addPeer(net.at(1).address))).toBe('Already connected');
    expect(await message(net.at(0).pool.addPeer(`localhost:${String(net.at(1).port)}`))).toBe('Already connected');
    expect(net.at(0).peers()).toHaveLength(1);
  });

  it('keeps a peer that had dialled us', async () => {
    const net = await network(2);
    await net.line(0, 1);
    await until('inbound', () => net.at(1).connected().length === 1);
    const row = await net.at(1).pool.addPeer(net.at(0).address);
    expect(row).toMatchObject({ kept: true, state: 'connected', name: 'Aster' });
    expect(net.at(1).peers()).toHaveLength(1);
  });

  it('"Nothing answers on …", and the row is gone', async () => {
    const a = (await network(1)).at(0);
    const port = await freePort();
    expect(await message(a.pool.addPeer(`localhost:${String(port)}`))).toBe(`Nothing answers on ${String(port)}`);
    expect(a.peers()).toEqual([]);
  });

  it('keeps one that does not answer when asked to, and retries', async () => {
    const a = (await network(1)).at(0);
    const port = await freePort();
    const row = await a.pool.addPeer(`localhost:${String(port)}`, { keepUnreachable: true });
    expect(row).toMatchObject({ state: 'waiting', kept: true, attempts: 1, lastError: `Nothing answers on ${String(port)}.` });
    expect(row.nextRetryAt).toBeGreaterThan(Date.now());
    const b = await new TestNode('Late', { port }).open();
    cleanups.push(() => b.close());
    await until('the retry', () => a.connected().length === 1);
    expect(a.peers()).toHaveLength(1);
  });

  it('says when it tries again also after the clock was set, back or forward', async () => {
    let set = 0;
    const clock: Clock = { ...systemClock, now: () => Date.now() + set };
    // What is no node is not tried again for some nine seconds.
    const a = (await network(1, { modules: { clock }, peers: [`127.0.0.1:${String(await occupied(true))}`] })).at(0);
    const waits = (): boolean => a.peers()[0]?.state === 'waiting';
    await until('the failure', waits);
    const wait = (info = a.peers()[0]): number => (info?.nextRetryAt ?? 0) - clock.now();
    expect(wait()).toBeGreaterThan(5_000);
    const told: number[] = [];
    a.pool.on('peer', (info) => told.push(wait(info)));
    for (const ms of [-3_600_000, 3_600_000]) {
      set = ms;
      await until('the time by the new clock', () => told.length > 0, 2_000);
      expect(waits()).toBe(true);
      expect(told.splice(0)[0]).toBeLessThan(15_000);
      expect(wait()).toBeGreaterThan(1_000);
    }
  });

  it('what is tried again by itself is no longer asked for by a person', async () => {
    const a = (await network(1, { modules: { clock: fastClock(10) } })).at(0);
    const port = await freePort();
    await a.pool.addPeer(`127.0.0.1:${String(port)}`, { keepUnreachable: true });
    const server = new WebSocketServer({ port, host: '127.0.0.1' });
    cleanups.push(() => new Promise((resolve) => server.close(resolve)));
    const hello = await new Promise<Buffer>((resolve) => server.once('connection', (ws) => ws.once('message', resolve)));
    expect(decodeMessage(REGTEST.magic, Uint8Array.from(hello))).toMatchObject({ type: 'version', asked: false });
  });

  it('says again that one does not answer which is kept, and goes on keeping it', async () => {
    const a = (await network(1)).at(0);
    const address = `127.0.0.1:${String(await freePort())}`;
    await a.pool.addPeer(address, { keepUnreachable: true });
    for (const keepUnreachable of [true, false]) expect(await code(a.pool.addPeer(address, { keepUnreachable }))).toBe('nothing-answers');
    expect(a.peers()).toMatchObject([{ address, state: 'waiting', kept: true }]);
  });

  it('"Different genesis" for another network', async () => {
    const net = await network(2, (i) => (i === 0 ? {} : { params: { ...REGTEST, magic: (REGTEST.magic ^ 1) >>> 0 } }));
    expect(await message(net.at(0).pool.addPeer(net.at(1).address))).toBe('Different genesis');
    const other = await new TestNode('Other', { params: { ...REGTEST, genesisHash: 'ab'.repeat(32) } }).open();
    cleanups.push(() => other.close());
    expect(await code(net.at(0).pool.addPeer(other.address))).toBe('different-genesis');
    expect(net.at(0).peers()).toEqual([]);
    expect(net.at(1).peers()).toEqual([]);
  });

  it('CON-08 an HTTP server or something else there: refused with the reason', async () => {
    const a = (await network(1)).at(0);
    const http = await occupied(true);
    expect(await message(a.pool.addPeer(`127.0.0.1:${String(http)}`))).toBe(
      `127.0.0.1:${String(http)} answers, but it is not a Chainscope node. Check the port.`,
    );
    expect(await code(a.pool.addPeer(`127.0.0.1:${String(await occupied())}`))).toBe('refused');
  });

  it('CON-08 one in the settings is kept, and tried again only after some ten seconds', async () => {
    const a = (await network(1, { peers: [`127.0.0.1:${String(await occupied(true))}`] })).at(0);
    await until('a try', () => a.peers()[0]?.attempts === 1);
    const wait = (a.peers()[0]?.nextRetryAt ?? 0) - Date.now();
    expect(wait).toBeGreaterThan(8_000);
    expect(wait).toBeLessThan(15_000);
  });

  it('refuses more than 64 kept peers', async () => {
    const a = (await network(1, { peers: Array.from({ length: 64 }, (_, i) => `127.0.0.1:${String(i + 1)}`) })).at(0);
    expect(a.peers()).toHaveLength(64);
    expect(await code(a.pool.addPeer('127.0.0.1:100'))).toBe('too-many-peers');
  });
});

describe('one connection for two nodes', () => {
  it.each([0, 1, 2, 3])('HS-07 both dial each other at once: one row at each end (try %i)', async () => {
    const net = await network(2);
    const [a, b] = [net.at(0), net.at(1)];
    await Promise.all([a.pool.addPeer(b.address), b.pool.addPeer(a.address)]);
    const settled = (): boolean =>
      [a, b].every((node) => node.peers().length === 1 && node.peers()[0]?.state === 'connected' && node.peers()[0]?.kept === true);
    await until('one kept row each', settled, 5_000);
    // The survivor is the one that the smaller node id dialled; both ends know it.
    const dialler = a.nodeId < b.nodeId ? a : b;
    await until('the same survivor', () => dialler.peers()[0]?.direction === 'outbound' && settled());
    await a.mine();
    await net.agree(1);
  });

  it('two addresses of one node become one row', async () => {
    const b = await new TestNode('Birch', { host: '0.0.0.0' }).open();
    cleanups.push(() => b.close());
    const a = await new TestNode('Aster', { peers: [`127.0.0.1:${String(b.port)}`, `127.0.0.2:${String(b.port)}`] }).open();
    cleanups.push(() => a.close());
    await until('one row', () => a.peers().length === 1 && a.connected().length === 1 && b.connected().length === 1);
  });

  it('settings that name the node itself take it off the list', async () => {
    const port = await freePort();
    const notices: string[] = [];
    const node = new TestNode('Aster', { host: '0.0.0.0', port, peers: [`127.0.0.9:${String(port)}`] });
    node.pool.on('notice', (_level, name) => notices.push(name));
    await node.open();
    cleanups.push(() => node.close());
    await until('an empty list', () => node.peers().length === 0);
    expect(notices).toEqual(['peer-is-self']);
  });
});

describe('staying connected', () => {
  it('CON-06 runs with unreachable peers and shows when it retries', async () => {
    const port = await freePort();
    const a = (await network(1, { peers: [`localhost:${String(port)}`] })).at(0);
    await until('waiting', () => a.peers()[0]?.state === 'waiting');
    expect(a.peers()[0]).toMatchObject({ kept: true, attempts: 1 });
    expect((a.peers()[0]?.nextRetryAt ?? 0) - Date.now()).toBeLessThan(60_000);
  });

  it('CON-07 a peer that went away and came back is joined again, and nothing is lost', async () => {
    const net = await network(2);
    const [a, b] = [net.at(0), net.at(1)];
    await net.line(0, 1);
    await a.mine(3);
    await net.agree(3);
    await b.close();
    await until('noticed', () => a.peers()[0]?.state === 'waiting');
    expect(a.peers()[0]?.lastError).toBe('It was closed.');
    await a.mine(2);
    await b.restart();
    await net.agree(5, net.nodes, 10_000);
    expect(a.peers()).toHaveLength(1);
  });

  it('who left and is not dialled again is named with the reason, who was taken away is not', async () => {
    const net = await network(3);
    const [a, b, c] = [net.at(0), net.at(1), net.at(2)];
    await net.line(0, 1);
    await c.pool.addPeer(b.address);
    await until('both links', () => b.connected().length === 2);
    const told: unknown[] = [];
    b.pool.on('peer-removed', (_key, lost) => told.push(lost));
    const [first] = b.peers();
    const name = first?.name;
    await a.close();
    await until('one link', () => told.length === 1);
    expect(told).toEqual([{ name, text: 'It was closed.' }]);
    await b.pool.removePeer(b.peers()[0]?.key ?? '');
    expect(told.slice(1)).toEqual([undefined]);
  });

  it('a restarted node dials what it kept and its former neighbours', async () => {
    const net = await network(3);
    await net.line(0, 1, 2);
    await until('links', () => net.at(1).connected().length === 2);
    const b = net.at(1);
    await b.restart();
    await until('links again', () => b.connected().length === 2, 10_000);
    expect(b.peer('Cedar')).toMatchObject({ kept: true });
    expect(b.peer('Aster')).toMatchObject({ kept: false });
    expect(net.at(0).peers()).toHaveLength(1);
    expect(net.at(0).peers()[0]).toMatchObject({ kept: true, name: 'Birch' });
  });

  it('dials who was named for this start also where it keeps as many as it may', async () => {
    const other = (await network(1)).at(0);
    const node = new TestNode('Full', { peers: [other.address] });
    node.saved = Array.from({ length: 64 }, (_, index) => ({ address: `127.0.0.1:${String(index + 1)}`, kept: true, neighbour: false, lastSeen: 0 }));
    await node.open();
    cleanups.push(() => node.close());
    await until('the one that was named', () => node.connected().length === 1);
    expect(node.peers().filter(({ kept }) => kept)).toHaveLength(64);
  });

  it('a former neighbour on another computer is not dialled, which the user never asked for', async () => {
    const b = new TestNode('Birch');
    const [near, far] = [`127.0.0.1:${String(await freePort())}`, '192.0.2.1:5001'];
    b.saved = [near, far].map((address) => ({ address, kept: false, neighbour: true, lastSeen: 1 }));
    const dialled: string[] = [];
    b.pool.on('peer', (info) => dialled.push(info.address));
    cleanups.push(() => b.close());
    await b.open();
    await until('the dial', () => dialled.length > 0);
    expect(new Set([...dialled, ...b.peers().map(({ address }) => address)])).toEqual(new Set([near]));
  });

  it('counts the failures anew after the computer slept', async () => {
    const a = (await network(1, { modules: { clock: fastClock(10) } })).at(0);
    await a.pool.addPeer(`127.0.0.1:${String(await freePort())}`, { keepUnreachable: true });
    await until('three failures', () => (a.peers()[0]?.attempts ?? 0) >= 3 && a.peers()[0]?.state === 'waiting', 5_000);
    a.pool.resume();
    expect(a.peers()[0]).toMatchObject({ state: 'connecting', attempts: 0 });
    // The first of them: the next follows a tenth of a second later.
    const failures: PeerInfo[] = [];
    a.pool.on('peer', (info) => {
      if (info.state === 'waiting') failures.push(info);
    });
    await until('the failure', () => failures.length > 0);
    expect(failures[0]?.attempts).toBe(1);
  });

  it('saves at its end when it saw its neighbours last', async () => {
    const net = await network(3);
    const a = net.at(0);
    for (const other of net.nodes.slice(1)) await other.pool.addPeer(a.address);
    await until('both', () => a.connected().length === 2);
    await net.at(2).close();
    await until('one left', () => a.connected().length === 1);
    await until('saved', () => a.saved.length === 2);
    const closing = Date.now();
    await a.close();
    const seen = (node: TestNode): number => a.saved.find(({ address }) => address === node.address)?.lastSeen ?? 0;
    expect(seen(net.at(1))).toBeGreaterThanOrEqual(closing);
  });

  it('saves what is kept, and forgets what is removed', async () => {
    const net = await network(2);
    await net.line(0, 1);
    await net.at(0).pool.close();
    expect(net.at(0).saved).toMatchObject([{ address: net.at(1).address, kept: true }]);
    await net.at(0).pool.open();
    await until('kept', () => net.at(0).connected().length === 1);
    expect(await net.at(0).pool.removePeer(net.at(1).address)).toBe(true);
    expect(net.at(0).peers()).toEqual([]);
    expect(net.at(0).saved.filter(({ kept }) => kept)).toEqual([]);
    await until('gone there too', () => net.at(1).peers().length === 0);
    expect(await net.at(0).pool.removePeer(net.at(1).address)).toBe(false);
    expect(await net.at(0).pool.removePeer('no such peer')).toBe(false);
  });

  it('an inbound peer that was removed stays away until somebody asks again', async () => {
    const net = await network(2);
    await net.line(0, 1);
    const [a, b] = [net.at(0), net.at(1)];
    await until('inbound', () => b.connected().length === 1);
    expect(await b.pool.removePeer(b.peers()[0]?.key ?? '')).toBe(true);
    await until('told', () => a.peers()[0]?.lastError === 'Its user removed this node from the list.');
    await until('a second try', () => (a.peers()[0]?.attempts ?? 0) >= 2, 5_000);
    expect(b.peers()).toEqual([]);
    // Its own user asks for it: welcome again.
    await a.pool.addPeer(b.address);
    await until('back', () => b.connected().length === 1);
  });

  it('writes nothing that it cannot read: bad records are left out', async () => {
    const node = new TestNode('Aster');
    const bad: unknown[] = [null, 5, {}, { address: 7 }, { address: 'x:0', kept: true }, { address: 'localhost:9', kept: 'yes', lastSeen: -1 }];
    node.saved = bad as never[];
    await node.open();
    cleanups.push(() => node.close());
    expect(node.peers()).toEqual([]);
  });
});

describe('listening', () => {
  it('CON-11 a default port that is taken moves to the next free one', async () => {
    const first = (await network(1)).at(0);
    const second = await new TestNode('Birch', { port: first.port, portFallback: true }).open();
    cleanups.push(() => second.close());
    expect(second.pool.listening).toMatchObject({ host: '127.0.0.1', movedFrom: first.port });
    expect(second.port).toBeGreaterThan(first.port);
  });

  it('a port that was asked for and is taken is an error that names the variable', async () => {
    const first = (await network(1)).at(0);
    const second = new TestNode('Birch', { port: first.port });
    const error: unknown = await second.open().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({ variable: 'P2P_PORT', code: 'EADDRINUSE' });
    expect((error as Error).message).toMatch(new RegExp(`^Port ${String(first.port)} is taken`));
    await second.chain.close();
  });

  it('an address that is not of this computer names P2P_HOST', async () => {
    const node = new TestNode('Aster', { host: '192.0.2.1' });
    expect(await node.open().catch((reason: unknown) => reason)).toMatchObject({ variable: 'P2P_HOST' });
    await node.chain.close();
  });
});

describe('closing', () => {
  it('takes less than a second with peers connected, and may be repeated', async () => {
    const net = await network(3);
    await net.line(0, 1, 2);
    const start = performance.now();
    await net.at(1).pool.close();
    expect(performance.now() - start).toBeLessThan(1000);
    await net.at(1).pool.close();
    expect(net.at(1).pool.listening).toBeUndefined();
    expect(net.at(1).peers()).toEqual([]);
    await net.at(1).pool.open();
    await until('again', () => net.at(1).connected().length >= 1);
  });

  it('refuses calls afterwards and gives up a dial under way', async () => {
    const a = (await network(1)).at(0);
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => new Promise((resolve) => silent.close(resolve)));
    const adding = code(a.pool.addPeer(`127.0.0.1:${String((silent.address() as AddressInfo).port)}`));
    const sockets = new Promise((resolve) => silent.once('connection', resolve));
    await sockets;
    await a.pool.close();
    expect(await adding).toBe('node-closing');
    expect(await code(a.pool.addPeer('localhost:9').catch((e: unknown) => Promise.reject(e as Error)))).toBe('node-closing');
  });

  it('SOAK-03 a hundred connects and disconnects leave no listener and no socket', async () => {
    const net = await network(2);
    const [a, b] = [net.at(0), net.at(1)];
    await a.pool.addPeer(b.address);
    await a.pool.removePeer(b.address);
    await until('empty', () => b.peers().length === 0);
    const counts = (): number[] => [
      ...(['tip', 'connect', 'invalid'] as const).map((event) => b.chain.listenerCount(event)),
      b.mempool.listenerCount('add'),
    ];
    const before = counts();
    const handles = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    await until('sockets gone', () => handles() === 0, 5_000);
    for (let i = 0; i < 100; i++) {
      await a.pool.addPeer(b.address);
      await a.pool.removePeer(b.address);
    }
    await until('empty', () => a.peers().length === 0 && b.peers().length === 0);
    expect(counts()).toEqual(before);
    await until('sockets gone', () => handles() === 0, 5_000);
    for (let i = 0; i < 2; i++) {
      await b.pool.close();
      await b.pool.open();
    }
    expect(counts()).toEqual(before);
  });
});

describe('peer events', () => {
  it('tell states at once and numbers at most about twice a second', async () => {
    const net = await network(2);
    const [a, b] = [net.at(0), net.at(1)];
    const events: PeerInfo[] = [];
    a.pool.on('peer', (info) => events.push(info));
    await a.pool.addPeer(b.address);
    const states = events.map(({ state }) => state);
    expect(states[0]).toBe('connecting');
    expect(states).toContain('connected');
    const before = events.length;
    const start = performance.now();
    for (let i = 0; i < 60; i++) await b.mine();
    await net.agree(60);
    await until('the last state', () => events.at(-1)?.height === 60 && events.at(-1)?.verdict === 'same-tip');
    const seconds = (performance.now() - start) / 1000;
    expect(events.length - before).toBeLessThan(25 + 20 * seconds);
  });
});

import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'vitest';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import type { ApiErrorShape } from '../../../src/shared/node-api.ts';
import type { RawPeer } from '../../helpers/raw-peer.ts';
import { RawSocket } from '../../helpers/raw-socket.ts';
import { until } from '../../helpers/until.ts';
import { expectDrop, oneBlock, sendBlock, type Case, type World } from '../world.ts';

/** Listens on a free port until the case is over. */
async function listen(world: World, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  world.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const addPeer = (world: World, address: unknown, more: object = {}) => world.http('/peers', { method: 'POST', body: { address, ...more } });

/** A newcomer shakes hands, and a block of it arrives. */
async function newcomer(world: World): Promise<RawPeer> {
  const peer = await world.peer({ name: 'Newcomer' });
  expect(peer.end).toBeUndefined();
  const block = oneBlock(world.tip);
  sendBlock(peer, block);
  await until('its block', () => world.tip.hash === block.hash);
  return peer;
}

export const connectionCases: Case[] = [
  {
    id: 'CON-01',
    title: '500 idle connections: 32 stay, what we dialled is untouched, an honest newcomer gets in',
    timeout: 60_000,
    run: async (world) => {
      const sockets: RawSocket[] = [];
      for (let i = 0; i < 500; i++) {
        const socket = await RawSocket.open(world.port).catch(() => undefined);
        if (socket === undefined) continue;
        socket.upgrade();
        sockets.push(socket);
        world.after(() => {
          socket.destroy();
        });
      }
      await until('the rest is closed', () => sockets.filter(({ closed }) => !closed).length <= NET_LIMITS.inbound, 20_000);
      expect(NET_LIMITS.inbound).toBe(32);
      expect(world.honestRow()?.direction).toBe('outbound');
      await newcomer(world);
    },
  },
  {
    id: 'CON-02',
    title: '200 connect and leave, half of them with a reset: no row is left',
    timeout: 40_000,
    run: async (world) => {
      for (let i = 0; i < 200; i++) {
        const socket = await RawSocket.open(world.port);
        if (i % 3 === 0) socket.upgrade();
        if (i % 2 === 0) socket.socket.resetAndDestroy();
        else socket.destroy();
      }
      await until('the list is empty of them', () => world.node.api.peers().length === 1, 20_000);
    },
  },
  {
    id: 'CON-03',
    title: 'silence on every slot, before and after the upgrade: an honest peer enters at once, and all are freed after 5 s',
    timeout: 60_000,
    waits: true,
    run: async (world) => {
      const sockets: RawSocket[] = [];
      for (let i = 0; i < NET_LIMITS.inbound + 20; i++) {
        const socket = await world.tcp();
        if (i < NET_LIMITS.inbound) socket.upgrade();
        sockets.push(socket);
      }
      await newcomer(world);
      await until('all freed', () => sockets.every(({ closed }) => closed), 20_000);
    },
  },
  {
    id: 'CON-04',
    title: 'peers that vanish at the moment of mining: POST /mine answers as if nothing had happened',
    run: async (world) => {
      const peers = await Promise.all(Array.from({ length: 10 }, () => world.peer()));
      const mining = world.http('/mine', { method: 'POST', body: { data: 'nobody listens' } });
      for (const peer of peers) (peer.ws as unknown as { _socket: Socket })._socket.resetAndDestroy();
      expect((await mining).status).toBe(302);
      const after = await world.http('/mine', { method: 'POST', body: { data: 'nobody is there' } });
      expect(after.status).toBe(302);
      expect((await world.http(`${after.headers.location ?? ''}?limit=1`)).status).toBe(200);
      await until('the rows are gone', () => world.strangers().length === 0);
    },
  },
  {
    id: 'CON-05',
    title: 'five that ask for much and read nothing: dropped, and their memory is free',
    timeout: 60_000,
    run: async (world) => {
      await world.give([oneBlock(world.tip, { data: 'x'.repeat(250_000) })]);
      const { hash } = world.tip;
      const rss = process.memoryUsage.rss();
      const peers: RawPeer[] = [];
      for (let i = 0; i < 5; i++) {
        const peer = await world.peer();
        (peer.ws as unknown as { _socket: Socket })._socket.pause();
        peers.push(peer);
      }
      // Requests without end: the answers stay unsent, the queue grows, and then it is over.
      for (const peer of peers) for (let i = 0; i < 8; i++) peer.send({ type: 'getdata', entries: Array.from({ length: 128 }, () => ({ kind: 'block' as const, hash })) });
      await until('dropped', () => world.strangers().length === 0, 40_000);
      console.log(`      CON-05: RSS ${((process.memoryUsage.rss() - rss) / 1e6).toFixed(0)} MB more while 5 peers left ${String(5 * 8 * 128)} blocks of 250 kB unread`);
      for (const peer of peers) peer.close();
    },
  },
  {
    id: 'CON-06',
    title: 'an address where nobody answers: kept, and its row says when it is tried again',
    run: async (world) => {
      const gone = createServer();
      const port = await listen(world, gone);
      gone.close();
      const answer = await addPeer(world, `127.0.0.1:${String(port)}`, { keepUnreachable: true });
      expect(answer.status).toBe(201);
      world.after(() => world.node.api.removePeer(`127.0.0.1:${String(port)}`));
      await until('the next try', () => world.strangers().some((row) => row.state === 'waiting' && (row.nextRetryAt ?? 0) > 0 && row.attempts >= 2), 20_000);
      expect(world.strangers()[0]?.lastError).toMatch(/\.$/);
    },
  },
  {
    id: 'CON-08',
    title: 'an HTTP server, and one of another protocol: refused with the reason, and tried again ever less often',
    timeout: 60_000,
    waits: true,
    run: async (world) => {
      const web = await listen(world, createHttpServer((_request, response) => response.writeHead(200).end('a web page')));
      const other = await listen(world, createServer((socket) => socket.write('220 mail.example ESMTP\r\n')));
      const mute = await listen(world, createServer());
      for (const port of [web, other, mute]) {
        const answer = await addPeer(world, `localhost:${String(port)}`);
        expect([502, 504]).toContain(answer.status);
        expect((answer.json() as { error: ApiErrorShape }).error.message).toMatch(/[.\w]$/);
        expect(world.strangers()).toEqual([]);
      }
      // Kept all the same: the first try after a wrong kind of server is far away.
      await addPeer(world, `127.0.0.1:${String(web)}`, { keepUnreachable: true });
      const row = world.strangers()[0];
      if (row !== undefined) {
        expect((row.nextRetryAt ?? 0) - Date.now()).toBeGreaterThan(5_000);
        await world.node.api.removePeer(row.key);
      }
    },
  },
  {
    id: 'CON-09',
    title: 'bad addresses: refused where they are typed, with the field',
    run: async (world) => {
      const wrong: [unknown, string][] = [
        ['file:///etc/passwd', 'not-an-address'],
        ['http://localhost:5001', 'not-an-address'],
        ['wss://localhost:5001', 'not-an-address'],
        ['localhost:0', 'bad-port'],
        ['localhost:65536', 'bad-port'],
        ['localhost:-1', 'bad-port'],
        ['localhost:1e3', 'bad-port'],
        ['', 'not-an-address'],
        ['ws://user:secret@localhost:5001', 'not-an-address'],
        ['local host:5001', 'not-an-address'],
        ['localhost:5001/path?x', 'not-an-address'],
        [`${'x'.repeat(254)}:5001`, 'not-an-address'],
      ];
      for (const [address, code] of wrong) {
        const answer = await addPeer(world, address);
        expect(answer.status, String(address)).toBe(400);
        expect(answer.json(), String(address)).toMatchObject({ error: { code, field: 'address' } });
      }
      for (const address of [7, null, [], {}]) expect((await addPeer(world, address)).status).toBe(400);
      expect(world.strangers()).toEqual([]);
    },
  },
  {
    id: 'CON-10',
    title: 'an offender on loopback: everybody else on loopback stays, and the next one gets in',
    run: async (world) => {
      const other = await world.peer();
      for (let i = 0; i < 5; i++) {
        const offender = await world.peer();
        offender.raw('no');
        await expectDrop(offender, 'text-frame');
      }
      expect(other.end).toBeUndefined();
      await newcomer(world);
    },
  },
];

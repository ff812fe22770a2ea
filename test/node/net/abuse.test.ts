import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HalfMessages } from '../../../src/node/net/half-messages.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { transactionHashHex } from '../../../src/node/primitives/transaction.ts';
import { fastClock } from '../../helpers/fast-clock.ts';
import { dataTransaction, genesisParent, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { NodeNetwork, type TestNode } from '../../helpers/node-network.ts';
import { serveChain, tipOf } from '../../helpers/raw-chain.ts';
import { RawPeer, rawSocketOf } from '../../helpers/raw-peer.ts';
import { until } from '../../helpers/until.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(speed = 1): Promise<TestNode> {
  const net = await NodeNetwork.start(1, speed === 1 ? {} : { modules: { clock: fastClock(speed) } });
  cleanups.push(() => net.close());
  return net.at(0);
}

async function played(node: TestNode, blocks: readonly MinedBlock[] = [], change?: (peer: RawPeer) => void): Promise<RawPeer> {
  const peer = await RawPeer.connect(node.port, { tip: tipOf(blocks) }, (raw) => {
    serveChain(raw, blocks);
    change?.(raw);
  });
  cleanups.push(() => {
    peer.close();
  });
  return peer;
}

describe('half messages', () => {
  it('are counted together, and the largest goes', () => {
    const half = new HalfMessages(100);
    const gone: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ tooLarge: () => gone.push(name) }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    half.set(a, 40);
    half.set(b, 60);
    expect([half.total, gone]).toEqual([100, []]);
    half.set(c, 1);
    expect([half.total, gone]).toEqual([41, ['b']]);
    half.set(c, 0);
    half.set(a, 10);
    expect([half.total, gone]).toEqual([10, ['b']]);
  });

  it('WIRE-08 of many connections hold 24 MiB together, and those with less stay', { timeout: 30_000 }, async () => {
    const node = await start();
    const small = await played(node);
    const peers: RawPeer[] = [];
    for (let i = 0; i < 12; i++) peers.push(await played(node));
    const part = new Uint8Array(100_000);
    small.ws.send(part, { fin: false, binary: true });
    for (const peer of peers) for (let i = 0; i < 39; i++) peer.ws.send(part, { fin: false, binary: true });
    await until('the largest went', () => peers.filter((peer) => peer.end !== undefined).length >= 5, 20_000);
    expect(peers.find((peer) => peer.end !== undefined)?.end).toEqual({ code: 1009, reason: 'too-large' });
    expect(peers.some((peer) => peer.end === undefined)).toBe(true);
    expect(small.end).toBeUndefined();
    expect(NET_LIMITS.halfMessageBytes).toBe(24 * 1024 * 1024);
  });
});

describe('sockets', () => {
  it('CON-01 500 that say nothing at all: an honest newcomer gets in at once', async () => {
    const node = await start();
    const sockets = Array.from({ length: 500 }, () => connect(node.port, '127.0.0.1').on('error', () => undefined).resume());
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
    });
    await until('all but 64 are closed', () => sockets.filter((socket) => socket.closed).length === 500 - NET_LIMITS.pendingUpgrades, 4_000);
    const began = performance.now();
    const peer = await played(node);
    expect(peer.end).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(NET_LIMITS.pendingUpgrades).toBe(64);
  });
});

describe('answers that nobody asked for', () => {
  it('a peer that announces and never sends cannot send other transactions without being throttled', async () => {
    const node = await start();
    const liar = await played(node, [], (peer) => {
      peer.answers.getdata = () => undefined;
    });
    liar.send({ type: 'inv', entries: Array.from({ length: 50 }, (_, i) => ({ kind: 'tx', hash: i.toString(16).padStart(64, 'f') })) });
    await liar.waitFor('getdata');
    const begun = performance.now();
    for (let i = 0; i < 2_500; i++) liar.send({ type: 'tx', id: '', transaction: dataTransaction(i, Date.now()) });
    expect(await liar.endsWithin(15_000)).toMatchObject({ reason: 'flooding' });
    // The burst, those that were owed, and the tokens of the time that it took, not one more: a busy machine takes some seconds.
    const tokens = (NET_LIMITS.messagesPerSecond * (performance.now() - begun)) / 1000;
    expect([...node.mempool.entries()].length).toBeLessThanOrEqual(NET_LIMITS.messagesBurst + 50 + Math.ceil(tokens));
  });

  it('of what a peer never brought no more than 256 may still come, and nothing is asked of it twice', async () => {
    const node = await start(20);
    const liar = await played(node, [], (peer) => {
      peer.answers.getdata = () => undefined;
    });
    const ids = Array.from({ length: 400 }, (_, i) => i.toString(16).padStart(64, '0'));
    const announce = (hashes: readonly string[]): void => liar.send({ type: 'inv', entries: hashes.map((hash) => ({ kind: 'tx', hash })) });
    announce(ids);
    announce(ids.slice(0, 10));
    const asked = (): string[] => liar.got('getdata').flatMap(({ entries }) => entries.map(({ hash }) => hash));
    await until('all are asked for', () => new Set(asked()).size === ids.length);
    for (const from of [0, 128, 256]) liar.send({ type: 'notfound', entries: ids.slice(from, from + 128).map((hash) => ({ kind: 'tx', hash })) });
    await until('the third is one too many', () => node.pool.peers()[0]?.misbehaviour === 1);
    expect(asked()).toHaveLength(ids.length);
  });

  it('notfound for what another one was asked for takes nothing from it', async () => {
    const node = await start();
    const silent = (peer: RawPeer): void => {
      peer.answers.getdata = () => undefined;
    };
    const [first, second] = [await played(node, [], silent), await played(node, [], silent)];
    const [own, other] = ['aa'.repeat(32), 'bb'.repeat(32)];
    first.send({ type: 'inv', entries: [{ kind: 'tx', hash: own }] });
    await first.waitFor('getdata');
    second.send({ type: 'inv', entries: [own, other].map((hash) => ({ kind: 'tx', hash })) });
    await second.waitFor('getdata');
    second.send({ type: 'notfound', entries: [{ kind: 'tx', hash: own }] });
    const pongs = second.got('pong').length;
    second.send({ type: 'ping', nonce: 1n });
    await second.waitFor('pong', pongs + 1);
    expect(second.got('getdata').flatMap(({ entries }) => entries)).toEqual([{ kind: 'tx', hash: other }]);
  });

  it('notfound for nothing is punished, and keeps no request alive', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 40);
    const liar = await played(node, blocks, (peer) => {
      peer.answers.getdata = () => undefined;
    });
    await liar.waitFor('getdata');
    for (let i = 0; i < 100; i++) liar.send({ type: 'notfound', entries: [{ kind: 'block', hash: 'ee'.repeat(32) }] });
    expect(await liar.endsWithin(2_000)).toMatchObject({ reason: 'misbehaving' });
  });

  it.each<[string, (liar: RawPeer) => void]>([
    ['other messages', (liar) => { liar.send({ type: 'inv', entries: Array.from({ length: 1_000 }, (_, i) => ({ kind: 'tx', hash: i.toString(16).padStart(64, 'd') })) }); }],
    ["WebSocket's pings", (liar) => { for (let i = 0; i < 60; i++) liar.ws.ping(new Uint8Array(i)); }],
  ])('SYNC-02 bytes that are no blocks are no progress: %s', async (_what, babble) => {
    const node = await start(5);
    const blocks = mineFork(genesisParent(), 40);
    const liar = await played(node, blocks, (peer) => {
      peer.answers.getdata = () => undefined;
    });
    await liar.waitFor('getdata');
    const timer = setInterval(() => {
      babble(liar);
    }, 50);
    cleanups.push(() => {
      clearInterval(timer);
    });
    expect(await liar.endsWithin(6_000)).toMatchObject({ reason: 'stalled' });
  });

  it('a block that comes after its request was given to another is taken all the same', async () => {
    const node = await start(5);
    const blocks = mineFork(genesisParent(), 3);
    const late: (() => void)[] = [];
    const slow = await played(node, blocks, (peer) => {
      const answer = peer.answers.getdata;
      peer.answers.getdata = (message) => late.push(() => answer?.(message));
    });
    await slow.waitFor('getdata');
    // The same request comes again when the first one was given up.
    const other = await played(node, blocks, (peer) => {
      peer.answers.getdata = () => undefined;
    });
    await other.waitFor('getdata');
    late[0]?.();
    await until('stored', () => node.height === 3);
    expect(node.pool.peers().find(({ nodeId }) => nodeId === slow.nodeId)?.misbehaviour).toBe(0);
  });
});

describe('readers that do not read', () => {
  it('CON-05 requests for headers wait until the answers before them are taken', async () => {
    const node = await start();
    await node.add(mineFork(genesisParent(), 2_000));
    const peer = await played(node);
    rawSocketOf(peer).pause();
    let most = 0;
    for (let i = 0; i < 400; i++) peer.send({ type: 'getheaders', locator: [node.chain.genesis.hash], stop: undefined });
    const sent = (): number => node.pool.peers().find(({ nodeId }) => nodeId === peer.nodeId)?.bytesOut ?? 0;
    await until('the kernel takes no more', () => {
      const before = most;
      most = Math.max(most, sent());
      return most > 160_000 && before === most;
    });
    // 400 answers are 64 MB; a few stay here and in the sockets of both ends.
    expect(sent()).toBeLessThan(12_000_000);
    expect(peer.end).toBeUndefined();
    rawSocketOf(peer).resume();
    await peer.waitFor('headers', 1);
  });
});

describe('two connections of one node', () => {
  it('the newer one is taken when the older one ends while it is looked at', async () => {
    const node = await start();
    const older = await played(node);
    await until('the first', () => node.connected().length === 1);
    // Its answer to the probe is to go.
    older.answers.ping = () => {
      older.close();
    };
    const newer = await RawPeer.connect(node.port, { nodeId: older.nodeId });
    cleanups.push(() => {
      newer.close();
    });
    await newer.waitFor('tip');
    await until('one row, connected', () => node.peers().length === 1 && node.peers()[0]?.state === 'connected');
    expect(newer.end).toBeUndefined();
  });

  it('the newer one goes with the row that the user takes away while the older one is looked at, and says nothing before', async () => {
    const node = await start();
    const older = await played(node);
    await until('a row', () => node.connected().length === 1);
    older.answers.ping = () => undefined;
    const newer = await RawPeer.connect(node.port, { nodeId: older.nodeId });
    await older.waitFor('ping', 2);
    newer.send({ type: 'getaddr' });
    newer.send({ type: 'ping', nonce: 1n });
    await newer.waitFor('pong');
    expect(newer.got('addr')).toEqual([]);
    await node.pool.removePeer(node.peers()[0]?.key ?? '');
    for (const raw of [older, newer]) expect(await raw.endsWithin(1_000)).toEqual({ code: 4009, reason: 'removed' });
    expect(node.peers()).toEqual([]);
  });

  it('strangers who say that they are a peer do not get it thrown out', async () => {
    const node = await start();
    const honest = await played(node);
    await until('the honest one', () => node.connected().length === 1);
    for (let round = 0; round < 6; round++) {
      const liars = await Promise.all(Array.from({ length: 20 }, () => RawPeer.open(node.port)));
      for (const liar of liars) liar.send(liar.hello({ nodeId: honest.nodeId }));
      for (const liar of liars) liar.send({ type: 'verack' });
      await until('all liars went', () => liars.every((liar) => liar.end !== undefined));
      for (const liar of liars) expect(liar.end?.reason).toBe('duplicate');
    }
    expect(honest.end).toBeUndefined();
    expect(node.peers()).toMatchObject([{ state: 'connected', misbehaviour: 0 }]);
  });
});

describe('headers of a block of the future', () => {
  it('refusedRetryMs: are not asked for again at once', async () => {
    const node = await start();
    const future = mineFork(genesisParent(), 1, { time: Math.floor(Date.now() / 1000) + 100_000 });
    const peer = await played(node, future);
    await peer.waitFor('reject');
    // Each of these goes there and back; whoever asks without end would have asked in every one.
    for (let turn = 1; turn <= 20; turn++) {
      peer.send({ type: 'ping', nonce: BigInt(turn) });
      await peer.waitFor('pong', turn);
    }
    expect(peer.got('getheaders').length).toBeLessThanOrEqual(2);
    expect(node.connected()).toHaveLength(1);
    expect(NET_LIMITS.refusedRetryMs).toBe(10_000);
  });
});

describe('a transaction whose first announcer does not bring it', () => {
  const transaction = dataTransaction('wanted');
  const id = transactionHashHex(transaction);
  const inv = { type: 'inv' as const, entries: [{ kind: 'tx' as const, hash: id }] };

  /** Two that announce it, the first of which was asked. The second one brings it when it is asked. */
  async function announced(speed = 1): Promise<{ node: TestNode; first: RawPeer }> {
    const node = await start(speed);
    const first = await played(node, [], (peer) => {
      peer.answers.getdata = () => undefined;
    });
    const second = await played(node, [], (peer) => {
      peer.answers.getdata = () => {
        peer.send({ type: 'tx', id, transaction });
      };
    });
    await until('both', () => node.connected().length === 2);
    first.send(inv);
    await first.waitFor('getdata');
    second.send(inv);
    second.send({ type: 'ping', nonce: 1n });
    await second.waitFor('pong');
    expect(second.got('getdata')).toEqual([]);
    return { node, first };
  }

  it('is asked of the next one when the first has not got it', async () => {
    const { node, first } = await announced();
    first.send({ type: 'notfound', entries: [{ kind: 'tx', hash: id }] });
    await until('the transaction', () => node.mempool.has(id));
  });

  it('when the first one leaves', async () => {
    const { node, first } = await announced();
    first.close();
    await until('the transaction', () => node.mempool.has(id));
  });

  it('when the first one says nothing', async () => {
    const { node } = await announced(20);
    await until('the transaction', () => node.mempool.has(id));
  });
});

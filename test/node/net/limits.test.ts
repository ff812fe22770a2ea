import { afterEach, describe, expect, it } from 'vitest';
import { HandshakeDesk } from '../../../src/node/net/handshake.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import type { Message, TipStatus } from '../../../src/node/net/messages.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeMessage } from '../../../src/node/net/codec/frame.ts';
import { seededRandom } from '../../../src/node/util/random.ts';
import { fastClock } from '../../helpers/fast-clock.ts';
import { holdWrites } from '../../helpers/hold-writes.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { NodeNetwork, type TestNode, type TestNodeOptions } from '../../helpers/node-network.ts';
import { serveChain, tipOf } from '../../helpers/raw-chain.ts';
import { RawPeer } from '../../helpers/raw-peer.ts';
import { until } from '../../helpers/until.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options?: TestNodeOptions): Promise<TestNode> {
  const net = await NodeNetwork.start(1, options);
  cleanups.push(() => net.close());
  return net.at(0);
}

async function played(node: TestNode, blocks: readonly MinedBlock[], change?: (peer: RawPeer) => void, tip: TipStatus = tipOf(blocks)): Promise<RawPeer> {
  const peer = await RawPeer.connect(node.port, { tip }, (raw) => {
    serveChain(raw, blocks);
    change?.(raw);
  });
  cleanups.push(() => {
    peer.close();
  });
  return peer;
}

/** Answers a ping, which comes after everything that was sent before it was handled. */
async function settled(peer: RawPeer): Promise<void> {
  const before = peer.got('pong').length;
  peer.send({ type: 'ping', nonce: 1n });
  await peer.waitFor('pong', before + 1);
}

describe('what we ask for', () => {
  it('16 blocks of one peer at a time', async () => {
    const node = await start();
    const peer = await played(node, mineFork(genesisParent(), 100), (raw) => {
      raw.answers.getdata = () => undefined;
    });
    await peer.waitFor('getdata');
    await settled(peer);
    await settled(peer);
    expect(peer.got('getdata').flatMap(({ entries }) => entries)).toHaveLength(NET_LIMITS.blocksInFlight);
    expect(NET_LIMITS.blocksInFlight).toBe(16);
  });

  it('no block more than 1,024 above the first missing one', { timeout: 30_000 }, async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 1_500);
    const first = blocks[0]?.hash;
    const without = (raw: RawPeer): void => {
      const answer = raw.answers.getdata;
      raw.answers.getdata = (message) => {
        answer?.({ type: 'getdata', entries: message.entries.filter(({ hash }) => hash !== first) });
      };
    };
    // Neither brings the first block, and nothing else can be stored without it.
    const peers = [await played(node, blocks, without), await played(node, blocks, without)];
    const asked = (): Set<string> => new Set(peers.flatMap((peer) => peer.got('getdata').flatMap(({ entries }) => entries.map(({ hash }) => hash))));
    await until('the window is full', () => asked().size >= NET_LIMITS.downloadWindow, 15_000);
    await Promise.all(peers.map(settled));
    const highest = Math.max(...[...asked()].map((hash) => blocks.findIndex((block) => block.hash === hash)));
    expect(highest).toBe(NET_LIMITS.downloadWindow - 1);
    expect(node.height).toBe(0);
    expect(NET_LIMITS.downloadWindow).toBe(1024);
  });

  it('only the next 16 once 32 MiB of bodies wait for their turn', { timeout: 30_000 }, async () => {
    const node = await start();
    const data = 'x'.repeat(250_000);
    const blocks = mineFork(genesisParent(), 120, () => ({ data, txs: [dataTransaction(data), dataTransaction(data)] }));
    const size = blocks[0]?.bytes.length ?? 0;
    const first = blocks[0]?.hash;
    let sent = 0;
    const without = (raw: RawPeer): void => {
      const answer = raw.answers.getdata;
      raw.answers.getdata = (message) => {
        const entries = message.entries.filter(({ hash }) => hash !== first);
        answer?.({ type: 'getdata', entries });
        sent += entries.length * size;
      };
    };
    const peers = [await played(node, blocks, without), await played(node, blocks, without)];
    const asked = (): number => new Set(peers.flatMap((peer) => peer.got('getdata').flatMap(({ entries }) => entries.map(({ hash }) => hash)))).size;
    await until('32 MiB are sent', () => sent >= NET_LIMITS.bufferedBytes, 15_000);
    await Promise.all(peers.map(settled));
    // What filled the buffer, and what was under way to it.
    expect(asked()).toBeGreaterThanOrEqual(Math.floor(NET_LIMITS.bufferedBytes / size));
    expect(asked()).toBeLessThanOrEqual(Math.ceil(NET_LIMITS.bufferedBytes / size) + 2 * NET_LIMITS.blocksInFlight + 1);
    expect(NET_LIMITS.bufferedBytes).toBe(32 * 1024 * 1024);
  });

  it('20 blocks that nobody asked for while the chain is busy; each further one costs a point', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 30);
    const open = holdWrites(node.store);
    const peer = await played(node, []);
    // The chain has the first in its hands, 20 wait.
    for (const { hash, header, bytes } of blocks) peer.send({ type: 'block', hash, header, bytes });
    await settled(peer);
    expect(node.pool.peers()[0]?.misbehaviour).toBe(30 - 1 - NET_LIMITS.unaskedBlocks);
    open();
    await until('what waited is stored', () => node.height === 1 + NET_LIMITS.unaskedBlocks);
    expect(NET_LIMITS.unaskedBlocks).toBe(20);
  });

  it('8 messages with headers while the chain is busy; each further one costs a point', async () => {
    const node = await start();
    const open = holdWrites(node.store);
    cleanups.push(open);
    const peer = await played(node, []);
    const adding = node.mine(1);
    // The first waits for the chain, eight wait for the first.
    const { header } = mineBlock(genesisParent());
    for (let i = 0; i < 12; i++) peer.send({ type: 'headers', headers: [header] });
    await settled(peer);
    expect(node.pool.peers()[0]?.misbehaviour).toBe(12 - 1 - 8);
    open();
    await adding;
  });

  it('the branches of eight peers beside the chain at a time', async () => {
    const node = await start();
    await node.mine(1);
    const peers: RawPeer[] = [];
    for (let i = 0; i < NET_LIMITS.sideDownloads + 2; i++) {
      peers.push(
        await played(node, mineFork(genesisParent(), 1), (raw) => {
          raw.answers.getdata = () => undefined;
        }),
      );
    }
    const asked = (): number => peers.filter((peer) => peer.got('getdata').length > 0).length;
    await until('eight', () => asked() >= NET_LIMITS.sideDownloads);
    await until('all headers', () => peers.every((peer) => peer.got('getheaders').length > 0));
    await Promise.all(peers.map(settled));
    await Promise.all(peers.map(settled));
    expect(asked()).toBe(NET_LIMITS.sideDownloads);
    expect(NET_LIMITS.sideDownloads).toBe(8);
  });

  it('5,000 announced transactions of one peer at most', async () => {
    const node = await start();
    const peer = await played(node, []);
    peer.answers.getdata = () => undefined;
    const hash = (i: number): string => i.toString(16).padStart(64, '0');
    for (let from = 0; from < 6_000; from += NET_LIMITS.inventoryEntries) {
      peer.send({ type: 'inv', entries: Array.from({ length: NET_LIMITS.inventoryEntries }, (_, i) => ({ kind: 'tx', hash: hash(from + i) })) });
    }
    await settled(peer);
    peer.answers.getdata = ({ entries }) => {
      peer.send({ type: 'notfound', entries });
    };
    peer.send({ type: 'notfound', entries: peer.got('getdata')[0]?.entries ?? [] });
    const asked = (): number => new Set(peer.got('getdata').flatMap(({ entries }) => entries.map((entry) => entry.hash))).size;
    const most = NET_LIMITS.announceQueue + NET_LIMITS.getdataEntries;
    await until('all of them', () => asked() === most);
    await settled(peer);
    expect(asked()).toBe(most);
    expect(NET_LIMITS.announceQueue).toBe(5_000);
  });

  it('128 transactions of one peer at a time', async () => {
    const node = await start();
    const peer = await played(node, []);
    peer.answers.getdata = () => undefined;
    const ids = Array.from({ length: 600 }, (_, i) => i.toString(16).padStart(64, '0'));
    peer.send({ type: 'inv', entries: ids.map((hash) => ({ kind: 'tx', hash })) });
    await settled(peer);
    expect(peer.got('getdata').flatMap(({ entries }) => entries)).toHaveLength(NET_LIMITS.getdataEntries);
    // What it does not have makes room for the next ones.
    peer.send({ type: 'notfound', entries: peer.got('getdata')[0]?.entries ?? [] });
    await settled(peer);
    expect(peer.got('getdata').flatMap(({ entries }) => entries).length).toBeGreaterThan(NET_LIMITS.getdataEntries);
  });

  it('a rival branch that leaves our chain 288 blocks below the tip, and none at 289', { timeout: 30_000 }, async () => {
    const node = await start();
    const own = mineFork(genesisParent(), 300);
    await node.add(own);
    const fork = (depth: number): MinedBlock[] => {
      const base = own.slice(0, own.length - depth);
      return [...base, ...mineFork(base.at(-1) ?? genesisParent(), 2)];
    };
    const near = fork(NET_LIMITS.sideDepth);
    const peer = await played(node, near);
    await until('the near one', () => node.chain.sideTips().some(({ hash }) => hash === near.at(-1)?.hash));
    const far = fork(NET_LIMITS.sideDepth + 1);
    const other = await played(node, far, undefined, { ...tipOf(far), height: 299 });
    await other.waitFor('getheaders');
    await settled(other);
    expect(node.chain.getEntry(far.at(-1)?.hash ?? '')).toBeUndefined();
    expect([peer.end, other.end]).toEqual([undefined, undefined]);
  });
});

describe('what we serve', () => {
  it('at most 512 entries may wait for a peer', async () => {
    const node = await start();
    const [block] = await node.mine(1, { data: 'x'.repeat(200_000) });
    const peer = await played(node, []);
    const entries = Array.from({ length: NET_LIMITS.getdataEntries }, () => ({ kind: 'block' as const, hash: block?.hash ?? '' }));
    // All in one packet, so that none is served in between.
    for (let i = 0; i < 6; i++) peer.send({ type: 'getdata', entries });
    expect((await peer.endsWithin(5_000)).reason).toBe('misbehaving');
    expect(NET_LIMITS.serveQueue).toBe(512);
  });

  it('what is not there in messages of at most 128, however many are missing', async () => {
    const node = await start();
    const blocks = await node.mine(2);
    const { store } = node;
    const read = store.readBody.bind(store);
    let open: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (open = resolve));
    cleanups.push(open);
    store.readBody = (key) => held.then(() => read(key));
    const peer = await played(node, []);
    const ids = Array.from({ length: 3 * NET_LIMITS.getdataEntries }, (_, i) => i.toString(16).padStart(64, '0'));
    // The disk takes its time: all have come before any is answered.
    peer.send({ type: 'getdata', entries: [{ kind: 'block', hash: blocks[0]?.hash ?? '' }] });
    for (let i = 0; i < 3; i++) {
      const entries = ids.slice(i * NET_LIMITS.getdataEntries, (i + 1) * NET_LIMITS.getdataEntries);
      peer.send({ type: 'getdata', entries: entries.map((hash) => ({ kind: 'block', hash })) });
    }
    await settled(peer);
    open();
    const answers = await peer.waitFor('notfound', 3);
    expect(answers.flatMap(({ entries }) => entries.map(({ hash }) => hash))).toEqual(ids);
  });

  it('128 blocks of 200 kB to one who reads them: all come, and the connection lives', { timeout: 30_000 }, async () => {
    const node = await start();
    const [block] = await node.mine(1, { data: 'x'.repeat(200_000) });
    const peer = await played(node, []);
    peer.send({ type: 'getdata', entries: Array.from({ length: 128 }, () => ({ kind: 'block', hash: block?.hash ?? '' })) });
    await peer.waitFor('block', 128, 20_000);
    expect(peer.end).toBeUndefined();
  });
});

describe('what we tell', () => {
  it('each rejection once, and at most 20 a second', async () => {
    const node = await start();
    const peer = await played(node, []);
    const began = performance.now();
    for (let i = 0; i < 200; i++) {
      const hash = Math.max(0, i - 9).toString(16).padStart(64, '0');
      peer.send({ type: 'reject', rule: 'bad-bits', hash, height: 1, expected: 'a', got: 'b' });
    }
    await settled(peer);
    expect(node.rejected.length).toBeGreaterThanOrEqual(NET_LIMITS.rejectionsPerSecond);
    expect(node.rejected.length).toBeLessThanOrEqual(NET_LIMITS.rejectionsPerSecond * (1 + (performance.now() - began) / 1000));
    expect(new Set(node.rejected.map(({ hash }) => hash)).size).toBe(node.rejected.length);
    expect(NET_LIMITS.rejectionsPerSecond).toBe(20);
  });

  it('the tip at most ten times a second, and the last one always', async () => {
    const node = await start();
    const peer = await played(node, []);
    const before = peer.got('tip').length;
    const began = performance.now();
    for (let i = 0; i < 150; i++) await node.mine();
    await until('the last tip', () => peer.got('tip').at(-1)?.tip.height === 150);
    const most = 3 + (performance.now() - began) / NET_LIMITS.tipCoalesceMs + (performance.now() - began) / NET_LIMITS.tipRepeatMs;
    expect(peer.got('tip').length - before).toBeLessThanOrEqual(most);
  });

  it('the tip again every few seconds to a peer that shows another one, with no new block', { timeout: 15_000 }, async () => {
    const node = await start();
    await node.mine();
    const peer = await played(node, []);
    const before = peer.got('tip').length;
    await peer.waitFor('tip', before + 2, 2 * NET_LIMITS.tipRepeatMs + 3_000);
    expect(peer.got('headers').every(({ headers }) => headers.length === 0)).toBe(true);
  });

  it('the tip again only every 30 s to a peer that shows the same one; every 3 s once it shows another', { timeout: 30_000 }, async () => {
    const speed = 10;
    const node = await start({ modules: { clock: fastClock(speed) } });
    const [block] = await node.mine();
    if (block === undefined) throw new Error('no block');
    const peer = await played(node, [block]);
    // What it is told first may still be on its way.
    await settled(peer);
    const told = peer.got('tip').length;
    const began = performance.now();
    await peer.waitFor('tip', told + 1, 20_000);
    // Told when the connection stood, which was before `began`: less than a tick and a repeat may be missing.
    expect((performance.now() - began) * speed).toBeGreaterThan(NET_LIMITS.tipAgreedRepeatMs - NET_LIMITS.tipRepeatMs - 1_000 * speed);
    expect(NET_LIMITS.tipAgreedRepeatMs).toBe(30_000);
    // Now it is somewhere else: it is told every 3 s, so that ten come where there was one.
    peer.send({ type: 'tip', tip: tipOf([]) });
    await settled(peer);
    const before = peer.got('tip').length;
    const other = performance.now();
    await peer.waitFor('tip', before + 5, 20_000);
    expect((performance.now() - other) * speed).toBeGreaterThan(4 * NET_LIMITS.tipRepeatMs - 1_000);
  });

  it('one message to everybody is encoded once, and long ones are not kept', () => {
    const desk = new HandshakeDesk({ magic: REGTEST.magic, genesisHash: REGTEST.genesisHash, nodeId: '00'.repeat(16), nodeName: 'a', userAgent: '/a/' }, seededRandom(1));
    const tip: Message = { type: 'tip', tip: tipOf([]) };
    const frame = desk.encode(tip);
    expect(frame).toEqual(encodeMessage(REGTEST.magic, tip));
    expect(desk.encode(tip)).toBe(frame);
    expect(desk.encode({ ...tip })).not.toBe(frame);
    const headers = (count: number): Message => ({ type: 'headers', headers: Array.from({ length: count }, () => REGTEST.genesis.header) });
    const fits = headers(Math.floor((NET_LIMITS.keptFrameBytes - 6) / 80));
    expect(desk.encode(fits)).toBe(desk.encode(fits));
    const long = headers(Math.floor((NET_LIMITS.keptFrameBytes - 6) / 80) + 1);
    expect(desk.encode(long)).not.toBe(desk.encode(long));
    expect(desk.encode(long)).toEqual(encodeMessage(REGTEST.magic, long));
    expect(NET_LIMITS.keptFrameBytes).toBe(1024);
  });
});

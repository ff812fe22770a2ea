import { afterEach, describe, expect, it } from 'vitest';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import type { SyncState } from '../../../src/shared/events.ts';
import { fastClock } from '../../helpers/fast-clock.ts';
import { holdWrites } from '../../helpers/hold-writes.ts';
import { genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { NodeNetwork, type TestNode, type TestNodeOptions } from '../../helpers/node-network.ts';
import { serveChain, tipOf } from '../../helpers/raw-chain.ts';
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

async function start(options?: TestNodeOptions): Promise<TestNode> {
  return (await network(1, options)).at(0);
}

/** Five times as fast as real time: four seconds of patience take 0.8. */
const impatient = (): TestNodeOptions => ({ modules: { clock: fastClock(5) } });

/** A played peer that has these blocks. */
async function liar(node: TestNode, blocks: readonly MinedBlock[], change?: (peer: RawPeer) => void, tip = tipOf(blocks)): Promise<RawPeer> {
  const peer = await RawPeer.connect(node.port, { tip, name: 'Liar' }, (raw) => {
    serveChain(raw, blocks);
    change?.(raw);
  });
  cleanups.push(() => {
    peer.close();
  });
  return peer;
}

describe('relay', () => {
  it('a block mined at one end of a line A-B-C reaches the other, and A and C stay unconnected', async () => {
    const net = await network(3);
    await net.line(0, 1, 2);
    await net.at(0).mine();
    await net.agree(1, net.nodes, 2_000);
    await net.at(2).mine();
    await net.agree(2, net.nodes, 2_000);
    expect(net.at(0).connected().map(({ name }) => name)).toEqual(['Birch']);
    expect(net.at(2).connected().map(({ name }) => name)).toEqual(['Birch']);
  });

  it('gives the block that it stored last to all who ask without reading it back, and an older one from disk', async () => {
    const net = await network(3);
    const middle = net.at(1);
    const read: string[] = [];
    const { readBody } = middle.store;
    middle.store.readBody = (key) => {
      read.push(key.hash);
      return readBody.call(middle.store, key);
    };
    await net.line(0, 1, 2);
    const blocks = await net.at(0).mine(2);
    await net.agree(2, net.nodes, 2_000);
    expect(read).toEqual([]);
    const peer = await RawPeer.connect(middle.port, { tip: tipOf([]) });
    cleanups.push(() => {
      peer.close();
    });
    peer.send({ type: 'getdata', entries: blocks.map(({ hash }) => ({ kind: 'block', hash })) });
    await peer.waitFor('block', 2);
    expect(peer.got('block').map(({ bytes }) => Buffer.from(bytes))).toEqual(blocks.map(({ bytes }) => Buffer.from(bytes)));
    expect(read).toEqual([blocks[0]?.hash]);
  });

  it('announces a tip however old it is', async () => {
    const net = await network(2);
    await net.line(0, 1);
    // Ten months before the clock of this test.
    expect(Date.now() / 1000 - REGTEST.genesis.header.time).toBeGreaterThan(86_400);
    await net.at(0).mine(1);
    await net.agree(1, net.nodes, 2_000);
  });

  it('the other end learns that we have its block: heights and verdicts stay true without a new block', async () => {
    const net = await network(2);
    await net.line(0, 1);
    await net.at(0).mine(5);
    await net.agree(5);
    await until('both know', () => net.at(0).peers()[0]?.verdict === 'same-tip' && net.at(1).peers()[0]?.verdict === 'same-tip', 2_000);
    expect(net.at(0).peers()[0]?.height).toBe(5);
  });

  it('a transaction reaches everybody, is mined elsewhere and leaves every pool', async () => {
    const net = await network(3);
    await net.line(0, 1, 2);
    const id = await net.at(0).submit('hello');
    await until('everywhere', () => net.nodes.every((node) => node.mempool.has(id)));
    await net.at(2).mine(1, { txs: net.at(2).mempool.select(1_000_000) });
    await until('nowhere', () => net.nodes.every((node) => node.height === 1 && node.mempool.count === 0));
  });

  it('pending transactions reach a peer that connects later, also more than one message holds', async () => {
    const net = await network(2);
    for (let i = 0; i < 1_200; i++) await net.at(0).submit(i);
    await net.line(1, 0);
    await until('all', () => net.at(1).mempool.count === 1_200);
    expect(net.at(0).connected()).toHaveLength(1);
    expect(net.at(1).peers()[0]?.misbehaviour).toBe(0);
  });
});

describe('catching up', () => {
  it('takes 3,000 blocks from two peers at once and tells of its progress', { timeout: 60_000 }, async () => {
    const blocks = mineFork(genesisParent(), 3_000);
    const net = await network(3);
    await net.at(0).add(blocks);
    await net.at(1).add(blocks);
    const states: SyncState[] = [];
    net.at(2).pool.on('sync', (state) => states.push(state));
    const isTold = (): boolean => states.some(({ phase, bestHeaderHeight }) => phase === 'blocks' && bestHeaderHeight > 1_999);
    // Progress is told four times a second, and the whole chain may take less: the last bodies wait for it.
    for (const { chain } of [net.at(0), net.at(1)]) {
      const read = chain.readBodies.bind(chain);
      chain.readBodies = async (entries, bytes) => {
        if ((entries.at(-1)?.height ?? 0) > 2_500) await until('the progress is told', isTold);
        return read(entries, bytes);
      };
    }
    await Promise.all([net.line(2, 0), net.line(2, 1)]);
    await net.agree(3_000, net.nodes, 40_000);
    const [first, second] = net.at(2).peers();
    expect(Math.min(first?.bytesIn ?? 0, second?.bytesIn ?? 0)).toBeGreaterThan(100_000);
    // Each body once: 3,000 of them and the headers twice at most.
    const bodies = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect((first?.bytesIn ?? 0) + (second?.bytesIn ?? 0)).toBeLessThan(bodies * 1.2 + 2 * 3_000 * 80 + 50_000);
    expect(isTold()).toBe(true);
    await until('the end is told', () => states.at(-1)?.phase === 'idle');
    expect(net.nodes.every((node) => node.connected().every(({ misbehaviour }) => misbehaviour === 0))).toBe(true);
  });

  it('two nodes that mined apart agree on the one with more work, and the stale branch stays', async () => {
    const net = await network(2);
    await net.at(0).mine(3);
    await net.at(1).mine(5);
    const stale = net.at(0).tip.hash;
    await net.line(0, 1);
    await net.agree(5);
    expect(net.at(0).chain.sideTips().map(({ hash }) => hash)).toEqual([stale]);
  });

  it('BLK-12 BLK-13 equal work: both keep their tip and both show the other branch; the next block decides', async () => {
    const net = await network(2);
    const [a, b] = [net.at(0), net.at(1)];
    await a.mine(3);
    await b.mine(3);
    const [tipA, tipB] = [a.tip.hash, b.tip.hash];
    await net.line(0, 1);
    await until('both branches at both', () => a.chain.sideTips()[0]?.hash === tipB && b.chain.sideTips()[0]?.hash === tipA);
    expect([a.tip.hash, b.tip.hash]).toEqual([tipA, tipB]);
    expect(a.peers()[0]?.verdict).toBe('other-branch');
    await b.mine(1);
    await net.agree(4);
  });

  it('fetches the shorter branch of a peer too, so that it can be drawn', async () => {
    const net = await network(3);
    await net.line(0, 1);
    await net.at(0).mine(6);
    await net.agree(6, [net.at(0), net.at(1)]);
    await net.at(2).mine(2);
    const shorter = net.at(2).tip.hash;
    await net.line(2, 1);
    await net.agree(6);
    await until('kept at B', () => net.at(1).chain.sideTips().some(({ hash }) => hash === shorter) || net.at(2).chain.sideTips()[0]?.hash === shorter);
  });

  it('BLK-15 a reorg a hundred deep over the wire', async () => {
    const net = await network(2);
    await net.at(0).mine(100);
    await net.at(1).mine(101);
    const reorgs: number[] = [];
    net.at(0).chain.on('reorg', (reorg) => reorgs.push(reorg.disconnected.length));
    await net.line(0, 1);
    await net.agree(101);
    expect(reorgs).toEqual([100]);
  });
});

describe('damage', () => {
  it('STO-03 a body that was found damaged on disk is fetched again', async () => {
    const net = await network(2);
    await net.line(0, 1);
    const blocks = await net.at(0).mine(5);
    await net.agree(5);
    const [node, hash] = [net.at(1), blocks[2]?.hash ?? ''];
    const { readBody } = node.store;
    node.store.readBody = (key) => (key.hash === hash ? Promise.resolve({ state: 'damaged' as const }) : readBody.call(node.store, key));
    expect(await node.chain.getBlockBytes(hash)).toBeUndefined();
    expect(node.chain.missingBodies().map((entry) => entry.height)).toEqual([3]);
    node.store.readBody = readBody;
    await until('whole again', () => node.chain.missingBodies().length === 0, 3_000);
    expect(Buffer.from((await node.chain.getBlockBytes(hash)) ?? [])).toEqual(Buffer.from(blocks[2]?.bytes ?? []));
  });
});

describe('peers that do not deliver', () => {
  it('SYNC-04 a peer that dies with blocks under way, while another has the same chain: that one is asked for them', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 100);
    const dying = await liar(node, blocks, (peer) => {
      peer.answers.getdata = () => undefined;
    });
    await dying.waitFor('getdata');
    const other = await liar(node, blocks);
    await other.waitFor('getdata');
    dying.close();
    await until('the tip', () => node.height === 100, 3_000);
    expect(NET_LIMITS.stallMs).toBeGreaterThan(3_000);
  });

  it('SYNC-01 a peer that never answers: the other one is asked, and the silent one dropped', async () => {
    const node = await start(impatient());
    const blocks = mineFork(genesisParent(), 200);
    const silent = await liar(node, blocks, (peer) => {
      peer.answers.getdata = () => undefined;
    });
    await silent.waitFor('getdata');
    const began = performance.now();
    await liar(node, blocks);
    await until('the tip', () => node.height === 200, 5_000);
    // Of its own time: the stall and the download.
    expect(5 * (performance.now() - began)).toBeLessThan(NET_LIMITS.stallMs + 5 * 1_500);
    expect(await silent.endsWithin(10_000)).toMatchObject({ reason: 'stalled' });
  });

  it('SYNC-01 a peer that never sends headers does not hold anybody up', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 50);
    const silent = await liar(node, blocks, (peer) => {
      peer.answers.getheaders = () => undefined;
    });
    await silent.waitFor('getheaders');
    await liar(node, blocks);
    await until('the tip', () => node.height === 50, 3_000);
  });

  it('HDR-06 announced work that is not delivered: dropped, the honest peer is used', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 10);
    const big = { hash: 'ee'.repeat(32), height: 1_000, chainwork: 1n << 100n };
    const boaster = await RawPeer.connect(node.port, { tip: big }, (peer) => {
      serveChain(peer, []);
    });
    expect(await boaster.endsWithin(2_000)).toMatchObject({ reason: 'work-not-delivered' });
    await liar(node, blocks);
    await until('the tip', () => node.height === 10);
  });

  it('SYNC-03 good headers, bad bodies: refused with the rule, and the chain comes from elsewhere', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 20);
    const bad = await liar(node, blocks, (peer) => {
      peer.answers.getdata = ({ entries }) => {
        for (const { hash } of entries) {
          const block = blocks.find((candidate) => candidate.hash === hash);
          const other = blocks.find((candidate) => candidate.hash !== hash);
          if (block === undefined || other === undefined) continue;
          const bytes = Buffer.concat([block.bytes.subarray(0, 80), other.bytes.subarray(80)]);
          peer.send({ type: 'block', hash, header: block.header, bytes });
        }
      };
    });
    const reject = await bad.waitFor('reject');
    expect(reject[0]).toMatchObject({ rule: 'bad-merkle-root', height: 1 });
    await bad.endsWithin(2_000);
    expect(node.rejected[0]).toMatchObject({ by: 'us', height: 1, peerName: 'Liar', violation: { rule: 'bad-merkle-root' } });
    await liar(node, blocks);
    await until('the tip', () => node.height === 20);
  });

  it('SYNC-04 a peer that dies in the middle: it goes on with another and asks for nothing twice', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 300);
    let served = 0;
    const first = await liar(node, blocks, (peer) => {
      const answer = peer.answers.getdata;
      peer.answers.getdata = (message) => {
        if (served >= 150) {
          // It goes when all that it sent was read.
          peer.answers.pong = () => {
            peer.close();
          };
          peer.send({ type: 'ping', nonce: 1n });
          return;
        }
        answer?.(message);
        served += message.entries.length;
      };
    });
    await first.endsWithin(5_000);
    // Several at a time: a height in between would be passed while the test looks at it.
    await until('all that came is stored', () => node.height === served);
    const height = node.height;
    const second = await liar(node, blocks);
    await until('the tip', () => node.height === 300);
    const asked = second.got('getdata').flatMap(({ entries }) => entries.map(({ hash }) => hash));
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toHaveLength(300 - height);
  });

  it('a peer that says late that it lacks what it was asked for owes nothing any more, and is asked again', async () => {
    const node = await start(impatient());
    const blocks = mineFork(genesisParent(), 6);
    const first = blocks.slice(0, 5);
    const late = await liar(node, first, (peer) => {
      delete peer.answers.getdata;
    });
    const [asked] = await late.waitFor('getdata');
    const second = await liar(node, first);
    await until('the tip, from somebody else', () => node.height === 5, 5_000);
    late.send({ type: 'notfound', entries: asked?.entries ?? [] });
    second.close();
    await until('its row is gone', () => node.peers().length === 1);
    serveChain(late, blocks);
    const { header } = blocks[5] as MinedBlock;
    late.send({ type: 'headers', headers: [header] });
    await until('the next block, from the late one', () => node.height === 6, 5_000);
    expect(late.end).toBeUndefined();
  });

  it('SYNC-04 bodies that came before the peer died go into the chain, however slow the disk is', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 60);
    const open = holdWrites(node.store);
    let served = 0;
    const first = await liar(node, blocks, (peer) => {
      const answer = peer.answers.getdata;
      peer.answers.getdata = (message) => {
        // Sixteen at a time are asked for. All that came is in the buffer, since nothing could be stored.
        if (served >= 40) {
          // It goes when all that it sent was read.
          peer.answers.pong = () => {
            peer.close();
          };
          peer.send({ type: 'ping', nonce: 1n });
          return;
        }
        answer?.(message);
        served += message.entries.length;
      };
    });
    await first.endsWithin(5_000);
    await until('its row is gone', () => node.peers().length === 0);
    open();
    await until('all that came is stored', () => node.height === served);
    expect(served).toBeGreaterThanOrEqual(40);
    const second = await liar(node, blocks);
    await until('the tip', () => node.height === 60);
    expect(second.got('getdata').flatMap(({ entries }) => entries)).toHaveLength(60 - served);
  });

  it('SYNC-06 one honest peer among eight liars', async () => {
    const node = await start(impatient());
    const blocks = mineFork(genesisParent(), 60);
    const big = { hash: 'dd'.repeat(32), height: 9_999, chainwork: 1n << 90n };
    for (let i = 0; i < 8; i++) {
      const peer = await RawPeer.connect(node.port, { tip: big }, (raw) => {
        serveChain(raw, i % 2 === 0 ? [] : blocks);
        if (i % 2 === 1) raw.answers.getdata = () => undefined;
        if (i % 3 === 0) raw.answers.getheaders = () => undefined;
      });
      cleanups.push(() => {
        peer.close();
      });
    }
    await liar(node, blocks);
    await until('the honest tip', () => node.height === 60, 15_000);
  });

  it('SYNC-02 a peer that sends a byte a second is dropped and the sync finishes elsewhere', async () => {
    const node = await start(impatient());
    const blocks = mineFork(genesisParent(), 40);
    const slow = await liar(node, blocks, (peer) => {
      peer.answers.getdata = () => {
        // The first bytes of a frame of 1 MiB, and then one at a time.
        const socket = (peer.ws as unknown as { _socket: { write(data: Buffer): void; destroyed: boolean } })._socket;
        socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 1, 2, 3, 4]));
        const timer = setInterval(() => {
          if (!socket.destroyed) socket.write(Buffer.from([0]));
        }, 200);
        cleanups.push(() => {
          clearInterval(timer);
        });
        peer.answers.getdata = () => undefined;
      };
    });
    await slow.waitFor('getdata');
    await liar(node, blocks);
    await until('the tip', () => node.height === 40, 3_000);
    await slow.endsWithin(4_000);
  });

  it('a peer without the bodies of its own chain says so, and is asked no more', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 5);
    const without = await liar(node, blocks, (peer) => {
      peer.answers.getdata = ({ entries }) => {
        peer.send({ type: 'notfound', entries });
      };
    });
    await without.waitFor('getdata');
    await liar(node, blocks);
    await until('the tip', () => node.height === 5, 3_000);
    expect(without.got('getdata')).toHaveLength(1);
  });
});

describe('headers', () => {
  it('HDR-02 without proof of work: dropped and not stored', async () => {
    const node = await start();
    const peer = await liar(node, []);
    const bad = mineBlock(genesisParent(), { withoutWork: true });
    peer.send({ type: 'headers', headers: [bad.header] });
    await peer.endsWithin(2_000);
    expect(node.chain.getEntry(bad.hash)).toBeUndefined();
    expect(peer.got('reject')[0]).toMatchObject({ rule: 'high-hash', hash: bad.hash, height: 1 });
    expect(node.rejected[0]).toMatchObject({ by: 'us', hash: bad.hash, violation: { rule: 'high-hash' } });
  });

  it('HDR-05 with another difficulty than the computed one: dropped', async () => {
    const node = await start();
    const peer = await liar(node, []);
    const bad = mineBlock(genesisParent(), { bits: 0x207ffffe });
    peer.send({ type: 'headers', headers: [bad.header] });
    await peer.endsWithin(2_000);
    expect(node.chain.getEntry(bad.hash)).toBeUndefined();
    expect(node.rejected[0]?.violation.rule).toBe('bad-bits');
  });

  it('HDR-04 unconnected: one getheaders, then dropped', async () => {
    const node = await start();
    const peer = await liar(node, []);
    const nowhere = { hash: 'aa'.repeat(32), height: 5, time: REGTEST.genesis.header.time };
    const before = peer.got('getheaders').length;
    for (let i = 0; i < 4; i++) peer.send({ type: 'headers', headers: [mineBlock(nowhere).header] });
    await peer.endsWithin(2_000);
    expect(peer.got('getheaders')).toHaveLength(before + 1);
  });

  it('HDR-04 unconnected, but each question is answered with what is known: forgiven', async () => {
    const node = await start();
    const own = await node.mine(1);
    const peer = await liar(node, own, (raw) => {
      raw.answers.getheaders = () => {
        raw.send({ type: 'headers', headers: own.map(({ header }) => header) });
      };
    });
    for (let i = 0; i < 3; i++) {
      const asked = peer.got('getheaders').length;
      peer.send({ type: 'headers', headers: [mineBlock({ hash: 'aa'.repeat(32), height: 5, time: REGTEST.genesis.header.time }).header] });
      await peer.waitFor('getheaders', asked + 1);
      const pongs = peer.got('pong').length;
      peer.send({ type: 'ping', nonce: 1n });
      await peer.waitFor('pong', pongs + 1);
    }
    expect(node.peers()[0]?.misbehaviour).toBe(0);
  });

  it('the same full answer to every question: dropped', { timeout: 20_000 }, async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), NET_LIMITS.headersPerMessage);
    const tip = { ...tipOf(blocks), hash: 'ab'.repeat(32), height: blocks.length + 1 };
    const peer = await liar(node, blocks, (raw) => {
      raw.answers.getheaders = () => {
        raw.send({ type: 'headers', headers: blocks.map(({ header }) => header) });
      };
    }, { ...tip, chainwork: tip.chainwork + 2n });
    expect(await peer.endsWithin(10_000)).toMatchObject({ reason: 'misbehaving' });
    expect(peer.got('getheaders').length).toBeLessThan(10);
  });

  it('HDR-04 a gap inside a message: dropped', async () => {
    const node = await start();
    const peer = await liar(node, []);
    const blocks = mineFork(genesisParent(), 3);
    peer.send({ type: 'headers', headers: [blocks[0], blocks[2]].flatMap((block) => (block === undefined ? [] : [block.header])) });
    expect(await peer.endsWithin(2_000)).toMatchObject({ reason: 'misbehaving' });
  });

  it('HDR-03 a long branch deep down with less work is counted, not stored', { timeout: 60_000 }, async () => {
    const node = await start();
    const honest = mineFork(genesisParent(), 5_000);
    await node.add(honest);
    const low = mineFork(genesisParent(), 4_500);
    const before = node.chain.headerOnlyCount;
    // It says that it is near our tip, so that it is asked.
    const peer = await liar(node, low, undefined, { ...tipOf(low), height: 4_900 });
    await until('asked to the end', () => peer.got('getheaders').length >= 3);
    expect(node.chain.headerOnlyCount).toBe(before);
    expect(peer.end).toBeUndefined();
    // The same by pushing them unasked.
    for (let at = 0; at < low.length; at += NET_LIMITS.headersPerMessage) {
      peer.send({ type: 'headers', headers: low.slice(at, at + NET_LIMITS.headersPerMessage).map(({ header }) => header) });
    }
    peer.send({ type: 'ping', nonce: 5n });
    await until('read', () => peer.got('pong').length > 0 || peer.end !== undefined, 5_000);
    expect(node.chain.headerOnlyCount).toBe(before);
    expect(node.tip.hash).toBe(honest.at(-1)?.hash);
  });

  it('HDR-03 a branch without end and without work is counted up to a limit', { timeout: 60_000 }, async () => {
    const node = await start({ maxPresyncHeaders: 2 * NET_LIMITS.headersPerMessage });
    const honest = mineFork(genesisParent(), 7_000);
    await node.add(honest);
    const low = mineFork(genesisParent(), 6_500);
    const peer = await liar(node, low, undefined, { ...tipOf(low), height: 6_900 });
    await until('punished', () => node.pool.peers().some((row) => row.misbehaviour > 0));
    // The two full batches up to the limit, and not the next one.
    expect(peer.got('getheaders')).toHaveLength(2);
    expect(NET_LIMITS.presyncHeaders).toBe(4_000_000);
  });

  it('HDR-03 a long branch deep down with more work is taken', { timeout: 60_000 }, async () => {
    const node = await start();
    await node.add(mineFork(genesisParent(), 2_600));
    const better = mineFork(genesisParent(), 2_700);
    await liar(node, better);
    await until('the better tip', () => node.tip.hash === better.at(-1)?.hash, 30_000);
  });

  it('a split that is longer than what fits as headers heals from the bottom, as long as it has proven more work', async () => {
    const node = await start({ ...impatient(), headerLimits: { ahead: 5_000, lowWork: 300 } });
    await node.add(mineFork(genesisParent(), 900));
    const better = mineFork(genesisParent(), 1_000);
    await liar(node, better);
    await until('the better tip', () => node.tip.hash === better.at(-1)?.hash, 8_000);
  });

  it('HDR-03 a branch that proved more work than our tip cannot be swapped for a cheap one', { timeout: 30_000 }, async () => {
    const node = await start();
    await node.add(mineFork(genesisParent(), 2_300));
    const proven = mineFork(genesisParent(), 2_400).map(({ header }) => header);
    const cheap = mineFork(genesisParent(), NET_LIMITS.headersPerMessage).map(({ header }) => header);
    const answers = [proven.slice(0, NET_LIMITS.headersPerMessage), proven.slice(NET_LIMITS.headersPerMessage), cheap];
    const peer = await liar(
      node,
      [],
      (raw) => {
        raw.answers.getheaders = () => {
          raw.send({ type: 'headers', headers: answers.shift() ?? [] });
        };
      },
      { hash: 'cc'.repeat(32), height: 2_400, chainwork: 1n << 60n },
    );
    await until('the cheap ones were read', () => peer.got('getheaders').length >= 4 || peer.end !== undefined);
    expect(answers).toEqual([]);
    expect(node.chain.headerOnlyCount).toBe(0);
  });

  it('low-work headers near the tip are limited for each peer', async () => {
    const node = await start();
    await node.add(mineFork(genesisParent(), 200));
    const peer = await liar(node, []);
    for (let i = 0; i < 14; i++) {
      peer.send({ type: 'headers', headers: mineFork(genesisParent(), 190).map(({ header }) => header) });
    }
    await peer.endsWithin(5_000);
    expect(node.chain.headerOnlyCount).toBeLessThanOrEqual(NET_LIMITS.sideHeadersPerPeer);
  });
});

describe('low-work headers of all peers', () => {
  it('are limited together, and each peer that comes again does not begin anew', async () => {
    const node = await start({ maxSideHeaders: 100 });
    await node.add(mineFork(genesisParent(), 60));
    for (let i = 0; i < 4; i++) {
      const peer = await liar(node, []);
      peer.send({ type: 'headers', headers: mineFork(genesisParent(), 40).map(({ header }) => header) });
      peer.send({ type: 'ping', nonce: 1n });
      await peer.waitFor('pong');
      await until('checked', () => node.chain.headerOnlyCount >= Math.min(80, 40 * (i + 1)));
    }
    expect(node.chain.headerOnlyCount).toBe(80);
    expect(NET_LIMITS.sideHeaders).toBe(20_000);
  });
});

describe('blocks that nobody asked for', () => {
  it('one that extends the tip is taken; a duplicate is ignored', async () => {
    const node = await start();
    const peer = await liar(node, []);
    const block = mineBlock(genesisParent());
    const send = (): void => {
      peer.send({ type: 'block', hash: block.hash, header: block.header, bytes: block.bytes });
    };
    send();
    await until('taken', () => node.height === 1);
    send();
    send();
    await until('counted', () => (node.peers()[0]?.misbehaviour ?? 0) >= 2);
    expect(node.chain.blockCount).toBe(2);
    expect(peer.end).toBeUndefined();
  });

  it('BLK-01 R: one with altered data is refused with the rule, and the tip stays', async () => {
    const node = await start();
    const peer = await liar(node, []);
    const block = mineBlock(genesisParent(), { data: 'AAAA' });
    const bytes = Uint8Array.from(block.bytes);
    const at = Buffer.from(bytes).indexOf('AAAA');
    bytes[at] = 0x42;
    peer.send({ type: 'block', hash: block.hash, header: block.header, bytes });
    await peer.waitFor('reject');
    expect(peer.got('reject')[0]).toMatchObject({ rule: 'bad-merkle-root', hash: block.hash, height: 1 });
    expect(node.height).toBe(0);
    // The honest body with the same hash is still welcome.
    const honest = await liar(node, [block]);
    await until('taken', () => node.height === 1);
    expect(honest.end).toBeUndefined();
  });

  it('BLK-11 orphans: asks how they connect, keeps at most 20', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 120);
    const peer = await liar(node, [], (raw) => {
      raw.answers.getheaders = () => undefined;
    });
    for (const block of blocks.slice(1)) peer.send({ type: 'block', hash: block.hash, header: block.header, bytes: block.bytes });
    await until('orphans', () => node.chain.orphanCount > 0);
    peer.send({ type: 'ping', nonce: 1n });
    await peer.waitFor('pong');
    expect(node.chain.orphanCount).toBeLessThanOrEqual(20);
    expect(peer.got('getheaders').length).toBeGreaterThan(0);
  });

  it('tells what a peer refused of ours, in harmless words', async () => {
    const node = await start();
    const peer = await liar(node, []);
    peer.send({ type: 'reject', rule: 'bad-bits\u202e', hash: 'ab'.repeat(32), height: 7, expected: 'a\u0000b\nc', got: 'x' });
    await until('told', () => node.rejected.length === 1);
    expect(node.rejected[0]).toMatchObject({ by: 'peer', peerName: 'Liar', height: 7, violation: { rule: 'bad-bits', expected: 'abc', got: 'x' } });
    // The same once more is no news.
    peer.send({ type: 'reject', rule: 'bad-bits', hash: 'ab'.repeat(32), height: 7, expected: 'abc', got: 'x' });
    for (let i = 0; i < 60; i++) peer.send({ type: 'reject', rule: `r${String(i)}`, hash: 'ab'.repeat(32), height: 7, expected: '', got: '' });
    peer.send({ type: 'ping', nonce: 1n });
    await peer.waitFor('pong');
    expect(node.rejected.length).toBeLessThanOrEqual(NET_LIMITS.rejectionsPerSecond + 2);
  });
});

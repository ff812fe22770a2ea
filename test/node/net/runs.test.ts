import { afterEach, describe, expect, it } from 'vitest';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { fastClock } from '../../helpers/fast-clock.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { NodeNetwork, type TestNode } from '../../helpers/node-network.ts';
import { serveChain, serveRuns, tipOf } from '../../helpers/raw-chain.ts';
import { RawPeer } from '../../helpers/raw-peer.ts';
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

async function played(node: TestNode, blocks: readonly MinedBlock[], change?: (peer: RawPeer) => void, hello: { runs?: true } = { runs: true }): Promise<RawPeer> {
  const peer = await RawPeer.connect(node.port, { tip: tipOf(blocks), ...hello }, (raw) => {
    serveRuns(raw, blocks);
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

const withData = (): { txs: ReturnType<typeof dataTransaction>[] } => ({ txs: [dataTransaction()] });
const asked = (peer: RawPeer): number => peer.got('getblocks').reduce((sum, { count }) => sum + count, 0);

describe('fetching runs', () => {
  it('brings a long chain from one peer, in few requests that grow', { timeout: 60_000 }, async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 3_000, withData);
    const peer = await played(node, blocks);
    await until('the chain is there', () => node.height === 3_000, 50_000);
    expect(peer.got('getdata')).toEqual([]);
    const counts = peer.got('getblocks').map(({ count }) => count);
    expect(counts[0]).toBe(NET_LIMITS.blocksInFlight);
    expect(Math.max(...counts)).toBeGreaterThan(100);
    expect(Math.max(...counts)).toBeLessThanOrEqual(NET_LIMITS.runBlocks);
    expect(asked(peer)).toBe(3_000);
    expect(node.chain.tip.hash).toBe(blocks.at(-1)?.hash);
  });

  it('asks for 16 at first, and for no more while nothing comes', async () => {
    const node = await start();
    const peer = await played(node, mineFork(genesisParent(), 100), (raw) => {
      raw.answers.getblocks = () => undefined;
    });
    await peer.waitFor('getblocks');
    await settled(peer);
    await settled(peer);
    expect(asked(peer)).toBe(NET_LIMITS.blocksInFlight);
  });

  it('asks for no more than 1,024 at a time, of large blocks no more than 2 MiB, and no more than 4,096 above the first missing one', { timeout: 60_000 }, async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 4_300);
    const held: (() => void)[] = [];
    let owed = 0;
    let most = 0;
    const hold = (raw: RawPeer): void => {
      const answer = raw.answers.getblocks;
      raw.answers.getblocks = (message) => {
        owed += message.count;
        most = Math.max(most, owed);
        // The first block is held back for good, so that nothing is stored.
        if (message.last === blocks[message.count - 1]?.hash) {
          held.push(() => answer?.(message));
          return;
        }
        answer?.(message);
        owed -= message.count;
      };
    };
    const peers = [await played(node, blocks, hold), await played(node, blocks, (raw) => {
      const answer = raw.answers.getblocks;
      raw.answers.getblocks = (message) => {
        if (message.last !== blocks[message.count - 1]?.hash) answer?.(message);
      };
    })];
    const highest = (): number => Math.max(-1, ...peers.flatMap((peer) => peer.got('getblocks').map(({ last }) => blocks.findIndex(({ hash }) => hash === last))));
    await until('the window is full', () => highest() === NET_LIMITS.runWindow - 1, 50_000);
    await Promise.all(peers.map(settled));
    expect(highest()).toBe(NET_LIMITS.runWindow - 1);
    expect(node.height).toBe(0);
    expect(most).toBeLessThanOrEqual(NET_LIMITS.runsInFlight);
    expect([NET_LIMITS.runsInFlight, NET_LIMITS.runWindow, NET_LIMITS.runsInFlightBytes]).toEqual([1_024, 4_096, 2 * 1024 * 1024]);
  });

  it('of blocks of 250 kB asks for 16 at a time, however many came', { timeout: 60_000 }, async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 60, () => ({ data: 'x'.repeat(250_000) }));
    const peer = await played(node, blocks);
    await until('the chain is there', () => node.height === 60, 50_000);
    expect(Math.max(...peer.got('getblocks').map(({ count }) => count))).toBeLessThanOrEqual(NET_LIMITS.blocksInFlight);
  });

  it('stores what comes before a block that breaks a rule, refuses that one by its rule, and says so to the peer', async () => {
    const node = await start();
    const good = mineFork(genesisParent(), 100, withData);
    const bad = mineBlock(good.at(-1) ?? genesisParent(), { dataText: 'no json' });
    const peer = await played(node, [...good, bad, ...mineFork(bad, 50)]);
    const [reject] = await peer.waitFor('reject');
    expect(reject).toMatchObject({ rule: 'bad-data-json', hash: bad.hash, height: 101 });
    await settled(peer);
    expect(peer.got('reject')).toHaveLength(1);
    expect(node.height).toBe(100);
    expect(node.chain.tip.hash).toBe(good.at(-1)?.hash);
    expect(node.chain.isKnownInvalid(bad.hash)).toBe(true);
  });

  it('SYNC-03 drops a peer whose run has an altered body in its middle, and takes the true one from another', { timeout: 30_000 }, async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 100, withData);
    const altered = blocks.map((block) => {
      if (block.height !== 60) return block;
      const bytes = block.bytes.slice();
      bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1;
      return { ...block, bytes };
    });
    const liar = await played(node, altered);
    expect(await liar.endsWithin(10_000)).toMatchObject({ reason: 'misbehaving' });
    expect(liar.got('reject')).toMatchObject([{ rule: 'bad-merkle-root', hash: blocks[59]?.hash, height: 60 }]);
    expect(node.height).toBe(59);
    await played(node, blocks);
    await until('the chain is there', () => node.height === 100, 20_000);
  });

  it.each<[string, (blocks: readonly MinedBlock[], last: string) => Uint8Array[]]>([
    ['other blocks', () => [mineBlock(genesisParent()).bytes]],
    ['its blocks in another order', (blocks) => [blocks[1]?.bytes ?? new Uint8Array(0)]],
    ['more than was asked for', (blocks) => blocks.slice(0, 17).map(({ bytes }) => bytes)],
  ])('drops a peer that answers with %s', async (_name, answer) => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 40);
    const peer = await played(node, blocks, (raw) => {
      raw.answers.getblocks = ({ last }) => {
        raw.send({ type: 'blocks', bodies: answer(blocks, last) });
      };
    });
    expect(await peer.endsWithin(5_000)).toMatchObject({ reason: 'misbehaving' });
  });

  it('drops a peer that sends blocks when none were asked for', async () => {
    const node = await start();
    const peer = await played(node, []);
    peer.send({ type: 'blocks', bodies: [mineBlock(genesisParent()).bytes] });
    expect(await peer.endsWithin(5_000)).toMatchObject({ reason: 'misbehaving' });
    expect(node.height).toBe(0);
  });

  it('SYNC-01 gives the runs of a peer that is silent to another one', { timeout: 30_000 }, async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 200, withData);
    const silent = await played(node, blocks, (raw) => {
      raw.answers.getblocks = () => undefined;
    });
    await silent.waitFor('getblocks');
    await played(node, blocks);
    await until('the chain is there', () => node.height === 200, 20_000);
  });

  it('takes what a peer has of a run, and the rest from another one', { timeout: 30_000 }, async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 120, withData);
    await played(node, blocks, (raw) => {
      raw.answers.getblocks = ({ last, count }) => {
        const end = blocks.findIndex(({ hash }) => hash === last);
        const have = blocks.slice(end + 1 - count, end + 1).filter(({ height }) => height <= 8);
        if (have.length > 0) raw.send({ type: 'blocks', bodies: have.map(({ bytes }) => bytes) });
        raw.send({ type: 'notfound', entries: [{ kind: 'block', hash: last }] });
      };
    });
    await until('what it has', () => node.height === 8);
    await played(node, blocks);
    // At once: whoever holds on to what it does not have would lose it only when it stalls.
    await until('the rest', () => node.height === 120, NET_LIMITS.stallMs - 1_000);
  });

  it('asks for the rest of a run whose next block was taken from a slow peer, which then says that it has no more', { timeout: 30_000 }, async () => {
    const node = await start(20);
    const blocks = mineFork(genesisParent(), 20, () => ({ txs: [dataTransaction('x'.repeat(40_000))] }));
    // One block of 40 kB every 3 s of the node's time: too much to be stalled, too little to wait for.
    let timer: NodeJS.Timeout | undefined;
    let run: { last: string; count: number } | undefined;
    let sent = 0;
    const slow = await played(node, blocks, (raw) => {
      raw.answers.getblocks = ({ last, count }) => {
        if (run !== undefined) return;
        run = { last, count };
        timer = setInterval(() => {
          const body = blocks[sent];
          if (body !== undefined && sent < count - 2) raw.send({ type: 'blocks', bodies: [body.bytes] });
          sent += 1;
        }, 150);
      };
    });
    cleanups.push(() => {
      clearInterval(timer);
    });
    await slow.waitFor('getblocks');
    await played(node, blocks, (raw) => {
      const serve = raw.answers.getdata;
      raw.answers.getdata = (message) => {
        // It is asked for what was the slow one's.
        clearInterval(timer);
        if (run !== undefined) slow.send({ type: 'notfound', entries: [{ kind: 'block', hash: run.last }] });
        serve?.(message);
      };
    });
    await until('the whole chain', () => node.height === 20, 20_000);
  });

  it('still asks one by one where the peer does not say that it answers runs', async () => {
    const node = await start();
    const blocks = mineFork(genesisParent(), 60, withData);
    const peer = await played(node, blocks, (raw) => {
      serveChain(raw, blocks);
    }, {});
    await until('the chain is there', () => node.height === 60);
    expect(peer.got('getblocks')).toEqual([]);
    expect(peer.got('getdata').length).toBeGreaterThan(0);
  });
});

describe('serving runs', () => {
  it('answers with the blocks below the last one, lowest first, past side branches, and in messages of bounded size', { timeout: 30_000 }, async () => {
    const node = await start();
    const blocks = await node.mine(300, { data: 'x'.repeat(2_000) });
    await node.add([mineBlock(blocks[98] ?? genesisParent()), mineBlock(blocks[99] ?? genesisParent())]);
    const peer = await played(node, []);
    const last = blocks[249]?.hash ?? '';
    peer.send({ type: 'getblocks', last, count: 200 });
    await until('200 blocks', () => peer.got('blocks').reduce((sum, { bodies }) => sum + bodies.length, 0) === 200);
    const bodies = peer.got('blocks').flatMap((message) => message.bodies);
    expect(bodies.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(blocks.slice(50, 250).map(({ bytes }) => Buffer.from(bytes).toString('hex')));
    for (const message of peer.got('blocks')) {
      expect(message.bodies.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(NET_LIMITS.runMessageBytes);
    }
    expect(NET_LIMITS.runMessageBytes).toBe(64 * 1024);
    expect(peer.got('notfound')).toEqual([]);
  });

  it('says of what it does not have that it was not found', async () => {
    const node = await start();
    const blocks = await node.mine(10);
    const peer = await played(node, []);
    const unknown = 'ab'.repeat(32);
    const fifth = blocks[4]?.hash ?? '';
    peer.send({ type: 'getblocks', last: unknown, count: 3 });
    // More than there are: the chain begins before the run does.
    peer.send({ type: 'getblocks', last: fifth, count: 6 });
    const answers = await peer.waitFor('notfound', 2);
    expect(answers.flatMap(({ entries }) => entries.map(({ hash }) => hash))).toEqual([unknown, fifth]);
    expect(peer.got('blocks')).toEqual([]);
  });

  it('answers with what is below a block that is damaged on disk, says that the rest was not found, and goes on', { timeout: 10_000 }, async () => {
    const node = await start();
    const blocks = await node.mine(10);
    const hash = (height: number): string => blocks[height - 1]?.hash ?? '';
    const { store } = node;
    const read = store.readBodies.bind(store);
    store.readBodies = async (keys, bytes) => {
      const damaged = keys.findIndex((key) => key.hash === hash(5));
      return read(damaged < 0 ? keys : keys.slice(0, damaged), bytes);
    };
    const readOne = store.readBody.bind(store);
    store.readBody = (key) => (key.hash === hash(5) ? Promise.resolve({ state: 'damaged' }) : readOne(key));
    const peer = await played(node, []);
    peer.send({ type: 'getblocks', last: hash(8), count: 6 });
    peer.send({ type: 'getblocks', last: hash(4), count: 1 });
    const [missing] = await peer.waitFor('notfound', 1, 2_000);
    expect(missing?.entries).toEqual([{ kind: 'block', hash: hash(8) }]);
    const answers = await peer.waitFor('blocks', 2);
    expect(answers.flatMap(({ bodies }) => bodies)).toEqual([3, 4, 4].map((height) => blocks[height - 1]?.bytes));
  });

  it('lets at most 8 requests of a peer wait', async () => {
    const node = await start();
    const blocks = await node.mine(40);
    // The disk takes its time: no request is answered before all have come.
    const { chain } = node;
    const read = chain.readBodies.bind(chain);
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    cleanups.push(answer);
    chain.readBodies = async (entries, bytes) => {
      await held;
      return read(entries, bytes);
    };
    const peer = await played(node, []);
    const ask = (): void => peer.send({ type: 'getblocks', last: blocks[39]?.hash ?? '', count: 40 });
    for (let i = 0; i < NET_LIMITS.runQueue; i++) ask();
    await settled(peer);
    expect(peer.end).toBeUndefined();
    ask();
    expect(await peer.endsWithin(5_000)).toMatchObject({ reason: 'misbehaving' });
    expect(NET_LIMITS.runQueue).toBe(8);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningNode } from '../../../src/node/index.ts';
import { MAX_DATA_BYTES } from '../../../src/node/primitives/limits.ts';
import { MINING_LIMITS } from '../../../src/node/mining/limits.ts';
import { API_LIMITS } from '../../../src/node/api/limits.ts';
import { RECENT_BLOCKS, type NodeEvent } from '../../../src/shared/events.ts';
import type { ListedBlock } from '../../../src/shared/blocks.ts';
import { ask } from '../../helpers/http.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { httpPort, mine, NodeNetwork, p2pAddress, waitForEvent, waitForTip } from '../../helpers/node.ts';

let network: NodeNetwork;
beforeAll(async () => {
  network = await NodeNetwork.create();
}, 60_000);
afterEach(() => network.reset());
afterAll(() => network.close());

async function give(node: RunningNode, blocks: readonly MinedBlock[]): Promise<void> {
  for (const { bytes } of blocks) await node.node.parts.chain.addBlock(bytes, { kind: 'peer' });
}

async function collect(blocks: AsyncIterable<ListedBlock>): Promise<ListedBlock[]> {
  const all: ListedBlock[] = [];
  for await (const block of blocks) all.push(block);
  return all;
}

describe('snapshot and events', () => {
  it('fit together: a snapshot and the events after it give the same as a later snapshot', async () => {
    const node = await network.open();
    await mine(node, 'one');
    const before = node.api.snapshot();
    const seen: NodeEvent[] = [];
    node.api.subscribe((event) => seen.push(event));
    await mine(node, 'two', 'three');
    const after = node.api.snapshot();
    expect(seen[0]?.seq).toBe(before.seq + 1);
    expect(seen.map((event) => event.seq)).toEqual(Array.from({ length: after.seq - before.seq }, (_, index) => before.seq + 1 + index));
    const added = seen.flatMap((event) => (event.type === 'block' ? [event.block] : []));
    expect([...before.blocks, ...added]).toEqual(after.blocks);
    expect(seen.findLast((event) => event.type === 'tip')?.chain).toEqual(after.chain);
    expect(node.api.eventsAfter(before.seq)).toEqual(seen);
  });

  it('tells a mined block before the tip that it makes', async () => {
    const node = await network.open();
    const { seq } = node.api.snapshot();
    const [hash] = await mine(node, 'hello');
    const types = (node.api.eventsAfter(seq) ?? []).filter((event) => event.type === 'block' || event.type === 'tip');
    expect(types.map((event) => event.type)).toEqual(['block', 'tip']);
    expect(types[0]).toMatchObject({ block: { hash, height: 1, branch: 'active', dataPreview: 'hello', origin: 'mined', minerId: node.info.nodeId } });
    expect(types[1]).toMatchObject({ chain: { tip: { hash, height: 1 }, blockCount: 2, nextRequiredZeroBits: 1 } });
  });

  it.each([
    { length: API_LIMITS.wholeRun, what: 'tells all of a run of blocks that is no longer than a network finds', told: Array.from({ length: 64 }, (_, index) => index + 1) },
    { length: API_LIMITS.wholeRun + 1, what: 'of a longer run tells the newest', told: [58, 59, 60, 61, 62, 63, 64, 65] },
  ])('$what, and one tip; numbers have no gap, and a snapshot has all of them', async ({ length, told: heights }) => {
    const node = await network.open();
    const { chain } = node.node.parts;
    const blocks = mineFork(genesisParent(), length, () => ({ txs: [dataTransaction()] }));
    await chain.addHeaders(blocks.map(({ header }) => header), { kind: 'peer' });
    const { seq } = node.api.snapshot();
    await chain.addBlocks(chain.checkBlocks(blocks.map(({ hash, bytes }) => ({ hash, bytes, origin: { kind: 'peer' } }))));
    const events = node.api.eventsAfter(seq) ?? [];
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => seq + 1 + i));
    const told = events.filter((event) => event.type === 'block' || event.type === 'tip');
    expect(told.map((event) => event.type)).toEqual([...heights.map(() => 'block'), 'tip']);
    expect(told.flatMap((event) => (event.type === 'block' ? [event.block.height] : []))).toEqual(heights);
    const snapshot = node.api.snapshot();
    expect(snapshot.blocks.map(({ hash }) => hash)).toEqual([chain.genesis.hash, ...blocks.map(({ hash }) => hash)]);
    expect(snapshot.blocks[5]).toMatchObject({ height: 5, branch: 'active', dataPreview: 'block 5', transactionCount: 2, minerName: 'test' });
    expect(snapshot.chain.tip.height).toBe(length);
  });

  it('tells the size on disk after a block, without waiting for the next one', async () => {
    const node = await network.open();
    const before = node.api.snapshot();
    await mine(node, 'takes room');
    const { chain } = await waitForEvent(node, 'tip', ({ chain: { bytesOnDisk } }) => bytesOnDisk > before.chain.bytesOnDisk, before.seq);
    expect(chain.tip.height).toBe(1);
    expect(node.api.snapshot().chain.bytesOnDisk).toBe(chain.bytesOnDisk);
  });

  it('holds the last blocks only, also after a restart', async () => {
    const dataDir = await network.folder();
    const first = await network.open({ dataDir });
    const chain = mineFork(genesisParent(), RECENT_BLOCKS + 20);
    await give(first, chain);
    const heights = (node: RunningNode): number[] => node.api.snapshot().blocks.map((block) => block.height);
    const expected = Array.from({ length: RECENT_BLOCKS }, (_, index) => chain.length - RECENT_BLOCKS + 1 + index);
    expect(heights(first)).toEqual(expected);
    await first.close();
    const again = await network.open({ dataDir });
    expect(heights(again)).toEqual(expected);
    expect(again.api.snapshot().blocks.at(-1)).toMatchObject({ hash: chain.at(-1)?.hash, branch: 'active', origin: 'peer' });
  });

  it('shows side branches, and remembers them over a restart', async () => {
    const dataDir = await network.folder();
    const node = await network.open({ dataDir });
    const main = mineFork(genesisParent(), 3);
    const side = mineFork(genesisParent(), 2);
    await give(node, main);
    const { seq } = node.api.snapshot();
    await give(node, side);
    const told = (node.api.eventsAfter(seq) ?? []).flatMap((event) => (event.type === 'block' ? [event.block] : []));
    expect(told.map((block) => [block.hash, block.branch])).toEqual(side.map((block) => [block.hash, 'side']));
    const check = (snapshot: ReturnType<typeof node.api.snapshot>): void => {
      expect(snapshot.chain.sideTips).toMatchObject([{ hash: side[1]?.hash, height: 2, forkHeight: 0, branch: 'side' }]);
      expect(snapshot.blocks.map((block) => [block.height, block.branch])).toEqual([
        [0, 'active'],
        [1, 'active'],
        [1, 'side'],
        [2, 'active'],
        [2, 'side'],
        [3, 'active'],
      ]);
    };
    check(node.api.snapshot());
    await node.close();
    check((await network.open({ dataDir })).api.snapshot());
  });

  it('shows a bounded number of side blocks, and goes on', async () => {
    const node = await network.open();
    await give(node, mineFork(genesisParent(), 2));
    const rivals = Array.from({ length: API_LIMITS.snapshotSideBlocks + 5 }, (_, index) => mineBlock(genesisParent(), { data: index }));
    await give(node, rivals);
    const { blocks, chain } = node.api.snapshot();
    expect(blocks.filter((block) => block.branch === 'side')).toHaveLength(API_LIMITS.snapshotSideBlocks);
    expect(blocks.filter((block) => block.branch === 'active')).toHaveLength(3);
    expect(chain.sideTips).toHaveLength(API_LIMITS.sideTips);
    expect(chain.blockCount).toBe(rivals.length + 3);
  });

  it('tells a reorg with the transactions that came back, and changes the branches of what is remembered', async () => {
    const node = await network.open();
    const returning = dataTransaction('comes back');
    const inBoth = dataTransaction('in both');
    const losing = mineFork(genesisParent(), 2, (index) => (index === 0 ? { txs: [returning, inBoth] } : {}));
    const winning = mineFork(genesisParent(), 3, (index) => (index === 0 ? { txs: [inBoth] } : {}));
    await give(node, losing);
    const { seq } = node.api.snapshot();
    await give(node, winning);
    const events = node.api.eventsAfter(seq) ?? [];
    const at = events.findIndex((event) => event.type === 'reorg');
    expect(events[at]).toMatchObject({
      reorg: {
        forkHeight: 0,
        oldTip: { hash: losing[1]?.hash },
        newTip: { hash: winning[2]?.hash },
        disconnected: [losing[1]?.hash, losing[0]?.hash],
        connected: winning.map((block) => block.hash),
        returnedTransactions: 1,
      },
    });
    expect(events.slice(at + 1).find((event) => event.type === 'tip')).toMatchObject({ chain: { tip: { hash: winning[2]?.hash } } });
    const snapshot = node.api.snapshot();
    expect(snapshot.blocks.filter((block) => block.branch === 'active').map((block) => block.hash).slice(1)).toEqual(winning.map((block) => block.hash));
    expect(snapshot.blocks.filter((block) => block.branch === 'side')).toHaveLength(2);
    expect(node.api.transactions().map((entry) => entry.dataText)).toEqual(['"comes back"']);
    // The next one counts its own.
    await give(node, mineFork(winning[1] as MinedBlock, 2));
    const next = (node.api.eventsAfter(seq) ?? []).findLast((event) => event.type === 'reorg');
    expect(next).toMatchObject({ reorg: { forkHeight: 2, returnedTransactions: 0 } });
  });

  it('tells what the mempool holds, not more often than it has to', async () => {
    const node = await network.open();
    const { seq } = node.api.snapshot();
    const told = waitForEvent(node, 'mempool', ({ mempool }) => mempool.count === 20);
    const texts = Array.from({ length: 20 }, (_, index) => JSON.stringify(index));
    await Promise.all(texts.map((text) => node.api.submitTransaction(text)));
    await told;
    // One telling as a rule; a machine that is slow to look the transactions up may need a few.
    expect((node.api.eventsAfter(seq) ?? []).filter((event) => event.type === 'mempool').length).toBeLessThan(5);
    const emptied = waitForEvent(node, 'mempool', ({ mempool }) => mempool.count === 0);
    await mine(node, 'takes them');
    expect((await emptied).mempool.bytes).toBe(0);
    // Which of the twenty came first is not known: they were handed in at once.
    const mined = (await node.api.getBlock(1))?.transactions.map((transaction) => transaction.dataText) ?? [];
    expect(mined[0]).toBe('"takes them"');
    expect(new Set(mined.slice(1))).toEqual(new Set(texts));
  });

  it('tells a refused block once, with who sent it', async () => {
    const node = await network.open();
    const bad = mineBlock(genesisParent(), { coinbaseHeight: 9 });
    const { seq } = node.api.snapshot();
    await node.node.parts.chain.addBlock(bad.bytes, { kind: 'mined' });
    const rejected = (node.api.eventsAfter(seq) ?? []).filter((event) => event.type === 'rejected');
    expect(rejected).toMatchObject([{ rejection: { by: 'us', hash: bad.hash, violation: { rule: 'bad-coinbase-height', expected: '1', got: '9' } } }]);
  });
});

describe('blocks', () => {
  it('gives every detail of one, by height and by hash, on any branch', async () => {
    const node = await network.open();
    const main = mineFork(genesisParent(), 2, { dataText: '{"b": 1.0}', txs: [] });
    const side = mineBlock(genesisParent(), { txs: [dataTransaction({ n: 1 })] });
    await give(node, [...main, side]);
    const detail = await node.api.getBlock(1);
    expect(detail).toMatchObject({
      hash: main[0]?.hash,
      previousHash: node.info.genesisHash,
      dataText: '{"b": 1.0}',
      dataPreview: '{"b": 1.0}',
      confirmations: 2,
      difficulty: 1,
      requiredZeroBits: 1,
      expectedHashes: 2,
      branch: 'active',
      origin: 'peer',
      children: [{ hash: main[1]?.hash, height: 2, branch: 'active' }],
      size: main[0]?.bytes.length,
    });
    expect(detail?.headerHex).toHaveLength(160);
    expect(detail?.zeroBits).toBeGreaterThanOrEqual(1);
    expect(await node.api.getBlock(main[0]?.hash ?? '')).toEqual(detail);
    const beside = await node.api.getBlock(side.hash);
    expect(beside).toMatchObject({ branch: 'side', confirmations: 0, transactionCount: 2 });
    expect(beside?.transactions[1]).toMatchObject({ kind: 'data', dataText: '{"n":1}', time: 1_767_225_700_000 });
    expect((await node.api.getBlock(0))?.children).toHaveLength(2);
    expect(await node.api.getBlock(3)).toBeNull();
    expect(await node.api.getBlock('ff'.repeat(32))).toBeNull();
  });

  it('gives ranges of summaries, bounded, from memory and from disk alike', async () => {
    const node = await network.open();
    await give(node, mineFork(genesisParent(), API_LIMITS.rangeMax + 10));
    expect(await node.api.getBlocks({ limit: API_LIMITS.rangeMax + 1 })).toHaveLength(API_LIMITS.rangeMax);
    const fromDisk = await node.api.getBlocks({ from: 0, limit: 3 });
    expect(fromDisk.map((block) => block.height)).toEqual([0, 1, 2]);
    expect(fromDisk[0]?.origin).toBe('genesis');
    expect(await node.api.getBlocks({})).toHaveLength(API_LIMITS.rangeDefault);
    const tip = API_LIMITS.rangeMax + 10;
    const last = await node.api.getBlocks({ from: tip - 1, limit: 50 });
    expect(last.map((block) => block.height)).toEqual([tip - 1, tip]);
    expect(last).toEqual(node.api.snapshot().blocks.slice(-2));
    const { dataText: _text, ...summary } = { ...(await node.api.getBlock(tip)) };
    expect(summary).toMatchObject({ ...last[1] });
  });

  it('streams the chain as it stood at the call, whatever happens meanwhile', async () => {
    const node = await network.open();
    const old = mineFork(genesisParent(), API_LIMITS.streamRun * 2);
    await give(node, old);
    const seen: string[] = [];
    for await (const block of node.api.streamBlocks({})) {
      seen.push(block.hash);
      // A longer rival takes over while the reader is at the third block.
      if (seen.length === 3) await give(node, mineFork(genesisParent(), old.length + 1));
    }
    expect(seen).toEqual([node.info.genesisHash, ...old.map((block) => block.hash)]);
    expect((await collect(node.api.streamBlocks({ from: old.length }))).map((block) => block.height)).toEqual([old.length, old.length + 1]);
  });
});

describe('commands', () => {
  it('refuse data that is no JSON, too deep or too large, with the reason', async () => {
    const node = await network.open();
    const cases = [
      ['{', 'data-not-json'],
      ['', 'data-not-json'],
      ['NaN', 'data-not-json'],
      [`${'['.repeat(33)}${']'.repeat(33)}`, 'data-not-json'],
      ['"\ud800"', 'data-not-json'],
      [JSON.stringify('x'.repeat(MAX_DATA_BYTES)), 'data-too-large'],
    ] as const;
    for (const [dataText, code] of cases) {
      expect(() => node.api.mine({ dataText })).toThrow(expect.objectContaining({ code, field: 'data' }) as Error);
      await expect(node.api.submitTransaction(dataText)).rejects.toMatchObject({ code, field: 'data' });
    }
    expect(node.api.snapshot().mining.status).toBe('idle');
  });

  it('API-08 mine many in order; more than the queue holds are refused; reading stays possible', async () => {
    const node = await network.open({ network: 'main' }, network.endless);
    const jobs = [node.api.mine({ dataText: '"first"' })];
    for (let index = 0; index < MINING_LIMITS.queue; index += 1) jobs.push(node.api.mine({ dataText: String(index) }));
    expect(() => node.api.mine({ dataText: '"too many"' })).toThrow(expect.objectContaining({ code: 'mining-queue-full' }) as Error);
    expect((await ask(httpPort(node), '/mine', { method: 'POST', body: { data: 'too many' } })).status).toBe(429);
    expect((await ask(httpPort(node), '/blocks?limit=1')).status).toBe(200);
    const ends = jobs.map((job) => expect(job.done).rejects.toMatchObject({ code: 'mining-stopped' }));
    expect(await node.api.stopMining()).toBe(true);
    await Promise.all(ends);
    expect(await node.api.stopMining()).toBe(false);
  });

  it('stop mining, and no more progress follows', async () => {
    const node = await network.open({ network: 'main' }, network.endless);
    const job = node.api.mine({ dataText: '"x"' });
    const ended = expect(job.done).rejects.toMatchObject({ code: 'mining-stopped' });
    const progress = await waitForEvent(node, 'mining', ({ mining }) => mining.hashes > 0);
    expect(progress.mining).toMatchObject({ status: 'mining', dataPreview: 'x', height: 1, workers: 1 });
    expect(progress.mining.bestHash).toMatch(/^[0-9a-f]{64}$/);
    await node.api.stopMining();
    await ended;
    const { seq, mining } = node.api.snapshot();
    expect(mining).toMatchObject({ status: 'idle', lastResult: { outcome: 'stopped' } });
    // Something else happens; had a thread gone on, its report would have come by then.
    await node.api.submitTransaction('"later"');
    await waitForEvent(node, 'mempool');
    expect((node.api.eventsAfter(seq) ?? []).filter((event) => event.type === 'mining')).toEqual([]);
  });

  it("SYNC-08 go on mining on a rival's block", async () => {
    const node = await network.open({ network: 'regtest' });
    const rival = await network.open();
    await mine(rival, 'a', 'b', 'c');
    const [hash = ''] = [rival.api.snapshot().chain.tip.hash];
    await node.api.addPeer(p2pAddress(rival));
    await waitForTip(node, hash);
    const [own = ''] = await mine(node, 'on top');
    await waitForTip(rival, own);
    expect(await rival.api.getBlock(4)).toMatchObject({ hash: own, minerId: node.info.nodeId });
  });

  it('API-10 end the job of an HTTP client that leaves', async () => {
    const node = await network.open({ network: 'main' }, network.endless);
    const controller = new AbortController();
    const left = fetch(`http://127.0.0.1:${String(httpPort(node))}/mine`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"data":"nobody waits"}',
      signal: controller.signal,
    }).catch((error: unknown) => error);
    await waitForEvent(node, 'mining', ({ mining }) => mining.status === 'mining', 0);
    const idle = waitForEvent(node, 'mining', ({ mining }) => mining.status === 'idle');
    controller.abort();
    await left;
    expect((await idle).mining.lastResult).toMatchObject({ outcome: 'stopped' });
  });

  it('name the faults of a peer address', async () => {
    const node = await network.open();
    const other = await network.open();
    const main = await network.open({ network: 'main' });
    const code = (address: string): Promise<unknown> =>
      node.api.addPeer(address).then(
        () => 'added',
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await code('foo')).toBe('not-an-address');
    expect(await code('localhost:99999')).toBe('bad-port');
    expect(await code(p2pAddress(node))).toBe('self');
    expect(await code(p2pAddress(main))).toBe('different-genesis');
    expect(await code('127.0.0.1:1')).toBe('nothing-answers');
    expect(await code(p2pAddress(other))).toBe('added');
    expect(await code(p2pAddress(other))).toBe('already-connected');
    expect(await node.api.removePeer(p2pAddress(other))).toBe(true);
    expect(await node.api.removePeer(p2pAddress(other))).toBe(false);
  });

  it('are refused after the node closed', async () => {
    const node = await network.open();
    await node.close();
    for (const call of [() => node.api.snapshot(), () => node.api.mine({ dataText: '1' }), () => node.api.peers(), () => node.api.transactions()]) {
      expect(call).toThrow(expect.objectContaining({ code: 'node-closing' }) as Error);
    }
    await expect(node.api.getBlock(0)).rejects.toMatchObject({ code: 'node-closing' });
    await expect(node.api.submitTransaction('1')).rejects.toMatchObject({ code: 'node-closing' });
  });
});

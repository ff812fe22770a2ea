import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Line } from '../../bench/hop/line.ts';
import { read } from '../../bench/http/read.ts';
import { BatchingStore } from '../../bench/lib/batching-store.ts';
import { HostedProcess, type Runtimes } from '../../bench/lib/hosted.ts';
import { mineBlock, type Parent } from '../../bench/lib/mining.ts';
import { mappedTables } from '../../bench/start/memory.ts';
import { Chain } from '../../src/node/chain/chain.ts';
import { REGTEST } from '../../src/node/consensus/params.ts';
import { systemClock } from '../../src/node/util/clock.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import { bundle, type Bundle } from '../helpers/bundle.ts';

const BLOCKS = 40;

let built: Bundle;
let runtimes: Runtimes;
let folder: string;
let dataDir: string;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  built = await bundle({ host: 'bench/lib/host.ts', worker: 'src/node/mining/worker.ts' });
  runtimes = { bundle: dirname(built.file('host')) };
  folder = await mkdtemp(join(tmpdir(), 'chainscope-bench-test-'));
  dataDir = join(folder, 'chain');
  const store = new BatchingStore({ dataDir, genesisHash: REGTEST.genesisHash });
  const chain = new Chain({ params: REGTEST, dataDir }, { clock: systemClock, logger: nullLogger, store });
  await chain.open();
  let parent: Parent = { hash: REGTEST.genesisHash, height: 0, time: REGTEST.genesis.header.time };
  for (let number = 0; number < BLOCKS; number += 1) {
    const made = mineBlock(REGTEST, parent, parent.time + 10, 1, number, 2);
    await chain.addBlock(made.bytes, { kind: 'mined' });
    parent = made;
  }
  await chain.close();
}, 120_000);

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

afterAll(async () => {
  await built.remove();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

describe('a line of nodes', () => {
  it('hands one more block from end to end, and says what it cost the node in the middle', async () => {
    const line = await Line.ofNodes(runtimes, { blocks: BLOCKS, dataDir }, folder);
    closers.push(() => line.close());
    const hops = [await line.hop(), await line.hop()];
    for (const { stored, first, hops: each, bytesBefore, bytesBehind, messages } of hops) {
      expect(each).toHaveLength(2);
      expect(Math.min(stored, first, ...each)).toBeGreaterThan(0);
      // The first hop begins with the event of the finder, which comes after it was found.
      expect(each[0]).toBeLessThan(first);
      // A body of two transactions is over 200 bytes, and has to cross once.
      expect(Math.min(bytesBefore, bytesBehind)).toBeGreaterThan(200);
      expect(messages).toMatchObject({ 'received block': 1, 'sent block': 1 });
    }
  });

  it('of tutorials moves the whole chain for it', async () => {
    const bytes: number[] = [];
    for (const blocks of [100, 1_000]) {
      const line = await Line.ofTutorials(runtimes, blocks);
      closers.push(() => line.close());
      const { first, hops, bytesBefore } = await line.hop();
      expect(first).toBeGreaterThan(0);
      expect(hops).toEqual([]);
      bytes.push(bytesBefore);
    }
    expect((bytes[1] ?? 0) / (bytes[0] ?? 1)).toBeGreaterThan(9);
  });
});

describe('a process with a node', () => {
  it('gives the same list from the stream and from one text of everything', async () => {
    const counted: { blocks: number; bytes: number }[] = [];
    for (const kind of ['node', 'whole'] as const) {
      const host = await HostedProcess.start(runtimes, 'node', { kind, dataDir, http: true });
      closers.push(() => host.close());
      await host.send<'watch'>({ do: 'watch' });
      const { blocks, bytes, ms, firstMs } = await read(`${host.opened.http ?? ''}/blocks`);
      const { longestHoldMs, peak } = await host.send<'watched'>({ do: 'watched' });
      expect(firstMs).toBeLessThanOrEqual(ms);
      expect(Math.min(longestHoldMs, peak.rss)).toBeGreaterThan(0);
      counted.push({ blocks, bytes });
      await host.close();
    }
    expect(counted.map(({ blocks }) => blocks)).toEqual([BLOCKS + 1, BLOCKS + 1]);
  });

  it('says what went wrong when it cannot go on', async () => {
    await expect(HostedProcess.start(runtimes, 'node', { kind: 'node', dataDir: join(dataDir, 'schema') })).rejects.toThrow('a node of the bench ended with code 1');
    const host = await HostedProcess.start(runtimes, 'node', { kind: 'node' });
    closers.push(() => host.close());
    await expect(host.send<'found'>({ do: 'found', hex: '00' })).rejects.toThrow('the block was not taken: invalid');
  });
});

describe('read', () => {
  it('takes no part for a whole list', async () => {
    const host = await HostedProcess.start(runtimes, 'node', { kind: 'node', dataDir, http: true });
    closers.push(() => host.close());
    await expect(read(`${host.opened.http ?? ''}/status`)).rejects.toThrow('not a complete list');
    expect(await read(`${host.opened.http ?? ''}/blocks?from=3&limit=4`)).toMatchObject({ blocks: 4 });
  });
});

describe('mappedTables', () => {
  it('adds up what is in memory of the tables of the database, and of nothing else', () => {
    const smaps = [
      '7f00-7f10 r--s 00000000 fd:00 123 /data/chain/000005.ldb',
      'Size:               2048 kB',
      'Rss:                1500 kB',
      '7f10-7f20 r-xp 00000000 fd:00 124 /usr/lib/libc.so.6',
      'Rss:                 900 kB',
      '7f20-7f30 rw-p 00000000 00:00 0 ',
      'Rss:                 700 kB',
      '7f30-7f40 r--s 00000000 fd:00 125 /data/chain/000007.ldb',
      'Rss:                   4 kB',
    ];
    expect(mappedTables(smaps.join('\n'))).toBe(1_504 * 1024);
    expect(mappedTables('')).toBe(0);
  });
});

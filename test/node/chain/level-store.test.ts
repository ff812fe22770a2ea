import { cp, mkdir, readdir, readFile, rename, rm, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Chain, type OpenReport } from '../../../src/node/chain/chain.ts';
import { MAX_DAMAGED_COPIES, MAX_META_BYTES, MAX_PEER_RECORD_BYTES, MAX_STORED_PEERS, RECORDS_PER_READ, STEPS_PER_TURN, VERIFY_LAST } from '../../../src/node/chain/limits.ts';
import { toStoreError } from '../../../src/node/chain/store/errors.ts';
import { LevelStore } from '../../../src/node/chain/store/level-store.ts';
import { activeKey, blockKey, metaKey, PREFIX, SCHEMA_KEY, SCHEMA_VERSION, seal, TIP_KEY } from '../../../src/node/chain/store/records.ts';
import { MAIN, REGTEST } from '../../../src/node/consensus/params.ts';
import { transactionHashHex } from '../../../src/node/primitives/transaction.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { seededRandom } from '../../../src/node/util/random.ts';
import { toHex, utf8Encode } from '../../../src/node/util/bytes.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { turnsOf } from '../../helpers/turns.ts';
import { addAll, expectConsistent, last, PEER, temporaryDirectory } from './support.ts';

/** The long form is `npm run soak -- damage --seed N`. */
const SEED = Number(process.env['DAMAGE_SEED'] ?? 11);
const LOG_CUTS = Number(process.env['DAMAGE_LOG_CUTS'] ?? 200);
const FILE_FLIPS = Number(process.env['DAMAGE_FILE_FLIPS'] ?? 10);
const LONG_MS = 120_000 + FILE_FLIPS * 8_000;

type Raw = ClassicLevel<Uint8Array, Uint8Array>;

async function opened(dataDir: string, verifyLast?: number): Promise<{ chain: Chain; report: OpenReport; notices: string[] }> {
  const options = { params: REGTEST, dataDir, ...(verifyLast === undefined ? {} : { verifyLast }) };
  const chain = new Chain(options, { clock: systemClock, logger: nullLogger });
  const notices: string[] = [];
  chain.on('notice', (_level, code) => notices.push(code));
  const report = await chain.open();
  onTestFinished(() => chain.close());
  return { chain, report, notices };
}

/** A directory with these blocks, closed. */
async function stored(blocks: readonly MinedBlock[]): Promise<string> {
  const directory = await temporaryDirectory();
  const { chain } = await opened(directory);
  await addAll(chain, blocks);
  await chain.close();
  return directory;
}

/** Changes the database behind the store's back. */
async function tamper(directory: string, change: (db: Raw) => Promise<void>): Promise<void> {
  const db: Raw = new ClassicLevel(join(directory, 'chain'), { keyEncoding: 'view', valueEncoding: 'view' });
  await db.open();
  await change(db);
  await db.close();
}

async function flip(db: Raw, key: Uint8Array): Promise<void> {
  const value = await db.get(key);
  if (value === undefined) throw new Error('there is no such record');
  const changed = new Uint8Array(value);
  const at = changed.length >> 1;
  changed[at] = (changed[at] ?? 0) ^ 1;
  await db.put(key, changed);
}

const at = (blocks: readonly MinedBlock[], index: number): MinedBlock => blocks[index] as MinedBlock;
const bodyOf = (mined: MinedBlock): Uint8Array => blockKey(PREFIX.body, mined);
const indexOf = (mined: MinedBlock): Uint8Array => blockKey(PREFIX.index, mined);

describe('LevelStore', () => {
  it('keeps chain, side branches, invalid marks and origins over a restart', async () => {
    const tx = dataTransaction('kept');
    const a = mineFork(genesisParent(), 3, (i) => ({ txs: i === 1 ? [tx] : [] }));
    const b = mineFork(genesisParent(), 2);
    const directory = await temporaryDirectory();
    const first = await opened(directory);
    expect(first.report).toEqual({ blocks: 1, repaired: false, dropped: 0, messages: [] });
    await addAll(first.chain, a, { kind: 'mined' });
    await addAll(first.chain, b);
    await first.chain.close();
    const { chain, report } = await opened(directory);
    expect(report).toEqual({ blocks: 6, repaired: false, dropped: 0, messages: [] });
    expect(chain.tip.hash).toBe(last(a).hash);
    expect(chain.tip.chainwork).toBe(first.chain.tip.chainwork);
    expect(chain.sideTips().map((entry) => entry.hash)).toEqual([last(b).hash]);
    expect(chain.getEntry(at(a, 0).hash)).toMatchObject({ origin: 'mined', size: at(a, 0).bytes.length, transactionCount: 1 });
    expect(chain.getEntry(at(b, 0).hash)?.origin).toBe('peer');
    expect(chain.getEntry(at(a, 0).hash)?.receivedAt).toBe(first.chain.getEntry(at(a, 0).hash)?.receivedAt);
    expect(await chain.findTransaction(transactionHashHex(tx))).toEqual({ blockHash: at(a, 1).hash, height: 2 });
    expect(await chain.bytesOnDisk()).toBeGreaterThan(1_000);
    // First seen still wins: the fork ties the tip and stays beside it.
    await addAll(chain, mineFork(last(b), 1));
    expect(chain.tip.hash).toBe(last(a).hash);
    await expectConsistent(chain);
  });

  it('keeps bodies whose ancestors are missing, with the headers between', async () => {
    const blocks = mineFork(genesisParent(), 5);
    const directory = await temporaryDirectory();
    const first = await opened(directory);
    await first.chain.addHeaders(blocks.map((mined) => mined.header), PEER);
    await addAll(first.chain, [at(blocks, 3), at(blocks, 4)]);
    await first.chain.close();
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 3, repaired: false });
    expect(chain.bestHeader.hash).toBe(last(blocks).hash);
    await addAll(chain, blocks.slice(0, 3));
    expect(chain.tip.hash).toBe(last(blocks).hash);
    await expectConsistent(chain);
  });

  it('finishes on opening what a crash left between the block and the reorg', async () => {
    const a = mineFork(genesisParent(), 2);
    const b = mineFork(genesisParent(), 3);
    const directory = await stored([...a, ...b.slice(0, 2)]);
    // The state on disk after the block was stored and before the reorg was committed.
    const store = new LevelStore({ dataDir: directory, genesisHash: REGTEST.genesisHash });
    await store.open();
    const other = await stored([...b]);
    const source = new LevelStore({ dataDir: other, genesisHash: REGTEST.genesisHash });
    await source.open();
    for await (const scanned of source.scanIndex()) {
      for (const { value } of scanned.pageAt === undefined ? scanned.records : []) {
        if (value?.hash === last(b).hash) await store.write([{ op: 'index', record: { ...value, sequence: 9 } }, { op: 'body', key: value, bytes: last(b).bytes }]);
      }
    }
    await source.close();
    await store.close();
    const { chain, report } = await opened(directory);
    expect(report.repaired).toBe(false);
    expect(chain.tip.hash).toBe(last(b).hash);
    await expectConsistent(chain);
  });

  it('reads long ranges in parts between which the event loop turns', async () => {
    const directory = await temporaryDirectory();
    const store = new LevelStore({ dataDir: directory, genesisHash: REGTEST.genesisHash });
    await store.open();
    const count = 3 * RECORDS_PER_READ + 1;
    await store.write(Array.from({ length: count }, (_, height) => ({ op: 'active' as const, height, hash: REGTEST.genesisHash })));
    const sizes: number[] = [];
    for await (const batch of store.scanActive(0)) sizes.push(batch.length);
    await store.close();
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(RECORDS_PER_READ);
  });

  it('STEPS_PER_TURN: fills a batch in parts between which the event loop turns, and writes all of it or nothing', async () => {
    const directory = await temporaryDirectory();
    const store = new LevelStore({ dataDir: directory, genesisHash: REGTEST.genesisHash });
    await store.open();
    onTestFinished(() => store.close());
    const count = 5 * STEPS_PER_TURN;
    const ops = Array.from({ length: count }, (_, height) => ({ op: 'active' as const, height, hash: REGTEST.genesisHash }));
    const stored = async (): Promise<number> => {
      let found = 0;
      for await (const batch of store.scanActive(0)) found += batch.length;
      return found;
    };
    let meanwhile = -1;
    const turns = await turnsOf(async () => {
      const written = store.write(ops);
      // Another write waits for its turn, and a reader meanwhile sees nothing of the first.
      const second = store.write([{ op: 'active', height: count, hash: REGTEST.genesisHash }]);
      meanwhile = await stored();
      await written;
      await second;
    });
    expect(turns).toBeGreaterThanOrEqual(5);
    expect(meanwhile).toBe(0);
    expect(await stored()).toBe(count + 1);

    const wrong = [...ops.map((op) => ({ ...op, height: op.height + 10_000 })), { op: 'active' as const, height: 20_000, hash: 'no hash' }];
    await expect(store.write(wrong)).rejects.toBeInstanceOf(RangeError);
    expect(await stored()).toBe(count + 1);
    await store.write([{ op: 'active', height: 20_001, hash: REGTEST.genesisHash }]);
    expect(await stored()).toBe(count + 2);
  });

  it('keeps peers and metadata within limits', async () => {
    const directory = await temporaryDirectory();
    const store = new LevelStore({ dataDir: directory, genesisHash: REGTEST.genesisHash });
    await store.open();
    await store.savePeers([{ address: 'a:1', kept: true }, { address: 'b:2', kept: false }]);
    await store.savePeers([{ address: 'b:2', kept: true }, { address: 'c:3', kept: false }]);
    expect(await store.loadPeers()).toEqual([{ address: 'b:2', kept: true }, { address: 'c:3', kept: false }]);
    await store.removePeer('c:3');
    await store.putMeta('node-id', Uint8Array.of(1, 2, 3));
    await expect(store.savePeers([{ address: 'x', more: 'y'.repeat(MAX_PEER_RECORD_BYTES) }])).rejects.toThrow(RangeError);
    await expect(store.savePeers(Array.from({ length: MAX_STORED_PEERS + 1 }, (_, i) => ({ address: `h:${i}` })))).rejects.toThrow(RangeError);
    await expect(store.putMeta('big', new Uint8Array(MAX_META_BYTES + 1))).rejects.toThrow(RangeError);
    await store.close();
    await store.open();
    expect(await store.loadPeers()).toEqual([{ address: 'b:2', kept: true }]);
    expect(await store.getMeta('node-id')).toEqual(Uint8Array.of(1, 2, 3));
    expect(await store.getMeta('none')).toBeUndefined();
    await store.close();
    await tamper(directory, (db) => flip(db, metaKey('user:node-id')));
    await store.open();
    expect(await store.getMeta('node-id')).toBeUndefined();
    await store.close();
    await expect(store.getMeta('node-id')).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a damaged store', () => {
  it('STO-03 a flipped byte in a body is found on opening, never served, and mended by the next copy', async () => {
    const blocks = mineFork(genesisParent(), 4);
    const directory = await stored(blocks);
    await tamper(directory, (db) => flip(db, bodyOf(at(blocks, 2))));
    const { chain, report, notices } = await opened(directory);
    expect(report).toMatchObject({ blocks: 4, repaired: true, dropped: 0 });
    expect(report.messages).toEqual(['1 block of the chain is damaged on disk and will be fetched again from peers.']);
    expect(chain.tip.hash).toBe(last(blocks).hash);
    expect(await chain.getBlock(at(blocks, 2).hash)).toBeUndefined();
    expect(chain.missingBodies().map((entry) => entry.hash)).toEqual([at(blocks, 2).hash]);
    expect((await chain.addBlock(at(blocks, 2).bytes, PEER)).status).toBe('duplicate');
    expect(notices).toEqual(['store-repaired']);
    expect(chain.missingBodies()).toEqual([]);
    expect(await chain.getBlock(at(blocks, 2).hash)).toEqual(at(blocks, 2).block);
    await chain.close();
    expect((await opened(directory)).report).toMatchObject({ blocks: 5, repaired: false });
  });

  it('STO-03 one further down is found when it is read', async () => {
    const blocks = mineFork(genesisParent(), 4);
    const directory = await stored(blocks);
    await tamper(directory, (db) => flip(db, bodyOf(at(blocks, 0))));
    const { chain, report, notices } = await opened(directory, 2);
    expect(report.repaired).toBe(false);
    expect(await chain.getBlockBytes(at(blocks, 0).hash)).toBeUndefined();
    expect(notices).toEqual(['block-damaged']);
    expect(chain.getEntry(at(blocks, 0).hash)?.hasBlock).toBe(false);
    expect(chain.missingBodies()).toHaveLength(1);
    await chain.close();
    // Noted on disk, so that the next start asks for it too.
    const again = await opened(directory, 0);
    expect(again.chain.missingBodies().map((entry) => entry.height)).toEqual([1]);
    await again.chain.addBlock(at(blocks, 0).bytes, PEER);
    await expectConsistent(again.chain);
  });

  it('checks the newest bodies only as many as it is told', async () => {
    expect(VERIFY_LAST).toBe(288);
    const blocks = mineFork(genesisParent(), VERIFY_LAST + 2);
    const directory = await stored(blocks);
    await tamper(directory, async (db) => {
      await flip(db, bodyOf(at(blocks, 1)));
      await flip(db, bodyOf(at(blocks, 2)));
    });
    const { report } = await opened(directory);
    expect(report.messages).toEqual(['1 block of the chain is damaged on disk and will be fetched again from peers.']);
  });

  it('a reorg passes a damaged block of the old branch', async () => {
    const a = mineFork(genesisParent(), 2);
    const b = mineFork(genesisParent(), 3);
    const directory = await stored([...a, ...b.slice(0, 2)]);
    await tamper(directory, (db) => flip(db, bodyOf(at(a, 0))));
    const { chain } = await opened(directory);
    expect((await chain.addBlock(last(b).bytes, PEER)).status).toBe('connected');
    expect(chain.missingBodies()).toEqual([]);
    await expectConsistent(chain);
    // The old branch may come back once its block does.
    await addAll(chain, [at(a, 0), ...mineFork(last(a), 2)]);
    expect(chain.tip.height).toBe(4);
    await expectConsistent(chain);
  });

  it.each([
    ['an index record', (db: Raw, blocks: MinedBlock[]) => flip(db, indexOf(at(blocks, 1)))],
    ['a lost index record', (db: Raw, blocks: MinedBlock[]) => db.del(indexOf(at(blocks, 1)))],
    ['the tip', (db: Raw) => flip(db, TIP_KEY)],
    ['the lost tip', (db: Raw) => db.del(TIP_KEY)],
    ['the lost schema', (db: Raw) => db.del(SCHEMA_KEY)],
    ['the height map', (db: Raw) => flip(db, activeKey(2))],
    ['a gap in the height map', (db: Raw) => db.del(activeKey(3))],
  ])('rebuilds after damage to %s, without a loss', async (_what, damage) => {
    const tx = dataTransaction('found again');
    const blocks = mineFork(genesisParent(), 5, (i) => ({ txs: i === 1 ? [tx] : [] }));
    const directory = await stored(blocks);
    await tamper(directory, (db) => damage(db, blocks));
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 6, repaired: true, dropped: 0 });
    expect(report.messages.length).toBeGreaterThan(0);
    expect(chain.tip.hash).toBe(last(blocks).hash);
    expect(await chain.findTransaction(transactionHashHex(tx))).toMatchObject({ height: 2 });
    await expectConsistent(chain);
    await chain.close();
    expect((await opened(directory)).report).toEqual({ blocks: 6, repaired: false, dropped: 0, messages: [] });
  });

  it('cuts the chain where record and body are lost, and says how many blocks that costs', async () => {
    const blocks = mineFork(genesisParent(), 5);
    const directory = await stored(blocks);
    await tamper(directory, async (db) => {
      await db.del(indexOf(at(blocks, 2)));
      await db.del(bodyOf(at(blocks, 2)));
    });
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 3, repaired: true, dropped: 2 });
    expect(report.messages.join(' ')).toContain('2 stored blocks');
    expect(chain.tip.hash).toBe(at(blocks, 1).hash);
    await expectConsistent(chain);
    await addAll(chain, blocks.slice(2));
    expect(chain.tip.hash).toBe(last(blocks).hash);
  });

  it.each(['CURRENT', 'MANIFEST'])('STO-04 repairs a database that lost its %s, keeps a copy, loses nothing', async (name) => {
    const blocks = mineFork(genesisParent(), 20);
    const directory = await stored(blocks);
    await lose(directory, name);
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 21, repaired: true, dropped: 0 });
    expect(report.messages[0]).toBe('The database was damaged and has been repaired; the old one is kept as chain-damaged-1 in the data directory.');
    expect(chain.tip.hash).toBe(last(blocks).hash);
    await expectConsistent(chain);
    expect(await readdir(directory)).toContain('chain-damaged-1');
    await chain.close();
    expect((await opened(directory)).report).toMatchObject({ repaired: false, messages: [] });
  });

  it('keeps the last copies of damaged databases only', async () => {
    const directory = await stored(mineFork(genesisParent(), 2));
    for (let i = 0; i <= MAX_DAMAGED_COPIES; i++) {
      await lose(directory, 'CURRENT');
      const { chain } = await opened(directory);
      await chain.close();
    }
    const copies = (await readdir(directory)).filter((name) => name.startsWith('chain-damaged-')).sort();
    expect(copies).toEqual(Array.from({ length: MAX_DAMAGED_COPIES }, (_, i) => `chain-damaged-${i + 2}`));
  });

  it('repairs at the next start what was found damaged while it ran', async () => {
    const blocks = mineFork(genesisParent(), 4, () => ({ txs: [dataTransaction('x')] }));
    const directory = await stored(blocks);
    await writeFile(join(directory, 'chain-is-damaged'), '');
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 5, repaired: true, dropped: 0 });
    expect(report.messages[0]).toContain('chain-damaged-1');
    await expectConsistent(chain);
    await chain.close();
    expect((await opened(directory)).report).toMatchObject({ blocks: 5, repaired: false, messages: [] });
  });

  it('ends a repair that was killed between its two renames', async () => {
    const blocks = mineFork(genesisParent(), 3);
    const directory = await stored(blocks);
    await rename(join(directory, 'chain'), join(directory, 'chain-new'));
    const { chain } = await opened(directory);
    expect(chain.tip.hash).toBe(last(blocks).hash);
    expect(await readdir(directory)).not.toContain('chain-new');
  });

  it('begins anew when nothing can be repaired, and keeps the old one', async () => {
    const directory = await stored(mineFork(genesisParent(), 3));
    for (const file of await readdir(join(directory, 'chain'))) {
      if (!/^(LOCK|LOG)/.test(file)) await writeFile(join(directory, 'chain', file), 'rubbish');
    }
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 1, repaired: true });
    expect(report.messages[0]).toContain('chain-damaged-1');
    await addAll(chain, mineFork(genesisParent(), 2));
    expect(chain.tip.height).toBe(2);
  });

  it.each([
    ['IO error: 000012.ldb: No space left on device', 'disk-full'],
    ['IO error: 000012.ldb: Permission denied', 'data-dir-unusable'],
    ['IO error: 000012.ldb: Input/output error', 'io'],
  ])('a repair that the disk refuses (%s) leaves the chain for the next start', async (words, code) => {
    const blocks = mineFork(genesisParent(), 4);
    const directory = await stored(blocks);
    await lose(directory, 'CURRENT');
    const repair = vi.spyOn(ClassicLevel, 'repair').mockRejectedValue(Object.assign(new Error('the repair failed'), { code: 'LEVEL_REPAIR_FAILED', cause: new Error(words) }));
    await expect(opened(directory)).rejects.toMatchObject({ code });
    repair.mockRestore();
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 5, repaired: true });
    expect(chain.tip.hash).toBe(last(blocks).hash);
  });

  it('STO-02 opens with its log cut at any offset, consistent, and takes the lost blocks again', { timeout: LONG_MS }, async () => {
    const blocks = mineFork(genesisParent(), 12);
    const directory = await stored(blocks);
    const random = seededRandom(SEED);
    const log = (await readdir(join(directory, 'chain'))).find((name) => name.endsWith('.log'));
    if (log === undefined) throw new Error('there is no log');
    const { size } = await stat(join(directory, 'chain', log));
    const copy = await temporaryDirectory();
    // At even distances, each at another byte of the record that it falls into.
    const cuts = new Set(Array.from({ length: LOG_CUTS }, (_, i) => 1 + Math.floor(((i + random.float()) * (size - 1)) / LOG_CUTS)));
    expect(cuts.size).toBe(LOG_CUTS);
    for (const cut of cuts) {
      await rm(copy, { recursive: true });
      await cp(directory, copy, { recursive: true });
      await truncate(join(copy, 'chain', log), size - cut);
      const { chain, report } = await opened(copy);
      const where = `seed ${String(SEED)}, ${String(cut)} of ${String(size)} bytes cut`;
      expect(report.dropped, where).toBe(0);
      expect(chain.tip.height, where).toBeLessThan(12);
      await expectConsistent(chain);
      await addAll(chain, blocks);
      expect(chain.tip.hash).toBe(last(blocks).hash);
      await chain.close();
    }
  });

  it('STO-03 a byte flipped in any file of the database costs no more than a new download', { timeout: LONG_MS }, async () => {
    const random = seededRandom(SEED);
    const blocks = mineFork(genesisParent(), 12, () => ({ data: toHex(random.bytes(200)) }));
    const directory = await stored(blocks);
    // Opened once more, the log becomes a table.
    await (await opened(directory)).chain.close();
    const copy = await temporaryDirectory();
    const files = (await readdir(directory, { recursive: true })).filter((name) => /\.(ldb|log)$|MANIFEST|CURRENT/.test(name));
    for (const file of files) {
      const whole = await readFile(join(directory, file));
      const step = Math.max(1, whole.length / FILE_FLIPS);
      for (let at = 0; at < whole.length; at += step) {
        const offset = Math.min(whole.length - 1, Math.floor(at + random.float() * step));
        await rm(copy, { recursive: true });
        await cp(directory, copy, { recursive: true });
        const flipped = new Uint8Array(whole);
        flipped[offset] = (flipped[offset] ?? 0) ^ (1 << Math.floor(random.float() * 8));
        await writeFile(join(copy, file), flipped);
        const { chain } = await opened(copy);
        await addAll(chain, blocks);
        for (const mined of blocks) expect(await chain.getBlockBytes(mined.hash), `seed ${String(SEED)}, ${file} at ${String(offset)}`).toEqual(mined.bytes);
        expect(chain.tip.hash).toBe(last(blocks).hash);
        await chain.close();
      }
    }
  });
});

async function lose(directory: string, name: string): Promise<void> {
  const database = join(directory, 'chain');
  for (const file of await readdir(database)) if (file.startsWith(name)) await unlink(join(database, file));
}

/** Every file with its content. */
async function contents(directory: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name);
    if ((await stat(path)).isFile()) all[name] = toHex(await readFile(path));
  }
  return all;
}

describe('a data directory that cannot be used', () => {
  it('STO-09 a newer schema is refused and untouched', async () => {
    const directory = await stored(mineFork(genesisParent(), 2));
    await writeFile(join(directory, 'schema'), `${SCHEMA_VERSION + 1}\n`);
    const before = await contents(directory);
    await expect(opened(directory)).rejects.toMatchObject({ code: 'schema-newer', message: expect.stringContaining('update Chainscope') as string });
    expect(await contents(directory)).toEqual(before);
    // The number inside counts too, when the file is lost.
    await unlink(join(directory, 'schema'));
    await tamper(directory, (db) => db.put(SCHEMA_KEY, seal(SCHEMA_KEY, utf8Encode(String(SCHEMA_VERSION + 1)))));
    await expect(opened(directory)).rejects.toMatchObject({ code: 'schema-newer' });
  });

  it('the chain of another network is refused', async () => {
    const directory = await stored(mineFork(genesisParent(), 1));
    const main = new Chain({ params: MAIN, dataDir: directory }, { clock: systemClock, logger: nullLogger });
    await expect(main.open()).rejects.toMatchObject({ code: 'data-dir-unusable', message: expect.stringContaining('another network') as string });
    expect((await opened(directory)).chain.tip.height).toBe(1);
  });

  it.skipIf(process.platform === 'win32')('is made for this user alone', async () => {
    const made = join(await temporaryDirectory(), 'new', 'node');
    await opened(made);
    expect((await stat(made)).mode & 0o777).toBe(0o700);
  });

  it('STO-07 a file in its place', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'file'), 'x');
    for (const path of [join(directory, 'file'), join(directory, 'file', 'below')]) {
      await expect(opened(path)).rejects.toMatchObject({ code: 'data-dir-unusable', message: expect.stringContaining(path) as string });
    }
    const inside = await temporaryDirectory();
    await writeFile(join(inside, 'chain'), 'x');
    await expect(opened(inside)).rejects.toMatchObject({ code: 'data-dir-unusable' });
  });

  it.skipIf(process.platform !== 'linux')('STO-10 a directory that is removed while it is used acknowledges nothing', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'data');
    await mkdir(path);
    const { chain, notices } = await opened(path);
    const blocks = mineFork(genesisParent(), 3);
    await addAll(chain, blocks.slice(0, 1));
    await rename(path, join(directory, 'elsewhere'));
    await expect(chain.addBlock(at(blocks, 1).bytes, PEER)).rejects.toMatchObject({ code: 'data-dir-unusable' });
    expect(chain.tip.hash).toBe(at(blocks, 0).hash);
    await mkdir(join(path, 'chain'), { recursive: true });
    await writeFile(join(path, 'chain', 'LOCK'), '');
    await expect(chain.addBlock(at(blocks, 1).bytes, PEER)).rejects.toMatchObject({ code: 'data-dir-unusable' });
    // Back in its place it goes on.
    await rm(path, { recursive: true });
    await rename(join(directory, 'elsewhere'), path);
    await addAll(chain, blocks.slice(1));
    expect(chain.tip.hash).toBe(last(blocks).hash);
    expect(notices).toEqual(['data-dir-unusable', 'data-dir-unusable', 'store-recovered']);
    await chain.close();
    expect((await opened(path)).report).toMatchObject({ blocks: 4, repaired: false });
  });

  it.skipIf(process.platform !== 'linux')('STO-10 what was refused while the directory was elsewhere is not in it when it is back', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'data');
    await mkdir(path);
    const { chain } = await opened(path);
    const blocks = mineFork(genesisParent(), 3);
    await addAll(chain, blocks.slice(0, 1));
    await rename(path, join(directory, 'elsewhere'));
    await expect(chain.addBlock(at(blocks, 1).bytes, PEER)).rejects.toMatchObject({ code: 'data-dir-unusable' });
    await rename(join(directory, 'elsewhere'), path);
    await chain.close();
    const again = await opened(path);
    expect(again.report).toMatchObject({ blocks: 2, repaired: false });
    expect(again.chain.tip.hash).toBe(at(blocks, 0).hash);
    expect(again.chain.getEntry(at(blocks, 1).hash)).toBeUndefined();
  });

  it('names the cause and the next step of what a system can answer', () => {
    const io = (text: string): Error => Object.assign(new Error('Database failed to open'), { cause: Object.assign(new Error(`IO error: /d/000003.log: ${text}`), { code: 'LEVEL_IO_ERROR' }) });
    expect(toStoreError(io('No space left on device'), '/d').code).toBe('disk-full');
    expect(toStoreError(io('Disk quota exceeded'), '/d').code).toBe('disk-full');
    expect(toStoreError(io('Read-only file system'), '/d').code).toBe('data-dir-unusable');
    expect(toStoreError(io('Permission denied'), '/d').code).toBe('data-dir-unusable');
    expect(toStoreError(io('Input/output error'), '/d').code).toBe('io');
    expect(toStoreError('what', '/d').code).toBe('io');
    for (const text of ['No space left on device', 'Permission denied', 'Input/output error']) {
      expect(toStoreError(io(text), '/d').message).toMatch(/^[A-Z][^!]*\/d.*; .*\.$/);
    }
  });

  it('is opened once', async () => {
    const { chain } = await opened(await stored([mineBlock(genesisParent())]));
    await expect(chain.open()).rejects.toThrow('the chain is open');
    expect(chain.tip.height).toBe(1);
  });
});

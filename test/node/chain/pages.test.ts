import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Chain, type OpenReport } from '../../../src/node/chain/chain.ts';
import { PAGE_DEPTH, PAGE_RECORDS } from '../../../src/node/chain/limits.ts';
import { BlockIndex } from '../../../src/node/chain/block-index.ts';
import { Packer } from '../../../src/node/chain/packer.ts';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import { decodeSchemaFile } from '../../../src/node/chain/store/level-directory.ts';
import { encodePage, IndexPage, pageKey } from '../../../src/node/chain/store/pages.ts';
import { blockKey, encodeIndexRecord, PREFIX, prefixRange, SCHEMA_KEY, SCHEMA_VERSION, seal, unseal } from '../../../src/node/chain/store/records.ts';
import type { IndexRecord } from '../../../src/node/chain/store/store.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeHeader } from '../../../src/node/primitives/header.ts';
import { utf8Decode, utf8Encode } from '../../../src/node/util/bytes.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { genesisParent, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { addAll, expectConsistent, last, temporaryDirectory } from './support.ts';

type Raw = ClassicLevel<Uint8Array, Uint8Array>;

const PAGES = { records: 4, depth: 3 };

async function opened(dataDir: string, pages = PAGES): Promise<{ chain: Chain; report: OpenReport }> {
  const chain = new Chain({ params: REGTEST, dataDir, pages }, { clock: systemClock, logger: nullLogger });
  const report = await chain.open();
  onTestFinished(() => chain.close());
  return { chain, report };
}

async function raw<T>(directory: string, task: (db: Raw) => Promise<T>): Promise<T> {
  const db: Raw = new ClassicLevel(join(directory, 'chain'), { keyEncoding: 'view', valueEncoding: 'view' });
  await db.open();
  return task(db).finally(() => db.close());
}

const heights = (directory: string, prefix: 0x69 | 0x78): Promise<number[]> =>
  raw(directory, async (db) => (await db.keys(prefixRange(prefix)).all()).map((key) => new DataView(key.buffer, key.byteOffset).getUint32(1)));
const pageHeights = (directory: string): Promise<number[]> => heights(directory, PREFIX.page);
const singleHeights = (directory: string): Promise<number[]> => heights(directory, PREFIX.index);

/** Each call gives the mutex to the packer between, so that all that is due is packed when it resolves. */
async function packed(chain: Chain): Promise<void> {
  for (let i = 0; i < 20; i++) await chain.addHeaders([], { kind: 'peer' });
}

/** A closed directory whose chain of `length` blocks is packed as far as it goes. */
async function stored(blocks: readonly MinedBlock[]): Promise<string> {
  const directory = await temporaryDirectory();
  const { chain } = await opened(directory);
  await addAll(chain, blocks);
  await packed(chain);
  await chain.close();
  return directory;
}

function record(mined: MinedBlock, changes: Partial<IndexRecord> = {}): IndexRecord {
  const { hash, height, header } = mined;
  return { hash, height, header: encodeHeader(header), hasBlock: true, invalid: false, mined: true, sequence: height, size: 300, transactionCount: 1, receivedAt: 1_790_000_000_123, ...changes };
}

describe('a page of index records', () => {
  it('decodes to what was encoded', () => {
    const records = mineFork(genesisParent(), 5).map((mined, i) => record(mined, { hasBlock: i !== 2, mined: i % 2 === 0, sequence: 2 ** 40 + i }));
    const page = IndexPage.decode(1, encodePage(records));
    expect(records.map((_, i) => page?.record(i))).toEqual(records);
    expect(page).toMatchObject({ height: 1, count: 5, parentHash: REGTEST.genesisHash });
  });

  it('takes only records that stand on each other, and at least one', () => {
    const blocks = mineFork(genesisParent(), 3);
    const [first, , third] = blocks.map((mined) => record(mined));
    expect(() => encodePage([first as IndexRecord, third as IndexRecord])).toThrow(RangeError);
    const [other] = mineFork(genesisParent(), 1);
    expect(() => encodePage([record(other as MinedBlock), record(blocks[1] as MinedBlock)])).toThrow(RangeError);
    expect(() => encodePage([])).toThrow(RangeError);
  });

  it('of another length is none', () => {
    const page = encodePage(mineFork(genesisParent(), 2).map((mined) => record(mined)));
    expect(IndexPage.decode(1, page.subarray(1))).toBeUndefined();
    expect(IndexPage.decode(1, page.subarray(0, 32))).toBeUndefined();
  });
});

describe('packing', () => {
  it('replaces the records deep below the tip, and the chain opens the same', async () => {
    const blocks = mineFork(genesisParent(), 14);
    const directory = await stored(blocks);
    // 14 - 3 above: heights 1 to 11 may be packed, which makes two whole pages.
    expect(await pageHeights(directory)).toEqual([1, 5]);
    expect(await singleHeights(directory)).toEqual([9, 10, 11, 12, 13, 14]);
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 15, repaired: false, messages: [] });
    expect(chain.tip.hash).toBe(last(blocks).hash);
    expect(chain.getActive(3)).toMatchObject({ hash: blocks[2]?.hash, origin: 'peer', transactionCount: 1, sequence: 3 });
    expect(await chain.readHeaders(blocks.map(({ height }) => chain.getActive(height) ?? chain.genesis))).toEqual(blocks.map(({ header }) => header));
    await expectConsistent(chain);
  });

  it('goes on where it was after a restart', async () => {
    const blocks = mineFork(genesisParent(), 20);
    const directory = await stored(blocks.slice(0, 9));
    expect(await pageHeights(directory)).toEqual([1]);
    const { chain } = await opened(directory);
    await addAll(chain, blocks.slice(9));
    await packed(chain);
    await chain.close();
    expect(await pageHeights(directory)).toEqual([1, 5, 9, 13]);
    const again = await opened(directory);
    expect(again.report).toMatchObject({ blocks: 21, repaired: false });
    await expectConsistent(again.chain);
  });

  it('leaves side branches as they are, and finds them again below the pages', async () => {
    const blocks = mineFork(genesisParent(), 12);
    const side = mineFork(blocks[1] as MinedBlock, 2);
    const directory = await stored([...blocks, ...side]);
    expect(await singleHeights(directory)).toEqual([3, 4, 9, 10, 11, 12]);
    const { chain, report } = await opened(directory);
    expect(report.repaired).toBe(false);
    expect(chain.sideTips().map((tip) => tip.hash)).toEqual([last(side).hash]);
    await expectConsistent(chain);
  });

  it('survives a reorg that goes below the pages', async () => {
    const blocks = mineFork(genesisParent(), 12);
    const rival = mineFork(blocks[1] as MinedBlock, 14);
    const directory = await stored([...blocks, ...rival]);
    const { chain, report } = await opened(directory);
    expect(report.repaired).toBe(false);
    expect(chain.tip.hash).toBe(last(rival).hash);
    expect(chain.sideTips().map((tip) => tip.hash)).toEqual([last(blocks).hash]);
    await expectConsistent(chain);
  });

  it('a record written after the page counts more', async () => {
    const blocks = mineFork(genesisParent(), 12);
    const directory = await stored(blocks);
    const lost = blocks[2] as MinedBlock;
    await raw(directory, async (db) => {
      const key = blockKey(PREFIX.index, lost);
      await db.put(key, seal(key, encodeIndexRecord(record(lost, { hasBlock: false }))));
    });
    const { chain } = await opened(directory);
    expect(chain.missingBodies().map((entry) => entry.height)).toEqual([3]);
    await addAll(chain, [lost]);
    await chain.close();
    const again = await opened(directory);
    expect(again.chain.missingBodies()).toEqual([]);
    await expectConsistent(again.chain);
  });

  it.each([
    ['a damaged page', async (db: Raw) => db.put(pageKey(5), new Uint8Array((await db.get(pageKey(5))) ?? []).fill(1, 40, 41))],
    ['a lost page', (db: Raw) => db.del(pageKey(5))],
    ['a page without its first bytes', async (db: Raw) => {
      const key = pageKey(5);
      const value = unseal(key, (await db.get(key)) ?? new Uint8Array(0)) ?? new Uint8Array(0);
      await db.put(key, seal(key, value.subarray(7)));
    }],
  ])('%s is made again from the blocks, once', async (_name, damage) => {
    const blocks = mineFork(genesisParent(), 14);
    const directory = await stored(blocks);
    await raw(directory, async (db) => {
      await damage(db);
    });
    const first = await opened(directory);
    expect(first.report).toMatchObject({ blocks: 15, repaired: true, dropped: 0 });
    await expectConsistent(first.chain);
    await packed(first.chain);
    await first.chain.close();
    expect(await pageHeights(directory)).toEqual([1, 5]);
    const second = await opened(directory);
    expect(second.report).toMatchObject({ blocks: 15, repaired: false });
    await expectConsistent(second.chain);
  });

  it('STO-09 takes over a store of schema 1', async () => {
    const blocks = mineFork(genesisParent(), 10);
    const directory = await temporaryDirectory();
    const old = await opened(directory, { records: 4, depth: 1_000 });
    await addAll(old.chain, blocks);
    await old.chain.close();
    await raw(directory, (db) => db.put(SCHEMA_KEY, seal(SCHEMA_KEY, utf8Encode('1'))));
    await writeFile(join(directory, 'schema'), '1\n');
    expect(await pageHeights(directory)).toEqual([]);
    const { chain, report } = await opened(directory);
    expect(report).toMatchObject({ blocks: 11, repaired: false });
    await packed(chain);
    await chain.close();
    expect(await pageHeights(directory)).toEqual([1]);
    expect(decodeSchemaFile(await readFile(join(directory, 'schema')))).toEqual({ version: SCHEMA_VERSION, damaged: false });
    const schema = await raw(directory, (db) => db.get(SCHEMA_KEY));
    expect(utf8Decode(unseal(SCHEMA_KEY, schema ?? new Uint8Array(0)) ?? new Uint8Array(0))).toBe(String(SCHEMA_VERSION));
  });

  it('begins at PAGE_RECORDS and PAGE_DEPTH', async () => {
    const index = new BlockIndex(REGTEST);
    const packer = new Packer(index, new MemoryStore());
    const blocks = mineFork(genesisParent(), PAGE_RECORDS + PAGE_DEPTH);
    let parent = index.genesis;
    for (const [i, mined] of blocks.entries()) {
      if (i === blocks.length - 1) {
        index.setTip(parent);
        expect(packer.due).toBe(false);
      }
      parent = index.insertHeader(mined.hash, mined.header, parent);
    }
    index.setTip(parent);
    expect(packer.due).toBe(true);
    await packer.packNext();
    expect(packer.due).toBe(false);
  });
});

import { ClassicLevel } from 'classic-level';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Chain } from '../../../src/node/chain/chain.ts';
import { MAX_WAITING_RECORDS, PAGE_RECORDS, RECENT_HEADERS } from '../../../src/node/chain/limits.ts';
import { LevelStore } from '../../../src/node/chain/store/level-store.ts';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import { encodePage, IndexPage, pageKey } from '../../../src/node/chain/store/pages.ts';
import { blockKey, PREFIX } from '../../../src/node/chain/store/records.ts';
import type { IndexRecord, ScannedIndex } from '../../../src/node/chain/store/store.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeHeader, type BlockHeader } from '../../../src/node/primitives/header.ts';
import { displayHash, internalHash } from '../../../src/node/util/bytes.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { hash256 } from '../../../src/node/util/hash.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { genesisParent, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { addAll, last, temporaryDirectory } from './support.ts';

type Raw = ClassicLevel<Uint8Array, Uint8Array>;

async function opened(dataDir: string): Promise<Chain> {
  const chain = new Chain({ params: REGTEST, dataDir, pages: { records: 4, depth: 3 } }, { clock: systemClock, logger: nullLogger });
  await chain.open();
  onTestFinished(() => chain.close());
  return chain;
}

/** Reads from the store alone: what is in memory is not asked for. */
function fromStore(chain: Chain, blocks: readonly MinedBlock[]): Promise<(Uint8Array | undefined)[]> {
  return chain.store.readHeaders(blocks.map(({ hash, height }) => ({ hash, height })));
}

async function stored(blocks: readonly MinedBlock[]): Promise<string> {
  const directory = await temporaryDirectory();
  const chain = await opened(directory);
  await addAll(chain, blocks);
  for (let i = 0; i < 20; i++) await chain.addHeaders([], { kind: 'peer' });
  await chain.close();
  return directory;
}

async function raw(directory: string, task: (db: Raw) => Promise<void>): Promise<void> {
  const db: Raw = new ClassicLevel(`${directory}/chain`, { keyEncoding: 'view', valueEncoding: 'view' });
  await db.open();
  await task(db).finally(() => db.close());
}

const bytesOf = (blocks: readonly MinedBlock[]): Uint8Array[] => blocks.map(({ header }) => encodeHeader(header));

async function headers(chain: Chain, blocks: readonly MinedBlock[]): Promise<(BlockHeader | undefined)[]> {
  return chain.readHeaders(blocks.map(({ hash }) => chain.getEntry(hash) ?? chain.genesis));
}

describe('headers of stored blocks', () => {
  it('come from pages and from single records, of any branch, in the order in which they were asked for', async () => {
    const blocks = mineFork(genesisParent(), 30);
    const side = mineFork(blocks[1] as MinedBlock, 3);
    const chain = await opened(await stored([...blocks, ...side]));
    const asked = [...side, ...blocks].reverse();
    expect(await fromStore(chain, asked)).toEqual(bytesOf(asked));
    expect(await fromStore(chain, [blocks[4] as MinedBlock, last(blocks)])).toEqual(bytesOf([blocks[4] as MinedBlock, last(blocks)]));
    expect(await fromStore(chain, [])).toEqual([]);
    const [unknown] = mineFork(blocks[7] as MinedBlock, 1);
    expect(await fromStore(chain, [unknown as MinedBlock, last(blocks)])).toEqual([undefined, encodeHeader(last(blocks).header)]);
    expect(await headers(chain, asked)).toEqual(asked.map(({ header }) => header));
    // What lies in pages is not held in memory after a start.
    expect(chain.headerOf(chain.getActive(3) ?? chain.genesis)).toBeUndefined();
    expect(chain.headerOf(chain.tip)).toEqual(last(blocks).header);
    expect(chain.headerOf(chain.genesis)).toEqual(REGTEST.genesis.header);
  });

  it('come from the bodies where the record is damaged or gone, and are undefined when those are gone too', async () => {
    const blocks = mineFork(genesisParent(), 30);
    const directory = await stored(blocks);
    const chain = await opened(directory);
    const entries = blocks.map(({ height }) => chain.getActive(height) ?? chain.genesis);
    await chain.close();
    await raw(directory, async (db) => {
      await db.put(pageKey(5), new Uint8Array(40));
      await db.del(pageKey(9));
      await db.del(blockKey(PREFIX.body, blocks[9] as MinedBlock));
      await db.put(blockKey(PREFIX.body, blocks[10] as MinedBlock), new Uint8Array(100));
    });
    await chain.store.open();
    onTestFinished(() => chain.store.close());
    const expected: (BlockHeader | undefined)[] = blocks.map(({ header }) => header);
    expected[9] = undefined;
    expected[10] = undefined;
    expect(await chain.readHeaders(entries)).toEqual(expected);
  });

  it('are found though the blocks lie far apart', async () => {
    const store = new LevelStore({ dataDir: await temporaryDirectory(), genesisHash: REGTEST.genesisHash });
    await store.open();
    onTestFinished(() => store.close());
    const records: IndexRecord[] = [];
    let previousHash = internalHash(REGTEST.genesisHash);
    for (let height = 1; height <= 3 * PAGE_RECORDS; height++) {
      const header = encodeHeader({ version: 1, previousHash, merkleRoot: new Uint8Array(32), time: height, bits: 1, nonce: 0 });
      previousHash = hash256(header);
      records.push({ hash: displayHash(previousHash), height, header, hasBlock: true, invalid: false, mined: false, sequence: height, size: 1, transactionCount: 1, receivedAt: 1 });
    }
    for (let from = 0; from < records.length; from += 128) await store.write([{ op: 'index-page', records: records.slice(from, from + 128) }]);
    const some = [0, 3_070, 3, 2_999, 127, 128].map((i) => records[i] as IndexRecord);
    expect(await store.readHeaders(some)).toEqual(some.map(({ header }) => header));
    expect(await store.readHeaders(records)).toEqual(records.map(({ header }) => header));
  });

  it(`only the last ${RECENT_HEADERS} stay in memory`, async () => {
    const chain = new Chain({ params: REGTEST, dataDir: '' }, { clock: systemClock, logger: nullLogger, store: new MemoryStore() });
    await chain.open();
    const blocks = mineFork(genesisParent(), RECENT_HEADERS + 3);
    await addAll(chain, blocks);
    expect(blocks.map(({ hash }) => chain.headerOf(chain.getEntry(hash) ?? chain.genesis) !== undefined).indexOf(true)).toBe(3);
    expect(await headers(chain, blocks.slice(0, 5))).toEqual(blocks.slice(0, 5).map(({ header }) => header));
  });
});

describe('reading the index', () => {
  /** Hands over a page, and before it the same record again and again. */
  class PagedStore extends MemoryStore {
    scans = 0;
    readonly #blocks: readonly MinedBlock[];
    readonly #singles: number;

    constructor(blocks: readonly MinedBlock[], singles: number) {
      super();
      this.#blocks = blocks;
      this.#singles = singles;
    }

    override async *scanIndex(): AsyncGenerator<ScannedIndex> {
      this.scans += 1;
      const records = this.#blocks.map(({ hash, height, header, bytes }): IndexRecord => ({ hash, height, header: encodeHeader(header), hasBlock: true, invalid: false, mined: false, sequence: height, size: bytes.length, transactionCount: 1, receivedAt: 1 }));
      const [first] = records;
      if (first === undefined) return;
      yield { records: Array.from({ length: this.#singles }, () => ({ key: first, value: first })) };
      yield { pageAt: 1, page: IndexPage.decode(1, encodePage(records)) };
    }
  }

  it.each([
    ['waits with', MAX_WAITING_RECORDS, 1],
    ['begins anew, record by record, with more than', MAX_WAITING_RECORDS + 1, 2],
  ])(`%s ${MAX_WAITING_RECORDS} records before a page`, async (_name, singles, scans) => {
    const blocks = mineFork(genesisParent(), 6);
    const store = new PagedStore(blocks, singles);
    for (const { hash, height, bytes } of blocks) await store.write([{ op: 'body', key: { hash, height }, bytes }, { op: 'active', height, hash }]);
    await store.write([{ op: 'tip', hash: last(blocks).hash }]);
    const chain = new Chain({ params: REGTEST, dataDir: '' }, { clock: systemClock, logger: nullLogger, store });
    expect(await chain.open()).toMatchObject({ blocks: 7, repaired: false });
    expect(store.scans).toBe(scans);
    expect(chain.tip.hash).toBe(last(blocks).hash);
    expect(await headers(chain, blocks)).toEqual(blocks.map(({ header }) => header));
  });
});

import { chmod, copyFile, mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it } from 'vitest';
import { decodeSchemaFile, encodeSchemaFile } from '../../../src/node/chain/store/level-directory.ts';
import { activeKey, blockKey, encodePlace, metaKey, PREFIX, SCHEMA_KEY, SCHEMA_VERSION, seal, TIP_KEY, transactionKey } from '../../../src/node/chain/store/records.ts';
import { MAX_LISTED_FAULTS } from '../../../src/node/chain/verify/report.ts';
import { verifyDataDir } from '../../../src/node/chain/verify/verify.ts';
import { transactionHashHex } from '../../../src/node/primitives/transaction.ts';
import { internalHash, utf8Encode } from '../../../src/node/util/bytes.ts';
import { genesisParent, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { addAll, last, temporaryDirectory } from './support.ts';
import { contents, openDirectory, sampleDirectory, tamper, type Raw, type SampleChain } from './damage.ts';

const at = (blocks: readonly MinedBlock[], index: number): MinedBlock => blocks[index] as MinedBlock;
const kindsOf = (report: { faults: readonly { kind: string }[] }): string[] => [...new Set(report.faults.map(({ kind }) => kind))].sort();
const mirrors = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith('chainscope-verify-'));

describe('verifyDataDir', () => {
  it('counts what it checked and finds nothing wrong with a whole chain, which it leaves as it is', async () => {
    const sample = await sampleDirectory(14);
    const before = await contents(sample.directory);
    const open = (await mirrors()).length;
    const reached: [number, number][] = [];
    const report = await verifyDataDir({ dataDir: sample.directory, progress: (height, end) => reached.push([height, end]) });
    expect(report).toMatchObject({ network: 'regtest', schema: SCHEMA_VERSION, faults: [], faultCount: 0, notes: [], locked: true, tip: { height: 14, hash: last(sample.blocks).hash } });
    expect(report.counts).toMatchObject({
      headers: 16, proofsOfWork: 16, links: 16, bits: 16, times: 16, bodies: 16, merkleRoots: 16, transactions: 21,
      heights: 14, indexedTransactions: 19, pages: 2, pagedHeaders: 8, sideBlocks: 2, sideBranches: 1, headersOnly: 0, markedInvalid: 0, peers: 2, metadata: 4, unknownRecords: 0,
    });
    expect(report.counts.records).toBe(2 + 8 + 16 + 14 + 19 + 2 + 4);
    expect(reached.at(-1)).toEqual([14, 14]);
    expect(await contents(sample.directory)).toEqual(before);
    expect(await mirrors()).toHaveLength(open);
  });

  it('refuses the chain of another network than the one asked for before it reads on', async () => {
    const sample = await sampleDirectory(14);
    const reached: number[] = [];
    const asked = verifyDataDir({ dataDir: sample.directory, network: 'main', progress: (height) => reached.push(height) });
    await expect(asked).rejects.toMatchObject({ code: 'data-dir-unusable', message: expect.stringContaining('(regtest, not main)') as string });
    expect(reached).toEqual([]);
    expect(await verifyDataDir({ dataDir: sample.directory, network: 'regtest' })).toMatchObject({ network: 'regtest', faultCount: 0 });
  });

  it('a new directory without a block is whole', async () => {
    const directory = await temporaryDirectory();
    const { chain } = await openDirectory(directory);
    await chain.close();
    expect(await verifyDataDir({ dataDir: directory })).toMatchObject({ faultCount: 0, counts: { headers: 0, bodies: 0 }, tip: { height: 0 } });
  });

  it('needs no more memory for a longer chain than one height', async () => {
    // What is remembered is one height; so a chain of 600 blocks must not cost a list of 600 faults either.
    const directory = await temporaryDirectory();
    const { chain } = await openDirectory(directory);
    await addAll(chain, mineFork(genesisParent(), MAX_LISTED_FAULTS + 20));
    await chain.close();
    await tamper(directory, async (db) => {
      for await (const key of db.keys({ gte: Uint8Array.of(PREFIX.body), lt: Uint8Array.of(PREFIX.body + 1) })) await db.del(key);
    });
    const report = await verifyDataDir({ dataDir: directory });
    expect(report.faults).toHaveLength(MAX_LISTED_FAULTS);
    expect(report.faultCount).toBe(MAX_LISTED_FAULTS + 20);
  });

  type Damage = (db: Raw, sample: SampleChain) => Promise<void>;
  const place = (mined: MinedBlock, index: number): Uint8Array => transactionKey(transactionHashHex(mined.block.transactions[index] as never));
  const sealedPut = (db: Raw, key: Uint8Array, value: Uint8Array): Promise<void> => db.put(key, seal(key, value));
  it.each<[string, string[], Damage]>([
    ['a lost body', ['missing-body'], (db, { blocks }) => db.del(blockKey(PREFIX.body, at(blocks, 10)))],
    ['a lost index record', ['unknown-body'], (db, { blocks }) => db.del(blockKey(PREFIX.index, last(blocks)))],
    ['a lost page', ['unknown-body'], (db) => db.del(Uint8Array.of(PREFIX.page, 0, 0, 0, 5))],
    ['a lost page below another', ['format', 'unknown-body'], (db) => db.del(Uint8Array.of(PREFIX.page, 0, 0, 0, 1))],
    ['a lost height', ['height-map'], (db) => db.del(activeKey(3))],
    ['the height of another block', ['height-map'], (db, { blocks }) => sealedPut(db, activeKey(3), internalHash(at(blocks, 3).hash))],
    ['a side branch in the height map', ['height-map', 'transaction-index'], (db, { side }) => sealedPut(db, activeKey(13), internalHash(at(side, 1).hash))],
    ['a lost tip', ['tip'], (db) => db.del(TIP_KEY)],
    ['a tip below the best block', ['height-map', 'tip'], (db, { blocks }) => sealedPut(db, TIP_KEY, internalHash(at(blocks, 8).hash))],
    ['a lost transaction', ['transaction-index'], (db, { blocks }) => db.del(place(at(blocks, 0), 1))],
    ['a transaction in the wrong block', ['transaction-index'], (db, { blocks }) => sealedPut(db, place(at(blocks, 0), 1), encodePlace({ height: 2, blockHash: at(blocks, 1).hash }))],
    ['another block under its key', ['body'], (db, { blocks }) => sealedPut(db, blockKey(PREFIX.body, at(blocks, 10)), at(blocks, 11).bytes)],
    ['a body with other transactions', ['index', 'merkle-root', 'transaction-index'], (db, { blocks }) => sealedPut(db, blockKey(PREFIX.body, at(blocks, 10)), Uint8Array.of(...at(blocks, 10).bytes.subarray(0, 80), ...at(blocks, 9).bytes.subarray(80)))],
    ['a body that is no block', ['body'], (db, { blocks }) => sealedPut(db, blockKey(PREFIX.body, at(blocks, 10)), new Uint8Array(90))],
    ['the lost schema', ['schema'], (db) => db.del(SCHEMA_KEY)],
    ['the lost network', ['schema'], (db) => db.del(metaKey('genesis'))],
    ['a peer that is none', ['format'], (db) => sealedPut(db, Uint8Array.of(PREFIX.peer, 0x61), utf8Encode('[]'))],
  ])('finds %s', async (_what, kinds, damage) => {
    const sample = await sampleDirectory();
    await tamper(sample.directory, (db) => damage(db, sample));
    const report = await verifyDataDir({ dataDir: sample.directory });
    expect(kindsOf(report)).toEqual(kinds);
    for (const fault of report.faults) expect(fault.message).toMatch(/^[A-Z].*\.$/);
  });

  it('counts records that it does not know, and compares their checksums all the same', async () => {
    const sample = await sampleDirectory();
    await tamper(sample.directory, async (db) => {
      const later = utf8Encode('z-of-a-later-version');
      await db.put(later, seal(later, Uint8Array.of(1)));
    });
    expect(await verifyDataDir({ dataDir: sample.directory })).toMatchObject({ faultCount: 0, counts: { unknownRecords: 1 } });
    await tamper(sample.directory, (db) => db.put(utf8Encode('zzz'), new Uint8Array(9)));
    expect(kindsOf(await verifyDataDir({ dataDir: sample.directory }))).toEqual(['checksum']);
  });

  it.each(['CURRENT', 'MANIFEST'])('tells of a lost %s as a fault', async (name) => {
    const { directory } = await sampleDirectory();
    for (const file of await readdir(join(directory, 'chain'))) if (file.startsWith(name)) await unlink(join(directory, 'chain', file));
    expect(kindsOf(await verifyDataDir({ dataDir: directory }))).toEqual(['database']);
  });

  it('refuses what is open, what is no chain, another network and a newer schema', async () => {
    const { directory } = await sampleDirectory();
    const { chain } = await openDirectory(directory);
    await expect(verifyDataDir({ dataDir: directory })).rejects.toMatchObject({ code: 'data-dir-locked' });
    // Looking at it took nothing from the node: its lock still holds.
    await addAll(chain, mineFork(chain.tip, 1));
    await chain.close();
    const empty = await temporaryDirectory();
    await expect(verifyDataDir({ dataDir: empty })).rejects.toMatchObject({ code: 'data-dir-unusable' });
    await expect(verifyDataDir({ dataDir: join(empty, 'nowhere') })).rejects.toMatchObject({ code: 'data-dir-unusable' });
    // Another program's LevelDB.
    await mkdir(join(empty, 'chain'));
    const foreign = new ClassicLevel(join(empty, 'chain'));
    await foreign.put('hello', 'world');
    await foreign.close();
    await expect(verifyDataDir({ dataDir: empty })).rejects.toMatchObject({ code: 'data-dir-unusable', message: expect.stringContaining('There is no chain of a network') as string });
    await writeFile(join(directory, 'schema'), encodeSchemaFile(SCHEMA_VERSION + 1));
    await expect(verifyDataDir({ dataDir: directory })).rejects.toMatchObject({ code: 'schema-newer' });
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('reads a directory that may not be written to, and says that it could not lock it', async () => {
    const { directory } = await sampleDirectory();
    await chmod(join(directory, 'chain', 'LOCK'), 0o444);
    await chmod(join(directory, 'chain'), 0o555);
    expect(await verifyDataDir({ dataDir: directory })).toMatchObject({ faultCount: 0, locked: false });
    await chmod(join(directory, 'chain'), 0o755);
  });

  it('reads the file schema with and without its checksum', async () => {
    expect(decodeSchemaFile(encodeSchemaFile(2))).toEqual({ version: 2, damaged: false });
    expect(decodeSchemaFile(utf8Encode('1\n'))).toEqual({ version: 1, damaged: false });
    const whole = encodeSchemaFile(2);
    for (let i = 0; i < whole.length - 1; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = whole.slice();
        flipped[i] = (flipped[i] ?? 0) ^ (1 << bit);
        // Uppercase for lowercase would be the same number; it is damage all the same.
        expect(decodeSchemaFile(flipped), `byte ${String(i)}, bit ${String(bit)}`).toEqual({ version: undefined, damaged: true });
      }
    }
    const { directory } = await sampleDirectory();
    await copyFile(join(directory, 'schema'), join(directory, 'kept'));
    const bytes = await readFile(join(directory, 'schema'));
    bytes[0] = 0x33;
    await writeFile(join(directory, 'schema'), bytes);
    expect(kindsOf(await verifyDataDir({ dataDir: directory }))).toEqual(['schema']);
    const { chain, report } = await openDirectory(directory);
    expect(report.messages).toEqual(['The file schema was damaged and has been written again; the number in the database counted.']);
    await chain.close();
    expect(await readFile(join(directory, 'schema'))).toEqual(await readFile(join(directory, 'kept')));
  });
});

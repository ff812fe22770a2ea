import { cp, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { verifyDataDir } from '../../../src/node/chain/verify/verify.ts';
import { seededRandom } from '../../../src/node/util/random.ts';
import { toHex } from '../../../src/node/util/bytes.ts';
import { addAll, last, temporaryDirectory } from './support.ts';
import { contents, flipRecord, KIND_NAMES, openDirectory, sampleDirectory, SMALL_PAGES, tamper } from './damage.ts';

/** The seed and the number of rounds over all records: `FLIP_SEED=7 FLIP_ROUNDS=20 npx vitest run test/node/chain/flipped-records.test.ts`. */
const SEED = Number(process.env['FLIP_SEED'] ?? 3);
const ROUNDS = Number(process.env['FLIP_ROUNDS'] ?? 1);

describe('a flipped byte in a stored record', () => {
  it('STO-03 is found, told and mended, and never served, whatever the record', { timeout: 60_000 + ROUNDS * 60_000 }, async () => {
    const random = seededRandom(SEED);
    const sample = await sampleDirectory();
    const records = await tamper(sample.directory, async (db) => (await db.iterator().all()).map(([key, value]) => ({ key, size: value.length })));
    const kinds = new Set(records.map(({ key }) => KIND_NAMES[key[0] ?? 0]));
    expect([...kinds].sort()).toEqual(Object.values(KIND_NAMES).sort());
    expect((await verifyDataDir({ dataDir: sample.directory })).faults).toEqual([]);
    const copy = await temporaryDirectory();
    for (let round = 0; round < ROUNDS; round++) {
      for (const { key, size } of records) {
        const offset = Math.floor(random.float() * size);
        const bits = 1 << Math.floor(random.float() * 8);
        const what = `seed ${String(SEED)}: ${KIND_NAMES[key[0] ?? 0] ?? ''} ${toHex(key)}, byte ${String(offset)} of ${String(size)}, bits ${String(bits)}`;
        await rm(copy, { recursive: true });
        await cp(sample.directory, copy, { recursive: true });
        await tamper(copy, (db) => flipRecord(db, key, offset, bits));

        // The check of the whole directory finds it, and leaves all as it is.
        const before = await contents(copy);
        const verified = await verifyDataDir({ dataDir: copy });
        expect(verified.faultCount, what).toBeGreaterThan(0);
        expect(await contents(copy), what).toEqual(before);

        // A node finds it when it opens, or on its patrol, and says so; nothing wrong is given away.
        const { chain, report, notices } = await openDirectory(copy, { pages: SMALL_PAGES, verifyLast: 2 });
        for (const mined of sample.all) {
          const bytes = await chain.getBlockBytes(mined.hash);
          if (bytes !== undefined) expect(bytes, what).toEqual(mined.bytes);
        }
        expect((await chain.patrol(() => Promise.resolve())).complete, what).toBe(true);
        expect(report.messages.length + notices.length, `${what}: told`).toBeGreaterThan(0);

        // Peers have the blocks: afterwards all is as it was.
        await addAll(chain, sample.all);
        expect(chain.tip.hash, what).toBe(last(sample.blocks).hash);
        for (const mined of sample.all) expect(await chain.getBlockBytes(mined.hash), what).toEqual(mined.bytes);
        expect(chain.missingBodies(), what).toEqual([]);
        await chain.close();
        const after = await verifyDataDir({ dataDir: copy });
        expect(after.faults, what).toEqual([]);
        expect(after.tip?.hash, what).toBe(last(sample.blocks).hash);
      }
    }
  });
});

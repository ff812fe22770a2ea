import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { seededRandom } from '../../src/node/util/random.ts';
import { corpusName, MAX_CORPUS_FILE, readCorpus, saveInput } from './corpus.ts';
import { Fuzzer, must, type Finding, type Target } from './engine.ts';
import { targets } from './targets.ts';
import { removeStateFolder } from './text-targets.ts';

afterAll(removeStateFolder);

const CORPUS = join(import.meta.dirname, 'corpus');
/** Mutated inputs of each target in `npm test`; `npm run fuzz` goes on from there. */
const QUICK_RUNS = 300;

const explain = (finding: Finding | undefined): string | undefined =>
  finding === undefined ? undefined : `${finding.kind}: ${finding.message.split('\n')[0] ?? ''} for ${Buffer.from(finding.input).toString('base64')}`;

describe.each(targets)('decoder of $name', (target) => {
  it('keeps its promises on everything in the corpus', async () => {
    const corpus = await readCorpus(CORPUS, target.name);
    expect(corpus.length).toBeGreaterThan(0);
    const fuzzer = new Fuzzer(target, seededRandom(1), []);
    for (const { name, input } of corpus) {
      expect(name).toBe(corpusName(input));
      expect(input.length).toBeLessThanOrEqual(MAX_CORPUS_FILE);
      expect(explain(await fuzzer.execute(input)), name).toBeUndefined();
    }
  });

  it('accepts real samples', async () => {
    const outcomes: string[] = [];
    for (const seed of target.seeds()) outcomes.push(await target.run(seed));
    expect(outcomes.some((outcome) => outcome.startsWith('ok'))).toBe(true);
  });

  it('keeps its promises on new inputs', async () => {
    const seed = Date.now() % 1_000_000;
    const fuzzer = new Fuzzer(target, seededRandom(seed), (await readCorpus(CORPUS, target.name)).map(({ input }) => input));
    for (let i = 0; i < QUICK_RUNS; i++) expect(explain(await fuzzer.step()), `seed ${String(seed)}, run ${String(i)}`).toBeUndefined();
  });
});

it('the corpus has no folder of a target that is gone', async () => {
  expect((await readdir(CORPUS)).sort()).toEqual(targets.map(({ name }) => name).sort());
});

describe('the fuzzer itself', () => {
  const decoder = (run: Target['run'], changes: Partial<Target> = {}): Target => ({
    name: 'example', maxBytes: 200, maxMs: 1_000, seeds: () => [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)], arbitrary: fc.uint8Array({ maxLength: 20 }), run, ...changes,
  });
  const search = async (target: Target, runs = 50_000): Promise<Finding | undefined> => {
    const fuzzer = new Fuzzer(target, seededRandom(5), []);
    for (let i = 0; i < runs; i++) {
      const finding = await fuzzer.step();
      if (finding !== undefined) return finding;
    }
    return undefined;
  };

  it('finds a broken property behind three steps that each look new, and cuts the input down to it', async () => {
    const finding = await search(
      decoder((input) => {
        const steps = [0xfd, 0xff, 0x7f].findIndex((byte, i) => input[i] !== byte);
        must(steps >= 0, 'three bytes in a row');
        return `step ${String(steps)}`;
      }),
    );
    expect(finding).toMatchObject({ kind: 'property', message: expect.stringContaining('three bytes in a row') as string });
    expect([...(finding?.input ?? [])]).toEqual([0xfd, 0xff, 0x7f]);
  });

  it('finds errors that no decoder may throw, and runs that take too long', async () => {
    const thrown = await search(decoder((input) => String((undefined as unknown as Uint8Array)[input.length] ?? '')));
    expect(thrown?.message).toContain('TypeError');
    const slow = await search(
      decoder(
        (input) => {
          const end = performance.now() + (input.length > 8 ? 40 : 0);
          while (performance.now() < end);
          return 'done';
        },
        { maxMs: 20 },
      ),
    );
    expect(slow?.kind).toBe('slow');
  });

  it('finds runs that hold too much memory', async () => {
    const held: Uint8Array[] = [];
    const finding = await search(
      decoder((input) => {
        if (input.length > 8 && held.length < 3_000) held.push(new Uint8Array(80 * 1024 * 1024));
        if (held.length > 2) held.length = 0;
        return 'done';
      }),
      5_000,
    );
    expect(finding?.kind).toBe('memory');
  });

  it('does the same again with the same seed', async () => {
    const run = async (): Promise<string[]> => {
      const seen: string[] = [];
      const fuzzer = new Fuzzer(decoder((input) => (seen.push(Buffer.from(input).toString('hex')), String(input.length))), seededRandom(9), []);
      for (let i = 0; i < 100; i++) await fuzzer.step();
      return seen;
    };
    expect(await run()).toEqual(await run());
  });

  it('saves an input once, under the name of its content, unless it is too long', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chainscope-corpus-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const input = Uint8Array.of(1, 2, 3);
    expect(await saveInput(folder, 'x', input)).toBe(true);
    expect(await saveInput(folder, 'x', input)).toBe(false);
    expect(await saveInput(folder, 'x', new Uint8Array(MAX_CORPUS_FILE + 1))).toBe(false);
    expect(existsSync(join(folder, 'x', corpusName(input)))).toBe(true);
    expect(await readCorpus(folder, 'x')).toEqual([{ name: corpusName(input), input }]);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BENCH_OPTIONS } from '../../bench/options.mjs';
import { Chain } from '../../src/node/chain/chain.ts';
import { MAIN } from '../../src/node/consensus/params.ts';
import { systemClock } from '../../src/node/util/clock.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import { bundle, type Bundle } from '../helpers/bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chainscope-bench-options-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A program that goes on to measure is ended, and so answers with no code. */
async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 15_000 });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

describe('npm run bench', () => {
  it.each([
    ['a seed that is no number', ['mining', 'abc'], /seed is a whole number.*bench -- mining 1/],
    ['two seeds', ['validation', '1', '2'], /seed is a whole number.*bench -- validation 1/],
    ['a number that is none, before it makes a chain', ['hop', '--times', 'x'], /--times is a whole number from 1/],
    ['an option that there is not', ['http', '--times', '1', '--nonsense'], /--nonsense/],
    ['a part that there is not', ['nonsense'], /there is no bench "nonsense". There are: hop, http/],
  ])('says in a sentence that it was given %s', async (_what, args, message) => {
    const { code, out, err } = await run(join(root, 'scripts/bench.mjs'), ...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('has every folder with a run.mjs in its help, and what each takes', async () => {
    const parts = readdirSync(join(root, 'bench')).filter((name) => !name.includes('.') && readdirSync(join(root, 'bench', name)).includes('run.mjs'));
    expect(Object.keys(BENCH_OPTIONS).sort()).toEqual(parts.sort());
    const { code, out, err } = await run(join(root, 'scripts/bench.mjs'), '--help');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const [part, options] of Object.entries(BENCH_OPTIONS)) {
      expect(out).toContain(`npm run bench -- ${part} [`);
      for (const name of Object.keys(options)) expect(out).toContain(`  --${name} `);
    }
    expect(out).toContain('(1000,10000,100000)');
    expect((await run(join(root, 'scripts/bench.mjs'), 'http', '-h')).out).not.toContain('bench -- sync');
  });

  it('says which benches there are when bench/run.mjs is given none, or another', async () => {
    for (const args of [[], ['nonsense']]) {
      const { code, err } = await run(join(root, 'bench/run.mjs'), ...args);
      expect(code).toBe(1);
      expect(err).toMatch(/generate-chain.*opening/);
    }
  });
});

describe('bench:generate and bench:opening', () => {
  let built: Bundle;
  beforeAll(async () => {
    built = await bundle({ opening: 'bench/opening.ts', 'generate-chain': 'bench/generate-chain.ts' });
  }, 60_000);
  afterAll(() => built.remove());
  const opening = (...args: string[]): ReturnType<typeof run> => run('--expose-gc', built.file('opening'), ...args);

  it('refuses blocks without a transaction, which there are not, instead of making others', async () => {
    const { code, out, err } = await run(built.file('generate-chain'), '--transactions', '0', '--blocks', '1', '--data-dir', 'chain');
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: '--transactions is a whole number from 1 to 10,000,000, not "0"\n' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has a --help with every option', async () => {
    for (const [name, options] of [['opening', ['data-dir', 'times', 'executable']], ['generate-chain', ['data-dir', 'blocks', 'forks', 'seed', 'transactions']]] as const) {
      const { code, out } = await run(built.file(name), '--help');
      expect(code).toBe(0);
      for (const option of options) expect(out).toMatch(new RegExp(`^  --${option} <`, 'm'));
    }
  });

  it('says in a sentence what is wrong with what is to be opened', async () => {
    const chain = new Chain({ params: MAIN, dataDir: folder }, { clock: systemClock, logger: nullLogger });
    await chain.open();
    await chain.close();
    writeFileSync(join(folder, 'a file'), '');
    for (const [args, message] of [
      [['--data-dir', join(folder, 'nowhere')], /^opening: name a folder made by bench:generate/],
      [['--data-dir', folder, '--times', 'x'], /^--times is a whole number from 1 to 10,000,000, not "x"/],
      [['--data-dir', folder, '--executable', join(folder, 'nowhere')], /^opening: --executable names .*nowhere, which cannot be started \(ENOENT\)/],
      [['--data-dir', folder, '--executable', join(folder, 'a file')], /^opening: --executable names .*a file, which cannot be started/],
      [['--data-dir', folder], /^opening: The data directory .* cannot be used \(it holds the chain of another network\)/],
    ] as const) {
      const { code, out, err } = await opening(...args);
      expect(err).toMatch(message);
      expect(err.trim().split('\n')).toHaveLength(1);
      expect({ code, out }).toEqual({ code: 2, out: '' });
    }
  }, 60_000);
});

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bitsToTarget, targetToBytes } from '../../../src/node/consensus/target.ts';
import { MINING_LIMITS } from '../../../src/node/mining/limits.ts';
import { WorkerPool, type SearchPoolEvents } from '../../../src/node/mining/worker-pool.ts';
import { VirtualClock, type Clock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { hash256 } from '../../../src/node/util/hash.ts';
import { hashToBigInt } from '../../../src/node/consensus/target.ts';
import { bundle, type Bundle } from '../../helpers/bundle.ts';

let built: Bundle;
const pools: WorkerPool[] = [];

beforeAll(async () => {
  built = await bundle({ worker: 'src/node/mining/worker.ts' });
}, 60_000);
afterAll(() => built.remove());
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function makePool(options: { size?: number; nonces?: number; script?: string; share?: number; clock?: Clock } = {}): WorkerPool {
  const pool = new WorkerPool(
    { size: options.size ?? 2, script: options.script ?? built.file('worker'), ...(options.nonces === undefined ? {} : { nonces: options.nonces }), ...(options.share === undefined ? {} : { share: options.share }) },
    { logger: nullLogger, ...(options.clock === undefined ? {} : { clock: options.clock }) },
  );
  pools.push(pool);
  return pool;
}

function next<K extends keyof SearchPoolEvents>(pool: WorkerPool, event: K): Promise<SearchPoolEvents[K]> {
  return new Promise((resolve) => {
    pool.once(event, (...args: SearchPoolEvents[K]) => {
      resolve(args);
    });
  });
}

const IMPOSSIBLE = new Uint8Array(32);
const ANY = new Uint8Array(32).fill(0xff);
const EASY = targetToBytes(bitsToTarget(0x1f0fffff));

it('a search for which no thread can be had says so, and leaves nothing to wait for', async () => {
  // No path: `new Worker` throws, as it does when the system has no thread to give.
  const pool = makePool({ script: 'no path at all' });
  expect(() => pool.search(new Uint8Array(80), EASY)).toThrow();
  await pool.halt();
});

describe('WorkerPool', () => {
  it('finds a nonce whose hash meets the target, in threads of its own', async () => {
    const pool = makePool();
    const header = new Uint8Array(80).fill(7);
    const found = next(pool, 'found');
    const search = pool.search(header, EASY);
    const [of, nonce] = await found;
    expect(of).toBe(search);
    const solved = new Uint8Array(header);
    new DataView(solved.buffer).setUint32(76, nonce, true);
    expect(hashToBigInt(hash256(solved))).toBeLessThanOrEqual(bitsToTarget(0x1f0fffff));
  });

  it('reports progress, stops when it is told to, and says nothing afterwards', async () => {
    const pool = makePool();
    const progress = next(pool, 'progress');
    const first = pool.search(new Uint8Array(80), IMPOSSIBLE);
    const [, hashes, best] = await progress;
    expect(hashes).toBeGreaterThan(0);
    expect(best).toHaveLength(32);
    await pool.halt();
    // The threads answer in order: once one of them reports for a later search, nothing of the first can follow.
    const late: number[] = [];
    pool.on('progress', (of) => late.push(of));
    const again = next(pool, 'progress');
    const second = pool.search(new Uint8Array(80), IMPOSSIBLE);
    await again;
    await pool.halt();
    expect(new Set(late)).toEqual(new Set([second]));
    expect(second).not.toBe(first);
  });

  it('drops what the threads report for a search that was replaced', async () => {
    const pool = makePool({ size: 1 });
    const found: number[] = [];
    pool.on('found', (search) => found.push(search));
    const first = pool.search(new Uint8Array(80).fill(1), EASY);
    const second = next(pool, 'found');
    const wanted = pool.search(new Uint8Array(80).fill(2), EASY);
    await second;
    await pool.halt();
    expect(found).toEqual([wanted]);
    expect(found).not.toContain(first);
  });

  it('has halted a search even when the next one is under way', async () => {
    const pool = makePool();
    const progress = next(pool, 'progress');
    pool.search(new Uint8Array(80), IMPOSSIBLE);
    await progress;
    const halted = pool.halt();
    pool.search(new Uint8Array(80).fill(1), IMPOSSIBLE);
    await halted;
    await pool.halt();
  });

  it('says when all nonces are used up, having tried each once', async () => {
    const nonces = MINING_LIMITS.stripe * 3 + 5;
    const pool = makePool({ size: 2, nonces });
    let hashes = 0;
    pool.on('progress', (_search, count) => (hashes += count));
    const exhausted = next(pool, 'exhausted');
    const search = pool.search(new Uint8Array(80), IMPOSSIBLE);
    expect(await exhausted).toEqual([search]);
    expect(hashes).toBe(nonces);
  });

  it('ELE-12 starts a crashed thread again once, then fails', async () => {
    const script = join(built.file('worker'), '..', 'crashing.mjs');
    await writeFile(script, "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => { throw new Error('out of luck'); });\n");
    const pool = makePool({ size: 1, script });
    const failed = next(pool, 'failed');
    pool.search(new Uint8Array(80), EASY);
    const [error] = await failed;
    expect(error.message).toBe('out of luck');
    await pool.halt();
  });

  it('ELE-12 goes on after one crash', async () => {
    const script = join(built.file('worker'), '..', 'once.mjs');
    const flag = join(built.file('worker'), '..', 'crashed-once');
    await writeFile(
      script,
      `import { existsSync, writeFileSync } from 'node:fs';\nif (!existsSync(${JSON.stringify(flag)})) { writeFileSync(${JSON.stringify(flag)}, ''); throw new Error('first time'); }\nawait import(${JSON.stringify(built.file('worker'))});\n`,
    );
    const pool = makePool({ size: 1, script });
    const found = next(pool, 'found');
    const search = pool.search(new Uint8Array(80).fill(3), EASY);
    expect((await found)[0]).toBe(search);
  });

  it('ELE-12 goes on after one crash in each job', async () => {
    const flag = join(built.file('worker'), '..', 'crashes-next');
    const script = join(built.file('worker'), '..', 'unlucky.mjs');
    const crash = `if (existsSync(${JSON.stringify(flag)})) { rmSync(${JSON.stringify(flag)}); throw new Error('out of luck'); }`;
    const lines = [
      "import { existsSync, rmSync } from 'node:fs';",
      "import { parentPort } from 'node:worker_threads';",
      'const on = parentPort.on.bind(parentPort);',
      `parentPort.on = (event, listener) => on(event, (order) => { ${crash} listener(order); });`,
      `await import(${JSON.stringify(built.file('worker'))});`,
    ];
    await writeFile(script, lines.join('\n'));
    const pool = makePool({ size: 1, script });
    for (let job = 0; job < 2; job++) {
      await writeFile(flag, '');
      pool.newJob();
      const end = Promise.race([next(pool, 'found').then(() => 'found'), next(pool, 'failed').then(([error]) => error.message)]);
      pool.search(new Uint8Array(80).fill(job), EASY);
      expect(await end).toBe('found');
      await pool.halt();
    }
  });

  it('is halted when it is closed, whatever its threads do', async () => {
    const script = join(built.file('worker'), '..', 'deaf.mjs');
    await writeFile(script, "import { parentPort } from 'node:worker_threads';\nparentPort.on('message', () => undefined);\n");
    const pool = makePool({ script });
    pool.search(new Uint8Array(80), IMPOSSIBLE);
    const halted = pool.halt();
    await pool.close();
    await halted;
  });

  it('hashes with the fastest kernel, and says so', async () => {
    const pool = makePool({ size: 1 });
    expect(pool.kernel).toBeUndefined();
    const progress = next(pool, 'progress');
    pool.search(new Uint8Array(80), IMPOSSIBLE);
    await progress;
    expect(pool.kernel).toBe('wasm-simd');
  });

  it('wakes a thread that rests when another search is wanted, or none', async () => {
    // A share so small that the rest after one batch outlasts any test.
    const pool = makePool({ size: 1, share: 1e-9 });
    for (let round = 0; round < 3; round += 1) {
      const found = next(pool, 'found');
      pool.search(new Uint8Array(80), IMPOSSIBLE);
      // The first batch finds this one; the thread rests from the search before, or has not begun with it.
      const search = pool.search(new Uint8Array(80).fill(round), ANY);
      expect((await found)[0]).toBe(search);
    }
    pool.search(new Uint8Array(80), IMPOSSIBLE);
    await pool.halt();
  });

  it.runIf(process.platform === 'linux')('stands back behind the window: its threads have a lower priority, and nothing else has', async () => {
    const niceOf = async (): Promise<Map<string, number>> => {
      const threads = await readdir('/proc/self/task');
      // proc(5): the nice value is the 19th field, the 17th after the name in brackets.
      const stats = await Promise.all(threads.map(async (id) => [id, await readFile(`/proc/self/task/${id}/stat`, 'utf8').catch(() => '')] as const));
      return new Map(stats.filter(([, text]) => text !== '').map(([id, text]) => [id, Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16])]));
    };
    const own = (await niceOf()).get(String(process.pid)) ?? 0;
    const pool = makePool({ size: 2 });
    const progress = next(pool, 'progress');
    pool.search(new Uint8Array(80), IMPOSSIBLE);
    await progress;
    const nice = await niceOf();
    expect(nice.get(String(process.pid))).toBe(own);
    expect([...nice.values()]).toContain(Math.max(own, constants.priority.PRIORITY_BELOW_NORMAL));
  });

  it('ELE-12 gives up a thread that does not answer, and goes on with the plain kernel in its place', async () => {
    const script = join(built.file('worker'), '..', 'silent.mjs');
    await writeFile(
      script,
      `import { parentPort, workerData } from 'node:worker_threads';\nif (workerData.fastest === 'plain') await import(${JSON.stringify(built.file('worker'))});\nelse parentPort.on('message', () => { for (;;); });\n`,
    );
    const clock = new VirtualClock();
    const pool = makePool({ size: 2, script, clock });
    const found = next(pool, 'found');
    const search = pool.search(new Uint8Array(80).fill(3), EASY);
    clock.advance(MINING_LIMITS.silenceMs * MINING_LIMITS.silences - 1);
    expect(pool.kernel).toBeUndefined();
    clock.advance(1);
    expect((await found)[0]).toBe(search);
    expect(pool.kernel).toBe('plain');
    // Two threads that never end by themselves do not keep a stop waiting either.
    await pool.halt();
    expect(clock.timerCount).toBe(0);
  });

  it('does not lose patience with a thread that answers, nor with one that has nothing to do', async () => {
    const clock = new VirtualClock();
    const pool = makePool({ size: 1, clock });
    for (let round = 0; round < 3; round += 1) {
      const progress = next(pool, 'progress');
      pool.search(new Uint8Array(80).fill(round), IMPOSSIBLE);
      await progress;
      clock.advance(MINING_LIMITS.silenceMs * (MINING_LIMITS.silences - 1));
    }
    await pool.halt();
    expect(clock.timerCount).toBe(0);
    expect(pool.kernel).toBe('wasm-simd');
  });

  it('fails when the script of the threads is missing', async () => {
    const pool = makePool({ size: 1, script: join(built.file('worker'), '..', 'absent.mjs') });
    const failed = next(pool, 'failed');
    pool.search(new Uint8Array(80), EASY);
    expect((await failed)[0].message).toContain('absent.mjs');
  });
});

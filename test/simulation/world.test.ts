import { describe, expect, test } from 'vitest';
import { simulate } from '../../bench/simulate/main.ts';
import { reportLines } from '../../bench/simulate/report.ts';
import { settling } from '../../bench/simulate/settling.ts';
import { Violation, World, type WorldOptions } from '../../bench/simulate/world.ts';

const options: WorldOptions = {
  seed: 7,
  nodes: 24,
  dials: 3,
  miners: 8,
  interval: 10_000,
  network: { baseDelay: 5, span: 100, jitter: 10, loss: 0.02, bandwidth: 1_250_000 },
};
const MINUTES = 1 / 60;
/** Ten times what it takes: nothing here waits for real time. */
const PATIENCE = 120_000;

describe('a simulated network', { timeout: PATIENCE }, () => {
  test('one seed makes one run, another seed another', async () => {
    const [first, again, other] = [await simulate(options, 5 * MINUTES), await simulate(options, 5 * MINUTES), await simulate({ ...options, seed: 8 }, 5 * MINUTES)];
    expect(again.digest).toBe(first.digest);
    expect(again.events).toBe(first.events);
    expect(other.digest).not.toBe(first.digest);
    expect(first.blocks).toBeGreaterThan(10);
  });

  test('nodes that crash and come back, and partitions: one chain in the end, and nothing that was acknowledged is gone', async () => {
    const report = await simulate(
      { ...options, churn: { up: 600_000, down: 20_000 }, partitions: { every: 300_000, last: 60_000 } },
      20 * MINUTES,
    );
    expect(report.crashes).toBeGreaterThan(0);
    expect(report.stops).toBeGreaterThan(report.crashes);
    expect(report.heals.count).toBeGreaterThan(0);
    expect(report.height).toBeGreaterThan(60);
    expect(report.blocks).toBeGreaterThan(report.height);
    expect(reportLines(report).join('\n')).toContain('seed 7');
  });

  test('a block reaches everybody, at a cost that follows the connections', async () => {
    const few = await simulate({ ...options, dials: 2 }, 10 * MINUTES);
    const many = await simulate({ ...options, dials: 6 }, 10 * MINUTES);
    expect(many.degree).toBeGreaterThan(2 * few.degree);
    const growth = many.blockBytesPerNode / few.blockBytesPerNode;
    expect(growth).toBeGreaterThan(1);
    expect(growth).toBeLessThan(many.degree / few.degree);
    // Each node gets a block once, whoever its neighbours are.
    const block = (report: typeof few): number => report.blockBytes.find(({ type }) => type === 'block')?.bytes ?? 0;
    expect(block(many) / block(few)).toBeLessThan(1.3);
    expect(many.reached[3]?.ms).toBeLessThan(5_000);
  });

  test('the same block costs the same in a network of four times as many nodes, and on a chain of three times the length', async () => {
    const small = await simulate(options, 5 * MINUTES);
    const large = await simulate({ ...options, nodes: 96 }, 5 * MINUTES);
    const long = await simulate(options, 15 * MINUTES);
    for (const other of [large, long]) expect(other.blockBytesPerNode / small.blockBytesPerNode / (other.degree / small.degree)).toBeLessThan(1.15);
  });

  test.each([{ within: 0 }, { enough: AbortSignal.abort() }])('a run that is ended before its time says how far it came, and is healed and checked all the same: %o', async (watch) => {
    const report = await simulate(options, 10, watch);
    expect(report.checked).toBe(true);
    expect(report.asked).toBe(10);
    expect(report.hours).toBeGreaterThan(0);
    expect(report.hours).toBeLessThan(1);
    expect(reportLines(report).join('\n')).toMatch(/simulated +0\.0\d of 10 h/);
  });

  test('what a step began has settled before the next one, however many turns of the event loop it takes', async () => {
    const log: string[] = [];
    const work = async (name: string): Promise<void> => {
      await Promise.resolve();
      await new Promise(setImmediate);
      await Promise.resolve();
      await new Promise(setImmediate);
      log.push(name);
    };
    const steps = [() => void work('a'), () => log.push('b'), () => void work('c')];
    await settling(() => {
      const next = steps.shift();
      next?.();
      return next !== undefined;
    });
    expect(log).toEqual(['a', 'b', 'c']);
    await expect(
      settling(() => {
        throw new Error('a step');
      }),
    ).rejects.toThrow('a step');
  });

  test('what waits for a promise of an earlier step has had its turn before the next step', async () => {
    const log: string[] = [];
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    void asked.then(() => log.push('answered'));
    const steps = [() => log.push('a'), () => { answer(); }, () => log.push('b')];
    await settling(() => {
      const next = steps.shift();
      next?.();
      return next !== undefined;
    });
    expect(log).toEqual(['a', 'answered', 'b']);
  });

  test('a network that does not heal is reported with its seed', async () => {
    const world = new World({ ...options, partitions: { every: 30_000, last: 300_000 } });
    world.network.heal = () => undefined;
    try {
      await world.begin();
      const run = (async () => {
        await world.run(400_000);
        await world.finish();
      })();
      await expect(run).rejects.toThrow(Violation);
      await expect(run).rejects.toThrow(/different work.*Seed 7 /);
    } finally {
      await world.close();
    }
  });
});

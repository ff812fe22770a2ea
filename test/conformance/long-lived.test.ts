import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCases, readDocument } from '../../scripts/lib/conformance.mjs';
import { seeded } from '../../bench/lib/mining.ts';
import { NodeNetwork } from '../helpers/node.ts';
import { cases } from './cases/index.ts';
import { World, type Afterwards } from './world.ts';

/**
 * All cases once more, one after the other, against one node that is never restarted: what one case leaves behind must not hurt the next. The order is drawn
 * from a seed; CONFORMANCE_SEED repeats it.
 */
const seed = Number(process.env['CONFORMANCE_SEED'] ?? Date.now() % 1_000_000);
if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('CONFORMANCE_SEED must be a whole number');

/** Fisher and Yates, from the end. */
function shuffled<T>(list: readonly T[]): T[] {
  const random = seeded(seed);
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}

/** Enough for every case, so that none has to make room for itself. */
const HEIGHT = Math.max(...cases.map(({ height }) => height ?? 0));

describe(`in one node, in the order of seed ${String(seed)}`, () => {
  let network: NodeNetwork;
  let world: World;
  const left: (Afterwards & { id: string })[] = [];
  let atStart = 0;

  beforeAll(async () => {
    network = await NodeNetwork.create();
    world = await World.open(network, HEIGHT);
    atStart = process.memoryUsage.rss();
  }, 120_000);
  afterAll(async () => {
    const slowest = [...left].sort((a, b) => b.answerMs - a.answerMs)[0];
    const most = [...left].sort((a, b) => b.rssBytes - a.rssBytes)[0];
    const mb = (bytes: number): string => `${String(Math.round((bytes - atStart) / 1e6))} MB`;
    const all = readCases(await readDocument()).length;
    console.log(
      `      long-lived node: seed ${String(seed)}, ${String(new Set(left.map(({ id }) => id)).size)} of the ${String(all)} cases; GET /blocks?limit=1 after a case took ${slowest?.answerMs.toFixed(0) ?? '?'} ms at most (${slowest?.id ?? '?'}), both nodes were on the next block after ${Math.max(...left.map(({ agreeMs }) => agreeMs)).toFixed(0)} ms at most;` +
        ` memory of this process, attackers included: ${mb(most?.rssBytes ?? atStart)} more at most (${most?.id ?? '?'}), ${mb(process.memoryUsage.rss())} at the end`,
    );
    await world.close();
    await network.close();
  });

  for (const one of shuffled(cases)) {
    it(`${one.id} ${one.title}`, { timeout: (one.timeout ?? 20_000) + 60_000 }, async () => {
      world.begin();
      try {
        await one.run(world);
      } finally {
        left.push({ id: one.id, ...(await world.settle()) });
      }
    });
  }

  it('has lived all the while', () => {
    expect(world.node.api.snapshot().notices.filter(({ level }) => level === 'error')).toEqual([]);
    expect(world.node.api.snapshot().node.startedAt).toBeLessThanOrEqual(Date.now());
  });
});

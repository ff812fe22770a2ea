/**
 * A process that is killed: `crash-child <directory> <seed>`. Adds blocks, forks and reorgs as fast as it can and writes the hash of
 * each to standard output once `addBlock` has acknowledged it. With `hold` instead of a seed it opens the directory and waits.
 */
import { writeSync } from 'node:fs';
import { Chain } from '../../../src/node/chain/chain.ts';
import type { BlockIndexEntry } from '../../../src/node/chain/types.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { seededRandom } from '../../../src/node/util/random.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { dataTransaction, mineBlock, type Parent } from '../../helpers/mine-fork.ts';

const [, , directory = '', seed = '0'] = process.argv;

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function run(): Promise<void> {
  const chain = new Chain({ params: REGTEST, dataDir: directory }, { clock: systemClock, logger: nullLogger });
  const report = await chain.open();
  say(`open ${report.blocks} ${String(report.repaired)} ${report.dropped}`);
  if (seed === 'hold') {
    // Kept alive by standard input; the parent ends it.
    process.stdin.resume();
    return;
  }
  const random = seededRandom(Number(seed));
  const limit = Number(process.argv[4] ?? Infinity);
  for (let i = 0; i < limit; i++) {
    // Now and then a block a little below the tip, so that branches grow beside it and overtake it.
    const back = random.float() < 0.3 ? Math.floor(random.float() * 4) : 0;
    const parent: BlockIndexEntry = chain.getActive(Math.max(0, chain.tip.height - back)) ?? chain.tip;
    let on: Parent = parent;
    for (let n = 0; n <= back; n++) {
      const mined = mineBlock(on, { minerName: `p${process.pid}`, data: [seed, i, n, random.uint32(), process.pid], txs: [dataTransaction([process.pid, i, n])], time: on === parent ? parent.time + 1 : (on as { time: number }).time + 1 });
      try {
        const result = await chain.addBlock(mined.bytes, { kind: 'mined' });
        say(`${result.status} ${mined.hash}`);
      } catch (error) {
        say(`failed ${(error as { code?: string }).code ?? String(error)}`);
      }
      on = mined;
    }
  }
  await chain.close();
  say('closed');
}

run().catch((error: unknown) => {
  say(`error ${(error as { code?: string }).code ?? ''} ${(error as Error).message}`);
  process.exitCode = 1;
});

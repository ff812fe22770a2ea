/**
 * A process that is killed: `child <mode> <directory> <seed> [peer address]`. It says `open <blocks> <repaired> <dropped>` when the chain is open,
 * then `ack <hash>` for every block once it is acknowledged, as fast as it can.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Chain } from '../../../src/node/chain/chain.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { openNode } from '../../../src/node/index.ts';
import { toHex } from '../../../src/node/util/bytes.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { seededRandom, type Random } from '../../../src/node/util/random.ts';
import { dataTransaction, mineBlock, type Parent } from '../../helpers/mine-fork.ts';
import { SMALL_PAGES, type KillMode } from './modes.ts';

const [, , mode = 'mining', directory = '', seed = '0', peer] = process.argv as [string, string, KillMode, ...string[]];

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** A whole node: it mines through its front door, or takes what a neighbour has. */
async function runNode(): Promise<void> {
  const port = { value: 0, explicit: true };
  const node = await openNode(
    { httpPort: port, p2pPort: port, p2pHost: '127.0.0.1', peers: peer === undefined ? [] : [peer], dataDir: directory, dataDirExplicit: true, network: 'regtest' },
    { logger: nullLogger, workers: 1, workerScript: join(import.meta.dirname, 'worker.js') },
  );
  const { chain } = node.node.parts;
  const acknowledge = ({ hash }: { hash: string }): void => say(`ack ${hash}`);
  chain.on('connect', acknowledge);
  chain.on('side', acknowledge);
  say(`open ${String(chain.blockCount)} ${String(node.node.notices.some(({ code }) => code === 'store-repaired'))} 0`);
  if (mode === 'sync') return;
  for (let i = 0; ; i++) await node.api.mine({ dataText: JSON.stringify([seed, process.pid, i]) }).done;
}

/** The chain alone: forks that overtake it, or blocks so large that LevelDB merges tables all the time. */
async function runChain(random: Random): Promise<void> {
  const chain = new Chain({ params: REGTEST, dataDir: directory, pages: SMALL_PAGES }, { clock: systemClock, logger: nullLogger });
  const report = await chain.open();
  say(`open ${String(report.blocks)} ${String(report.repaired)} ${String(report.dropped)}`);
  for (let i = 0; ; i++) {
    // Now and then a block a little below the tip, so that branches grow beside it and overtake it.
    const back = mode === 'reorg' && random.float() < 0.3 ? Math.floor(random.float() * 4) : 0;
    const parent = chain.getActive(Math.max(0, chain.tip.height - back)) ?? chain.tip;
    const text = mode === 'compaction' ? toHex(random.bytes(60_000 + Math.floor(random.float() * 60_000))) : '';
    let on: Parent & { time: number } = { hash: parent.hash, height: parent.height, time: parent.time };
    for (let n = 0; n <= back; n++) {
      const mined = mineBlock(on, { data: [seed, process.pid, i, n, text], txs: [dataTransaction([seed, process.pid, i, n])], time: on.time + 1 });
      const { status } = await chain.addBlock(mined.bytes, { kind: 'mined' });
      if (status === 'connected' || status === 'side') say(`ack ${mined.hash}`);
      on = mined;
    }
  }
}

(mode === 'mining' || mode === 'sync' ? runNode() : runChain(seededRandom(Number(seed)))).catch((error: unknown) => {
  say(`error ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});

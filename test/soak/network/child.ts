/**
 * One node in a process of its own, as a window has it, on a fast clock. Started by `driver.ts` with its settings as JSON in the second argument; then it
 * answers what it is asked over the channel between processes.
 */
import { join } from 'node:path';
import { setFlagsFromString, writeHeapSnapshot } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openNode } from '../../../src/node/index.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { fastClock } from '../../helpers/fast-clock.ts';
import { mineFork } from '../../helpers/mine-fork.ts';
import type { Answer, ChildSettings, Question } from './messages.ts';

const settings = JSON.parse(process.argv[2] ?? '{}') as ChildSettings;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

// All nodes tell the same time whenever they were started, or a node that came back would take the others' blocks for the future's.
const clock = { ...fastClock(settings.speed), now: () => Math.round(settings.epoch + (systemClock.now() - settings.epoch) * settings.speed) };

const running = await openNode(
  {
    httpPort: { value: 0, explicit: true },
    p2pPort: { value: settings.port, explicit: true },
    p2pHost: '127.0.0.1',
    peers: settings.peers,
    dataDir: settings.dataDir,
    dataDirExplicit: true,
    network: 'regtest',
    nodeName: settings.name,
  },
  { clock, logger: nullLogger, workers: 1, workerScript: join(import.meta.dirname, 'worker.js') },
);
const { chain } = running.node.parts;
// Somebody who watches, as the window does.
let events = 0;
running.api.subscribe(() => (events += 1));

function state(): Answer {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { tip: chain.tip.hash, height: chain.tip.height, work: String(chain.tip.chainwork), blocks: chain.blockCount, events, rss, used: heapUsed + external };
}

async function answer(question: Question): Promise<Answer> {
  switch (question.do) {
    case 'state':
      return state();
    case 'sample':
      // Twice: what a finaliser lets go of is gone only after the next.
      collect();
      collect();
      return state();
    case 'dial':
      for (const address of question.addresses) await running.api.addPeer(address);
      return state();
    case 'mine':
      await running.api.mine({ dataText: JSON.stringify(question.text) }).done;
      return state();
    case 'grow':
      for (const { bytes } of mineFork(chain.tip, question.blocks, (index) => ({ time: chain.tip.time + 1 + index, data: [settings.name, index] }))) await chain.addBlock(bytes, { kind: 'mined' });
      return state();
    case 'has':
      return { ...state(), has: chain.getEntry(question.hash)?.hasBlock === true };
    case 'snapshot':
      collect();
      writeHeapSnapshot(question.file);
      return state();
    case 'close':
      await running.close();
      return state();
  }
}

process.on('message', (question: Question) => {
  void answer(question)
    .catch((error: unknown) => ({ ...state(), error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
    .then((reply) => {
      process.send?.({ ...reply, id: question.id }, () => {
        if (question.do === 'close') process.exit(0);
      });
    });
});
// Nobody is left to answer to.
process.on('disconnect', () => process.exit(1));
process.send?.({ ...state(), id: 0, port: running.info.p2p?.port ?? 0, http: running.info.http?.port ?? 0 });

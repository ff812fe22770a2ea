import { parentPort, workerData } from 'node:worker_threads';
import { PlainKernel } from '../../src/node/mining/kernel.ts';
import type { SearchOrder, WorkerSetup } from '../../src/node/mining/messages.ts';
import { runSearch } from '../../src/node/mining/search-loop.ts';

/** The mining thread with bad luck for ever: it hashes as the real one does, but no hash is good enough. For tests of what happens while a block is mined. */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');

const { control, index, stride } = workerData as WorkerSetup;
const wantedSearch = new Int32Array(control);
const kernel = new PlainKernel();
const unreachable = new Uint8Array(32);

port.on('message', (order: SearchOrder) => {
  runSearch(order, {
    index,
    stride,
    kernel: { name: 'endless', search: (header, _target, start, count) => kernel.search(header, unreachable, start, count) },
    wanted: () => Atomics.load(wantedSearch, 0) === order.search,
    report: (report) => {
      port.postMessage(report);
    },
    monotonic: () => performance.now(),
  });
});

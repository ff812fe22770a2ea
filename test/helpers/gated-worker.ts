import { getEnvironmentData, parentPort, workerData } from 'node:worker_threads';
import { PlainKernel } from '../../src/node/mining/kernel.ts';
import type { SearchOrder, WorkerSetup } from '../../src/node/mining/messages.ts';
import { runSearch } from '../../src/node/mining/search-loop.ts';

/**
 * The mining thread with a gate: it hashes as the real one does, but while the shared number of the environment data `mining-gate` is 1 no hash is
 * good enough. For a node that lives through many tests, some of which look on while it mines.
 */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');

const { control, index, stride } = workerData as WorkerSetup;
const wantedSearch = new Int32Array(control);
const gate = new Int32Array(getEnvironmentData('mining-gate') as unknown as SharedArrayBuffer);
const kernel = new PlainKernel();
const unreachable = new Uint8Array(32);

port.on('message', (order: SearchOrder) => {
  runSearch(order, {
    index,
    stride,
    kernel: { name: 'gated', search: (header, target, start, count) => kernel.search(header, Atomics.load(gate, 0) === 1 ? unreachable : target, start, count) },
    wanted: () => Atomics.load(wantedSearch, 0) === order.search,
    report: (report) => {
      port.postMessage(report);
    },
    monotonic: () => performance.now(),
  });
});

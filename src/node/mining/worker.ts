import { parentPort, workerData } from 'node:worker_threads';
import { chooseKernel, kernelsFrom } from './choose-kernel.ts';
import type { SearchOrder, WorkerReport, WorkerSetup } from './messages.ts';
import { runSearch } from './search-loop.ts';
import { lowerThreadPriority } from './thread-priority.ts';

/** A mining thread: takes orders, hashes, reports. It is built into a file of its own (see worker-pool.ts). */
const port = parentPort;
if (port === null) throw new Error('this file runs as a worker thread only');

const { control, index, stride, fastest, share } = workerData as WorkerSetup;
const wantedSearch = new Int32Array(control);
lowerThreadPriority();
const kernel = chooseKernel(kernelsFrom(fastest));
port.postMessage({ type: 'ready', kernel: kernel.name } satisfies WorkerReport);

port.on('message', (order: SearchOrder) => {
  runSearch(order, {
    index,
    stride,
    kernel,
    ...(share < 1
      ? {
          throttle: {
            share,
            rest: (ms: number) => {
              Atomics.wait(wantedSearch, 0, order.search, ms);
            },
          },
        }
      : {}),
    wanted: () => Atomics.load(wantedSearch, 0) === order.search,
    report: (report: WorkerReport) => {
      port.postMessage(report);
    },
    monotonic: () => performance.now(),
  });
});

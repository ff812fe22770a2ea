import { ApiError, type MinedBlock } from '../../shared/node-api.ts';
import type { TimerHandle } from '../util/clock.ts';
import type { BlockTemplate } from './types.ts';

export type Outcome = { outcome: 'found'; block: MinedBlock } | { outcome: 'stopped' } | { outcome: 'failed'; message: string };

export interface Job {
  id: number;
  dataText: string;
  resolve: (block: MinedBlock) => void;
  reject: (error: ApiError) => void;
  done: Promise<MinedBlock>;
}

/** What a running job waits for. */
export type TimerName = 'state' | 'age' | 'mempool' | 'submit';

/** The job that runs, with all that changes while it runs. */
export interface Running {
  job: Job;
  startedAt: number;
  template: BlockTemplate;
  /** When the template was made, monotonic ms. */
  templateAt: number;
  search: number;
  extraNonce: bigint;
  hashes: number;
  best: Uint8Array | undefined;
  renewals: number;
  /** A found block is on its way into the chain. */
  submitting: boolean;
  /** The tip moved while a block was on its way. */
  tipMoved: boolean;
  stopping: boolean;
  /** Jobs that waited behind this one and were dropped with it. */
  dropped: number;
  timers: Map<TimerName, TimerHandle>;
}

/** A job that waits, and the promise of its block. */
export function makeJob(id: number, dataText: string): Job {
  let resolve: Job['resolve'] = () => undefined;
  let reject: Job['reject'] = () => undefined;
  const done = new Promise<MinedBlock>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // Whoever asked may not wait for the end: that is no unhandled rejection.
  done.catch(() => undefined);
  return { id, dataText, resolve, reject, done };
}

export function stoppedError(): ApiError {
  return new ApiError({ code: 'mining-stopped', message: 'Mining was stopped before a block was found. The data is not in the chain.' });
}

/** What to tell about a template that cannot be built. */
export function sentence(error: unknown): string {
  return `The block could not be put together (${error instanceof Error ? error.message : String(error)}). Change its data and mine again.`;
}

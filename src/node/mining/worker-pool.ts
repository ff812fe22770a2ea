import { Worker } from 'node:worker_threads';
import { systemClock, type Clock, type TimerHandle } from '../util/clock.ts';
import { Emitter } from '../util/emitter.ts';
import type { Logger } from '../util/logger.ts';
import { MINING_LIMITS } from './limits.ts';
import type { SearchOrder, WorkerReport, WorkerSetup } from './messages.ts';
import { KERNEL_NAMES, type KernelName } from './types.ts';

export interface SearchPoolEvents {
  progress: [search: number, hashes: number, best: Uint8Array | undefined];
  found: [search: number, nonce: number];
  /** Every worker went through its share of the nonces. */
  exhausted: [search: number];
  /** A worker ended by itself more often than it is started again: the search cannot go on. */
  failed: [error: Error];
}

/** What the miner needs of its workers. */
export interface SearchPool {
  readonly size: number;
  /** The kernel that hashes; the slowest, should they differ. Absent until a thread said so. */
  readonly kernel?: string | undefined;
  /** It never reports progress, so that there is no rate to measure: one that draws lots. */
  readonly silent?: true;
  on<K extends keyof SearchPoolEvents>(event: K, listener: (...args: SearchPoolEvents[K]) => void): () => void;
  /** Forgets the workers' crashes: they are counted for each job. */
  newJob(): void;
  /** Starts a search on all workers in place of the one that runs. Gives its number. Throws what the system says when it has no thread to give. */
  search(header: Uint8Array, target: Uint8Array): number;
  /** Ends the search; resolves when no worker hashes for it any more. */
  halt(): Promise<void>;
  /** Ends the threads. */
  close(): Promise<void>;
}

export interface WorkerPoolOptions {
  /** Threads; at least 1. */
  size: number;
  /** The built worker.ts. */
  script: URL | string;
  /** The part of its time that each thread hashes, above 0 and at most 1; all of it when absent. */
  share?: number;
  /** The fastest kernel that the threads may use; any when absent. */
  kernel?: KernelName;
  /** Nonces of a header; fewer in tests. */
  nonces?: number;
}

interface Slot {
  index: number;
  worker: Worker | undefined;
  /** Orders sent to it, and how many of them are over. They end in the order in which they were sent. */
  sent: number;
  ended: number;
  /** The last search that this worker finished without finding anything. */
  exhausted: number;
  /** The kernel that it hashes with, once it said so. */
  kernel: string | undefined;
  /** A fast kernel did no good here: no other is tried. */
  plain: boolean;
  /** Looks in a row at which it had said nothing, and the next look. */
  silences: number;
  look: TimerHandle | undefined;
}

/**
 * Worker threads that search nonces together. They are started with the first search. A search is called off by changing one shared
 * number, which every worker looks at between two batches: no message has to wait for a busy thread.
 */
export class WorkerPool extends Emitter<SearchPoolEvents> implements SearchPool {
  readonly size: number;
  readonly #script: URL | string;
  readonly #share: number;
  readonly #fastest: KernelName;
  readonly #nonces: number;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #control = new SharedArrayBuffer(4);
  readonly #wanted = new Int32Array(this.#control);
  readonly #slots: Slot[];
  #search = 0;
  #order: SearchOrder | undefined;
  #restartsLeft: number = MINING_LIMITS.workerRestarts;
  #waiters: { ends: number[]; resolve: () => void }[] = [];
  #closed = false;

  constructor(options: WorkerPoolOptions, modules: { logger: Logger; clock?: Clock }) {
    super((error) => {
      modules.logger.error('a listener of the mining threads failed', { error });
    });
    this.size = Math.max(1, options.size);
    this.#script = options.script;
    this.#share = options.share ?? 1;
    this.#fastest = options.kernel ?? KERNEL_NAMES[0];
    this.#nonces = options.nonces ?? MINING_LIMITS.nonces;
    this.#logger = modules.logger;
    this.#clock = modules.clock ?? systemClock;
    this.#slots = Array.from({ length: this.size }, (_, index) => ({
      index,
      worker: undefined,
      sent: 0,
      ended: 0,
      exhausted: 0,
      kernel: undefined,
      plain: false,
      silences: 0,
      look: undefined,
    }));
  }

  get kernel(): string | undefined {
    const names = this.#slots.map((slot) => slot.kernel).filter((name) => name !== undefined);
    return names.find((name) => name === 'plain') ?? names[0];
  }

  newJob(): void {
    this.#restartsLeft = MINING_LIMITS.workerRestarts;
  }

  search(header: Uint8Array, target: Uint8Array): number {
    if (this.#closed) throw new Error('the mining threads are closed');
    this.#want();
    this.#order = { search: this.#search, header, target, nonces: this.#nonces };
    try {
      for (const slot of this.#slots) this.#send(slot, this.#order);
    } catch (error) {
      // The system gives no further thread: those that began rest again.
      this.#want();
      this.#order = undefined;
      throw error;
    }
    return this.#search;
  }

  halt(): Promise<void> {
    this.#want();
    this.#order = undefined;
    // A search that is started before these orders ended must not keep the caller waiting.
    const ends = this.#slots.map((slot) => slot.sent);
    return new Promise((resolve) => {
      this.#waiters.push({ ends, resolve });
      this.#settle();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#want();
    this.#order = undefined;
    const workers = this.#slots.map((slot) => slot.worker);
    for (const slot of this.#slots) {
      slot.worker = undefined;
      slot.ended = slot.sent;
      this.#unwatch(slot);
    }
    this.#settle();
    await Promise.all(workers.map((worker) => (worker === undefined ? Promise.resolve(0) : worker.terminate())));
  }

  #want(): void {
    // Int32 wraps after two thousand million searches; only equality is asked for.
    this.#search = (this.#search + 1) | 0;
    Atomics.store(this.#wanted, 0, this.#search);
    // Wakes the threads that rest.
    Atomics.notify(this.#wanted, 0);
  }

  #send(slot: Slot, order: SearchOrder): void {
    slot.worker ??= this.#start(slot);
    slot.sent += 1;
    slot.worker.postMessage(order);
    this.#watch(slot);
  }

  #start(slot: Slot): Worker {
    const fastest = slot.plain ? 'plain' : this.#fastest;
    const setup: WorkerSetup = { control: this.#control, index: slot.index, stride: this.size, fastest, share: this.#share };
    const worker = new Worker(this.#script, { workerData: setup, name: `mining ${String(slot.index)}`, execArgv: [] });
    let reason: Error | undefined;
    worker.on('message', (report: WorkerReport) => {
      if (slot.worker !== worker) return;
      this.#unwatch(slot);
      this.#reported(slot, report);
      this.#watch(slot);
    });
    worker.on('error', (error: unknown) => {
      reason = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', (code) => {
      if (slot.worker === worker) this.#lost(slot, reason ?? new Error(`the thread ended with code ${String(code)}`));
    });
    return worker;
  }

  /**
   * Watches over a thread with a fast kernel that has work: code for a processor is made while it runs, and that was seen to hang. Only
   * looks in a row count, so that a computer that slept, or a busy main thread, is not taken for a silent worker.
   */
  #watch(slot: Slot): void {
    if (slot.look !== undefined || slot.worker === undefined || slot.plain || slot.ended >= slot.sent) return;
    slot.look = this.#clock.setTimeout(() => {
      slot.look = undefined;
      slot.silences += 1;
      if (slot.silences < MINING_LIMITS.silences) this.#watch(slot);
      else this.#silent(slot);
    }, MINING_LIMITS.silenceMs);
  }

  #unwatch(slot: Slot): void {
    this.#clock.clearTimeout(slot.look);
    slot.look = undefined;
    slot.silences = 0;
  }

  /** A thread does not answer: another one with the plain kernel takes its place. */
  #silent(slot: Slot): void {
    const worker = slot.worker;
    this.#logger.warn('a mining thread does not answer, the plain kernel takes over', { index: slot.index, kernel: slot.kernel });
    this.#drop(slot);
    // Should it not even end, it does not keep the program from ending.
    worker?.unref();
    worker?.terminate().catch((error: unknown) => {
      this.#logger.warn('a silent mining thread did not end', { index: slot.index, error });
    });
    if (!this.#closed && this.#order !== undefined) this.#replace(slot, this.#order);
    this.#settle();
  }

  /** Another thread takes over, or the search fails. */
  #replace(slot: Slot, order: SearchOrder): void {
    try {
      this.#send(slot, order);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #fail(error: Error): void {
    this.#want();
    this.#order = undefined;
    this.emit('failed', error);
  }

  /** Forgets the thread of a slot. The next one there uses the plain kernel. */
  #drop(slot: Slot): void {
    this.#unwatch(slot);
    slot.worker = undefined;
    slot.kernel = undefined;
    slot.ended = slot.sent;
    slot.plain = true;
  }

  #reported(slot: Slot, report: WorkerReport): void {
    if (report.type === 'ready') {
      slot.kernel = report.kernel;
      return;
    }
    if (report.type === 'progress') {
      this.emit('progress', report.search, report.hashes, report.best);
      return;
    }
    slot.ended += 1;
    // Reports of a search that is over are dropped: its template is stale.
    if (report.search === this.#search && this.#order !== undefined) {
      if (report.reason === 'found') this.emit('found', report.search, report.nonce);
      if (report.reason === 'exhausted') {
        slot.exhausted = report.search;
        if (this.#slots.every((other) => other.exhausted === report.search)) this.emit('exhausted', report.search);
      }
    }
    this.#settle();
  }

  /** A thread ended by itself: another one takes its place in the search, or the search fails. */
  #lost(slot: Slot, error: Error): void {
    this.#logger.warn('a mining thread ended', { index: slot.index, error });
    this.#drop(slot);
    if (!this.#closed && this.#order !== undefined) {
      if (this.#restartsLeft > 0) {
        this.#restartsLeft -= 1;
        this.#replace(slot, this.#order);
      } else {
        this.#fail(error);
      }
    }
    this.#settle();
  }

  #settle(): void {
    const over = ({ ends }: { ends: number[] }): boolean => this.#slots.every((slot, index) => slot.ended >= (ends[index] ?? 0));
    const done = this.#waiters.filter(over);
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve();
  }
}

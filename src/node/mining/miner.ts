import type { MiningState } from '../../shared/events.ts';
import { ApiError, type MineJob } from '../../shared/node-api.ts';
import type { AddBlockResult, ChainView } from '../chain/types.ts';
import { expectedHashes, leadingZeroBits, requiredZeroBits } from '../consensus/target.ts';
import type { Block } from '../primitives/block.ts';
import { encodeHeader } from '../primitives/header.ts';
import { previewData, type DataTransaction } from '../primitives/transaction.ts';
import { bigIntToBytesLE, displayHash } from '../util/bytes.ts';
import type { Clock } from '../util/clock.ts';
import { Emitter } from '../util/emitter.ts';
import type { Logger } from '../util/logger.ts';
import { makeJob, sentence, stoppedError, type Job, type Outcome, type Running, type TimerName } from './job.ts';
import { compareHashes } from './kernel.ts';
import { MINING_LIMITS } from './limits.ts';
import { RateMeter } from './rate-meter.ts';
import { buildTemplate } from './template.ts';
import type { BlockTemplate } from './types.ts';
import type { SearchPool } from './worker-pool.ts';

export interface MinerOptions {
  /** 16 bytes that name this node in its coinbases. */
  minerId: Uint8Array;
  minerName: string;
}

export interface MinerModules {
  chain: Pick<ChainView, 'tip' | 'nextBits' | 'medianTimePast'>;
  /** Pending transactions for a template, as `Mempool.select`. */
  select: (maxBytes: number) => DataTransaction[];
  /** The one door for a found block: `Chain.addBlock`. */
  submit: (block: Block) => Promise<AddBlockResult>;
  pool: SearchPool;
  clock: Clock;
  logger: Logger;
}

export interface MinerEvents {
  state: [state: MiningState];
}

/**
 * Mines one block after the other: a job at a time, the others in a bounded queue. A job lives through any number of templates: a rival's block,
 * new transactions and time renew it, and the search goes on with the new one.
 */
export class Miner extends Emitter<MinerEvents> {
  readonly #options: MinerOptions;
  readonly #modules: MinerModules;
  readonly #meter = new RateMeter();
  readonly #queue: Job[] = [];
  readonly #unsubscribe: (() => void)[];
  #running: Running | undefined;
  #lastId = 0;
  #last: MiningState['lastResult'];
  #closed = false;

  constructor(options: MinerOptions, modules: MinerModules) {
    super((error) => {
      modules.logger.error('a listener of the miner failed', { error });
    });
    this.#options = options;
    this.#modules = modules;
    const { pool } = modules;
    this.#unsubscribe = [
      pool.on('progress', (_search, hashes, best) => {
        this.#progress(hashes, best);
      }),
      pool.on('found', (search, nonce) => {
        this.#found(search, nonce);
      }),
      pool.on('exhausted', (search) => {
        if (this.#running?.search === search) this.#renew(this.#running, 'exhausted');
      }),
      pool.on('failed', (error) => {
        if (this.#running !== undefined) this.#end(this.#running, { outcome: 'failed', message: threadsFailed(error) });
      }),
    ];
  }

  /**
   * Queues a job; it starts at once when nothing else is mined.
   * @param dataText JSON text that the caller has checked (`checkDataText`)
   * @throws ApiError `mining-queue-full`, `node-closing`
   */
  mine(dataText: string): MineJob {
    if (this.#closed) throw new ApiError({ code: 'node-closing', message: 'This node is closing. Start it again to mine.' });
    if (this.#queue.length >= MINING_LIMITS.queue) {
      throw new ApiError({
        code: 'mining-queue-full',
        message: `${String(MINING_LIMITS.queue)} blocks wait to be mined already. Wait until one is found.`,
        expected: `at most ${String(MINING_LIMITS.queue)} waiting`,
        got: String(this.#queue.length + 1),
      });
    }
    const job = makeJob((this.#lastId += 1), dataText);
    this.#queue.push(job);
    if (this.#running === undefined) this.#startNext();
    else this.#emitState();
    return { jobId: job.id, done: job.done };
  }

  /** Stops the job named, or without a name all of them. Resolves with whether there was one, after the threads stopped. */
  async stop(jobId?: number): Promise<boolean> {
    const dropped = this.#queue.filter((job) => jobId === undefined || job.id === jobId);
    for (const job of dropped) {
      this.#queue.splice(this.#queue.indexOf(job), 1);
      job.reject(stoppedError());
    }
    const running = this.#running;
    if (running === undefined || (jobId !== undefined && running.job.id !== jobId)) {
      if (dropped.length > 0) this.#emitState();
      return dropped.length > 0;
    }
    running.dropped += dropped.length;
    if (running.submitting && !running.timers.has('submit')) {
      // The block is being stored: it cannot be called back, so the job ends with it.
      running.stopping = true;
      await running.job.done.catch(() => undefined);
      return true;
    }
    const halted = this.#modules.pool.halt();
    this.#end(running, { outcome: 'stopped' });
    await halted;
    return true;
  }

  /** To be called when the chain has a new tip. */
  tipChanged(): void {
    const running = this.#running;
    if (running === undefined) {
      this.#emitState();
      return;
    }
    if (running.submitting && !running.timers.has('submit')) running.tipMoved = true;
    else this.#renew(running, 'tip');
  }

  /** To be called when a transaction came into the mempool, or left it. */
  mempoolChanged(): void {
    const running = this.#running;
    if (running === undefined || running.submitting || running.timers.has('mempool')) return;
    const wait = Math.max(0, running.templateAt + MINING_LIMITS.mempoolRenewMs - this.#modules.clock.monotonic());
    this.#timer(running, 'mempool', wait, () => {
      if (!running.submitting) this.#renew(running, 'mempool');
    });
  }

  state(): MiningState {
    const running = this.#running;
    const { chain } = this.#modules;
    const bits = running?.template.header.bits ?? chain.nextBits(chain.tip);
    return {
      status: running === undefined ? 'idle' : 'mining',
      jobId: running?.job.id ?? this.#lastId,
      height: running?.template.height ?? chain.tip.height + 1,
      dataPreview: running === undefined ? '' : previewData(running.job.dataText).text,
      workers: this.#modules.pool.size,
      ...(this.#modules.pool.kernel === undefined ? {} : { kernel: this.#modules.pool.kernel }),
      hashes: running?.hashes ?? 0,
      hashRate: running === undefined ? 0 : this.#meter.rate,
      rateHistory: this.#meter.history,
      expectedHashes: expectedHashes(bits),
      requiredZeroBits: requiredZeroBits(bits),
      ...(running?.best === undefined ? {} : { bestHash: displayHash(running.best) }),
      bestZeroBits: running?.best === undefined ? 0 : leadingZeroBits(running.best),
      ...(running === undefined ? {} : { startedAt: running.startedAt }),
      queued: this.#queue.length,
      templateRenewals: running?.renewals ?? 0,
      ...(this.#last === undefined ? {} : { lastResult: this.#last }),
    };
  }

  /** Stops everything and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.stop();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#modules.pool.close();
    this.removeAll();
  }

  #startNext(): void {
    const job = this.#queue.shift();
    if (job === undefined) {
      this.#emitState();
      return;
    }
    const { clock, pool } = this.#modules;
    let template: BlockTemplate;
    try {
      template = this.#template(job, 0n);
    } catch (error) {
      this.#fail(job, error);
      return;
    }
    this.#running = {
      job,
      startedAt: clock.now(),
      template,
      templateAt: clock.monotonic(),
      search: 0,
      extraNonce: 0n,
      hashes: 0,
      best: undefined,
      renewals: 0,
      submitting: false,
      tipMoved: false,
      stopping: false,
      dropped: 0,
      timers: new Map(),
    };
    pool.newJob();
    this.#meter.restart(clock.monotonic());
    const running = this.#running;
    this.#search(running);
    // Ended already, when no thread could be started.
    if (this.#running !== running) return;
    this.#tick(running);
    this.#emitState();
  }

  /** Four times a second while a job runs: measures the rate and tells the state. */
  #tick(running: Running): void {
    if (this.#modules.pool.silent === true) return;
    this.#timer(running, 'state', MINING_LIMITS.progressMs, () => {
      this.#meter.sample(this.#modules.clock.monotonic(), running.hashes);
      this.#emitState();
      this.#tick(running);
    });
  }

  #template(job: Job, extraNonce: bigint): BlockTemplate {
    const { chain, select, clock } = this.#modules;
    const { minerId, minerName } = this.#options;
    return buildTemplate({ chain, select, minerId, minerName, dataText: job.dataText, extraNonce, now: clock.now() });
  }

  #search(running: Running): void {
    const { header, target } = running.template;
    try {
      running.search = this.#modules.pool.search(encodeHeader(header), bigIntToBytesLE(target, 32));
    } catch (error) {
      this.#modules.logger.error('the mining threads could not be started', { error });
      this.#end(running, { outcome: 'failed', message: threadsFailed(error) });
      return;
    }
    this.#timer(running, 'age', MINING_LIMITS.templateMaxAgeMs, () => {
      if (!running.submitting) this.#renew(running, 'age');
    });
  }

  #renew(running: Running, reason: 'tip' | 'mempool' | 'age' | 'exhausted'): void {
    running.submitting = false;
    running.tipMoved = false;
    this.#clearTimer(running, 'submit');
    let template: BlockTemplate;
    try {
      template = this.#template(running.job, running.extraNonce + 1n);
    } catch (error) {
      this.#end(running, { outcome: 'failed', message: sentence(error) });
      return;
    }
    if (reason === 'mempool' && sameTransactions(running.template.block, template.block)) return;
    running.extraNonce += 1n;
    running.template = template;
    running.templateAt = this.#modules.clock.monotonic();
    if (reason === 'tip' || reason === 'mempool') running.renewals += 1;
    this.#search(running);
    if (reason === 'tip') this.#emitState();
  }

  #progress(hashes: number, best: Uint8Array | undefined): void {
    const running = this.#running;
    if (running === undefined) return;
    running.hashes += hashes;
    if (best !== undefined && (running.best === undefined || compareHashes(best, running.best) < 0)) running.best = best;
  }

  #found(search: number, nonce: number): void {
    const running = this.#running;
    // Work for a template that is no longer wanted is dropped here.
    if (running === undefined || running.search !== search || running.submitting) return;
    void this.#modules.pool.halt();
    const { block, header } = running.template;
    running.submitting = true;
    void this.#submit(running, { header: { ...header, nonce }, transactions: block.transactions });
  }

  async #submit(running: Running, block: Block): Promise<void> {
    this.#clearTimer(running, 'submit');
    let result: AddBlockResult;
    try {
      result = await this.#modules.submit(block);
    } catch (error) {
      this.#notStored(running, block, error);
      return;
    }
    if (this.#running !== running) return;
    switch (result.status) {
      case 'connected':
      case 'duplicate':
        this.#end(running, { outcome: 'found', block: { jobId: running.job.id, hash: result.entry.hash, height: result.entry.height } });
        return;
      case 'side':
        // A rival's block came first. The data is not on the active chain yet, so the work goes on.
        if (running.stopping) this.#end(running, { outcome: 'stopped' });
        else this.#renew(running, 'tip');
        return;
      case 'orphan':
        this.#end(running, { outcome: 'failed', message: 'The block below the mined one is gone. Mine again.' });
        return;
      case 'invalid':
        this.#end(running, { outcome: 'failed', message: `This node refused its own block: ${result.error.message}. Mine again.` });
    }
  }

  /** The store could not take the block (disk full, folder gone): nothing was announced; it is offered again until there is room. */
  #notStored(running: Running, block: Block, error: unknown): void {
    if (this.#running !== running) return;
    this.#modules.logger.error('a mined block could not be stored', { error });
    if (running.stopping || this.#closed) {
      this.#end(running, { outcome: 'stopped' });
      return;
    }
    if (running.tipMoved) {
      this.#renew(running, 'tip');
      return;
    }
    this.#timer(running, 'submit', MINING_LIMITS.submitRetryMs, () => {
      void this.#submit(running, block);
    });
  }

  #end(running: Running, result: Outcome): void {
    if (this.#running !== running) return;
    const { job } = running;
    const dropped = running.dropped === 0 ? {} : { dropped: running.dropped };
    for (const name of [...running.timers.keys()]) this.#clearTimer(running, name);
    this.#running = undefined;
    void this.#modules.pool.halt();
    if (result.outcome === 'found') {
      this.#last = { jobId: job.id, outcome: 'found', hashes: running.hashes, hash: result.block.hash, height: result.block.height, ...dropped };
      job.resolve(result.block);
    } else if (result.outcome === 'stopped') {
      this.#last = { jobId: job.id, outcome: 'stopped', hashes: running.hashes, ...dropped };
      job.reject(stoppedError());
    } else {
      this.#last = { jobId: job.id, outcome: 'failed', hashes: running.hashes, message: result.message, ...dropped };
      job.reject(new ApiError({ code: 'mining-failed', message: result.message }));
    }
    this.#startNext();
  }

  /** A job that could not even start. */
  #fail(job: Job, error: unknown): void {
    const message = sentence(error);
    this.#last = { jobId: job.id, outcome: 'failed', message };
    job.reject(new ApiError({ code: 'mining-failed', message }));
    this.#startNext();
  }

  #timer(running: Running, name: TimerName, ms: number, act: () => void): void {
    this.#clearTimer(running, name);
    running.timers.set(
      name,
      this.#modules.clock.setTimeout(() => {
        running.timers.delete(name);
        if (this.#running === running) act();
      }, ms),
    );
  }

  #clearTimer(running: Running, name: TimerName): void {
    this.#modules.clock.clearTimeout(running.timers.get(name));
    running.timers.delete(name);
  }

  #emitState(): void {
    // Made for who listens: it carries the rates of a minute.
    if (!this.#closed && this.listenerCount('state') > 0) this.emit('state', this.state());
  }
}

function threadsFailed(error: unknown): string {
  return `The mining threads stopped working (${error instanceof Error ? error.message : String(error)}). Mine again, or restart Chainscope.`;
}

/** Whether two blocks carry the same transactions, the coinbase aside. The mempool hands out the same objects each time. */
function sameTransactions(a: Block, b: Block): boolean {
  return a.transactions.length === b.transactions.length && a.transactions.every((transaction, index) => index === 0 || transaction === b.transactions[index]);
}

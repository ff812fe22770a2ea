/** Mining by luck: the time until a hash is found is drawn, and only then is the (easy) nonce looked for. */
import { HEADER_BYTES } from '../../src/node/primitives/header.ts';
import { PlainKernel } from '../../src/node/mining/kernel.ts';
import type { SearchPool, SearchPoolEvents } from '../../src/node/mining/worker-pool.ts';
import type { Clock, TimerHandle } from '../../src/node/util/clock.ts';
import { Emitter } from '../../src/node/util/emitter.ts';
import type { Random } from '../../src/node/util/random.ts';

/** Nonces tried for a block whose turn has come: on `regtest` every second one does. */
const NONCES = 256;

/**
 * Stands where the mining threads stand. Finding a block is a Poisson process: the wait is exponential with the mean given, whatever was tried
 * before, so a search that begins anew is no worse off.
 */
export class LuckPool extends Emitter<SearchPoolEvents> implements SearchPool {
  readonly size = 1;
  readonly kernel = 'luck';
  readonly silent = true;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Mean time to find a block, ms. */
  readonly #mean: number;
  readonly #plain = new PlainKernel();
  #search = 0;
  #timer: TimerHandle | undefined;

  constructor(mean: number, modules: { clock: Clock; random: Random }) {
    super();
    this.#mean = mean;
    this.#clock = modules.clock;
    this.#random = modules.random;
  }

  newJob(): void {
    // No thread can crash here.
  }

  search(header: Uint8Array, target: Uint8Array): number {
    this.#stop();
    const search = (this.#search += 1);
    const work = header.slice(0, HEADER_BYTES);
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#timer = undefined;
        const start = this.#random.uint32() % 0x8000_0000;
        const { nonce } = this.#plain.search(work, target, start, NONCES);
        if (nonce < 0) this.emit('exhausted', search);
        else this.emit('found', search, nonce);
      },
      -Math.log(1 - this.#random.float()) * this.#mean,
    );
    return search;
  }

  halt(): Promise<void> {
    this.#stop();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#stop();
    this.removeAll();
    return Promise.resolve();
  }

  #stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

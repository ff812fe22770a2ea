import fc from 'fast-check';
import type { Random } from '../../src/node/util/random.ts';
import { isText, mutate } from './mutate.ts';

/** One decoder with the properties that hold for every input. */
export interface Target {
  readonly name: string;
  /** Longer inputs are cut: most faults need few bytes, and short inputs run more often. */
  readonly maxBytes: number;
  /** One run may take so long. */
  readonly maxMs: number;
  /** Valid ones of each kind, always the same. */
  seeds(): Uint8Array[];
  /** Inputs that have the right structure more often than chance gives. */
  readonly arbitrary: fc.Arbitrary<Uint8Array>;
  /** Words of the input's language, for texts. */
  readonly words?: readonly string[];
  /**
   * Decodes, and checks what came out. Returns the outcome in a few words, the same for inputs that took the same way: an input with a new
   * outcome is worth keeping. Begins with `ok` when the input was accepted. Throws when a property does not hold.
   */
  run(input: Uint8Array): string | Promise<string>;
}

export interface Finding {
  readonly input: Uint8Array;
  readonly kind: 'property' | 'slow' | 'memory';
  readonly message: string;
}

/** Bytes that one run may leave behind, or hold at its end. */
export const MAX_RUN_BYTES = 64 * 1024 * 1024;
/** Every so many runs memory is looked at. */
const MEMORY_EVERY = 256;
const POOL_SIZE = 1_000;
const ARBITRARY_BATCH = 64;
/** Runs that the search for a smaller input may take. */
const MINIMISE_RUNS = 1_000;

/** Mutates what led to new outcomes before. With the same random numbers and seeds it does the same again. */
export class Fuzzer {
  readonly #target: Target;
  readonly #random: Random;
  readonly #pool: Uint8Array[] = [];
  readonly #outcomes = new Set<string>();
  #fresh: Uint8Array[] = [];
  executions = 0;
  accepted = 0;
  /** Inputs that were the first to end as they did. */
  readonly interesting: Uint8Array[] = [];

  constructor(target: Target, random: Random, corpus: readonly Uint8Array[]) {
    this.#target = target;
    this.#random = random;
    this.#pool.push(...target.seeds(), ...corpus);
    if (this.#pool.length === 0) this.#pool.push(new Uint8Array(0));
  }

  get outcomes(): number {
    return this.#outcomes.size;
  }

  /** Runs what is in the pool once, so that only what is new counts as new. */
  async prime(): Promise<Finding | undefined> {
    for (const input of [...this.#pool]) {
      const finding = await this.execute(input);
      if (finding !== undefined) return finding;
    }
    this.interesting.length = 0;
    return undefined;
  }

  async step(): Promise<Finding | undefined> {
    const finding = await this.execute(this.#next());
    return finding === undefined ? undefined : this.#minimise(finding);
  }

  /** Runs one input; whether it is kept is decided by its outcome. */
  async execute(input: Uint8Array): Promise<Finding | undefined> {
    this.executions++;
    const watch = this.executions % MEMORY_EVERY === 0 ? process.memoryUsage() : undefined;
    const startedAt = performance.now();
    let outcome: string;
    try {
      const result = this.#target.run(input);
      outcome = typeof result === 'string' ? result : await result;
    } catch (error) {
      return { input, kind: 'property', message: describe(error) };
    }
    const ms = performance.now() - startedAt;
    if (ms > this.#target.maxMs && (await this.#fastest(input)) > this.#target.maxMs) {
      return { input, kind: 'slow', message: `a run takes ${ms.toFixed(0)} ms, at most ${String(this.#target.maxMs)} allowed` };
    }
    if (watch !== undefined) {
      const now = process.memoryUsage();
      const grown = now.heapUsed + now.external - watch.heapUsed - watch.external;
      if (grown > MAX_RUN_BYTES) return { input, kind: 'memory', message: `a run holds ${String(grown)} bytes, at most ${String(MAX_RUN_BYTES)} allowed` };
    }
    if (outcome.startsWith('ok')) this.accepted++;
    this.#keep(outcome, input);
    return undefined;
  }

  #keep(outcome: string, input: Uint8Array): void {
    if (this.#outcomes.has(outcome)) return;
    this.#outcomes.add(outcome);
    this.interesting.push(input);
    if (this.#pool.length < POOL_SIZE) this.#pool.push(input);
    else this.#pool[this.#random.uint32() % POOL_SIZE] = input;
  }

  #next(): Uint8Array {
    if (this.#random.float() < 0.15) {
      if (this.#fresh.length === 0) this.#fresh = fc.sample(this.#target.arbitrary, { seed: this.#random.uint32() | 0, numRuns: ARBITRARY_BATCH });
      const fresh = this.#fresh.pop();
      if (fresh !== undefined && this.#random.float() < 0.5) return fresh.subarray(0, this.#target.maxBytes);
      if (fresh !== undefined) return mutate(fresh, this.#pool, this.#random, this.#target);
    }
    // Later ones were found by mutation and lead further.
    const at = Math.floor((1 - this.#random.float() ** 2) * this.#pool.length);
    return mutate(this.#pool[Math.min(at, this.#pool.length - 1)] ?? new Uint8Array(0), this.#pool, this.#random, this.#target);
  }

  /** A machine that does other things makes one run slow, not three. */
  async #fastest(input: Uint8Array): Promise<number> {
    let best = Infinity;
    for (let i = 0; i < 3; i++) {
      const startedAt = performance.now();
      await Promise.resolve(this.#target.run(input)).catch(() => undefined);
      best = Math.min(best, performance.now() - startedAt);
    }
    return best;
  }

  /** Cuts out parts as long as the same property breaks. */
  async #minimise(finding: Finding): Promise<Finding> {
    let best = finding;
    if (finding.kind !== 'property') return best;
    const kind = finding.message.split('\n')[0]?.slice(0, 60) ?? '';
    let runs = 0;
    for (let size = best.input.length >> 1; size >= 1; size >>= 1) {
      for (let at = 0; at + size <= best.input.length && runs < MINIMISE_RUNS; ) {
        runs++;
        const input = new Uint8Array(best.input.length - size);
        input.set(best.input.subarray(0, at));
        input.set(best.input.subarray(at + size), at);
        const message = await this.#failure(input);
        if (message?.startsWith(kind) === true) best = { ...best, input, message };
        else at += size;
      }
    }
    return best;
  }

  async #failure(input: Uint8Array): Promise<string | undefined> {
    try {
      await this.#target.run(input);
      return undefined;
    } catch (error) {
      return describe(error);
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
}

/** A property of a target that does not hold. */
export class BrokenProperty extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BrokenProperty';
  }
}

export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new BrokenProperty(what);
}

export { isText };

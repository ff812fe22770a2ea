/** What a process can see of itself while it works. */
import { readFileSync } from 'node:fs';

/** Ms since some moment that is the same for all processes of this computer, since it was started: for times between two of them. */
export function sharedClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export interface MemoryUse {
  /** Bytes in memory, files mapped into it included; of which its own, NaN where the system does not say. */
  rss: number;
  own: number;
}

export function memoryUse(): MemoryUse {
  const kilobytes = statusField('RssAnon');
  return { rss: process.memoryUsage.rss(), own: kilobytes * 1024 };
}

/** A number of Linux's /proc/self/status; NaN elsewhere. */
function statusField(name: string): number {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}

export interface Watched {
  /** The longest time in which nothing else could run, in ms. */
  longestHoldMs: number;
  before: MemoryUse;
  /** The most that was seen. */
  peak: MemoryUse;
  cpuMs: number;
}

const MEMORY_MS = 20;

/** Looks at the event loop and the memory of this process until it is stopped. The loop is asked for a turn every ms. */
export class Watch {
  readonly #before = memoryUse();
  readonly #peak = { ...this.#before };
  readonly #cpu = process.cpuUsage();
  #longest = 0;
  #turnedAt = performance.now();
  #lookedAt = this.#turnedAt;
  readonly #timer = setInterval(() => {
    this.#look();
  }, 1);

  #look(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#turnedAt);
    this.#turnedAt = now;
    if (now - this.#lookedAt < MEMORY_MS) return;
    this.#lookedAt = now;
    this.#remember();
    // Looking takes a moment too, which is not the node's.
    this.#turnedAt = performance.now();
  }

  #remember(): void {
    const { rss, own } = memoryUse();
    this.#peak.rss = Math.max(this.#peak.rss, rss);
    this.#peak.own = Math.max(this.#peak.own, own);
  }

  stop(): Watched {
    this.#look();
    this.#remember();
    clearInterval(this.#timer);
    const { user, system } = process.cpuUsage(this.#cpu);
    return { longestHoldMs: this.#longest, before: this.#before, peak: this.#peak, cpuMs: (user + system) / 1000 };
  }
}

/** What is written down while a simulated network runs: how fast blocks spread, and who found which. */

/** How far a block has spread when its share of the nodes has it. */
export const MARKS = [0.5, 0.9, 0.99, 1] as const;

export interface BlockReport {
  hash: string;
  height: number;
  finder: number;
  /** Virtual ms. */
  foundAt: number;
  /** Ms from found to stored in that share of the nodes that were up and in reach (MARKS); undefined when it never was. */
  reached: (number | undefined)[];
  /** Mean over the miners of the ms until they had it; the finder counts with 0. */
  minerDelay: number;
  /** Nothing was cut off or just healed while it spread, so that its delay says something about the network. */
  undisturbed: boolean;
}

interface Spreading extends BlockReport {
  /** 1 for a node that was up when it was found and has not got it yet. */
  waiting: Uint8Array;
  count: number;
  /** Nodes that were up. */
  audience: number;
  minerSum: number;
  minersSeen: number;
}

/** Blocks whose spreading is followed; older ones have spread, or never will. */
const FOLLOWED = 256;
/** Delays of single nodes, in steps of 10 ms up to a minute. */
const STEP = 10;
/** A block found this long before a cut, or after its end, spread through a whole network, ms. */
const CALM = 60_000;
const STEPS = 6_000;

export class Observer {
  readonly blocks: BlockReport[] = [];
  /** Nodes by how long a block took to reach them. */
  readonly delays = new Float64Array(STEPS + 1);
  readonly #isMiner: (node: number) => boolean;
  readonly #spreading = new Map<string, Spreading>();
  #disturbedAt = -Infinity;

  constructor(isMiner: (node: number) => boolean) {
    this.#isMiner = isMiner;
  }

  /** A partition began or ended. */
  disturbed(at: number): void {
    this.#disturbedAt = at;
    // Older ones have spread, or were lost before it.
    for (const block of this.#spreading.values()) if (at - block.foundAt < CALM) block.undisturbed = false;
  }

  /** The finder stored its block. `up`: 1 for each node that is up; `calm`: nothing is cut off. Nodes that start later catch up, which is no spreading. */
  found(block: { hash: string; height: number; finder: number }, at: number, up: Uint8Array, calm: boolean): void {
    const spreading: Spreading = {
      ...block,
      foundAt: at,
      reached: MARKS.map(() => undefined),
      minerDelay: 0,
      undisturbed: calm && at - this.#disturbedAt > CALM,
      waiting: up.slice(),
      count: 0,
      audience: up.reduce((sum, one) => sum + one, 0),
      minerSum: 0,
      minersSeen: 0,
    };
    this.blocks.push(spreading);
    this.#spreading.set(block.hash, spreading);
    this.stored(block.hash, block.finder, at);
    for (const hash of this.#spreading.keys()) {
      if (this.#spreading.size <= FOLLOWED) break;
      this.#forget(hash);
    }
  }

  stored(hash: string, node: number, at: number): void {
    const block = this.#spreading.get(hash);
    if (block === undefined || block.waiting[node] !== 1) return;
    block.waiting[node] = 0;
    block.count += 1;
    const delay = at - block.foundAt;
    if (this.#isMiner(node)) {
      block.minerSum += delay;
      block.minersSeen += 1;
      block.minerDelay = block.minerSum / block.minersSeen;
    }
    if (block.undisturbed && node !== block.finder) {
      const step = Math.min(STEPS, Math.floor(delay / STEP));
      this.delays[step] = (this.delays[step] ?? 0) + 1;
    }
    MARKS.forEach((mark, i) => {
      if (block.reached[i] === undefined && block.count >= Math.ceil(mark * block.audience)) block.reached[i] = delay;
    });
  }

  /** Ms within which this part of all (block, node) pairs was reached. */
  delayAt(part: number): number {
    const total = this.delays.reduce((sum, count) => sum + count, 0);
    let sum = 0;
    for (let step = 0; step <= STEPS; step++) {
      sum += this.delays[step] ?? 0;
      if (sum >= part * total) return (step + 1) * STEP;
    }
    return Infinity;
  }

  /** Points of f(t): ms, and the part of all (block, node) pairs that were reached by then. */
  curve(): { ms: number; part: number }[] {
    const total = this.delays.reduce((sum, count) => sum + count, 0);
    const points: { ms: number; part: number }[] = [{ ms: 0, part: 0 }];
    let sum = 0;
    for (let step = 0; step <= STEPS && total > 0; step++) {
      const count = this.delays[step] ?? 0;
      if (count === 0) continue;
      sum += count;
      points.push({ ms: (step + 1) * STEP, part: sum / total });
    }
    return points;
  }

  #forget(hash: string): void {
    const block = this.#spreading.get(hash);
    this.#spreading.delete(hash);
    if (block !== undefined) block.waiting = new Uint8Array(0);
  }
}

/**
 * A whole network in one process: nodes, a map, miners, nodes that come and go, partitions. One seed makes one run, event for event.
 * Every step is checked; a run that breaks a promise ends with `Violation`, which names the seed.
 */
import { createHash } from 'node:crypto';
import { VirtualClock } from '../../src/node/util/clock.ts';
import { seededRandom, type Random } from '../../src/node/util/random.ts';
import { SimNetwork, type NetworkModel } from './network.ts';
import { Observer } from './observer.ts';
import { settling } from './settling.ts';
import { SharedBytes } from './shared-store.ts';
import { SimNode } from './sim-node.ts';

export interface WorldOptions {
  seed: number;
  nodes: number;
  /** Connections that each node dials; with those that dial it, a node has about twice as many. */
  dials: number;
  /** Nodes that mine, all with the same hash rate. */
  miners: number;
  /** Mean ms between two blocks of the whole network. */
  interval: number;
  network: NetworkModel;
  /** Mean ms that a node stays up, and down; undefined: none ever stops. Half of the stops are crashes. */
  churn?: { up: number; down: number };
  /** Mean ms between two partitions, and how long one lasts; undefined: there are none. */
  partitions?: { every: number; last: number };
}

export class Violation extends Error {
  readonly seed: number;

  constructor(seed: number, at: number, what: string) {
    super(`after ${(at / 1000).toFixed(3)} simulated seconds: ${what}. Seed ${String(seed)} with the same options repeats it.`);
    this.name = 'Violation';
    this.seed = seed;
  }
}

/** A node that has been up for this long is expected to agree with the others, ms. */
const SETTLED = 90_000;
/** Nodes that reach each other may follow different work for at most this long, ms: twice the longest wait before a redial. */
const AGREE_WITHIN = 120_000;

export class World {
  readonly clock = new VirtualClock();
  readonly network: SimNetwork;
  readonly observer: Observer;
  readonly nodes: SimNode[] = [];
  /** From the end of each partition to one chain everywhere, ms. */
  readonly heals: number[] = [];
  crashes = 0;
  stops = 0;
  events = 0;
  readonly #options: WorldOptions;
  readonly #random: Random;
  /** When each node started, virtual ms; undefined while it is down. */
  readonly #upSince: (number | undefined)[];
  /** Work of each node's tip, kept over a restart. */
  readonly #work: bigint[];
  /** Blocks whose finder was told that they are stored. */
  readonly #acknowledged: { hash: string; finder: number }[] = [];
  readonly #trace = createHash('sha256');
  #disagreeSince: number | undefined;
  #cut = false;
  #healedAt: number | undefined;
  #quiet = false;
  #violation: Violation | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.network = new SimNetwork(options.network, this.clock, seededRandom(this.#random.uint32()));
    this.#upSince = Array.from({ length: options.nodes }, () => undefined);
    this.#work = Array.from({ length: options.nodes }, () => 0n);
    const shared = { bodies: new SharedBytes(), headers: new SharedBytes() };
    const miners = Math.min(options.miners, options.nodes);
    for (let index = 0; index < options.nodes; index++) {
      this.nodes.push(
        new SimNode(
          { index, dials: this.#neighbours(index), seed: this.#random.uint32(), meanToBlock: index < miners ? options.interval * miners : Infinity },
          { network: this.network, clock: this.clock, shared, hooks: this.#hooks() },
        ),
      );
    }
    this.observer = new Observer((node) => node < miners);
  }

  /** Virtual ms since the beginning. */
  get now(): number {
    return this.clock.monotonic();
  }

  /** A number that is the same for two runs exactly when the same blocks were found and stored at the same times. */
  get digest(): string {
    return this.#trace.copy().digest('hex');
  }

  /** Starts every node, then mining, churn and partitions. */
  async begin(): Promise<void> {
    // Within ten seconds, not in one instant: a real network does not start at a bell.
    for (const node of this.nodes) this.clock.setTimeout(() => void this.#start(node), this.#random.float() * 10_000);
    await this.run(30_000);
    for (const node of this.nodes) node.startMining();
    const { churn, partitions } = this.#options;
    if (churn !== undefined) for (const node of this.nodes) this.#planStop(node, churn);
    if (partitions !== undefined) this.#planPartition(partitions);
  }

  /** Lets so many virtual ms pass. Throws Violation. */
  async run(ms: number): Promise<void> {
    const end = this.now + ms;
    await settling(() => {
      if (this.#violation !== undefined) throw this.#violation;
      if (this.#disagreeSince !== undefined && this.now - this.#disagreeSince > AGREE_WITHIN) {
        throw this.#broken(`nodes that reach each other have followed different work for ${String(AGREE_WITHIN / 1000)} s`);
      }
      if (this.clock.step(end) === 'idle') return false;
      this.events += 1;
      return true;
    });
    if (this.#violation !== undefined) throw this.#violation;
  }

  /**
   * The end of a run: nobody mines, comes, goes or is cut off any more. All nodes must agree within two minutes, and each must still have
   * what it was told is stored. Throws Violation.
   */
  async finish(): Promise<void> {
    this.#quiet = true;
    for (const node of this.nodes) node.stopMining();
    if (this.#cut) this.#heal();
    for (const node of this.nodes) if (!node.up) void this.#start(node);
    const deadline = this.now + SETTLED + AGREE_WITHIN;
    do await this.run(1_000);
    while (this.now < deadline && !this.#allAgree());
    if (!this.#allAgree()) throw this.#broken('the network did not come to one chain after everything had healed');
    for (const { hash, finder } of this.#acknowledged) {
      const { chain } = (this.nodes[finder] as SimNode).parts;
      const entry = chain.getEntry(hash);
      if (entry?.hasBlock !== true) throw this.#broken(`block ${hash} was acknowledged by node ${String(finder)} and is gone`);
      if (!chain.isActive(entry) && entry.chainwork > chain.tip.chainwork) throw this.#broken(`block ${hash} has more work than the tip and is not on the chain`);
    }
  }

  async close(): Promise<void> {
    const closing = Promise.all(this.nodes.map((node) => node.stop(true)));
    // Closing waits on the virtual clock here and there.
    const end = this.now + 20_000;
    await settling(() => this.clock.step(end) !== 'idle');
    await closing;
  }

  #allAgree(): boolean {
    const up = this.nodes.filter((node) => node.up);
    const work = this.#work[up[0]?.index ?? 0];
    return up.length === this.nodes.length && up.every((node) => this.#work[node.index] === work);
  }

  #hooks(): ConstructorParameters<typeof SimNode>[1]['hooks'] {
    return {
      stored: (node, hash) => {
        this.#trace.update(`${String(this.now)} ${String(node.index)} ${hash}\n`);
        this.observer.stored(hash, node.index, this.now);
      },
      tip: (node, tip) => {
        this.#work[node.index] = tip.chainwork;
        this.#checkAgreement();
      },
      found: (node, hash, height) => {
        this.#acknowledged.push({ hash, finder: node.index });
        this.observer.found({ hash, height, finder: node.index }, this.now, Uint8Array.from(this.nodes, (other) => (other.up ? 1 : 0)), !this.#cut);
      },
      broken: (node, what) => {
        this.#violation ??= this.#broken(`node ${String(node.index)}: ${what}`);
      },
    };
  }

  #broken(what: string): Violation {
    return new Violation(this.#options.seed, this.now, what);
  }

  /** Nodes that have been up long enough follow the same work, or have disagreed since when. */
  #checkAgreement(): void {
    if (this.#cut) {
      this.#disagreeSince = undefined;
      return;
    }
    let work: bigint | undefined;
    for (let i = 0; i < this.#work.length; i++) {
      const since = this.#upSince[i];
      if (since === undefined || this.now - since < SETTLED) continue;
      work ??= this.#work[i];
      if (work === this.#work[i]) continue;
      this.#disagreeSince ??= this.now;
      return;
    }
    this.#disagreeSince = undefined;
    if (this.#healedAt !== undefined) {
      this.heals.push(this.now - this.#healedAt);
      this.#healedAt = undefined;
    }
  }

  async #start(node: SimNode): Promise<void> {
    await node.start();
    const { tip } = node.parts.chain;
    const before = this.#work[node.index] ?? 0n;
    if (tip.chainwork < before) this.#violation ??= this.#broken(`node ${String(node.index)} came back with less work than it had`);
    this.#work[node.index] = tip.chainwork;
    this.#upSince[node.index] = this.now;
  }

  #planStop(node: SimNode, churn: { up: number; down: number }): void {
    this.clock.setTimeout(() => {
      if (this.#quiet) return;
      const crash = this.#random.float() < 0.5;
      if (crash) this.crashes += 1;
      this.stops += 1;
      this.#upSince[node.index] = undefined;
      void node.stop(crash);
      this.clock.setTimeout(() => {
        if (this.#quiet && node.up) return;
        void this.#start(node);
        this.#planStop(node, churn);
      }, 1_000 + this.#exponential(churn.down));
    }, this.#exponential(churn.up));
  }

  #planPartition(partitions: { every: number; last: number }): void {
    this.clock.setTimeout(() => {
      if (this.#quiet) return;
      this.#cut = true;
      this.#disagreeSince = undefined;
      this.#healedAt = undefined;
      this.observer.disturbed(this.now);
      // A part of 10 to 50 % of the nodes, drawn anew each time.
      const share = 0.1 + 0.4 * this.#random.float();
      const groups = new Map(this.nodes.map((node) => [node.host, this.#random.float() < share ? 1 : 0]));
      this.network.partition((host) => groups.get(host) ?? 0);
      this.clock.setTimeout(() => {
        if (this.#cut) this.#heal();
        this.#planPartition(partitions);
      }, partitions.last);
    }, this.#exponential(partitions.every));
  }

  #heal(): void {
    this.#cut = false;
    this.network.heal();
    this.observer.disturbed(this.now);
    this.#healedAt = this.now;
    this.#checkAgreement();
  }

  #exponential(mean: number): number {
    return -Math.log(1 - this.#random.float()) * mean;
  }

  /** Distinct nodes other than itself; the first is the one before it, so that the network is one piece. */
  #neighbours(index: number): number[] {
    const { nodes, dials } = this.#options;
    const chosen = new Set<number>(index === 0 ? [] : [index - 1]);
    while (chosen.size < Math.min(dials, nodes - 1)) {
      const other = Math.floor(this.#random.float() * nodes);
      if (other !== index) chosen.add(other);
    }
    return [...chosen];
  }
}

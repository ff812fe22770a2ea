/**
 * SOAK-01 in full length: nodes in processes of their own, on one fast clock, with blocks, kills and cuts at random. In the end one tip; and the memory of the
 * nodes that were never killed, sampled after full collections, as a slope.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../../../bench/lib/mining.ts';
import { Link } from '../../helpers/link.ts';
import { bound } from '../folder.ts';
import type { Answer, ChildSettings, Question, Ready } from './messages.ts';

export interface NetworkOptions {
  seed: number;
  nodes: number;
  /** The first of them that are never killed: their memory is what counts. */
  steady: number;
  minutes: number;
  speed: number;
  /** Blocks that all have before it begins, so that what is bounded has come to its bound. */
  height: number;
  /** Real ms between two things that happen. */
  every: number;
  /** The script of a node. */
  script: string;
  folder: string;
  /** Where heap snapshots of node 0 go (minutes 5, 20 and 60); undefined: none is written. */
  snapshots?: string;
  say: (line: string) => void;
}

export interface Sample {
  node: number;
  /** Real ms since the beginning. */
  at: number;
  /** Blocks that the node knows, side branches included. */
  blocks: number;
  rss: number;
  used: number;
}

export interface NetworkResult {
  samples: Sample[];
  blocks: number;
  kills: number;
  closes: number;
  cuts: number;
  /** Real ms from the last mending to one tip. */
  agreed: number;
  height: number;
  minutes: number;
}

const SAMPLE_EVERY = 60_000;
/** Mining and resting take turns, so that what time costs and what a block costs can be told apart. Real ms. */
const PHASE = 7 * 60_000;
const ANSWER_WITHIN = 300_000;

class NodeProcess {
  readonly name: string;
  port = 0;
  http = 0;
  readonly peers: string[] = [];
  /** The last block that it said it has mined, or had as its tip before a polite end. */
  promised: string | undefined;
  readonly #options: NetworkOptions;
  readonly #epoch: number;
  readonly #index: number;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #process: ChildProcess | undefined;
  #id = 0;

  constructor(index: number, options: NetworkOptions, epoch: number) {
    this.#index = index;
    this.name = `Node ${String(index)}`;
    this.#options = options;
    this.#epoch = epoch;
  }

  async start(): Promise<void> {
    const { folder, script, speed } = this.#options;
    const dataDir = join(folder, String(this.#index));
    await mkdir(dataDir, { recursive: true });
    const settings: ChildSettings = { name: this.name, dataDir, port: this.port, peers: this.peers, speed, epoch: this.#epoch };
    const child = bound(fork(script, [JSON.stringify(settings)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    this.#process = child;
    const ready = await Promise.race([
      once(child, 'message').then(([message]) => message as Ready),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`${this.name} ended with ${String(code)} while it opened`))),
    ]);
    this.port = ready.port;
    this.http = ready.http;
    child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id ?? 0)?.(answer);
    });
  }

  async ask(question: Question extends infer Q ? (Q extends unknown ? Omit<Q, 'id'> : never) : never): Promise<Answer> {
    const id = (this.#id += 1);
    const child = this.#process;
    let timer: NodeJS.Timeout | undefined;
    let ended: ((code: number | null) => void) | undefined;
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      timer = setTimeout(() => reject(new Error(`${this.name} does not answer "${question.do}"`)), ANSWER_WITHIN);
      ended = (code) => reject(new Error(`${this.name} ended with ${String(code)} while it was asked to "${question.do}"`));
      child?.once('exit', ended);
      child?.send({ ...question, id });
    }).finally(() => {
      clearTimeout(timer);
      if (ended !== undefined) child?.off('exit', ended);
      this.#waiting.delete(id);
    });
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`);
    return answer;
  }

  async end(polite: boolean): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    if (polite) await this.ask({ do: 'close' });
    else child.kill('SIGKILL');
    await exit;
    this.#process = undefined;
  }
}

export async function soakNetwork(options: NetworkOptions): Promise<NetworkResult> {
  const { nodes: count, say } = options;
  const random = seeded(options.seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const nodes = Array.from({ length: count }, (_, index) => new NodeProcess(index, options, Date.now()));
  const at = (index: number): NodeProcess => nodes[index] as NodeProcess;
  const wires: Link[] = [];
  try {
    for (const node of nodes) await node.start();
    for (let from = 0; from < count; from++) {
      for (const to of new Set([(from + 1) % count, ...(from % 4 === 0 ? [(from + 5) % count] : [])])) {
        const wire = await Link.to(at(to).port);
        wires.push(wire);
        at(from).peers.push(wire.address);
      }
      await at(from).ask({ do: 'dial', addresses: at(from).peers });
    }
    say(`${String(count)} nodes are open`);
    for (let height = 0; height < options.height; height += 100) await at(0).ask({ do: 'grow', blocks: Math.min(100, options.height - height) });
    await oneTip(nodes, ANSWER_WITHIN);
    say(`all ${String(count)} nodes have ${String(options.height)} blocks`);

    const result: NetworkResult = { samples: [], blocks: 0, kills: 0, closes: 0, cuts: 0, agreed: 0, height: 0, minutes: 0 };
    const cut = new Set<Link>();
    const began = performance.now();
    const end = began + options.minutes * 60_000;
    let sampled = -Infinity;
    let shown = 0;
    if (options.snapshots !== undefined) await mkdir(options.snapshots, { recursive: true });
    while (performance.now() < end) {
      const passed = performance.now() - began;
      if (passed - sampled >= SAMPLE_EVERY) {
        sampled = passed;
        for (const [node, one] of nodes.entries()) {
          const { blocks, rss, used } = await one.ask({ do: 'sample' });
          result.samples.push({ node, at: performance.now() - began, blocks, rss, used });
        }
        const minute = Math.round(passed / 60_000);
        if (options.snapshots !== undefined && (minute === 5 || minute === 20 || minute === 60)) await at(0).ask({ do: 'snapshot', file: join(options.snapshots, `minute-${String(minute)}.heapsnapshot`) });
        if (minute >= shown) {
          shown = minute + 5;
          const last = result.samples.slice(-count).filter(({ node }) => node < options.steady);
          const mean = (value: (sample: Sample) => number): string => (last.reduce((sum, sample) => sum + value(sample), 0) / last.length / 1e6).toFixed(2);
          say(`minute ${String(minute)}: ${String(result.blocks)} blocks, ${String(result.kills)} kills, ${String(result.cuts)} cuts; a steady node has ${mean(({ rss }) => rss)} MB resident, ${mean(({ used }) => used)} MB in use`);
        }
      }
      const what = random();
      if (what < 0.6) {
        if (Math.floor(passed / PHASE) % 2 === 0) {
          const node = at(pick(count));
          const { tip } = await node.ask({ do: 'mine', text: `${node.name} ${'.'.repeat(pick(200))}` });
          node.promised = tip;
          result.blocks += 1;
        }
      } else if (what < 0.75) {
        const wire = wires[pick(wires.length)] as Link;
        if (cut.delete(wire)) wire.mend();
        else {
          if (random() < 0.5) wire.cut();
          else wire.freeze();
          cut.add(wire);
          result.cuts += 1;
        }
      } else if (what < 0.79) {
        const node = at(options.steady + pick(count - options.steady));
        const polite = random() < 0.3;
        const { tip } = await node.ask({ do: 'state' });
        await node.end(polite);
        await node.start();
        for (const hash of [tip, node.promised]) {
          if (hash !== undefined && (await node.ask({ do: 'has', hash })).has !== true) throw new Error(`${node.name} had block ${hash} and lost it when it was ${polite ? 'closed' : 'killed'}`);
        }
        if (polite) result.closes += 1;
        else result.kills += 1;
      } else {
        // Somebody reads.
        const path = ['/status', '/blocks?limit=50', '/peers'][pick(3)] ?? '';
        const reply = await fetch(`http://127.0.0.1:${String(at(pick(count)).http)}${path}`);
        await reply.arrayBuffer();
      }
      await pause(options.every * 2 * random());
    }
    result.minutes = (performance.now() - began) / 60_000;
    for (const wire of wires) wire.mend();
    const mended = performance.now();
    await oneTip(nodes, ANSWER_WITHIN, 'work');
    result.agreed = performance.now() - mended;
    // Two branches of equal work may both stay: the next block decides.
    await at(0).ask({ do: 'mine', text: 'the last' });
    await oneTip(nodes, ANSWER_WITHIN);
    const { height } = await at(0).ask({ do: 'sample' });
    result.height = height;
    return result;
  } finally {
    for (const node of nodes) await node.end(false).catch(() => undefined);
    for (const wire of wires) await wire.close();
  }
}

/** All nodes have the same tip (or the same chainwork). */
async function oneTip(nodes: readonly NodeProcess[], within: number, what: 'tip' | 'work' = 'tip'): Promise<void> {
  for (const deadline = performance.now() + within; ; ) {
    const states = await Promise.all(nodes.map((node) => node.ask({ do: 'state' })));
    if (new Set(states.map((state) => state[what])).size === 1) return;
    if (performance.now() > deadline) throw new Error(`no one ${what} within ${String(within / 1000)} s: heights ${states.map(({ height }) => height).join(' ')}`);
    await pause(250);
  }
}

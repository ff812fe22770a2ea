/** Nodes in a line, each in a process of its own and connected to the one before it. One block more is given to the first. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { REGTEST } from '../../src/node/consensus/params.ts';
import type { SocketCounts } from '../lib/counting-transport.ts';
import type { HostTask } from '../lib/host-protocol.ts';
import { HostedProcess, type Runtimes } from '../lib/hosted.ts';
import { mineBlock } from '../lib/mining.ts';

/** One block's way. Times in ms. */
export interface Hop {
  /** From the moment in which the first node had found it to its being stored there. */
  stored: number;
  /** From the same moment to the state event of the second node. */
  first: number;
  /** The hops: from the first node's own state event to the second's, and from that to the third's. None of tutorials, which tell nobody of a block of their own. */
  hops: number[];
  /** Bytes both ways on the connection of the middle node to the one before it, and to the one behind it, until the next block. NaN where there is none. */
  bytesBefore: number;
  bytesBehind: number;
  /** Messages of the middle node, by type, both ways and of both connections. */
  messages: Record<string, number>;
}

/** Ms without a block between two: neighbours have said all that they say, and no tip waits for another one. */
const PAUSE_MS = 250;
const CHAIN_TRANSACTIONS = 2;

export class Line {
  readonly blocks: number;
  readonly #nodes: HostedProcess[];
  readonly #kind: HostTask['kind'];
  #number = 0x4000_0000;

  private constructor(blocks: number, kind: HostTask['kind'], nodes: HostedProcess[]) {
    this.blocks = blocks;
    this.#kind = kind;
    this.#nodes = nodes;
  }

  /** Three nodes on copies of a chain. Resolves when they are connected. @param folder for the copies */
  static async ofNodes(runtimes: Runtimes, chain: { blocks: number; dataDir: string }, folder: string): Promise<Line> {
    const nodes: HostedProcess[] = [];
    for (const name of ['first', 'middle', 'last']) {
      const dataDir = join(folder, `${name}-${String(chain.blocks)}`);
      await cp(chain.dataDir, dataDir, { recursive: true });
      nodes.push(await HostedProcess.start(runtimes, 'node', { kind: 'node', dataDir, counting: true }));
    }
    return Line.#connect(chain.blocks, 'node', nodes);
  }

  /** Two tutorials: they tell nobody of what they were told. */
  static async ofTutorials(runtimes: Runtimes, blocks: number): Promise<Line> {
    const nodes = [await HostedProcess.start(runtimes, 'node', { kind: 'tutorial', blocks }), await HostedProcess.start(runtimes, 'node', { kind: 'tutorial', blocks })];
    return Line.#connect(blocks, 'tutorial', nodes);
  }

  static async #connect(blocks: number, kind: HostTask['kind'], nodes: HostedProcess[]): Promise<Line> {
    for (const [index, node] of nodes.entries()) {
      await node.send<'follow'>({ do: 'follow' });
      const before = nodes[index - 1];
      if (before !== undefined) await node.send<'dial'>({ do: 'dial', peer: before.opened.peers });
    }
    return new Line(blocks, kind, nodes);
  }

  async hop(): Promise<Hop> {
    const [first, middle, last] = this.#nodes;
    if (first === undefined || middle === undefined) throw new Error('a line has two nodes at least');
    const tip = await first.send<'tip'>({ do: 'tip' });
    const made = mineBlock(REGTEST, tip, tip.time + 10, 1, ++this.#number, CHAIN_TRANSACTIONS);
    const hex = Buffer.from(made.bytes).toString('hex');
    const before = await middle.send<'counts'>({ do: 'counts' });
    const found = await first.send<'found'>({ do: 'found', ...(this.#kind === 'node' ? { hex } : {}) });
    const inFirst = this.#kind === 'node' ? await first.whenReached(tip.height + 1) : undefined;
    const inMiddle = await middle.whenReached(tip.height + 1);
    const inLast = await last?.whenReached(tip.height + 1);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const after = await middle.send<'counts'>({ do: 'counts' });
    return {
      stored: found.took,
      first: inMiddle.at - found.at,
      hops: inFirst === undefined || inLast === undefined ? [] : [inMiddle.at - inFirst.at, inLast.at - inMiddle.at],
      ...bytesOf(before, after),
      messages: messagesOf(before, after),
    };
  }

  async close(): Promise<void> {
    for (const node of [...this.#nodes].reverse()) await node.close();
  }
}

/** The middle node dialled the one before it first, then the one behind it dialled in. */
function bytesOf(before: readonly SocketCounts[], after: readonly SocketCounts[]): { bytesBefore: number; bytesBehind: number } {
  const moved = after.map(({ bytesIn, bytesOut }, index) => bytesIn + bytesOut - (before[index]?.bytesIn ?? 0) - (before[index]?.bytesOut ?? 0));
  return { bytesBefore: moved[0] ?? Number.NaN, bytesBehind: moved[1] ?? Number.NaN };
}

function messagesOf(before: readonly SocketCounts[], after: readonly SocketCounts[]): Record<string, number> {
  const messages: Record<string, number> = {};
  for (const [index, socket] of after.entries()) {
    for (const way of ['received', 'sent'] as const) {
      for (const [type, count] of Object.entries(socket[way])) {
        const more = count - (before[index]?.[way][type] ?? 0);
        if (more > 0) messages[`${way} ${type}`] = (messages[`${way} ${type}`] ?? 0) + more;
      }
    }
  }
  return messages;
}

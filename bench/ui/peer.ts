/**
 * Another node, in a process of its own: opens its data directory, mines blocks when it is told to, and then takes so many a second into its chain, from
 * where they go the way of all blocks to its peers. It mines ahead and stands back behind everything else on the machine: in life it has a machine of
 * its own. Speaks JSON lines with the process that started it.
 */
import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { optionsOrExit } from '../../scripts/lib/options.mjs';
import { openNode, parseSettings } from '../../src/node/index.ts';
import { mineBlock, type Made, type Parent } from '../lib/mining.ts';

const { values } = optionsOrExit({ options: { peer: { type: 'string', default: '' } } });
standBack();
const running = await openNode(parseSettings(process.env, []));
await running.api.addPeer(values.peer);
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
say({ open: true });

/** Mined and not in the chain yet. */
let ahead: Made[] = [];

function standBack(): void {
  setPriority(constants.priority.PRIORITY_LOW);
  // Where Linux shares out its time by sessions (sched_autogroup_enabled), precedence counts within one only: the session needs its own.
  try {
    writeFileSync('/proc/self/autogroup', '19');
  } catch {
    // Not Linux, or one without sessions that count.
  }
}

process.stdin.setEncoding('utf8').on('data', (line: string) => {
  const { mine: blocks, send, perSecond } = JSON.parse(line) as { mine?: number; send?: number; perSecond?: number };
  if (blocks !== undefined) {
    mineAhead(blocks);
    say({ mined: ahead.length });
  } else if (send !== undefined && perSecond !== undefined) void spread(ahead.splice(0, send), perSecond).then((seconds) => say({ seconds }));
});
process.stdin.once('end', () => {
  void running.close().then(() => process.exit(0));
});

/** Blocks upon the tip, each a little later than the median of the eleven below it, as the rules want it. */
function mineAhead(blocks: number): void {
  const { chain, params } = running.node.parts;
  const times = Array.from({ length: 11 }, (_, index) => chain.getActive(chain.tip.height - 10 + index)?.time ?? 0);
  let parent: Parent = chain.tip;
  ahead = [];
  for (let index = 0; index < blocks; index += 1) {
    const median = [...times].sort((a, b) => a - b)[5] ?? 0;
    const made = mineBlock(params, parent, Math.max(Math.floor(Date.now() / 1000), median + 1), 1, index);
    times.shift();
    times.push(made.time);
    ahead.push(made);
    parent = made;
  }
}

/** One block after the other, each at its time or as soon as the one before is stored. Resolves with the seconds it took. */
async function spread(blocks: readonly Made[], perSecond: number): Promise<number> {
  const startedAt = performance.now();
  for (const [index, { bytes, height }] of blocks.entries()) {
    const wait = startedAt + (index * 1000) / perSecond - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    const { status } = await running.node.parts.chain.addBlock(bytes, { kind: 'mined' });
    if (status !== 'connected') throw new Error(`block ${String(height)} was not taken: ${status}`);
  }
  return (performance.now() - startedAt) / 1000;
}

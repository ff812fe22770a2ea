/**
 * Another node, in a process of its own: opens its data directory, and mines so many blocks a second when it is told to. Blocks go the way of all
 * mined blocks. Speaks JSON lines with the process that started it.
 */
import { parseArgs } from 'node:util';
import { openNode, parseSettings } from '../../src/node/index.ts';

const { values } = parseArgs({ options: { peer: { type: 'string', default: '' } } });
const running = await openNode(parseSettings(process.env, []));
await running.api.addPeer(values.peer);
process.stdout.write('{"open":true}\n');

process.stdin.setEncoding('utf8').on('data', (line: string) => {
  const { blocks, perSecond } = JSON.parse(line) as { blocks: number; perSecond: number };
  void mine(blocks, perSecond).then((seconds) => {
    process.stdout.write(`${JSON.stringify({ mined: blocks, seconds })}\n`);
  });
});
process.stdin.once('end', () => {
  void running.close().then(() => process.exit(0));
});

/** One block after the other, each at its time or as soon as the one before is stored. Resolves with the seconds it took. */
async function mine(blocks: number, perSecond: number): Promise<number> {
  const startedAt = performance.now();
  for (let index = 0; index < blocks; index += 1) {
    const wait = startedAt + (index * 1000) / perSecond - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    await running.api.mine({ dataText: JSON.stringify({ reading: index, celsius: 20 }) }).done;
  }
  return (performance.now() - startedAt) / 1000;
}

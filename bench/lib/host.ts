/**
 * One node in a process of its own, of Node or of Electron (then it is the main process, with a window open). Takes a `HostTask` as JSON, says `Opened`,
 * then does what it is told, a JSON line for each command; ends when its input does.
 */
import { createInterface } from 'node:readline';
import type { Command, HostTask, Reached, SyncCommand, Synced } from './host-protocol.ts';
import { HostedNode, HostedTutorial, type Hosted } from './hosted-nodes.ts';
import { runInEither, runtimeName } from './in-either.ts';
import { memoryUse, sharedClock, Watch } from './meters.ts';

const task = JSON.parse(process.argv.at(-1) ?? '') as HostTask;
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function sync(node: Hosted, { peer, height, report }: SyncCommand): Promise<Synced> {
  const passed: [number, number][] = [];
  const step = Math.max(1, height / 1_000);
  let reported = node.height;
  let done: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (done = resolve));
  const watch = new Watch();
  const startedAt = performance.now();
  node.onHeight = (now) => {
    const last = passed.at(-1)?.[1] ?? 0;
    if (now - last >= step || now >= height) passed.push([performance.now() - startedAt, now]);
    if (report !== undefined && now - reported >= report) say({ height: (reported = now), at: sharedClock() } satisfies Reached);
    if (now >= height) done();
  };
  await node.dial(peer);
  if (node.height < height) await reached;
  const ms = performance.now() - startedAt;
  node.onHeight = () => undefined;
  return { ms, passed, watched: watch.stop() };
}

async function obey(node: Hosted, command: Command): Promise<unknown> {
  switch (command.do) {
    case 'sync':
      return sync(node, command);
    case 'dial':
      await node.dial(command.peer);
      return null;
    case 'found':
      return node.found(command.hex);
    case 'follow':
      node.onHeight = (height) => {
        say({ height, at: sharedClock() } satisfies Reached);
      };
      return null;
    case 'tip':
      return node.tip;
    case 'counts':
      return node.counts();
    case 'watch':
      watching = new Watch();
      return null;
    case 'watched':
      return watching?.stop();
  }
}

let watching: Watch | undefined;

async function main(): Promise<void> {
  const node = await (task.kind === 'tutorial' ? HostedTutorial.open(task) : HostedNode.open(task));
  say({ ...node.addresses, height: node.height, runtime: runtimeName(), memory: memoryUse() });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, ...command } = JSON.parse(line) as Command & { id: number };
    say({ id, answer: await obey(node, command) });
  }
  await node.close();
}

void runInEither(main);

/** One more block until it stands in the window of the built app. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { REGTEST } from '../../src/node/consensus/params.ts';
import { HostedProcess, type Runtimes } from '../lib/hosted.ts';
import { sharedClock } from '../lib/meters.ts';
import { mineBlock } from '../lib/mining.ts';
import { NodeApp, readProbe, wallClock } from '../ui/app.ts';
import { until } from '../ui/parts.ts';

const PAUSE_MS = 1_000;

/** Ms from the moment in which the other node had found a block to the end of the frame that shows it, for each of so many. */
export async function hopsToWindow(of: { root: string; runtimes: Runtimes; chain: { blocks: number; dataDir: string }; folder: string; times: number }): Promise<number[]> {
  const [own, other] = [join(of.folder, 'window'), join(of.folder, 'other')];
  for (const to of [own, other]) await cp(of.chain.dataDir, to, { recursive: true });
  const finder = await HostedProcess.start(of.runtimes, 'node', { kind: 'node', dataDir: other });
  const app = await NodeApp.start(of.root, own, { NODE_NAME: 'Aster' }, await readProbe(of.runtimes.bundle));
  try {
    await until('the chain in the window', () => app.probe<number | null>('chainShownAt()'));
    await finder.send<'dial'>({ do: 'dial', peer: app.peers.replace('ws://', '') });
    const hops: number[] = [];
    for (let number = 0; number < of.times; number += 1) {
      const tip = await finder.send<'tip'>({ do: 'tip' });
      const made = mineBlock(REGTEST, tip, tip.time + 10, 1, 0x5000_0000 + number, 2);
      // The page waits for it before it is there, and says by its own clock when its frame was done.
      const shown = app.probe<number>(`offeredAt(${JSON.stringify(made.hash)})`);
      const { at } = await finder.send<'found'>({ do: 'found', hex: Buffer.from(made.bytes).toString('hex') });
      const foundAt = wallClock() - (sharedClock() - at);
      hops.push((await shown) - foundAt);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return hops;
  } finally {
    await app.close();
    await finder.close();
  }
}

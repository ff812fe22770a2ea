/** A sync in the built app, with its window on the screen. */
import { NodeApp, readProbe, type ProcessorTime } from '../ui/app.ts';
import { until } from '../ui/parts.ts';
import type { Seen } from '../ui/seen.ts';

/** What a look at the status bar or its tip must not cost the app. */
const LOOK_MS = 250;
const PATIENCE_MS = 600_000;

export interface SeenSync {
  /** From the moment in which the app was told of the peer to its last block, to within LOOK_MS. */
  seconds: number;
  /** Seconds in which frames were counted, and the frames. */
  watched: number;
  frames: number;
  longTasks: number[];
  longestHoldMs: number;
  peakRss: number;
  processorTime: ProcessorTime;
  /** Text of the progress as it was seen once. */
  progress: string;
}

export async function syncInWindow(of: { root: string; bundle: string; dataDir: string; peer: string; blocks: number }): Promise<SeenSync> {
  const app = await NodeApp.start(of.root, of.dataDir, { NODE_NAME: 'Aster' }, await readProbe(of.bundle));
  try {
    await until('the chain in the window', () => app.probe<number | null>('chainShownAt()'));
    await app.electron.evaluate(() => {
      // In the main process: how long nothing else could run.
      const seen = { longest: 0 };
      let turnedAt = performance.now();
      setInterval(() => {
        const now = performance.now();
        seen.longest = Math.max(seen.longest, now - turnedAt);
        turnedAt = now;
      }, 1);
      Object.assign(globalThis, { benchSeen: seen });
    });
    await app.probe('start()');
    let progress = '';
    let seconds = Number.NaN;
    const processorTime = await app.timed(async () => {
      const startedAt = performance.now();
      const response = await fetch(`${app.http}/peers`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ address: of.peer }) });
      if (!response.ok) throw new Error(`the app did not take the peer: ${await response.text()}`);
      await until(
        'the end of the sync',
        async () => {
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
          progress ||= await app.page.evaluate<string>("document.body.innerText.match(/[^\\n]*a second[^\\n]*/)?.[0] ?? ''");
          return (await app.tipHeight()) >= of.blocks;
        },
        PATIENCE_MS,
      );
      seconds = (performance.now() - startedAt) / 1000;
    });
    const seen = await app.probe<Seen>('stop()');
    // Looking at the memory again and again took up to 24 ms of the main process each time: the system keeps its peak.
    const main = await app.electron.evaluate(() => ({
      longest: (globalThis as unknown as { benchSeen: { longest: number } }).benchSeen.longest,
      rss: process.resourceUsage().maxRSS * 1024,
    }));
    return { seconds, watched: seen.seconds, frames: seen.frames, longTasks: seen.longTasks, longestHoldMs: main.longest, peakRss: main.rss, processorTime, progress };
  } finally {
    await app.close();
  }
}

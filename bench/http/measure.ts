/** Reads a whole chain from GET /blocks, as the node streams it and as one text of everything, by turns. Started by run.mjs with one JSON argument. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finish, range, ranged, say, type PartTask } from '../lib/finish.ts';
import type { HostTask } from '../lib/host-protocol.ts';
import { HostedProcess } from '../lib/hosted.ts';
import type { Watched } from '../lib/meters.ts';
import { goalRow, plainRow, type Row } from '../lib/report.ts';
import { median } from '../lib/stats.ts';
import { read, type Answer } from './read.ts';

interface Task extends PartTask {
  blocks: number;
  times: number;
  /** A data directory with the chain; it is copied. */
  dataDir: string;
}

/** Issue 5, point 7: of 100,000 blocks. "Flat" is what is added while it streams: young garbage, not the answer, which is 60 MB. The loop as in point 4. */
const GOALS = { seconds: 2, addedMb: 64, holdMs: 50 } as const;
const PAGE = 100;
const PAGES = 50;
const MB = 1e6;

interface Run {
  answer: Answer;
  watched: Watched;
}

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const temporary = await mkdtemp(join(tmpdir(), 'chainscope-bench-http-'));
const own = join(temporary, 'own');
const runs: Record<'streamed' | 'whole', Run[]> = { streamed: [], whole: [] };
const pages: number[] = [];
try {
  await cp(task.dataDir, own, { recursive: true });
  for (let turn = 1; turn <= task.times; turn += 1) {
    say(`streamed and as one text, ${String(turn)} of ${String(task.times)}`);
    runs.streamed.push(await once('node', true));
    runs.whole.push(await once('whole', false));
  }
} finally {
  await rm(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
await finish('http', task, rowsOf(), { blocks: task.blocks, runs, pages });

/** In a process of its own, which has just started. */
async function once(kind: HostTask['kind'], alsoPages: boolean): Promise<Run> {
  const host = await HostedProcess.start(task.runtimes, 'node', { kind, dataDir: own, http: true });
  try {
    const url = `${host.opened.http ?? ''}/blocks`;
    await host.send<'watch'>({ do: 'watch' });
    const answer = await read(url);
    const watched = await host.send<'watched'>({ do: 'watched' });
    if (answer.blocks !== task.blocks + 1) throw new Error(`GET /blocks gave ${String(answer.blocks)} blocks, not ${String(task.blocks + 1)}`);
    for (let page = 0; alsoPages && page < PAGES; page += 1) {
      const from = Math.floor((page * (task.blocks - PAGE)) / PAGES);
      const part = await read(`${url}?from=${String(from)}&limit=${String(PAGE)}`);
      if (part.blocks !== PAGE) throw new Error(`a page has ${String(part.blocks)} blocks, not ${String(PAGE)}`);
      pages.push(part.ms);
    }
    return { answer, watched };
  } finally {
    await host.close();
  }
}

function rowsOf(): Row[] {
  const seconds = (of: 'streamed' | 'whole'): number[] => runs[of].map(({ answer }) => answer.ms / 1000);
  const first = (of: 'streamed' | 'whole'): number[] => runs[of].map(({ answer }) => answer.firstMs);
  const added = (of: 'streamed' | 'whole'): number[] => runs[of].map(({ watched: { peak, before } }) => (peak.rss - before.rss) / MB);
  const held = (of: 'streamed' | 'whole'): number[] => runs[of].map(({ watched }) => watched.longestHoldMs);
  const ofTime = median(seconds('whole').map((each, turn) => each / (seconds('streamed')[turn] ?? NaN)));
  const ofMemory = median(added('whole').map((each, turn) => each / (added('streamed')[turn] ?? NaN)));
  const part = `GET /blocks, ${task.blocks.toLocaleString('en')} blocks`;
  const bytes = runs.streamed[0]?.answer.bytes ?? 0;
  return [
    goalRow(part, 'all of it', median(seconds('streamed')), GOALS.seconds, 's', `${range(seconds('streamed'))}, ${(bytes / MB).toFixed(1)} MB`),
    plainRow(part, 'its first bytes after', ranged(first('streamed'), 'ms')),
    goalRow(part, 'memory added at most', median(added('streamed')), GOALS.addedMb, 'MB', range(added('streamed'))),
    goalRow(part, 'event loop held at most', Math.max(...held('streamed')), GOALS.holdMs, 'ms'),
    plainRow(part, `${String(PAGE)} of them (limit=${String(PAGE)}), from all heights`, ranged(pages, 'ms')),
    plainRow('JSON.stringify of everything', 'all of it', ranged(seconds('whole'), 's')),
    plainRow('JSON.stringify of everything', 'its first bytes after', ranged(first('whole'), 'ms')),
    plainRow('JSON.stringify of everything', 'memory added at most', ranged(added('whole'), 'MB')),
    plainRow('JSON.stringify of everything', 'event loop held at most', ranged(held('whole'), 'ms')),
    plainRow('ratios', 'that to the stream: time; memory added', `${ofTime.toFixed(2)} x; ${ofMemory.toFixed(1)} x`),
  ];
}

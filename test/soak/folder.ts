/** The folder that a soak writes into, and the processes that write there. Neither is left behind, whichever way it ends. */
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const children = new Set<ChildProcess>();

/** A process that does not outlive a soak that is ended. */
export function bound<T extends ChildProcess>(child: T): T {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/**
 * Runs `work` with a new folder, which is gone afterwards. Ctrl+C and a polite kill end everything where it is: processes first, else they would
 * write into what is being removed.
 */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chainscope-soak-'));
  const end = (signal: NodeJS.Signals): void => {
    for (const child of children) child.kill('SIGKILL');
    // At once, so that nothing of the soak goes on meanwhile; again while a process that was killed is still about to end.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

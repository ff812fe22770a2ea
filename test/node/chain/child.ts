import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Child {
  process: ChildProcess;
  lines: string[];
  /** Resolves when so many lines were written, or the process ended before. */
  waitLines: (count: number) => Promise<void>;
  /** Resolves when the process ended and everything it wrote was read. */
  ended: Promise<void>;
}

/** Starts a program and collects the lines of its standard output. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  if (child.stdout === null) throw new Error('the child has no standard output');
  const reader = createInterface({ input: child.stdout });
  const wake = (): void => {
    for (const check of waiting) check();
  };
  reader.on('line', (line) => {
    lines.push(line);
    wake();
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    reader.on('close', () => {
      over = true;
      wake();
      resolve();
    });
  });
  const waitLines = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (lines.length < count && !over) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { process: child, lines, waitLines, ended };
}

/** The bench's end of a process that holds one node (host.ts). */
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { testEnvironment } from '../../e2e/harness/environment.ts';
import type { Command, Commands, HostTask, Opened, Reached } from './host-protocol.ts';

/** How programs are started here; run.mjs of a part finds it out. */
export interface Runtimes {
  /** Folder of the built bench. */
  bundle: string;
  /** Electron's program, and the switches that it needs here; absent where only Node is measured. */
  electron?: { executable: string; switches: string[] };
}

export type Runtime = 'node' | 'electron';

interface Waiting {
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

export class HostedProcess {
  readonly opened: Opened;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #events = new EventEmitter<{ reached: [Reached] }>();
  #commands = 0;
  #reached: Reached = { height: -1, at: 0 };

  private constructor(child: ChildProcess, lines: ReturnType<typeof createInterface>, opened: Opened, failed: () => Error) {
    this.#child = child;
    this.opened = opened;
    lines.on('line', (line) => {
      this.#take(JSON.parse(line) as Reached | { id: number; answer: unknown });
    });
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(failed());
      this.#waiting.clear();
    });
  }

  /** Resolves when the node is open. */
  static async start(runtimes: Runtimes, runtime: Runtime, task: HostTask): Promise<HostedProcess> {
    const { electron, bundle } = runtimes;
    if (runtime === 'electron' && electron === undefined) throw new Error('Electron was not asked for');
    const json = JSON.stringify(task);
    const [program, args] =
      runtime === 'electron' && electron !== undefined
        ? // A directory of its own for what Chromium keeps: two at once must not meet there.
          [electron.executable, [...electron.switches, `--user-data-dir=${await mkdtemp(join(bundle, 'electron-'))}`, bundle, json]]
        : [process.execPath, [join(bundle, 'host.js'), json]];
    const child = spawn(program, args, { env: testEnvironment({}), stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    // Chromium's own lines are no part of the result; they are shown when something went wrong.
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const failed = (): Error => new Error(`a node of the bench ended with code ${String(child.exitCode ?? child.signalCode)}\n${stderr}`);
    const lines = createInterface({ input: child.stdout });
    const [first] = (await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(() => {
        throw failed();
      }),
    ])) as [string];
    return new HostedProcess(child, lines, JSON.parse(first) as Opened, failed);
  }

  send<K extends keyof Commands>(command: Commands[K]['command'] & Command): Promise<Commands[K]['answer']> {
    const id = ++this.#commands;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }

  /** The height that it told of last; -1 when it told of none. */
  get reached(): Reached {
    return this.#reached;
  }

  /** When it told, or tells, that it is so high. It must have been told to. */
  async whenReached(height: number): Promise<Reached> {
    while (this.#reached.height < height) await once(this.#events, 'reached');
    return this.#reached;
  }

  /** Ends it as a power cut ends it. */
  async kill(): Promise<void> {
    const exit = once(this.#child, 'exit');
    // Whoever waits for an answer is not to be told of a failure that was wanted.
    for (const { resolve } of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
    this.#child.kill('SIGKILL');
    await exit;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exit;
  }

  #take(line: Reached | { id: number; answer: unknown }): void {
    if (!('id' in line)) {
      this.#reached = line;
      this.#events.emit('reached', line);
      return;
    }
    this.#waiting.get(line.id)?.resolve(line.answer);
    this.#waiting.delete(line.id);
  }
}

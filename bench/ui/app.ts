/** The built app under test, or another page in the same Electron. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Session as InspectorSession } from 'node:inspector/promises';
import { join } from 'node:path';
import { _electron, type CDPSession, type ElectronApplication, type Page } from 'playwright';
import { testEnvironment } from '../../e2e/harness/environment.ts';
import type { TraceEvent } from './trace.ts';

/** Ms that a start, with the opening of a long chain, may take. */
const PATIENCE = 60_000;
/** Ms that quitting may take. */
const CLOSE_MS = 10_000;

/** Ms since 1970, in parts of a millisecond. */
export const wallClock = (): number => performance.timeOrigin + performance.now();

/** Seconds of processor time that the processes have used so far: the page, the main process with the node, and what makes pictures of pages. */
export interface ProcessorTime {
  page: number;
  main: number;
  pictures: number;
}

export interface Memory {
  /** Bytes of JavaScript in the page, after a collection of garbage. */
  heap: number;
  /** Bytes in memory of the page's process, and of the main process with the node. */
  page: number;
  main: number;
}

/** What Playwright's `evaluate` hands to the main process. */
type ElectronModule = typeof import('electron');

export class AppUnderTest {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly cdp: CDPSession;

  protected constructor(electron: ElectronApplication, page: Page, cdp: CDPSession) {
    this.electron = electron;
    this.page = page;
    this.cdp = cdp;
  }

  /** @param probe script of bench/ui/page/probe.ts */
  static async launch(folder: string, args: readonly string[], env: Readonly<Record<string, string>>, probe: string): Promise<AppUnderTest> {
    const electron = await launchElectron(folder, args, env);
    try {
      return await AppUnderTest.attach(electron, probe);
    } catch (error) {
      electron.process().kill('SIGKILL');
      throw error;
    }
  }

  protected static async attach(electron: ElectronApplication, probe: string): Promise<AppUnderTest> {
    const page = await electron.firstWindow({ timeout: PATIENCE });
    await page.evaluate(probe);
    return new AppUnderTest(electron, page, await page.context().newCDPSession(page));
  }

  /** Calls a method of the page's probe. @param call as in `stop()` */
  async probe<T>(call: string): Promise<T> {
    return this.page.evaluate<T>(`globalThis.chainBench.${call}`);
  }

  async memory(): Promise<Memory> {
    await this.cdp.send('HeapProfiler.collectGarbage');
    const heap = await this.heap();
    const processes = await this.electron.evaluate(({ app }: ElectronModule) => app.getAppMetrics().map(({ type, memory }) => ({ type, bytes: memory.workingSetSize * 1024 })));
    const of = (type: string): number => Math.max(0, ...processes.filter((each) => each.type === type).map(({ bytes }) => bytes));
    return { heap, page: of('Tab'), main: of('Browser') };
  }

  async processorTime(): Promise<ProcessorTime> {
    const processes = await this.electron.evaluate(({ app }: ElectronModule) => app.getAppMetrics().map(({ type, cpu }) => ({ type, seconds: cpu.cumulativeCPUUsage ?? Number.NaN })));
    const of = (type: string): number => processes.filter((each) => each.type === type).reduce((sum, { seconds }) => sum + seconds, 0);
    return { page: of('Tab'), main: of('Browser'), pictures: of('GPU') };
  }

  /** Runs `work`. Resolves with the processor time that it took. */
  async timed(work: () => Promise<void>): Promise<ProcessorTime> {
    const before = await this.processorTime();
    await work();
    const after = await this.processorTime();
    return { page: after.page - before.page, main: after.main - before.main, pictures: after.pictures - before.pictures };
  }

  /** Bytes of JavaScript in the page now, garbage included. */
  async heap(): Promise<number> {
    await this.cdp.send('Performance.enable');
    const { metrics } = await this.cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  }

  /** What Chromium records while `work` runs. */
  async trace(work: () => Promise<void>): Promise<TraceEvent[]> {
    await this.electron.evaluate(({ contentTracing }: ElectronModule) => contentTracing.startRecording({ included_categories: ['toplevel', 'devtools.timeline'], excluded_categories: ['*'] }));
    await work();
    const file = await this.electron.evaluate(({ contentTracing }: ElectronModule) => contentTracing.stopRecording());
    const { traceEvents } = JSON.parse(await readFile(file, 'utf8')) as { traceEvents: TraceEvent[] };
    return traceEvents;
  }

  /** What the scripts of the page, and of the main process, spend their time on while `work` runs, as files for DevTools. */
  async profile(pageFile: string, mainFile: string, work: () => Promise<void>): Promise<void> {
    await this.cdp.send('Profiler.enable');
    await this.cdp.send('Profiler.setSamplingInterval', { interval: 200 });
    await this.cdp.send('Profiler.start');
    await this.electron.evaluate(async () => {
      const inspector = process.getBuiltinModule('node:inspector/promises');
      const session = new inspector.Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      Object.assign(globalThis, { benchSession: session });
    });
    await work();
    const { profile } = await this.cdp.send('Profiler.stop');
    await writeFile(pageFile, JSON.stringify(profile));
    const main = await this.electron.evaluate(async () => {
      const { benchSession } = globalThis as unknown as { benchSession: InspectorSession };
      const { profile: found } = await benchSession.post('Profiler.stop');
      benchSession.disconnect();
      return JSON.stringify(found);
    });
    await writeFile(mainFile, main);
  }

  /** Quits as a person does; ends what does not. */
  async close(): Promise<void> {
    const child = this.electron.process();
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    await this.electron.close().catch(() => undefined);
    clearTimeout(timer);
  }
}

/** The app itself, with its node. */
export class NodeApp extends AppUnderTest {
  /** When its node said that it was open, in ms since 1970. */
  readonly openAt: number;
  /** Ms from the start of the program until then. */
  readonly openMs: number;
  /** `http://127.0.0.1:3001`, and the address for peers. */
  readonly http: string;
  readonly peers: string;

  private constructor(from: AppUnderTest, ready: { at: number; startedAt: number; http: string; peers: string }) {
    super(from.electron, from.page, from.cdp);
    this.openAt = ready.at;
    this.openMs = ready.at - ready.startedAt;
    this.http = ready.http;
    this.peers = ready.peers;
  }

  /** @param root the folder of the built app */
  static async start(root: string, dataDir: string, settings: Readonly<Record<string, string>>, probe: string): Promise<NodeApp> {
    const startedAt = wallClock();
    const electron = await launchElectron(root, [], { NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0', DATA_DIR: dataDir, ...settings });
    let output = '';
    const ready = new Promise<{ at: number; http: string; peers: string }>((resolve, reject) => {
      const child = electron.process();
      const timer = setTimeout(() => reject(new Error(`the node was not open after ${String(PATIENCE)} ms`)), PATIENCE);
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`the app ended with code ${String(code)}`));
      });
      child.stdout?.on('data', (chunk: Buffer) => {
        const at = wallClock();
        output += String(chunk);
        const found = /HTTP API (http:\S+), peers (ws:\S+)/.exec(output);
        if (found === null) return;
        clearTimeout(timer);
        resolve({ at, http: found[1] ?? '', peers: found[2] ?? '' });
      });
    });
    try {
      const [attached, opened] = await Promise.all([AppUnderTest.attach(electron, probe), ready]);
      return new NodeApp(attached, { startedAt, ...opened });
    } catch (error) {
      electron.process().kill('SIGKILL');
      throw error;
    }
  }

  /** A block as the node itself gives it, not by way of the window. */
  async blockAt(height: number): Promise<{ hash: string }> {
    const response = await fetch(`${this.http}/blocks/${String(height)}`);
    if (!response.ok) throw new Error(`the node has no block ${String(height)}`);
    return (await response.json()) as { hash: string };
  }

  async tipHeight(): Promise<number> {
    const { chain } = (await (await fetch(`${this.http}/status`)).json()) as { chain: { tip: { height: number } } };
    return chain.tip.height;
  }
}

async function launchElectron(folder: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<ElectronApplication> {
  return _electron.launch({
    // Also where there is a GPU: what is promised holds without one.
    args: [folder, ...args, '--disable-gpu'],
    cwd: folder,
    env: testEnvironment(env),
    chromiumSandbox: process.getuid?.() !== 0,
    colorScheme: null,
    timeout: PATIENCE,
  });
}

/** The script that looks on in the page. */
export async function readProbe(bundle: string): Promise<string> {
  const module = await readFile(join(bundle, 'probe.js'), 'utf8');
  // In a function: its names must not become the page's. The bundler marks it as a module, which a function is not.
  return `(() => {${module.replace(/^export \{\s*\};?$/m, '')}})()`;
}

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { _electron, expect, type ElectronApplication, type Locator, type Page } from 'playwright/test';
import type { NodeSnapshot } from '../../src/shared/events.ts';
import type { ChainscopeBridge } from '../../src/shared/ipc.ts';
import { Http } from './http.ts';
import { testEnvironment } from './environment.ts';

export interface LaunchOptions {
  dataDir: string;
  /** Settings by name; ports are 0 and the network is regtest unless these say otherwise. */
  env?: Readonly<Record<string, string>>;
  /** Arguments of the app itself, such as `--http-port 0`. */
  args?: readonly string[];
  /** The window of someone new gives hints, also over what a test looks at; only tests about them want them. */
  hints?: boolean;
  /** Modules that run in the main process before the app, to answer its dialogs. */
  preload?: readonly string[];
}

/** The folder of the built app. */
const APP = join(import.meta.dirname, '..', '..');

/** What Chromium says on machines without a session bus or a graphics card; it has nothing to do with the app. */
const NOISE = /bus\.cc|viz_main_impl|shared_image|one_copy_raster|gpu_process|command_buffer|Debugger|DevTools listening|nodejs\.org\/en\/docs\/inspector|object_proxy|angle_platform|gl_display|libva|vaapi/i;

/** The running app: its window, its node and its two doors. */
export class App {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly options: LaunchOptions;
  /** Asked for once: Playwright forgets it when the app has ended. */
  readonly #child: ChildProcess;
  /** Errors in the page's console and uncaught exceptions of the page. A test fails when one is left. */
  readonly pageErrors: string[] = [];
  /** What the main process wrote. */
  stdout = '';
  stderr = '';
  #exited = false;

  private constructor(electron: ElectronApplication, page: Page, options: LaunchOptions) {
    this.electron = electron;
    this.#child = electron.process();
    this.page = page;
    this.options = options;
  }

  /** Starts the built app and waits until its window shows the chain. */
  static async launch(options: LaunchOptions): Promise<App> {
    if (options.hints !== true) await withoutHints(options.dataDir);
    const electron = await _electron.launch({
      args: [...(options.preload ?? []).flatMap((module) => ['-r', module]), APP, ...(options.args ?? [])],
      cwd: APP,
      env: testEnvironment({ NETWORK: 'regtest', HTTP_PORT: '0', P2P_PORT: '0', DATA_DIR: options.dataDir, ...options.env }),
      // Root must do without the sandbox; everybody else tests with it.
      chromiumSandbox: process.getuid?.() !== 0,
      // The page follows the theme of the app, not one that Playwright sets.
      colorScheme: null,
    });
    const child = electron.process();
    let app: App | undefined;
    let early = '';
    child.stdout?.on('data', (chunk: Buffer) => (app === undefined ? (early += String(chunk)) : (app.stdout += String(chunk))));
    let earlyErrors = '';
    child.stderr?.on('data', (chunk: Buffer) => (app === undefined ? (earlyErrors += String(chunk)) : (app.stderr += String(chunk))));
    try {
      const page = await electron.firstWindow();
      app = new App(electron, page, options);
      app.stdout = early;
      app.stderr = earlyErrors;
      const running = app;
      child.once('exit', () => (running.#exited = true));
      page.on('pageerror', (error) => running.pageErrors.push(`uncaught: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') running.pageErrors.push(message.text());
      });
      await expect(app.headline).not.toBeEmpty({ timeout: 20_000 });
      return app;
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`The app did not show its window: ${(error as Error).message}\n${meaningful(earlyErrors + (app?.stderr ?? ''))}`, { cause: error });
    }
  }

  /** What the window itself would be told now. */
  async snapshot(): Promise<NodeSnapshot> {
    return this.page.evaluate(async () => {
      const answer = await (globalThis as unknown as { chainscope: ChainscopeBridge }).chainscope.snapshot();
      if (!answer.ok) throw new Error(answer.error.message);
      return answer.value;
    });
  }

  /** The HTTP API on the port that the node really has. */
  async http(): Promise<Http> {
    const { node } = await this.snapshot();
    if (node.http === undefined) throw new Error('the HTTP API is not listening');
    return new Http(node.http.port);
  }

  async p2pPort(): Promise<number> {
    const { node } = await this.snapshot();
    if (node.p2p === undefined) throw new Error('the peer server is not listening');
    return node.p2p.port;
  }

  /** `ws://localhost:port`, as one would type it into another node's form. */
  async address(): Promise<string> {
    return `ws://localhost:${String(await this.p2pPort())}`;
  }

  async name(): Promise<string> {
    return (await this.snapshot()).node.name;
  }

  /** Quits as a person does, and waits for the end of the process. Returns its exit code. */
  async close(): Promise<number | null> {
    if (this.#exited) return this.#child.exitCode;
    const exit = once(this.#child, 'exit');
    await this.electron.close();
    await exit;
    return this.#child.exitCode;
  }

  /** Ends the process without any warning, as a power cut does. */
  async sigkill(): Promise<void> {
    if (this.#exited) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  /** Ends the process as the system does on logging out. Returns its exit code. */
  async sigterm(): Promise<number | null> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
    return this.#child.exitCode;
  }

  /** What a failed test is explained with. */
  async evidence(): Promise<string> {
    const answer = this.#exited ? 'the process has ended' : await this.snapshot().catch((error: unknown) => String(error));
    return JSON.stringify({ complaints: this.complaints.split('\n'), stdout: this.stdout.split('\n'), pageErrors: this.pageErrors, snapshot: answer }, null, 1);
  }

  get exited(): boolean {
    return this.#exited;
  }

  get mineButton(): Locator {
    return this.page.getByRole('button', { name: /^Mine block/ });
  }

  get stopButton(): Locator {
    return this.page.getByRole('button', { name: 'Stop mining' });
  }

  get data(): Locator {
    return this.page.getByRole('textbox', { name: 'Data' });
  }

  get peerAddress(): Locator {
    return this.page.getByRole('textbox', { name: 'Peer address' });
  }

  get addPeerButton(): Locator {
    return this.page.getByRole('button', { name: 'Add peer' });
  }

  get peers(): Locator {
    return this.page.getByRole('list', { name: 'Peers' }).getByRole('listitem');
  }

  get headline(): Locator {
    return this.page.getByRole('status', { name: 'Headline' });
  }

  get tableButton(): Locator {
    return this.page.getByRole('button', { name: 'Table' });
  }

  get table(): Locator {
    return this.page.getByRole('table', { name: 'Blocks' });
  }

  /** A block's tile in the strip. */
  tile(hash: string): Locator {
    return this.page.getByRole('option').and(this.page.locator(`[data-hash="${hash}"]`));
  }

  /** A block's row in the table. */
  row(hash: string): Locator {
    return this.table.getByRole('row').filter({ has: this.page.locator(`[title="${hash}"]`) }).filter({ has: this.page.getByRole('cell') });
  }

  async addPeer(address: string): Promise<void> {
    await this.peerAddress.fill(address);
    await this.addPeerButton.click();
  }

  /** What the main process wrote on stderr without the system's noise. */
  get complaints(): string {
    return meaningful(this.stderr);
  }
}

/** Writes what hiding the hints would keep. A directory that has preferences, or that cannot be written, is left as it is. */
async function withoutHints(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writeFile(join(dataDir, 'preferences.json'), '{"hints":"off"}', { flag: 'wx', mode: 0o600 });
  } catch {
    // The app itself says what is wrong with it, which may be what the test is about.
  }
}

/** Lines that are ours. */
export function meaningful(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !NOISE.test(line))
    .join('\n');
}

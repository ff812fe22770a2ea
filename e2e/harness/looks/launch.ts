import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { _electron, expect, type ElectronApplication, type Page } from 'playwright/test';
import { bundleForNode, bundleForPage } from '../../../scripts/lib/bundle.mjs';
import { makeTemporaryDir, removeDir, testEnvironment } from '../environment.ts';
import type { LooksHand } from './main.ts';
import type { LookName } from './states.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** Ms of the page's own time that a state gets to come to rest: longer than any motion, shorter than a toast stays. */
const REST_MS = 1500;
/** The same after a change of theme or size: half a dozen of them together are shorter than a toast stays. */
const REPAINT_MS = 700;
/** Where the page's clock is stopped before it is set: later than it can have come to by itself. */
const FIRST_STOP_MS = 3_600_000;
const FRAME_MS = 50;
/** After each press of Tab: what follows the scrolling, such as a hint, moves in the next frame. */
const STEP_MS = 20;

export type Theme = 'dark' | 'light';

/** The window in made-up states: the built page in the real frame around it, on a clock that only the test moves. */
export class Looks {
  readonly electron: ElectronApplication;
  readonly page: Page;
  /** Errors of the page since they were last asked for. */
  readonly errors: string[] = [];
  readonly #dir: string;
  /** `fit`: what measures in the page. */
  readonly #fit: string;
  /** The page's clock stands; it does so for good, in every page that is loaded later. */
  #stopped = false;

  private constructor(electron: ElectronApplication, page: Page, dir: string, fit: string) {
    this.electron = electron;
    this.page = page;
    this.#dir = dir;
    this.#fit = fit;
    page.on('pageerror', (error) => this.errors.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
  }

  /** Builds the main process into `folder`, below the project so that its packages are found, and starts it. */
  static async launch(): Promise<Looks> {
    const dir = await makeTemporaryDir();
    const folder = join(ROOT, 'node_modules', `.chainscope-looks-${String(process.pid)}`);
    await mkdir(folder, { recursive: true });
    try {
      await bundleForNode(folder, { main: join(import.meta.dirname, 'main.ts') }, { external: ['electron'] });
      await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'chainscope-looks', version: '0.1.0', type: 'module', main: 'main.js' }));
      const electron = await _electron.launch({
        args: [folder],
        cwd: ROOT,
        env: testEnvironment({ LOOKS_DATA_DIR: dir, LOOKS_OUT_DIR: join(ROOT, 'out'), TZ: 'UTC' }),
        chromiumSandbox: process.getuid?.() !== 0,
        colorScheme: null,
      });
      const fit = await bundleForPage(join(import.meta.dirname, 'page', 'fit.ts'), 'fit');
      return new Looks(electron, await electron.firstWindow(), dir, fit);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await this.electron.close();
    await removeDir(this.#dir);
  }

  /** What main can do for the test; see LooksHand. */
  async hand<K extends keyof LooksHand>(name: K, ...args: Parameters<LooksHand[K]>): Promise<ReturnType<LooksHand[K]>> {
    return this.electron.evaluate(
      (_electronModule, [method, values]) => {
        const { looksHand } = globalThis as unknown as { looksHand: Record<string, (...all: unknown[]) => unknown> };
        return looksHand[method as string]?.(...(values as unknown[]));
      },
      [name, args] as const,
    ) as Promise<ReturnType<LooksHand[K]>>;
  }

  /** Loads the page on a node in this state, and waits until everything has come and stands still. */
  async open(name: LookName, size: readonly [width: number, height: number, zoom: number] = [1280, 800, 1], theme: Theme = 'dark'): Promise<void> {
    const now = await this.hand('show', name);
    // Hints stand on the first launch; in the other states they would lie over what is looked at.
    await this.hand('setPreferences', { theme, followTip: true, shortcuts: true, hints: name === 'first-launch' ? 'unseen' : 'off' });
    await this.#resizeTo(size);
    if (!this.#stopped) {
      await this.page.clock.install({ time: 0 });
      await this.page.clock.pauseAt(FIRST_STOP_MS);
      this.#stopped = true;
    }
    await this.page.clock.setSystemTime(now);
    await this.page.reload();
    await expect(this.page.getByRole('heading', { level: 1 })).not.toHaveText('Opening the chain');
    await this.rest();
  }

  /** Lets the page's time pass until motion has ended; a picture that still changes is noticed by the comparison. */
  async rest(ms = REST_MS): Promise<void> {
    await this.page.evaluate('document.fonts.ready.then(() => undefined)');
    await this.#frames();
    await this.page.clock.runFor(ms);
    await this.#frames();
    // What the last frame asked for, such as a canvas of another size.
    await this.page.clock.runFor(FRAME_MS);
  }

  /** Waits for two real frames: layout and its observers have then run. The page's own `requestAnimationFrame` waits for the stopped clock. */
  async #frames(): Promise<void> {
    await this.page.evaluate(`(async () => {
      for (let frame = 0; frame < 2; frame += 1) {
        await new Promise((resolve) => {
          const observer = new ResizeObserver(() => { observer.disconnect(); resolve(); });
          observer.observe(document.documentElement);
        });
      }
    })()`);
  }

  /** Lets the page's time go on while something works that waits for it. */
  async withTime(work: Promise<void>): Promise<void> {
    const state = { done: false };
    const end = (): void => void (state.done = true);
    work.then(end, end);
    while (!state.done) await this.page.clock.runFor(FRAME_MS);
    await work;
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.hand('setPreferences', { theme });
    await expect(this.page.locator('html')).toHaveAttribute('data-theme', theme);
    await this.rest(REPAINT_MS);
  }

  async setSize(width: number, height: number, zoom = 1): Promise<void> {
    await this.#resizeTo([width, height, zoom]);
    await this.rest(REPAINT_MS);
  }

  /** One sentence for each thing that does not fit in the window; see page/fit.ts. */
  async faults(): Promise<string[]> {
    return this.page.evaluate<string[]>(`${this.#fit}; fit.faults()`);
  }

  /** Names of what scrolls in the window because it does not fit into its place. */
  async scrolling(): Promise<string[]> {
    return this.page.evaluate<string[]>(`${this.#fit}; fit.scrolling()`);
  }

  /** Presses Tab until it has been round. Returns a sentence for each control that it does not come to, or that has the focus out of sight. */
  async tabFaults(): Promise<string[]> {
    const count = await this.page.evaluate<number>(`${this.#fit}; globalThis.looksFit = fit; fit.beginTabbing()`);
    const reached = new Set<number>();
    const problems: string[] = [];
    // Twice round is enough: where the order begins is the browser's choice.
    for (let presses = 0; presses < 2 * count + 4 && reached.size < count; presses += 1) {
      await this.page.keyboard.press('Tab');
      await this.page.clock.runFor(STEP_MS);
      const { index, problem } = await this.page.evaluate<{ index: number; problem: string | null }>('looksFit.step()');
      if (index >= 0 && !reached.has(index) && problem !== null) problems.push(problem);
      if (index >= 0) reached.add(index);
    }
    const missed = await this.page.evaluate<string[]>(`looksFit.missed(${JSON.stringify([...reached])})`);
    return [...problems, ...missed.map((name) => `Tab does not come to ${name}`)];
  }

  async #resizeTo([width, height, zoom]: readonly [number, number, number]): Promise<void> {
    await this.hand('resize', width, height, zoom);
    await expect.poll(() => this.page.evaluate('[Math.round(innerWidth * devicePixelRatio), Math.round(innerHeight * devicePixelRatio)]')).toEqual([width, height]);
  }
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'playwright/test';
import { App, type LaunchOptions } from './app.ts';
import { test as base } from './display.ts';
import { makeTemporaryDir, removeDir } from './environment.ts';

/** Starts apps for one test, each in a directory of its own, and ends whatever is left of them. */
export class Apps {
  readonly #root: string;
  readonly #all: App[] = [];
  #count = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** A new, empty place for a data directory. */
  dir(): string {
    this.#count += 1;
    return join(this.#root, `node${String(this.#count)}`);
  }

  async launch(options: Partial<LaunchOptions> = {}): Promise<App> {
    const app = await App.launch({ ...options, dataDir: options.dataDir ?? this.dir() });
    this.#all.push(app);
    return app;
  }

  /** Starts the app again in the directory that it had, after it was closed or killed. */
  restart(app: App, changes: Partial<LaunchOptions> = {}): Promise<App> {
    return this.launch({ ...app.options, ...changes });
  }

  /** What each app can say about itself. */
  evidence(): Promise<string[]> {
    return Promise.all(this.#all.map((app) => app.evidence()));
  }

  /** Ends what runs. Returns the errors that a page reported and no test expected. */
  async end(): Promise<string[]> {
    await Promise.all(this.#all.map((app) => app.sigkill()));
    return this.#all.flatMap((app) => app.pageErrors);
  }
}

/** `test` with a hand that starts apps. A page that logged an error fails the test that passed otherwise. */
export const test = base.extend<{ apps: Apps }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from this pattern.
  apps: async ({}, use, info) => {
    const root = await makeTemporaryDir();
    const apps = new Apps(root);
    await use(apps);
    if (info.status !== info.expectedStatus) {
      for (const [index, body] of (await apps.evidence()).entries()) {
        const path = info.outputPath(`app-${String(index + 1)}.json`);
        await writeFile(path, body);
        await info.attach(`app ${String(index + 1)}`, { path, contentType: 'application/json' });
      }
    }
    const errors = await apps.end();
    await removeDir(root);
    if (info.status === info.expectedStatus) expect(errors, 'errors in the console of a page').toEqual([]);
  },
});

export { expect } from 'playwright/test';

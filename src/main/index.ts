/**
 * Entry of the main process. Everything that must happen before the app is ready happens here, synchronously: a
 * top-level `await app.whenReady()` in an ES module would never resolve.
 */
import { app } from 'electron';
import { dirname } from 'node:path';
import { parseSettings, usageText, wantsHelp, type Settings } from '../node/index.ts';
import { Application } from './application.ts';
import { fail, log } from './messages.ts';
import { prepareScheme } from './page-session.ts';
import { DataDirectory } from './startup.ts';

// A terminal or pipe that goes away must not take the node with it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** Settings and data directory; undefined when the program ends instead. */
function prepare(argv: readonly string[]): DataDirectory | undefined {
  let settings: Settings;
  try {
    // Chromium and Electron read the same command line, so unknown switches are left to them.
    settings = parseSettings(process.env, argv, { strict: false });
  } catch (error) {
    void fail((error as Error).message, 2);
    return undefined;
  }
  try {
    return new DataDirectory(settings, process.env);
  } catch (error) {
    void fail((error as Error).message, 1);
    return undefined;
  }
}

function start(): void {
  const argv = process.argv.slice(1);
  if (wantsHelp(argv)) {
    process.stdout.write(`${usageText()}\n`);
    app.exit(0);
    return;
  }
  const devServer = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];
  prepareScheme(devServer);
  const directory = prepare(argv);
  if (directory === undefined) return;

  const application = new Application(directory, { outDir: dirname(import.meta.dirname), devServer });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  // An error that nobody caught is a bug: close what can be closed, say what it was, and end.
  for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(kind, (error: unknown) => {
      log(`${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      void application.shutDown(1);
    });
  }
  void app.whenReady().then(() => application.run());
}

start();

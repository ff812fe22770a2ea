/** The node with no window: `npm run cli`. Exit codes: 0 closed, 1 could not run, 2 a setting is wrong. */
import { openNode, parseSettings, readyLine, SettingsError, StoreError, usageText, wantsHelp, type RunningNode } from '../node/index.ts';

const EXIT = { ok: 0, failed: 1, wrongSetting: 2 } as const;

// A terminal or pipe that goes away must not take the node with it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (wantsHelp(argv)) {
    process.stdout.write(`${usageText('npm run cli --')}\n`);
    return;
  }
  let running: RunningNode | undefined;
  let opening: Promise<RunningNode> | undefined;
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void (async () => {
      // A signal that comes while the node opens closes it as soon as it can be closed.
      running ??= await opening?.catch(() => undefined);
      await running?.close();
      process.exit(process.exitCode ?? EXIT.ok);
    })();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(kind, (error: unknown) => {
      process.stderr.write(`${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = EXIT.failed;
      stop();
    });
  }
  try {
    opening = openNode(parseSettings(process.env, argv));
    running = await opening;
    process.stdout.write(`${readyLine(running.info)}\n`);
  } catch (error) {
    const known = error instanceof SettingsError || error instanceof StoreError;
    process.stderr.write(`${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(error instanceof SettingsError ? EXIT.wrongSetting : EXIT.failed);
  }
}

void main();

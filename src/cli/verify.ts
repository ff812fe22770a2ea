/** `npm run verify`: checks the chain of a data directory. Exit codes: 0 all is well, 1 faults were found, 2 it could not be checked. */
import { parseArgs } from 'node:util';
import type { Settings, VerifyReport } from '../node/index.ts';
import { reportText } from './verify-text.ts';

const EXIT = { fine: 0, faults: 1, failed: 2 } as const;
/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 1_000;

const USAGE = [
  'Usage: npm run verify -- [--data-dir <folder>] [--network main|regtest] [--json]',
  '',
  'Checks every record of a data directory and says what it checked. Nothing in it is changed.',
  'Without --data-dir it is the directory that npm start would use.',
  'Exit codes: 0 all is well, 1 faults were found, 2 it could not be checked.',
].join('\n');

/** The settings that a check has a use for. A wrong port in the environment is nothing to it. */
const USED: readonly string[] = ['DATA_DIR', 'NETWORK'];

// Whoever reads this may have read enough. What was found is told by the exit code as well.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Node would end with 1, which says that faults were found.
for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(kind, (error: unknown) => {
    process.stderr.write(`${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(EXIT.failed);
  });
}

// Only now: the database's library, which it loads, may fail to load.
const { parseSettings, SETTINGS_TABLE, SettingsError, StoreError, verifyDataDir } = await import('../node/index.ts');

interface Asked {
  dataDir: string;
  /** Undefined: whichever the directory holds. */
  network: Settings['network'] | undefined;
  json: boolean;
}

/** @throws SettingsError, or TypeError of parseArgs */
function readArguments(argv: readonly string[]): Asked | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: { 'data-dir': { type: 'string' }, network: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    strict: true,
  });
  if (values.help === true) return 'help';
  const forwarded = [...(values['data-dir'] === undefined ? [] : [`--data-dir=${values['data-dir']}`]), ...(values.network === undefined ? [] : [`--network=${values.network}`])];
  const ignored = SETTINGS_TABLE.map(({ variable }) => variable as string).filter((variable) => !USED.includes(variable));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ignored.includes(name)));
  const { dataDir, network } = parseSettings(env, forwarded);
  const said = values.network !== undefined || (env['NETWORK'] ?? '') !== '';
  return { dataDir, network: said ? network : undefined, json: values.json === true };
}

async function main(): Promise<number> {
  let asked: Asked | 'help';
  try {
    asked = readArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${error instanceof SettingsError ? '' : `${USAGE}\n`}`);
    return EXIT.failed;
  }
  if (asked === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.fine;
  }
  let said = performance.now();
  const progress = (height: number, last: number): void => {
    if (performance.now() - said < PROGRESS_MS) return;
    said = performance.now();
    const percent = last === 0 ? 100 : Math.floor((height * 100) / last);
    process.stderr.write(`block ${height.toLocaleString('en')} of ${last.toLocaleString('en')} (${String(percent)} %)\n`);
  };
  let report: VerifyReport;
  try {
    report = await verifyDataDir({ dataDir: asked.dataDir, progress, ...(asked.network === undefined ? {} : { network: asked.network }) });
  } catch (error) {
    const message = error instanceof StoreError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (asked.json) process.stdout.write(`${JSON.stringify({ dataDir: asked.dataDir, error: error instanceof StoreError ? error.code : 'internal', message })}\n`);
    process.stderr.write(`${message}\n`);
    return EXIT.failed;
  }
  process.stdout.write(asked.json ? `${JSON.stringify(report)}\n` : reportText(report));
  return report.faultCount === 0 ? EXIT.fine : EXIT.faults;
}

process.exitCode = await main();

/** `npm run verify`: checks the chain of a data directory. Exit codes: 0 all is well, 1 faults were found, 2 it could not be checked. */
import { parseArgs } from 'node:util';
import { parseSettings, SettingsError, StoreError, verifyDataDir, type VerifyReport } from '../node/index.ts';
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

interface Asked {
  dataDir: string;
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
  return { dataDir: parseSettings(process.env, forwarded).dataDir, json: values.json === true };
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
    report = await verifyDataDir({ dataDir: asked.dataDir, progress });
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

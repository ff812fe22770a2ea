import { homedir } from 'node:os';
import { isAbsolute, posix, resolve, win32 } from 'node:path';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import type { NetworkName } from '../shared/events.ts';
import { ApiError } from '../shared/node-api.ts';
import { KERNEL_NAMES, type KernelName } from './mining/types.ts';
import { parseAddress } from './net/address.ts';

/** Limits and defaults of what the environment and the command line may say. */
export const SETTINGS_LIMITS = {
  defaultHttpPort: 3001,
  defaultP2pPort: 5001,
  defaultP2pHost: '127.0.0.1',
  maxPort: 65_535,
  /** Entries of PEERS. */
  peers: 64,
  /** UTF-8 bytes of NODE_NAME; it travels in `version` and in every coinbase. */
  nodeNameBytes: 32,
  /** UTF-16 units of DATA_DIR. */
  dataDirLength: 1024,
  /** Threads of MINE_WORKERS. */
  mineWorkers: 64,
  /** Percent of MINE_CPU, at least. */
  mineCpuMin: 10,
} as const;

/** A port, and whether somebody asked for exactly this one: a default may move to the next free port, an explicit one may not. */
export interface PortSetting {
  value: number;
  explicit: boolean;
}

export interface Settings {
  httpPort: PortSetting;
  p2pPort: PortSetting;
  p2pHost: string;
  /** `host:port` each, no duplicates. */
  peers: string[];
  /** Absolute. */
  dataDir: string;
  /** False when it is the default directory of this user. */
  dataDirExplicit: boolean;
  network: NetworkName;
  /** Absent: the node picks a name on its first start and keeps it. */
  nodeName?: string;
  /** Mining threads. Absent: one fewer than the cores. */
  mineWorkers?: number;
  /** The part of its time that a mining thread hashes, above 0 and at most 1. Absent: all of it. */
  mineShare?: number;
  /** The fastest kernel that a mining thread may use. Absent: any. */
  mineKernel?: KernelName;
}

/** A setting that cannot be used. `variable` is how the user wrote it: `HTTP_PORT` or `--http-port`. */
export class SettingsError extends Error {
  readonly variable: string;
  readonly expected: string;
  readonly got: string;

  constructor(variable: string, expected: string, got: string, nextStep?: string) {
    const shown = shorten(got);
    super(`${variable} must be ${expected}, but it is ${shown}. ${nextStep ?? `Change ${variable} and start again.`}`);
    this.name = 'SettingsError';
    this.variable = variable;
    this.expected = expected;
    this.got = shown;
  }
}

export interface OptionRow {
  option: string;
  variable: string;
  placeholder: string;
  description: string;
}

/** The one table of settings: parsing, the usage text, docs/settings.md and the tests are read from it. */
export const SETTINGS_TABLE = [
  { option: 'http-port', variable: 'HTTP_PORT', placeholder: 'port', description: 'port of the HTTP API, 0 picks a free one (default 3001)' },
  { option: 'p2p-port', variable: 'P2P_PORT', placeholder: 'port', description: 'port for other nodes, 0 picks a free one (default 5001)' },
  { option: 'peers', variable: 'PEERS', placeholder: 'list', description: 'nodes to stay connected to, for example ws://localhost:5001,ws://localhost:5002' },
  { option: 'data-dir', variable: 'DATA_DIR', placeholder: 'folder', description: 'where this node keeps its chain (default: a folder of your user)' },
  { option: 'network', variable: 'NETWORK', placeholder: 'name', description: 'main or regtest (default main)' },
  { option: 'p2p-host', variable: 'P2P_HOST', placeholder: 'address', description: 'address to listen on for other nodes (default 127.0.0.1)' },
  { option: 'node-name', variable: 'NODE_NAME', placeholder: 'name', description: 'name that other nodes see (default: picked on the first start)' },
  { option: 'mine-workers', variable: 'MINE_WORKERS', placeholder: 'count', description: 'threads that mine (default: one fewer than the cores)' },
  { option: 'mine-cpu', variable: 'MINE_CPU', placeholder: 'percent', description: 'how much of its time each of them works, 10 to 100 (default 100)' },
  { option: 'mine-kernel', variable: 'MINE_KERNEL', placeholder: 'name', description: 'the fastest kernel that they may use: sha-ni, avx2, wasm-simd, wasm or plain (default: any)' },
] as const satisfies readonly OptionRow[];

type OptionName = (typeof SETTINGS_TABLE)[number]['option'];

export interface ParseOptions {
  /**
   * True (the default): an unknown option is an error. False in the app, where Chromium and Electron read the same command
   * line: unknown switches and paths are left to them, except a near miss of one of ours.
   */
  strict?: boolean;
  platform?: NodeJS.Platform;
  home?: string;
  cwd?: string;
}

/** One raw value with the name to blame. */
interface Raw {
  variable: string;
  value: string;
}

/** True when the command line asks for the usage text. */
export function wantsHelp(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h');
}

/** The list of options, one line each, as `--help` prints it. */
export function usageText(command = 'npm start --'): string {
  const rows = SETTINGS_TABLE.map((row) => [`  --${row.option} <${row.placeholder}>`, row.variable, row.description] as const);
  const left = Math.max(...rows.map((row) => row[0].length));
  const middle = Math.max(...rows.map((row) => row[1].length));
  return [
    `Usage: ${command} [options]`,
    '',
    'Each option can also be given as an environment variable; the command line wins.',
    '',
    ...rows.map((row) => `${row[0].padEnd(left)}  ${row[1].padEnd(middle)}  ${row[2]}`),
    `${'  --help'.padEnd(left)}  ${''.padEnd(middle)}  show this list`,
  ].join('\n');
}

/**
 * Settings from the environment and the command line (without the program's own name); the command line wins, an empty
 * variable counts as not set.
 * @throws SettingsError that names the variable or option at fault.
 */
export function parseSettings(env: Readonly<Record<string, string | undefined>>, argv: readonly string[], options: ParseOptions = {}): Settings {
  const given = readCommandLine(argv, options.strict ?? true);
  const raw = (option: OptionName): Raw | undefined => {
    const row = SETTINGS_TABLE.find((candidate) => candidate.option === option);
    const typed = given.get(option);
    if (typed !== undefined) {
      if (typed === '') throw new SettingsError(`--${option}`, 'followed by a value', 'empty');
      return { variable: `--${option}`, value: typed };
    }
    const value = row === undefined ? undefined : env[row.variable];
    return row === undefined || value === undefined || value === '' ? undefined : { variable: row.variable, value };
  };

  const network = parseNetwork(raw('network'));
  const httpPort = parsePort(raw('http-port'), SETTINGS_LIMITS.defaultHttpPort);
  const p2pPort = parsePort(raw('p2p-port'), SETTINGS_LIMITS.defaultP2pPort);
  if (httpPort.value !== 0 && httpPort.value === p2pPort.value && httpPort.explicit) {
    const row = raw('http-port');
    throw new SettingsError(row?.variable ?? 'HTTP_PORT', 'another port than the one for other nodes', String(httpPort.value));
  }
  const p2pHost = parseHost(raw('p2p-host'));
  const peers = parsePeers(raw('peers'));
  const dataDirRaw = raw('data-dir');
  const dataDir = dataDirRaw === undefined ? defaultDataDir(network, env, options.platform, options.home) : parseDataDir(dataDirRaw, options.cwd);
  const nodeName = parseNodeName(raw('node-name'));
  const mineWorkers = parseCount(raw('mine-workers'), 1, SETTINGS_LIMITS.mineWorkers);
  const mineCpu = parseCount(raw('mine-cpu'), SETTINGS_LIMITS.mineCpuMin, 100);
  const mineKernel = parseKernel(raw('mine-kernel'));
  return {
    httpPort,
    p2pPort,
    p2pHost,
    peers,
    dataDir,
    dataDirExplicit: dataDirRaw !== undefined,
    network,
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(mineWorkers === undefined ? {} : { mineWorkers }),
    ...(mineCpu === undefined ? {} : { mineShare: mineCpu / 100 }),
    ...(mineKernel === undefined ? {} : { mineKernel }),
  };
}

/** A setting as it was written: `--http-port` when the command line has it, else `HTTP_PORT`. */
export function writtenName(option: OptionName, argv: readonly string[]): string {
  const typed = argv.some((argument) => argument === `--${option}` || argument.startsWith(`--${option}=`));
  return typed ? `--${option}` : (SETTINGS_TABLE.find((row) => row.option === option)?.variable ?? option);
}

/** The error for a port that was asked for and is taken by another program. */
export function portTakenError(option: 'http-port' | 'p2p-port', port: number, argv: readonly string[] = []): SettingsError {
  const variable = writtenName(option, argv);
  return new SettingsError(
    variable,
    'a free port',
    `${String(port)}, which another program uses`,
    `Close that program, choose another port, or set ${variable} to 0 to get a free one.`,
  );
}

/**
 * The data directory of this user: `$XDG_DATA_HOME/chainscope` or `~/.local/share/chainscope` on Linux (XDG Base Directory
 * specification), `~/Library/Application Support/Chainscope` on macOS, `%APPDATA%\Chainscope` on Windows. Networks other than main get a
 * folder inside it, so that chains never mix.
 */
export function defaultDataDir(
  network: NetworkName,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const path = platform === 'win32' ? win32 : posix;
  const base = userDataFolder(env, platform, home);
  return network === 'main' ? base : path.join(base, network);
}

function userDataFolder(env: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform, home: string): string {
  if (platform === 'win32') {
    const roaming = env['APPDATA'];
    return win32.join(roaming !== undefined && roaming !== '' ? roaming : win32.join(home, 'AppData', 'Roaming'), 'Chainscope');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Chainscope');
  const xdg = env['XDG_DATA_HOME'];
  // The XDG specification tells to ignore a relative path here.
  return posix.join(xdg !== undefined && posix.isAbsolute(xdg) ? xdg : posix.join(home, '.local', 'share'), 'chainscope');
}

/** What parseArgs tells of one word of the command line. */
type Token =
  | { kind: 'positional'; value: string }
  | { kind: 'option'; name: string; rawName: string; value: string | undefined; inlineValue: boolean | undefined }
  | { kind: 'option-terminator' };

function readCommandLine(argv: readonly string[], strict: boolean): Map<string, string> {
  const names: readonly string[] = SETTINGS_TABLE.map((row) => row.option);
  refuseOtherSpellings(argv, names);
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = { help: { type: 'boolean', short: 'h' } };
  for (const name of names) options[name] = { type: 'string' };
  const tokens = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens as readonly Token[];
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (strict) throw new SettingsError(token.value, 'one of the options in --help', 'not an option', 'Run with --help to see the options.');
      continue;
    }
    if (token.kind !== 'option' || token.name === 'help') continue;
    if (!names.includes(token.name)) {
      const meant = names.find((name) => isNearMiss(token.name, name));
      if (strict || meant !== undefined) {
        throw new SettingsError(token.rawName, meant === undefined ? 'one of the options in --help' : `spelled --${meant}`, 'an unknown option', 'Run with --help to see the options.');
      }
      continue;
    }
    if (token.value === undefined) throw new SettingsError(token.rawName, 'followed by a value', 'the last word');
    // Else `--data-dir --network=regtest` would open another network in a folder of that name. A number may be negative: it is refused for what it is.
    if (token.inlineValue === false && /^-(?!\d)/.test(token.value)) throw new SettingsError(token.rawName, 'followed by a value', `the option ${token.value}`);
    const before = given.get(token.name);
    given.set(token.name, token.name === 'peers' && before !== undefined ? `${before},${token.value}` : token.value);
  }
  return given;
}

/**
 * Ours with one dash, as its variable is written, or behind a `--`: to parseArgs these are short options, unknown ones and arguments, which
 * the app leaves to Chromium, and so it would open another directory than the one that was asked for.
 */
function refuseOtherSpellings(argv: readonly string[], names: readonly string[]): void {
  const end = argv.indexOf('--');
  for (const [at, argument] of argv.entries()) {
    if (!argument.startsWith('-')) continue;
    const word = argument.split('=', 1)[0] ?? '';
    const name = names.find((each) => each === word.replace(/^-+/, '').toLowerCase().replaceAll('_', '-'));
    if (name === undefined) continue;
    if (word !== `--${name}`) throw new SettingsError(word, `spelled --${name}`, 'an unknown option', 'Run with --help to see the options.');
    if (end >= 0 && at > end) throw new SettingsError(word, 'written before the --', 'behind it');
  }
}

/** One letter added, lost, changed, or two neighbours swapped: enough to tell a typing error from a Chromium switch. */
function isNearMiss(typed: string, name: string): boolean {
  if (Math.abs(typed.length - name.length) > 1) return false;
  let start = 0;
  while (start < typed.length && start < name.length && typed[start] === name[start]) start += 1;
  const rest = (text: string, skip: number): string => text.slice(start + skip);
  if (rest(typed, 1) === rest(name, 1) || rest(typed, 0) === rest(name, 1) || rest(typed, 1) === rest(name, 0)) return true;
  return typed[start] === name[start + 1] && typed[start + 1] === name[start] && rest(typed, 2) === rest(name, 2);
}

function parsePort(raw: Raw | undefined, fallback: number): PortSetting {
  if (raw === undefined) return { value: fallback, explicit: false };
  const text = raw.value.trim();
  const value = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= SETTINGS_LIMITS.maxPort)) throw new SettingsError(raw.variable, `a port from 0 to ${String(SETTINGS_LIMITS.maxPort)}`, quote(raw.value));
  return { value, explicit: true };
}

function parseCount(raw: Raw | undefined, least: number, most: number): number | undefined {
  if (raw === undefined) return undefined;
  const text = raw.value.trim();
  const value = /^[0-9]{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new SettingsError(raw.variable, `a number from ${String(least)} to ${String(most)}`, quote(raw.value));
  return value;
}

function parseNetwork(raw: Raw | undefined): NetworkName {
  const name = raw?.value.trim();
  if (raw === undefined || name === 'main') return 'main';
  if (name === 'regtest') return 'regtest';
  throw new SettingsError(raw.variable, 'main or regtest', quote(raw.value));
}

function parseKernel(raw: Raw | undefined): KernelName | undefined {
  if (raw === undefined) return undefined;
  const name = KERNEL_NAMES.find((each) => each === raw.value.trim());
  if (name === undefined) throw new SettingsError(raw.variable, `one of ${KERNEL_NAMES.join(', ')}`, quote(raw.value));
  return name;
}

function parseHost(raw: Raw | undefined): string {
  if (raw === undefined) return SETTINGS_LIMITS.defaultP2pHost;
  const host = raw.value.trim().replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) === 0 && host !== 'localhost') throw new SettingsError(raw.variable, 'an IP address of this computer or localhost', quote(raw.value));
  return host;
}

function parsePeers(raw: Raw | undefined): string[] {
  if (raw === undefined) return [];
  const peers = new Set<string>();
  for (const entry of raw.value.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    try {
      peers.add(parseAddress(entry).text);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      throw new SettingsError(raw.variable, 'a comma-separated list of addresses like ws://localhost:5001', `${quote(entry)} (${error.message})`);
    }
  }
  if (peers.size > SETTINGS_LIMITS.peers) throw new SettingsError(raw.variable, `a list of at most ${String(SETTINGS_LIMITS.peers)} addresses`, `${String(peers.size)} addresses`);
  return [...peers];
}

function parseDataDir(raw: Raw, cwd: string = process.cwd()): string {
  const folder = raw.value.trim();
  if (folder === '') throw new SettingsError(raw.variable, 'the path of a folder', 'empty');
  if (folder.includes('\0')) throw new SettingsError(raw.variable, 'the path of a folder', 'a path with a NUL character');
  if (folder.length > SETTINGS_LIMITS.dataDirLength) throw new SettingsError(raw.variable, `a path of at most ${String(SETTINGS_LIMITS.dataDirLength)} characters`, `${String(folder.length)} characters`);
  return isAbsolute(folder) ? resolve(folder) : resolve(cwd, folder);
}

/** Control characters, half surrogate pairs, line separators, and the marks that turn the direction of the text around it (UAX #9). */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function parseNodeName(raw: Raw | undefined): string | undefined {
  if (raw === undefined) return undefined;
  const name = raw.value.trim();
  const bytes = new TextEncoder().encode(name).length;
  if (bytes === 0 || bytes > SETTINGS_LIMITS.nodeNameBytes) throw new SettingsError(raw.variable, `1 to ${String(SETTINGS_LIMITS.nodeNameBytes)} bytes of text`, `${String(bytes)} bytes`);
  if (UNPRINTABLE.test(name)) throw new SettingsError(raw.variable, 'text without control characters', quote(name));
  return name;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

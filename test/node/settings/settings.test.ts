import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { help } from '../../../scripts/lib/help.mjs';
import {
  defaultDataDir,
  parseSettings,
  portTakenError,
  SETTINGS_LIMITS,
  SETTINGS_TABLE,
  SettingsError,
  usageText,
  wantsHelp,
  writtenName,
} from '../../../src/node/settings.ts';
import { thrown } from '../../helpers/thrown.ts';

const failure = (run: () => unknown): SettingsError => thrown(SettingsError, run);

const from = (env: Record<string, string>, argv: string[] = []) => parseSettings(env, argv, { home: '/home/ada', platform: 'linux', cwd: '/tmp/here' });

describe('parseSettings', () => {
  it('has the documented defaults', () => {
    expect(from({})).toEqual({
      httpPort: { value: 3001, explicit: false },
      p2pPort: { value: 5001, explicit: false },
      p2pHost: '127.0.0.1',
      peers: [],
      dataDir: '/home/ada/.local/share/chainscope',
      dataDirExplicit: false,
      network: 'main',
    });
  });

  it('reads the environment', () => {
    const settings = from({
      HTTP_PORT: '3002',
      P2P_PORT: '0',
      PEERS: 'ws://localhost:5001, ws://127.0.0.1:5002/,LOCALHOST:5001',
      DATA_DIR: 'data/b',
      NETWORK: 'regtest',
      P2P_HOST: '0.0.0.0',
      NODE_NAME: ' Birch ',
      MINE_WORKERS: '3',
      MINE_CPU: '25',
      MINE_KERNEL: 'wasm-simd',
    });
    expect(settings).toEqual({
      httpPort: { value: 3002, explicit: true },
      p2pPort: { value: 0, explicit: true },
      p2pHost: '0.0.0.0',
      peers: ['localhost:5001', '127.0.0.1:5002'],
      dataDir: '/tmp/here/data/b',
      dataDirExplicit: true,
      network: 'regtest',
      nodeName: 'Birch',
      mineWorkers: 3,
      mineShare: 0.25,
      mineKernel: 'wasm-simd',
    });
  });

  it('lets the command line win, in both spellings', () => {
    const settings = from({ HTTP_PORT: '3002', P2P_PORT: '5002', NODE_NAME: 'Env' }, ['--http-port', '3003', '--p2p-port=5003', '--peers', '[::1]:5001', '--peers=ws://b.example:9']);
    expect(settings.httpPort).toEqual({ value: 3003, explicit: true });
    expect(settings.p2pPort).toEqual({ value: 5003, explicit: true });
    expect(settings.peers).toEqual(['[::1]:5001', 'b.example:9']);
    expect(settings.nodeName).toBe('Env');
  });

  it('lets the command line win even when the variable is wrong', () => {
    expect(from({ HTTP_PORT: 'abc' }, ['--http-port=3003']).httpPort.value).toBe(3003);
  });

  it('counts an empty variable as not set', () => {
    expect(from({ HTTP_PORT: '', PEERS: '', DATA_DIR: '', NETWORK: '', P2P_HOST: '', NODE_NAME: '', MINE_WORKERS: '', MINE_CPU: '', MINE_KERNEL: '' })).toEqual(from({}));
  });

  it.each([
    ['HTTP_PORT', 'abc'],
    ['HTTP_PORT', '70000'],
    ['HTTP_PORT', '-1'],
    ['HTTP_PORT', '1e3'],
    ['HTTP_PORT', '0x10'],
    ['P2P_PORT', '65536'],
    ['P2P_PORT', '50 01'],
    ['PEERS', 'foo'],
    ['PEERS', 'ws://localhost:5001,foo'],
    ['PEERS', 'http://localhost:5001'],
    ['PEERS', 'ws://localhost:0'],
    ['PEERS', 'ws://localhost:70000'],
    ['PEERS', 'ws://localhost:5001/path'],
    ['PEERS', '999.1.1.1:5001'],
    ['PEERS', 'ws://user@host:5001'],
    ['NETWORK', 'x'],
    ['NETWORK', 'Main'],
    ['P2P_HOST', 'not an address'],
    ['P2P_HOST', '1.2.3'],
    ['NODE_NAME', 'n'.repeat(SETTINGS_LIMITS.nodeNameBytes + 1)],
    ['NODE_NAME', 'é'.repeat(SETTINGS_LIMITS.nodeNameBytes / 2 + 1)],
    ['NODE_NAME', '   '],
    ['NODE_NAME', 'a\u0007b'],
    ['NODE_NAME', 'a\u202eb'],
    ['NODE_NAME', '\ud800'],
    ['MINE_WORKERS', '0'],
    ['MINE_WORKERS', String(SETTINGS_LIMITS.mineWorkers + 1)],
    ['MINE_WORKERS', '1.5'],
    ['MINE_CPU', String(SETTINGS_LIMITS.mineCpuMin - 1)],
    ['MINE_CPU', '101'],
    ['MINE_CPU', '50%'],
    ['MINE_KERNEL', 'fast'],
    ['MINE_KERNEL', 'AVX2'],
    ['MINE_KERNEL', 'constructor'],
    ['DATA_DIR', '   '],
    ['DATA_DIR', 'a\0b'],
    ['DATA_DIR', 'd'.repeat(SETTINGS_LIMITS.dataDirLength + 1)],
  ])('%s=%j is an error that names the variable', (variable, value) => {
    const error = failure(() => from({ [variable]: value }));
    expect(error.variable).toBe(variable);
    expect(error.message).toContain(variable);
    expect(error.expected).not.toBe('');
    expect(error.message.endsWith('.')).toBe(true);
  });

  it('names the option as it was typed, and the bad entry of a list', () => {
    expect(failure(() => from({}, ['--http-port', 'abc'])).variable).toBe('--http-port');
    const error = failure(() => from({}, ['--peers', 'localhost:5001,foo,localhost:5002']));
    expect(error.variable).toBe('--peers');
    expect(error.got).toContain('"foo"');
  });

  it('takes the least and the most of mining', () => {
    expect(from({ MINE_WORKERS: '1', MINE_CPU: String(SETTINGS_LIMITS.mineCpuMin) })).toMatchObject({ mineWorkers: 1, mineShare: 0.1 });
    expect(from({ MINE_WORKERS: String(SETTINGS_LIMITS.mineWorkers), MINE_CPU: '100' })).toMatchObject({ mineWorkers: SETTINGS_LIMITS.mineWorkers, mineShare: 1 });
  });

  it('takes a name at the limit and a list at the limit, and not one more', () => {
    const name = 'n'.repeat(SETTINGS_LIMITS.nodeNameBytes);
    expect(from({ NODE_NAME: name }).nodeName).toBe(name);
    const list = (count: number): string => Array.from({ length: count }, (_, index) => `localhost:${String(index + 1)}`).join(',');
    expect(from({ PEERS: list(SETTINGS_LIMITS.peers) }).peers).toHaveLength(SETTINGS_LIMITS.peers);
    expect(failure(() => from({ PEERS: list(SETTINGS_LIMITS.peers + 1) })).variable).toBe('PEERS');
  });

  it('refuses an option without a value, an unknown option and a stray word', () => {
    expect(failure(() => from({}, ['--http-port'])).variable).toBe('--http-port');
    expect(failure(() => from({}, ['--http-port='])).variable).toBe('--http-port');
    expect(failure(() => from({}, ['--data-dir='])).variable).toBe('--data-dir');
    expect(failure(() => from({}, ['--colour', 'red'])).variable).toBe('--colour');
    expect(failure(() => from({}, ['3001'])).variable).toBe('3001');
  });

  it.each([
    ['a forgotten value', ['--data-dir', '--network=regtest'], '--data-dir', 'followed by a value'],
    ['a forgotten name', ['--node-name', '--http-port=0'], '--node-name', 'followed by a value'],
    ['a forgotten value before a short option', ['--network', '-h'], '--network', 'followed by a value'],
    ['one dash', ['-http-port', '3002'], '-http-port', 'spelled --http-port'],
    ['one dash and =', ['-data-dir=/tmp/x'], '-data-dir', 'spelled --data-dir'],
    ['the variable', ['--HTTP_PORT', '3002'], '--HTTP_PORT', 'spelled --http-port'],
    ['underscores', ['--mine_cpu=50'], '--mine_cpu', 'spelled --mine-cpu'],
    ['an option behind --', ['--', '--http-port', '3002'], '--http-port', 'written before the --'],
  ])('refuses %s, in the app and without it', (_what, argv, variable, expected) => {
    for (const strict of [true, false]) expect(failure(() => parseSettings({}, argv, { strict }))).toMatchObject({ variable, expected });
  });

  it('takes what looks like an option as a value where it is written with =, and a negative number for what it is', () => {
    expect(from({}, ['--node-name=--x']).nodeName).toBe('--x');
    expect(failure(() => from({}, ['--http-port', '-1']))).toMatchObject({ variable: '--http-port', got: '"-1"' });
  });

  it('cuts the space that cmd.exe leaves before &&', () => {
    expect(from({ NETWORK: 'regtest ' }).network).toBe('regtest');
  });

  it('refuses one port for both servers', () => {
    expect(failure(() => from({ HTTP_PORT: '5001' })).variable).toBe('HTTP_PORT');
    expect(from({ HTTP_PORT: '0', P2P_PORT: '0' }).httpPort.value).toBe(0);
  });

  it('leaves the switches of Chromium alone in the app, but not a near miss of ours', () => {
    const argv = ['--no-sandbox', '--remote-debugging-port=0', '--inspect=0', '--user-data-dir=/tmp/x', '--hxxp-port=1', '.', '--http-port=3009', '--enable-features=A,B', '--lang', 'de'];
    const settings = parseSettings({}, argv, { strict: false });
    expect(settings.httpPort).toEqual({ value: 3009, explicit: true });
    for (const typo of ['--http-prot=1', '--htp-port=1', '--http-portt=1', '--hztp-port=1']) {
      const error = failure(() => parseSettings({}, [typo], { strict: false }));
      expect(error.expected).toContain('--http-port');
    }
  });
});

describe('defaultDataDir', () => {
  it('is per user and system, with a folder of its own for regtest', () => {
    expect(defaultDataDir('main', { XDG_DATA_HOME: '/data' }, 'linux', '/home/ada')).toBe('/data/chainscope');
    expect(defaultDataDir('main', { XDG_DATA_HOME: 'relative' }, 'linux', '/home/ada')).toBe('/home/ada/.local/share/chainscope');
    expect(defaultDataDir('regtest', {}, 'linux', '/home/ada')).toBe('/home/ada/.local/share/chainscope/regtest');
    expect(defaultDataDir('main', {}, 'darwin', '/Users/ada')).toBe('/Users/ada/Library/Application Support/Chainscope');
    expect(defaultDataDir('main', { APPDATA: 'C:\\Roam' }, 'win32', 'C:\\Users\\ada')).toBe('C:\\Roam\\Chainscope');
    expect(defaultDataDir('regtest', {}, 'win32', 'C:\\Users\\ada')).toBe('C:\\Users\\ada\\AppData\\Roaming\\Chainscope\\regtest');
  });

  it('resolves a relative DATA_DIR against the current folder', () => {
    expect(parseSettings({ DATA_DIR: 'x' }, []).dataDir).toBe(join(process.cwd(), 'x'));
  });
});

describe('usage', () => {
  it('is asked for by --help and -h', () => {
    expect(wantsHelp(['--http-port', '1', '--help'])).toBe(true);
    expect(wantsHelp(['-h'])).toBe(true);
    expect(wantsHelp(['--http-port', '1'])).toBe(false);
  });

  it('lists the same options and variables as npm start -- --help', () => {
    const listed = (text: string): string[] => [...text.matchAll(/^ {2}--([a-z0-9-]+) <[a-z]+> +([A-Z0-9_]+) /gm)].map((match) => `${match[1] ?? ''} ${match[2] ?? ''}`).sort();
    const rows = SETTINGS_TABLE.map((row) => `${row.option} ${row.variable}`).sort();
    expect(listed(usageText())).toEqual(rows);
    expect(listed(help)).toEqual(rows);
  });
});

describe('writtenName', () => {
  it('is the option where the command line has it', () => {
    expect(writtenName('p2p-host', ['--p2p-host', '10.9.9.9'])).toBe('--p2p-host');
    expect(writtenName('http-port', ['--http-port=80'])).toBe('--http-port');
    expect(writtenName('http-port', ['--p2p-port=80'])).toBe('HTTP_PORT');
  });
});

describe('portTakenError', () => {
  it('names the variable, or the option when that was typed', () => {
    expect(portTakenError('http-port', 3001).variable).toBe('HTTP_PORT');
    expect(portTakenError('p2p-port', 5001, ['--p2p-port=5001']).variable).toBe('--p2p-port');
    expect(portTakenError('http-port', 3001).message).toContain('3001');
  });
});

import { describe, expect, it, vi } from 'vitest';
import type { Settings } from '../../src/node/index.ts';
import type { NodeSnapshot } from '../../src/shared/events.ts';
import type { NodeApi } from '../../src/shared/node-api.ts';
import { defaultPreferences } from '../../src/shared/preferences.ts';

vi.mock('electron', () => ({ app: {}, dialog: {}, protocol: {}, session: {}, clipboard: { writeText: () => Promise.resolve() } }));
const { isOurPage } = await import('../../src/main/navigation.ts');
const { requestFilter } = await import('../../src/main/page-session.ts');
const { failureNeedsBox } = await import('../../src/main/messages.ts');
const { besideSettings } = await import('../../src/main/startup.ts');
const { createHandlers, setPreferences } = await import('../../src/main/handlers.ts');

const DEV = 'http://localhost:5173/';

describe('isOurPage', () => {
  it.each([
    ['app://chainscope/index.html', undefined, true],
    ['app://chainscope/', undefined, true],
    ['app://chainscope.example/', undefined, false],
    ['app://chainscope', undefined, false],
    ['app://elsewhere/index.html', undefined, false],
    ['https://example.org/', undefined, false],
    ['file:///index.html', undefined, false],
    ['', undefined, false],
    ['http://localhost:5173/index.html', undefined, false],
    ['http://localhost:5173/index.html', DEV, true],
    ['http://localhost:5174/', DEV, false],
    ['http://localhost:5173.example/', DEV, false],
    ['nonsense', DEV, false],
  ])('%s with the development server %s: %s', (url, dev, expected) => {
    expect(isOurPage(url, dev)).toBe(expected);
  });
});

describe('requestFilter', () => {
  it('lets only the page itself through', () => {
    const may = requestFilter(undefined);
    for (const url of ['app://chainscope/assets/a.js', 'data:image/png;base64,x', 'devtools://devtools/x']) expect(may(url)).toBe(true);
    for (const url of ['https://example.org/', 'http://localhost:5173/', 'ws://localhost:1/', 'file:///etc/passwd', 'app://other/x', 'app://chainscope.org/x']) {
      expect(may(url)).toBe(false);
    }
  });

  it('lets the development server through when there is one', () => {
    const may = requestFilter(DEV);
    expect(may('http://localhost:5173/main.tsx')).toBe(true);
    expect(may('ws://localhost:5173/?token=x')).toBe(true);
    expect(may('http://localhost:51730/')).toBe(false);
  });
});

describe('failureNeedsBox', () => {
  it('shows a box only where nobody reads standard error', () => {
    expect(failureNeedsBox({ packaged: true, terminal: false, env: {} })).toBe(true);
    expect(failureNeedsBox({ packaged: false, terminal: false, env: {} })).toBe(false);
    expect(failureNeedsBox({ packaged: true, terminal: true, env: {} })).toBe(false);
    expect(failureNeedsBox({ packaged: true, terminal: false, env: { CI: 'true' } })).toBe(false);
    expect(failureNeedsBox({ packaged: true, terminal: false, env: { CHAINSCOPE_NO_DIALOG: '1' } })).toBe(false);
  });
});

describe('besideSettings', () => {
  it('gives a second node another directory, ports that may move, and no name of the first', () => {
    const first: Settings = {
      httpPort: { value: 3001, explicit: true },
      p2pPort: { value: 0, explicit: true },
      p2pHost: '127.0.0.1',
      peers: ['localhost:5001'],
      dataDir: '/d',
      dataDirExplicit: true,
      network: 'regtest',
      nodeName: 'Ana',
    };
    expect(besideSettings(first, '/d-2')).toEqual({
      httpPort: { value: 3001, explicit: false },
      p2pPort: { value: 0, explicit: true },
      p2pHost: '127.0.0.1',
      peers: ['localhost:5001'],
      dataDir: '/d-2',
      dataDirExplicit: true,
      network: 'regtest',
    });
  });
});

describe('createHandlers', () => {
  const notice = (code: string) => ({ level: 'info' as const, code, message: code });
  const parts = (api: Partial<NodeApi>, notices = [notice('own')]) => ({
    node: () => Promise.resolve(api as NodeApi),
    preferences: { notices, get: () => defaultPreferences, set: () => { throw new Error('disk full'); } } as never,
    spawnPeer: () => Promise.resolve(7),
  });

  it('adds what main has to say to the snapshot, at most fifty notices', async () => {
    const snapshot = { notices: Array.from({ length: 50 }, (_, i) => notice(String(i))) } as unknown as NodeSnapshot;
    const handlers = createHandlers(parts({ snapshot: () => snapshot }));
    const { notices } = await handlers.snapshot(undefined);
    expect(notices).toHaveLength(50);
    expect(notices.at(-1)?.code).toBe('49');
    const few = createHandlers(parts({ snapshot: () => ({ notices: [notice('a')] }) as unknown as NodeSnapshot }));
    expect((await few.snapshot(undefined)).notices.map(({ code }) => code)).toEqual(['own', 'a']);
  });

  it('answers a mine command with its number, also when the job fails later', async () => {
    const failing = Promise.reject(new Error('stopped'));
    const handlers = createHandlers(parts({ mine: () => ({ jobId: 4, done: failing }) }));
    expect(await handlers.mine({ dataText: '1' })).toEqual({ jobId: 4 });
    await expect(failing).rejects.toThrow('stopped');
  });

  it('says in one sentence that preferences could not be written', () => {
    expect(() => createHandlers(parts({})).setPreferences({ theme: 'dark' })).toThrow(/could not be written.*disk full/);
  });

  it.each([
    ['ENOSPC', 'Make room'],
    ['EDQUOT', 'Make room'],
    ['EACCES', 'may write'],
    ['EROFS', 'may write'],
  ])('%s: %s', (code, step) => {
    const store = { set: () => { throw Object.assign(new Error(code), { code }); } } as never;
    expect(() => setPreferences(store, { theme: 'dark' })).toThrow(expect.objectContaining({ name: 'ApiError', message: expect.stringContaining(step) as string }));
  });

  it('gives the process id of a spawned node', async () => {
    expect(await createHandlers(parts({})).spawnPeer(undefined)).toEqual({ pid: 7 });
  });
});

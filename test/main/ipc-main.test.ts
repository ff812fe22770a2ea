import { describe, expect, it, vi } from 'vitest';
import { isTrustedSender, registerIpc, type IpcHandlers, type Sender } from '../../src/main/ipc-main.ts';
import { invokeChannel, IPC_LIMITS, ipcNames, ipcTable, type IpcName, type IpcResult } from '../../src/shared/ipc.ts';
import { CHAIN_VIEW_LIMITS } from '../../src/shared/chain-view.ts';
import { ApiError } from '../../src/shared/node-api.ts';

type Handler = (event: Sender, ...args: unknown[]) => Promise<IpcResult<unknown>> | IpcResult<unknown>;

class FakeIpcMain {
  readonly handlers = new Map<string, Handler>();
  handle(channel: string, handler: Handler): void {
    if (this.handlers.has(channel)) throw new Error(`second handler for ${channel}`);
    this.handlers.set(channel, handler);
  }
  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }
}

const event = {} as Sender;

function setup(overrides: Partial<Record<IpcName, (input: never) => unknown>> = {}, trusted = true) {
  const ipcMain = new FakeIpcMain();
  const calls: [IpcName, unknown][] = [];
  const reports: string[] = [];
  const handlers = Object.fromEntries(
    ipcNames.map((name) => [
      name,
      (input: unknown) => {
        calls.push([name, input]);
        return overrides[name] === undefined ? null : overrides[name](input as never);
      },
    ]),
  ) as unknown as IpcHandlers;
  const remove = registerIpc(ipcMain as never, handlers, { isTrusted: () => trusted, report: (message) => reports.push(message) });
  const invoke = async (name: IpcName, ...args: unknown[]): Promise<IpcResult<unknown>> => {
    const handler = ipcMain.handlers.get(invokeChannel(name));
    if (handler === undefined) throw new Error(`no handler for ${name}`);
    return handler(event, ...args);
  };
  return { ipcMain, calls, reports, invoke, remove };
}

/** Something valid for each row. */
const good: Record<IpcName, unknown[]> = {
  snapshot: [],
  getBlock: ['ab'.repeat(32)],
  checkBlock: ['ab'.repeat(32)],
  tamper: [{ block: 'ab'.repeat(32), dataText: '"x"' }],
  getBlocks: [{ from: 1, limit: 10 }],
  overview: [{ buckets: 500 }],
  chainIndex: [{ from: 0, limit: 100 }],
  forks: [{ from: 0, to: 10 }],
  findBlocks: [{ hash: 'beef', limit: 10 }],
  stopFinding: [],
  mine: [{ dataText: '"x"' }],
  stopMining: [],
  addPeer: [{ address: 'localhost:5001' }],
  removePeer: [{ key: 'k' }],
  cutPeer: [{ key: 'k' }],
  mendPeer: [{ key: 'k' }],
  submitTransaction: [{ dataText: '1' }],
  transactions: [],
  spawnPeer: [],
  getPreferences: [],
  setPreferences: [{ theme: 'dark' }],
  copyText: [{ text: 'x' }],
};

function cyclic(): unknown {
  const object: Record<string, unknown> = {};
  object['self'] = object;
  return object;
}

/** Wrong for every row: none takes such a thing. */
const bad: [string, unknown[]][] = [
  ['a number below zero', [-1]],
  ['not a number', [Number.NaN]],
  ['a fraction', [1.5]],
  ['null', [null]],
  ['a boolean', [true]],
  ['an array', [[]]],
  ['an unknown field', [{ ...(Object.assign(Object.create(null), { nonsense: 1 }) as object) }]],
  ['a cyclic object', [cyclic()]],
  ['a prototype as data', [JSON.parse('{"__proto__": {"dataText": "x", "address": "a", "key": "k", "text": "t"}}')]],
  ['a constructor as data', [JSON.parse('{"constructor": {"prototype": {"x": 1}}}')]],
  ['a date', [new Date()]],
  ['a map', [new Map([['dataText', 'x']])]],
  ['two arguments', [undefined, undefined]],
];

describe('registerIpc', () => {
  it('registers every row of the table once, and nothing else', () => {
    const { ipcMain, remove } = setup();
    expect([...ipcMain.handlers.keys()].sort()).toEqual(Object.keys(ipcTable).map((name) => invokeChannel(name as IpcName)).sort());
    remove();
    expect(ipcMain.handlers.size).toBe(0);
  });

  it.each(ipcNames.map((name) => [name]))('%s takes its argument and gives the handler what the schema made of it', async (name) => {
    const { invoke, calls } = setup();
    expect(await invoke(name, ...good[name])).toEqual({ ok: true, value: null });
    expect(calls).toEqual([[name, good[name][0]]]);
  });

  it.each(ipcNames.flatMap((name) => bad.map(([what, args]) => [name, what, args] as const)))('ELE-05 %s refuses %s', async (name, _what, args) => {
    const { invoke, calls } = setup();
    const result = await invoke(name, ...args);
    expect(result).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
    expect(calls).toEqual([]);
    if (!result.ok) expect(result.error.message.length).toBeLessThan(400);
  });

  it('holds each limit of the table exactly', async () => {
    const { invoke } = setup();
    const ok = async (name: IpcName, argument: unknown): Promise<boolean> => (await invoke(name, argument)).ok;
    expect(await ok('mine', { dataText: 'x'.repeat(IPC_LIMITS.dataText) })).toBe(true);
    expect(await ok('mine', { dataText: 'x'.repeat(IPC_LIMITS.dataText + 1) })).toBe(false);
    expect(await ok('tamper', { block: 0, dataText: 'x'.repeat(IPC_LIMITS.dataText) })).toBe(true);
    expect(await ok('tamper', { block: 0, dataText: 'x'.repeat(IPC_LIMITS.dataText + 1) })).toBe(false);
    expect(await ok('tamper', { block: 0x1_0000_0000, dataText: '1' })).toBe(false);
    expect(await ok('submitTransaction', { dataText: 'x'.repeat(IPC_LIMITS.dataText + 1) })).toBe(false);
    expect(await ok('addPeer', { address: 'x'.repeat(IPC_LIMITS.address) })).toBe(true);
    expect(await ok('addPeer', { address: 'x'.repeat(IPC_LIMITS.address + 1) })).toBe(false);
    expect(await ok('removePeer', { key: 'x'.repeat(IPC_LIMITS.key) })).toBe(true);
    expect(await ok('removePeer', { key: 'x'.repeat(IPC_LIMITS.key + 1) })).toBe(false);
    expect(await ok('getBlocks', { limit: IPC_LIMITS.rangeLimit })).toBe(true);
    expect(await ok('getBlocks', { limit: IPC_LIMITS.rangeLimit + 1 })).toBe(false);
    expect(await ok('overview', { buckets: CHAIN_VIEW_LIMITS.buckets })).toBe(true);
    expect(await ok('overview', { buckets: CHAIN_VIEW_LIMITS.buckets + 1 })).toBe(false);
    expect(await ok('chainIndex', { from: 0, limit: CHAIN_VIEW_LIMITS.indexBlocks })).toBe(true);
    expect(await ok('chainIndex', { from: 0, limit: CHAIN_VIEW_LIMITS.indexBlocks + 1 })).toBe(false);
    expect(await ok('findBlocks', { text: 'x'.repeat(IPC_LIMITS.findText), limit: IPC_LIMITS.findLimit })).toBe(true);
    expect(await ok('findBlocks', { text: 'x'.repeat(IPC_LIMITS.findText + 1) })).toBe(false);
    expect(await ok('findBlocks', { text: 'x', limit: IPC_LIMITS.findLimit + 1 })).toBe(false);
    expect(await ok('findBlocks', { hash: 'abc' })).toBe(false);
    expect(await ok('findBlocks', { hash: 'f'.repeat(65) })).toBe(false);
    expect(await ok('findBlocks', { hash: 'beef', text: 'x' })).toBe(false);
    expect(await ok('copyText', { text: 'x'.repeat(IPC_LIMITS.clipboard) })).toBe(true);
    expect(await ok('copyText', { text: 'x'.repeat(IPC_LIMITS.clipboard + 1) })).toBe(false);
  });

  it('ELE-04 never runs a handler for a sender that is not ours', async () => {
    const { invoke, calls, reports } = setup({}, false);
    for (const name of ipcNames) expect(await invoke(name, ...good[name])).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(calls).toEqual([]);
    expect(reports).toHaveLength(ipcNames.length);
  });

  it('passes an ApiError on with its fields', async () => {
    const { invoke } = setup({
      addPeer: () => {
        throw new ApiError({ code: 'bad-port', message: 'Port must be 1-65535', field: 'address', got: '0' });
      },
    });
    expect(await invoke('addPeer', { address: 'localhost:0' })).toEqual({
      ok: false,
      error: { code: 'bad-port', message: 'Port must be 1-65535', field: 'address', got: '0' },
    });
  });

  it('tells the log, not the page, what went wrong inside', async () => {
    const { invoke, reports } = setup({ snapshot: () => Promise.reject(new TypeError('secret detail')) });
    const result = await invoke('snapshot');
    expect(result).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(reports.join()).toContain('secret detail');
  });
});

describe('isTrustedSender', () => {
  const make = (change: { url?: string; id?: number; parent?: unknown; frameTreeNodeId?: number; destroyed?: boolean; noFrame?: boolean } = {}): Sender =>
    ({
      sender: { id: change.id ?? 1, isDestroyed: () => change.destroyed ?? false, mainFrame: { frameTreeNodeId: 7 } },
      senderFrame: change.noFrame
        ? null
        : { parent: change.parent ?? null, url: change.url ?? 'app://chainscope/index.html', frameTreeNodeId: change.frameTreeNodeId ?? 7 },
    }) as unknown as Sender;
  const check = (sender: Sender): boolean => isTrustedSender(sender, (id) => id === 1, (url) => url.startsWith('app://chainscope/'));

  it('trusts the main frame of our page in our window', () => {
    expect(check(make())).toBe(true);
  });

  it.each([
    ['another window', make({ id: 2 })],
    ['another page', make({ url: 'https://example.org/' })],
    ['a page with our name in it', make({ url: 'https://example.org/app://chainscope/' })],
    ['a frame inside the page', make({ parent: {}, frameTreeNodeId: 8 })],
    ['a detached frame', make({ frameTreeNodeId: 8 })],
    ['a destroyed frame', make({ noFrame: true })],
    ['a destroyed page', make({ destroyed: true })],
  ])('ELE-04 refuses %s', (_what, sender) => {
    expect(check(sender)).toBe(false);
  });

  it('asks about the real sender on each call', () => {
    const ours = vi.fn(() => true);
    expect(isTrustedSender(make(), ours, () => true)).toBe(true);
    expect(ours).toHaveBeenCalledWith(1);
  });
});

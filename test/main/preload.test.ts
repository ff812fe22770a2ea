import { beforeEach, describe, expect, it, vi } from 'vitest';
import { invokeChannel, ipcNames, ipcTable, pushChannel, type ChainscopeBridge } from '../../src/shared/ipc.ts';

const electron = vi.hoisted(() => ({
  exposed: new Map<string, unknown>(),
  invoke: (..._args: unknown[]): Promise<unknown> => Promise.resolve(undefined),
  listeners: new Map<string, Set<(...args: unknown[]) => void>>(),
}));
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, value: unknown) => electron.exposed.set(name, value) },
  ipcRenderer: {
    invoke: (...args: unknown[]) => electron.invoke(...args),
    on: (channel: string, listener: () => void) => {
      const all = electron.listeners.get(channel) ?? new Set();
      electron.listeners.set(channel, all.add(listener));
    },
    removeListener: (channel: string, listener: () => void) => electron.listeners.get(channel)?.delete(listener),
  },
}));

await import('../../src/preload/index.ts');
const bridge = electron.exposed.get('chainscope') as ChainscopeBridge;

beforeEach(() => electron.listeners.clear());

describe('window.chainscope', () => {
  it('has every row of the table, on and platform, and nothing else', () => {
    expect([...electron.exposed.keys()]).toEqual(['chainscope']);
    expect(Object.keys(bridge).sort()).toEqual([...Object.keys(ipcTable), 'on', 'platform'].sort());
    expect([...ipcNames].sort()).toEqual(Object.keys(ipcTable).sort());
  });

  it('calls the channel of its row with all arguments and gives back the envelope', async () => {
    const invoke = vi.spyOn(electron, 'invoke').mockResolvedValue({ ok: true, value: 5 });
    const mine = bridge.mine as (...args: unknown[]) => Promise<unknown>;
    expect(await mine({ dataText: '1' }, 'too many')).toEqual({ ok: true, value: 5 });
    expect(invoke).toHaveBeenCalledWith(invokeChannel('mine'), { dataText: '1' }, 'too many');
  });

  it('turns an argument that cannot be sent, and a silent main process, into errors as values', async () => {
    const invoke = vi.spyOn(electron, 'invoke').mockRejectedValueOnce(new Error('An object could not be cloned.'));
    expect(await bridge.snapshot()).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
    invoke.mockRejectedValueOnce(new Error('No handler registered'));
    expect(await bridge.snapshot()).toMatchObject({ ok: false, error: { code: 'internal' } });
  });

  it('hands on the payload without the event, until unsubscribed', () => {
    const seen: unknown[][] = [];
    const off = bridge.on('menu', (...args: unknown[]) => seen.push(args));
    const emit = (payload: unknown): void => electron.listeners.get(pushChannel('menu'))?.forEach((listener) => listener({ sender: 'secret' }, payload));
    emit('mine');
    off();
    emit('stop-mining');
    expect(seen).toEqual([['mine']]);
  });

  it('does not listen to channels that are not in the table', () => {
    expect(() => bridge.on('../other' as 'menu', () => undefined)).toThrow(TypeError);
    expect(() => bridge.on('menu', 'x' as never)).toThrow(TypeError);
    expect(electron.listeners.size).toBe(0);
  });
});

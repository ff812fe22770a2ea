/**
 * The bridge: `window.chainscope`, one function per row of the IPC table and one way to listen to pushes. It runs in the
 * sandbox, holds no state, and hands the page neither `ipcRenderer` nor an event object.
 */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import type { ChainscopeBridge, IpcPushes, IpcResult } from '../shared/ipc.ts';
import { invokeChannel, ipcNames, ipcPushNames, pushChannel, type IpcName, type IpcPushName } from '../shared/ipc-names.ts';

/**
 * Calls one row of the table. All arguments go along, so that main can refuse the ones that do not belong. Errors come
 * back as values: an argument that cannot be copied is the page's mistake, anything else is ours.
 */
async function call(name: IpcName, args: unknown[]): Promise<IpcResult<unknown>> {
  try {
    return (await ipcRenderer.invoke(invokeChannel(name), ...args)) as IpcResult<unknown>;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (text.includes('could not be cloned')) {
      return { ok: false, error: { code: 'invalid-argument', message: `The argument of ${name} cannot be sent. Send plain data.` } };
    }
    return { ok: false, error: { code: 'internal', message: `The application did not answer ${name}. Restart Chainscope.` } };
  }
}

function on(name: IpcPushName, listener: (payload: never) => void): () => void {
  if (!ipcPushNames.includes(name) || typeof listener !== 'function') {
    throw new TypeError('on(name, listener) needs the name of a push and a function');
  }
  const channel = pushChannel(name);
  const forward = (_event: IpcRendererEvent, payload: IpcPushes[IpcPushName]): void => listener(payload as never);
  ipcRenderer.on(channel, forward);
  return () => {
    ipcRenderer.removeListener(channel, forward);
  };
}

const calls = Object.fromEntries(ipcNames.map((name) => [name, (...args: unknown[]) => call(name, args)]));

// The table gives every name its types; building it from the names is what loses them here.
const bridge = { ...calls, on, platform: process.platform } as unknown as ChainscopeBridge;

contextBridge.exposeInMainWorld('chainscope', bridge);

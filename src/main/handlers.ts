import { clipboard } from 'electron';
import type { Notice } from '../shared/events.ts';
import type { NodeApi } from '../shared/node-api.ts';
import { ApiError } from '../shared/node-api.ts';
import type { Preferences } from '../shared/preferences.ts';
import type { IpcHandlers } from './ipc-main.ts';
import { MAIN_LIMITS } from './limits.ts';
import type { PreferencesStore } from './preferences.ts';

/** What the IPC handlers work with; `node` resolves when the node is open and rejects when it cannot be. */
export interface HandlerParts {
  node: () => Promise<NodeApi>;
  preferences: PreferencesStore;
  spawnPeer: () => Promise<number>;
}

/** The most notices that a snapshot carries, as `NodeSnapshot` promises. */
const SNAPSHOT_NOTICES = 50;

/** The rows of the IPC table in terms of the one NodeApi. A command's answer says that it was accepted; the state follows as events. */
export function createHandlers(parts: HandlerParts): IpcHandlers {
  return {
    snapshot: async () => {
      const snapshot = (await parts.node()).snapshot();
      const own: Notice[] = parts.preferences.notices.slice(-MAIN_LIMITS.notices);
      return own.length === 0 ? snapshot : { ...snapshot, notices: [...own, ...snapshot.notices].slice(-SNAPSHOT_NOTICES) };
    },
    getBlock: async (ref) => (await parts.node()).getBlock(ref),
    checkBlock: async (hash) => (await parts.node()).checkBlock(hash),
    tamper: async (request) => (await parts.node()).tamper(request),
    getBlocks: async (range) =>
      (await parts.node()).getBlocks({
        ...(range.from === undefined ? {} : { from: range.from }),
        ...(range.limit === undefined ? {} : { limit: range.limit }),
      }),
    overview: async ({ buckets }) => (await parts.node()).overview(buckets),
    chainIndex: async (range) => (await parts.node()).chainIndex(range),
    forks: async (heights) => (await parts.node()).forks(heights),
    findBlocks: async ({ limit, ...what }) => (await parts.node()).findBlocks({ ...what, ...(limit === undefined ? {} : { limit }) }),
    stopFinding: async () => {
      (await parts.node()).stopFinding();
      return null;
    },
    mine: async (request) => {
      const job = (await parts.node()).mine(request);
      // How the job ends is state and arrives as an event; here only its number is asked for.
      job.done.catch(() => undefined);
      return { jobId: job.jobId };
    },
    stopMining: async () => (await parts.node()).stopMining(),
    addPeer: async ({ address, keepUnreachable }) =>
      (await parts.node()).addPeer(address, keepUnreachable === undefined ? {} : { keepUnreachable }),
    removePeer: async ({ key }) => (await parts.node()).removePeer(key),
    cutPeer: async ({ key }) => (await parts.node()).cutPeer(key),
    mendPeer: async ({ key }) => (await parts.node()).mendPeer(key),
    submitTransaction: async ({ dataText }) => (await parts.node()).submitTransaction(dataText),
    transactions: async () => (await parts.node()).transactions(),
    spawnPeer: async () => ({ pid: await parts.spawnPeer() }),
    getPreferences: () => parts.preferences.get(),
    setPreferences: (patch) => setPreferences(parts.preferences, patch),
    copyText: async ({ text }) => {
      await clipboard.writeText(text);
      return null;
    },
  };
}

/** Sets some of them, from the page or the menu. @throws ApiError in a sentence, with nothing changed, when they cannot be written */
export function setPreferences(store: PreferencesStore, patch: { [K in keyof Preferences]?: Preferences[K] | undefined }): Preferences {
  try {
    return store.set(Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const step = code === 'ENOSPC' || code === 'EDQUOT' ? 'Make room in the data directory' : 'See that you may write to the data directory';
    throw new ApiError({ code: 'internal', message: `The preferences could not be written: ${message}. ${step} and try again.` });
  }
}

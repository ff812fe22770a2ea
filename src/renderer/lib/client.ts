import type { ChainscopeBridge, IpcName, IpcOutput, IpcPushes, IpcPushName, IpcResult } from '../../shared/ipc.ts';
import { ApiError, type ApiErrorShape } from '../../shared/node-api.ts';
import type { Preferences } from '../../shared/preferences.ts';

type Call<N extends IpcName> = (...args: Parameters<ChainscopeBridge[N]>) => Promise<IpcOutput<N>>;

/** The bridge with its result envelopes opened: a call resolves to the value, or rejects with an ApiError. */
export type Client = { readonly [N in IpcName]: Call<N> } & {
  on<P extends IpcPushName>(name: P, listener: (payload: IpcPushes[P]) => void): () => void;
  readonly platform: string;
};

/** Takes the envelope off an answer of the bridge. Throws the ApiError that it holds. */
export function unwrap<T>(result: IpcResult<T>): T {
  if (result.ok) return result.value;
  throw new ApiError(result.error);
}

/** Whatever was thrown, as an error with a code and a sentence that can be shown. */
export function toApiError(thrown: unknown): ApiErrorShape {
  if (thrown instanceof ApiError) return thrown.toShape();
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message: `The window could not reach the node: ${detail}. Try again, or restart Chainscope.` };
}

export function createClient(bridge: ChainscopeBridge): Client {
  const open =
    <A extends unknown[], T>(call: (...args: A) => Promise<IpcResult<T>>) =>
    async (...args: A): Promise<T> =>
      unwrap(await call(...args));
  return {
    snapshot: open(bridge.snapshot),
    getBlock: open(bridge.getBlock),
    checkBlock: open(bridge.checkBlock),
    tamper: open(bridge.tamper),
    getBlocks: open(bridge.getBlocks),
    overview: open(bridge.overview),
    chainIndex: open(bridge.chainIndex),
    forks: open(bridge.forks),
    findBlocks: open(bridge.findBlocks),
    stopFinding: open(bridge.stopFinding),
    mine: open(bridge.mine),
    stopMining: open(bridge.stopMining),
    addPeer: open(bridge.addPeer),
    removePeer: open(bridge.removePeer),
    cutPeer: open(bridge.cutPeer),
    mendPeer: open(bridge.mendPeer),
    submitTransaction: open(bridge.submitTransaction),
    transactions: open(bridge.transactions),
    spawnPeer: open(bridge.spawnPeer),
    getPreferences: open(bridge.getPreferences),
    setPreferences: open(bridge.setPreferences),
    copyText: open(bridge.copyText),
    on: (name, listener) => bridge.on(name, listener),
    platform: bridge.platform,
  };
}

declare global {
  interface Window {
    /** Set by the preload script before the page's own scripts run. */
    readonly chainscope: ChainscopeBridge;
  }
}

let shared: Client | undefined;

/** The window's one client. */
export function client(): Client {
  shared ??= createClient(window.chainscope);
  return shared;
}

/** A change to the preferences, as the bridge takes it. */
export type PreferencesPatch = Partial<Preferences>;

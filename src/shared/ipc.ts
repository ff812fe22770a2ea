/**
 * The one table of what may cross between window and main process. Main registers a handler for each row, preload builds
 * `window.chainscope` from it, and the tests walk it: a row that exists here exists everywhere.
 */
import { z } from 'zod';
import type { BlockCheck, BlockDetail, BlockSummary } from './blocks.ts';
import { CHAIN_VIEW_LIMITS, type ChainIndexPage, type ChainOverview, type ForkList } from './chain-view.ts';
import type { MempoolEntryInfo, NodeEvent, NodeSnapshot } from './events.ts';
import type { IpcName, IpcPushName } from './ipc-names.ts';
import type { ApiErrorShape, FindAnswer } from './node-api.ts';
import type { PeerInfo } from './peers.ts';
import { preferencesSchema, type Preferences } from './preferences.ts';
import type { TamperReport } from './tamper.ts';

/** Limits of what a window may send; main refuses more with `invalid-argument`. */
export const IPC_LIMITS = {
  /** UTF-16 units of a block's or transaction's data text. The node's own limit in bytes is checked after this. */
  dataText: 300_000,
  address: 300,
  key: 300,
  rangeLimit: 1000,
  /** Characters that are looked for in the data of blocks, and blocks of one answer. */
  findText: 200,
  findLimit: 50,
  /** Characters: a block of 1 MiB as JSON has room, with every transaction's facts and every quotation mark escaped. */
  clipboard: 6_000_000,
  /** Events in one push; when more are waiting the window is told to take a snapshot instead. */
  eventsPerPush: 500,
  /** Pushes per second at most. */
  pushesPerSecond: 20,
} as const;

const hashHex = z.string().regex(/^[0-9a-f]{64}$/, 'a block hash is 64 hex digits');
const findLimit = z.number().int().min(1).max(IPC_LIMITS.findLimit).optional();
const height = z.number().int().min(0).max(0xffff_ffff);

function row<I extends z.ZodType, O>(input: I, _output: (value: never) => O): { input: I; output: O } {
  return { input, output: undefined as O };
}
const gives = <T>(): ((value: never) => T) => () => undefined as T;

/** name → schema of its one argument, and the type of its answer. */
export const ipcTable = {
  snapshot: row(z.undefined(), gives<NodeSnapshot>()),
  getBlock: row(z.union([hashHex, height]), gives<BlockDetail | null>()),
  checkBlock: row(hashHex, gives<BlockCheck | null>()),
  tamper: row(z.strictObject({ block: z.union([hashHex, height]), dataText: z.string().max(IPC_LIMITS.dataText) }), gives<TamperReport | null>()),
  getBlocks: row(
    z.strictObject({ from: height.optional(), limit: z.number().int().min(1).max(IPC_LIMITS.rangeLimit).optional() }),
    gives<BlockSummary[]>(),
  ),
  overview: row(z.strictObject({ buckets: z.number().int().min(1).max(CHAIN_VIEW_LIMITS.buckets) }), gives<ChainOverview>()),
  chainIndex: row(
    z.strictObject({ from: height, limit: z.number().int().min(1).max(CHAIN_VIEW_LIMITS.indexBlocks) }),
    gives<ChainIndexPage>(),
  ),
  forks: row(z.strictObject({ from: height, to: height }), gives<ForkList>()),
  findBlocks: row(
    z.union([
      z.strictObject({ hash: z.string().regex(/^[0-9a-f]{4,64}$/, 'a part of a hash is 4 to 64 hex digits'), limit: findLimit }),
      z.strictObject({ text: z.string().min(1).max(IPC_LIMITS.findText), limit: findLimit }),
    ]),
    gives<FindAnswer>(),
  ),
  stopFinding: row(z.undefined(), gives<null>()),
  mine: row(z.strictObject({ dataText: z.string().max(IPC_LIMITS.dataText) }), gives<{ jobId: number }>()),
  stopMining: row(z.undefined(), gives<boolean>()),
  addPeer: row(
    z.strictObject({ address: z.string().max(IPC_LIMITS.address), keepUnreachable: z.boolean().optional() }),
    gives<PeerInfo>(),
  ),
  removePeer: row(z.strictObject({ key: z.string().max(IPC_LIMITS.key) }), gives<boolean>()),
  cutPeer: row(z.strictObject({ key: z.string().max(IPC_LIMITS.key) }), gives<PeerInfo>()),
  mendPeer: row(z.strictObject({ key: z.string().max(IPC_LIMITS.key) }), gives<PeerInfo>()),
  submitTransaction: row(z.strictObject({ dataText: z.string().max(IPC_LIMITS.dataText) }), gives<MempoolEntryInfo>()),
  transactions: row(z.undefined(), gives<MempoolEntryInfo[]>()),
  /** Opens another node on this computer, in its own directory and process, with this node as its peer. */
  spawnPeer: row(z.undefined(), gives<{ pid: number }>()),
  getPreferences: row(z.undefined(), gives<Preferences>()),
  setPreferences: row(preferencesSchema.partial(), gives<Preferences>()),
  copyText: row(z.strictObject({ text: z.string().max(IPC_LIMITS.clipboard) }), gives<null>()),
} as const satisfies Record<IpcName, { input: z.ZodType; output: unknown }>;

export { invokeChannel, ipcNames, ipcPushNames, pushChannel, type IpcName, type IpcPushName } from './ipc-names.ts';

export type IpcTable = typeof ipcTable;
export type IpcInput<N extends IpcName> = z.input<IpcTable[N]['input']>;
export type IpcOutput<N extends IpcName> = IpcTable[N]['output'];

/** Errors travel as values: an Error loses its fields on the bridge. */
export type IpcResult<T> = { ok: true; value: T } | { ok: false; error: ApiErrorShape };

/** What main pushes to the window. */
export type EventPush = { kind: 'events'; events: NodeEvent[] } | { kind: 'resync' };
/** Commands of the native menu that the page carries out. */
export type MenuCommand = 'mine' | 'stop-mining' | 'add-peer' | 'toggle-table' | 'go-to-tip' | 'toggle-theme' | 'palette' | 'find' | 'go-to-height' | 'present' | 'show-hints';

interface PushTable {
  events: EventPush;
  preferences: Preferences;
  menu: MenuCommand;
}
/** name → what main pushes under it. */
export type IpcPushes = { [P in IpcPushName]: PushTable[P] };

type Arguments<N extends IpcName> = undefined extends IpcInput<N> ? [] : [argument: IpcInput<N>];

/** `window.chainscope`. */
export type ChainscopeBridge = {
  [N in IpcName]: (...args: Arguments<N>) => Promise<IpcResult<IpcOutput<N>>>;
} & {
  /** Calls back for each push; returns the unsubscribe function. */
  on<P extends IpcPushName>(name: P, listener: (payload: IpcPushes[P]) => void): () => void;
  readonly platform: string;
};

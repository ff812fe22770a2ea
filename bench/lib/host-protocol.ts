/** What a process that holds one node (host.ts) and the bench that started it (hosted.ts) say to each other: a JSON line each. */
import type { SocketCounts } from './counting-transport.ts';
import type { MemoryUse, Watched } from './meters.ts';

export interface HostTask {
  /** `whole` is a node whose GET /blocks makes one text of everything. */
  kind: 'node' | 'tutorial' | 'whole';
  /** Of a node; its store is in memory when absent. */
  dataDir?: string;
  /** A tutorial starts with so many blocks. */
  blocks?: number;
  /** Look at the messages of each socket: costs a little. */
  counting?: boolean;
  /** Open the HTTP API as well. */
  http?: boolean;
}

/** The first line of a process. */
export interface Opened {
  /** `127.0.0.1:5001`, for other nodes. */
  peers: string;
  /** `http://127.0.0.1:3001` when it was asked for. */
  http?: string;
  height: number;
  runtime: string;
  memory: MemoryUse;
}

/** Until the chain is `height` high. `report` asks for a line, without `id`, every so many blocks. */
export interface SyncCommand {
  do: 'sync';
  peer: string;
  height: number;
  report?: number;
}

export interface Synced {
  ms: number;
  /** When the chain was how high: pairs of ms since the start and height, no closer than 1 in 1,000 of the blocks. */
  passed: [ms: number, height: number][];
  watched: Watched;
}

/** Takes a block as if it had just been found here: stored and told to neighbours. A node needs its bytes, a tutorial makes it. */
export interface FoundCommand {
  do: 'found';
  hex?: string;
}

export interface Commands {
  sync: { command: SyncCommand; answer: Synced };
  dial: { command: { do: 'dial'; peer: string }; answer: null };
  /** `at` is on the clock that all processes share, in ms, taken before anything was done with the block; `took` until it was stored. */
  found: { command: FoundCommand; answer: { at: number; took: number } };
  /** From now on a line for each height that is reached: `{"height":7,"at":123.4}`. */
  follow: { command: { do: 'follow' }; answer: null };
  tip: { command: { do: 'tip' }; answer: { hash: string; height: number; time: number } };
  counts: { command: { do: 'counts' }; answer: SocketCounts[] };
  watch: { command: { do: 'watch' }; answer: null };
  watched: { command: { do: 'watched' }; answer: Watched };
}

export type Command = Commands[keyof Commands]['command'];

/** A line that nobody asked for. */
export interface Reached {
  height: number;
  at: number;
}

/** What the driver of the network soak and its nodes say to each other. */
export interface ChildSettings {
  name: string;
  dataDir: string;
  /** 0: any free one. */
  port: number;
  peers: string[];
  /** How many times as fast as the real clock. */
  speed: number;
  /** Real ms since 1970 when all the fast clocks showed the right time. */
  epoch: number;
}

export type Question = { id: number } & (
  | { do: 'state' | 'sample' | 'close' }
  | { do: 'dial'; addresses: string[] }
  | { do: 'mine'; text: string }
  /** Adds so many blocks at once. */
  | { do: 'grow'; blocks: number }
  /** Is this block stored? */
  | { do: 'has'; hash: string }
  | { do: 'snapshot'; file: string }
);

export interface Answer {
  id?: number;
  tip: string;
  height: number;
  /** Chainwork, in decimal digits. */
  work: string;
  blocks: number;
  events: number;
  /** Bytes of memory that the system counts. */
  rss: number;
  /** Bytes of live objects and buffers. */
  used: number;
  has?: boolean;
  error?: string;
}

export interface Ready extends Answer {
  port: number;
  http: number;
}

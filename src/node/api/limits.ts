/** Every number of the two doors that comes from, or goes to, the outside. */
export const API_LIMITS = {
  /** Events kept for readers that come back with the number of the last one they saw. */
  eventRing: 2_000,
  /** Notices of a snapshot. */
  notices: 50,
  /** Side and invalid blocks of a snapshot: on `regtest` they cost nothing to make. */
  snapshotSideBlocks: 1_000,
  /** Blocks of one `getBlocks` answer when the caller names no limit, and at most. */
  rangeDefault: 100,
  rangeMax: 1_000,
  /** Bodies read from disk at once for a list of summaries, or while their data is searched. */
  streamBatch: 32,
  /** The same while a chain is streamed, and their bytes together but for the last: a few milliseconds of work between two turns of the event loop. */
  streamRun: 128,
  streamRunBytes: 512 * 1024,
  /** Longest run of blocks (see Chain.addBlocks) that is told of whole: what a network finds while the node keeps up. Of a longer one, as a first sync has them, the newest. */
  wholeRun: 64,
  blocksOfRun: 8,
  /** Bytes of a block that is kept undecoded until somebody asks for its summary. */
  undecodedBytes: 4 * 1024,
  /** How often the size of the database is measured at most, in ms. */
  diskSizeInterval: 2_000,
  /** Children of a block that its details list; the rest is counted by nobody. */
  children: 100,
  /** Tips of side branches that the chain state lists, most work first. */
  sideTips: 64,
  /** Heights below the snapshot's lowest whose summaries are still remembered, so that a reorg finds them. */
  summaryMargin: 300,
  /** Blocks found here whose number of tries is remembered. */
  rememberedTries: 1_000,
  /** Values of `bits` whose difficulty is remembered. */
  rememberedBits: 256,
  /** Heights whose longest gap is remembered together, and heights looked at between two turns of the event loop. */
  overviewCell: 64,
  overviewHeightsPerTurn: 65_536,
  /** Blocks of one `findBlocks` answer when the caller names no limit, and at most. */
  findDefault: 20,
  findMax: 50,
  /** Characters that are looked for. */
  findText: 200,
  /** Hashes compared between two turns of the event loop: well under a millisecond. */
  findHashesPerTurn: 5_000,
  /** Bodies that a search of data reads at most, latest first, and their bytes together. */
  findBodies: 5_000,
  findBodyBytes: 64 * 1024 * 1024,
  /** The size of the mempool is told at most this often, in ms. */
  mempoolInterval: 100,
} as const;

export const HTTP_LIMITS = {
  /** Never anything but loopback: there is no password. */
  host: '127.0.0.1',
  /** Bytes of a request body. */
  bodyBytes: 100_000,
  /** Nesting of a request body; the node's own limit for data is checked after it. */
  bodyDepth: 64,
  /** Bytes of all headers of a request. */
  headerBytes: 16_384,
  /** A request must have arrived completely after this many ms; with the interval below a half one is closed within 10 s. */
  requestTimeout: 9_000,
  /** How often half requests are looked for, in ms. */
  timeoutCheckInterval: 1_000,
  /** A reader that takes nothing for this long, in ms, is dropped. */
  idleTimeout: 30_000,
  keepAliveTimeout: 5_000,
  /** Sockets at once. When all are taken, one without a complete request makes room for the newcomer. */
  sockets: 64,
  /** Of these, at most so many may read GET /events, so that the others stay free. */
  eventReaders: 32,
  /** Bytes that a reader of GET /events may leave unread before it is dropped. */
  eventBufferBytes: 8 * 1024 * 1024,
  /** A comment line this often, in ms, shows both ends that the other is there. */
  eventHeartbeat: 15_000,
  /** Bytes collected before one write of GET /blocks. */
  streamChunkBytes: 64 * 1024,
  /** Ports tried after a default port that is taken. */
  portTries: 100,
  /** Largest height or count in a query. */
  maxHeight: 0xffff_ffff,
} as const;

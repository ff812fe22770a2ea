/**
 * Every number that bounds what other nodes can make this one do. The tests are in test/node/net;
 * docs/protocol.md gives the reasons.
 */
export const NET_LIMITS = {
  // --- frames ---
  /** Bytes of one message after the handshake, frame header included. A block is at most 1 MiB. */
  messageBytes: 4 * 1024 * 1024,
  /** Bytes of one message before the handshake is done: a version message is under 400. */
  messageBytesBeforeHandshake: 4 * 1024,
  /** Bytes of all unfinished messages of all connections; beyond it the largest goes. 32 blocks half sent are 16 MiB. */
  halfMessageBytes: 24 * 1024 * 1024,
  /** Raw bytes a socket may send before the handshake is done; bounds what a half-sent frame can hold in memory. */
  rawBytesBeforeHandshake: 64 * 1024,

  /** The last frame that was sent is kept for the next peer when it is no longer than this. */
  keptFrameBytes: 1024,

  // --- counts inside messages ---
  headersPerMessage: 2000,
  /** Headers that are hashed and checked before the event loop turns. */
  headersAtOnce: 64,
  locatorHashes: 101,
  /** Entries of one inv. */
  inventoryEntries: 1000,
  /** Entries of one getdata, and so blocks in one reply. */
  getdataEntries: 128,
  addressesPerMessage: 100,
  userAgentBytes: 96,
  nodeNameBytes: 32,
  hostBytes: 253,
  ruleBytes: 64,
  /** `expected` and `got` of a reject. */
  rejectTextBytes: 256,

  // --- connections ---
  /** Inbound sockets, those still shaking hands included. When all are taken the oldest that has not shaken hands makes room. */
  inbound: 32,
  /** Outbound connections that nobody asked for by name (former neighbours at start). */
  outbound: 8,
  /** Peers that the user keeps (form, PEERS, API). */
  keptPeers: 64,
  /** Sockets of the peer server that have not become WebSockets yet, on top of the inbound ones; the oldest makes room. */
  pendingUpgrades: 64,
  /** Rows of links that this node's user cut and does not keep; the oldest is forgotten, and its cut with it. */
  cutByUs: 128,
  /** Rows of peers that cut their link to this node and that nobody keeps: anybody can come and say so. */
  cutByThem: 32,
  /** Dials of a mended link that nobody keeps. Together they last longer than the other side takes to ask whether it is still cut. */
  mendTries: 12,
  handshakeMs: 5_000,
  pingMs: 15_000,
  /** Pings of one connection whose pongs are waited for; older ones are forgotten. */
  pingsUnderWay: 8,
  /** Nothing received for this long: the connection is dead. */
  deadMs: 45_000,
  /** Two connections to one node: how long the older one has to answer a ping before the newer one replaces it. */
  duplicateProbeMs: 1_000,
  /** How often each side repeats its tip to a peer that shows another one, so that nodes agree after a cut without a new block. */
  tipRepeatMs: 3_000,
  /** The same while both show one tip: neither can learn anything, and a change is told at once. */
  tipAgreedRepeatMs: 30_000,
  /** Least time between two tip messages of ours to one peer while the tip moves quickly. */
  tipCoalesceMs: 100,
  closeMs: 500,
  reconnectFirstMs: 1_000,
  reconnectLastMs: 60_000,
  reconnectFactor: 1.5,
  /** Share of the delay that is random, both ways. */
  reconnectJitter: 0.2,
  /** Failed dials that a wrong kind of server counts for: it will hardly become a node within a second. */
  slowRetryFailures: 6,
  /** A connection that lasted this long starts the backoff afresh. */
  stableMs: 10_000,
  portTries: 100,

  // --- flow ---
  unreadBytes: 8 * 1024 * 1024,
  unreadMs: 30_000,
  /** How often it is looked at whether a peer reads, when it had read everything the last time; added to `unreadMs` at most. */
  unreadLookMs: 3_000,
  /** Above this many unsent bytes no further block is read from disk, and no further headers are looked up, for that peer. */
  serveHighWater: 512 * 1024,
  messagesPerSecond: 100,
  messagesBurst: 500,
  /** Messages that wait for their turn once the burst is spent; one more drops the peer. */
  throttledMessages: 1000,
  /** Their bytes: room for one block and what the socket brings before it stops being read. */
  throttledBytes: 1.5 * 1024 * 1024,
  /** Seconds in a row that a peer may be throttled before it is dropped. */
  throttledSeconds: 10,
  /** Blocks and transactions that a peer asked for and has not been sent yet. */
  serveQueue: 512,

  // --- runs of blocks ---
  /** Blocks of one `getblocks`, and of one `blocks`. */
  runBlocks: 512,
  /** A `blocks` message is sent once it holds so many bytes: large enough that its own cost does not count, small enough for 10 ms of checks. */
  runMessageBytes: 64 * 1024,
  /** `getblocks` of one peer that wait for their answer. */
  runQueue: 8,
  /** Blocks asked of a peer that answers `getblocks`, once it has shown what it delivers; it begins with `blocksInFlight`. */
  runsInFlight: 1_024,
  /** The same in bytes, by the size of the blocks that it brought last. */
  runsInFlightBytes: 2 * 1024 * 1024,
  /** How far above the first missing block such a peer is asked. */
  runWindow: 4_096,

  // --- sync ---
  blocksInFlight: 16,
  downloadWindow: 1024,
  /** Bodies that arrived ahead of their turn; above this only the next `narrowWindow` are asked for. */
  bufferedBytes: 32 * 1024 * 1024,
  narrowWindow: 16,
  /** Bodies that nobody asked for and that wait for the chain. */
  unaskedBlocks: 20,
  /** No answer to a request for this long: another peer is asked. */
  stallMs: 4_000,
  /** No progress for this long with requests open: the peer is dropped. */
  stallDropMs: 10_000,
  /** Bytes a second below which a peer with open requests makes no progress. */
  slowestRate: 4 * 1024,
  /** Least time between two block requests to one peer, so that we keep under its message rate. */
  requestGapMs: 12,
  /** Branches that leave our chain at most this far below its tip are fetched and kept even with less work. */
  sideDepth: 288,
  /** Headers of branches with less work than our tip that one peer may make us store. */
  sideHeadersPerPeer: 2_000,
  /** The same, for all peers in a day: what was used up comes back, so that rivals are drawn again after an attack. */
  sideHeaders: 20_000,
  /** Headers of a branch that are counted without being stored: 1.3 years of 10 s. What is kept of them is one hash in 2,000: 300 kB. */
  presyncHeaders: 4_000_000,
  /** Side branches whose bodies are being fetched. */
  sideDownloads: 8,
  /** No room for more headers: asked on when the bodies of those that fit are stored, or after this long. */
  fullRetryMs: 30_000,
  /** Headers of a branch that was refused and not remembered as invalid, since it may become valid: asked for again after this long. */
  refusedRetryMs: 10_000,
  /** Store errors (disk full): wait before trying the same block again. */
  storeRetryMs: 2_000,

  // --- memory of things seen ---
  knownInventory: 5_000,
  transactionRetryMs: 5_000,
  /** Transactions waiting to be announced to one peer. */
  announceQueue: 5_000,
  announceMs: 50,
  addressBook: 1_000,
  /** New addresses that peers may tell of, once as many as the book holds were told. */
  heardPerSecond: 10,
  nonces: 256,

  // --- what people see ---
  latencySamples: 20,
  peerEventMs: 500,
  syncEventMs: 250,
  rejectionsPerSecond: 20,
  saveMs: 500,
  /** Work on one batch before other events get their turn. */
  sliceMs: 8,
  tickMs: 500,
  /** A tick that comes this late means that the computer slept: nobody is declared dead for the gap. */
  sleepMs: 10_000,

  // --- misbehaviour ---
  dropScore: 100,
} as const;

/** Points for what is not a broken block rule (those bring their own). At `NET_LIMITS.dropScore` the connection is dropped. */
export const PENALTY = {
  malformed: 100,
  unknownType: 1,
  unconnectedHeaders: 50,
  uselessBlock: 1,
  unaskedReply: 1,
  invalidTransaction: 10,
  sideHeaders: 25,
  serveQueue: 100,
  notfound: 10,
} as const;

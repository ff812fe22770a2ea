/** Every number of mining. */
export const MINING_LIMITS = {
  /** Jobs that may wait behind the running one. */
  queue: 16,
  /** A worker looks whether it shall stop after each batch; batches are fitted to this many ms. */
  batchMs: 10,
  /** Nonces of a batch at least, and at most: one stripe. */
  batchMin: 64,
  /** Nonces that a worker takes in a row before it jumps over the stripes of the others. */
  stripe: 16_384,
  /** Nonces that one call of the native kernel tries at most; it refuses more (MOST_NONCES in native/module.c). Some milliseconds. */
  nativeNonces: 65_536,
  /** Nonces of one header: the field has 32 bits. */
  nonces: 0x1_0000_0000,
  /** The state is emitted this often, in ms. */
  progressMs: 250,
  /** A worker reports this often, in ms: more often than the state is emitted, so that there is news in each of them. */
  reportMs: 100,
  /** The rate is taken over this long, in ms. */
  rateWindowMs: 2_000,
  /** Rates kept for the sparkline: one minute at four a second. */
  rateHistory: 240,
  /** A template older than this, in ms, is renewed so that its time stays true. */
  templateMaxAgeMs: 5_000,
  /** New transactions renew the template at most this often, in ms. */
  mempoolRenewMs: 1_000,
  /** A block that could not be stored (disk full) is offered again after this long, in ms. */
  submitRetryMs: 2_000,
  /** How often a worker that ended by itself is started again in one job. */
  workerRestarts: 1,
  /** A worker that hashes with a fast kernel and says nothing is looked at this often, in ms, and given up after so many looks in a row. */
  silenceMs: 2_500,
  silences: 4,
} as const;

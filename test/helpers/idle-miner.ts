import type { MiningState } from '../../src/shared/events.ts';

/** What a miner says that has nothing to do. @param height of the block that it would mine next */
export const idleMiner = (height: number): MiningState => ({
  status: 'idle',
  jobId: 0,
  height,
  dataPreview: '',
  workers: 1,
  hashes: 0,
  hashRate: 0,
  rateHistory: [],
  expectedHashes: 2,
  requiredZeroBits: 1,
  bestZeroBits: 0,
  queued: 0,
  templateRenewals: 0,
});

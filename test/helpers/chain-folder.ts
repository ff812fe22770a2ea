import { Chain } from '../../src/node/chain/chain.ts';
import { REGTEST } from '../../src/node/consensus/params.ts';
import { systemClock } from '../../src/node/util/clock.ts';
import { nullLogger } from '../../src/node/util/logger.ts';
import { BatchingStore } from '../../bench/lib/batching-store.ts';
import { genesisParent, mineFork, type MinedBlock } from './mine-fork.ts';

/** Writes blocks into a data directory that a node can be opened on. The disk is synced once for many blocks, so that thousands take a second or two. */
export async function writeChain(dataDir: string, blocks: readonly MinedBlock[]): Promise<void> {
  const store = new BatchingStore({ dataDir, genesisHash: REGTEST.genesisHash });
  const chain = new Chain({ params: REGTEST, dataDir }, { clock: systemClock, logger: nullLogger, store });
  await chain.open();
  for (const { bytes } of blocks) {
    const result = await chain.addBlock(bytes, { kind: 'mined' });
    if (result.status !== 'connected') throw new Error(`a block was not taken: ${result.status}`);
  }
  await chain.close();
}

/** A new chain of so many blocks on the genesis block, ten seconds apart. */
export function longChain(length: number): MinedBlock[] {
  return mineFork(genesisParent(), length);
}

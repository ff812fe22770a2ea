import type { HashHex } from '../../shared/blocks.ts';
import type { RuleError } from '../consensus/errors.ts';
import type { NetworkParams } from '../consensus/params.ts';
import type { Clock } from '../util/clock.ts';
import type { Emitter } from '../util/emitter.ts';
import type { Logger } from '../util/logger.ts';
import type { BlockIndex } from './block-index.ts';
import type { BoundedMap } from './bounded-map.ts';
import type { IndexEntry } from './index-entry.ts';
import type { OrphanPool } from './orphan-pool.ts';
import type { Store } from './store/store.ts';
import type { TransactionFilter } from './transaction-filter.ts';
import type { ChainEvents } from './types.ts';

/** What Chain shares with the parts that write. */
export interface WriterParts {
  readonly params: NetworkParams;
  readonly index: BlockIndex;
  readonly store: Store;
  readonly orphans: OrphanPool;
  readonly invalidHashes: BoundedMap<HashHex, RuleError>;
  readonly unprovenHashes: BoundedMap<HashHex, RuleError>;
  readonly lostBodies: Set<IndexEntry>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emitter: Emitter<ChainEvents>;
  readonly transactions: TransactionFilter;
  /** A block that came alone is stored. */
  readonly keepNewest: (entry: IndexEntry, bytes: Uint8Array) => void;
  readonly readBody: (entry: IndexEntry) => Promise<Uint8Array | undefined>;
}

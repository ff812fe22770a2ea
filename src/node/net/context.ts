import type { HashHex } from '../../shared/blocks.ts';
import type { RuleError } from '../consensus/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import type { Peer } from './peer.ts';
import type { NetChain, NetMempool } from './types.ts';

/** What the parts of the pool share. */
export interface NetContext {
  readonly chain: NetChain;
  readonly mempool: NetMempool;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly powLimit: bigint;
  readonly maxSideHeaders: number;
  readonly maxPresyncHeaders: number;
  /** Every connection that has a row: handshake done, no duplicate. */
  peers(): Iterable<Peer>;
  /** A block or header of this peer broke a rule: score, `reject` message, event for the window. */
  refuse(peer: Peer, hash: HashHex, height: number | undefined, error: RuleError): void;
}

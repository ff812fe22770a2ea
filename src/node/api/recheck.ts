import type { BlockCheck, CheckStage, HashHex, RuleViolation } from '../../shared/blocks.ts';
import type { ChainView } from '../chain/types.ts';
import { RuleError } from '../consensus/errors.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { checkBlock, checkBlockContextual, checkHeader, checkHeaderContextual, parseBlock } from '../consensus/rules.ts';
import { decodeHeader, HEADER_BYTES, hashHeader } from '../primitives/header.ts';
import { displayHash } from '../util/bytes.ts';
import type { Clock } from '../util/clock.ts';

export interface RecheckParts {
  chain: Pick<ChainView, 'getEntry' | 'getBlockBytes' | 'nextBits' | 'medianTimePast'>;
  params: NetworkParams;
  clock: Clock;
}

/**
 * Reads a stored block from disk and runs every check of the rules on it again, with the time that each stage takes. Undefined when the block is not
 * stored, or its body turns out to be damaged (the chain then fetches it again). The genesis block is only read and hashed: it is
 * given, not found. Whether another block of the chain holds one of its transactions was checked when it was connected, and is not looked at again.
 */
export async function recheckBlock(parts: RecheckParts, hash: HashHex): Promise<BlockCheck | undefined> {
  const { chain, params, clock } = parts;
  const entry = chain.getEntry(hash);
  if (entry === undefined) return undefined;
  const times: BlockCheck['times'] = {};
  let stage: CheckStage = 'read';
  let at = clock.monotonic();
  const done = (next: CheckStage): void => {
    const now = clock.monotonic();
    times[stage] = now - at;
    at = now;
    stage = next;
  };
  const bytes = await chain.getBlockBytes(hash);
  if (bytes === undefined) return undefined;
  done('work');
  let violation: RuleViolation | undefined;
  try {
    const header = decodeHeader(bytes.subarray(0, HEADER_BYTES));
    const internal = hashHeader(header);
    const { parent } = entry;
    if (displayHash(internal) !== hash) return undefined;
    if (parent !== undefined) checkHeader(header, internal, params);
    done('parent');
    if (parent !== undefined) {
      const expectedBits = chain.nextBits(parent);
      done('time');
      const medianTimePast = chain.medianTimePast(parent);
      // How far ahead of the clock it was mattered on the day it came.
      checkHeaderContextual(header, { parentHash: parent.hash, height: entry.height, expectedBits, medianTimePast, nowSeconds: header.time });
    } else done('time');
    done('data');
    const block = parseBlock(bytes);
    checkBlock(block);
    if (parent !== undefined) checkBlockContextual(block, { height: entry.height });
    done('data');
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    done(stage);
    violation = error.toViolation();
  }
  const { work = 0, parent = 0, time = 0, data = 0 } = times;
  const ms = work + parent + time + data;
  return { hash, ms, times, ...(violation === undefined ? {} : { violation }) };
}

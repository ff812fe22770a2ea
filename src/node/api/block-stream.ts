import type { ListedBlock, TransactionInfo } from '../../shared/blocks.ts';
import { ApiError, type BlockRange } from '../../shared/node-api.ts';
import type { BlockIndexEntry, ChainView } from '../chain/types.ts';
import { difficultyOf } from '../consensus/target.ts';
import { coinbaseOf, decodeBlock, encodedTransactions } from '../primitives/block.ts';
import { displayHash, HASH_BYTES } from '../util/bytes.ts';
import { hash256Many } from '../util/hash.ts';
import { API_LIMITS } from './limits.ts';

export type StreamedChain = Pick<ChainView, 'tip' | 'isActive' | 'getActive' | 'getAncestor' | 'readBodies' | 'getBlockBytes'>;

/**
 * The active chain as it stands now, ascending, in runs of blocks that lie behind each other on disk: each run is one read, and its
 * transactions are hashed in one go. Nothing of a run is kept once the next one is asked for.
 * @throws ApiError `internal` at the first block that cannot be read
 */
export async function* streamRuns(chain: StreamedChain, powLimitBits: number, range: BlockRange): AsyncGenerator<ListedBlock[]> {
  const { tip } = chain;
  const difficulties = new Map<number, number>();
  const difficulty = (bits: number): number => {
    let known = difficulties.get(bits);
    if (known === undefined) {
      if (difficulties.size >= API_LIMITS.rememberedBits) difficulties.clear();
      difficulties.set(bits, (known = difficultyOf(bits, powLimitBits)));
    }
    return known;
  };
  const from = Math.max(0, range.from ?? 0);
  const end = Math.min(tip.height + 1, from + (range.limit ?? Number.MAX_SAFE_INTEGER));
  for (let height = from; height < end; ) {
    const entries = entriesOf(chain, tip, height, Math.min(end, height + API_LIMITS.streamRun));
    const [first] = entries;
    if (first === undefined) throw new Error(`there is no block ${String(height)} below the tip`);
    let bodies = await chain.readBodies(entries, API_LIMITS.streamRunBytes);
    if (bodies.length === 0) bodies = [(await chain.getBlockBytes(first.hash)) ?? missing(first)];
    yield list(entries, bodies, difficulty);
    height += bodies.length;
  }
}

/** A reorg meanwhile must not mix two chains: then the old one is followed from its tip. */
function entriesOf(chain: StreamedChain, tip: BlockIndexEntry, from: number, end: number): BlockIndexEntry[] {
  const active = chain.isActive(tip);
  const entries: BlockIndexEntry[] = [];
  for (let height = from; height < end; height += 1) {
    const entry = active ? chain.getActive(height) : chain.getAncestor(tip, height);
    if (entry === undefined) break;
    entries.push(entry);
  }
  return entries;
}

function missing(entry: BlockIndexEntry): never {
  throw new ApiError({ code: 'internal', message: `Block ${String(entry.height)} cannot be read from disk. Restart the node to have it fetched again.` });
}

function list(entries: readonly BlockIndexEntry[], bodies: readonly Uint8Array[], difficulty: (bits: number) => number): ListedBlock[] {
  const encoded = bodies.map(encodedTransactions);
  const ids = hash256Many(encoded.flat());
  let next = 0;
  return bodies.map((bytes, index) => {
    const entry = entries[index];
    const parts = encoded[index];
    if (entry === undefined || parts === undefined) throw new Error('more bodies than were asked for');
    const block = decodeBlock(bytes);
    const { header } = block;
    const transactions = block.transactions.map((transaction, at): TransactionInfo => {
      const id = displayHash(ids.subarray(next, (next += HASH_BYTES)));
      const { kind, dataText } = transaction;
      const size = parts[at]?.length ?? 0;
      return kind === 'data' ? { id, kind, dataText, size, time: transaction.time } : { id, kind, dataText, size };
    });
    return {
      height: entry.height,
      hash: entry.hash,
      previousHash: displayHash(header.previousHash),
      time: header.time,
      dataText: coinbaseOf(block).dataText,
      nonce: header.nonce,
      bits: header.bits,
      difficulty: difficulty(header.bits),
      merkleRoot: displayHash(header.merkleRoot),
      transactions,
    };
  });
}

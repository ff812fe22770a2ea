import type { ListedBlock, TransactionInfo } from '../../shared/blocks.ts';
import { ApiError, type BlockRange } from '../../shared/node-api.ts';
import type { BlockIndexEntry, ChainView } from '../chain/types.ts';
import { difficultyOf } from '../consensus/target.ts';
import { partsOfBlock } from '../primitives/block-parts.ts';
import { concatBytes, displayHash, HASH_BYTES } from '../util/bytes.ts';
import { hash256Many } from '../util/hash.ts';
import { API_LIMITS } from './limits.ts';

/** Hex digits of a hash. */
const HASH_DIGITS = 2 * HASH_BYTES;

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
  const readFrom = async (height: number): Promise<Run | undefined> => {
    if (height >= end) return undefined;
    const entries = entriesOf(chain, tip, height, Math.min(end, height + API_LIMITS.streamRun));
    const [first] = entries;
    if (first === undefined) throw new Error(`there is no block ${String(height)} below the tip`);
    let bodies = await chain.readBodies(entries, API_LIMITS.streamRunBytes);
    if (bodies.length === 0) bodies = [(await chain.getBlockBytes(first.hash)) ?? missing(first)];
    return { entries, bodies, next: height + bodies.length };
  };
  for (let run = await readFrom(from); run !== undefined; ) {
    yield list(run.entries, run.bodies, difficulty);
    run = await readFrom(run.next);
  }
}

/** Blocks that were read together, and the height behind the last. */
interface Run {
  entries: readonly BlockIndexEntry[];
  bodies: readonly Uint8Array[];
  next: number;
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
  const listed = bodies.map(partsOfBlock);
  const ids = hashTexts(hash256Many(listed.flatMap(({ transactions }) => transactions.map(({ bytes }) => bytes))));
  const roots = hashTexts(concatBytes(...listed.map(({ header }) => header.merkleRoot)));
  let next = 0;
  return listed.map(({ header, transactions }, index) => {
    const entry = entries[index];
    if (entry === undefined) throw new Error('more bodies than were asked for');
    const [coinbase] = transactions;
    if (coinbase?.kind !== 'coinbase') throw new Error('the block has no coinbase');
    const { previousHash, time, bits, nonce } = header;
    return {
      height: entry.height,
      hash: entry.hash,
      // What was read is what the index says, by its hash: so it names the block before it.
      previousHash: entries[index - 1]?.hash ?? displayHash(previousHash),
      time,
      dataText: coinbase.dataText,
      nonce,
      bits,
      difficulty: difficulty(bits),
      merkleRoot: roots.slice(index * HASH_DIGITS, (index + 1) * HASH_DIGITS),
      transactions: transactions.map(({ kind, dataText, bytes, time: made }): TransactionInfo => {
        const id = ids.slice(next, (next += HASH_DIGITS));
        return made === undefined ? { id, kind, dataText, size: bytes.length } : { id, kind, dataText, size: bytes.length, time: made };
      }),
    };
  });
}

/** The texts of hashes that lie one behind the other, as `displayHash` gives them, one behind the other: one conversion for all. */
function hashTexts(hashes: Uint8Array): string {
  const turned = Buffer.from(hashes);
  for (let at = 0; at < turned.length; at += HASH_BYTES) turned.subarray(at, at + HASH_BYTES).reverse();
  return turned.toString('hex');
}

import type { BlockSummary } from '../../shared/blocks.ts';
import { ApiError, type FindAnswer, type FindQuery } from '../../shared/node-api.ts';
import type { BlockIndexEntry, ChainView } from '../chain/types.ts';
import type { Block } from '../primitives/block.ts';
import { readableData } from '../primitives/preview.ts';
import { API_LIMITS } from './limits.ts';

type FindChain = Pick<ChainView, 'tip' | 'search' | 'isActive' | 'sideTips' | 'getBlock'>;

/**
 * Looks for blocks by a part of their hash, in memory, or of their data, on disk. Both are bounded and give the event loop its
 * turns: the node goes on while somebody types.
 */
export class BlockFinder {
  readonly #chain: FindChain;
  readonly #summarize: (entry: BlockIndexEntry, block: Block) => BlockSummary;
  /** Counts the searches of data; an older one sees that it is not the latest and ends. */
  #turn = 0;

  constructor(chain: FindChain, summarize: (entry: BlockIndexEntry, block: Block) => BlockSummary) {
    this.#chain = chain;
    this.#summarize = summarize;
  }

  /** Ends a search that is under way; it answers with what it has. */
  stop(): void {
    this.#turn += 1;
  }

  /** @throws ApiError `invalid-argument` */
  async find(query: FindQuery): Promise<FindAnswer> {
    const limit = Math.max(1, Math.min(query.limit ?? API_LIMITS.findDefault, API_LIMITS.findMax));
    if ('hash' in query) return this.#byHash(query.hash.toLowerCase(), limit);
    if (query.text === '' || query.text.length > API_LIMITS.findText) {
      throw new ApiError({
        code: 'invalid-argument',
        message: `A search takes 1 to ${String(API_LIMITS.findText)} characters. Type fewer.`,
        field: 'text',
        expected: `1 to ${String(API_LIMITS.findText)} characters`,
        got: `${String(query.text.length)} characters`,
      });
    }
    return this.#byText(query.text.toLowerCase(), limit);
  }

  /** The first digits of every hash are zeros, so people read, and type, its last ones: both ends count. */
  async #byHash(part: string, limit: number): Promise<FindAnswer> {
    if (!/^[0-9a-f]{4,64}$/.test(part)) {
      throw new ApiError({ code: 'invalid-argument', message: 'A part of a hash is 4 to 64 hex digits. Type more of it.', field: 'hash', expected: '4 to 64 hex digits', got: part.slice(0, 80) });
    }
    const found: BlockIndexEntry[] = [];
    let searched = 0;
    let more = false;
    for (const entry of this.#chain.search((hash) => hash.startsWith(part) || hash.endsWith(part))) {
      searched += 1;
      if (searched % API_LIMITS.findHashesPerTurn === 0) await new Promise(setImmediate);
      if (entry === undefined) continue;
      found.push(entry);
      // Entries come about in the order of their heights: keeping twice as many and cutting now and then keeps the latest.
      if (found.length >= 2 * limit) {
        found.sort(latestFirst).length = limit;
        more = true;
      }
    }
    const kept = found.sort(latestFirst).slice(0, limit);
    const blocks = await this.#read(kept);
    return { blocks, searched, complete: !more && found.length <= limit };
  }

  async #byText(needle: string, limit: number): Promise<FindAnswer> {
    this.#turn += 1;
    const turn = this.#turn;
    const found: BlockSummary[] = [];
    let searched = 0;
    let bytes = 0;
    let batch: BlockIndexEntry[] = [];
    const lookAt = async (): Promise<void> => {
      const entries = batch;
      batch = [];
      const blocks = await Promise.all(entries.map((entry) => this.#chain.getBlock(entry.hash)));
      // Blocks that are in memory are read without a wait; the loop must turn all the same.
      await new Promise(setImmediate);
      entries.forEach((entry, index) => {
        const block = blocks[index];
        searched += 1;
        if (block !== undefined && found.length < limit && holds(block, needle)) found.push(this.#summarize(entry, block));
      });
    };
    for (const entry of this.#latestFirst()) {
      if (searched + batch.length >= API_LIMITS.findBodies || bytes + entry.size > API_LIMITS.findBodyBytes) {
        await lookAt();
        return { blocks: found, searched, complete: false };
      }
      bytes += entry.size;
      batch.push(entry);
      if (batch.length < API_LIMITS.streamBatch) continue;
      await lookAt();
      if (found.length >= limit || turn !== this.#turn) return { blocks: found, searched, complete: false };
    }
    await lookAt();
    return { blocks: found, searched, complete: true };
  }

  /** The stored blocks of all branches that have not been left long ago, from the top down. */
  *#latestFirst(): Generator<BlockIndexEntry> {
    const seen = new Set<BlockIndexEntry>();
    for (const tip of this.#chain.sideTips()) {
      for (let at: BlockIndexEntry | undefined = tip; at !== undefined && !this.#chain.isActive(at); at = at.parent) {
        // Two branches may share their foot.
        if (seen.size >= API_LIMITS.findBodies || seen.has(at)) break;
        seen.add(at);
      }
    }
    const beside = [...seen].filter(({ hasBlock }) => hasBlock).sort(latestFirst);
    let next = 0;
    for (let at: BlockIndexEntry | undefined = this.#chain.tip; at !== undefined; at = at.parent) {
      for (let side = beside[next]; side !== undefined && side.height >= at.height; side = beside[next]) {
        next += 1;
        yield side;
      }
      if (at.hasBlock) yield at;
    }
  }

  async #read(entries: readonly BlockIndexEntry[]): Promise<BlockSummary[]> {
    const blocks = await Promise.all(entries.map((entry) => this.#chain.getBlock(entry.hash)));
    return entries.flatMap((entry, index) => {
      const block = blocks[index];
      return block === undefined ? [] : [this.#summarize(entry, block)];
    });
  }
}

const latestFirst = (a: BlockIndexEntry, b: BlockIndexEntry): number => b.height - a.height || (a.hash < b.hash ? -1 : 1);

const holds = (block: Block, needle: string): boolean =>
  block.transactions.some(({ dataText }) => readableData(dataText).toLowerCase().includes(needle));

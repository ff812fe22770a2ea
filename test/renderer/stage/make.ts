/** Block trees for the stage's tests: from a description, no proof of work. */
import type { BlockSummary, HashHex } from '../../../src/shared/blocks.ts';
import { inventHash, ZERO_HASH } from './visual/world.ts';

export interface Tree {
  blocks: Map<HashHex, BlockSummary>;
  active: HashHex[];
  /** Hash of a block by its name. */
  hash: (name: string) => HashHex;
}

export function makeBlock(name: string, parent: BlockSummary | null, more: Partial<BlockSummary> = {}): BlockSummary {
  const height = parent === null ? 0 : parent.height + 1;
  return {
    hash: inventHash(name),
    previousHash: parent?.hash ?? ZERO_HASH,
    height,
    time: 1_700_000_000 + height,
    bits: 0x207fffff,
    nonce: height,
    chainwork: (height + 1).toString(16),
    branch: 'side',
    dataPreview: name,
    dataTruncated: false,
    transactionCount: 1,
    size: 200,
    minerId: 'node-1',
    minerName: 'Birch',
    receivedAt: 0,
    origin: 'peer',
    ...more,
  };
}

/**
 * `makeTree('a', ['b<a', 'c<b', 'x<a'], 'c')`: genesis a, b on a, c on b, x on a; c is the tip.
 */
export function makeTree(genesis: string, rows: readonly string[], tip: string): Tree {
  const byName = new Map<string, BlockSummary>([[genesis, makeBlock(genesis, null)]]);
  for (const row of rows) {
    const [name = '', parent = ''] = row.split('<');
    const below = byName.get(parent);
    if (below === undefined) throw new Error(`No block ${parent}`);
    byName.set(name, makeBlock(name, below));
  }
  const blocks = new Map([...byName.values()].map((block) => [block.hash, block]));
  const active: HashHex[] = [];
  for (let block = byName.get(tip); block !== undefined; block = blocks.get(block.previousHash)) {
    active.unshift(block.hash);
    blocks.set(block.hash, { ...block, branch: 'active' });
  }
  return {
    blocks,
    active,
    hash: (name) => {
      const block = byName.get(name);
      if (block === undefined) throw new Error(`No block ${name}`);
      return block.hash;
    },
  };
}

/** A chain of `length` blocks named `prefix1`…; returns rows for makeTree. */
export function run(prefix: string, length: number, parent: string): string[] {
  return Array.from({ length }, (_, index) => `${prefix}${index + 1}<${index === 0 ? parent : `${prefix}${index}`}`);
}

/**
 * The baseline "tutorial", its chain: what the small blockchains of the tutorials do, after the design that was published in 2018. A chain is an array of objects
 * in memory. A node whose chain grew sends all of it, as JSON, to everybody; whoever gets one that is longer than its own checks all of it, block for block,
 * and puts it in the place of its own. Nothing is stored, and no proof of work is checked.
 */
import { createHash } from 'node:crypto';
import { tutorialSha256 } from '../mining/tutorial.ts';

export interface TutorialBlock {
  timestamp: number;
  lastHash: string;
  hash: string;
  data: unknown[];
  nonce: number;
  difficulty: number;
}

const GENESIS: TutorialBlock = { timestamp: 1, lastHash: '-----', hash: 'genesis', data: [], nonce: 0, difficulty: 1 };

function hashedText({ timestamp, lastHash, data, nonce, difficulty }: Omit<TutorialBlock, 'hash'>): string {
  return `${String(timestamp)}${lastHash}${JSON.stringify(data)}${String(nonce)}${String(difficulty)}`;
}

/** The next block, with as many transactions and the same texts as the blocks of our own chains have. `hash` is the SHA-256 to use: making a long chain to measure with may use a quick one. */
export function nextBlock(last: TutorialBlock, number: number, hash: (text: string) => string): TutorialBlock {
  const made = {
    timestamp: 1_767_225_600_000 + number * 10_000,
    lastHash: last.hash,
    data: [{ data: `block ${String(number)}` }, { data: { reading: number, celsius: 20 } }],
    nonce: number,
    difficulty: 1,
  };
  return { ...made, hash: hash(hashedText(made)) };
}

export class TutorialChain {
  blocks: TutorialBlock[] = [GENESIS];

  /** Makes it so long, without the work that mining is. */
  grow(blocks: number): void {
    const quick = (text: string): string => createHash('sha256').update(text).digest('hex');
    for (let number = this.blocks.length; number <= blocks; number += 1) this.add(quick);
  }

  add(hash: (text: string) => string = tutorialSha256): TutorialBlock {
    const last = this.blocks.at(-1) ?? GENESIS;
    const block = nextBlock(last, this.blocks.length, hash);
    this.blocks.push(block);
    return block;
  }

  /** Takes the other chain when it is longer and valid; says whether it did. */
  replace(chain: TutorialBlock[]): boolean {
    if (chain.length <= this.blocks.length || !isValidChain(chain)) return false;
    this.blocks = chain;
    return true;
  }
}

export function isValidChain(chain: readonly TutorialBlock[]): boolean {
  if (JSON.stringify(chain[0]) !== JSON.stringify(GENESIS)) return false;
  for (let at = 1; at < chain.length; at += 1) {
    const block = chain[at];
    const last = chain[at - 1];
    if (block === undefined || last === undefined || block.lastHash !== last.hash || block.hash !== tutorialSha256(hashedText(block))) return false;
  }
  return true;
}

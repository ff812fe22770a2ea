import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Chain, type ChainOptions } from '../../../src/node/chain/chain.ts';
import { StoreError } from '../../../src/node/chain/store/errors.ts';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import type { Store, StoreOp } from '../../../src/node/chain/store/store.ts';
import type { AddBlockResult, BlockOrigin } from '../../../src/node/chain/types.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { VirtualClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import type { MinedBlock } from '../../helpers/mine-fork.ts';

export const PEER: BlockOrigin = { kind: 'peer', peerKey: 'p1' };
export const START = REGTEST.genesis.header.time;
/** Far enough on that blocks of ten seconds each are in its past. */
export const NOW_MS = (START + 30 * 86_400) * 1000;

/** A memory store whose writes can be made to fail: before anything is written, as LevelDB's batches do. */
export class FailingStore extends MemoryStore {
  /** Fails writes for which this returns true. */
  failIf: ((ops: readonly StoreOp[]) => boolean) | undefined;
  written: StoreOp[][] = [];
  closed = false;

  override write(ops: readonly StoreOp[]): Promise<void> {
    if (this.failIf?.(ops) === true) return Promise.reject(new StoreError('disk-full', 'There is no room left; free some space.'));
    this.written.push([...ops]);
    return super.write(ops);
  }

  override close(): Promise<void> {
    this.closed = true;
    return super.close();
  }
}

export interface Opened {
  chain: Chain;
  clock: VirtualClock;
  /** Events as short texts, in order. */
  log: string[];
}

export function makeChain(store: Store, options: Partial<ChainOptions> = {}): Opened {
  const clock = new VirtualClock(NOW_MS);
  const chain = new Chain({ params: REGTEST, dataDir: 'unused', ...options }, { clock, logger: nullLogger, store });
  return { chain, clock, log: record(chain) };
}

export async function openChain(store: Store = new MemoryStore(), options: Partial<ChainOptions> = {}): Promise<Opened> {
  const opened = makeChain(store, options);
  await opened.chain.open();
  onTestFinished(() => opened.chain.close());
  return opened;
}

function record(chain: Chain): string[] {
  const log: string[] = [];
  const name = (hash: string): string => hash.slice(0, 8);
  chain.on('connect', (entry) => log.push(`connect ${name(entry.hash)}`));
  chain.on('disconnect', (entry) => log.push(`disconnect ${name(entry.hash)}`));
  chain.on('reorg', (reorg) => log.push(`reorg ${reorg.disconnected.length}>${reorg.connected.length}`));
  chain.on('tip', (tip) => log.push(`tip ${name(tip.hash)}`));
  chain.on('side', (entry) => log.push(`side ${name(entry.hash)}`));
  chain.on('orphan', (hash) => log.push(`orphan ${name(hash)}`));
  chain.on('invalid', (hash, _height, error) => log.push(`invalid ${name(hash)} ${error.rule}`));
  chain.on('notice', (_level, code) => log.push(`notice ${code}`));
  return log;
}

/** As `record` writes a hash. */
export function short(mined: MinedBlock | undefined): string {
  return mined?.hash.slice(0, 8) ?? 'undefined';
}

export function addAll(chain: Chain, blocks: readonly MinedBlock[], origin: BlockOrigin = PEER): Promise<AddBlockResult[]> {
  return Promise.all(blocks.map((mined) => chain.addBlock(mined.bytes, origin)));
}

export async function rule(result: Promise<AddBlockResult>): Promise<string> {
  const got = await result;
  return got.status === 'invalid' ? got.error.rule : `not refused: ${got.status}`;
}

/** The active chain is one branch from the genesis block to the tip, every body is there, and nothing complete beats it. */
export async function expectConsistent(chain: Chain): Promise<void> {
  let below = chain.genesis;
  for (let height = 1; height <= chain.tip.height; height++) {
    const entry = chain.getActive(height);
    expect(entry?.parent?.hash).toBe(below.hash);
    expect(entry?.hasBlock).toBe(true);
    expect(await chain.getBlockBytes(entry?.hash ?? '')).toBeInstanceOf(Uint8Array);
    below = entry ?? below;
  }
  expect(below.hash).toBe(chain.tip.hash);
  expect(chain.getActive(chain.tip.height + 1)).toBeUndefined();
  for (const side of chain.sideTips()) if (!side.invalid) expect(side.chainwork <= chain.tip.chainwork).toBe(true);
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'chainscope-chain-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export function last<T>(items: readonly T[]): T {
  const item = items[items.length - 1];
  if (item === undefined) throw new Error('the list is empty');
  return item;
}

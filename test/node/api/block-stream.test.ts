import { describe, expect, it } from 'vitest';
import type { Chain } from '../../../src/node/chain/chain.ts';
import { streamRuns, type StreamedChain } from '../../../src/node/api/block-stream.ts';
import { blockArrayStream, blockText } from '../../../src/node/api/http-json.ts';
import { API_LIMITS } from '../../../src/node/api/limits.ts';
import { difficultyOf } from '../../../src/node/consensus/target.ts';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { encodeTransaction, transactionHashHex } from '../../../src/node/primitives/transaction.ts';
import { displayHash } from '../../../src/node/util/bytes.ts';
import type { ListedBlock } from '../../../src/shared/blocks.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { addAll, openChain } from '../chain/support.ts';

/** Blocks of one to three transactions, some with data that must be kept as it was written. */
function mixed(count: number): MinedBlock[] {
  const blocks: MinedBlock[] = [];
  let parent = genesisParent() as MinedBlock;
  for (let index = 0; index < count; index += 1) {
    const txs = Array.from({ length: index % 3 }, (_, at) => dataTransaction({ text: 'größer "als" 1.0', index, at }));
    blocks.push((parent = mineBlock(parent, { txs })));
  }
  return blocks;
}

async function chainOf(blocks: readonly MinedBlock[]): Promise<Chain> {
  const { chain } = await openChain();
  await addAll(chain, blocks);
  return chain;
}

async function all(chain: StreamedChain, range = {}): Promise<ListedBlock[][]> {
  const runs: ListedBlock[][] = [];
  for await (const run of streamRuns(chain, REGTEST.powLimitBits, range)) runs.push(run);
  return runs;
}

describe('the stream of a chain', () => {
  it('says of each block what its bytes say, the ids and sizes of transactions included', async () => {
    const blocks = mixed(12);
    const chain = await chainOf(blocks);
    const listed = (await all(chain)).flat();
    expect(listed.map(({ hash }) => hash)).toEqual([REGTEST.genesisHash, ...blocks.map(({ hash }) => hash)]);
    for (const [index, { block, height, hash }] of blocks.entries()) {
      const { header } = block;
      const [coinbase] = block.transactions;
      expect(listed[index + 1]).toEqual({
        height,
        hash,
        previousHash: displayHash(header.previousHash),
        time: header.time,
        dataText: coinbase?.dataText,
        nonce: header.nonce,
        bits: header.bits,
        difficulty: difficultyOf(header.bits, REGTEST.powLimitBits),
        merkleRoot: displayHash(header.merkleRoot),
        transactions: block.transactions.map((transaction) => ({
          id: transactionHashHex(transaction),
          kind: transaction.kind,
          dataText: transaction.dataText,
          size: encodeTransaction(transaction).length,
          ...(transaction.kind === 'data' ? { time: transaction.time } : {}),
        })),
      });
    }
  });

  it('comes as text that is JSON, with the data as it was written', async () => {
    const blocks = mixed(2);
    const block = blocks[1];
    const [, , listed] = (await all(await chainOf(blocks))).flat();
    if (block === undefined || listed === undefined) throw new Error('no block was listed');
    const text = blockText(listed);
    expect(JSON.parse(text)).toEqual({
      height: 2,
      hash: block.hash,
      lastHash: listed.previousHash,
      timestamp: block.block.header.time * 1000,
      data: JSON.parse(listed.dataText) as unknown,
      nonce: listed.nonce,
      bits: listed.bits,
      difficulty: listed.difficulty,
      merkleRoot: listed.merkleRoot,
      transactions: listed.transactions.map(({ id, kind, dataText, size, time }) => ({ id, kind, data: JSON.parse(dataText) as unknown, size, ...(time === undefined ? {} : { timestamp: time }) })),
    });
    expect(text).toContain(listed.transactions[1]?.dataText);
  });

  it('is left by a reader in the middle of a read without a word of failure', async () => {
    const [listed] = (await all(await chainOf([]))).flat();
    if (listed === undefined) throw new Error('no block was listed');
    const failures: unknown[] = [];
    let ended = false;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let arrived: () => void = () => undefined;
    const midway = new Promise<void>((resolve) => (arrived = resolve));
    const source = async function* (): AsyncGenerator<ListedBlock> {
      try {
        yield listed;
        arrived();
        await held;
        yield listed;
      } finally {
        ended = true;
      }
    };
    const reader = blockArrayStream(source(), (error) => failures.push(error)).getReader();
    const reading = reader.read();
    await midway;
    const leaving = reader.cancel();
    goOn();
    expect(await reading).toMatchObject({ done: true });
    await leaving;
    expect(failures).toEqual([]);
    expect(ended).toBe(true);
  });

  it('reads a run at a time, whatever part is asked for', async () => {
    const chain = await chainOf(mixed(API_LIMITS.streamRun + 20));
    expect((await all(chain)).flat()).toHaveLength(API_LIMITS.streamRun + 21);
    expect((await all(chain, { from: 3 })).map((run) => run.length)).toEqual([API_LIMITS.streamRun, 18]);
    expect((await all(chain, { from: 7, limit: 5 })).flat().map(({ height }) => height)).toEqual([7, 8, 9, 10, 11]);
    expect(await all(chain, { from: 5, limit: 0 })).toEqual([]);
    expect(await all(chain, { from: 10_000 })).toEqual([]);
  });

  it('asks the disk for no more bytes than it may hold, and goes on behind what it got', async () => {
    const chain = await chainOf(mixed(10));
    const asked: number[] = [];
    const few: StreamedChain = {
      ...parts(chain),
      readBodies: (entries, maxBytes) => {
        asked.push(maxBytes);
        return chain.readBodies(entries.slice(0, 4), maxBytes);
      },
    };
    expect((await all(few)).flat().map(({ height }) => height)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(new Set(asked)).toEqual(new Set([API_LIMITS.streamRunBytes]));
  });

  it('stays on the chain with which it began when another one takes over meanwhile', async () => {
    const blocks = mineFork(genesisParent(), API_LIMITS.streamRun + 5);
    const chain = await chainOf(blocks);
    const listed: string[] = [];
    for await (const run of streamRuns(chain, REGTEST.powLimitBits, {})) {
      if (listed.length === 0) await addAll(chain, mineFork(genesisParent(), blocks.length + 1));
      listed.push(...run.map(({ hash }) => hash));
    }
    expect(chain.tip.height).toBe(blocks.length + 1);
    expect(listed).toEqual([REGTEST.genesisHash, ...blocks.map(({ hash }) => hash)]);
  });

  it('ends with the reason at a block that cannot be read, and has given those before it', async () => {
    const chain = await chainOf(mixed(10));
    const lost = chain.getActive(6);
    const damaged: StreamedChain = {
      ...parts(chain),
      readBodies: async (entries, maxBytes) => {
        const at = entries.findIndex((entry) => entry === lost);
        return chain.readBodies(at < 0 ? entries : entries.slice(0, at), maxBytes);
      },
      getBlockBytes: (hash) => (hash === lost?.hash ? Promise.resolve(undefined) : chain.getBlockBytes(hash)),
    };
    const seen: number[] = [];
    const reading = (async () => {
      for await (const run of streamRuns(damaged, REGTEST.powLimitBits, {})) seen.push(...run.map(({ height }) => height));
    })();
    await expect(reading).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('Block 6') as string });
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

function parts(chain: Chain): StreamedChain {
  return {
    tip: chain.tip,
    isActive: (entry) => chain.isActive(entry),
    getActive: (height) => chain.getActive(height),
    getAncestor: (entry, height) => chain.getAncestor(entry, height),
    readBodies: (entries, maxBytes) => chain.readBodies(entries, maxBytes),
    getBlockBytes: (hash) => chain.getBlockBytes(hash),
  };
}

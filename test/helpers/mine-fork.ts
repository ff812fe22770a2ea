import { REGTEST, type NetworkParams } from '../../src/node/consensus/params.ts';
import { checkPow } from '../../src/node/consensus/target.ts';
import { encodeBlock, blockMerkleRoot, type Block } from '../../src/node/primitives/block.ts';
import { hashHeader, type BlockHeader } from '../../src/node/primitives/header.ts';
import { MINER_ID_BYTES, SALT_BYTES, type DataTransaction, type Transaction } from '../../src/node/primitives/transaction.ts';
import { displayHash, internalHash, type HashHex } from '../../src/node/util/bytes.ts';

/** What a block needs of the one it stands on. A BlockIndexEntry of a chain fits (its header has the time). */
export type Parent = { hash: HashHex; height: number } & ({ time: number } | { header: { time: number } });

export interface MinedBlock {
  hash: HashHex;
  height: number;
  time: number;
  header: BlockHeader;
  block: Block;
  bytes: Uint8Array;
}

export interface MineOptions {
  /** Any JSON value of the coinbase. */
  data?: unknown;
  /** Its exact text instead. */
  dataText?: string;
  txs?: DataTransaction[];
  /** Seconds since 1970; the parent's and 10 when absent. */
  time?: number;
  /** The network's easiest when absent. */
  bits?: number;
  version?: number;
  minerName?: string;
  /** Changes the header after the merkle root was set and before the proof of work. */
  header?: Partial<BlockHeader>;
  /** Changes the list of transactions, coinbase included. */
  transactions?: (transactions: Transaction[]) => Transaction[];
  /** Height that the coinbase says. */
  coinbaseHeight?: number;
  /** Looks for a nonce that does not meet the target. */
  withoutWork?: boolean;
  params?: NetworkParams;
}

let extraNonce = 0n;
let salt = 0;

export function genesisParent(params: NetworkParams = REGTEST): Parent & { time: number } {
  return { hash: params.genesisHash, height: 0, time: params.genesis.header.time };
}

function timeOf(parent: Parent): number {
  return 'time' in parent ? parent.time : parent.header.time;
}

/** A data transaction that no other call returns. */
export function dataTransaction(data: unknown = 'hello', time = 1_767_225_700_000): DataTransaction {
  const bytes = new Uint8Array(SALT_BYTES);
  new DataView(bytes.buffer).setUint32(0, ++salt);
  return { version: 1, kind: 'data', time, salt: bytes, dataText: JSON.stringify(data) };
}

/** A valid block on `parent` with its proof of work (about two hashes on regtest); no two calls return the same. */
export function mineBlock(parent: Parent, options: MineOptions = {}): MinedBlock {
  const params = options.params ?? REGTEST;
  const height = parent.height + 1;
  let transactions: Transaction[] = [
    {
      version: 1,
      kind: 'coinbase',
      height: options.coinbaseHeight ?? height,
      minerId: new Uint8Array(MINER_ID_BYTES).fill(7),
      minerName: options.minerName ?? 'test',
      extraNonce: ++extraNonce,
      dataText: options.dataText ?? JSON.stringify(options.data ?? `block ${height}`),
    },
    ...(options.txs ?? []),
  ];
  if (options.transactions !== undefined) transactions = options.transactions(transactions);
  const header: BlockHeader = {
    version: options.version ?? 1,
    previousHash: internalHash(parent.hash),
    merkleRoot: new Uint8Array(32),
    time: options.time ?? timeOf(parent) + 10,
    bits: options.bits ?? params.powLimitBits,
    nonce: 0,
  };
  const block: Block = { header, transactions };
  header.merkleRoot = blockMerkleRoot(block).root;
  Object.assign(header, options.header);
  while (checkPow(hashHeader(header), header.bits, params.powLimit) === (options.withoutWork === true)) header.nonce++;
  return { hash: displayHash(hashHeader(header)), height, time: header.time, header, block, bytes: encodeBlock(block) };
}

/** `length` blocks, each on the one before it, the first on `parent`. */
export function mineFork(parent: Parent, length: number, options: MineOptions | ((index: number) => MineOptions) = {}): MinedBlock[] {
  const blocks: MinedBlock[] = [];
  let at = parent;
  for (let i = 0; i < length; i++) {
    const block = mineBlock(at, typeof options === 'function' ? options(i) : options);
    blocks.push(block);
    at = block;
  }
  return blocks;
}

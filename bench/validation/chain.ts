/** Headers and blocks with their proof of work, to be checked: the same for the same seed. */
import { anchorFor, nextBits, type Anchor } from '../../src/node/consensus/difficulty.ts';
import { MEDIAN_TIME_SPAN } from '../../src/node/consensus/limits.ts';
import { medianTimePast } from '../../src/node/consensus/median-time.ts';
import { REGTEST, type NetworkParams } from '../../src/node/consensus/params.ts';
import { checkPow } from '../../src/node/consensus/target.ts';
import { blockMerkleRoot, type Block } from '../../src/node/primitives/block.ts';
import { encodeHeader, HEADER_BYTES, NONCE_OFFSET, type BlockHeader } from '../../src/node/primitives/header.ts';
import { MINER_ID_BYTES, SALT_BYTES, type Transaction } from '../../src/node/primitives/transaction.ts';
import { hash256 } from '../../src/node/util/hash.ts';
import { seeded } from '../lib/mining.ts';

/** The rules of the main network, where the difficulty moves with each block, on targets that one thread meets at once. */
export const MOVING: NetworkParams = { ...REGTEST, retarget: true };

/** Furthest that a block's time is from its schedule, in seconds. Up to two half-lives early makes four times the work. */
const JITTER = 25;

/** A chain of headers on the genesis block, each with the bits, time and proof of work that the rules ask for. */
export function makeHeaders(params: NetworkParams, count: number, seed: number): { headers: BlockHeader[]; rows: Uint8Array } {
  const random = seeded(seed);
  const { genesis } = params;
  const headers: BlockHeader[] = [];
  const rows = new Uint8Array(HEADER_BYTES * count);
  const times = [genesis.header.time];
  let anchor: Anchor = anchorFor(params, { height: 0, times }, undefined);
  let previousHash = hash256(encodeHeader(genesis.header));
  for (let height = 1; height <= count; height++) {
    const due = genesis.header.time + params.spacing * height;
    const header: BlockHeader = {
      version: 1,
      previousHash,
      merkleRoot: Uint8Array.from({ length: 32 }, () => random() * 256),
      time: Math.max(medianTimePast(times) + 1, due + Math.round((random() * 2 - 1) * JITTER)),
      bits: nextBits(params, { ...anchor, height: height - 1, time: times.at(-1) ?? 0 }),
      nonce: 0,
    };
    const bytes = encodeHeader(header);
    const view = new DataView(bytes.buffer);
    let hash = hash256(bytes);
    while (!checkPow(hash, header.bits, params.powLimit)) {
      view.setUint32(NONCE_OFFSET, ++header.nonce, true);
      hash = hash256(bytes);
    }
    rows.set(bytes, HEADER_BYTES * (height - 1));
    headers.push(header);
    previousHash = hash;
    times.push(header.time);
    if (times.length > MEDIAN_TIME_SPAN) times.shift();
    anchor = anchorFor(params, { height, times }, anchor);
  }
  return { headers, rows };
}

/** A block of so many transactions, with a right Merkle root; its proof of work is not looked at. */
export function makeBlock(transactionCount: number, seed: number): Block {
  const random = seeded(seed);
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => random() * 256);
  const coinbase: Transaction = {
    version: 1,
    kind: 'coinbase',
    height: 1,
    minerId: bytes(MINER_ID_BYTES),
    minerName: 'miner 1',
    extraNonce: 1n,
    dataText: '"block 1"',
  };
  const others = Array.from({ length: transactionCount - 1 }, (_, i): Transaction => {
    const note = 'x'.repeat(Math.floor(random() * 80));
    return { version: 1, kind: 'data', time: 1_767_225_600_000 + i, salt: bytes(SALT_BYTES), dataText: JSON.stringify({ from: 'aster', to: 'birch', amount: i, note }) };
  });
  const header: BlockHeader = { version: 1, previousHash: bytes(32), merkleRoot: new Uint8Array(32), time: 1_767_225_610, bits: REGTEST.powLimitBits, nonce: 0 };
  const block = { header, transactions: [coinbase, ...others] };
  header.merkleRoot = blockMerkleRoot(block).root;
  return block;
}

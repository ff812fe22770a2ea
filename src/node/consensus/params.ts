/** The two networks. Whatever two nodes must share to be of one network is here. */
import type { Block } from '../primitives/block.ts';
import type { HashHex } from '../util/bytes.ts';
import { genesisBlock } from './genesis.ts';
import { bitsToTarget } from './target.ts';

/** The same names as `NetworkName` of src/shared. */
export type NetworkName = 'main' | 'regtest';

export interface NetworkParams {
  readonly name: NetworkName;
  /** First four bytes of a frame's meaning: nodes of different networks refuse each other. */
  readonly magic: number;
  readonly genesis: Block;
  readonly genesisHash: HashHex;
  /** Easiest target and its compact form. */
  readonly powLimit: bigint;
  readonly powLimitBits: number;
  /** Seconds between blocks that the difficulty aims at. */
  readonly spacing: number;
  /** Seconds of lateness that halve the difficulty. */
  readonly halfLife: number;
  /** False: every block carries `powLimitBits`. */
  readonly retarget: boolean;
}

const MAIN_BITS = 0x1e0fffff;
const REGTEST_BITS = 0x207fffff;

/** A block every 10 s; the easiest block takes about 2^20 hashes. */
export const MAIN: NetworkParams = {
  name: 'main',
  magic: 0xf4c5a110,
  genesis: genesisBlock({
    dataText: '"Chainscope main, the first block, 2026-01-01"',
    time: 1_767_225_600,
    bits: MAIN_BITS,
    nonce: 1_410_305,
    merkleRoot: 'af1c7149aa82261eb0f14d5f2037d381f7c6fe86ebfdbde417f76e90a3834d99',
  }),
  genesisHash: '000001f5301f742e295bfb817e88a10973a649e8034122b4a0cbe5dda6655da8',
  powLimit: bitsToTarget(MAIN_BITS),
  powLimitBits: MAIN_BITS,
  spacing: 10,
  halfLife: 300,
  retarget: true,
};

/** For tests and first steps: two hashes a block, for ever. */
export const REGTEST: NetworkParams = {
  name: 'regtest',
  magic: 0xf4c5a1e9,
  genesis: genesisBlock({
    dataText: '"Chainscope regtest, the first block, 2026-01-01"',
    time: 1_767_225_600,
    bits: REGTEST_BITS,
    nonce: 0,
    merkleRoot: '2cc9454a6e93f503fe01b757634f490f0ae8e8215f2ce295bb390828b0274e10',
  }),
  genesisHash: '1f917e08e98ec6a59d8e79b6c38d9f80bcc03c8c5106ed6b7a25bcee61e781c3',
  powLimit: bitsToTarget(REGTEST_BITS),
  powLimitBits: REGTEST_BITS,
  spacing: 10,
  halfLife: 300,
  retarget: false,
};

export function paramsFor(name: NetworkName): NetworkParams {
  return name === 'main' ? MAIN : REGTEST;
}

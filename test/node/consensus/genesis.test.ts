import { describe, expect, it } from 'vitest';
import type { NetworkName } from '../../../src/shared/events.ts';
import { MAIN, paramsFor, REGTEST } from '../../../src/node/consensus/params.ts';
import { checkBlock, checkBlockContextual, checkHeader, parseBlock } from '../../../src/node/consensus/rules.ts';
import { blockWork, checkPow, requiredZeroBits, targetToBits } from '../../../src/node/consensus/target.ts';
import { blockHash, blockMerkleRoot, coinbaseOf, encodeBlock } from '../../../src/node/primitives/block.ts';
import { hashHeader } from '../../../src/node/primitives/header.ts';

const names: NetworkName[] = ['main', 'regtest'];

describe.each(names)('the genesis block of %s', (name) => {
  const params = paramsFor(name);

  it('has the hash that the parameters state', () => {
    expect(blockHash(params.genesis)).toBe(params.genesisHash);
  });

  it('carries its proof of work and its merkle root', () => {
    expect(checkPow(hashHeader(params.genesis.header), params.genesis.header.bits, params.powLimit)).toBe(true);
    expect(blockMerkleRoot(params.genesis)).toEqual({ root: params.genesis.header.merkleRoot, mutated: false });
    expect(params.genesis.header.bits).toBe(params.powLimitBits);
    expect(targetToBits(params.powLimit)).toBe(params.powLimitBits);
  });

  it('keeps every rule that has no parent in it', () => {
    checkHeader(params.genesis.header, hashHeader(params.genesis.header), params);
    checkBlock(params.genesis);
    checkBlockContextual(params.genesis, { height: 0 });
    expect(parseBlock(encodeBlock(params.genesis))).toEqual(params.genesis);
  });

  it('names its network and is dated in 2026', () => {
    expect(params.name).toBe(name);
    expect(JSON.parse(coinbaseOf(params.genesis).dataText)).toContain(name);
    expect(new Date(params.genesis.header.time * 1000).getUTCFullYear()).toBe(2026);
    expect(params.genesis.header.previousHash).toEqual(new Uint8Array(32));
  });
});

it('tells the two networks apart by magic and by genesis block', () => {
  expect(MAIN.magic).not.toBe(REGTEST.magic);
  expect(MAIN.genesisHash).not.toBe(REGTEST.genesisHash);
});

it('asks for about 2^20 hashes on main and two on regtest', () => {
  expect(requiredZeroBits(MAIN.powLimitBits)).toBe(20);
  expect(Number(blockWork(MAIN.powLimitBits)) / 2 ** 20).toBeCloseTo(1, 4);
  expect(blockWork(REGTEST.powLimitBits)).toBe(2n);
});

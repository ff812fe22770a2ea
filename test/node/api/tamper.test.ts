import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tamperWith, type TamperParts } from '../../../src/node/api/tamper.ts';
import { Chain } from '../../../src/node/chain/chain.ts';
import { MemoryStore } from '../../../src/node/chain/store/memory-store.ts';
import { MAIN, REGTEST } from '../../../src/node/consensus/params.ts';
import { MAX_DATA_BYTES } from '../../../src/node/primitives/limits.ts';
import { encodeTransaction } from '../../../src/node/primitives/transaction.ts';
import { systemClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import type { TamperReport } from '../../../src/shared/tamper.ts';
import { ask } from '../../helpers/http.ts';
import { dataTransaction, genesisParent, mineBlock, mineFork, type MinedBlock } from '../../helpers/mine-fork.ts';
import { httpPort, mine, NodeNetwork } from '../../helpers/node.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function chainOf(blocks: readonly MinedBlock[], params = REGTEST): Promise<TamperParts> {
  const chain = new Chain({ params, dataDir: 'unused' }, { clock: systemClock, logger: nullLogger, store: new MemoryStore() });
  await chain.open();
  closers.push(() => chain.close());
  for (const { block } of blocks) await chain.addBlock(block, { kind: 'peer' });
  return { chain, params, hashRate: undefined };
}

async function report(parts: TamperParts, block: string | number, dataText: string): Promise<TamperReport> {
  const answer = await tamperWith(parts, { block, dataText });
  if (answer === undefined) throw new Error('no such block');
  return answer;
}

/** Bitcoin's hash, tree and header by Node's own OpenSSL and a DataView: nothing of the node's. */
const sha = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const shaTwice = (bytes: Uint8Array): Buffer => sha(sha(bytes));
const shown = (bytes: Uint8Array): string => Buffer.from(bytes).reverse().toString('hex');
function rootOf(ids: Buffer[]): Buffer {
  if (ids.length === 1) return ids[0] ?? Buffer.alloc(0);
  const next: Buffer[] = [];
  for (let i = 0; i < ids.length; i += 2) next.push(shaTwice(Buffer.concat([ids[i] ?? Buffer.alloc(0), ids[i + 1] ?? ids[i] ?? Buffer.alloc(0)])));
  return rootOf(next);
}
/** A coinbase as docs/consensus.md lays it out, all lengths below 253. */
function coinbaseBytes(height: number, extraNonce: bigint, name: string, data: string): Buffer {
  const [u32, u64] = [Buffer.alloc(4), Buffer.alloc(8)];
  u32.writeUInt32LE(height);
  u64.writeBigUInt64LE(extraNonce);
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(Buffer.byteLength(value)), Buffer.from(value)]);
  const payload = Buffer.concat([u32, Buffer.alloc(16, 7), text(name), u64, text(data)]);
  return Buffer.concat([Buffer.of(1, 0, 0, payload.length), payload]);
}

const rules = (of: TamperReport): [string, number, string][] => of.faults.map(({ step, height, violation }) => [step, height, violation.rule]);

describe('the data of a stored block is changed on a copy', () => {
  it('hashes are what independent code gives, for one and for more transactions', async () => {
    const blocks = mineFork(genesisParent(), 2);
    const full = mineBlock(blocks[1] ?? genesisParent(), { txs: [dataTransaction('a'), dataTransaction('b')] });
    const parts = await chainOf([...blocks, full]);
    for (const { hash, height, block, bytes } of [...blocks, full]) {
      const [coinbase, ...others] = block.transactions;
      if (coinbase?.kind !== 'coinbase') throw new Error('no coinbase');
      for (const dataText of ['"changed"', '{"to":"Mallory","amount":1.0}', '"é ∑ 🙂"']) {
        const ids = [coinbaseBytes(height, coinbase.extraNonce, coinbase.minerName, dataText), ...others.map(encodeTransaction)].map(shaTwice);
        const root = rootOf(ids);
        const header = Buffer.concat([bytes.subarray(0, 36), root, bytes.subarray(68, 80)]);
        expect(await report(parts, hash, dataText)).toMatchObject({
          hash,
          height,
          branch: 'active',
          changed: true,
          merkleRoot: shown(bytes.subarray(36, 68)),
          newCoinbaseId: shown(ids[0] ?? Buffer.alloc(0)),
          newMerkleRoot: shown(root),
          newHash: shown(shaTwice(header)),
        });
      }
    }
  });

  it('gives the known hashes of a changed genesis block', async () => {
    // Worked out once with Python's hashlib: the first block of `main` with "changed" as its data.
    const parts = await chainOf([], MAIN);
    expect(await report(parts, 0, '"changed"')).toMatchObject({
      newCoinbaseId: '8629008b6cea997a4e5ea8faf671623974f7c3a0a437c18ef1e796b7da483cd5',
      newMerkleRoot: '8629008b6cea997a4e5ea8faf671623974f7c3a0a437c18ef1e796b7da483cd5',
      newHash: '8538af8f892314a9e2fcfde18697e1d36908c265446fca993a6d3d74ba412ad8',
      hash: MAIN.genesisHash,
      zeroBits: 0,
      requiredZeroBits: 20,
    });
  });

  it('the rules are broken in the order in which a forger meets them', async () => {
    const blocks = mineFork(genesisParent(), 5);
    const parts = await chainOf(blocks);
    const target = blocks[1] ?? expect.fail();
    const lucky = new Set<boolean>();
    // Every second hash is low enough on regtest: both kinds come up.
    for (let i = 0; i < 64; i += 1) {
      const answer = await report(parts, 2, `"try ${String(i)}"`);
      const enough = Number.parseInt(answer.newHash.charAt(0), 16) < 8;
      lucky.add(enough);
      expect(rules(answer)).toEqual([['old-header', 2, 'bad-merkle-root'], ...(enough ? [] : [['copy', 2, 'high-hash']]), ['child', 3, 'bad-prev-hash']]);
      expect(answer).toMatchObject({ blocksAbove: 3, requiredZeroBits: 1, cost: { hashes: enough ? 0 : 2, hashesAbove: 6 } });
      expect(answer.zeroBits >= 1).toBe(enough);
      const [root, ...later] = answer.faults.map(({ violation }) => violation);
      expect(root).toMatchObject({ expected: answer.newMerkleRoot, got: answer.merkleRoot });
      expect(later.at(-1)).toMatchObject({ expected: answer.newHash, got: target.hash });
      expect(answer.cost.hashRate).toBeUndefined();
    }
    expect(lucky.size).toBe(2);
  });

  it('nothing is broken when nothing changes, and at the tip no block is above', async () => {
    const blocks = mineFork(genesisParent(), 2);
    const parts = await chainOf(blocks);
    const text = (index: number): string => blocks[index]?.block.transactions[0]?.dataText ?? '';
    expect(await report(parts, 1, text(0))).toMatchObject({ changed: false, newHash: blocks[0]?.hash, faults: [], blocksAbove: 1, cost: { hashes: 0, hashesAbove: 0 } });
    const tip = await report(parts, 2, '"other"');
    expect(tip.blocksAbove).toBe(0);
    expect(tip.faults.map(({ step }) => step)).not.toContain('child');
    // Spaces change the bytes, though not the value.
    expect((await report(parts, 1, ` ${text(0)}`)).changed).toBe(true);
  });

  it('the first block, stale blocks, refused ones, and blocks that are not there', async () => {
    const trunk = mineFork(genesisParent(), 4);
    const side = mineFork(trunk[0] ?? genesisParent(), 2);
    const twig = mineBlock(side[0] ?? genesisParent());
    const parts = await chainOf([...trunk, ...side, twig]);
    const first = await report(parts, REGTEST.genesisHash, '"another beginning"');
    expect(first).toMatchObject({ height: 0, blocksAbove: 4, branch: 'active' });
    expect(first.faults.at(-1)).toMatchObject({ step: 'child', height: 1, violation: { rule: 'bad-prev-hash' } });
    const stale = await report(parts, side[0]?.hash ?? '', '"x"');
    expect(stale).toMatchObject({ height: 2, branch: 'side', blocksAbove: 1, cost: { hashesAbove: 2 } });
    expect(stale.faults.at(-1)).toMatchObject({ step: 'child', height: 3 });
    expect(await report(parts, twig.hash, '"x"')).toMatchObject({ branch: 'side', blocksAbove: 0 });
    for (const missing of ['ab'.repeat(32), 'nonsense', 5, -1, 0.5]) expect(await tamperWith(parts, { block: missing, dataText: '1' })).toBeUndefined();
    // A body that cannot be read.
    const { chain } = parts;
    const damaged = { ...parts, chain: Object.create(chain, { getBlock: { value: () => Promise.resolve(undefined) } }) as TamperParts['chain'] };
    expect(await tamperWith(damaged, { block: 1, dataText: '1' })).toBeUndefined();
  });

  it('data is refused as data that is to be mined, to the byte', async () => {
    const parts = await chainOf(mineFork(genesisParent(), 1));
    const most = JSON.stringify('x'.repeat(MAX_DATA_BYTES - 2));
    expect((await report(parts, 1, most)).changed).toBe(true);
    await expect(tamperWith(parts, { block: 1, dataText: `${most} ` })).rejects.toMatchObject({ code: 'data-too-large', field: 'data' });
    for (const text of ['', 'no JSON', '"half', '"\ud800"', '['.repeat(33) + ']'.repeat(33)]) await expect(tamperWith(parts, { block: 1, dataText: text }), text).rejects.toMatchObject({ code: 'data-not-json' });
  });

  it('a copy that grows too large for a block breaks that rule too', async () => {
    const big = JSON.stringify('x'.repeat(MAX_DATA_BYTES - 2));
    const block = mineBlock(genesisParent(), { txs: [1, 2, 3].map((time) => ({ ...dataTransaction('', time), dataText: big })) });
    const parts = await chainOf([block]);
    const answer = await report(parts, 1, big);
    expect(rules(answer).filter(([step]) => step === 'old-header')).toEqual([['old-header', 1, 'block-too-large']]);
    expect(answer.faults.filter(({ step }) => step === 'copy').map(({ violation }) => violation.rule)).toContain('block-too-large');
  });
});

describe('through the doors', () => {
  let network: NodeNetwork;
  beforeAll(async () => {
    network = await NodeNetwork.create();
  }, 60_000);
  afterEach(() => network.reset());
  afterAll(() => network.close());

  it('nothing is stored, sent or told: the chain is the same afterwards, in memory and on disk', { timeout: 30_000 }, async () => {
    const dataDir = await network.folder();
    const node = await network.open({ dataDir });
    const hashes = await mine(node, 'one', 'two', 'three');
    const chain = node.node.parts.chain;
    const before = node.api.snapshot();
    const bytes = await Promise.all(hashes.map((hash) => chain.getBlockBytes(hash)));
    const files = async (): Promise<Record<string, string>> => {
      const found: Record<string, string> = {};
      for (const each of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
        if (each.isFile()) found[join(each.parentPath, each.name)] = shaTwice(await readFile(join(each.parentPath, each.name))).toString('hex');
      }
      return found;
    };
    const stored = await files();
    expect(Object.keys(stored).length).toBeGreaterThan(2);
    for (const [index, hash] of hashes.entries()) {
      const answer = await node.api.tamper({ block: hash, dataText: '"forged"' });
      expect(answer).toMatchObject({ hash, height: index + 1, changed: true, blocksAbove: 2 - index });
      expect(await node.api.getBlock(answer?.newHash ?? '')).toBeNull();
      expect(await node.api.tamper({ block: index + 1, dataText: '"forged"' })).toEqual(answer);
    }
    expect(node.api.snapshot().seq).toBe(before.seq);
    expect(node.api.snapshot().chain).toEqual(before.chain);
    expect(await files()).toEqual(stored);
    expect(await Promise.all(hashes.map((hash) => chain.getBlockBytes(hash)))).toEqual(bytes);
    expect(bytes).not.toContain(undefined);
    expect(await node.api.checkBlock(hashes[1] ?? '')).not.toHaveProperty('violation');
    await node.close();
    await expect(node.api.tamper({ block: 1, dataText: '1' })).rejects.toMatchObject({ code: 'node-closing' });
  });

  it('over HTTP, by height and by hash', async () => {
    const node = await network.open();
    const [hash = ''] = await mine(node, 'one', 'two');
    const port = httpPort(node);
    const post = (ref: string, body: string) => ask(port, `/blocks/${ref}/tamper`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answer = await post('1', '{"data":{"a":1.0}}');
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual(await node.api.tamper({ block: hash, dataText: '{"a":1.0}' }));
    expect((await post(hash.toUpperCase(), '{"data":{"a":1.0}}')).json()).toEqual(answer.json());
    expect((await post('9', '{"data":1}')).status).toBe(404);
    expect((await post('x', '{"data":1}')).status).toBe(400);
    expect((await post('1', '{}')).status).toBe(400);
    expect((await post('1', `{"data":${'['.repeat(40)}${']'.repeat(40)}}`)).status).toBe(400);
    expect((await ask(port, '/blocks/1/tamper')).status).toBe(405);
  });

  it('tells the rate of the mining that was last', async () => {
    const node = await network.open();
    await mine(node, 'one');
    const { miner } = node.node.parts;
    const state = miner.state();
    const rates = async (hashRate: number, rateHistory: number[]): Promise<number | undefined> => {
      miner.state = () => ({ ...state, hashRate, rateHistory });
      return (await node.api.tamper({ block: 1, dataText: '1' }))?.cost.hashRate;
    };
    expect(await rates(500, [1, 2])).toBe(500);
    expect(await rates(0, [400, 300, 0])).toBe(300);
    expect(await rates(0, [])).toBeUndefined();
  });
});

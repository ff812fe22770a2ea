/** A made-up node for looking at the window without one: a chain with a fork, four peers, a job. For pictures, never for tests. */
import type { BlockDetail, BlockSummary } from '../../../src/shared/blocks.ts';
import type { MiningState, NodeSnapshot } from '../../../src/shared/events.ts';
import type { PeerInfo } from '../../../src/shared/peers.ts';

const TIP = 1317;
const FIRST = 1018;
const EXPECTED = 1_048_576;

/** Mulberry32: the same pictures every time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const NODES = [
  { id: 'a1'.repeat(16), name: 'Aster' },
  { id: 'b2'.repeat(16), name: 'Birch' },
  { id: 'c3'.repeat(16), name: 'Cedar' },
  { id: 'd4'.repeat(16), name: 'Dune' },
  { id: 'e5'.repeat(16), name: 'Elm' },
] as const;

const TEXTS = ['sensor 3: 21.6 C', 'Lin pays Grace 2.50', 'Hello from Birch', 'invoice 2217 settled', 'Cedar owes Aster a tea'];

export function makeHash(next: () => number): string {
  let text = '00000';
  while (text.length < 64) text += Math.floor(next() * 16).toString(16);
  return text;
}

export function makeBlock(next: () => number, height: number, previousHash: string, branch: BlockSummary['branch'], now: number): BlockSummary {
  const miner = NODES[branch === 'active' ? Math.floor(next() * 3) : 3] ?? NODES[0];
  return {
    hash: makeHash(next),
    previousHash,
    height,
    time: Math.floor(now / 1000) - (TIP - height) * 10 - 3,
    bits: 0x1e0fffff,
    nonce: Math.floor(next() * 4_000_000),
    chainwork: BigInt(height * EXPECTED).toString(16),
    branch,
    dataPreview: TEXTS[Math.floor(next() * TEXTS.length)] ?? '',
    dataTruncated: false,
    transactionCount: next() < 0.2 ? 3 : 1,
    size: 180 + Math.floor(next() * 200),
    minerId: miner.id,
    minerName: miner.name,
    receivedAt: now - (TIP - height) * 10_000,
    origin: miner === NODES[0] ? 'mined' : 'peer',
  };
}

function makePeer(index: number, over: Partial<PeerInfo>): PeerInfo {
  const node = NODES[index] ?? NODES[1];
  return {
    key: node.id,
    state: 'connected',
    direction: index % 2 === 1 ? 'outbound' : 'inbound',
    address: `127.0.0.1:${5001 + index}`,
    kept: true,
    nodeId: node.id,
    name: node.name,
    userAgent: '/chainscope:0.1.0/',
    height: TIP,
    verdict: 'same-tip',
    latencyMs: 4,
    latencyHistory: [4, 5, 4, 6, 4, 4, 5, 4, 3, 4],
    bytesIn: 48_200,
    bytesOut: 51_700,
    misbehaviour: 0,
    attempts: 0,
    ...over,
  };
}

export const RATES = [200_000, 600_000, 900_000, 1_100_000, 1_080_000, 1_180_000, 1_150_000, 1_200_000, 1_190_000, 1_230_000, 1_210_000, 1_240_000];

export function makeMining(over: Partial<MiningState>): MiningState {
  return {
    status: 'idle',
    jobId: 0,
    height: TIP + 1,
    dataPreview: '',
    workers: 1,
    hashes: 0,
    hashRate: 0,
    rateHistory: [],
    expectedHashes: EXPECTED,
    requiredZeroBits: 20,
    bestZeroBits: 0,
    queued: 0,
    templateRenewals: 0,
    ...over,
  };
}

/** @param now ms since 1970 @param peerCount how many of the four peers are there */
export function makeSnapshot(now: number, peerCount: number, mining: Partial<MiningState>): NodeSnapshot {
  const next = random(7);
  const blocks: BlockSummary[] = [];
  let previous = makeHash(next);
  let forkParent = '';
  for (let height = FIRST; height <= TIP; height += 1) {
    const block = makeBlock(next, height, previous, 'active', now);
    if (height === 1312) forkParent = block.hash;
    blocks.push(block);
    previous = block.hash;
  }
  const side: BlockSummary[] = [];
  let sidePrevious = forkParent;
  for (let height = 1313; height <= 1315; height += 1) {
    const block = makeBlock(next, height, sidePrevious, 'side', now);
    side.push(block);
    sidePrevious = block.hash;
  }
  const sideTip = side.at(-1);
  const behind = blocks.find(({ height }) => height === 1309);
  const all = [...blocks, ...side].sort((a, b) => a.height - b.height || (a.branch === 'active' ? -1 : 1));
  const peers = [
    makePeer(1, { tipHash: previous }),
    makePeer(2, { tipHash: previous, latencyMs: 6, bytesIn: 44_000, bytesOut: 49_300 }),
    makePeer(3, { height: 1315, verdict: 'other-branch', latencyMs: 5, misbehaviour: 10, bytesIn: 12_800, bytesOut: 19_100, ...(sideTip === undefined ? {} : { tipHash: sideTip.hash }) }),
    makePeer(4, { height: 1309, verdict: 'behind', blocksBehind: 8, latencyMs: 11, bytesIn: 3100, bytesOut: 402_000, ...(behind === undefined ? {} : { tipHash: behind.hash }) }),
  ].slice(0, peerCount);
  const chainwork = BigInt(Math.round(1.4e9)).toString(16);
  return {
    seq: 10,
    node: {
      nodeId: NODES[0].id,
      name: 'Aster',
      network: 'main',
      version: '0.1.0',
      userAgent: '/chainscope:0.1.0/',
      dataDir: '/data',
      genesisHash: makeHash(next),
      p2p: { host: '127.0.0.1', port: 5001 },
      http: { host: '127.0.0.1', port: 3001 },
      startedAt: now - 3_600_000,
    },
    chain: {
      tip: { hash: previous, height: TIP, time: Math.floor(now / 1000) - 3, chainwork },
      sideTips: sideTip === undefined ? [] : [{ hash: sideTip.hash, height: sideTip.height, forkHeight: 1312, chainwork, branch: 'side' }],
      blockCount: 1321,
      orphanCount: 0,
      nextBits: 0x1e0fffff,
      nextRequiredZeroBits: 20,
      nextExpectedHashes: EXPECTED,
      bytesOnDisk: 412_000,
    },
    blocks: all,
    peers,
    mining: makeMining(mining),
    mempool: { count: 0, bytes: 0 },
    sync: { phase: 'idle', height: TIP, bestHeaderHeight: TIP, blocksPerSecond: 0 },
    notices: [],
  };
}

export function makeDetail(block: BlockSummary, all: readonly BlockSummary[], dataText: string): BlockDetail {
  return {
    ...block,
    version: 1,
    merkleRoot: block.hash,
    headerHex: Array.from({ length: 80 }, (_, at) => ((at * 37 + block.nonce) % 256).toString(16).padStart(2, '0')).join(''),
    dataText,
    transactions: Array.from({ length: block.transactionCount }, (_, index) => ({
      id: block.hash.slice(index) + '0'.repeat(index),
      kind: index === 0 ? 'coinbase' : 'data',
      dataText: index === 0 ? dataText : JSON.stringify(`a pending note, number ${index}`),
      size: 120,
    })),
    children: all.filter(({ previousHash }) => previousHash === block.hash).map(({ hash, height, branch }) => ({ hash, height, branch })),
    confirmations: block.branch === 'active' ? TIP - block.height + 1 : 0,
    difficulty: 1,
    zeroBits: 20,
    requiredZeroBits: 20,
    expectedHashes: EXPECTED,
    checkMs: 0.2,
  };
}

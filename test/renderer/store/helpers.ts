import type { BlockDetail, BlockSummary } from '../../../src/shared/blocks.ts';
import type { ChainState, NodeEvent, NodeEventBody, NodeSnapshot } from '../../../src/shared/events.ts';
import type { PeerInfo } from '../../../src/shared/peers.ts';
import { idleMiner } from '../../helpers/idle-miner.ts';

/** A hash that says which block it is, in the last digits as real ones do. */
export const hashOf = (name: string): string => `00${Buffer.from(name).toString('hex')}`.padStart(64, '0').slice(-64);

export const ZERO = '0'.repeat(64);

export function block(name: string, previous: string | null, height: number, branch: BlockSummary['branch'] = 'active'): BlockSummary {
  return {
    hash: hashOf(name),
    previousHash: previous === null ? ZERO : hashOf(previous),
    height,
    time: 1_700_000_000 + height * 10,
    bits: 0x207fffff,
    nonce: height,
    chainwork: (height + 1).toString(16),
    branch,
    dataPreview: name,
    dataTruncated: false,
    transactionCount: 1,
    size: 200,
    minerId: 'aa',
    minerName: 'Aster',
    receivedAt: 1,
    origin: height === 0 ? 'genesis' : 'mined',
  };
}

/** `prefix0` to `prefix<top>`, each on the one before. */
export function chainOf(prefix: string, top: number): BlockSummary[] {
  return Array.from({ length: top + 1 }, (_, height) => block(`${prefix}${height}`, height === 0 ? null : `${prefix}${height - 1}`, height));
}

export function chainState(tip: BlockSummary): ChainState {
  return {
    tip: { hash: tip.hash, height: tip.height, time: tip.time, chainwork: tip.chainwork },
    sideTips: [],
    blockCount: tip.height + 1,
    orphanCount: 0,
    nextBits: 0x207fffff,
    nextRequiredZeroBits: 1,
    nextExpectedHashes: 2,
    bytesOnDisk: 1000,
  };
}

export function peer(key: string, over: Partial<PeerInfo> = {}): PeerInfo {
  return {
    key,
    state: 'connected',
    direction: 'outbound',
    address: '127.0.0.1:5002',
    kept: true,
    name: key,
    verdict: 'same-tip',
    latencyHistory: [],
    bytesIn: 0,
    bytesOut: 0,
    misbehaviour: 0,
    attempts: 0,
    ...over,
  };
}

export function snapshotOf(blocks: BlockSummary[], seq = 10, over: Partial<NodeSnapshot> = {}): NodeSnapshot {
  const tip = blocks.filter(({ branch }) => branch === 'active').at(-1);
  if (tip === undefined) throw new Error('a snapshot needs an active block');
  return {
    seq,
    node: {
      nodeId: 'aa',
      name: 'Aster',
      network: 'regtest',
      version: '0.1.0',
      userAgent: '/chainscope:0.1.0/',
      dataDir: '/data',
      genesisHash: hashOf('a0'),
      startedAt: 1,
    },
    chain: chainState(tip),
    blocks,
    peers: [],
    mining: idleMiner(tip.height + 1),
    mempool: { count: 0, bytes: 0 },
    sync: { phase: 'idle', height: tip.height, bestHeaderHeight: tip.height, blocksPerSecond: 0 },
    notices: [],
    ...over,
  };
}

/** The detail of a block that stands alone. */
export const detailOf = (name: string, over: Partial<BlockDetail> = {}): BlockDetail => ({
  ...block(name, null, 7),
  version: 1,
  merkleRoot: '00',
  headerHex: '00',
  dataText: '""',
  transactions: [],
  children: [],
  confirmations: 1,
  difficulty: 1,
  zeroBits: 1,
  requiredZeroBits: 1,
  expectedHashes: 2,
  ...over,
});

/** Numbers events from `first` on. */
export function numbered(first: number, ...bodies: NodeEventBody[]): NodeEvent[] {
  return bodies.map((body, index) => ({ ...body, seq: first + index, at: 1000 + index }));
}

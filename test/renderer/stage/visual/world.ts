/** An invented node for looking at the window without one: blocks, peers and events by construction, no proof of work. */
import type { ChainIndexPage, ChainOverview } from '../../../../src/shared/chain-view.ts';
import type { BlockDetail, BlockSummary } from '../../../../src/shared/blocks.ts';
import type { ChainState, MiningState, NodeEventBody, NodeSnapshot, SideTip, SyncState } from '../../../../src/shared/events.ts';
import type { PeerInfo, PeerVerdict } from '../../../../src/shared/peers.ts';
import type { TamperFault, TamperReport, TamperRequest } from '../../../../src/shared/tamper.ts';

export const ZERO_HASH = '0'.repeat(64);
const WORK_PER_BLOCK = 1_048_576n;
export const START = Date.UTC(2026, 10, 23, 13, 0, 0) / 1000;

/** 64 hex digits from a text, five zeros in front; spread well enough for seals. */
export function inventHash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  let digits = '';
  for (let round = 0; digits.length < 59; round += 1) {
    for (const char of `${text}/${round}`) {
      a = Math.imul(a ^ char.charCodeAt(0), 0x01000193);
      b = Math.imul(b ^ a ^ (a >>> 15), 0x85ebca6b);
    }
    digits += ((b ^ (b >>> 13)) >>> 0).toString(16).padStart(8, '0');
  }
  return `00000${digits.slice(0, 59)}`;
}

export interface Miner {
  id: string;
  name: string;
}
export const ME: Miner = { id: 'a57e4000', name: 'Aster' };
export const BIRCH: Miner = { id: 'birch-2', name: 'Birch' };
export const CEDAR: Miner = { id: 'cedar-3', name: 'Cedar' };
export const DUNE: Miner = { id: 'dune-4', name: 'Dune' };
export const ELM: Miner = { id: 'elm-10', name: 'Elm' };

const DATA = [
  'Lin pays Grace 2.50',
  'sensor 3: 21.6 C',
  'Ada pays Lin 5.40',
  'weather: 14 C, rain',
  'lot 17 shipped',
  'Omar: lunch at one',
  '{"from":"Mei","to":"Grace","amount":9.1}',
];

/** A block tree that grows by `mine`; the heaviest tip, first seen, is active. */
export class World {
  readonly blocks = new Map<string, BlockSummary>();
  tip: BlockSummary;
  #count = 0;

  constructor() {
    this.tip = this.#make(null, ME, 'genesis');
  }

  #make(parent: BlockSummary | null, miner: Miner, data: string): BlockSummary {
    this.#count += 1;
    const height = parent === null ? 0 : parent.height + 1;
    const block: BlockSummary = {
      hash: inventHash(`${parent?.hash ?? ''}:${miner.id}:${data}:${this.#count}`),
      previousHash: parent?.hash ?? ZERO_HASH,
      height,
      time: START + height * 10 + (this.#count % 7),
      bits: 0x1e0fffff,
      nonce: (this.#count * 290177) % 4294967295,
      chainwork: ((parent === null ? 0n : BigInt(`0x${parent.chainwork}`)) + WORK_PER_BLOCK).toString(16),
      branch: 'side',
      dataPreview: data,
      dataTruncated: false,
      transactionCount: 1,
      size: 240,
      minerId: height === 0 ? '' : miner.id,
      minerName: height === 0 ? '' : miner.name,
      receivedAt: (START + height * 10) * 1000,
      origin: height === 0 ? 'genesis' : miner === ME ? 'mined' : 'peer',
    };
    this.blocks.set(block.hash, block);
    return block;
  }

  /** Adds a block on `parent` (the tip by default) without choosing a tip. */
  mine(miner: Miner, parent: BlockSummary = this.tip, data = DATA[this.#count % DATA.length] ?? ''): BlockSummary {
    return this.#make(parent, miner, data);
  }

  /** A run of blocks on `parent`, found by turns; returns the last. */
  grow(count: number, miners: readonly Miner[], parent: BlockSummary = this.tip): BlockSummary {
    let last = parent;
    for (let i = 0; i < count; i += 1) last = this.mine(miners[(i * 7 + (i >> 2)) % miners.length] ?? ME, last);
    return last;
  }

  /** Makes `tip` the active tip and sets every branch. */
  activate(tip: BlockSummary): void {
    for (const [hash, block] of this.blocks) if (block.branch === 'active') this.blocks.set(hash, { ...block, branch: 'side' });
    for (let block = this.blocks.get(tip.hash); block !== undefined; block = this.blocks.get(block.previousHash)) {
      this.blocks.set(block.hash, { ...block, branch: 'active' });
    }
    this.tip = this.blocks.get(tip.hash) ?? tip;
  }

  get(hash: string): BlockSummary {
    const block = this.blocks.get(hash);
    if (block === undefined) throw new Error(`No block ${hash}`);
    return block;
  }

  active(): BlockSummary[] {
    return [...this.blocks.values()].filter((block) => block.branch === 'active').sort((a, b) => a.height - b.height);
  }

  /** What a node would say of these heights in columns. */
  index(from: number, limit: number): ChainIndexPage {
    const blocks = this.active().slice(from, from + limit);
    const { hash, height } = this.tip;
    return {
      tip: { hash, height },
      from,
      count: blocks.length,
      hashes: blocks.map((block) => block.hash).join(''),
      times: blocks.map(({ time }) => time),
      bits: blocks.map(({ bits }) => bits),
    };
  }

  sideTips(): SideTip[] {
    const parents = new Set([...this.blocks.values()].map((block) => block.previousHash));
    const tips = [...this.blocks.values()].filter((block) => block.branch !== 'active' && !parents.has(block.hash));
    return tips.map((tip) => {
      let fork: BlockSummary = tip;
      while (fork.branch !== 'active') fork = this.get(fork.previousHash);
      const { hash, height, chainwork } = tip;
      return { hash, height, chainwork, forkHeight: fork.height, branch: tip.branch === 'invalid' ? 'invalid' : 'side' };
    });
  }

  chain(): ChainState {
    const { hash, height, time, chainwork } = this.tip;
    return {
      tip: { hash, height, time, chainwork },
      sideTips: this.sideTips(),
      blockCount: this.blocks.size,
      orphanCount: 0,
      nextBits: 0x1e0fffff,
      nextRequiredZeroBits: 20,
      nextExpectedHashes: 1_048_576,
      bytesOnDisk: 412_000,
    };
  }

  detail(ref: string | number): BlockDetail | null {
    const block = typeof ref === 'number' ? this.active()[ref] : this.blocks.get(ref);
    if (block === undefined) return null;
    const children = [...this.blocks.values()]
      .filter((other) => other.previousHash === block.hash)
      .map(({ hash, height, branch }) => ({ hash, height, branch }));
    return {
      ...block,
      version: 1,
      merkleRoot: inventHash(`merkle ${block.hash}`),
      headerHex: '00'.repeat(80),
      dataText: JSON.stringify(block.dataPreview),
      transactions: [{ id: inventHash(`tx ${block.hash}`), kind: 'coinbase', dataText: JSON.stringify(block.dataPreview), size: 90 }],
      children,
      confirmations: block.branch === 'active' ? this.tip.height - block.height + 1 : 0,
      difficulty: 1,
      zeroBits: 20,
      requiredZeroBits: 20,
      expectedHashes: 1_048_576,
      checkMs: 0.2,
    };
  }

  /** What a node would say of a changed copy: its hash has no work in it. */
  tamper({ block: ref, dataText }: TamperRequest): TamperReport | null {
    const block = this.detail(ref);
    if (block === null) return null;
    const { hash, height, branch, merkleRoot } = block;
    const invent = (of: string): string => inventHash(`${hash} ${dataText} ${of}`).slice(5).padStart(64, 'f3a1c');
    const changed = dataText !== block.dataText;
    const newHash = changed ? invent('hash') : hash;
    const newMerkleRoot = changed ? invent('merkle') : merkleRoot;
    const blocksAbove = branch === 'active' ? this.tip.height - height : 0;
    const short = (of: string): string => `${of.slice(0, 8)}…`;
    const faults: TamperFault[] = [
      { step: 'old-header', height, violation: { rule: 'bad-merkle-root', expected: newMerkleRoot, got: merkleRoot, message: `its merkle root is ${short(merkleRoot)}, its transactions give ${short(newMerkleRoot)}` } },
      { step: 'copy', height, violation: { rule: 'high-hash', expected: 'at most 00000fff…', got: newHash, message: 'its hash has 0 zero bits, 20 needed' } },
    ];
    const message = `its previous hash is ${short(hash)}, block ${height.toLocaleString('en-US')} is ${short(newHash)}`;
    if (blocksAbove > 0) faults.push({ step: 'child', height: height + 1, violation: { rule: 'bad-prev-hash', expected: newHash, got: hash, message } });
    const work = Number(WORK_PER_BLOCK);
    return {
      hash, height, branch, changed, newHash, merkleRoot, newMerkleRoot, blocksAbove,
      coinbaseId: block.transactions[0]?.id ?? '',
      newCoinbaseId: invent('coinbase'),
      zeroBits: changed ? 0 : 20,
      requiredZeroBits: 20,
      faults: changed ? faults : [],
      cost: { hashes: changed ? work : 0, hashesAbove: changed ? work * blocksAbove : 0, hashRate: RATE },
    };
  }
}

const RATE = 1_240_000;

export function idleMining(world: World): MiningState {
  return {
    status: 'idle',
    jobId: 0,
    height: world.tip.height + 1,
    dataPreview: '',
    workers: 1,
    hashes: 0,
    hashRate: 0,
    rateHistory: [],
    expectedHashes: 1_048_576,
    requiredZeroBits: 20,
    bestZeroBits: 0,
    queued: 0,
    templateRenewals: 0,
  };
}

export function busyMining(world: World): MiningState {
  return {
    ...idleMining(world),
    status: 'mining',
    jobId: 4,
    dataPreview: 'Lin pays Grace 2.50',
    hashes: 451_904,
    hashRate: RATE,
    rateHistory: Array.from({ length: 40 }, (_, i) => Math.min(1, i / 8) * RATE * (0.96 + ((i * 37) % 11) / 140)),
    bestHash: inventHash('closest'),
    bestZeroBits: 18,
    startedAt: (START + 100) * 1000,
  };
}

export function peer(miner: Miner, tip: BlockSummary, verdict: PeerVerdict, more: Partial<PeerInfo> = {}): PeerInfo {
  return {
    key: miner.id,
    state: 'connected',
    direction: 'outbound',
    address: '127.0.0.1:5002',
    kept: true,
    nodeId: miner.id,
    name: miner.name,
    height: tip.height,
    tipHash: tip.hash,
    verdict,
    latencyMs: 4,
    latencyHistory: [4, 5, 4, 6, 4, 4, 5, 3, 4, 4],
    bytesIn: 48_200,
    bytesOut: 51_700,
    misbehaviour: 0,
    connectedAt: START * 1000,
    attempts: 0,
    ...more,
  };
}

export const IDLE_SYNC: SyncState = { phase: 'idle', height: 0, bestHeaderHeight: 0, blocksPerSecond: 0 };

/** What a state of the harness shows: the picture at the start, and events that a button or a test may send. */
export interface Show {
  world: World;
  peers: PeerInfo[];
  mining: MiningState;
  sync?: SyncState;
  /** Events to send after the first paint, one push for each inner list. */
  then?: NodeEventBody[][];
}

export function snapshotOf(show: Show): NodeSnapshot {
  const { world } = show;
  const lowest = world.tip.height - 299;
  const recent = [...world.blocks.values()].filter((block) => block.height >= lowest);
  recent.sort((a, b) => a.height - b.height || (a.branch === 'active' ? -1 : 1));
  return {
    seq: 1,
    node: {
      nodeId: ME.id,
      name: ME.name,
      network: 'main',
      version: '0.1.0',
      userAgent: '/Chainscope:0.1.0/',
      dataDir: '/home/ada/chainscope',
      genesisHash: world.active()[0]?.hash ?? ZERO_HASH,
      p2p: { host: '127.0.0.1', port: 5001 },
      http: { host: '127.0.0.1', port: 3001 },
      startedAt: START * 1000,
    },
    chain: world.chain(),
    blocks: recent,
    peers: show.peers,
    mining: show.mining,
    mempool: { count: 0, bytes: 0 },
    sync: show.sync ?? { ...IDLE_SYNC, height: world.tip.height, bestHeaderHeight: world.tip.height },
    notices: [],
  };
}

/** What a node would say of this chain as a whole. */
export function overviewOf(world: World, wanted: number): ChainOverview {
  const active = world.active();
  const each = Math.max(1, Math.ceil(active.length / wanted));
  const forkHeights = world.sideTips().map(({ forkHeight }) => forkHeight);
  const buckets = [];
  for (let from = 0; from < active.length; from += each) {
    const to = Math.min(active.length, from + each) - 1;
    const gaps = active.slice(from, to + 1).map(({ time, height }) => time - (active[height - 1]?.time ?? time));
    buckets.push({
      from,
      to,
      meanSeconds: gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length,
      longestGapSeconds: Math.max(0, ...gaps),
      forks: forkHeights.filter((height) => height >= from && height <= to).length,
    });
  }
  const { hash, height } = world.tip;
  return { tip: { hash, height }, buckets, blocks: active.length, forks: forkHeights.length };
}

/**
 * The states in which the window is compared with its pictures: blocks, peers and mining by construction, the same in every run. What a person
 * would do before looking (select a block, type an address) is done in the window itself, by `arrange.ts`.
 */
import { toStoreError } from '../../../src/node/chain/store/errors.ts';
import { dropReason } from '../../../src/node/net/drops.ts';
import type { ReorgInfo } from '../../../src/shared/events.ts';
import type { PeerInfo } from '../../../src/shared/peers.ts';
import { BIRCH, busyMining, CEDAR, DUNE, ELM, idleMining, ME, peer, World, type Miner, type Show } from '../../../test/renderer/stage/visual/world.ts';

/** A state's node: what its first snapshot says and what happens afterwards. */
export interface Look extends Show {
  /** The time of the page's and the node's clock, ms since 1970. */
  now: number;
  /** What the node holds once the events of `then` have happened; `world` when absent. */
  settled?: World;
}

const ALL = [BIRCH, ME, CEDAR, ME, BIRCH, DUNE];

/** Three seconds after the tip was found. */
function after(show: Omit<Look, 'now'>): Look {
  return { ...show, now: (show.world.tip.time + 3) * 1000 };
}

function firstLaunch(): Look {
  const world = new World();
  world.activate(world.tip);
  return after({ world, peers: [], mining: idleMining(world) });
}

/** The scene of the design: a branch three blocks long, one peer on it, one that catches up. */
function fork(mining: boolean): Look {
  const world = new World();
  const base = world.grow(1312, ALL);
  const tip = world.grow(5, ALL, base);
  const other = world.grow(3, [DUNE], base);
  world.activate(tip);
  const late = world.active()[1309] ?? world.tip;
  const found = { jobId: 3, outcome: 'found' as const, hashes: 802_113, hash: world.tip.hash, height: world.tip.height };
  return after({
    world,
    peers: [
      peer(BIRCH, world.tip, 'same-tip', { address: '127.0.0.1:5002' }),
      peer(CEDAR, world.tip, 'same-tip', { address: '127.0.0.1:5003', direction: 'inbound', latencyMs: 6, bytesIn: 44_000, bytesOut: 49_300 }),
      peer(DUNE, other, 'other-branch', { address: '127.0.0.1:5004', misbehaviour: 10, latencyMs: 5, blocksBehind: 2, bytesIn: 12_800, bytesOut: 19_100 }),
      peer(ELM, late, 'behind', { address: '127.0.0.1:5005', blocksBehind: 8, direction: 'inbound', latencyMs: 11, bytesIn: 3100, bytesOut: 402_000 }),
    ],
    mining: mining ? busyMining(world) : { ...idleMining(world), jobId: 3, lastResult: found },
  });
}

/** More branches than there are lanes, one refused block among them. */
function lanes(): Look {
  const world = new World();
  const base = world.grow(80, ALL);
  const a = world.grow(3, ALL, base);
  const b = world.grow(3, ALL, a);
  const tip = world.grow(6, ALL, b);
  const one = world.grow(7, [DUNE], base);
  world.grow(3, [ELM], a);
  world.grow(1, [CEDAR], a);
  const two = world.grow(4, [BIRCH], b);
  world.grow(2, [ELM], b);
  world.grow(1, [DUNE], b);
  world.grow(1, [ELM], b);
  world.activate(tip);
  const bad = world.mine(ELM, world.tip);
  world.blocks.set(bad.hash, { ...bad, branch: 'invalid' });
  return after({
    world,
    peers: [peer(BIRCH, two, 'other-branch'), peer(CEDAR, world.tip, 'same-tip'), peer(DUNE, one, 'other-branch')],
    mining: idleMining(world),
  });
}

/** Two blocks of ours give way to three of Dune's. */
function reorg(): Look {
  const world = new World();
  const base = world.grow(40, ALL);
  const old = world.grow(2, [ME], base);
  world.activate(old);
  const oldTip = world.chain().tip;
  const frozen = new World();
  frozen.blocks.clear();
  for (const [hash, block] of world.blocks) frozen.blocks.set(hash, { ...block });
  frozen.tip = world.tip;
  const next = world.grow(3, [DUNE], base);
  const connected = [next];
  while (connected[0] !== undefined && connected[0].previousHash !== base.hash) connected.unshift(world.get(connected[0].previousHash));
  const asStored = connected.map((block) => ({ ...block }));
  world.activate(next);
  const info: ReorgInfo = {
    forkHash: base.hash,
    forkHeight: base.height,
    oldTip,
    newTip: world.chain().tip,
    disconnected: [old.hash, old.previousHash],
    connected: connected.map((block) => block.hash),
    returnedTransactions: 1,
  };
  const dune = peer(DUNE, next, 'same-tip', { address: '127.0.0.1:5004' });
  return after({
    world: frozen,
    peers: [peer(DUNE, base, 'ahead', { ...dune, verdict: 'ahead', blocksBehind: -1 })],
    mining: idleMining(frozen),
    then: [
      asStored.map((block) => ({ type: 'block', block })),
      [
        { type: 'reorg', reorg: info },
        { type: 'tip', chain: world.chain() },
        { type: 'peer', peer: dune },
        { type: 'mining', mining: idleMining(world) },
      ],
    ],
    settled: world,
  });
}

/** Thirty peers: on the tip, behind it, and not there. */
function thirtyPeers(): Look {
  const world = new World();
  world.activate(world.grow(160, ALL));
  const chain = world.active();
  const names =
    'Fir Gale Hazel Iris Juniper Kelp Larch Maple Nettle Oak Pine Quince Rowan Sage Thyme Umber Vetch Willow Xanthe Yew Zinnia Alder Beech Clover'.split(' ');
  const people: Miner[] = names.map((name, index) => ({ id: `${name}${String(index * 7919)}`, name }));
  people.push({ id: 'a-long-name', name: 'A name that somebody made much too long to be read in a hurry' }, { id: 'zz', name: 'Ash' });
  const peers = [BIRCH, CEDAR, DUNE, ELM, ...people].map((person, index): PeerInfo => {
    const lag = index % 9 === 4 ? (index % 5) + 2 : 0;
    const at = chain[world.tip.height - lag] ?? world.tip;
    const address = `127.0.0.1:${String(5002 + index)}`;
    const direction = index % 2 === 0 ? 'outbound' : 'inbound';
    const traffic = { bytesIn: 3100 + index * 4421, bytesOut: 2900 + index * 5107, latencyMs: 3 + ((index * 7) % 19) };
    const row = peer(person, at, lag === 0 ? 'same-tip' : 'behind', { address, direction, ...traffic, ...(lag === 0 ? {} : { blocksBehind: lag }) });
    if (index % 13 !== 7) return row;
    return { ...row, state: 'waiting', verdict: 'unknown', attempts: 3, nextRetryAt: (world.tip.time + 17) * 1000, lastError: `Nothing answers on ${String(5002 + index)}.` };
  });
  return after({ world, peers, mining: idleMining(world) });
}

/** A peer that was kept from before and now belongs to another network. */
function otherGenesis(): Look {
  const world = new World();
  world.activate(world.grow(24, ALL));
  const stranger = peer({ id: 'stranger', name: '' }, world.tip, 'unknown');
  const { name: _name, nodeId: _nodeId, height: _height, tipHash: _tip, latencyMs: _latency, connectedAt: _since, ...unknown } = stranger;
  return after({
    world,
    peers: [
      peer(BIRCH, world.tip, 'same-tip', { address: '127.0.0.1:5002' }),
      {
        ...unknown,
        key: '127.0.0.1:5009',
        address: '127.0.0.1:5009',
        state: 'waiting',
        latencyHistory: [],
        bytesIn: 412,
        bytesOut: 380,
        attempts: 4,
        nextRetryAt: (world.tip.time + 3 + 240) * 1000,
        lastError: dropReason('other-network').text,
      },
    ],
    mining: idleMining(world),
  });
}

/** A disk that is full, then a node that does not answer. */
function nodeError(): Look {
  const world = new World();
  world.activate(world.grow(24, ALL));
  const { code, message } = toStoreError(new Error('No space left on device'), '/home/ada/chainscope');
  return after({
    world,
    peers: [peer(BIRCH, world.tip, 'same-tip', { address: '127.0.0.1:5002' })],
    mining: { ...idleMining(world), jobId: 2, lastResult: { jobId: 2, outcome: 'failed', message } },
    then: [[{ type: 'notice', notice: { level: 'error', code, message } }]],
  });
}

export const looks = {
  'first-launch': firstLaunch,
  'one-fork': () => fork(false),
  tampered: () => fork(false),
  'four-lanes': lanes,
  reorg,
  mining: () => fork(true),
  'thirty-peers': thirtyPeers,
  'other-genesis': otherGenesis,
  'node-error': nodeError,
} as const satisfies Record<string, () => Look>;

export type LookName = keyof typeof looks;
export const lookNames = Object.keys(looks) as LookName[];

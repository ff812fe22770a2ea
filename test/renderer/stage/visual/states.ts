/** The states in which the window is looked at. */
import type { ReorgInfo } from '../../../../src/shared/events.ts';
import { BIRCH, busyMining, CEDAR, DUNE, ELM, idleMining, ME, peer, World, type Miner, type Show } from './world.ts';

const ALL = [BIRCH, ME, CEDAR, ME, BIRCH, DUNE];

function firstLaunch(): Show {
  const world = new World();
  world.activate(world.tip);
  return { world, peers: [], mining: idleMining(world) };
}

function few(): Show {
  const world = new World();
  world.activate(world.grow(4, [ME, BIRCH]));
  return { world, peers: [peer(BIRCH, world.tip, 'same-tip')], mining: idleMining(world) };
}

/** The picture of the design: a fork three blocks long, one peer behind, mining. */
function fork(mining = true): Show {
  const world = new World();
  const base = world.grow(1312, ALL);
  const tip = world.grow(5, ALL, base);
  const other = world.grow(3, [DUNE], base);
  world.activate(tip);
  const chain = world.active();
  const late = chain[1309] ?? world.tip;
  return {
    world,
    peers: [
      peer(BIRCH, world.tip, 'same-tip'),
      peer(CEDAR, world.tip, 'same-tip', { direction: 'inbound', latencyMs: 6 }),
      peer(DUNE, other, 'other-branch', { misbehaviour: 10, latencyMs: 5, blocksBehind: 2 }),
      peer(ELM, late, 'behind', { blocksBehind: 8, direction: 'inbound', latencyMs: 11 }),
    ],
    mining: mining ? busyMining(world) : idleMining(world),
  };
}

function long(): Show {
  const world = new World();
  world.activate(world.grow(2400, ALL));
  return { world, peers: [peer(BIRCH, world.tip, 'same-tip')], mining: idleMining(world) };
}

function lanes(): Show {
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
  return {
    world,
    peers: [peer(BIRCH, two, 'other-branch'), peer(DUNE, one, 'other-branch'), peer(CEDAR, world.tip, 'same-tip')],
    mining: busyMining(world),
  };
}

function reorg(): Show {
  const world = new World();
  const base = world.grow(40, ALL);
  const old = world.grow(2, [ME], base);
  world.activate(old);
  const oldTip = world.chain().tip;
  const before = snapshotShow(world);
  const next = world.grow(3, [DUNE], base);
  const connected = [next];
  while (connected[0] !== undefined && connected[0].previousHash !== base.hash) connected.unshift(world.get(connected[0].previousHash));
  const sideBlocks = connected.map((block) => ({ ...block }));
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
  return {
    ...before,
    world,
    peers: [peer(DUNE, next, 'same-tip')],
    then: [
      sideBlocks.slice(0, 2).map((block) => ({ type: 'block', block })),
      [
        ...sideBlocks.slice(2).map((block) => ({ type: 'block' as const, block })),
        { type: 'reorg', reorg: info },
        { type: 'tip', chain: world.chain() },
      ],
    ],
  };
}

/** A snapshot's worth of a world that will change afterwards. */
function snapshotShow(world: World): Show {
  const frozen = new World();
  frozen.blocks.clear();
  for (const [hash, block] of world.blocks) frozen.blocks.set(hash, { ...block });
  frozen.tip = world.tip;
  return { world: frozen, peers: [], mining: idleMining(frozen) };
}

function crowd(): Show {
  const world = new World();
  world.activate(world.grow(60, ALL));
  const chain = world.active();
  const names = 'Fir Gale Hazel Iris Juniper Kelp Larch Maple Nettle Oak Pine Quince Rowan Sage Thyme Umber Vetch Willow Xeno Yew Zinnia'.split(' ');
  const people: Miner[] = names.map((name, index) => ({ id: `${name}${index * 7919}`, name }));
  people.push({ id: 'rtl', name: 'שלום עולם' }, { id: 'long', name: 'A name that somebody made much too long to be read in a hurry' });
  const all = [BIRCH, CEDAR, DUNE, ELM, ...people];
  return {
    world,
    peers: all.map((person, index) => {
      const lag = index % 9 === 4 ? (index % 5) + 2 : 0;
      const at = chain[world.tip.height - lag] ?? world.tip;
      return peer(person, at, lag === 0 ? 'same-tip' : 'behind', lag === 0 ? {} : { blocksBehind: lag });
    }),
    mining: idleMining(world),
  };
}

function syncing(): Show {
  const world = new World();
  world.activate(world.grow(812, ALL));
  return {
    world,
    peers: [peer(BIRCH, world.tip, 'ahead', { height: 1317, blocksBehind: -505 })],
    mining: idleMining(world),
    sync: { phase: 'blocks', height: 812, bestHeaderHeight: 1317, blocksPerSecond: 120, secondsLeft: 4 },
  };
}

export const states: Readonly<Record<string, () => Show>> = {
  first: firstLaunch,
  few,
  fork,
  long,
  lanes,
  reorg,
  crowd,
  syncing,
};

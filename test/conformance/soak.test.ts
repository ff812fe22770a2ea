import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../../bench/lib/mining.ts';
import { REGTEST } from '../../src/node/consensus/params.ts';
import type { RunningNode } from '../../src/node/index.ts';
import { encodeMessage } from '../../src/node/net/codec/frame.ts';
import { systemClock, type Clock, type TimerHandle } from '../../src/node/util/clock.ts';
import { fastClock } from '../helpers/fast-clock.ts';
import { Link } from '../helpers/link.ts';
import { mineFork } from '../helpers/mine-fork.ts';
import { NodeNetwork } from '../helpers/node.ts';
import { RawPeer } from '../helpers/raw-peer.ts';
import { RawSocket } from '../helpers/raw-socket.ts';
import { until } from '../helpers/until.ts';
import { validMessages } from './cases/wire.ts';
import { readToHere, World } from './world.ts';

/**
 * The long-distance cases. In `npm test` they are short; `npm run soak -- --seed 7 --minutes 120` sets SOAK_SEED and SOAK_MINUTES, and then they are as long as
 * docs/conformance.md says.
 */
const minutes = Number(process.env['SOAK_MINUTES'] ?? 0);
const long = minutes > 0;
const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
const hour = 3_600_000;

let network: NodeNetwork;
beforeAll(async () => {
  network = await NodeNetwork.create();
}, 60_000);
afterEach(() => network.reset());
afterAll(() => network.close());

/** The real clock that knows how many of its timers are set. */
function countingClock(): Clock & { timers: number } {
  const set = new Set<TimerHandle>();
  const clear = (handle: TimerHandle | undefined, end: (handle: TimerHandle) => void): void => {
    if (handle === undefined) return;
    set.delete(handle);
    end(handle);
  };
  return {
    get timers() {
      return set.size;
    },
    now: systemClock.now,
    monotonic: systemClock.monotonic,
    setTimeout: (callback, ms) => {
      const handle: TimerHandle = systemClock.setTimeout(() => {
        set.delete(handle);
        callback();
      }, ms);
      set.add(handle);
      return handle;
    },
    clearTimeout: (handle) => clear(handle, systemClock.clearTimeout),
    setInterval: (callback, ms) => {
      const handle = systemClock.setInterval(callback, ms);
      set.add(handle);
      return handle;
    },
    clearInterval: (handle) => clear(handle, systemClock.clearInterval),
  };
}

/** Open sockets and servers of this process. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(TCP|Pipe)/.test(name)).length;
}

function listeners({ node: { parts } }: RunningNode): number[] {
  return [
    ...(['tip', 'connect', 'disconnect', 'reorg', 'side', 'orphan', 'invalid', 'notice'] as const).map((event) => parts.chain.listenerCount(event)),
    ...(['add', 'remove'] as const).map((event) => parts.mempool.listenerCount(event)),
    ...(['peer', 'peer-removed', 'sync', 'rejected', 'notice', 'listening'] as const).map((event) => parts.pool.listenerCount(event)),
  ];
}

const collect = long ? garbageCollector() : () => undefined;

/** Full collections on demand: without them a slope says when the collector ran last. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Bytes of live objects and buffers of this process. */
function usedBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

interface Level {
  handles: number;
  timers: number;
  listeners: number[];
}

/** Nothing stayed behind: no more is open than at the start, when a timer of the moment may have been set. */
async function backAt(level: Level, now: () => Level): Promise<void> {
  const back = ({ handles: open, timers }: Level): boolean => open <= level.handles && timers <= level.timers;
  await until('the level of the start', () => back(now()), 60_000).catch(() => undefined);
  const end = now();
  expect(back(end), `${JSON.stringify(level)} at the start, ${JSON.stringify(end)} now`).toBe(true);
  expect(end.listeners).toEqual(level.listeners);
}

async function world(): Promise<{ world: World; clock: ReturnType<typeof countingClock>; level: () => Level }> {
  const clock = countingClock();
  const made = await World.open(network, 4, clock);
  return { world: made, clock, level: () => ({ handles: handles(), timers: clock.timers, listeners: listeners(made.node) }) };
}

describe(`seed ${String(seed)}`, () => {
  it('SOAK-01 twenty nodes with cuts, restarts and blocks at random: one tip at the end', { timeout: minutes * 60_000 * 2 + 180_000 }, async () => {
    const random = seeded(seed);
    const pick = (count: number): number => Math.floor(random() * count);
    const speed = 4;
    const count = long ? 20 : 12;
    const clock = fastClock(speed);
    const open = async (index: number, dataDir?: string, p2pPort = 0): Promise<RunningNode> =>
      network.open({ nodeName: `Node ${String(index)}`, p2pPort: { value: p2pPort, explicit: true }, ...(dataDir === undefined ? {} : { dataDir }) }, { clock });
    const nodes = await Promise.all(Array.from({ length: count }, (_, index) => open(index)));
    const at = (index: number): RunningNode => {
      const node = nodes[index];
      if (node === undefined) throw new Error(`no node ${String(index)}`);
      return node;
    };
    // A ring with some ways across, so that it may break in two at many places; each link is a wire that can be cut.
    const wires: Link[] = [];
    for (let from = 0; from < count; from++) {
      for (const to of new Set([(from + 1) % count, ...(from % 4 === 0 ? [(from + 5) % count] : [])])) {
        const wire = await Link.to(at(to).info.p2p?.port ?? 0);
        wires.push(wire);
        await at(from).api.addPeer(wire.address);
      }
    }
    const cut = new Set<Link>();
    let [blocks, restarts, cuts] = [0, 0, 0];
    const rounds = long ? Infinity : 120;
    const end = performance.now() + (long ? minutes * 60_000 : hour);
    const memory: { at: number; used: number }[] = [];
    for (let round = 0; round < rounds && performance.now() < end; round++) {
      const what = random();
      if (what < 0.6) {
        const { chain } = at(pick(count)).node.parts;
        const now = Math.floor(clock.now() / 1000);
        const time = Math.max(chain.medianTimePast(chain.tip) + 1, Math.min(now, chain.tip.time + 60));
        for (const { bytes } of mineFork(chain.tip, 1, { time })) await chain.addBlock(bytes, { kind: 'mined' });
        blocks += 1;
      } else if (what < 0.8) {
        const wire = wires[pick(wires.length)];
        if (wire !== undefined && !cut.delete(wire)) {
          if (random() < 0.5) wire.cut();
          else wire.freeze();
          cut.add(wire);
          cuts += 1;
        } else wire?.mend();
      } else if (what < 0.86) {
        const index = pick(count);
        const { dataDir, p2p } = at(index).info;
        const tip = at(index).node.parts.chain.tip.hash;
        await at(index).close();
        // On a fast clock closing may be given up before the port is free.
        let again: RunningNode | undefined;
        for (const patience = performance.now() + 20_000; again === undefined; ) {
          again = await open(index, dataDir, p2p?.port).catch((error: unknown) => {
            if (performance.now() > patience) throw error;
            return new Promise<undefined>((resolve) => setTimeout(resolve, 50, undefined));
          });
        }
        nodes[index] = again;
        expect(at(index).node.parts.chain.getEntry(tip)?.hasBlock).toBe(true);
        restarts += 1;
      } else {
        // Somebody who says nonsense.
        const port = at(pick(count)).info.p2p?.port ?? 0;
        const peer = await RawPeer.connect(port).catch(() => undefined);
        peer?.raw(Uint8Array.from({ length: 1 + pick(200) }, () => pick(256)));
        peer?.close();
      }
      if (long && round % 100 === 0) memory.push({ at: performance.now(), used: usedBytes() });
      // A moment of everybody's life between two events: as long as it takes some of them to answer a stranger.
      for (let asked = 0; asked < (long ? 10 : 1); asked++) {
        const peer = await RawPeer.connect(at((round + asked) % count).info.p2p?.port ?? 0).catch(() => undefined);
        if (peer !== undefined) await readToHere(peer);
        peer?.close();
      }
    }
    for (const wire of wires) wire.mend();
    const tips = (): Set<string> => new Set(nodes.map(({ node }) => node.parts.chain.tip.hash));
    const began = performance.now();
    // Two branches of equal work may both stay: the next block decides.
    await until('one chainwork', () => new Set(nodes.map(({ node }) => node.parts.chain.tip.chainwork)).size === 1, 60_000);
    if (tips().size > 1) {
      const { chain } = at(0).node.parts;
      for (const { bytes } of mineFork(chain.tip, 1, { time: chain.tip.time + 1 })) await chain.addBlock(bytes, { kind: 'mined' });
    }
    await until('one tip', () => tips().size === 1, 60_000);
    const [first, last] = [memory[Math.floor(memory.length / 2)], memory.at(-1)];
    const slope = first === undefined || last === undefined || last === first ? '' : `; ${(((last.used - first.used) / 1e6 / (last.at - first.at)) * hour).toFixed(1)} MB an hour more in use in the second half, by all nodes and their blocks (${(last.used / 1e6).toFixed(0)} MB at the end)`;
    console.log(
      `      SOAK-01: seed ${String(seed)}, ${String(count)} nodes, ${String(blocks)} blocks, ${String(cuts)} cuts, ${String(restarts)} restarts; one tip ${((performance.now() - began) / 1000).toFixed(1)} s after the last mending${slope}`,
    );
    await Promise.all(nodes.map((node) => node.close()));
    await Promise.all(wires.map((wire) => wire.close()));
  });

  it('SOAK-02 messages of which one in a hundred is bad: no socket, timer, listener or file stays behind', { timeout: 4 * hour }, async () => {
    const random = seeded(seed + 1);
    const { world: one, level } = await world();
    await until('quiet', () => one.strangers().length === 0);
    const before = level();
    const count = long ? 1_000_000 : 20_000;
    const valid = validMessages(one)
      .filter(({ type }) => type !== 'tx' && type !== 'notfound' && type !== 'pong')
      .map((message) => encodeMessage(REGTEST.magic, message));
    const heap = process.memoryUsage.rss();
    let [sent, bad, dropped] = [0, 0, 0];
    const talk = async (): Promise<void> => {
      while (sent < count) {
        const peer = await RawPeer.connect(one.port);
        // Below the burst, so that it is the bad message that ends it and not the rate.
        for (let i = 0; i < 400 && sent < count && peer.end === undefined; i++) {
          const bytes = valid[Math.floor(random() * valid.length)] ?? new Uint8Array(0);
          const isBad = random() < 0.01;
          // Cut anywhere, or noise.
          if (isBad) peer.raw(random() < 0.5 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : Uint8Array.from({ length: 50 }, () => Math.floor(random() * 256)));
          else peer.raw(bytes);
          if (isBad) bad += 1;
          sent += 1;
          if (i % 50 === 49) await readToHere(peer);
        }
        if (peer.end !== undefined) dropped += 1;
        peer.close();
      }
    };
    await Promise.all(Array.from({ length: 4 }, talk));
    await until('the strangers are gone', () => one.strangers().length === 0, 60_000);
    await backAt(before, level);
    console.log(`      SOAK-02: seed ${String(seed)}, ${String(sent)} messages, ${String(bad)} bad, ${String(dropped)} connections dropped; RSS ${((process.memoryUsage.rss() - heap) / 1e6).toFixed(0)} MB more`);
    await one.settle();
    await one.close();
  });

  it('SOAK-03 connects and disconnects, polite and not: listeners and timers are where they were', { timeout: hour }, async () => {
    const { world: one, level } = await world();
    const before = level();
    const count = long ? 5_000 : 300;
    for (let i = 0; i < count; i++) {
      switch (i % 4) {
        case 0: {
          const peer = await RawPeer.connect(one.port);
          peer.ws.close();
          await peer.ended;
          break;
        }
        case 1:
          (await RawPeer.connect(one.port)).close();
          break;
        case 2:
          (await RawSocket.open(one.port)).socket.resetAndDestroy();
          break;
        default: {
          const socket = await RawSocket.open(one.port);
          socket.upgrade();
          socket.destroy();
        }
      }
    }
    await until('the list is empty of them', () => one.strangers().length === 0, 60_000);
    await backAt(before, level);
    console.log(`      SOAK-03: ${String(count)} connects and disconnects; ${JSON.stringify(level())}`);
    await one.settle();
    await one.close();
  });
});

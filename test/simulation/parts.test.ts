import { describe, expect, test } from 'vitest';
import { forkChance, wilson } from '../../bench/simulate/formula.ts';
import { LuckPool } from '../../bench/simulate/luck-pool.ts';
import { SimNetwork } from '../../bench/simulate/network.ts';
import { Observer } from '../../bench/simulate/observer.ts';
import { parseOptions, SIMULATE_LIMITS, UsageError } from '../../bench/simulate/options.ts';
import { plot } from '../../bench/simulate/plot.ts';
import { SharedBytes, SharedStore } from '../../bench/simulate/shared-store.ts';
import { hostOf } from '../../bench/simulate/sim-node.ts';
import type { StoreOp } from '../../src/node/chain/store/store.ts';
import { parseAddress } from '../../src/node/net/address.ts';
import type { PeerSocket } from '../../src/node/net/transport.ts';
import { VirtualClock } from '../../src/node/util/clock.ts';
import { seededRandom } from '../../src/node/util/random.ts';

describe('the formula', () => {
  test('agrees with the figures of its paper: 633.68 s between blocks, 11.37 s until a miner has one, 1.78 % forks', () => {
    // Decker, Wattenhofer 2013, section V: P_b = 1/633.68, and the measured curve gives a predicted fork rate of 1.78 %.
    expect(forkChance(11_370, 633_680)).toBeCloseTo(0.0178, 4);
  });

  test('is 0 without delay and goes to 1', () => {
    expect(forkChance(0, 10_000)).toBe(0);
    expect(forkChance(1e9, 10_000)).toBeCloseTo(1, 9);
  });

  test('the interval of a share, as published for 81 of 263 (Newcombe 1998, method 3)', () => {
    const { low, high } = wilson(81, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe('mining by luck', () => {
  test('takes the mean time that it was given', () => {
    const clock = new VirtualClock();
    const pool = new LuckPool(10_000, { clock, random: seededRandom(1) });
    let found = 0;
    const header = new Uint8Array(80);
    const target = new Uint8Array(32).fill(0xff);
    pool.on('found', () => {
      found += 1;
      pool.search(header, target);
    });
    pool.search(header, target);
    clock.advance(10_000_000);
    // 1,000 expected; the standard deviation of a Poisson count is its root.
    expect(Math.abs(found - 1_000)).toBeLessThan(4 * Math.sqrt(1_000));
  });
});

describe('the simulated network', () => {
  const model = { baseDelay: 5, span: 100, jitter: 10, loss: 0.2, bandwidth: 1_000_000 };
  const tip = (n: number): Uint8Array => Uint8Array.of(0, 0, 0, 0, 15, n);

  async function pair(clock: VirtualClock, network: SimNetwork): Promise<{ near: PeerSocket; far: PeerSocket; got: number[]; ends: string[] }> {
    const [a, b] = [network.addHost('a'), network.addHost('b')];
    let far: PeerSocket | undefined;
    await b.listen({ host: 'b', port: 5001 }, (socket) => (far = socket));
    const dialled = a.dial({ host: 'b', port: 5001 }, new AbortController().signal);
    clock.advance(10_000);
    const near = await dialled;
    if (far === undefined) throw new Error('nobody was called');
    const got: number[] = [];
    const ends: string[] = [];
    const handlers = (name: string): Parameters<PeerSocket['start']>[0] => ({
      message: (data) => got.push(data[5] ?? 0),
      text: () => undefined,
      control: () => undefined,
      flooded: () => undefined,
      close: (code) => ends.push(`${name} ${String(code)}`),
    });
    near.start(handlers('near'));
    far.start(handlers('far'));
    return { near, far, got, ends };
  }

  test('keeps the order of a stream although messages are lost', async () => {
    const clock = new VirtualClock();
    const { near, got } = await pair(clock, new SimNetwork(model, clock, seededRandom(3)));
    for (let i = 0; i < 100; i++) near.send(tip(i));
    clock.advance(60_000);
    expect(got).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('holds what a partition stops, and brings it when it heals', async () => {
    const clock = new VirtualClock();
    const network = new SimNetwork(model, clock, seededRandom(3));
    const { near, far, got } = await pair(clock, network);
    network.partition((host) => (host === 'a' ? 0 : 1));
    near.send(tip(1));
    far.send(tip(2));
    clock.advance(60_000);
    expect(got).toEqual([]);
    await expect(network.addHost('c').dial({ host: 'nowhere', port: 1 }, AbortSignal.abort())).rejects.toThrow('called off');
    network.heal();
    clock.advance(60_000);
    expect(got.sort()).toEqual([1, 2]);
  });

  test('a crash is silent; the other end hears of it when it sends', async () => {
    const clock = new VirtualClock();
    const network = new SimNetwork(model, clock, seededRandom(3));
    const { far, ends } = await pair(clock, network);
    network.crash('a');
    clock.advance(60_000);
    expect(ends).toEqual(['near 1006']);
    far.send(tip(1));
    clock.advance(60_000);
    expect(ends).toEqual(['near 1006', 'far 1006']);
  });

  test('counts bytes by message', async () => {
    const clock = new VirtualClock();
    const network = new SimNetwork(model, clock, seededRandom(3));
    const { near } = await pair(clock, network);
    near.send(tip(1));
    expect(network.traffic.rows()).toEqual([{ type: 'tip', bytes: 6 + 46, messages: 1 }]);
  });

  test('every node has an address of its own that the app accepts', () => {
    const hosts = Array.from({ length: 5_000 }, (_, i) => hostOf(i));
    expect(new Set(hosts).size).toBe(5_000);
    for (const host of hosts) expect(parseAddress(`${host}:5001`).host).toBe(host);
  });
});

describe('what nodes keep alike', () => {
  test('is kept once, and another text or header of the same name is not taken for it', async () => {
    const shared = { bodies: new SharedBytes(), headers: new SharedBytes() };
    const [a, b] = [new SharedStore(shared), new SharedStore(shared)];
    const header = Uint8Array.from({ length: 80 }, (_, i) => i);
    const op = (bytes: Uint8Array): StoreOp => ({
      op: 'index',
      record: { hash: 'ab'.repeat(32), height: 1, header: bytes, hasBlock: true, invalid: false, mined: false, sequence: 1, size: 1, transactionCount: 1, receivedAt: 1 },
    });
    await a.write([op(header)]);
    await b.write([op(header.slice())]);
    const key = { height: 1, hash: 'ab'.repeat(32) };
    const [[kept], [also]] = [await a.readHeaders([key]), await b.readHeaders([key])];
    expect(kept).toEqual(header);
    expect(kept).not.toBe(header);
    expect(also).toBe(kept);
    const other = header.slice().fill(9, 0, 4);
    await b.write([op(other)]);
    expect((await b.readHeaders([key]))[0]).toEqual(other);
    expect((await a.readHeaders([key]))[0]).toEqual(header);
  });
});

describe('the observer', () => {
  test('notes when shares of the nodes had a block, and counts nobody twice or who came later', () => {
    const observer = new Observer((node) => node < 2);
    observer.found({ hash: 'x', height: 1, finder: 0 }, 100_000, Uint8Array.of(1, 1, 1, 1, 0), true);
    observer.stored('x', 1, 100_100);
    observer.stored('x', 1, 100_150);
    observer.stored('x', 4, 100_160);
    observer.stored('x', 2, 100_200);
    observer.stored('x', 3, 100_400);
    expect(observer.blocks[0]).toMatchObject({ reached: [100, 400, 400, 400], minerDelay: 50, undisturbed: true });
    expect(observer.delayAt(0.5)).toBe(210);
    expect(observer.curve().at(-1)).toEqual({ ms: 410, part: 1 });
  });

  test('leaves out blocks that a cut disturbed', () => {
    const observer = new Observer(() => true);
    observer.found({ hash: 'old', height: 1, finder: 0 }, 0, Uint8Array.of(1), true);
    observer.found({ hash: 'new', height: 2, finder: 0 }, 90_000, Uint8Array.of(1), true);
    observer.disturbed(100_000);
    observer.found({ hash: 'after', height: 3, finder: 0 }, 110_000, Uint8Array.of(1), true);
    expect(observer.blocks.map((block) => block.undisturbed)).toEqual([true, false, false]);
  });
});

describe('the command line', () => {
  const seed = (): number => 5;

  test('has its defaults', () => {
    const { world, hours, sweep } = parseOptions([], seed);
    expect({ seed: world.seed, nodes: world.nodes, hours, sweep }).toEqual({ seed: 5, nodes: 100, hours: 1, sweep: false });
    expect(parseOptions(['--up', '0', '--partitions', '0', '--nodes', '3'], seed).world).not.toHaveProperty('churn');
    expect(parseOptions(['--nodes', '3'], seed).world).toMatchObject({ dials: 2, miners: 3 });
  });

  test.each(Object.entries(SIMULATE_LIMITS))('--%s has its bounds', (name, [, least, most]) => {
    for (const bad of [String(least - 1), String(most * 2), 'x', '']) {
      expect(() => parseOptions([`--${name}=${bad}`], seed)).toThrow(`--${name} must be ${String(least)} to ${String(most)}`);
    }
    expect(() => parseOptions([`--${name}`, String(most)], seed)).not.toThrow();
  });

  test.each([[['--seed', '-1']], [['--seed', '1.5']], [['--nodes', '2.5']], [['--what']]])('%j is refused', (args) => {
    expect(() => parseOptions(args, seed)).toThrow(UsageError);
  });
});

describe('the plot', () => {
  test('draws each line inside the frame, with its name as text', () => {
    const svg = plot({ title: 'a < b', x: 'nodes', y: 'bytes', logX: true }, [
      { name: 'one', points: [{ x: 10, y: 1 }, { x: 1000, y: 7 }] },
      { name: 'two', points: [{ x: 10, y: 2 }, { x: 1000, y: 2 }] },
    ]);
    expect(svg).toContain('a &#60; b');
    expect(svg.match(/<path/g)).toHaveLength(2);
    expect(svg).toContain('>two<');
    const numbers = [...svg.matchAll(/d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/g)].flatMap((match) => match.slice(1).map(Number));
    expect(numbers).toHaveLength(8);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(44);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(760);
  });
});

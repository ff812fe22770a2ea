import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLOCK_LIMITS, ClockWatch } from '../../../src/node/clock-watch.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { systemClock, VirtualClock, type Clock } from '../../../src/node/util/clock.ts';
import { ask } from '../../helpers/http.ts';
import { httpPort, mine, NodeNetwork, p2pAddress, waitForEvent, waitForTip } from '../../helpers/node.ts';
import { RawPeer } from '../../helpers/raw-peer.ts';
import { until } from '../../helpers/until.ts';

const DAY = 86_400_000;

/** The real clock, whose wall time a test moves as a user would. */
class MovableClock implements Clock {
  offset = 0;
  readonly now = (): number => systemClock.now() + this.offset;
  readonly monotonic = systemClock.monotonic;
  readonly setTimeout = systemClock.setTimeout;
  readonly clearTimeout = systemClock.clearTimeout;
  // The clock is looked at ten times as often, so that a test need not wait for it.
  readonly setInterval = (callback: () => void, ms: number): object => systemClock.setInterval(callback, ms === CLOCK_LIMITS.lookMs ? ms / 10 : ms);
  readonly clearInterval = systemClock.clearInterval;
}

describe('ClockWatch', () => {
  function watch(): { clock: VirtualClock; told: (number | undefined)[]; sleep: (ms: number) => void; watch: ClockWatch } {
    const clock = new VirtualClock();
    let slept = 0;
    const told: (number | undefined)[] = [];
    const made = new ClockWatch({ clock, uptime: () => clock.monotonic() + slept }, (off) => told.push(off));
    made.open();
    return {
      clock,
      told,
      watch: made,
      // The monotonic clock stands still meanwhile, as on Linux.
      sleep: (ms) => {
        slept += ms;
        clock.setWall(clock.now() + ms);
      },
    };
  }

  it('tells when it was moved on in the same direction, by no less than a jump', () => {
    const { clock, told, watch: made } = watch();
    const move = (ms: number): void => {
      clock.setWall(clock.now() + ms);
      made.look();
    };
    move(DAY);
    move(CLOCK_LIMITS.jumpMs - 1);
    move(1);
    move(-DAY / 2);
    expect(told).toEqual([DAY, DAY + CLOCK_LIMITS.jumpMs, DAY / 2 + CLOCK_LIMITS.jumpMs]);
    made.close();
  });

  it('tells a jump once, another one again, and the way back', () => {
    const { clock, told, watch: made } = watch();
    clock.advance(60_000);
    expect(told).toEqual([]);
    clock.setWall(clock.now() - DAY);
    clock.advance(60_000);
    expect(told).toEqual([-DAY]);
    expect(made.offMs).toBe(-DAY);
    clock.setWall(clock.now() + 3 * DAY);
    clock.advance(CLOCK_LIMITS.lookMs);
    clock.setWall(clock.now() - 2 * DAY);
    clock.advance(60_000);
    expect(told).toEqual([-DAY, 2 * DAY, undefined]);
    expect(made.offMs).toBeUndefined();
    made.close();
    expect(clock.timerCount).toBe(0);
  });

  it('CLK-02 takes sleep for sleep', () => {
    const { clock, told, sleep } = watch();
    sleep(3_600_000);
    clock.advance(60_000);
    expect(told).toEqual([]);
  });

  it('CLK-03 leap seconds and the steps of a time server are no jump; ten minutes are', () => {
    const { clock, told } = watch();
    clock.setWall(clock.now() + 1_000);
    clock.advance(60_000);
    clock.setWall(clock.now() + CLOCK_LIMITS.jumpMs - 1_001);
    clock.advance(60_000);
    expect(told).toEqual([]);
    clock.setWall(clock.now() + 1);
    clock.advance(CLOCK_LIMITS.lookMs);
    expect(told).toEqual([CLOCK_LIMITS.jumpMs]);
  });
});

describe('a node whose clock is moved', () => {
  let network: NodeNetwork;
  beforeAll(async () => {
    network = await NodeNetwork.create();
  }, 60_000);
  afterEach(() => network.reset());
  afterAll(() => network.close());

  it.each([
    ['back', -DAY],
    ['ahead', DAY],
  ])('CLK-01 a day %s while it runs: it says so, keeps its peers and its timeouts, and says when it is right again', { timeout: 60_000 }, async (way, offset) => {
    const clock = new MovableClock();
    const other = await network.open();
    const node = await network.open({}, { clock });
    await node.api.addPeer(p2pAddress(other));
    await mine(node, 'before');
    const { seq } = node.api.snapshot();
    const began = performance.now();
    const silent = await RawPeer.open(node.info.p2p?.port ?? 0);

    clock.offset = offset;
    const told = await waitForEvent(node, 'notice', ({ notice }) => notice.code === 'clock-wrong', seq);
    expect(told.notice).toMatchObject({ level: 'warning', message: `The clock of this computer was moved ${way} by 1 d. Other nodes refuse blocks with a wrong time: check the date, the time and the time zone.` });
    expect(node.info.clockOffMs).toBeCloseTo(offset, -3);
    const event = await waitForEvent(node, 'node', ({ node: info }) => info.clockOffMs !== undefined, seq);
    expect(event.node.clockOffMs).toBe(node.info.clockOffMs);
    expect((await ask(httpPort(node), '/status')).json()).toMatchObject({ node: { clockOffMs: node.info.clockOffMs } });

    // Timeouts run on: the silent one is dropped after its five seconds, neither at once nor never.
    expect((await silent.endsWithin(30_000)).reason).toBe('handshake-timeout');
    expect(performance.now() - began).toBeGreaterThan(NET_LIMITS.handshakeMs - 100);
    const [hash = ''] = await mine(other, 'from there');
    if (offset > 0) {
      await waitForTip(node, hash);
      await mine(node, 'meanwhile');
    } else {
      // The next block must be later than those before it, and these are a day ahead of the clock now: it says so instead of mining what nobody may take.
      await expect(node.api.mine({ dataText: '1' }).done).rejects.toMatchObject({ code: 'mining-failed', message: expect.stringMatching(/check the clocks/) as string });
    }
    expect(node.api.peers()).toMatchObject([{ state: 'connected' }]);

    clock.offset = 0;
    await waitForEvent(node, 'notice', ({ notice }) => notice.code === 'clock-right', seq);
    expect(node.info.clockOffMs).toBeUndefined();
    // One chain again: what was refused for its time is taken when the clock is right, and the next block decides the rest.
    await mine(other, 'after', 'all');
    await waitForTip(node, other.api.snapshot().chain.tip.hash);
    expect(node.api.snapshot().notices.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('CLK-02 on waking up connections are asked for a sign of life, and whoever waits is dialled at once', { timeout: 40_000 }, async () => {
    const node = await network.open();
    const there = await network.open();
    const peer = await RawPeer.connect(node.info.p2p?.port ?? 0);
    const gone = await network.open();
    const p2pPort = { value: gone.info.p2p?.port ?? 0, explicit: true };
    const dataDir = gone.info.dataDir;
    await node.api.addPeer(p2pAddress(gone));
    await node.api.addPeer(p2pAddress(there));
    await gone.close();
    // So many tries that the next one is far away.
    await until('waiting', () => node.api.peers().some((row) => row.state === 'waiting' && row.attempts >= 4), 20_000);
    const again = await network.open({ p2pPort, dataDir });
    const before = peer.got('ping').length;
    node.node.resume();
    await until('a ping at once', () => peer.got('ping').length > before, 5_000);
    await until('dialled at once', () => node.api.peers().some((row) => row.nodeId === again.info.nodeId && row.state === 'connected'), 5_000);
    expect(node.api.peers().filter(({ state }) => state === 'connected')).toHaveLength(3);
    expect(peer.end).toBeUndefined();
    const [hash = ''] = await mine(there, 'while it slept');
    await waitForTip(node, hash);
    peer.close();
  });

  it('CLK-03 another time zone, daylight saving, a leap second: nothing', async () => {
    const clock = new MovableClock();
    const node = await network.open({}, { clock });
    const other = await network.open();
    await node.api.addPeer(p2pAddress(other));
    const zone = process.env['TZ'];
    try {
      await mine(node, 'here');
      let before = (await ask(httpPort(node), '/blocks')).text;
      // The ends of the earth, and one with daylight saving.
      for (const name of ['Pacific/Kiritimati', 'America/Anchorage', 'Europe/Berlin']) {
        process.env['TZ'] = name;
        clock.offset += 1_000;
        expect((await ask(httpPort(node), '/blocks')).text).toBe(before);
        await mine(node, name);
        await waitForTip(other, node.api.snapshot().chain.tip.hash);
        before = (await ask(httpPort(other), '/blocks')).text;
        expect((await ask(httpPort(node), '/blocks')).text).toBe(before);
      }
      expect(node.info.clockOffMs).toBeUndefined();
      expect(node.api.snapshot().notices.filter(({ code }) => code.startsWith('clock'))).toEqual([]);
      expect(node.api.peers()).toMatchObject([{ state: 'connected', misbehaviour: 0 }]);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});

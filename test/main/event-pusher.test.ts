import { describe, expect, it } from 'vitest';
import { EventPusher, type PusherClock } from '../../src/main/event-pusher.ts';
import { MAIN_LIMITS } from '../../src/main/limits.ts';
import type { NodeEvent, NodeEventBody } from '../../src/shared/events.ts';
import { IPC_LIMITS, type EventPush } from '../../src/shared/ipc.ts';

/** A clock that moves only when told to. */
class HandClock implements PusherClock {
  time = 0;
  #next = 1;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  setTimeout(callback: () => void, ms: number): unknown {
    const id = this.#next++;
    this.#timers.set(id, { at: this.time + ms, callback });
    return id;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].callback();
    }
    this.time = end;
  }

  get pending(): number {
    return this.#timers.size;
  }
}

function setup(): { clock: HandClock; pusher: EventPusher; pushes: { at: number; push: EventPush }[]; emit: (body: NodeEventBody) => void } {
  const clock = new HandClock();
  const pushes: { at: number; push: EventPush }[] = [];
  const pusher = new EventPusher((push) => pushes.push({ at: clock.time, push }), clock);
  let seq = 0;
  return { clock, pusher, pushes, emit: (body) => pusher.push({ seq: ++seq, at: clock.time, ...body }) };
}

const mempool = (count: number): NodeEventBody => ({ type: 'mempool', mempool: { count, bytes: count } });
const notice = (code: string): NodeEventBody => ({ type: 'notice', notice: { level: 'info', code, message: code } });
const peer = (key: string, height: number): NodeEventBody => ({
  type: 'peer',
  peer: {
    key,
    state: 'connected',
    direction: 'outbound',
    address: 'localhost:1',
    kept: true,
    verdict: 'unknown',
    height,
    latencyHistory: [],
    bytesIn: 0,
    bytesOut: 0,
    misbehaviour: 0,
    attempts: 0,
  },
});
const block = (height: number): NodeEventBody => ({
  type: 'block',
  block: {
    hash: height.toString(16).padStart(64, '0'),
    previousHash: (height - 1).toString(16).padStart(64, '0'),
    height,
    time: height,
    bits: 0x207fffff,
    nonce: 0,
    chainwork: '1',
    branch: 'active',
    dataPreview: '',
    dataTruncated: false,
    transactionCount: 1,
    size: 200,
    minerId: 'aa',
    minerName: 'Aster',
    receivedAt: 1,
    origin: 'peer',
  },
});
const removed = (key: string): NodeEventBody => ({ type: 'peer-removed', key });

function events(push: EventPush | undefined): NodeEvent[] {
  if (push?.kind !== 'events') throw new Error(`expected events, got ${String(push?.kind)}`);
  return push.events;
}

describe('EventPusher', () => {
  it('sends the first event at once and what happens in the same turn with it', () => {
    const { clock, pushes, emit } = setup();
    emit(notice('a'));
    emit(notice('b'));
    expect(pushes).toHaveLength(0);
    clock.advance(0);
    expect(events(pushes[0]?.push).map((event) => event.seq)).toEqual([1, 2]);
  });

  it('pushes at most pushesPerSecond times a second, however many events there are', () => {
    const { clock, pushes, emit } = setup();
    for (let ms = 0; ms < 3000; ms += 1) {
      emit(mempool(ms));
      clock.advance(1);
    }
    expect(pushes.length).toBeGreaterThan(50);
    expect(pushes.length).toBeLessThanOrEqual(3 * IPC_LIMITS.pushesPerSecond + 1);
    for (let i = 1; i < pushes.length; i += 1) {
      expect((pushes[i]?.at ?? 0) - (pushes[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(1000 / IPC_LIMITS.pushesPerSecond);
    }
  });

  it('keeps only the newest of a kind, in its place, so that seq only rises', () => {
    const { clock, pushes, emit } = setup();
    emit(mempool(1)); // 1
    emit(notice('x')); // 2
    emit(peer('a', 1)); // 3
    emit(peer('b', 1)); // 4
    emit(mempool(2)); // 5
    emit(peer('a', 2)); // 6
    clock.advance(0);
    const sent = events(pushes[0]?.push);
    expect(sent.map((event) => event.seq)).toEqual([2, 4, 5, 6]);
    expect(sent.at(-1)).toMatchObject({ type: 'peer', peer: { key: 'a', height: 2 } });
  });

  it('never merges a peer across its removal into something that did not happen', () => {
    const { clock, pushes, emit } = setup();
    emit(peer('a', 1));
    emit(removed('a'));
    emit(peer('a', 2));
    emit(removed('a'));
    clock.advance(0);
    expect(events(pushes[0]?.push).map((event) => event.type).at(-1)).toBe('peer-removed');
  });

  it('asks for a snapshot when more than eventsPerPush are left, and starts afresh after it', () => {
    const { clock, pushes, emit } = setup();
    emit(notice('first'));
    clock.advance(0);
    for (let i = 0; i < IPC_LIMITS.eventsPerPush; i += 1) emit(notice(`n${String(i)}`));
    clock.advance(1000);
    expect(events(pushes[1]?.push)).toHaveLength(IPC_LIMITS.eventsPerPush);
    for (let i = 0; i <= IPC_LIMITS.eventsPerPush; i += 1) emit(notice(`m${String(i)}`));
    emit(notice('after the overflow'));
    clock.advance(1000);
    expect(pushes[2]?.push).toEqual({ kind: 'resync' });
    emit(notice('fresh'));
    clock.advance(1000);
    expect(events(pushes[3]?.push)).toHaveLength(1);
  });

  it('does not count replaced events towards the limit', () => {
    const { clock, pushes, emit } = setup();
    for (let i = 0; i < 10 * IPC_LIMITS.eventsPerPush; i += 1) emit(mempool(i));
    clock.advance(0);
    expect(events(pushes[0]?.push)).toHaveLength(1);
  });

  it('is slower while the window is hidden and quick again when it is shown', () => {
    const { clock, pusher, pushes, emit } = setup();
    pusher.setHidden(true);
    for (let ms = 0; ms < 3000; ms += 10) {
      emit(mempool(ms));
      clock.advance(10);
    }
    expect(pushes.length).toBeLessThanOrEqual(1 + 3000 / MAIN_LIMITS.hiddenPushInterval);
    const before = pushes.length;
    emit(notice('waiting'));
    pusher.setHidden(false);
    clock.advance(50);
    expect(pushes.length).toBe(before + 1);
  });

  it('brings a block at once behind a push without one, in the place of the next push', () => {
    const { clock, pushes, emit } = setup();
    const pace = 1000 / IPC_LIMITS.pushesPerSecond;
    clock.advance(1000);
    emit(peer('a', 1));
    clock.advance(4);
    emit(mempool(1));
    emit(block(1));
    clock.advance(0);
    expect(pushes.map(({ at }) => at)).toEqual([1000, 1004]);
    expect(events(pushes[1]?.push).map(({ type }) => type)).toEqual(['mempool', 'block']);
    emit(block(2));
    emit(peer('a', 2));
    clock.advance(1000);
    expect(pushes.map(({ at }) => at)).toEqual([1000, 1004, 1000 + 2 * pace]);
  });

  it('keeps its pace with blocks among many other events', () => {
    const { clock, pushes, emit } = setup();
    for (let ms = 0; ms < 3000; ms += 1) {
      if (ms % 300 === 130) emit(block(ms));
      emit(mempool(ms));
      clock.advance(1);
    }
    expect(pushes.flatMap(({ push }) => events(push)).filter(({ type }) => type === 'block')).toHaveLength(10);
    expect(pushes.length).toBeLessThanOrEqual(3 * IPC_LIMITS.pushesPerSecond + 1);
  });

  it('does not hurry with a block that nobody sees', () => {
    const { clock, pusher, pushes, emit } = setup();
    pusher.setHidden(true);
    emit(mempool(1));
    clock.advance(10);
    emit(block(1));
    clock.advance(MAIN_LIMITS.hiddenPushInterval - 11);
    expect(pushes).toHaveLength(1);
    clock.advance(1);
    expect(pushes).toHaveLength(2);
  });

  it('floodPushInterval: pushes less often while blocks pour in, brings each of them, and is quick again a second later', () => {
    const { clock, pushes, emit } = setup();
    for (let height = 0; height < 300; height += 1) {
      emit(block(height));
      clock.advance(10);
    }
    clock.advance(MAIN_LIMITS.floodPushInterval);
    expect(pushes.length).toBeLessThanOrEqual(3000 / MAIN_LIMITS.floodPushInterval + 4);
    expect(pushes.flatMap(({ push }) => events(push)).map((event) => (event.type === 'block' ? event.block.height : -1))).toEqual(Array.from({ length: 300 }, (_, height) => height));
    clock.advance(1000);
    const before = pushes.length;
    for (let ms = 0; ms < 500; ms += 1) {
      emit(mempool(ms));
      clock.advance(1);
    }
    expect(pushes.length - before).toBeGreaterThanOrEqual(IPC_LIMITS.pushesPerSecond / 2);
  });

  it('syncPushInterval, longSyncBlocks: pushes twice a second while many blocks are missing, and as before once few are', () => {
    const { clock, pushes, emit } = setup();
    const pushedWhile = (phase: 'headers' | 'blocks' | 'idle', missing: number): number => {
      emit({ type: 'sync', sync: { phase, height: 0, bestHeaderHeight: missing, blocksPerSecond: 0 } });
      clock.advance(1000);
      const before = pushes.length;
      for (let ms = 0; ms < 3000; ms += 1) {
        emit(mempool(ms));
        clock.advance(1);
      }
      return pushes.length - before;
    };
    const most = (interval: number): number => 3000 / interval + 1;
    expect(pushedWhile('blocks', MAIN_LIMITS.longSyncBlocks)).toBeLessThanOrEqual(most(MAIN_LIMITS.syncPushInterval));
    expect(pushedWhile('headers', 1_000_000)).toBeLessThanOrEqual(most(MAIN_LIMITS.syncPushInterval));
    const quick = 3 * IPC_LIMITS.pushesPerSecond - 1;
    expect(pushedWhile('blocks', MAIN_LIMITS.longSyncBlocks - 1)).toBeGreaterThanOrEqual(quick);
    expect(pushedWhile('idle', 1_000_000)).toBeGreaterThanOrEqual(quick);
    expect(MAIN_LIMITS).toMatchObject({ syncPushInterval: 500, longSyncBlocks: 1000 });
  });

  it('floodBlocks: one block fewer in a second is no flood', () => {
    const { clock, pushes, emit } = setup();
    const pushedAfter = (blocks: number): number => {
      clock.advance(2000);
      for (let height = 0; height < blocks; height += 1) emit(block(height));
      clock.advance(0);
      const before = pushes.length;
      emit(mempool(1));
      clock.advance(1000 / IPC_LIMITS.pushesPerSecond);
      return pushes.length - before;
    };
    expect(pushedAfter(MAIN_LIMITS.floodBlocks - 1)).toBe(1);
    expect(pushedAfter(MAIN_LIMITS.floodBlocks)).toBe(0);
  });

  it('says resync when asked to and nothing after stop', () => {
    const { clock, pusher, pushes, emit } = setup();
    emit(notice('a'));
    pusher.resync();
    clock.advance(100);
    expect(pushes.map((entry) => entry.push)).toEqual([{ kind: 'resync' }]);
    emit(notice('b'));
    pusher.stop();
    emit(notice('c'));
    clock.advance(1000);
    expect(pushes).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

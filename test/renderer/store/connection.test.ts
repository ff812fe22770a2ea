import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NodeSnapshot } from '../../../src/shared/events.ts';
import type { EventPush, IpcPushes, IpcPushName } from '../../../src/shared/ipc.ts';
import { ApiError } from '../../../src/shared/node-api.ts';
import { APPLY_REST, GAP_PATIENCE_MS, IDLE_APPLY_MS, MAX_APPLY_REST_MS, MAX_BUFFERED_EVENTS, SNAPSHOT_RETRY_MS } from '../../../src/renderer/lib/limits.ts';
import { connect } from '../../../src/renderer/store/connection.ts';
import { emptyNodeState, type NodeState } from '../../../src/renderer/store/node-state.ts';
import { block, chainOf, chainState, numbered, snapshotOf } from './helpers.ts';

/** The bridge's two ends: snapshots are answered by hand, pushes are sent by hand. */
function fakeClient() {
  const calls: string[] = [];
  const asked: { resolve: (snapshot: NodeSnapshot) => void; reject: (error: Error) => void }[] = [];
  let listener: ((push: EventPush) => void) | undefined;
  return {
    calls,
    asked,
    push: (push: EventPush): void => listener?.(push),
    listening: (): boolean => listener !== undefined,
    client: {
      on<P extends IpcPushName>(name: P, callback: (payload: IpcPushes[P]) => void): () => void {
        calls.push(`on ${name}`);
        listener = callback as (push: EventPush) => void;
        return () => {
          listener = undefined;
        };
      },
      snapshot(): Promise<NodeSnapshot> {
        calls.push('snapshot');
        return new Promise((resolve, reject) => asked.push({ resolve, reject }));
      },
    },
  };
}

/** @param drawMs how long the page needs to draw a state */
function setUp(drawMs = 0) {
  const fake = fakeClient();
  let state: NodeState = emptyNodeState;
  let drawn = 0;
  /** The page's idle moments come when the test says so; what waits too long is called back without one. */
  const idle: { callback: (freeMs: number) => void; patience: number }[] = [];
  const connection = connect(fake.client, {
    get: () => state,
    set: (next) => {
      state = next;
      drawn += 1;
      vi.advanceTimersByTime(drawMs);
    },
  }, {
    wait: (callback, patience) => {
      const wish = { callback, patience };
      idle.push(wish);
      return () => void idle.splice(idle.indexOf(wish), 1);
    },
  });
  const idleFor = (freeMs: number): void => idle.shift()?.callback(freeMs);
  return { ...fake, connection, state: () => state, drawn: () => drawn, idle, idleFor };
}

/** Lets promises that are settled run their callbacks. */
const settle = () => vi.advanceTimersByTimeAsync(0);
const mempool = (count: number) => ({ type: 'mempool' as const, mempool: { count, bytes: 0 } });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('connect', () => {
  it('listens before it asks for the snapshot', () => {
    const { calls } = setUp();
    expect(calls).toEqual(['on events', 'snapshot']);
  });

  it('applies what came while the snapshot was on its way, but not what the snapshot holds already', async () => {
    const { push, asked, state } = setUp();
    push({ kind: 'events', events: numbered(9, mempool(1), mempool(2), mempool(3)) });
    expect(state().mempool).toBeNull();
    asked[0]?.resolve(snapshotOf(chainOf('a', 2), 10, { mempool: { count: 77, bytes: 0 } }));
    await settle();
    expect(state().seq).toBe(11);
    expect(state().mempool?.count).toBe(3);
  });

  it('takes a new snapshot when told to, and keeps the order with events that follow', async () => {
    const { push, asked, state, calls } = setUp();
    asked[0]?.resolve(snapshotOf(chainOf('a', 2), 10));
    await settle();
    push({ kind: 'resync' });
    push({ kind: 'events', events: numbered(52, mempool(9)) });
    asked[1]?.resolve(snapshotOf(chainOf('a', 4), 51));
    await settle();
    expect(calls.filter((call) => call === 'snapshot')).toHaveLength(2);
    expect(state().heights).toEqual([0, 1, 2, 3, 4]);
    expect(state().mempool?.count).toBe(9);
  });

  it('asks once more when a second resync comes during the first', async () => {
    const { push, asked } = setUp();
    push({ kind: 'resync' });
    asked[0]?.resolve(snapshotOf(chainOf('a', 2), 10));
    await settle();
    expect(asked).toHaveLength(2);
  });

  it('GAP_PATIENCE_MS: waits for a missing block, then takes a snapshot', async () => {
    const { push, asked, state } = setUp();
    asked[0]?.resolve(snapshotOf(chainOf('a', 2), 10));
    await settle();
    const a3 = block('a3', 'a2', 3);
    push({ kind: 'events', events: numbered(11, { type: 'tip', chain: chainState(a3) }) });
    expect(state().gap).toBe(true);
    await vi.advanceTimersByTimeAsync(GAP_PATIENCE_MS - 1);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
  });

  it('does not ask when the missing block comes in time', async () => {
    const { push, asked } = setUp();
    asked[0]?.resolve(snapshotOf(chainOf('a', 2), 10));
    await settle();
    const a3 = block('a3', 'a2', 3);
    push({ kind: 'events', events: numbered(11, { type: 'tip', chain: chainState(a3) }) });
    push({ kind: 'events', events: numbered(12, { type: 'block', block: a3 }) });
    await vi.advanceTimersByTimeAsync(GAP_PATIENCE_MS * 2);
    expect(asked).toHaveLength(1);
  });

  it('SNAPSHOT_RETRY_MS: says why a node is lost, and tries again', async () => {
    const { asked, state } = setUp();
    asked[0]?.reject(new ApiError({ code: 'node-closing', message: 'The node is closing.' }));
    await settle();
    expect(state()).toMatchObject({ phase: 'lost', problem: 'The node is closing.' });
    await vi.advanceTimersByTimeAsync(SNAPSHOT_RETRY_MS);
    asked[1]?.resolve(snapshotOf(chainOf('a', 1), 3));
    await settle();
    expect(state()).toMatchObject({ phase: 'live', problem: null, seq: 3 });
  });

  it('MAX_BUFFERED_EVENTS: after too many events it asks again', async () => {
    const { push, asked } = setUp();
    push({ kind: 'events', events: numbered(1, ...Array.from({ length: MAX_BUFFERED_EVENTS + 1 }, (_, index) => mempool(index))) });
    asked[0]?.resolve(snapshotOf(chainOf('a', 1), 1));
    await settle();
    expect(asked).toHaveLength(2);
  });

  it('APPLY_REST: rests after a state that took long to draw, and applies what came meanwhile as one', async () => {
    const { push, asked, state, drawn } = setUp(30);
    asked[0]?.resolve(snapshotOf(chainOf('a', 1), 1));
    await settle();
    const before = drawn();
    push({ kind: 'events', events: numbered(2, mempool(2)) });
    expect(state().mempool?.count).toBe(2);
    await settle();
    push({ kind: 'events', events: numbered(3, mempool(3)) });
    push({ kind: 'events', events: numbered(4, mempool(4)) });
    await vi.advanceTimersByTimeAsync(30 * APPLY_REST - 1);
    expect(state().mempool?.count).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(state().mempool?.count).toBe(4);
    expect(drawn()).toBe(before + 2);
  });

  it('MAX_APPLY_REST_MS: rests no longer than that, however long it took', async () => {
    const { push, asked, state } = setUp(10_000);
    asked[0]?.resolve(snapshotOf(chainOf('a', 1), 1));
    await settle();
    push({ kind: 'events', events: numbered(2, mempool(2)) });
    await settle();
    push({ kind: 'events', events: numbered(3, mempool(3)) });
    await vi.advanceTimersByTimeAsync(MAX_APPLY_REST_MS - 1);
    expect(state().mempool?.count).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(state().mempool?.count).toBe(3);
  });

  it('several blocks at once wait for a moment that is long enough for them', async () => {
    const { push, asked, state, idle, idleFor } = setUp(20);
    const chain = chainOf('a', 9);
    asked[0]?.resolve(snapshotOf(chain.slice(0, 2), 1));
    await settle();
    push({ kind: 'events', events: numbered(2, mempool(2)) });
    await vi.advanceTimersByTimeAsync(MAX_APPLY_REST_MS);
    const blocks = chain.slice(2).map((each) => ({ type: 'block' as const, block: each }));
    push({ kind: 'events', events: numbered(3, ...blocks.slice(0, 4)) });
    push({ kind: 'events', events: numbered(7, ...blocks.slice(4), { type: 'tip', chain: chainState(chain[9] ?? block('none', null, 0)) }) });
    expect(idle).toHaveLength(1);
    expect(idle[0]?.patience).toBe(IDLE_APPLY_MS);
    idleFor(5);
    expect(state().chain?.tip.height).toBe(1);
    idleFor(25);
    expect(state().chain?.tip.height).toBe(9);
    expect(idle).toHaveLength(0);
  });

  it('IDLE_APPLY_MS: a page that is never idle shows them all the same', async () => {
    const { push, asked, state, idleFor } = setUp(20);
    const chain = chainOf('a', 3);
    asked[0]?.resolve(snapshotOf(chain.slice(0, 2), 1));
    await settle();
    const blocks = chain.slice(2).map((each) => ({ type: 'block' as const, block: each }));
    push({ kind: 'events', events: numbered(2, ...blocks, { type: 'tip', chain: chainState(chain[3] ?? block('none', null, 0)) }) });
    idleFor(0);
    expect(state().chain?.tip.height).toBe(3);
  });

  it('a reorg is shown at once, however many blocks it brings', async () => {
    const { push, asked, state, idle } = setUp();
    const chain = chainOf('a', 3);
    const side = [block('b2', 'a1', 2), block('b3', 'b2', 3), block('b4', 'b3', 4)];
    asked[0]?.resolve(snapshotOf(chain, 1));
    await settle();
    const tip = side[2] ?? block('none', null, 0);
    const tipOf = (each: typeof tip) => ({ hash: each.hash, height: each.height, time: each.time, chainwork: each.chainwork });
    const reorg = {
      forkHash: chain[1]?.hash ?? '',
      forkHeight: 1,
      oldTip: tipOf(chain[3] ?? tip),
      newTip: tipOf(tip),
      disconnected: [chain[3]?.hash ?? '', chain[2]?.hash ?? ''],
      connected: side.map(({ hash }) => hash),
      returnedTransactions: 0,
    };
    push({ kind: 'events', events: numbered(2, ...side.map((each) => ({ type: 'block' as const, block: each })), { type: 'reorg', reorg }, { type: 'tip', chain: chainState(tip) }) });
    expect(idle).toHaveLength(0);
    expect(state().lastReorg?.value).toEqual(reorg);
  });

  it('one block is shown at once', async () => {
    const { push, asked, state, idle } = setUp();
    const chain = chainOf('a', 2);
    asked[0]?.resolve(snapshotOf(chain.slice(0, 2), 1));
    await settle();
    const tip = chain[2] ?? block('none', null, 0);
    push({ kind: 'events', events: numbered(2, { type: 'block', block: tip }, { type: 'tip', chain: chainState(tip) }) });
    expect(idle).toHaveLength(0);
    expect(state().chain?.tip.height).toBe(2);
  });

  it('a snapshot that is asked for while the page rests comes before what waits', async () => {
    const { push, asked, state } = setUp(30);
    asked[0]?.resolve(snapshotOf(chainOf('a', 1), 1));
    await settle();
    push({ kind: 'events', events: numbered(2, mempool(2)) });
    await settle();
    push({ kind: 'events', events: numbered(3, mempool(3)) });
    push({ kind: 'resync' });
    await vi.advanceTimersByTimeAsync(MAX_APPLY_REST_MS);
    expect(state().mempool?.count).toBe(2);
    asked[1]?.resolve(snapshotOf(chainOf('a', 1), 2, { mempool: { count: 9, bytes: 0 } }));
    await settle();
    expect(state().mempool?.count).toBe(3);
  });

  it('stops listening when closed', async () => {
    const { connection, listening, asked, state } = setUp();
    connection.close();
    expect(listening()).toBe(false);
    asked[0]?.resolve(snapshotOf(chainOf('a', 1), 1));
    await settle();
    expect(state().phase).toBe('loading');
  });
});

import { describe, expect, it } from 'vitest';
import { EventStream } from '../../../src/node/api/event-stream.ts';
import { API_LIMITS } from '../../../src/node/api/limits.ts';
import type { NodeEvent } from '../../../src/shared/events.ts';

function make(capacity?: number) {
  const errors: unknown[] = [];
  let time = 1_000;
  const stream = new EventStream({ ...(capacity === undefined ? {} : { capacity }), now: () => (time += 1), onError: (error) => errors.push(error) });
  const say = (count: number): NodeEvent => stream.publish({ type: 'mempool', mempool: { count, bytes: 0 } });
  return { stream, say, errors };
}

describe('EventStream', () => {
  it('numbers events from 1 without gaps and stamps them', () => {
    const { stream, say } = make();
    const seen: NodeEvent[] = [];
    expect(stream.seq).toBe(0);
    stream.subscribe((event) => seen.push(event));
    say(5);
    say(6);
    expect(seen).toEqual([
      { seq: 1, at: 1_001, type: 'mempool', mempool: { count: 5, bytes: 0 } },
      { seq: 2, at: 1_002, type: 'mempool', mempool: { count: 6, bytes: 0 } },
    ]);
  });

  it('gives late readers what they missed, as long as it is in the ring', () => {
    const { stream, say } = make(10);
    for (let index = 1; index <= 25; index += 1) say(index);
    expect(stream.after(25)).toEqual([]);
    expect(stream.after(22)?.map((event) => event.seq)).toEqual([23, 24, 25]);
    expect(stream.after(15)).toHaveLength(10);
    expect(stream.after(14)).toBeNull();
    expect(stream.after(0)).toBeNull();
  });

  it('says null for a number that is not of this stream', () => {
    const { stream, say } = make();
    say(1);
    for (const seq of [2, -1, 0.5, Number.NaN]) expect(stream.after(seq)).toBeNull();
    expect(stream.after(0)).toHaveLength(1);
  });

  it('keeps the last 2,000', () => {
    const { stream, say } = make();
    for (let index = 0; index <= API_LIMITS.eventRing; index += 1) say(index);
    expect(stream.after(1)).toHaveLength(API_LIMITS.eventRing);
    expect(stream.after(0)).toBeNull();
  });

  it('keeps one order for all when a listener publishes', () => {
    const { stream, say } = make();
    const first: number[] = [];
    const second: number[] = [];
    stream.subscribe((event) => {
      first.push(event.seq);
      if (event.seq === 1) say(2);
    });
    stream.subscribe((event) => second.push(event.seq));
    say(1);
    expect(first).toEqual([1, 2]);
    expect(second).toEqual([1, 2]);
  });

  it('goes on when a listener throws, and tells of it', () => {
    const { stream, say, errors } = make();
    const seen: number[] = [];
    stream.subscribe(() => {
      throw new Error('broken reader');
    });
    stream.subscribe((event) => seen.push(event.seq));
    say(1);
    say(2);
    expect(seen).toEqual([1, 2]);
    expect(errors).toHaveLength(2);
  });

  it('ends a subscription at once, also from within', () => {
    const { stream, say } = make();
    const seen: string[] = [];
    const leaveB = { now: (): void => undefined };
    stream.subscribe(() => {
      seen.push('a');
      leaveB.now();
    });
    leaveB.now = stream.subscribe(() => seen.push('b'));
    say(1);
    say(2);
    expect(seen).toEqual(['a', 'a']);
    expect(stream.listenerCount).toBe(1);
  });
});

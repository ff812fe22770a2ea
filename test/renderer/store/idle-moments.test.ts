import { beforeEach, describe, expect, it, vi } from 'vitest';
import { KEY_DUE_MS, KEY_PAUSE_MS } from '../../../src/renderer/lib/limits.ts';
import { TypingMoments } from '../../../src/renderer/store/idle-moments.ts';

/** A page whose time, frames, keys and idle moments come when the test says so. */
class FakePage {
  time = 1000;
  key: () => void = () => undefined;
  frames = new Set<() => void>();
  idles = new Set<(freeMs: number) => void>();
  timers = new Map<() => void, number>();

  now(): number {
    return this.time;
  }
  onKey(listener: () => void): void {
    this.key = listener;
  }
  afterFrame(callback: () => void): () => void {
    this.frames.add(callback);
    return () => void this.frames.delete(callback);
  }
  idle(callback: (freeMs: number) => void): () => void {
    this.idles.add(callback);
    return () => void this.idles.delete(callback);
  }
  later(callback: () => void, ms: number): () => void {
    this.timers.set(callback, this.time + ms);
    return () => void this.timers.delete(callback);
  }

  drawFrame(): void {
    const due = [...this.frames];
    this.frames.clear();
    for (const callback of due) callback();
  }
  idleFor(freeMs: number): void {
    const due = [...this.idles];
    this.idles.clear();
    for (const callback of due) callback(freeMs);
  }
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.timers].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1])[0];
      if (next === undefined) break;
      this.timers.delete(next[0]);
      this.time = next[1];
      next[0]();
    }
    this.time = end;
  }
}

describe('moments of a page in which somebody types', () => {
  let page: FakePage;
  let moments: TypingMoments;
  const called = vi.fn<(freeMs: number) => void>();
  const patience = 120;

  beforeEach(() => {
    called.mockClear();
    page = new FakePage();
    moments = new TypingMoments(page);
  });

  it('nobody types: the browser’s own idle moment', () => {
    moments.wait(called, patience);
    expect(called).not.toHaveBeenCalled();
    page.idleFor(7);
    expect(called.mock.calls).toEqual([[7]]);
    page.pass(patience);
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('a key waits for its frame, and then there is time until the next one', () => {
    page.key();
    moments.wait(called, patience);
    page.pass(5);
    page.idleFor(50);
    expect(called).not.toHaveBeenCalled();
    page.drawFrame();
    expect(called).not.toHaveBeenCalled();
    page.pass(0);
    expect(called.mock.calls).toEqual([[Infinity]]);
  });

  it('never calls back within the call that asks', () => {
    page.key();
    page.drawFrame();
    moments.wait(called, patience);
    expect(called).not.toHaveBeenCalled();
    page.pass(0);
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('KEY_DUE_MS: from here on the next key goes first', () => {
    page.key();
    page.drawFrame();
    page.pass(KEY_DUE_MS);
    moments.wait(called, patience);
    page.pass(10);
    page.idleFor(50);
    expect(called).not.toHaveBeenCalled();
    page.key();
    page.pass(3);
    expect(called).not.toHaveBeenCalled();
    page.drawFrame();
    page.pass(0);
    expect(called.mock.calls).toEqual([[Infinity]]);
  });

  it('KEY_PAUSE_MS: when none came the typing has paused', () => {
    page.key();
    page.drawFrame();
    page.pass(KEY_DUE_MS);
    moments.wait(called, patience);
    page.pass(KEY_PAUSE_MS - KEY_DUE_MS - 1);
    expect(page.idles.size).toBe(0);
    page.pass(1);
    page.idleFor(12);
    expect(called.mock.calls).toEqual([[12]]);
  });

  it('a key that comes before the idle moment goes first', () => {
    moments.wait(called, patience);
    page.key();
    page.idleFor(50);
    expect(called).not.toHaveBeenCalled();
    page.drawFrame();
    page.pass(0);
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('a page that never has a moment is called back with 0 when patience ends, and once', () => {
    page.key();
    moments.wait(called, patience);
    page.pass(patience - 1);
    page.key();
    expect(called).not.toHaveBeenCalled();
    page.pass(1);
    expect(called.mock.calls).toEqual([[0]]);
    page.drawFrame();
    page.idleFor(50);
    page.pass(1000);
    expect(called).toHaveBeenCalledTimes(1);
  });

  it('a wish that was taken back is not answered', () => {
    const drop = moments.wait(called, patience);
    drop();
    page.idleFor(50);
    page.key();
    page.drawFrame();
    page.pass(patience);
    expect(called).not.toHaveBeenCalled();
    expect(page.timers.size + page.idles.size).toBe(0);
  });
});

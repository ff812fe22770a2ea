import { describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../../src/node/util/emitter.ts';

interface Events {
  tip: [height: number, hash: string];
  stop: [];
}

function setup() {
  const errors: [unknown, PropertyKey][] = [];
  const emitter = new Emitter<Events>((error, event) => errors.push([error, event]));
  const calls: string[] = [];
  return { emitter, errors, calls };
}

describe('Emitter', () => {
  it('calls the listeners of that event with its arguments, in order', () => {
    const { emitter, calls } = setup();
    emitter.on('tip', (height, hash) => calls.push(`a${height}${hash}`));
    emitter.on('tip', (height) => calls.push(`b${height}`));
    emitter.on('stop', () => calls.push('stop'));
    emitter.emit('tip', 7, 'x');
    expect(calls).toEqual(['a7x', 'b7']);
  });

  it('does nothing without listeners', () => {
    const { emitter, errors } = setup();
    emitter.emit('stop');
    expect(errors).toEqual([]);
  });

  it('unsubscribes, once and harmlessly twice, and one subscription of two', () => {
    const { emitter, calls } = setup();
    const listener = (): void => void calls.push('x');
    const off = emitter.on('stop', listener);
    emitter.on('stop', listener);
    emitter.emit('stop');
    expect(calls).toHaveLength(2);
    off();
    off();
    emitter.emit('stop');
    expect(calls).toHaveLength(3);
    expect(emitter.listenerCount('stop')).toBe(1);
  });

  it('calls a once-listener once, even when it emits again', () => {
    const { emitter, calls } = setup();
    emitter.once('stop', () => {
      calls.push('once');
      emitter.emit('stop');
    });
    const off = emitter.once('tip', () => calls.push('never'));
    off();
    emitter.emit('stop');
    emitter.emit('tip', 1, '');
    expect(calls).toEqual(['once']);
    expect(emitter.listenerCount('stop')).toBe(0);
  });

  it('reports a throw and calls the others', () => {
    const { emitter, errors, calls } = setup();
    const bug = new Error('bug');
    emitter.on('stop', () => {
      throw bug;
    });
    emitter.on('stop', () => calls.push('after'));
    emitter.emit('stop');
    expect(errors).toEqual([[bug, 'stop']]);
    expect(calls).toEqual(['after']);
  });

  it('reports the rejection of an async listener', async () => {
    const bug = new Error('later');
    const reported = new Promise((resolve) => {
      const emitter = new Emitter<Events>((error, event) => resolve([error, event]));
      emitter.on('stop', async () => Promise.reject(bug));
      emitter.emit('stop');
    });
    expect(await reported).toEqual([bug, 'stop']);
  });

  it('survives a hook that throws, and reports to the console by default', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    try {
      const broken = new Emitter<Events>(() => {
        throw new Error('hook');
      });
      broken.on('stop', () => {
        throw new Error('bug');
      });
      broken.emit('stop');
      const plain = new Emitter<Events>();
      plain.on('stop', () => {
        throw new Error('bug');
      });
      plain.emit('stop');
      expect(log).toHaveBeenCalledTimes(2);
    } finally {
      log.mockRestore();
    }
  });

  it('does not call a listener that was removed during the emit, nor one that was added', () => {
    const { emitter, calls } = setup();
    let offSecond = (): void => undefined;
    emitter.on('stop', () => {
      offSecond();
      emitter.on('stop', () => calls.push('added'));
    });
    offSecond = emitter.on('stop', () => calls.push('removed'));
    emitter.emit('stop');
    expect(calls).toEqual([]);
    emitter.emit('stop');
    expect(calls).toEqual(['added']);
  });

  it('forgets all, also in the middle of an emit, and can be used again', () => {
    const { emitter, calls } = setup();
    emitter.on('stop', () => emitter.removeAll());
    const off = emitter.on('stop', () => calls.push('x'));
    emitter.emit('stop');
    expect(calls).toEqual([]);
    emitter.on('stop', () => calls.push('new'));
    off();
    emitter.emit('stop');
    expect(calls).toEqual(['new']);
  });
});

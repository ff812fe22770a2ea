import { expect, it } from 'vitest';
import { Mutex } from '../../../src/node/util/mutex.ts';

/** A promise and the functions that settle it. */
function gate() {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

it('runs one at a time and in order, however long each takes', async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const first = gate();
  const a = mutex.run(async () => {
    log.push('a starts');
    await first.promise;
    log.push('a ends');
  });
  const b = mutex.run(() => log.push('b'));
  const c = mutex.run(async () => log.push('c'));
  expect(mutex.pending).toBe(3);
  first.open();
  await Promise.all([a, b, c]);
  expect(log).toEqual(['a starts', 'a ends', 'b', 'c']);
  expect(mutex.pending).toBe(0);
});

it('gives back what the task gives', async () => {
  const mutex = new Mutex();
  expect(await mutex.run(() => 1)).toBe(1);
  expect(await mutex.run(async () => 'two')).toBe('two');
});

it('goes on after a task that throws or rejects', async () => {
  const mutex = new Mutex();
  const thrown = mutex.run(() => {
    throw new Error('sync');
  });
  const rejected = mutex.run(() => Promise.reject(new Error('async')));
  const after = mutex.run(() => 'fine');
  await expect(thrown).rejects.toThrow('sync');
  await expect(rejected).rejects.toThrow('async');
  expect(await after).toBe('fine');
  expect(mutex.pending).toBe(0);
});

it('does not start a task within the call', async () => {
  const mutex = new Mutex();
  let started = false;
  const done = mutex.run(() => {
    started = true;
  });
  expect(started).toBe(false);
  await done;
  expect(started).toBe(true);
});

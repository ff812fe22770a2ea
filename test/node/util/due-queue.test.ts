import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueQueue, type Due } from '../../../src/node/util/due-queue.ts';

it('gives back the earliest, and of equal ones the first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 60 }), (times) => {
      const queue = new DueQueue<Due>();
      times.forEach((due, order) => queue.push({ due, order }));
      expect(queue.size).toBe(times.length);
      const sorted = times.map((due, order) => ({ due, order })).sort((a, b) => a.due - b.due || a.order - b.order);
      expect(sorted.map(() => queue.pop())).toEqual(sorted);
      expect(queue.pop()).toBeUndefined();
      expect(queue.peek()).toBeUndefined();
    }),
  );
});

it('stays in order while items come and go', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 50 })), { maxLength: 80 }), (steps) => {
      const queue = new DueQueue<Due>();
      const model: Due[] = [];
      steps.forEach((due, order) => {
        if (due === null) {
          model.sort((a, b) => a.due - b.due || a.order - b.order);
          expect(queue.pop()).toEqual(model.shift());
        } else {
          queue.push({ due, order });
          model.push({ due, order });
        }
      });
    }),
  );
});

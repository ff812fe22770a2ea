import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, GAP, MARGIN, overlap, place } from '../../../src/renderer/hints/place.ts';

const box = (left: number, top: number, width: number, height: number): Box => ({ left, top, right: left + width, bottom: top + height });
const room = box(0, 48, 1280, 724);
const card = { width: 288, height: 120 };
const cardAt = (placed: { left: number; top: number }): Box => box(placed.left, placed.top, card.width, card.height);

describe('where a hint stands', () => {
  it('below its control when there is room, then left of it', () => {
    const button = box(900, 400, 120, 30);
    expect(place(button, card, room, [])).toEqual({ left: 732, top: 430 + GAP, side: 'below' });
    expect(place(box(580, 710, 256, 36), card, room, [])).toMatchObject({ left: 580 - GAP - card.width, side: 'left' });
  });

  it('not over what is needed', () => {
    const button = box(900, 400, 120, 30);
    const field = box(700, 440, 300, 40);
    const placed = place(button, card, room, [field]);
    expect(overlap(cardAt(placed), field)).toBe(0);
    expect(placed.side).not.toBe('below');
  });

  it('by itself when it is about nothing in sight', () => {
    const placed = place(null, card, room, [box(0, 0, 700, 800)]);
    expect(placed.side).toBeNull();
    expect(overlap(cardAt(placed), box(0, 0, 700, 800))).toBe(0);
  });

  it('always in its room and never on its control', () => {
    const boxes = fc.record({ left: fc.integer({ min: 0, max: 1200 }), top: fc.integer({ min: 48, max: 740 }), width: fc.integer({ min: 1, max: 400 }), height: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(boxes, fc.array(boxes, { maxLength: 6 }), (control, others) => {
        const anchor = box(control.left, control.top, control.width, control.height);
        const placed = place(anchor, card, room, others.map(({ left, top, width, height }) => box(left, top, width, height)));
        const at = cardAt(placed);
        expect(at.left >= room.left + MARGIN && at.right <= room.right - MARGIN && at.top >= room.top + MARGIN && at.bottom <= room.bottom - MARGIN).toBe(true);
        // Only a crowd of obstacles on every other place could push it there, and then less of the control is covered than of them.
        if (others.length === 0) expect(overlap(at, anchor)).toBe(0);
      }),
    );
  });
});

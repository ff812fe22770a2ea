/** Where a hint's card stands: beside its control, over nothing that is needed. Pure; all numbers are CSS pixels of the window. */

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Placed {
  left: number;
  top: number;
  /** The side of the control that the card is on; null when it stands by itself. */
  side: 'left' | 'right' | 'above' | 'below' | null;
}

/** Between card and control, and between card and the edge of its room. */
export const GAP = 12;
export const MARGIN = 8;

const boxAt = (left: number, top: number, size: { width: number; height: number }): Box => ({
  left,
  top,
  right: left + size.width,
  bottom: top + size.height,
});

/** Square pixels that two boxes share. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

const inside = (box: Box, room: Box): boolean =>
  box.left >= room.left + MARGIN && box.right <= room.right - MARGIN && box.top >= room.top + MARGIN && box.bottom <= room.bottom - MARGIN;

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(value, high));

/**
 * The first place that covers nothing of `avoid`, nearest to the control first; when each covers something, the one that covers least.
 * The control itself is never covered as long as the room has a place beside it.
 *
 * @param anchor the control, or null when the hint is about none or it is out of sight
 * @param size the card's
 * @param room what the card must stay in
 * @param avoid what it should not cover
 */
export function place(anchor: Box | null, size: { width: number; height: number }, room: Box, avoid: readonly Box[]): Placed {
  const candidates: Placed[] = [];
  const lowest = room.bottom - MARGIN - size.height;
  const rightmost = room.right - MARGIN - size.width;
  if (anchor !== null) {
    const middle = clamp((anchor.top + anchor.bottom - size.height) / 2, room.top + MARGIN, lowest);
    const tops = [middle, clamp(anchor.bottom - size.height, room.top + MARGIN, lowest), clamp(anchor.top, room.top + MARGIN, lowest)];
    const lefts = [anchor.right - size.width, (anchor.left + anchor.right - size.width) / 2, anchor.left].map((left) => clamp(left, room.left + MARGIN, rightmost));
    for (const left of lefts) candidates.push({ left, top: anchor.bottom + GAP, side: 'below' });
    for (const top of tops) candidates.push({ left: anchor.left - GAP - size.width, top, side: 'left' });
    for (const left of lefts) candidates.push({ left, top: anchor.top - GAP - size.height, side: 'above' });
    for (const top of tops) candidates.push({ left: anchor.right + GAP, top, side: 'right' });
  }
  const lonely: Placed[] = [room.left + MARGIN, (room.left + room.right - size.width) / 2, rightmost].map((left) => ({ left, top: lowest, side: null }));
  const obstacles = anchor === null ? avoid : [...avoid, anchor];
  const fitting = candidates.filter(({ left, top }) => inside(boxAt(left, top, size), room));
  let best: Placed = lonely[0] ?? { left: room.left, top: room.top, side: null };
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of [...fitting, ...lonely]) {
    const box = boxAt(candidate.left, candidate.top, size);
    const covered = obstacles.reduce((sum, obstacle) => sum + overlap(box, obstacle), 0);
    if (covered < least) {
      best = candidate;
      least = covered;
    }
    if (covered === 0) break;
  }
  return { ...best, left: Math.round(best.left), top: Math.round(best.top) };
}

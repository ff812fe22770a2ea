/**
 * Where the rows of the table stand while it scrolls. Chromium puts nothing below 33,554,430 device px, which is 121 days of the main network in rows.
 * Beyond a limit below that, the box of all rows grows no higher, and an origin says which part of the list lies in it: row i stands at
 * `i * ROW_HEIGHT - origin`. Short ways of the scrollbar (wheel, keys) keep the origin, so that they move by as much as they say; long ones (the
 * thumb) set it by where in the box they end. Near both ends of the box the origin is that of the end: the first and the last row are reached exactly.
 * A list that fits has the origin 0 everywhere. Pure.
 */
export const ROW_HEIGHT = 32;
/** Rows that exist beyond each edge of what is in sight. */
const OVERSCAN_ROWS = 8;
/** The part of the box at each end of it in which px are px. */
const END_PART = 1 / 8;
const MOST_PX = 16_000_000;
const MOST_DEVICE_PX = 32_000_000;

export interface Place {
  /** How many rows there are. */
  readonly count: number;
  /** Px of rows in sight; 0 before it is measured. */
  readonly view: number;
  /** Px that the box of all rows may be high. */
  readonly limit: number;
  /** Px by which the box is scrolled. */
  readonly scroll: number;
  /** A whole number of px. */
  readonly origin: number;
}

export const START: Place = { count: 0, view: 0, limit: MOST_PX, scroll: 0, origin: 0 };

/** How high the box of all rows may be where a CSS px is that many device px: those are what Chromium counts. */
export const heightLimit = (devicePixelRatio: number): number => Math.min(MOST_PX, Math.floor(MOST_DEVICE_PX / devicePixelRatio));

const wholeHeight = (place: Place): number => place.count * ROW_HEIGHT;
/** Height of the box of all rows. */
export const boxHeight = (place: Place): number => Math.min(wholeHeight(place), place.limit);
/** How far down the list the sight begins, in px of the whole list. */
export const topOf = (place: Place): number => place.scroll + place.origin;

/** The origin that belongs to a place in the box. */
function originAt(place: Place, scroll: number): number {
  const box = boxHeight(place);
  const hidden = wholeHeight(place) - box;
  const end = box * END_PART;
  return hidden === 0 ? 0 : Math.round(hidden * Math.min(1, Math.max(0, (scroll - end) / (box - 2 * end))));
}

/** The place in the box that belongs to a place in the whole list: what `originAt` undoes. */
function scrollFor(place: Place, top: number): number {
  const [box, whole] = [boxHeight(place), wholeHeight(place)];
  const end = box * END_PART;
  if (top <= end) return top;
  if (top >= whole - end) return top - (whole - box);
  return end + ((top - end) * (box - 2 * end)) / (whole - 2 * end);
}

/** The place at which the sight begins that far down the list, or as far as the list goes. */
function placedAt(place: Place, wanted: number): Place {
  const top = Math.max(0, Math.min(wanted, wholeHeight(place) - place.view));
  const origin = Math.round(top - scrollFor(place, top));
  return origin === place.origin && top - origin === place.scroll ? place : { ...place, scroll: top - origin, origin };
}

/** Px from which a way is a long one: more than keys and wheels go at once, less than the thumb does for half a px of the mouse. */
const longWay = ({ limit, view }: Place): number => Math.max(2 * view, limit / (4 * Math.max(1, view)));

/** After the box was scrolled by that much. */
export function scrolled(place: Place, by: number): Place {
  const scroll = Math.max(0, place.scroll + by);
  const moved = { ...place, scroll, origin: Math.abs(by) > longWay(place) ? originAt(place, scroll) : place.origin };
  // Many short ways must not come to an end of the box that is none of the list.
  const near = (boxHeight(place) * END_PART) / 2;
  const atEnd = scroll < near || scroll > boxHeight(place) - near;
  return atEnd && moved.origin !== originAt(place, scroll) ? placedAt(moved, topOf(moved)) : moved;
}

/** Once the scrolling has ended: the same rows in sight, and the thumb where it belongs. */
export const rested = (place: Place): Place => placedAt(place, topOf(place));

/** Another size of the sight: the first row in it stays. */
export const measured = (place: Place, view: number, limit: number): Place =>
  view === place.view && limit === place.limit ? place : placedAt({ ...place, view, limit }, topOf(place));

/** Brings a row into sight, by the shortest way. */
export function revealed(place: Place, index: number): Place {
  const start = index * ROW_HEIGHT;
  const top = topOf(place);
  if (start < top || place.view < ROW_HEIGHT) return placedAt(place, start);
  return start + ROW_HEIGHT > top + place.view ? placedAt(place, start + ROW_HEIGHT - place.view) : place;
}

/** Another number of rows; the first one in sight has moved down by `moved` rows. Who is at the top sees what comes there. */
export const recounted = (place: Place, count: number, moved: number): Place =>
  placedAt({ ...place, count }, topOf(place) > ROW_HEIGHT ? topOf(place) + moved * ROW_HEIGHT : topOf(place));

/** The first row of which something is in sight. */
export const firstInSight = (place: Place): number => Math.max(0, Math.min(place.count - 1, Math.floor(topOf(place) / ROW_HEIGHT)));

/** The first row that is wholly in sight. */
export const firstWhole = (place: Place): number => Math.max(0, Math.min(place.count - 1, Math.ceil(topOf(place) / ROW_HEIGHT)));

/** The rows that exist, first and last; none when the last one is before the first. */
export function range(place: Place): readonly [first: number, last: number] {
  const last = Math.ceil((topOf(place) + place.view) / ROW_HEIGHT) - 1;
  return [Math.max(0, firstInSight(place) - OVERSCAN_ROWS), Math.min(place.count - 1, last + OVERSCAN_ROWS)];
}

/** Where a row stands in the box. One that is kept far out of sight stands at an end of it: it must not make the box larger. */
export const rowTop = (place: Place, index: number): number =>
  Math.max(0, Math.min(boxHeight(place) - ROW_HEIGHT, index * ROW_HEIGHT - place.origin));

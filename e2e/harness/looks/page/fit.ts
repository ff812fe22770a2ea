/**
 * Runs in the page: measures whether everything that is shown fits. Boxes are in CSS px of the viewport. Shared by the tests of small windows and
 * of zoom; they get it as one script (see launch.ts).
 */
interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Px that a box may stand out: layout rounds, borders are half inside. */
const SLACK = 1.5;
/** Px of two words that may touch: letters seldom fill their boxes. */
const TOUCH = 2;
/** Share of a line's box above and below its letters. */
const LEADING = 0.2;
/** Height of a line in a text field. */
const LINE = 24;

const CONTROLS = 'a[href], button, input, textarea, select, summary, [role=button], [role=tab], [role=option], [role=slider], [tabindex="0"]';
/** What lies over everything else by design. */
const LAYERS = '[data-region=toasts], [role=dialog], [role=alertdialog], [role=menu], .toasts, .hint';

const shape = ({ left, top, right, bottom }: Box): Box => ({ left, top, right, bottom });
const meet = (a: Box, b: Box): Box => ({
  left: Math.max(a.left, b.left),
  top: Math.max(a.top, b.top),
  right: Math.min(a.right, b.right),
  bottom: Math.min(a.bottom, b.bottom),
});
const empty = (box: Box): boolean => box.right - box.left <= 0 || box.bottom - box.top <= 0;
const viewport = (): Box => ({ left: 0, top: 0, right: innerWidth, bottom: innerHeight });

/** For the report: what a person would call it. */
function called(element: Element): string {
  const name = (element.getAttribute('aria-label') ?? element.textContent).trim().replace(/\s+/g, ' ').slice(0, 50);
  const kind = element.id === '' ? element.getAttribute('class')?.split(' ').slice(0, 2).join('.') : `#${element.id}`;
  return `<${element.tagName.toLowerCase()}${kind === undefined || kind === '' ? '' : ` ${kind}`}> "${name}"`;
}

function shown(element: Element): boolean {
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
}

/** Words for screen readers only are clipped to nothing. */
function forEars(element: Element): boolean {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const { clipPath, position } = getComputedStyle(at);
    if (clipPath === 'inset(50%)' && position !== 'static') return true;
  }
  return false;
}

interface Cut {
  /** What is left of the box after all that clips it; empty when it is scrolled out of sight. */
  seen: Box;
  /** The ancestor that takes a part away for good, which no scrolling brings back. */
  by: Element | null;
}

/** The strip of blocks is a camera over a longer chain: what stands at its sides is cut, and reached by the arrow keys. */
const underCamera = (element: Element): boolean => element.closest('[role=listbox]') !== null;

/** Follows a box through everything around it that clips or scrolls. */
function clipped(start: Element, box: Box): Cut {
  const camera = underCamera(start);
  let seen = box;
  for (let at: Element | null = start; at !== null && at !== document.documentElement; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (at !== start || start.childElementCount === 0) {
      const frame = shape(at.getBoundingClientRect());
      for (const [axis, low, high] of [['overflowX', 'left', 'right'], ['overflowY', 'top', 'bottom']] as const) {
        if (style[axis] === 'visible') continue;
        const out = Math.max(frame[low] - seen[low], seen[high] - frame[high]);
        const forGood = (style[axis] === 'hidden' || style[axis] === 'clip') && !(axis === 'overflowX' && camera);
        if (out > SLACK && forGood) return { seen, by: at };
        seen = { ...seen, [low]: Math.max(seen[low], frame[low]), [high]: Math.min(seen[high], frame[high]) };
      }
    }
    if (empty(seen)) return { seen, by: null };
    if (style.position === 'fixed') break;
  }
  return { seen, by: null };
}

/** Whether the page itself scrolls down, as it may at a large zoom. Sideways it never may. */
const pageScrolls = (): boolean => document.documentElement.scrollHeight > innerHeight + 1;

function leavesViewport(seen: Box): boolean {
  if (seen.left < -SLACK || seen.right > innerWidth + SLACK) return true;
  return !pageScrolls() && (seen.top < -SLACK || seen.bottom > innerHeight + SLACK);
}

function controls(): Element[] {
  return [...document.querySelectorAll(CONTROLS)].filter((element) => shown(element) && !forEars(element) && element.getBoundingClientRect().width > 1);
}

interface Word {
  element: Element;
  text: string;
  box: Box;
}

/** Every run of letters in sight, line by line. */
function words(): Word[] {
  const all: Word[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (element === null || text === '' || ['SCRIPT', 'STYLE', 'TEXTAREA', 'OPTION'].includes(element.tagName) || !shown(element) || forEars(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const line of range.getClientRects()) {
      const lead = line.height * LEADING;
      if (line.width > 1) all.push({ element, text, box: { left: line.left, right: line.right, top: line.top + lead, bottom: line.bottom - lead } });
    }
  }
  return all;
}

/** Whether the whole of a shortened text can be had all the same: as a title, or because its box shows that it goes on. */
function shortenedFairly(word: Word, by: Element): boolean {
  const style = getComputedStyle(by);
  if (style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none') return false;
  for (let at: Element | null = word.element, steps = 0; at !== null && steps < 4; at = at.parentElement, steps += 1) {
    if (at.hasAttribute('title') || at.hasAttribute('aria-label')) return true;
  }
  return false;
}

function overlaps<T extends { element: Element; box: Box }>(all: readonly T[], least: number, report: (a: T, b: T) => void): void {
  for (const [index, a] of all.entries()) {
    for (const b of all.slice(index + 1)) {
      const common = meet(a.box, b.box);
      if (common.right - common.left <= least || common.bottom - common.top <= least) continue;
      if (a.element === b.element || a.element.contains(b.element) || b.element.contains(a.element)) continue;
      if (a.element.closest(LAYERS) !== b.element.closest(LAYERS)) continue;
      report(a, b);
    }
  }
}

/** One sentence for each thing that is cut off, out of sight for good, or under something else. */
export function faults(): string[] {
  const found = new Set<string>();
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.add(`the page scrolls sideways: ${String(root.scrollWidth)} px in ${String(innerWidth)}`);
  const boxes: { element: Element; box: Box }[] = [];
  for (const element of controls()) {
    const { seen, by } = clipped(element, shape(element.getBoundingClientRect()));
    if (by !== null) found.add(`${called(element)} is cut off by ${called(by)}`);
    else if (!empty(seen) && leavesViewport(seen)) found.add(`${called(element)} stands out of the window`);
    if (by === null && !empty(seen) && element.getAttribute('role') !== 'listbox') boxes.push({ element, box: seen });
  }
  overlaps(boxes, SLACK, (a, b) => found.add(`${called(a.element)} and ${called(b.element)} overlap`));
  const lines: Word[] = [];
  for (const word of words()) {
    const { seen, by } = clipped(word.element, word.box);
    if (by !== null) {
      if (!shortenedFairly(word, by)) found.add(`"${word.text.slice(0, 60)}" is cut off by ${called(by)}`);
    } else if (!empty(seen)) {
      if (leavesViewport(seen)) found.add(`"${word.text.slice(0, 60)}" stands out of the window`);
      lines.push({ ...word, box: seen });
    }
  }
  overlaps(lines, TOUCH, (a, b) => found.add(`"${a.text.slice(0, 40)}" and "${b.text.slice(0, 40)}" overlap`));
  return [...found];
}

/** Boxes that have more in them than they show, and a bar to move it. */
export function scrolling(): string[] {
  const boxes = [...document.querySelectorAll('*')].filter((element) => {
    const { overflowX, overflowY } = getComputedStyle(element);
    const down = /auto|scroll/.test(overflowY) && element.scrollHeight > element.clientHeight + 1;
    const sideways = /auto|scroll/.test(overflowX) && element.scrollWidth > element.clientWidth + 1;
    return (down || sideways) && shown(element) && !forEars(element);
  });
  return boxes.map(called);
}

const wanted: Element[] = [];

/** Counts what Tab must reach; `step` knows them by their place in this list. */
export function beginTabbing(): number {
  wanted.length = 0;
  for (const element of document.querySelectorAll<HTMLElement>(`${CONTROLS}, [tabindex]`)) {
    if (element.tabIndex >= 0 && shown(element) && !element.matches(':disabled') && element.closest('[inert]') === null) wanted.push(element);
  }
  (document.activeElement as HTMLElement | null)?.blur();
  scrollTo(0, 0);
  return wanted.length;
}

/** What has the focus: its place in the list, and what is wrong with where it stands. */
export function step(): { index: number; problem: string | null } {
  const element = document.activeElement;
  if (element === null || element === document.body) return { index: -1, problem: null };
  const index = wanted.indexOf(element);
  const box = shape(element.getBoundingClientRect());
  const { seen, by } = clipped(element, box);
  const inSight = meet(seen, viewport());
  const share = ((inSight.right - inSight.left) * (inSight.bottom - inSight.top)) / ((box.right - box.left) * (box.bottom - box.top));
  const fits = box.bottom - box.top <= innerHeight && box.right - box.left <= innerWidth;
  // Of a text field the browser brings the line with the caret into sight.
  const enough = element instanceof HTMLTextAreaElement ? Math.min(0.98, LINE / (box.bottom - box.top)) : 0.98;
  if (by !== null || empty(inSight) || (fits && share < enough)) return { index, problem: `${called(element)} has the focus and is not wholly in sight` };
  const top = document.elementFromPoint((inSight.left + inSight.right) / 2, (inSight.top + inSight.bottom) / 2);
  const covered = fits && top !== null && top !== element && !element.contains(top) && !top.contains(element) && !(top instanceof HTMLLabelElement);
  return { index, problem: covered ? `${called(element)} has the focus under ${called(top)}` : null };
}

/** Names of what Tab did not come to. */
export const missed = (reached: readonly number[]): string[] => wanted.filter((_, index) => !reached.includes(index)).map(called);

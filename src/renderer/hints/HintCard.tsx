import { type CSSProperties, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { IDS } from '../app/shortcuts.ts';
import { ctrlName } from '../lib/keys.ts';
import { useEscape } from '../lib/use-escape.ts';
import { useNode } from '../store/index.ts';
import { hideHints, useHints } from './hints-store.ts';
import { type Box, overlap, place, type Placed } from './place.ts';
import { factsOf } from './steps.ts';
import { type Anchor, type Words, wordsOf } from './words.ts';
import './hints.css';

/** What a card must leave free: the chain, the controls that a hint may name, the rows and headings of the panels. */
const NEEDED = ['.stage-frame', `#${IDS.data}`, `#${IDS.mine}`, `#${IDS.spawn}`, '.add-peer', '.peer', '.panel-head'].join(', ');

function controlOf(anchor: Anchor): HTMLElement | null {
  switch (anchor?.kind) {
    case 'mine':
      return document.getElementById(IDS.mine);
    case 'spawn':
      return document.getElementById(IDS.spawn);
    case 'peer':
      return document.getElementById(`peer-${anchor.key}`);
    case undefined:
      return null;
  }
}

/** A peer is pointed at as a row: the row says who it is, and what can be pressed is at its end. */
const pointedAt = (control: HTMLElement | null): HTMLElement | null => control?.closest<HTMLElement>('.peer') ?? control;

function wordsNow(): Words | null {
  const { hints } = useHints.getState();
  const facts = factsOf(useNode.getState());
  return hints === null || facts === null ? null : wordsOf(hints, facts);
}

/** The words of the hint that stands; the same object as long as they are the same. */
function useWords(): Words | null {
  const hints = useHints((state) => state.hints);
  const [words, setWords] = useState<Words | null>(null);
  useEffect(() => {
    const read = (): void => {
      const next = wordsNow();
      setWords((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
    };
    read();
    return hints === null ? undefined : useNode.subscribe(read);
  }, [hints]);
  return words;
}

interface Standing extends Placed {
  /** Where the pointer meets the card, from its top or left. */
  pointer: number;
  /** The control exists and cannot be seen. */
  away: boolean;
}

function measure(card: HTMLElement, anchor: Anchor): Standing {
  const main = document.querySelector('.app-main');
  const seen = (main ?? document.documentElement).getBoundingClientRect();
  const room: Box = { left: 0, top: Math.max(0, seen.top), right: window.innerWidth, bottom: Math.min(window.innerHeight, seen.bottom) };
  const pointed = pointedAt(controlOf(anchor));
  const target = pointed?.getBoundingClientRect();
  const shows = target !== undefined && overlap(target, room) >= 0.6 * target.width * target.height;
  const avoid = [...document.querySelectorAll(NEEDED)].filter((element) => element !== pointed).map((element) => element.getBoundingClientRect());
  const size = { width: card.offsetWidth, height: card.offsetHeight };
  const active = document.activeElement;
  const focus = active === null || active === document.body || active.clientHeight > size.height || card.contains(active) ? null : active.getBoundingClientRect();
  const placed = place(shows ? target : null, size, room, avoid, focus);
  const at = controlOf(anchor)?.getBoundingClientRect();
  const sideways = placed.side === 'left' || placed.side === 'right';
  const along = at === undefined ? 0 : sideways ? (at.top + at.bottom) / 2 - placed.top : (at.left + at.right) / 2 - placed.left;
  const length = sideways ? size.height : size.width;
  return { ...placed, pointer: Math.round(Math.max(18, Math.min(length - 18, along))), away: target !== undefined && !shows };
}

const same = (a: Standing | null, b: Standing): boolean =>
  a !== null && a.left === b.left && a.top === b.top && a.side === b.side && a.pointer === b.pointer && a.away === b.away;

/** Keeps the card beside its control, whatever moves: the window, the scroll, the panels' content. */
function useStanding(words: Words | null): [ref: (element: HTMLElement | null) => void, standing: Standing | null] {
  const [standing, setStanding] = useState<Standing | null>(null);
  const [card, setCard] = useState<HTMLElement | null>(null);
  const anchor = words?.anchor ?? null;
  const key = JSON.stringify(anchor);
  const latest = useRef(anchor);
  useLayoutEffect(() => {
    latest.current = anchor;
    if (card === null) return undefined;
    let frame: number | null = null;
    const now = (): void => {
      frame = null;
      const next = measure(card, latest.current);
      setStanding((before) => (same(before, next) ? before : next));
    };
    const soon = (): void => {
      frame ??= requestAnimationFrame(now);
    };
    now();
    const sizes = new ResizeObserver(soon);
    sizes.observe(card);
    for (const element of document.querySelectorAll('.app-main, .panel, .peers')) sizes.observe(element);
    const control = pointedAt(controlOf(anchor));
    if (control !== null) sizes.observe(control);
    const off = useNode.subscribe(soon);
    window.addEventListener('resize', soon);
    window.addEventListener('scroll', soon, true);
    window.addEventListener('focusin', soon);
    return () => {
      if (frame !== null) cancelAnimationFrame(frame);
      sizes.disconnect();
      off();
      window.removeEventListener('resize', soon);
      window.removeEventListener('scroll', soon, true);
      window.removeEventListener('focusin', soon);
    };
    // `key` stands for the anchor, whose object is new with every word.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [card, key, words]);
  const apart = standing?.side === null && !standing.away;
  useLayoutEffect(() => {
    // A card that found no place beside its control cannot point at it: the control is marked instead.
    const control = apart ? pointedAt(controlOf(latest.current)) : null;
    control?.setAttribute('data-hinted', '');
    return () => control?.removeAttribute('data-hinted');
  }, [apart, key, words]);
  return [useCallback((element: HTMLElement | null) => setCard(element), []), standing];
}

const ELSE: readonly { key: (ctrl: string) => string; what: string }[] = [
  { key: (ctrl) => `${ctrl} K`, what: 'finds blocks, runs every command' },
  { key: () => 'F5', what: 'presents the chain to a room' },
  { key: () => 'T', what: 'lists every block in a table' },
];

function Card({ words }: { words: Words }) {
  const [ref, standing] = useStanding(words);
  const element = useRef<HTMLElement | null>(null);
  // A card that goes while it has the focus gives it to the control that it was about.
  const hide = (): void => {
    const control = controlOf(words.anchor) ?? document.getElementById(IDS.mine);
    const inside = element.current?.contains(document.activeElement) === true;
    hideHints();
    if (inside) control?.focus();
  };
  const show = (): void => {
    const control = controlOf(words.anchor);
    pointedAt(control)?.scrollIntoView({ block: 'center' });
    control?.focus();
  };
  const style: CSSProperties & { '--pointer'?: string } =
    standing === null ? { visibility: 'hidden' } : { left: standing.left, top: standing.top, '--pointer': `${standing.pointer}px` };
  return (
    <section
      ref={(node) => {
        element.current = node;
        ref(node);
      }}
      className="hint"
      data-region="hints"
      data-side={standing?.side ?? 'none'}
      data-step={words.number}
      aria-label="First minute"
      style={style}
    >
      <h2>{words.title}</h2>
      <p>{words.text}</p>
      {words.last && (
        <dl>
          {ELSE.map(({ key, what }) => (
            <div key={what}>
              <dt>
                <kbd>{key(ctrlName())}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      )}
      <div className="hint-foot">
        <span className="hint-count">
          Step {words.number} of {words.steps}
        </span>
        {standing?.away === true && (
          <button type="button" className="link" onClick={show}>
            Show me where
          </button>
        )}
        <button type="button" className="link" aria-keyshortcuts="Escape" onClick={hide}>
          {words.last ? 'Close' : 'Hide hints'}
        </button>
      </div>
    </section>
  );
}

/** The hints of the first minute: one small card that asks for nothing but what comes next, and never takes the focus. */
export function HintCard({ hidden }: { hidden: boolean }) {
  const words = useWords();
  const shown = hidden ? null : words;
  useEscape(shown !== null, hideHints);
  return (
    <>
      {/* There before it has something to say: a live region that comes with its words is not read. */}
      <p className="sr-only" aria-live="polite">
        {shown === null ? '' : `${shown.title}. ${shown.text}`}
      </p>
      {shown !== null && <Card words={shown} />}
    </>
  );
}

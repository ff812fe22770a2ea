import { useEffect, useMemo, useRef, useState } from 'react';
import { sortPeers, useNode } from '../store/index.ts';
import { useTamper } from '../tamper/tamper-store.ts';
import { detailOfTamper, headlineOfTamper } from '../tamper/words.ts';
import { headlineExpiry, headlineOf, type Headline } from './headline.ts';
import { ANNOUNCE_MS } from './limits.ts';

/** The headline for the store's state, also when only the time has changed it. */
export function useHeadline(): Headline | null {
  const node = useNode((state) => state.node);
  const chain = useNode((state) => state.chain);
  const peers = useNode((state) => state.peers);
  const lastReorg = useNode((state) => state.lastReorg);
  const lastLost = useNode((state) => state.lastLost);
  const sync = useNode((state) => state.sync);
  const status = useNode((state) => state.mining?.status);
  const height = useNode((state) => state.mining?.height);
  // Only what just happened depends on the time: it is looked at when something happens, and again when its moment is over.
  const [now, setNow] = useState(() => Date.now());
  const [heard, setHeard] = useState({ lastReorg, lastLost });
  if (heard.lastReorg !== lastReorg || heard.lastLost !== lastLost) {
    setHeard({ lastReorg, lastLost });
    setNow(() => Date.now());
  }

  useEffect(() => {
    if (headlineExpiry({ lastReorg, lastLost }, now) === null) return undefined;
    // It may be over already: what a hidden window hears comes late.
    const wait = headlineExpiry({ lastReorg, lastLost }, Date.now()) ?? 0;
    const timer = setTimeout(() => setNow(Date.now()), wait + 1);
    return () => clearTimeout(timer);
  }, [lastReorg, lastLost, now]);

  return useMemo(() => {
    if (node === null || chain === null) return null;
    const mining = status === undefined || height === undefined ? null : { status, height };
    return headlineOf({ node, chain, peers: sortPeers(peers.values()), lastReorg, lastLost, sync, mining, now });
  }, [node, chain, peers, lastReorg, lastLost, sync, status, height, now]);
}

/** Milliseconds to wait before something may be said again that was said last at `lastAt`. */
export function waitToSay(lastAt: number, now: number, every: number): number {
  return Math.max(0, lastAt + every - now);
}

/** `text`, but changing at most once in `every` ms: at once after a pause, else when the pause is over, with the last text. */
export function useSlowly(text: string, every: number): string {
  const [said, setSaid] = useState(text);
  const latest = useRef(text);
  const lastAt = useRef(Number.NEGATIVE_INFINITY);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  // The pause counts from when the page has said it, not from when it was decided: a busy window is late with that.
  const before = useRef(said);
  useEffect(() => {
    if (said === before.current) return;
    before.current = said;
    lastAt.current = performance.now();
  }, [said]);
  // One timer for all that comes meanwhile: were it set anew with every text, a flood of them would keep it from ever going off.
  useEffect(() => {
    latest.current = text;
    if (text === said || timer.current !== null) return;
    timer.current = setTimeout(
      () => {
        timer.current = null;
        setSaid(latest.current);
      },
      Math.ceil(waitToSay(lastAt.current, performance.now(), every)),
    );
  }, [text, said, every]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  return said;
}

/** The sentence in sight changes at once; the one that is read out waits its turn. */
export function HeadlineText() {
  const chain = useHeadline();
  const told = useTamper((state) => (state.target?.told === true ? state.report : null));
  const line = told === null ? chain : { headline: headlineOfTamper(told), detail: detailOfTamper(told) };
  const headline = line?.headline ?? 'Opening the chain';
  const detail = line?.detail ?? '';
  const announced = useSlowly(line === null ? '' : detail === '' ? `${headline}.` : `${headline}. ${detail}`, ANNOUNCE_MS);
  return (
    <div className="headline">
      <h1>{headline}</h1>
      <p>{detail}</p>
      <div className="sr-only" role="status" aria-label="Headline">
        {announced}
      </div>
    </div>
  );
}

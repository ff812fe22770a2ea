/**
 * The hints of the first minute as a state machine: what is true of the node → which hint stands. Pure. A step ends only when
 * what it asks for has really happened, whoever made it happen, so that a hint never says what is not so.
 *
 *   mine → spawn → cut → apart → mend → meet → more
 *
 * `apart`: the links are cut, no block was mined here since. `mend`: one was, and the other side has its turn. `meet`: a link is
 * whole again and the branches are compared. `more`: a reorg was seen, and the hints are over.
 */
import type { Preferences } from '../../shared/preferences.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import { shownName } from '../stage/text.ts';
import type { NodeState } from '../store/index.ts';

export type Step = Exclude<Preferences['hints'], 'unseen' | 'off'>;

/** The steps in their order, for "2 of 7". */
export const STEPS: readonly Step[] = ['mine', 'spawn', 'cut', 'apart', 'mend', 'meet', 'more'];

export interface HintPeer {
  key: string;
  name: string;
  state: PeerInfo['state'];
  verdict: PeerInfo['verdict'];
  height: number | null;
}

/** What of the node's state the hints depend on. */
export interface Facts {
  height: number;
  mining: boolean;
  zeroBits: number;
  /** In the order of their names. */
  peers: readonly HintPeer[];
  /** The last reorg that this window saw, as its number and what it moved; null when there was none. */
  reorg: { id: number; left: number; joined: number } | null;
}

/** How the first minute ended: blocks left our chain, or the other side's gave way to ours. */
export type Outcome = { kind: 'left'; left: number; joined: number; by: string | null } | { kind: 'stayed'; by: string | null };

export interface Hints {
  step: Step;
  /** Our height when the links were cut. */
  base: number;
  /** The last reorg that had happened by then; 0 for none. */
  reorgId: number;
  /** A peer was seen on another branch since a link was mended. */
  forked: boolean;
  /** The links were mended and nothing was undone: who to mine more with is said when the step comes round again. */
  again: boolean;
  outcome: Outcome | null;
}

/** A stranger's name in our sentence: one line, and isolated (U+2068, U+2069), so that it cannot turn the words around it. */
export function nameInSentence(peer: Pick<PeerInfo, 'name' | 'address'>): string {
  const name = shownName(peer.name, peer.address);
  return /^[\x20-\x7e]*$/.test(name) ? name : `\u2068${name}\u2069`;
}

export function factsOf(state: NodeState): Facts | null {
  const { chain, mining, lastReorg } = state;
  if (chain === null || state.phase === 'loading') return null;
  return {
    height: chain.tip.height,
    mining: mining?.status === 'mining',
    zeroBits: chain.nextRequiredZeroBits,
    peers: [...state.peers.values()]
      .map((peer) => ({ key: peer.key, name: nameInSentence(peer), state: peer.state, verdict: peer.verdict, height: peer.height ?? null }))
      .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.key < b.key ? -1 : 1)),
    reorg:
      lastReorg === null
        ? null
        : { id: lastReorg.id, left: lastReorg.value.disconnected.length, joined: lastReorg.value.connected.length },
  };
}

export const startAt = (step: Step): Hints => ({ step, base: 0, reorgId: 0, forked: false, again: false, outcome: null });

export const connectedOf = (facts: Facts): HintPeer[] => facts.peers.filter(({ state }) => state === 'connected');
export const cutOf = (facts: Facts): HintPeer[] => facts.peers.filter(({ state }) => state === 'cut');

function next(hints: Hints, facts: Facts): Hints {
  const connected = connectedOf(facts);
  const isCut = cutOf(facts).length > 0;
  const reorgId = facts.reorg?.id ?? 0;
  const only = connected.length === 1 ? (connected[0]?.name ?? null) : null;
  switch (hints.step) {
    case 'mine':
      return facts.height > 0 ? { ...hints, step: 'spawn' } : hints;
    case 'spawn':
      // A cut link was a link: whoever cut one already knows how to have it.
      return isCut || connected.some(({ verdict }) => verdict === 'same-tip') ? { ...hints, step: 'cut' } : hints;
    case 'cut':
      // One whole link is enough for every block to get through.
      return isCut && connected.length === 0 ? { ...hints, step: 'apart', base: facts.height, reorgId, forked: false } : hints;
    case 'apart':
      if (!isCut || connected.length > 0) return { ...hints, step: 'cut' };
      return facts.height > hints.base ? { ...hints, step: 'mend' } : hints;
    case 'mend':
      return !isCut || connected.length > 0 ? { ...hints, step: 'meet', forked: false } : hints;
    case 'meet': {
      const { reorg } = facts;
      if (reorg !== null && reorg.id > hints.reorgId) {
        return { ...hints, step: 'more', outcome: { kind: 'left', left: reorg.left, joined: reorg.joined, by: only } };
      }
      if (facts.peers.length === 0) return { ...hints, step: 'cut' };
      if (isCut && connected.length === 0) return { ...hints, step: 'mend' };
      if (connected.length > 0 && connected.every(({ verdict }) => verdict === 'same-tip')) {
        return hints.forked ? { ...hints, step: 'more', outcome: { kind: 'stayed', by: only } } : { ...hints, step: 'cut', again: true };
      }
      return hints.forked || !connected.some(({ verdict }) => verdict === 'other-branch') ? hints : { ...hints, forked: true };
    }
    case 'more':
      return hints;
  }
}

/** The hints after what is true now; the same object when nothing of theirs changed. */
export function advance(hints: Hints, facts: Facts): Hints {
  let now = hints;
  // Every way round the steps passes what has not happened yet, so this ends; the bound is for the proof of it.
  for (let turn = 0; turn < STEPS.length; turn += 1) {
    const then = next(now, facts);
    if (then === now) break;
    now = then;
  }
  return now;
}

/** Which hints a window opens with; null for none. Someone new has a chain that is nothing but its first block. */
export function opening(kept: Preferences['hints'], facts: Facts): Hints | null {
  if (kept === 'off') return null;
  if (kept === 'unseen') return facts.height === 0 ? advance(startAt('mine'), facts) : null;
  // The heights of the moment that was interrupted are gone: what is true now stands for them.
  return advance({ ...startAt(kept), base: facts.height, reorgId: facts.reorg?.id ?? 0 }, facts);
}

/**
 * The scenes of a presentation: what each does to this node, whether it can be done now and, if not, why; and the line that says
 * how the scene stands. Pure: every word follows from the node's state.
 */
import type { TamperReport } from '../../shared/tamper.ts';
import { connectedOf, cutOf, type Facts, factsOf, type HintPeer } from '../hints/steps.ts';
import { outcomeLine } from '../hints/words.ts';
import { formatNumber, listOf, plural } from '../lib/format.ts';
import { countInside, countWord, plainLine } from '../stage/text.ts';
import type { NodeState } from '../store/index.ts';
import { costText } from '../tamper/words.ts';

export const SCENE_IDS = ['mine', 'sync', 'fork', 'reorg', 'tamper', 'freeze'] as const;
export type SceneId = (typeof SCENE_IDS)[number];

export interface PresentFacts extends Facts {
  /** The node answers. */
  live: boolean;
  /** It takes connections, so that a spawned peer can reach it. */
  listening: boolean;
  /** Links are cut and none is whole. */
  frozen: boolean;
  /** A changed copy that is looked at: what the node says of it, and its data. */
  tampered: { report: TamperReport; text: string } | null;
  /** Number of the job that is mined, or was last. */
  job: number;
}

/** A scene that was begun, and what was true then. */
export interface Begun {
  id: SceneId;
  /** It mends links: Reorg, and Freeze network on its way back. */
  mends: boolean;
  height: number;
  reorgId: number;
  /** Keys of the peers of that moment. */
  known: readonly string[];
  /** Number of the last job, when nothing was mined. */
  idleJob?: number;
  /** A changed copy was looked at, so that the scene takes it back. */
  restores?: boolean;
}

export interface Scene {
  id: SceneId;
  label: string;
  possible: boolean;
  /** What it does; why it cannot be done now. */
  text: string;
}

export function presentFactsOf(state: NodeState, tampered: PresentFacts['tampered'] = null): PresentFacts | null {
  const facts = factsOf(state);
  if (facts === null) return null;
  return {
    ...facts,
    live: state.phase === 'live',
    listening: state.node?.p2p !== undefined,
    frozen: cutOf(facts).length > 0 && connectedOf(facts).length === 0,
    tampered,
    job: state.mining?.jobId ?? 0,
  };
}

const can = (id: SceneId, label: string, text: string): Scene => ({ id, label, possible: true, text });
const cannot = (id: SceneId, label: string, text: string): Scene => ({ id, label, possible: false, text });

const NOBODY = 'No peer is connected. Press Sync first.';

function mine(facts: PresentFacts): Scene {
  if (facts.mining) return can('mine', 'Stop mining', `Block ${formatNumber(facts.height + 1)} is being mined.`);
  return can('mine', 'Mine', 'Mines one block on this node.');
}

function sync(facts: PresentFacts): Scene {
  const label = 'Sync';
  if (!facts.listening) return cannot('sync', label, 'This node takes no connections.');
  if (facts.height === 0) return cannot('sync', label, 'There is nothing to fetch yet. Mine a block first.');
  if (facts.frozen) return cannot('sync', label, 'The links are cut. Press Reorg first.');
  return can('sync', label, 'Opens a new node, which fetches the chain.');
}

function fork(facts: PresentFacts): Scene {
  const label = 'Fork';
  if (facts.frozen) return cannot('fork', label, 'The links are cut already. Press Reorg to mend them.');
  if (connectedOf(facts).length === 0) return cannot('fork', label, NOBODY);
  if (facts.mining) return cannot('fork', label, 'A block is being mined. Stop it first.');
  return can('fork', label, 'Cuts every link and mines one block here.');
}

function reorg(facts: PresentFacts): Scene {
  if (cutOf(facts).length === 0) return cannot('reorg', 'Reorg', 'No link is cut. Press Fork first.');
  return can('reorg', 'Reorg', 'Mends every link. More work wins.');
}

/** Visible signs of the changed data that the line shows. */
const TOLD_GRAPHEMES = 48;
/** How far below the tip a block is changed, so that others stand on it; never the first one. */
const TAMPER_DEPTH = 3;
export const tamperHeight = (tipHeight: number): number => Math.max(1, tipHeight - TAMPER_DEPTH);

function tamper({ height, tampered }: PresentFacts): Scene {
  if (tampered !== null) return can('tamper', 'Restore', `Shows block ${formatNumber(tampered.report.height)} as it is.`);
  if (height < 2) return cannot('tamper', 'Tamper', 'No block stands on another yet. Mine two blocks first.');
  return can('tamper', 'Tamper', `Changes a copy of block ${formatNumber(tamperHeight(height))}.`);
}

function freeze(facts: PresentFacts): Scene {
  if (facts.frozen) return can('freeze', 'Thaw network', 'Mends every link of this node.');
  if (connectedOf(facts).length === 0) return cannot('freeze', 'Freeze network', NOBODY);
  return can('freeze', 'Freeze network', 'Cuts every link of this node.');
}

/** All scenes in the order in which they are shown. */
export function scenesOf(facts: PresentFacts): Scene[] {
  const scenes = [mine(facts), sync(facts), fork(facts), reorg(facts), tamper(facts), freeze(facts)];
  return facts.live ? scenes : scenes.map((scene) => ({ ...scene, possible: false, text: 'The node does not answer.' }));
}

const who = (peers: readonly HintPeer[]): string => (peers.length > 3 ? `${countInside(peers.length)} peers` : listOf(peers.map(({ name }) => name)));

function mineLine(begun: Begun, facts: PresentFacts): string {
  if (facts.mining) {
    return `Every try is another hash. The first with ${plural(facts.zeroBits, 'zero bit')} in front makes block ${formatNumber(facts.height + 1)}.`;
  }
  // Its job has not been heard of yet.
  if (facts.height === begun.height) return facts.job === begun.idleJob ? `Block ${formatNumber(facts.height + 1)} comes next.` : 'Mining stopped.';
  const connected = connectedOf(facts);
  const block = `Block ${formatNumber(facts.height)} stands.`;
  if (connected.length === 0) return `${block} Nobody is connected who could fetch it.`;
  const have = connected.filter(({ verdict }) => verdict === 'same-tip').length;
  const all = have === 1 ? who(connected) : have === 2 ? 'Both peers' : `All ${countInside(have)} peers`;
  if (have === connected.length) return `${block} ${all} ${have === 1 ? 'has' : 'have'} it too.`;
  return `${block} ${countWord(have)} of ${countInside(connected.length)} peers ${have === 1 ? 'has' : 'have'} it too.`;
}

function syncLine(begun: Begun, facts: PresentFacts): string {
  const fresh = facts.peers.find(({ key, state }) => state === 'connected' && !begun.known.includes(key));
  if (fresh === undefined) return 'A second window opens with a node of its own.';
  if (fresh.verdict === 'same-tip') return `${fresh.name} has caught up: the same last block stands in both windows.`;
  const at = fresh.height === null ? '' : ` It holds ${formatNumber(fresh.height)} of ${formatNumber(facts.height)}.`;
  return `${fresh.name} fetches the blocks that it lacks and checks each one.${at}`;
}

function forkLine(begun: Begun, facts: PresentFacts): string {
  const cut = cutOf(facts);
  if (cut.length === 0) return connectedOf(facts).length > 0 ? 'The links are being cut.' : 'The peers went away. Press Sync for a new one.';
  if (!facts.frozen) return `${who(connectedOf(facts))} came back meanwhile, so blocks get through. Press Fork again.`;
  const own = facts.height - begun.height;
  if (facts.mining) return `The links are cut. Block ${formatNumber(facts.height + 1)} is mined for this window alone.`;
  if (own === 0) return 'The links are cut. Press Mine for a block that only this window knows.';
  const needed = own + 1;
  const window = cut.length === 1 ? `the window of ${who(cut)}` : 'another window';
  return `Only this window knows block ${formatNumber(facts.height)}. Now mine ${needed === 1 ? 'one block' : `${countInside(needed)} blocks`} in ${window}, then press Reorg.`;
}

function meetLine(begun: Begun, facts: PresentFacts): string {
  const connected = connectedOf(facts);
  const { reorg } = facts;
  if (reorg !== null && reorg.id > begun.reorgId) {
    return outcomeLine({ kind: 'left', left: reorg.left, joined: reorg.joined, by: connected.length === 1 ? (connected[0]?.name ?? null) : null });
  }
  const other = connected.find(({ verdict }) => verdict === 'other-branch');
  if (other !== undefined) {
    if (other.height === facts.height) return 'Both branches hold as much work, so each node keeps its own. Mine one more block, here or there.';
    return `${other.name} follows another branch. The one with more work wins.`;
  }
  if (connected.length === 0) return facts.frozen ? 'The links are cut.' : 'The links are whole again. The nodes call each other.';
  if (connected.every(({ verdict }) => verdict === 'same-tip')) return 'All agree again. No block of this window was undone: no other branch had more work.';
  return 'The links are whole again. The nodes compare their branches.';
}

function tamperLine(begun: Begun, { tampered, reorg }: PresentFacts, busy: boolean): string {
  if (tampered === null && busy && begun.restores !== true) return 'A copy of a block is being changed.';
  if (tampered === null && begun.restores !== true && (reorg?.id ?? 0) > begun.reorgId) {
    return 'The copy is gone: a reorg changed the chain meanwhile. That was work, not the copy.';
  }
  if (tampered === null) return 'All is as it was. It was a copy: the chain never changed.';
  const { report, text } = tampered;
  const child = report.faults.find(({ step }) => step === 'child');
  const names = child === undefined ? '' : `Block ${formatNumber(child.height)} still names the old hash. `;
  return `The copy says “${plainLine(text, TOLD_GRAPHEMES)}”. ${names}${costText(report)}`;
}

/** How the scene that was begun stands now. `busy`: its command is still on its way. */
export function sceneLine(begun: Begun | null, facts: PresentFacts, busy = false): string {
  if (begun === null) return 'Choose a scene. Each is a real act of this node.';
  if (begun.mends) return meetLine(begun, facts);
  switch (begun.id) {
    case 'mine':
      return mineLine(begun, facts);
    case 'sync':
      return syncLine(begun, facts);
    case 'fork':
      return forkLine(begun, facts);
    case 'reorg':
      return meetLine(begun, facts);
    case 'tamper':
      return tamperLine(begun, facts, busy);
    case 'freeze':
      return facts.frozen ? 'Every link of this node is cut. It hears of nothing, and nobody hears of it.' : 'The links are being cut.';
  }
}

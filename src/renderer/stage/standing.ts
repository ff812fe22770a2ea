/** Who stands where: every node above the block that it holds. Pure. */
import type { HashHex } from '../../shared/blocks.ts';
import type { NodeInfo } from '../../shared/events.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import { formatNumber, listOf, plural } from '../lib/format.ts';
import { METRICS, type Metrics } from './canvas/zoom.ts';
import { columnLeft, EDGE_RIGHT } from './geometry.ts';
import type { ChainLayout } from './layout.ts';
import { MAX_AVATARS } from './limits.ts';
import { shownName } from './text.ts';

export interface Person {
  /** What the avatar is made from. */
  id: string;
  name: string;
  you: boolean;
}

export interface Stand {
  hash: HashHex;
  height: number;
  lane: number;
  /** The end of a side branch: avatars stand right of it instead of above. */
  atBranchEnd: boolean;
  /** You first, then by name; at most MAX_AVATARS. */
  shown: readonly Person[];
  /** Everybody, for words. */
  everyone: readonly Person[];
  /** How many more than `shown`. */
  more: number;
  /** `Elm, catching up`; empty where the place says it already. */
  label: string;
  /** `3 blocks, 2 behind`, at the end of a side branch. */
  sublabel: string;
  /** Columns to the right in which nobody else stands and no tile of this lane is; Infinity when free to the end. */
  freeColumns: number;
}

type StandingPeer = Pick<PeerInfo, 'key' | 'state' | 'nodeId' | 'address' | 'name' | 'tipHash'>;

/** Groups this node and its connected peers by the block that they hold; a peer on a block that is not drawn is left out. */
export function standsOf(
  layout: ChainLayout,
  you: Pick<NodeInfo, 'nodeId' | 'name'>,
  peers: Iterable<StandingPeer>,
): Stand[] {
  const byHash = new Map<HashHex, Person[]>();
  const add = (hash: HashHex, person: Person): void => {
    const others = byHash.get(hash);
    if (others === undefined) byHash.set(hash, [person]);
    else others.push(person);
  };
  if (layout.tipHash !== null) add(layout.tipHash, { id: you.nodeId, name: shownName(you.name, 'You'), you: true });
  for (const peer of peers) {
    if (peer.state !== 'connected' || peer.tipHash === undefined || !layout.blocks.has(peer.tipHash)) continue;
    add(peer.tipHash, { id: peer.nodeId ?? peer.address, name: shownName(peer.name, peer.address), you: false });
  }
  const stands: Stand[] = [];
  for (const [hash, people] of byHash) {
    const placed = layout.blocks.get(hash);
    if (placed === undefined) continue;
    people.sort((a, b) => Number(b.you) - Number(a.you) || a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1));
    const shown = people.slice(0, people.length > MAX_AVATARS ? MAX_AVATARS - 1 : MAX_AVATARS);
    const atBranchEnd = placed.lane > 0 && placed.isEnd;
    stands.push({
      hash,
      height: placed.block.height,
      lane: placed.lane,
      atBranchEnd,
      shown,
      everyone: people,
      more: people.length - shown.length,
      label: labelOf(layout, hash, people),
      sublabel: atBranchEnd ? branchWords(layout, hash) : '',
      freeColumns: Infinity,
    });
  }
  stands.sort((a, b) => a.height - b.height || a.lane - b.lane);
  return stands.map((stand) => ({ ...stand, freeColumns: freeColumns(stand, stands, layout) }));
}

function labelOf(layout: ChainLayout, hash: HashHex, people: readonly Person[]): string {
  const placed = layout.blocks.get(hash);
  if (placed === undefined || hash === layout.tipHash) return '';
  const names = people.length > 2 ? plural(people.length, 'peer') : listOf(people.map((person) => person.name));
  if (placed.lane === 0) return `${names}, catching up`;
  return placed.isEnd ? `${names} ${people.length === 1 ? 'is' : 'are'} here` : '';
}

function branchWords(layout: ChainLayout, tipHash: HashHex): string {
  const branch = layout.branches.find((candidate) => candidate.tipHash === tipHash);
  if (branch === undefined) return '';
  const length = plural(branch.hashes.length, 'block');
  const tip = layout.tipHash === null ? undefined : layout.blocks.get(layout.tipHash);
  const behind = (tip?.block.height ?? branch.tipHeight) - branch.tipHeight;
  if (behind === 0) return `${length}, as high`;
  return behind > 0 ? `${length}, ${formatNumber(behind)} behind` : `${length}, ${formatNumber(-behind)} higher`;
}

function freeColumns(stand: Stand, stands: readonly Stand[], layout: ChainLayout): number {
  if (stand.atBranchEnd) {
    const branch = layout.branches.find((candidate) => candidate.tipHash === stand.hash);
    return (branch?.freeUntil ?? Infinity) - stand.height;
  }
  const next = stands.find((other) => other.lane === stand.lane && other.height > stand.height);
  return next === undefined ? Infinity : next.height - stand.height;
}

/** `Held by you, Birch and Cedar`, for those who cannot see the avatars. */
export function holders(stand: Stand): string {
  const named = stand.everyone.slice(0, 4).map((person) => (person.you ? 'you' : person.name));
  const rest = stand.everyone.length - named.length;
  return `Held by ${listOf(rest > 0 ? [...named, `${formatNumber(rest)} others`] : named)}`;
}

/** Room for the avatars and words at the end of a side branch. */
const END_ROOM = 170;

/**
 * Where the strip ends on the right, in its own pixels: after the place of the next block, and after the words of those who stand
 * at a branch's end, if that is further.
 */
export function contentRight(tipHeight: number, lastHeight: number, stands: readonly Stand[], metrics: Metrics = METRICS.tile): number {
  let right = Math.max(columnLeft(tipHeight + 1, metrics), columnLeft(lastHeight, metrics)) + metrics.width;
  for (const stand of stands) {
    if (stand.atBranchEnd) right = Math.max(right, columnLeft(stand.height, metrics) + metrics.width + END_ROOM);
  }
  return right + EDGE_RIGHT;
}

/** Pixels that a stand's avatars take. */
const FACES = 66;

/**
 * The stands that can be drawn without covering each other where columns are narrow, the highest of each lane first served.
 * Whoever is left out is still named by their block's option.
 */
export function roomyStands(stands: readonly Stand[], metrics: Metrics): Stand[] {
  if (metrics.step === 'tile') return [...stands];
  const nextLeft = new Map<number, number>();
  const kept: Stand[] = [];
  for (const stand of [...stands].sort((a, b) => b.height - a.height)) {
    const at = columnLeft(stand.height, metrics);
    if (at + FACES > (nextLeft.get(stand.lane) ?? Infinity)) continue;
    nextLeft.set(stand.lane, at);
    kept.push(stand);
  }
  return kept.reverse();
}

/**
 * The one plain sentence that says what is true now, and a line of details. Pure: everything comes in, also the time.
 *
 * Which sentence wins, first match: what just happened (a reorg, for a moment); catching up; nobody there; who agrees; who is
 * ahead; alone among others. Names before numbers, one fact a sentence.
 */
import type { ChainState, LostPeer, MiningState, NodeInfo, ReorgInfo, SyncState } from '../../shared/events.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import { formatNumber, listOf } from '../lib/format.ts';
import { LOST_HEADLINE_MS, NAMED_CHARACTERS, NAMED_PEERS, REORG_HEADLINE_MS } from './limits.ts';
import { countInside, countWord, shownName } from './text.ts';

export interface HeadlineInput {
  node: Pick<NodeInfo, 'name'>;
  chain: Pick<ChainState, 'tip' | 'sideTips'>;
  peers: readonly HeadlinePeer[];
  /** `at` in ms since 1970. */
  lastReorg?: { at: number; value: Pick<ReorgInfo, 'disconnected' | 'connected' | 'forkHeight' | 'returnedTransactions'> } | null;
  /** `at` in ms since 1970. */
  lastLost?: { at: number; value: LostPeer } | null;
  sync?: SyncState | null;
  mining?: Pick<MiningState, 'status' | 'height'> | null;
  /** Milliseconds since 1970. */
  now: number;
}

export type HeadlinePeer = Pick<
  PeerInfo,
  'key' | 'state' | 'address' | 'name' | 'verdict' | 'height' | 'tipHash' | 'blocksBehind' | 'kept' | 'attempts' | 'lastError'
>;

export interface Headline {
  headline: string;
  /** One or two short sentences; empty when the headline says it all. */
  detail: string;
}

interface Groups {
  connected: HeadlinePeer[];
  same: HeadlinePeer[];
  other: HeadlinePeer[];
  behind: HeadlinePeer[];
  ahead: HeadlinePeer[];
  unknown: HeadlinePeer[];
  /** Kept or being dialled, not connected. */
  absent: HeadlinePeer[];
  /** Their link is cut until it is mended. */
  cut: HeadlinePeer[];
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A right-to-left name is isolated (U+2068, U+2069): it must not reorder the sentence around it. */
function isolated(name: string): string {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

const nameOf = (peer: HeadlinePeer): string => isolated(shownName(peer.name, peer.address));

function groupPeers(peers: readonly HeadlinePeer[]): Groups {
  const sorted = [...peers].sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en') || (a.key < b.key ? -1 : 1));
  const connected = sorted.filter((peer) => peer.state === 'connected');
  const having = (verdict: PeerInfo['verdict']): HeadlinePeer[] => connected.filter((peer) => peer.verdict === verdict);
  return {
    connected,
    same: having('same-tip'),
    other: having('other-branch'),
    behind: having('behind'),
    ahead: having('ahead'),
    unknown: having('unknown'),
    absent: sorted.filter((peer) => peer.state === 'waiting' || peer.state === 'connecting'),
    cut: sorted.filter((peer) => peer.state === 'cut'),
  };
}

/** `Birch and Cedar`, or null when there are too many to name or the names are too long. */
function names(peers: readonly HeadlinePeer[]): string | null {
  if (peers.length > NAMED_PEERS) return null;
  const text = listOf(peers.map(nameOf));
  return text.length > NAMED_CHARACTERS && peers.length > 1 ? null : text;
}

/** Subject of a sentence: `Dune`, `Dune and Elm`, `Twelve peers` in digits from eleven on. */
function subject(peers: readonly HeadlinePeer[]): string {
  return names(peers) ?? `${countWord(peers.length)} peers`;
}

const verb = (peers: readonly HeadlinePeer[], one: string, many: string): string => (peers.length === 1 ? one : many);

function agreement(same: readonly HeadlinePeer[], block: string): string {
  if (same.length > NAMED_PEERS || names(same) === null) return `You and ${formatNumber(same.length)} others agree on ${block}`;
  return `${listOf(['You', ...same.map(nameOf)])} agree on ${block}`;
}

function blockWords(height: number): string {
  return height === 0 ? 'the first block' : `block ${formatNumber(height)}`;
}

/** What the peers that are not on our tip do, one sentence a group, whose links are cut and who left; at most two, the gravest first. */
function dissent(groups: Groups, chain: HeadlineInput['chain'], lost: string): string[] {
  const lines: string[] = [];
  const { other, ahead, behind } = groups;
  if (other.length > 0) {
    const fork = forkOf(other, chain);
    const since = fork === undefined ? '' : ` since ${blockWords(fork)}`;
    const branch = groups.same.length === 0 || other.length > 1 ? since : '';
    lines.push(`${subject(other)} ${verb(other, 'follows', 'follow')} ${onOneBranch(other, chain) ? 'another branch' : 'other branches'}${branch}.`);
  }
  if (ahead.length > 0) lines.push(`${subject(ahead)} ${verb(ahead, 'is', 'are')} ahead.`);
  if (behind.length > 0) lines.push(`${subject(behind)} ${verb(behind, 'is', 'are')} catching up.`);
  if (groups.cut.length > 0) lines.push(cutLine(groups.cut));
  if (lost !== '') lines.push(lost);
  return lines.slice(0, 2);
}

/** False when they stand on different tips that are ends of branches: then they are on more than one. */
function onOneBranch(peers: readonly HeadlinePeer[], chain: HeadlineInput['chain']): boolean {
  const ends = new Set(peers.map((peer) => peer.tipHash).filter((hash) => chain.sideTips.some((tip) => tip.hash === hash)));
  return ends.size < 2;
}

function cutLine(cut: readonly HeadlinePeer[]): string {
  const who = names(cut) ?? `${formatNumber(cut.length)} peers`;
  return cut.length === 1 ? `The link to ${who} is cut.` : `The links to ${who} are cut.`;
}

/** Whether something that happened at `at` is no news any more; a clock that was set back must not keep it for as long. */
const isOver = (at: number, now: number, span: number): boolean => Math.abs(now - at) >= span;

/** Who left a moment ago and why; empty when nobody did, or when they are back. The node's sentences speak of the peer as "It". */
function lostLine({ lastLost, peers, now }: HeadlineInput): string {
  if (lastLost === null || lastLost === undefined || isOver(lastLost.at, now, LOST_HEADLINE_MS)) return '';
  const { name, text } = lastLost.value;
  if (peers.some((peer) => peer.name === name)) return '';
  const shown = isolated(shownName(name, ''));
  return text.startsWith('It ') ? `${shown}${text.slice(2)}` : `${shown} is gone. ${text}`;
}

/** Why nobody of these is there: what one of them did when it is known, or else that they are silent. The node's sentences speak of the peer as "It". */
function absence(absent: readonly HeadlinePeer[]): string {
  const [only] = absent;
  if (only !== undefined && absent.length === 1 && only.lastError?.startsWith('It ') === true) return `${nameOf(only)}${only.lastError.slice(2)}`;
  const who = names(absent);
  if (who === null) return `None of ${formatNumber(absent.length)} kept peers answers.`;
  return `${who} ${verb(absent, 'does', 'do')} not answer.`;
}

/** Where the branch of these peers left ours, when they are all on one that we store. */
function forkOf(peers: readonly HeadlinePeer[], chain: HeadlineInput['chain']): number | undefined {
  const hash = peers[0]?.tipHash;
  if (hash === undefined || peers.some((peer) => peer.tipHash !== hash)) return undefined;
  return chain.sideTips.find((tip) => tip.hash === hash)?.forkHeight;
}

function reorgLine(reorg: NonNullable<HeadlineInput['lastReorg']>['value'], height: number): Headline {
  const left = reorg.disconnected.length;
  const joined = reorg.connected.length;
  const returned = reorg.returnedTransactions;
  const again =
    returned === 0 ? '' : ` ${countWord(returned)} ${returned === 1 ? 'transaction waits' : 'transactions wait'} again.`;
  return {
    headline: `${countWord(left)} ${left === 1 ? 'block' : 'blocks'} left, ${countInside(joined)} joined`,
    detail: `A branch from ${blockWords(reorg.forkHeight)} has more work: you now stand on block ${formatNumber(height)}.${again}`,
  };
}

function syncLine(sync: SyncState, groups: Groups): Headline | null {
  const missing = sync.bestHeaderHeight - sync.height;
  // One block on its way is the daily business of a node, no catching up.
  if (sync.phase === 'idle' || missing < 2) return null;
  const sources = groups.connected.filter((peer) => peer.verdict === 'ahead' || (peer.height ?? 0) > sync.height);
  const from = names(sources);
  const left = sync.secondsLeft === undefined ? '' : `, about ${timeLeft(sync.secondsLeft)} left`;
  const rate = sync.blocksPerSecond >= 1 ? `${formatNumber(Math.round(sync.blocksPerSecond))} blocks a second${left}.` : '';
  const source = from === null || from === '' ? '' : `Blocks come from ${from}. `;
  return {
    headline: `Catching up: block ${formatNumber(sync.height)} of ${formatNumber(sync.bestHeaderHeight)}`,
    detail: `${source}${rate}`.trim() || `${countWord(missing)} blocks to go.`,
  };
}

function timeLeft(seconds: number): string {
  if (seconds < 90) return `${formatNumber(Math.max(1, Math.round(seconds)))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function nobodyLine(groups: Groups, height: number, mining: boolean, lost: string): Headline {
  const block = blockWords(height);
  const { absent, cut } = groups;
  if (absent.length === 0 && cut.length > 0) return { headline: `You are alone on ${block}`, detail: cutLine(cut) };
  if (absent.length === 0) {
    if (height > 0) return { headline: `You are alone on ${block}`, detail: `${lost} Add a peer or spawn one to compare chains.`.trimStart() };
    const step = mining ? 'You are mining block 1.' : 'No other node is connected.';
    return { headline: 'You are alone on the first block', detail: `${lost} ${step}`.trimStart() };
  }
  const trying = absent.every((peer) => peer.attempts === 0);
  const who = names(absent);
  if (trying) return { headline: `You stand on ${block}`, detail: `Calling ${who ?? `${formatNumber(absent.length)} peers`}.` };
  return { headline: `You are alone on ${block}`, detail: `${absence(absent)} This node keeps trying; you can also add another peer.` };
}

/** The sentence for the state given. Same input, same words. */
export function headlineOf(input: HeadlineInput): Headline {
  const { chain, lastReorg, sync, now } = input;
  const groups = groupPeers(input.peers);
  const { height } = chain.tip;
  const block = blockWords(height);
  const mining = input.mining?.status === 'mining';

  if (lastReorg !== null && lastReorg !== undefined && !isOver(lastReorg.at, now, REORG_HEADLINE_MS)) {
    const line = reorgLine(lastReorg.value, height);
    return groups.cut.length === 0 ? line : { ...line, detail: `${line.detail} ${cutLine(groups.cut)}` };
  }
  if (sync !== null && sync !== undefined) {
    const line = syncLine(sync, groups);
    if (line !== null) return line;
  }
  const lost = lostLine(input);
  if (groups.connected.length === 0) return nobodyLine(groups, height, mining, lost);

  const lines = dissent(groups, chain, lost);
  if (groups.same.length > 0) return { headline: agreement(groups.same, block), detail: lines.join(' ') || quietLine(groups, input) };
  if (groups.ahead.length > 0) {
    const best = Math.max(...groups.ahead.map((peer) => peer.height ?? 0));
    const where = best > height ? `, on block ${formatNumber(best)}` : '';
    const rest = lines.filter((line) => !line.endsWith('ahead.'));
    return {
      headline: `${subject(groups.ahead)} ${verb(groups.ahead, 'is', 'are')} ahead${where}`,
      detail: [`You stand on ${block}.`, ...rest].slice(0, 2).join(' '),
    };
  }
  if (groups.other.length > 0) return { headline: `You are alone on ${block}`, detail: lines.join(' ') };
  if (groups.behind.length > 0) return { headline: `You are first on ${block}`, detail: lines.join(' ') };
  return { headline: `You stand on ${block}`, detail: silence(groups.unknown) };
}

/** Connected, and nothing known of their chains. */
const silence = (unknown: readonly HeadlinePeer[]): string => `${subject(unknown)} ${verb(unknown, 'has', 'have')} not named a block yet.`;

/** When all agree: what comes next. */
function quietLine(groups: Groups, { mining, chain }: HeadlineInput): string {
  if (mining?.status === 'mining') return `You are mining block ${formatNumber(mining.height)}.`;
  if (groups.absent.length > 0) return absence(groups.absent);
  if (groups.unknown.length > 0) return silence(groups.unknown);
  return chain.tip.height === 0 ? 'Press Mine block to find the next one.' : 'Everyone reached holds the same chain.';
}

/** Milliseconds until `headlineOf` may say something else with nothing new but the time; null when it will not. */
export function headlineExpiry({ lastReorg, lastLost }: Pick<HeadlineInput, 'lastReorg' | 'lastLost'>, now: number): number | null {
  const ends = [
    ...(lastReorg === null || lastReorg === undefined || isOver(lastReorg.at, now, REORG_HEADLINE_MS) ? [] : [lastReorg.at + REORG_HEADLINE_MS - now]),
    ...(lastLost === null || lastLost === undefined || isOver(lastLost.at, now, LOST_HEADLINE_MS) ? [] : [lastLost.at + LOST_HEADLINE_MS - now]),
  ].filter((left) => left > 0);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** How a peer's state reads. Pure. */
import type { ApiErrorShape } from '../../../shared/node-api.ts';
import type { PeerInfo } from '../../../shared/peers.ts';
import { formatCount, formatDuration, formatNumber } from '../../lib/format.ts';

export interface Verdict {
  text: string;
  tone: 'ok' | 'mine' | 'accent' | 'quiet' | 'bad';
}

/** Blocks between two tips. The row has room for four digits or a number of thousands; who is so far away is so only about. */
function formatDistance(blocks: number): string {
  if (blocks < 10_000) return formatNumber(blocks);
  return blocks < 999_500 ? `${String(Math.round(blocks / 1000))} K` : formatCount(blocks);
}

/** How a connected peer's tip relates to ours. */
export function verdictOf(peer: PeerInfo): Verdict {
  const distance = Math.abs(peer.blocksBehind ?? 0);
  const far = formatDistance(distance);
  switch (peer.verdict) {
    case 'same-tip':
      return { text: 'same tip', tone: 'ok' };
    case 'behind':
      return { text: distance > 0 ? `${far} behind` : 'catching up', tone: 'accent' };
    case 'ahead':
      return { text: distance > 0 ? `${far} ahead` : 'ahead', tone: 'accent' };
    case 'other-branch':
      return { text: 'other branch', tone: 'mine' };
    case 'unknown':
      return { text: 'tip unknown', tone: 'quiet' };
  }
}

/** What a peer without a connection is waiting for. `now` in ms. */
export function waitingFor(peer: PeerInfo, now: number): Verdict {
  if (peer.state === 'cut') return { text: peer.cutBy === 'them' ? `cut by ${peerName(peer)}` : 'cut by you', tone: 'bad' };
  if (peer.state === 'connecting') return { text: peer.attempts > 0 ? 'trying again' : 'connecting', tone: 'accent' };
  if (peer.nextRetryAt === undefined) return { text: 'not connected', tone: 'quiet' };
  const seconds = Math.max(0, Math.ceil((peer.nextRetryAt - now) / 1000));
  return { text: seconds === 0 ? 'trying again' : `retrying in ${formatDuration(seconds * 1000, 0)}`, tone: 'mine' };
}

/** What to call a peer: its name, or its address as long as it has not told one. */
export function peerName(peer: Pick<PeerInfo, 'name' | 'address'>): string {
  return peer.name === undefined || peer.name === '' ? peer.address : peer.name;
}

/** What the cutting and mending of links since `before` sounds like, for those who do not see the rows; empty when there is nothing to say. */
export function cutNews(before: ReadonlyMap<string, PeerInfo>, now: ReadonlyMap<string, PeerInfo>): string {
  const news: string[] = [];
  for (const [key, peer] of now) {
    const old = before.get(key);
    if (old === undefined) continue;
    const name = peerName(peer);
    if (peer.state === 'cut' && old.state !== 'cut') news.push(peer.cutBy === 'them' ? `${name} cut the link.` : `The link to ${name} is cut.`);
    else if (old.state === 'cut' && peer.state === 'connected') news.push(`The link to ${name} is mended.`);
  }
  // Many at once were one command.
  return news.length <= 2 ? news.join(' ') : `${String(news.length)} links were cut or mended.`;
}

const NEXT_STEPS: Partial<Record<ApiErrorShape['code'], string>> = {
  'not-an-address': 'Type a host and a port, such as 127.0.0.1:5002.',
  'bad-port': 'Correct the number after the colon.',
  self: 'Type the address of another node.',
  'already-connected': 'It is in the list of peers.',
  'nothing-answers': 'Start that node and add it again, or',
  'different-genesis': 'That node is on another network: start both with the same one.',
};

/** Why a peer was not added, and what to do next. The node gives the cause; only the form knows what can be done in it. */
export function addPeerSentence(error: ApiErrorShape): string {
  const next = NEXT_STEPS[error.code];
  return next === undefined ? error.message : `${error.message.replace(/\.$/, '')}. ${next}`;
}

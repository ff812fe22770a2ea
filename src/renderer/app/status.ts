/** What the status bar says. Pure. */
import type { ListenInfo, SyncState } from '../../shared/events.ts';
import { hostPort } from '../../shared/listen.ts';
import type { PeerInfo } from '../../shared/peers.ts';
import { hostOf, isLoopbackHost } from '../lib/address.ts';
import { formatDuration, formatNumber, plural } from '../lib/format.ts';

/** Where the node's traffic may go: a promise only while it is kept. */
export function reachSentence(p2p: ListenInfo | undefined, peers: Iterable<PeerInfo>): { text: string; local: boolean } {
  const outside = [...peers].filter(({ address, state }) => state !== 'cut' && !isLoopbackHost(hostOf(address) ?? address)).length;
  if (outside > 0) return { text: `Open network: ${plural(outside, 'peer')} outside this computer`, local: false };
  if (p2p !== undefined && !isLoopbackHost(p2p.host)) return { text: `Open network: others can reach ${hostPort(p2p)}`, local: false };
  return { text: 'Local network: nothing leaves this computer', local: true };
}

/** How far the node has caught up; null when it has. Rate and time left stand in the headline: here they would take a second line at 1280 pixels. */
export function syncSentence(sync: SyncState | null): string | null {
  if (sync === null || sync.phase === 'idle') return null;
  if (sync.phase === 'headers') return `Syncing headers: ${formatNumber(sync.bestHeaderHeight)}`;
  return `Syncing ${formatNumber(sync.height)} of ${formatNumber(sync.bestHeaderHeight)}`;
}

/** That the computer's clock was moved while the node ran; null while it was not. */
export function clockSentence(offMs: number | undefined): string | null {
  if (offMs === undefined) return null;
  const hours = Math.round(Math.abs(offMs) / 3_600_000);
  const far = hours < 24 ? formatDuration(Math.abs(offMs)) : plural(Math.round(hours / 24), 'day');
  return `Clock looks wrong: ${far} ${offMs > 0 ? 'ahead' : 'back'}`;
}

/** A total of bytes at a time in ms. */
export interface ByteSample {
  at: number;
  bytes: number;
}

/** Adds a sample and drops those that are out of the window, but for one, so that the rate spans all of it. */
export function addSample(samples: readonly ByteSample[], sample: ByteSample, windowMs: number): ByteSample[] {
  const all = [...samples, sample];
  const from = all.findLastIndex(({ at }) => at <= sample.at - windowMs);
  return from <= 0 ? all : all.slice(from);
}

/** Bytes per second between the first and the last sample; 0 with fewer than two. */
export function byteRate(samples: readonly ByteSample[]): number {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
}

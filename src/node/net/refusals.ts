import type { HashHex, RuleViolation } from '../../shared/blocks.ts';
import type { Rejection } from '../../shared/events.ts';
import type { Clock } from '../util/clock.ts';
import { NET_LIMITS } from './limits.ts';
import type { Message } from './messages.ts';
import type { Peer } from './peer.ts';
import { RecentSet, TokenBucket } from './rate-limit.ts';
import { cleanText } from './text.ts';

const REMEMBERED = 512;

/** What the window is told about refused blocks: each case once, no more than it can show, texts of others made harmless. */
export class Refusals {
  readonly #clock: Clock;
  readonly #emit: (rejection: Rejection) => void;
  readonly #told = new RecentSet<string>(REMEMBERED);
  readonly #bucket: TokenBucket;
  #closed = false;

  constructor(clock: Clock, emit: (rejection: Rejection) => void) {
    this.#clock = clock;
    this.#emit = emit;
    this.#bucket = new TokenBucket(NET_LIMITS.rejectionsPerSecond, NET_LIMITS.rejectionsPerSecond, clock.monotonic());
  }

  ours(peer: Peer, hash: HashHex, height: number | undefined, violation: RuleViolation): void {
    this.#tell(peer, { by: 'us', hash, ...(height === undefined ? {} : { height }), violation });
  }

  theirs(peer: Peer, message: Extract<Message, { type: 'reject' }>): void {
    const rule = cleanText(message.rule, NET_LIMITS.ruleBytes);
    const expected = cleanText(message.expected, NET_LIMITS.rejectTextBytes);
    const got = cleanText(message.got, NET_LIMITS.rejectTextBytes);
    const { hash, height } = message;
    const text = `rule ${rule}: ${got}, needed is ${expected}`;
    this.#tell(peer, { by: 'peer', hash, ...(height === undefined ? {} : { height }), violation: { rule, expected, got, message: text } });
  }

  close(): void {
    this.#closed = true;
  }

  #tell(peer: Peer, rejection: Rejection): void {
    const id = `${rejection.by} ${peer.nodeId ?? ''} ${rejection.hash ?? ''} ${rejection.violation.rule}`;
    if (this.#closed || this.#told.has(id) || !this.#bucket.take(this.#clock.monotonic())) return;
    this.#told.add(id);
    this.#emit({ ...rejection, peerKey: peer.key, peerName: cleanText(peer.name, NET_LIMITS.nodeNameBytes) });
  }
}

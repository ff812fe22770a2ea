import type { Random } from '../util/random.ts';
import { NET_LIMITS } from './limits.ts';

/** Milliseconds until the next dial after `attempts` failures in a row (at least 1): growing, bounded, jittered both ways. */
export function retryDelay(attempts: number, random: Random): number {
  const { reconnectFirstMs, reconnectLastMs, reconnectFactor, reconnectJitter } = NET_LIMITS;
  const plain = Math.min(reconnectLastMs, reconnectFirstMs * reconnectFactor ** Math.max(0, attempts - 1));
  const jitter = 1 + (random.float() * 2 - 1) * reconnectJitter;
  return Math.min(reconnectLastMs, Math.max(reconnectFirstMs, Math.round(plain * jitter)));
}

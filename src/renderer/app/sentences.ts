/** Sentences for what happened once. Names before numbers, the cause, then the next step. Pure. */
import type { Rejection, ReorgInfo } from '../../shared/events.ts';
import { formatNumber, plural } from '../lib/format.ts';

export interface Message {
  title: string;
  text: string;
}

/** `Birch rejected block 1,312`, with the rule's own sentence below; `more` other rejections came with it. */
export function rejectionSentence(rejection: Rejection, more: number): Message {
  const block = rejection.height === undefined ? 'a block' : `block ${formatNumber(rejection.height)}`;
  const who = rejection.peerName ?? 'a peer';
  const title =
    rejection.by === 'peer'
      ? `${rejection.peerName ?? 'A peer'} rejected ${block}`
      : rejection.peerKey === undefined
        ? `This node rejected ${block}`
        : `You rejected ${block} from ${who}`;
  return { title, text: more > 0 ? `${rejection.violation.message} ${plural(more, 'more rejection')}.` : rejection.violation.message };
}

/** What a reorg did to the active chain. */
export function reorgSentence(reorg: ReorgInfo): Message {
  const returned = reorg.returnedTransactions;
  const back = returned === 0 ? '' : ` ${plural(returned, 'transaction')} ${returned === 1 ? 'waits' : 'wait'} to be mined again.`;
  return {
    title: 'Another branch has more work',
    text:
      `After block ${formatNumber(reorg.forkHeight)}, ${plural(reorg.disconnected.length, 'block')} left the chain and ` +
      `${formatNumber(reorg.connected.length)} joined it.${back}`,
  };
}

/** What a hint says and beside which control it stands. Pure. One fact a sentence; a step that has to wait says for what. */
import { formatNumber, listOf, plural } from '../lib/format.ts';
import { countInside } from '../stage/text.ts';
import { connectedOf, cutOf, type Facts, type HintPeer, type Hints, type Outcome, STEPS } from './steps.ts';

/** The control that a hint is about: the button that mines, the one that spawns, or a peer's row. */
export type Anchor = { kind: 'mine' } | { kind: 'spawn' } | { kind: 'peer'; key: string } | null;

export interface Words {
  title: string;
  text: string;
  anchor: Anchor;
  /** 1 and up, of `steps`. */
  number: number;
  steps: number;
  /** The hints are over: what else there is stands below. */
  last: boolean;
}

type Said = Pick<Words, 'title' | 'text' | 'anchor'>;

/** Names that a sentence can carry; more are counted. */
const NAMED = 3;

function who(peers: readonly HintPeer[]): string {
  if (peers.length === 0) return 'the other nodes';
  return peers.length > NAMED ? `${countInside(peers.length)} peers` : listOf(peers.map(({ name }) => name));
}

const beginning = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function mine({ mining, zeroBits }: Facts): Said {
  const anchor: Anchor = { kind: 'mine' };
  if (mining) {
    return {
      title: 'Mining block 1',
      text: `Every try is another hash. The first with ${plural(zeroBits, 'zero bit')} in front makes the block; luck says when.`,
      anchor,
    };
  }
  return { title: 'Mine your first block', text: 'Press Mine block 1. This computer then tries numbers until one gives a hash that starts with enough zeros.', anchor };
}

function spawn(facts: Facts): Said {
  const anchor: Anchor = { kind: 'spawn' };
  const [first] = connectedOf(facts);
  if (first !== undefined) {
    const behind = first.verdict === 'behind';
    return {
      title: behind ? `${first.name} is catching up` : `${first.name} is here`,
      text: behind ? 'It fetches your blocks and checks each one by itself.' : 'Both nodes compare their chains.',
      anchor: { kind: 'peer', key: first.key },
    };
  }
  return {
    title: 'Spawn a peer',
    text: `A second window opens. It is a node of its own: it fetches ${facts.height === 1 ? 'block 1' : `your ${formatNumber(facts.height)} blocks`} from you and checks ${facts.height === 1 ? 'it' : 'each'}.`,
    anchor,
  };
}

function cut(hints: Hints, facts: Facts): Said {
  const connected = connectedOf(facts);
  const [first] = connected;
  if (first === undefined) {
    const calling = facts.peers.some(({ state }) => state === 'connecting');
    return {
      title: calling ? 'Calling the peer' : 'No peer is connected',
      text: calling ? 'The next step needs a link to cut.' : 'The next step needs one. Press Spawn a peer.',
      anchor: { kind: 'spawn' },
    };
  }
  const anchor: Anchor = { kind: 'peer', key: first.key };
  if (cutOf(facts).length > 0) {
    return {
      title: `Cut the link to ${who(connected)} too`,
      text: `${beginning(who(connected))} still ${connected.length === 1 ? 'passes' : 'pass'} every block on.`,
      anchor,
    };
  }
  const scissors = connected.length === 1 ? `Press the scissors in the row of ${first.name}.` : 'Press the scissors in every row.';
  if (hints.again) {
    return {
      title: 'Cut again for a fork',
      text: `Your blocks stayed, because no other branch had more work. ${scissors} Then mine more in the other window than here.`,
      anchor,
    };
  }
  if (connected.some(({ verdict }) => verdict !== 'same-tip')) {
    return { title: 'The nodes compare their chains', text: `When they agree, cut the link. ${scissors}`, anchor };
  }
  const agree = connected.length > NAMED ? `You and ${countInside(connected.length)} others agree` : `${listOf(['You', ...connected.map(({ name }) => name)])} agree`;
  return { title: agree, text: `${connected.length === 1 ? 'Both' : 'All'} hold the same block ${formatNumber(facts.height)}. Now cut the link. ${scissors}`, anchor };
}

function apart(facts: Facts): Said {
  return {
    title: facts.mining ? `Mining block ${formatNumber(facts.height + 1)}` : 'The link is cut',
    text: facts.mining
      ? `Only this window will know it: ${who(cutOf(facts))} cannot hear of it.`
      : `Neither side hears of the other now. Press Mine block ${formatNumber(facts.height + 1)} here.`,
    anchor: { kind: 'mine' },
  };
}

function mend(hints: Hints, facts: Facts): Said {
  const others = cutOf(facts);
  const [first] = others;
  const own = facts.height - hints.base;
  // A restart forgets how many were mined here; one is the least.
  const needed = countInside(Math.max(1, own) + 1);
  const window = others.length === 1 ? `the window of ${first?.name ?? 'the peer'}` : 'another window';
  return {
    title: `Now mine ${needed} blocks there`,
    text: `${beginning(who(others))} ${others.length === 1 ? 'does' : 'do'} not know your block ${formatNumber(facts.height)}. Mine ${needed} in ${window}, then come back and press Mend.`,
    anchor: first === undefined ? null : { kind: 'peer', key: first.key },
  };
}

function meet(facts: Facts): Said {
  const connected = connectedOf(facts);
  const other = connected.find(({ verdict }) => verdict === 'other-branch');
  if (other !== undefined) {
    if (other.height === facts.height) {
      return {
        title: 'A fork, and a tie',
        text: `Both branches hold as much work, so each node keeps its own. Mine one more block, here or in the window of ${other.name}.`,
        anchor: { kind: 'mine' },
      };
    }
    return { title: 'A fork', text: `${other.name} follows another branch. The one with more work wins.`, anchor: { kind: 'peer', key: other.key } };
  }
  const [first] = connected;
  if (first !== undefined) return { title: 'The link is mended', text: 'The nodes compare their branches.', anchor: { kind: 'peer', key: first.key } };
  const [absent] = facts.peers;
  const anchor: Anchor = absent === undefined ? null : { kind: 'peer', key: absent.key };
  if (absent?.state === 'waiting') {
    return { title: `${absent.name} does not answer`, text: 'Its window may be closed. Start it again, or spawn another peer.', anchor };
  }
  return { title: 'The link is mended', text: `This node calls ${absent?.name ?? 'its peer'} again.`, anchor };
}

/** What a reorg did, in one line. */
export function outcomeLine(outcome: Outcome): string {
  if (outcome.kind === 'left') {
    const whose = outcome.by === null ? 'Another branch' : `The branch of ${outcome.by}`;
    return `${whose} had more work: ${countInside(outcome.left)} of your blocks left the chain, ${countInside(outcome.joined)} joined it.`;
  }
  return `Your branch had more work. ${outcome.by === null ? 'The others' : outcome.by} let ${outcome.by === null ? 'their' : 'its'} own blocks go and took yours.`;
}

function more(outcome: Outcome | null): Said {
  if (outcome === null) return { title: 'That was the first minute', text: 'Nodes agreed, parted and agreed again.', anchor: null };
  return { title: 'That was a reorg', text: outcomeLine(outcome), anchor: null };
}

function said(hints: Hints, facts: Facts): Said {
  switch (hints.step) {
    case 'mine':
      return mine(facts);
    case 'spawn':
      return spawn(facts);
    case 'cut':
      return cut(hints, facts);
    case 'apart':
      return apart(facts);
    case 'mend':
      return mend(hints, facts);
    case 'meet':
      return meet(facts);
    case 'more':
      return more(hints.outcome);
  }
}

export function wordsOf(hints: Hints, facts: Facts): Words {
  return { ...said(hints, facts), number: STEPS.indexOf(hints.step) + 1, steps: STEPS.length, last: hints.step === 'more' };
}


import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerVerdict } from '../../../src/shared/peers.ts';
import { headlineExpiry, headlineOf, type HeadlineInput, type HeadlinePeer } from '../../../src/renderer/stage/headline.ts';
import { LOST_HEADLINE_MS, REORG_HEADLINE_MS } from '../../../src/renderer/stage/limits.ts';
import { inventHash } from './visual/world.ts';

const NOW = 1_800_000_000_000;
const TIP = inventHash('tip');

function peer(name: string, verdict: PeerVerdict, more: Partial<HeadlinePeer> = {}): HeadlinePeer {
  return { key: name, state: 'connected', address: '127.0.0.1:5002', name, verdict, kept: true, attempts: 0, ...more };
}

function input(height: number, peers: HeadlinePeer[], more: Partial<HeadlineInput> = {}): HeadlineInput {
  return {
    node: { name: 'Aster' },
    chain: { tip: { hash: TIP, height, time: 1_800_000_000, chainwork: '100' }, sideTips: [] },
    peers,
    now: NOW,
    ...more,
  };
}
const say = (height: number, peers: HeadlinePeer[], more: Partial<HeadlineInput> = {}) => headlineOf(input(height, peers, more));

describe('who agrees', () => {
  it('names up to three others', () => {
    expect(say(1317, [peer('Birch', 'same-tip'), peer('Cedar', 'same-tip')]).headline).toBe('You, Birch and Cedar agree on block 1,317');
    expect(say(5, [peer('Birch', 'same-tip')]).headline).toBe('You and Birch agree on block 5');
    expect(say(5, ['C', 'B', 'A'].map((name) => peer(name, 'same-tip'))).headline).toBe('You, A, B and C agree on block 5');
  });

  it('names the peers whose links are cut beside what the others do', () => {
    const cut = (name: string): HeadlinePeer => peer(name, 'unknown', { state: 'cut' });
    expect(say(4, [peer('Cedar', 'same-tip'), cut('Birch')])).toEqual({ headline: 'You and Cedar agree on block 4', detail: 'The link to Birch is cut.' });
    expect(say(4, [peer('Cedar', 'behind'), cut('Birch'), cut('Dune')]).detail).toBe('Cedar is catching up. The links to Birch and Dune are cut.');
  });

  it('says why one is alone when links are cut', () => {
    const cut = (name: string): HeadlinePeer => peer(name, 'unknown', { state: 'cut' });
    expect(say(4, [cut('Birch')])).toEqual({ headline: 'You are alone on block 4', detail: 'The link to Birch is cut.' });
    expect(say(0, [cut('Birch'), cut('Cedar')]).detail).toBe('The links to Birch and Cedar are cut.');
    expect(say(4, Array.from({ length: 30 }, (_, index) => cut(`P${index}`))).detail).toBe('The links to 30 peers are cut.');
    expect(say(4, [cut('Birch'), peer('Cedar', 'same-tip')]).headline).toBe('You and Cedar agree on block 4');
  });

  it('counts more than three', () => {
    const many = Array.from({ length: 12 }, (_, index) => peer(`P${index}`, 'same-tip'));
    expect(say(1317, many).headline).toBe('You and 12 others agree on block 1,317');
    expect(say(1317, many.slice(0, 4)).headline).toBe('You and 4 others agree on block 1,317');
  });

  it('counts when the names are too long to read', () => {
    const long = ['A', 'B', 'C'].map((letter) => peer(letter.repeat(24), 'same-tip'));
    expect(say(7, long).headline).toBe('You and 3 others agree on block 7');
  });

  it('says who does not agree', () => {
    const line = say(1317, [
      peer('Birch', 'same-tip'),
      peer('Cedar', 'same-tip'),
      peer('Dune', 'other-branch'),
      peer('Elm', 'behind', { blocksBehind: 8 }),
    ]);
    expect(line).toEqual({
      headline: 'You, Birch and Cedar agree on block 1,317',
      detail: 'Dune follows another branch. Elm is catching up.',
    });
  });

  it('speaks of several at once, and of at most two groups', () => {
    const line = say(9, [
      peer('Birch', 'same-tip'),
      peer('Dune', 'other-branch'),
      peer('Fir', 'other-branch'),
      peer('Elm', 'behind'),
      peer('Gale', 'ahead'),
    ]);
    expect(line.detail).toBe('Dune and Fir follow another branch. Gale is ahead.');
    const crowd = Array.from({ length: 5 }, (_, index) => peer(`E${index}`, 'behind'));
    expect(say(9, [peer('Birch', 'same-tip'), ...crowd]).detail).toBe('Five peers are catching up.');
  });

  it('says what comes next when all agree', () => {
    const birch = [peer('Birch', 'same-tip')];
    expect(say(9, birch).detail).toBe('Everyone reached holds the same chain.');
    expect(say(9, birch, { mining: { status: 'mining', height: 10 } }).detail).toBe('You are mining block 10.');
    expect(say(9, [...birch, peer('Elm', 'unknown', { state: 'waiting', attempts: 2 })]).detail).toBe('Elm does not answer.');
    // Of one that has said nothing, nothing is known.
    expect(say(9, [...birch, peer('Elm', 'unknown')]).detail).toBe('Elm has not named a block yet.');
    expect(say(0, birch)).toEqual({ headline: 'You and Birch agree on the first block', detail: 'Press Mine block to find the next one.' });
  });
});

describe('who disagrees', () => {
  it('names the block at which they parted', () => {
    const hash = inventHash('other');
    const line = say(1317, [peer('Dune', 'other-branch', { tipHash: hash })], {
      chain: {
        tip: { hash: TIP, height: 1317, time: 0, chainwork: '100' },
        sideTips: [{ hash, height: 1315, forkHeight: 1312, chainwork: '80', branch: 'side' }],
      },
    });
    expect(line).toEqual({ headline: 'You are alone on block 1,317', detail: 'Dune follows another branch since block 1,312.' });
  });

  it('says when they are on different branches', () => {
    const [one, two] = [inventHash('one'), inventHash('two')];
    const chain: HeadlineInput['chain'] = {
      tip: { hash: TIP, height: 9, time: 0, chainwork: '100' },
      sideTips: [one, two].map((hash) => ({ hash, height: 8, forkHeight: 6, chainwork: '80', branch: 'side' })),
    };
    const on = (name: string, tipHash: string): HeadlinePeer => peer(name, 'other-branch', { tipHash });
    expect(say(9, [peer('Cedar', 'same-tip'), on('Birch', one), on('Dune', two)], { chain }).detail).toBe('Birch and Dune follow other branches.');
    expect(say(9, [peer('Cedar', 'same-tip'), on('Birch', one), on('Dune', one)], { chain }).detail).toBe('Birch and Dune follow another branch since block 6.');
  });

  it('says why the only one is not there, when it answered', () => {
    const waiting = (lastError: string): HeadlinePeer => peer('', 'unknown', { state: 'waiting', attempts: 1, lastError });
    expect(say(9, [waiting('It belongs to another network: its genesis block differs.')]).detail).toMatch(/^127\.0\.0\.1:5002 belongs to another network: its genesis block differs\. This node/);
    expect(say(9, [waiting('Nothing answers on 5002.')]).detail).toMatch(/^127\.0\.0\.1:5002 does not answer\./);
    expect(say(9, [peer('Birch', 'same-tip'), waiting('It was closed.')]).detail).toBe('127.0.0.1:5002 was closed.');
  });

  it('says who is ahead, and where', () => {
    expect(say(3, [peer('Birch', 'ahead', { height: 8 })])).toEqual({
      headline: 'Birch is ahead, on block 8',
      detail: 'You stand on block 3.',
    });
    expect(say(3, [peer('Birch', 'ahead', { height: 8 }), peer('Cedar', 'ahead', { height: 9 })]).headline).toBe(
      'Birch and Cedar are ahead, on block 9',
    );
    // More work at the same height or below: no number would make sense.
    expect(say(3, [peer('Birch', 'ahead', { height: 3 })]).headline).toBe('Birch is ahead');
  });

  it('says who is first', () => {
    expect(say(4, [peer('Birch', 'behind')])).toEqual({ headline: 'You are first on block 4', detail: 'Birch is catching up.' });
  });

  it('does not guess about a peer that has said nothing', () => {
    expect(say(4, [peer('Birch', 'unknown')])).toEqual({
      headline: 'You stand on block 4',
      detail: 'Birch has not named a block yet.',
    });
  });
});

describe('nobody there', () => {
  it('says so and what to do', () => {
    expect(say(3, [])).toEqual({ headline: 'You are alone on block 3', detail: 'Add a peer or spawn one to compare chains.' });
    expect(say(0, [])).toEqual({ headline: 'You are alone on the first block', detail: 'No other node is connected.' });
    expect(say(0, [], { mining: { status: 'mining', height: 1 } }).detail).toBe('You are mining block 1.');
  });

  it('tells calling from silence', () => {
    const calling = peer('', 'unknown', { state: 'connecting', address: '127.0.0.1:6006' });
    expect(say(3, [calling])).toEqual({ headline: 'You stand on block 3', detail: 'Calling 127.0.0.1:6006.' });
    const silent = [peer('Birch', 'same-tip', { state: 'waiting', attempts: 4 }), peer('Cedar', 'same-tip', { state: 'waiting', attempts: 1 })];
    expect(say(3, silent)).toEqual({
      headline: 'You are alone on block 3',
      detail: 'Birch and Cedar do not answer. This node keeps trying; you can also add another peer.',
    });
  });

  it('does not count a peer that the user cut', () => {
    expect(say(3, [peer('Birch', 'same-tip', { state: 'cut' })]).headline).toBe('You are alone on block 3');
  });
});

describe('a reorg', () => {
  const reorg = (left: number, joined: number, returned = 0) => ({
    at: NOW - 100,
    value: {
      disconnected: Array.from({ length: left }, (_, index) => inventHash(`left ${index}`)),
      connected: Array.from({ length: joined }, (_, index) => inventHash(`joined ${index}`)),
      forkHeight: 40,
      returnedTransactions: returned,
    },
  });

  it('is told in words', () => {
    const line = say(43, [peer('Dune', 'same-tip')], { lastReorg: reorg(2, 3, 1) });
    expect(line).toEqual({
      headline: 'Two blocks left, three joined',
      detail: 'A branch from block 40 has more work: you now stand on block 43. One transaction waits again.',
    });
    expect(say(43, [], { lastReorg: reorg(1, 2) }).headline).toBe('One block left, two joined');
    expect(say(43, [], { lastReorg: reorg(12, 14, 3) }).headline).toBe('12 blocks left, 14 joined');
    expect(say(43, [], { lastReorg: reorg(10, 11, 3) }).headline).toBe('Ten blocks left, 11 joined');
    expect(say(43, [], { lastReorg: reorg(1, 2, 3) }).detail).toMatch(/Three transactions wait again\.$/);
  });

  it('does not hide that a link is cut', () => {
    expect(say(43, [peer('Dune', 'unknown', { state: 'cut' })], { lastReorg: reorg(1, 2) }).detail).toMatch(/you now stand on block 43\. The link to Dune is cut\.$/);
  });

  it('gives way to the state when its moment is over', () => {
    const last = reorg(2, 3);
    const later = { lastReorg: last, now: last.at + REORG_HEADLINE_MS };
    expect(say(43, [peer('Dune', 'same-tip')], later).headline).toBe('You and Dune agree on block 43');
    expect(headlineExpiry({ lastReorg: last }, last.at + 1)).toBe(REORG_HEADLINE_MS - 1);
    expect(headlineExpiry({ lastReorg: last }, later.now)).toBeNull();
    expect(headlineExpiry({ lastReorg: null }, NOW)).toBeNull();
  });
});

describe('who left', () => {
  const left = (text = 'It was closed.', name = 'Birch') => ({ lastLost: { at: NOW - 1, value: { name, text } } });

  it('is said beside what is true now, also to whom it leaves alone', () => {
    expect(say(3, [], left())).toEqual({ headline: 'You are alone on block 3', detail: 'Birch was closed. Add a peer or spawn one to compare chains.' });
    expect(say(0, [], left()).detail).toBe('Birch was closed. No other node is connected.');
    expect(say(3, [peer('Cedar', 'same-tip')], left()).detail).toBe('Birch was closed.');
    expect(say(3, [peer('Cedar', 'behind')], left('It broke the rules too often.')).detail).toBe('Cedar is catching up. Birch broke the rules too often.');
    expect(say(3, [], left('The connection was lost.')).detail).toMatch(/^Birch is gone\. The connection was lost\. /);
  });

  it('not of one who is back, nor when its moment is over', () => {
    expect(say(3, [peer('Birch', 'same-tip')], left()).detail).toBe('Everyone reached holds the same chain.');
    const over = NOW - 1 + LOST_HEADLINE_MS;
    expect(say(3, [], { ...left(), now: over }).detail).toBe('Add a peer or spawn one to compare chains.');
    expect(headlineExpiry(left(), NOW)).toBe(LOST_HEADLINE_MS - 1);
    expect(headlineExpiry({ ...left(), lastReorg: { at: NOW - REORG_HEADLINE_MS + 5, value: { disconnected: [], connected: [], forkHeight: 0, returnedTransactions: 0 } } }, NOW)).toBe(5);
    expect(headlineExpiry(left(), over)).toBeNull();
  });

  it('a clock that was set back does not keep what happened, but for a little', () => {
    const lastReorg = { at: NOW, value: { disconnected: ['a'], connected: ['b', 'c'], forkHeight: 3, returnedTransactions: 0 } };
    const birch = [peer('Birch', 'same-tip')];
    for (const back of [3_600_000, LOST_HEADLINE_MS + REORG_HEADLINE_MS]) {
      const now = NOW - back;
      expect(say(9, birch, { lastReorg, now }).headline).toBe('You and Birch agree on block 9');
      expect(say(3, [], { ...left(), now }).detail).toBe('Add a peer or spawn one to compare chains.');
      expect(headlineExpiry({ ...left(), lastReorg }, now)).toBeNull();
    }
    expect(say(9, birch, { lastReorg, now: NOW - 5 }).headline).toBe('One block left, two joined');
  });

  it('keeps a name that runs from right to left apart, and cuts a long one', () => {
    expect(say(3, [], left('It was closed.', 'שלום')).detail).toContain('\u2068שלום\u2069 was closed.');
    expect(say(3, [], left('It was closed.', 'x'.repeat(500))).detail.length).toBeLessThan(200);
  });
});

describe('catching up', () => {
  const sync = { phase: 'blocks' as const, height: 812, bestHeaderHeight: 1317, blocksPerSecond: 120.4, secondsLeft: 4.2 };

  it('says how far, how fast and from whom', () => {
    expect(say(812, [peer('Birch', 'ahead', { height: 1317 })], { sync })).toEqual({
      headline: 'Catching up: block 812 of 1,317',
      detail: 'Blocks come from Birch. 120 blocks a second, about 4 s left.',
    });
    expect(say(812, [], { sync: { ...sync, blocksPerSecond: 0 } }).detail).toBe('505 blocks to go.');
    expect(say(812, [], { sync: { ...sync, secondsLeft: 1500 } }).detail).toContain('about 25 min left');
    expect(say(812, [], { sync: { ...sync, secondsLeft: 9000 } }).detail).toContain('about 3 h left');
  });

  it('does not make a fuss of one block', () => {
    const one = { ...sync, height: 1316 };
    expect(say(1316, [peer('Birch', 'same-tip')], { sync: one }).headline).toBe('You and Birch agree on block 1,316');
    expect(say(812, [peer('Birch', 'same-tip')], { sync: { ...sync, phase: 'idle' } }).headline).toMatch(/agree/);
  });
});

describe('names of strangers', () => {
  it('are cleaned, cut, and isolated when they run from right to left', () => {
    expect(say(5, [peer('Bi\u0000r\u202ech\n', 'same-tip')]).headline).toBe('You and Birch agree on block 5');
    expect(say(5, [peer('x'.repeat(200), 'same-tip')]).headline).toBe(`You and ${'x'.repeat(24)}… agree on block 5`);
    expect(say(5, [peer('שלום', 'same-tip')]).headline).toBe('You and \u2068שלום\u2069 agree on block 5');
    expect(say(5, [peer('\u200b', 'same-tip')]).headline).toBe('You and 127.0.0.1:5002 agree on block 5');
  });
});

describe('any state', () => {
  it('gives one short sentence, no exclamation mark, never undefined', () => {
    const anyPeer = fc.record({
      key: fc.string(),
      state: fc.constantFrom('connecting' as const, 'connected' as const, 'waiting' as const, 'cut' as const),
      address: fc.constant('127.0.0.1:5002'),
      name: fc.stringMatching(/^[A-Za-z]{1,40}$/),
      verdict: fc.constantFrom<PeerVerdict>('unknown', 'same-tip', 'behind', 'ahead', 'other-branch'),
      height: fc.nat(5000),
      kept: fc.boolean(),
      attempts: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.nat(3_000_000), fc.array(anyPeer, { maxLength: 40 }), (height, peers) => {
        const { headline, detail } = say(height, peers);
        expect(headline.length).toBeGreaterThan(5);
        expect(headline.length).toBeLessThan(120);
        expect(headline).not.toMatch(/[.!]$|undefined|null|NaN/);
        expect(detail).not.toMatch(/!|undefined|null|NaN/);
        if (detail !== '') expect(detail).toMatch(/\.$/);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { type Facts, type HintPeer, startAt, STEPS } from '../../../src/renderer/hints/steps.ts';
import { wordsOf } from '../../../src/renderer/hints/words.ts';

const facts = (over: Partial<Facts> = {}): Facts => ({ height: 1, mining: false, zeroBits: 20, peers: [], reorg: null, ...over });
const peer = (name: string, over: Partial<HintPeer> = {}): HintPeer => ({ key: name, name, state: 'connected', verdict: 'same-tip', height: 1, ...over });
const cut = (name: string): HintPeer => peer(name, { state: 'cut' });

describe('what a hint says', () => {
  it('names the control and the act of each step', () => {
    expect(wordsOf(startAt('mine'), facts({ height: 0 }))).toMatchObject({ title: 'Mine your first block', anchor: { kind: 'mine' }, number: 1, last: false });
    expect(wordsOf(startAt('mine'), facts({ height: 0, mining: true })).text).toContain('20 zero bits in front');
    expect(wordsOf(startAt('spawn'), facts())).toMatchObject({ title: 'Spawn a peer', anchor: { kind: 'spawn' } });
    expect(wordsOf(startAt('spawn'), facts({ peers: [peer('Birch', { verdict: 'behind', height: 0 })] }))).toMatchObject({ title: 'Birch is catching up' });
    expect(wordsOf(startAt('cut'), facts({ peers: [peer('Birch')] }))).toMatchObject({
      title: 'You and Birch agree',
      text: 'Both hold the same block 1. Now cut the link. Press the scissors in the row of Birch.',
      anchor: { kind: 'peer', key: 'Birch' },
    });
    expect(wordsOf({ ...startAt('apart'), base: 1 }, facts({ peers: [cut('Birch')] }))).toMatchObject({ title: 'The link is cut', anchor: { kind: 'mine' } });
    expect(wordsOf({ ...startAt('mend'), base: 1 }, facts({ height: 2, peers: [cut('Birch')] }))).toMatchObject({
      title: 'Now mine two blocks there',
      text: 'Birch does not know your block 2. Mine two in the window of Birch, then come back and press Mend.',
    });
    expect(wordsOf({ ...startAt('mend'), base: 1 }, facts({ height: 4, peers: [cut('Birch')] })).title).toBe('Now mine four blocks there');
  });

  it('waits in words when its event cannot happen', () => {
    expect(wordsOf(startAt('cut'), facts())).toMatchObject({ title: 'No peer is connected', anchor: { kind: 'spawn' } });
    expect(wordsOf(startAt('cut'), facts({ peers: [cut('Birch'), peer('Cedar')] }))).toMatchObject({ title: 'Cut the link to Cedar too', text: 'Cedar still passes every block on.' });
    expect(wordsOf({ ...startAt('meet'), base: 1 }, facts({ height: 2, peers: [peer('Birch', { state: 'waiting' })] })).title).toBe('Birch does not answer');
    expect(wordsOf({ ...startAt('cut'), again: true }, facts({ peers: [peer('Birch')] })).text).toContain('no other branch had more work');
  });

  it('tells a tie from a fork that is about to end', () => {
    const meet = { ...startAt('meet'), base: 1 };
    expect(wordsOf(meet, facts({ height: 2, peers: [peer('Birch', { verdict: 'other-branch', height: 2 })] })).title).toBe('A fork, and a tie');
    expect(wordsOf(meet, facts({ height: 3, peers: [peer('Birch', { verdict: 'other-branch', height: 2 })] })).title).toBe('A fork');
  });

  it('explains the reorg in one line', () => {
    const more = (outcome: Parameters<typeof wordsOf>[0]['outcome']): string => wordsOf({ ...startAt('more'), outcome }, facts()).text;
    expect(more({ kind: 'left', left: 1, joined: 2, by: 'Birch' })).toBe('The branch of Birch had more work: one of your blocks left the chain, two joined it.');
    expect(more({ kind: 'stayed', by: null })).toBe('Your branch had more work. The others let their own blocks go and took yours.');
    expect(wordsOf(startAt('more'), facts())).toMatchObject({ last: true, number: STEPS.length, anchor: null });
  });

  it('keeps to the rules of the copy in every state', () => {
    const crowds: HintPeer[][] = [
      [],
      [peer('Birch')],
      [cut('Birch')],
      [peer('Birch', { state: 'connecting' })],
      [peer('Birch', { state: 'waiting' })],
      [peer('Birch', { verdict: 'behind', height: 0 })],
      [peer('Birch', { verdict: 'other-branch' })],
      [peer('Birch', { verdict: 'unknown' })],
      [cut('Birch'), peer('Cedar')],
      Array.from({ length: 30 }, (_, i) => peer(`P${i}`)),
      Array.from({ length: 30 }, (_, i) => cut(`P${i}`)),
    ];
    for (const step of STEPS) {
      for (const peers of crowds) {
        for (const mining of [false, true]) {
          const { title, text } = wordsOf({ ...startAt(step), base: 1 }, facts({ height: 2, peers, mining }));
          expect(title).toMatch(/^[A-Z\d]/);
          expect(title).not.toMatch(/[.!]$/);
          expect(text).toMatch(/^[A-Z\d].*\.$/);
          expect(`${title} ${text}`).not.toMatch(/!|undefined|null|NaN|oops|orphan/i);
          expect(text.length).toBeLessThan(200);
        }
      }
    }
  });
});

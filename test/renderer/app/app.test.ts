import { describe, expect, it } from 'vitest';
import { rejectionSentence, reorgSentence } from '../../../src/renderer/app/sentences.ts';
import { commandOfKey, LETTERS } from '../../../src/renderer/app/shortcuts.ts';
import { addSample, byteRate, type ByteSample, clockSentence, reachSentence, syncSentence } from '../../../src/renderer/app/status.ts';
import { chainState, block, hashOf, peer } from '../store/helpers.ts';

describe('reachSentence', () => {
  const here = { host: '127.0.0.1', port: 5001 };
  it('promises only what is true', () => {
    expect(reachSentence(here, [peer('B'), peer('C', { address: '[::1]:5003' })])).toEqual({ text: 'Local network: nothing leaves this computer', local: true });
    expect(reachSentence(undefined, []).local).toBe(true);
    expect(reachSentence({ host: '0.0.0.0', port: 5001 }, [])).toEqual({ text: 'Open network: others can reach 0.0.0.0:5001', local: false });
    expect(reachSentence(here, [peer('B', { address: '192.168.1.2:5001' })])).toEqual({ text: 'Open network: 1 peer outside this computer', local: false });
    expect(reachSentence(here, [peer('B', { address: '192.168.1.2:5001', state: 'cut' })]).local).toBe(true);
  });
});

describe('syncSentence', () => {
  const sync = { phase: 'blocks' as const, height: 100, bestHeaderHeight: 9120, blocksPerSecond: 412.4, secondsLeft: 22 };
  it('is silent when there is nothing to catch up with', () => {
    expect(syncSentence(null)).toBeNull();
    expect(syncSentence({ ...sync, phase: 'idle' })).toBeNull();
  });
  it('says how far, and leaves rate and time to the headline', () => {
    expect(syncSentence(sync)).toBe('Syncing 100 of 9,120');
    expect(syncSentence({ ...sync, phase: 'headers' })).toBe('Syncing headers: 9,120');
  });
});

describe('clockSentence', () => {
  it('is silent while the clock runs as it should, and says how far and which way it was moved', () => {
    expect(clockSentence(undefined)).toBeNull();
    expect(clockSentence(-86_400_000)).toBe('Clock looks wrong: 1 day back');
    expect(clockSentence(86_399_991)).toBe('Clock looks wrong: 1 day ahead');
    expect(clockSentence(2 * 86_400_000)).toBe('Clock looks wrong: 2 days ahead');
    expect(clockSentence(20 * 60_000)).toBe('Clock looks wrong: 20 min ahead');
    expect(clockSentence(-5 * 3_600_000)).toBe('Clock looks wrong: 5 h back');
  });
});

describe('byteRate', () => {
  it('averages over the window and falls to zero in silence', () => {
    let samples: ByteSample[] = [];
    const rates: number[] = [];
    for (let second = 0; second <= 12; second += 1) {
      samples = addSample(samples, { at: second * 1000, bytes: Math.min(second, 4) * 1000 }, 5000);
      rates.push(byteRate(samples));
    }
    expect(rates[0]).toBe(0);
    expect(rates[4]).toBe(1000);
    expect(rates[12]).toBe(0);
    expect(samples.length).toBeLessThanOrEqual(6);
  });
});

describe('keys', () => {
  const press = (key: string, over = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, repeat: false, ...over });
  const free = { shortcuts: true, typing: false, dialogOpen: false };
  it('single letters run their command', () => {
    for (const { key, command } of LETTERS) {
      expect(commandOfKey(press(key.toLowerCase()), free)).toBe(command);
    }
    expect(commandOfKey(press('q'), free)).toBeNull();
  });
  it('but not while typing, in a dialog, switched off, held down, or with a modifier', () => {
    expect(commandOfKey(press('m'), { ...free, typing: true })).toBeNull();
    expect(commandOfKey(press('m'), { ...free, dialogOpen: true })).toBeNull();
    expect(commandOfKey(press('m'), { ...free, shortcuts: false })).toBeNull();
    for (const modifier of ['ctrlKey', 'metaKey', 'altKey', 'shiftKey', 'repeat']) {
      expect(commandOfKey(press('m', { [modifier]: true }), free)).toBeNull();
    }
  });
});

describe('sentences', () => {
  const violation = { rule: 'high-hash', expected: '20', got: '0', message: 'Its hash has 0 zero bits, 20 needed.' };
  it('UI-26 name who rejected what, and give the reason as it came', () => {
    expect(rejectionSentence({ by: 'peer', peerName: 'Birch', height: 1312, violation }, 0)).toEqual({
      title: 'Birch rejected block 1,312',
      text: 'Its hash has 0 zero bits, 20 needed.',
    });
    expect(rejectionSentence({ by: 'us', peerKey: 'k', peerName: 'Dune', violation }, 12)).toEqual({
      title: 'You rejected a block from Dune',
      text: 'Its hash has 0 zero bits, 20 needed. 12 more rejections.',
    });
    expect(rejectionSentence({ by: 'us', violation }, 0).title).toBe('This node rejected a block');
  });
  it('count what a reorg moved', () => {
    const tip = chainState(block('a3', 'a2', 3)).tip;
    const reorg = { forkHash: hashOf('a1'), forkHeight: 1, oldTip: tip, newTip: tip, disconnected: ['x'], connected: ['y', 'z'] };
    expect(reorgSentence({ ...reorg, returnedTransactions: 0 }).text).toBe('After block 1, 1 block left the chain and 2 joined it.');
    expect(reorgSentence({ ...reorg, returnedTransactions: 1 }).text).toContain('1 transaction waits to be mined again.');
    expect(reorgSentence({ ...reorg, returnedTransactions: 2 }).text).toContain('2 transactions wait to be mined again.');
  });
});

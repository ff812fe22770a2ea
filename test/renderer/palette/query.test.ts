import { describe, expect, it } from 'vitest';
import { IPC_LIMITS } from '../../../src/shared/ipc.ts';
import { MAX_FIND_TEXT } from '../../../src/renderer/lib/limits.ts';
import { blockLink } from '../../../src/renderer/lib/block-link.ts';
import { parseHeight, parseQuery, rank, rankAll } from '../../../src/renderer/palette/query.ts';

const NOTHING = { commands: null, peers: null, height: null, hash: null, text: null };

describe('parseQuery', () => {
  it('reads heights as people write them', () => {
    expect(parseHeight('1312')).toBe(1312);
    expect(parseHeight('1,312')).toBe(1312);
    expect(parseHeight('#0')).toBe(0);
    expect(parseHeight('1,000,000')).toBe(1_000_000);
    for (const wrong of ['', '1,31', '13,12', '-1', '1.5', '1e3', 'a1', '4294967296', '#']) expect(parseHeight(wrong), wrong).toBeNull();
    expect(parseHeight('4294967295')).toBe(0xffff_ffff);
  });

  it('takes digits for a height, a part of a hash and data at once', () => {
    expect(parseQuery(' 1312 ', 'run')).toEqual({ commands: '1312', peers: '1312', height: 1312, hash: '1312', text: '1312' });
    expect(parseQuery('13', 'run')).toMatchObject({ height: 13, hash: null, text: '13' });
    expect(parseQuery('1', 'run')).toMatchObject({ height: 1, text: null });
  });

  it('takes four hex digits and more for a part of a hash', () => {
    expect(parseQuery('BEEF', 'run').hash).toBe('beef');
    expect(parseQuery('bee', 'run').hash).toBeNull();
    expect(parseQuery('a'.repeat(64), 'run').hash).toBe('a'.repeat(64));
    expect(parseQuery('a'.repeat(65), 'run').hash).toBeNull();
    expect(parseQuery('beefy', 'run').hash).toBeNull();
    expect(parseQuery(blockLink('b'.repeat(64)), 'run')).toMatchObject({ hash: 'b'.repeat(64), height: null });
  });

  it('asks for one thing only behind a sign or in a mode', () => {
    expect(parseQuery('> mine', 'run')).toEqual({ ...NOTHING, commands: 'mine' });
    expect(parseQuery('@Birch', 'run')).toEqual({ ...NOTHING, peers: 'Birch' });
    expect(parseQuery('>1312', 'find')).toEqual({ ...NOTHING, text: '>1312' });
    expect(parseQuery('1312', 'height')).toEqual({ ...NOTHING, height: 1312 });
    expect(parseQuery('birch', 'height')).toEqual(NOTHING);
  });

  it('lists commands, and no peers, when nothing was typed', () => {
    expect(parseQuery('  ', 'run')).toEqual({ ...NOTHING, commands: '' });
  });

  it('never sends more than the bridge takes', () => {
    expect(MAX_FIND_TEXT).toBe(IPC_LIMITS.findText);
    expect(parseQuery('x'.repeat(1000), 'find').text).toHaveLength(IPC_LIMITS.findText);
  });
});

describe('rank', () => {
  it('puts the name before its parts, and those before other words', () => {
    expect(rank('mine a block', 'Mine a block')).toBe(0);
    expect(rank('mi', 'Mine a block')).toBe(1);
    expect(rank('bl mine', 'Mine a block')).toBe(2);
    expect(rank('start', 'Mine a block', 'start begin')).toBe(3);
    expect(rank('loc', 'Mine a block')).toBe(4);
    expect(rank('peer', 'Mine a block', 'start')).toBeNull();
  });

  it('lets everything through when nothing was typed, and nothing for signs alone', () => {
    expect(rank('', 'Anything')).toBe(0);
    expect(rank('!!', 'Anything')).toBeNull();
  });

  it('reads names in any script and any case', () => {
    expect(rank('ånG', 'Ångström')).toBe(1);
    expect(rank('木', '木 Birch')).toBe(1);
  });

  it('sorts by score, then as given, and cuts', () => {
    const names = ['Remove peer Birch', 'Birch', 'Birch bark', 'Cedar'];
    const all = rankAll('birch', names, (name) => ({ name }), 10);
    expect(all).toEqual(['Birch', 'Birch bark', 'Remove peer Birch']);
    expect(rankAll('', names, (name) => ({ name }), 2)).toEqual(['Remove peer Birch', 'Birch']);
  });
});

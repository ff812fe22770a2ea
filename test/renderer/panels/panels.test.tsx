import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { SUMMARY_DATA_LIMIT } from '../../../src/shared/blocks.ts';
import type { MiningState } from '../../../src/shared/events.ts';
import { sparkPath } from '../../../src/renderer/components/Sparkline.tsx';
import { badgeOf, checkedBy, checkedHow, checkOfRule, nextOf, timeOf } from '../../../src/renderer/panels/block/facts.ts';
import { readData } from '../../../src/renderer/lib/data-text.ts';
import { WorkNote } from '../../../src/renderer/panels/block/BlockPanel.tsx';
import { HashBars, HashText } from '../../../src/renderer/panels/block/HashBars.tsx';
import { AVERAGE_MARK, minedBy, otherData, waitingWords, workDone, workInWords } from '../../../src/renderer/panels/mine/progress.ts';
import { IdleReport, MiningReport } from '../../../src/renderer/panels/mine/reports.tsx';
import { rowAfterKey } from '../../../src/renderer/panels/peers/PeerList.tsx';
import { PeerRow } from '../../../src/renderer/panels/peers/PeerRow.tsx';
import { addPeerSentence, cutNews, verdictOf, waitingFor } from '../../../src/renderer/panels/peers/words.ts';
import { block, chainOf, chainState, hashOf, peer, snapshotOf } from '../store/helpers.ts';

/** What a reader sees: the markup without tags. */
const textOf = (markup: string): string => markup.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim();

describe('block', () => {
  it('says where it stands', () => {
    expect(badgeOf(block('a', null, 10), 15)).toEqual({ text: 'active chain, 5 on top', tone: 'ok' });
    expect(badgeOf(block('a', null, 15), 15).text).toBe('active chain, the tip');
    expect(badgeOf(block('a', null, 10, 'side'), 15)).toEqual({ text: 'stale branch', tone: 'mine' });
    expect(badgeOf(block('a', null, 10, 'invalid'), 15, 'bad-merkle-root')).toEqual({ text: 'invalid: bad-merkle-root', tone: 'bad' });
  });

  it('knows which check a rule belongs to', () => {
    expect(checkOfRule('high-hash')).toBe('Work');
    expect(checkOfRule('bad-prev-hash')).toBe('Parent');
    expect(checkOfRule('bad-merkle-root')).toBe('Data hash');
    expect(checkOfRule('time-too-old')).toBe('Time');
    expect(checkOfRule('coinbase-missing')).toBeNull();
  });

  it('shows a JSON string as text, anything else as its JSON', () => {
    expect(readData('"a\\nb"')).toEqual({ text: 'a\nb', isText: true });
    expect(readData('{"a":1}')).toEqual({ text: '{"a":1}', isText: false });
    expect(readData('{broken')).toEqual({ text: '{broken', isText: false });
  });

  it('steps to the child on the active chain first', () => {
    const base = { ...block('a', null, 1), version: 1, merkleRoot: '', headerHex: '', dataText: '""', transactions: [], confirmations: 1, difficulty: 1, zeroBits: 1, requiredZeroBits: 1, expectedHashes: 2 };
    expect(nextOf({ ...base, children: [] })).toBeNull();
    expect(nextOf({ ...base, children: [{ hash: 's', height: 2, branch: 'side' }, { hash: 'm', height: 2, branch: 'active' }] })).toBe('m');
    expect(nextOf({ ...base, children: [{ hash: 's', height: 2, branch: 'side' }] })).toBe('s');
  });

  it('says that this node checked it, in how long, and each check by itself', () => {
    const detail = { ...block('a', null, 1), version: 1, merkleRoot: '', headerHex: '', dataText: '""', transactions: [], children: [], confirmations: 1, difficulty: 1, zeroBits: 1, requiredZeroBits: 1, expectedHashes: 2 };
    const check = { hash: detail.hash, ms: 0.21, times: { read: 1.2, work: 0.012, parent: 0.02, time: 0.0001, data: 0.178 } };
    expect(checkedBy(detail, check)).toBe('checked by this node in 0.2 ms');
    expect(checkedBy(detail, null)).toBe('damaged on disk, asked for again');
    expect(checkedBy(detail, undefined)).toBe('');
    expect(checkedBy({ ...detail, origin: 'genesis' }, undefined)).toBe('built into this network');
    expect(checkedHow(check)).toBe('Read from disk just now in 1.2 ms and checked again: work 12 µs, parent 20 µs, data hash 0.2 ms, time 1 µs.');
    expect(timeOf('Time', { hash: '', ms: 0, times: {} })).toBe('');
  });

  it('says on which try it was found, in as many digits as the line has room for', () => {
    const work = { zeroBits: 20, requiredZeroBits: 20, expectedHashes: 1_050_000 };
    const note = (tries?: number): string => textOf(renderToStaticMarkup(<WorkNote detail={tries === undefined ? work : { ...work, tries }} />));
    expect(note(106_296)).toBe('20 zero bits in front, 20 needed. Found on try 106,296.');
    expect(note(1_340_859)).toBe('20 zero bits in front, 20 needed. Found on try 1.34 M.');
    expect(note()).toBe('20 zero bits in front, 20 needed, about 1.05 M tries.');
    expect(renderToStaticMarkup(<WorkNote detail={{ ...work, tries: 1_340_859 }} />)).toContain('title="Found on try 1,340,859; 1.05 M tries on average"');
  });

  it('draws the hash as 64 bars and says it in full', () => {
    const hash = `00000${'c'.repeat(59)}`;
    const bars = renderToStaticMarkup(<HashBars hash={hash} />);
    expect(bars.match(/<rect/g)).toHaveLength(64);
    expect(bars).toContain('aria-label="Hash drawn as 64 bars; the first 5 are zero"');
    expect(renderToStaticMarkup(<HashText hash={hash} />)).toContain(`Hash ${hash}`);
  });
});

describe('mining', () => {
  const idle = snapshotOf(chainOf('a', 4)).mining;
  const chain = chainState(block('a4', 'a3', 4));
  const busy: MiningState = { ...idle, status: 'mining', jobId: 1, hashes: 451_904, hashRate: 1_240_000, expectedHashes: 1_048_576, requiredZeroBits: 20, bestZeroBits: 18, workers: 7, kernel: 'wasm-simd' };

  it('UI-23 fills the bar by the chance to have found a block, and never to the end', () => {
    expect(workDone(0, 100)).toBe(0);
    expect(workDone(100, 100)).toBeCloseTo(AVERAGE_MARK, 10);
    expect(AVERAGE_MARK).toBeCloseTo(0.632, 3);
    expect(workDone(1e9, 100)).toBeLessThan(1);
    expect(workDone(5, 0)).toBe(0);
    const drawn = renderToStaticMarkup(<MiningReport mining={{ ...busy, hashes: 1e15 }} />);
    expect(drawn).toContain('style="width:99.50%"');
    expect(drawn).toContain('style="left:63.2%"');
    expect(workInWords(50, 100)).toBe('50% of what an average block needs');
    expect(workInWords(250, 100)).toBe('2.5 times what an average block needs');
  });

  it('shows rate, tries, average and closest miss', () => {
    const text = textOf(renderToStaticMarkup(<MiningReport mining={busy} />));
    expect(text).toBe('1.24 M tries a second , 7 threads, WebAssembly SIMD 451,904 tries average 1.05 M Closest so far: 18 of 20 zero bits');
  });

  it('says what mines, and what waits', () => {
    expect(minedBy(2, 'sha-ni')).toBe('2 threads, native SHA-NI');
    expect(minedBy(1, 'plain')).toBe('1 thread, Node’s own hashing');
    expect(minedBy(3, undefined)).toBe('3 threads');
    expect(minedBy(3, 'new-kernel')).toBe('3 threads, new-kernel');
    expect(waitingWords(0, 0)).toEqual({ short: '', full: '' });
    expect(waitingWords(2, 0)).toEqual({ short: '2 waiting', full: '2 blocks to be mined after this one.' });
    expect(waitingWords(1, 3)).toEqual({ short: '1 waiting, 3 transactions', full: '1 block to be mined after this one. 3 transactions for the next block.' });
  });

  it('names the data that is mined when it is not what the field says', () => {
    expect(otherData('one', 'one')).toBeNull();
    expect(otherData('one', 'one more')).toBe('one');
    expect(otherData('', 'typed since')).toBe('');
    const long = 'x'.repeat(SUMMARY_DATA_LIMIT);
    expect(otherData(long, `${long} and more`)).toBeNull();
    expect(otherData(long, 'y')).toBe(long);
  });

  it('says when the zeros are enough and the number is not', () => {
    const text = textOf(renderToStaticMarkup(<MiningReport mining={{ ...busy, bestZeroBits: 20, templateRenewals: 2 }} />));
    expect(text).toContain('20 of 20 zero bits, still too high');
    expect(text).toContain('Template renewed 2 times; no try is lost.');
  });

  it('tells how the last job ended', () => {
    const show = (lastResult: NonNullable<MiningState['lastResult']>): string =>
      textOf(renderToStaticMarkup(<IdleReport mining={{ ...busy, status: 'idle', lastResult }} chain={chain} />));
    expect(show({ jobId: 1, outcome: 'found', hashes: 451_904, hash: hashOf('a4'), height: 12 })).toContain('You found block 12 after 451,904 tries');
    expect(show({ jobId: 1, outcome: 'stopped', hashes: 1 })).toContain('Stopped after 1 try');
    expect(show({ jobId: 1, outcome: 'stopped', hashes: 1, dropped: 2 })).toContain('Stopped after 1 try. 2 waiting blocks were dropped. Press Mine to start again.');
    expect(show({ jobId: 1, outcome: 'stopped', dropped: 1 })).toContain('Stopped 1 waiting block was dropped. Press Mine to start again.');
    expect(show({ jobId: 1, outcome: 'found', hashes: 9, hash: hashOf('a4'), height: 12, dropped: 1 })).toContain('after 9 tries. 1 waiting block was dropped.');
    expect(show({ jobId: 1, outcome: 'failed', message: 'The disk is full.' })).toContain('The disk is full.');
    expect(textOf(renderToStaticMarkup(<IdleReport mining={idle} chain={chain} />))).toBe('2 tries on average 1 zero bit needed in front of the hash');
  });
});

describe('peers', () => {
  const show = (over: Parameters<typeof peer>[1]): string => renderToStaticMarkup(<PeerRow peer={peer('Birch', over)} now={10_000} onRemove={() => undefined} />);

  it('has a word for each verdict', () => {
    expect(verdictOf(peer('B')).text).toBe('same tip');
    expect(verdictOf(peer('B', { verdict: 'behind', blocksBehind: 8 })).text).toBe('8 behind');
    expect(verdictOf(peer('B', { verdict: 'ahead', blocksBehind: -3 })).text).toBe('3 ahead');
    const far = (blocksBehind: number): string => verdictOf(peer('B', { verdict: 'behind', blocksBehind })).text;
    expect([9_999, 10_000, 86_640, 999_499, 999_500].map(far)).toEqual(['9,999 behind', '10 K behind', '87 K behind', '999 K behind', '1.00 M behind']);
    expect(verdictOf(peer('B', { verdict: 'other-branch' })).text).toBe('other branch');
    expect(verdictOf(peer('B', { verdict: 'unknown' })).text).toBe('tip unknown');
    expect(verdictOf(peer('B', { verdict: 'behind' })).text).toBe('catching up');
  });

  it('counts down to the next try', () => {
    expect(waitingFor(peer('B', { state: 'waiting', nextRetryAt: 13_200 }), 10_000).text).toBe('retrying in 4 s');
    expect(waitingFor(peer('B', { state: 'waiting', nextRetryAt: 1_210_000 }), 10_000).text).toBe('retrying in 20 min');
    expect(waitingFor(peer('B', { state: 'waiting', nextRetryAt: 9000 }), 10_000).text).toBe('trying again');
    expect(waitingFor(peer('B', { state: 'connecting' }), 10_000).text).toBe('connecting');
  });

  it('UI-25 a link that was cut says who did it, and offers to mend it', () => {
    expect(waitingFor(peer('Birch', { state: 'cut', cutBy: 'us' }), 0).text).toBe('cut by you');
    expect(waitingFor(peer('Birch', { state: 'cut', cutBy: 'them' }), 0).text).toBe('cut by Birch');
    const ghost = show({ state: 'cut', cutBy: 'them', address: '127.0.0.1:5002' });
    expect(textOf(ghost)).toBe('B Birch , outbound, 127.0.0.1:5002 cut by Birch Mend');
    expect(ghost).toContain('aria-label="Mend the link to Birch"');
    expect(ghost).toContain('class="peer cut"');
    expect(show({})).toContain('aria-label="Cut the link to Birch"');
  });

  it('says to a screen reader what was cut and mended, and by whom', () => {
    const rows = (...peers: ReturnType<typeof peer>[]) => new Map(peers.map((each) => [each.key, each]));
    const cut = peer('Birch', { state: 'cut', cutBy: 'us' });
    expect(cutNews(rows(peer('Birch')), rows(cut))).toBe('The link to Birch is cut.');
    expect(cutNews(rows(peer('Birch')), rows({ ...cut, cutBy: 'them' }))).toBe('Birch cut the link.');
    expect(cutNews(rows(cut), rows(peer('Birch')))).toBe('The link to Birch is mended.');
    expect(cutNews(rows(), rows(cut))).toBe('');
    expect(cutNews(rows(cut), rows(cut))).toBe('');
    const many = ['A', 'B', 'C'].map((name) => peer(name));
    expect(cutNews(rows(...many), rows(...many.map((each): typeof each => ({ ...each, state: 'cut', cutBy: 'us' }))))).toBe('3 links were cut or mended.');
  });

  it('shows name, direction, bytes, height, verdict and latency', () => {
    const markup = show({ height: 1317, latencyMs: 4, bytesIn: 48_200, bytesOut: 51_700 });
    expect(textOf(markup)).toBe('B Birch , outbound, 48.2 kB in, 51.7 kB out 1,317 same tip 4 ms');
    expect(markup).toContain('aria-label="Remove peer Birch"');
  });

  it('shows misbehaviour only when there is some, and the cause while waiting', () => {
    expect(textOf(show({ misbehaviour: 10 }))).toContain('ban 10/100');
    expect(textOf(show({}))).not.toContain('ban');
    const waiting = textOf(show({ state: 'waiting', nextRetryAt: 14_000, lastError: 'Nothing answers on 5002.' }));
    expect(waiting).toContain('Nothing answers on 5002.');
    expect(waiting).toContain('retrying in 4 s');
  });

  it('gives the next step after the cause', () => {
    expect(addPeerSentence({ code: 'not-an-address', message: 'Not an address' })).toBe('Not an address. Type a host and a port, such as 127.0.0.1:5002.');
    expect(addPeerSentence({ code: 'nothing-answers', message: 'Nothing answers on 6006.' })).toBe('Nothing answers on 6006. Start that node and add it again, or');
    expect(addPeerSentence({ code: 'refused', message: 'It refused.' })).toBe('It refused.');
  });

  it('draws names from other computers as text', () => {
    expect(renderToStaticMarkup(<PeerRow peer={peer('x', { name: '<img src=x>' })} now={0} onRemove={() => undefined} />)).not.toContain('<img');
  });
});

it('arrows, Page, Home and End lead from row to row', () => {
  const from = (key: string, index = 100) => rowAfterKey(key, index, 200, 5);
  expect(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'].map((key) => from(key))).toEqual([101, 99, 105, 95, 0, 199]);
  expect([from('ArrowUp', 0), from('PageUp', 3), from('ArrowDown', 199), from('PageDown', 198)]).toEqual([0, 0, 199, 199]);
  expect([from('Tab'), from('a'), from('Enter')]).toEqual([null, null, null]);
});

it('a sparkline stays in its box', () => {
  expect(sparkPath([1], 40, 10)).toBe('');
  for (const values of [[0, 0, 0], [5, 5, 5], [1, 900, 3]]) {
    const points = [...sparkPath(values, 40, 10).matchAll(/[ML]([\d.]+) ([\d.]+)/g)];
    expect(points).toHaveLength(values.length);
    for (const [, x, y] of points) {
      expect(Number(x)).toBeGreaterThanOrEqual(0);
      expect(Number(x)).toBeLessThanOrEqual(40);
      expect(Number(y)).toBeGreaterThanOrEqual(0);
      expect(Number(y)).toBeLessThanOrEqual(10);
    }
  }
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../../src/node/consensus/params.ts';
import { parseAddress } from '../../../src/node/net/address.ts';
import { AddressBook } from '../../../src/node/net/address-book.ts';
import { retryDelay } from '../../../src/node/net/backoff.ts';
import { encodeMessage } from '../../../src/node/net/codec/frame.ts';
import { CLOSE_CODES, dropReason, remoteCloseText, remoteDropCode, type DropCode } from '../../../src/node/net/drops.ts';
import { Inbox } from '../../../src/node/net/inbox.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import { RecentSet, TokenBucket } from '../../../src/node/net/rate-limit.ts';
import { cleanText, cutToBytes } from '../../../src/node/net/text.ts';
import type { StoredPeer } from '../../../src/node/net/types.ts';
import { VirtualClock } from '../../../src/node/util/clock.ts';
import { nullLogger } from '../../../src/node/util/logger.ts';
import { seededRandom } from '../../../src/node/util/random.ts';

describe('reconnect', () => {
  it('waits 1 s at first and 60 s at most, with jitter both ways', () => {
    const random = seededRandom(3);
    const delays = Array.from({ length: 2_000 }, (_, i) => retryDelay((i % 40) + 1, random));
    expect(Math.min(...delays)).toBe(1_000);
    expect(Math.max(...delays)).toBe(60_000);
    const fifth = Array.from({ length: 500 }, () => retryDelay(5, random));
    expect(Math.min(...fifth)).toBeLessThan(1_000 * 1.5 ** 4 * 0.85);
    expect(Math.max(...fifth)).toBeGreaterThan(1_000 * 1.5 ** 4 * 1.15);
    expect([NET_LIMITS.reconnectFirstMs, NET_LIMITS.reconnectLastMs]).toEqual([1_000, 60_000]);
  });

  it('tries again within 10 s after an outage of up to 15 s', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(seed);
      let at = 0;
      for (let attempts = 1; at <= 15_000; attempts++) {
        const delay = retryDelay(attempts, random);
        // The peer came back right after this try: the next one is `delay` later.
        expect(delay).toBeLessThan(10_000);
        at += delay;
      }
    }
  });
});

describe('TokenBucket', () => {
  it('gives the burst at once and then so many a second', () => {
    const bucket = new TokenBucket(NET_LIMITS.messagesPerSecond, NET_LIMITS.messagesBurst, 0);
    let taken = 0;
    while (bucket.take(0)) taken += 1;
    expect(taken).toBe(500);
    for (let ms = 1; ms <= 1_000; ms++) if (bucket.take(ms)) taken += 1;
    // Tenths of a token do not add up exactly.
    expect(taken).toBeGreaterThanOrEqual(599);
    expect(taken).toBeLessThanOrEqual(600);
    expect([NET_LIMITS.messagesPerSecond, NET_LIMITS.messagesBurst]).toEqual([100, 500]);
  });
});

describe('Inbox', () => {
  it('pauses the socket at 256 KiB that wait, and drops the peer above 1.5 MiB', () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const inbox = new Inbox(clock, {
      deliver: () => undefined,
      overflow: (why) => seen.push(why),
      pause: () => seen.push('pause'),
      resume: () => seen.push('resume'),
    });
    for (let i = 0; i < NET_LIMITS.messagesBurst; i++) inbox.push(new Uint8Array(1), false);
    const part = new Uint8Array(128 * 1024);
    inbox.push(part, false);
    expect(seen).toEqual([]);
    inbox.push(part, false);
    expect(seen).toEqual(['pause']);
    clock.advance(50);
    expect(seen).toEqual(['pause', 'resume']);
    // 50 ms gave five tokens, of which two are spent.
    for (let i = 0; i < 3; i++) inbox.push(new Uint8Array(1), false);
    for (let i = 0; i < NET_LIMITS.throttledBytes / part.length; i++) inbox.push(part, false);
    expect(seen).toEqual(['pause', 'resume', 'pause']);
    inbox.push(new Uint8Array(1), false);
    expect(seen.at(-1)).toBe('too many messages at once');
    expect(NET_LIMITS.throttledBytes).toBe(1.5 * 1024 * 1024);
  });

  it('delivers in the order of arrival, also when there is room again before what waits had its turn', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const inbox = new Inbox(clock, {
      deliver: ([n = 0]) => seen.push(n),
      overflow: () => undefined,
      pause: () => undefined,
      resume: () => undefined,
    });
    for (let i = 0; i < NET_LIMITS.messagesBurst; i++) inbox.push(Uint8Array.of(0), false);
    inbox.push(Uint8Array.of(1), false);
    clock.advance(40);
    inbox.push(Uint8Array.of(2), false);
    expect(seen).toHaveLength(NET_LIMITS.messagesBurst);
    clock.advance(10);
    expect(seen.slice(NET_LIMITS.messagesBurst)).toEqual([1, 2]);
  });
});

describe('RecentSet', () => {
  it('keeps the newest', () => {
    const set = new RecentSet<number>(3);
    for (const n of [1, 2, 3, 1, 4]) set.add(n);
    expect([1, 2, 3, 4].map((n) => set.has(n))).toEqual([true, false, true, true]);
    expect(set.size).toBe(3);
  });

  it('behaves as a list that is searched, whatever is added and deleted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(12)), { maxLength: 200 }), (steps) => {
        const set = new RecentSet<number>(5);
        let list: number[] = [];
        for (const [add, n] of steps) {
          const was = list.includes(n);
          list = list.filter((other) => other !== n);
          if (add) {
            set.add(n);
            list = [...list, n].slice(-5);
          } else expect(set.delete(n)).toBe(was);
          expect(set.size).toBe(list.length);
          for (let i = 0; i <= 12; i++) expect(set.has(i)).toBe(list.includes(i));
        }
      }),
    );
  });

  it('costs the same when it is a hundred times larger', () => {
    const ids = Array.from({ length: 200_000 }, (_, i) => i.toString(16).padStart(64, '0'));
    const timeFor = (limit: number): number => {
      const set = new RecentSet<string>(limit);
      const began = performance.now();
      for (const id of ids) set.add(id);
      expect(set.size).toBe(limit);
      return performance.now() - began;
    };
    timeFor(50);
    // A plain Set took forty times as long.
    expect(Math.min(timeFor(NET_LIMITS.knownInventory), timeFor(NET_LIMITS.knownInventory))).toBeLessThan(12 * Math.max(5, timeFor(50)));
    expect(NET_LIMITS.knownInventory).toBe(5_000);
  });
});

describe('close codes', () => {
  it('come back as what they were, with a sentence for both sides', () => {
    for (const [code, number] of Object.entries(CLOSE_CODES) as [DropCode, number][]) {
      expect(remoteDropCode(number)).toBe(code);
      expect(dropReason(code).text).toMatch(/^[A-Z].*\.$/);
      expect(remoteCloseText(number)).toMatch(/^[A-Z].*\.$/);
    }
    expect(remoteDropCode(1006)).toBeUndefined();
    expect(remoteCloseText(1006)).toBe('The connection was lost.');
    expect(new Set(Object.values(CLOSE_CODES)).size).toBe(Object.values(CLOSE_CODES).length);
  });
});

describe('texts of others', () => {
  it('lose what could move the cursor or turn the reading direction, and are cut', () => {
    expect(cleanText(' a\u0000b\u001b[31m\u202ec\n ', 50)).toBe('ab[31mc');
    expect(cleanText('x'.repeat(100), 10)).toBe(`${'x'.repeat(9)}…`);
    expect([...cleanText('🙂'.repeat(100), 10)]).toHaveLength(10);
  });

  it('are cut at a character when they must fit into bytes', () => {
    expect(cutToBytes('aé🙂', 7)).toBe('aé🙂');
    expect(cutToBytes('aé🙂', 6)).toBe('aé');
    expect(cutToBytes('aé', 2)).toBe('a');
    expect(Buffer.byteLength(cutToBytes('x\ud800y', 10))).toBe(3);
  });
});

describe('AddressBook', () => {
  async function book(records: unknown[] = []): Promise<{ book: AddressBook; saved: StoredPeer[][]; clock: VirtualClock }> {
    const clock = new VirtualClock();
    const saved: StoredPeer[][] = [];
    const store = {
      load: () => Promise.resolve(records),
      save: (list: StoredPeer[]) => {
        saved.push(list);
        return Promise.resolve();
      },
    };
    const made = new AddressBook(store, clock, nullLogger);
    await made.load();
    return { book: made, saved, clock };
  }

  it('saves once for many changes, and the rest when it is flushed', async () => {
    const { book: made, saved, clock } = await book();
    for (let i = 1; i <= 10; i++) made.setKept(parseAddress(`127.0.0.1:${String(i)}`), true);
    expect(saved).toHaveLength(0);
    await clock.advanceAsync(NET_LIMITS.saveMs);
    expect(saved).toHaveLength(1);
    expect(saved[0]).toHaveLength(10);
    made.setKept(parseAddress('127.0.0.1:3'), false);
    await made.flush();
    expect(saved).toHaveLength(2);
    expect(clock.timerCount).toBe(0);
  });

  it('never gives up what is kept for what was heard of', async () => {
    const { book: made } = await book();
    made.setKept(parseAddress('127.0.0.1:1'), true);
    for (let i = 0; i < 30; i++) {
      made.heard(Array.from({ length: 100 }, (_, j) => ({ host: `n${String(i * 100 + j)}.example`, port: 1, lastSeen: 1_000 + i })));
    }
    expect(made.size).toBe(NET_LIMITS.addressBook);
    expect(made.kept().map(({ text }) => text)).toEqual(['127.0.0.1:1']);
    expect(made.offer()).toHaveLength(NET_LIMITS.addressesPerMessage);
  });

  it('gives up what it heard of before former neighbours, whatever their age', async () => {
    const { book: made } = await book([{ address: '127.0.0.1:2', kept: false, neighbour: true, lastSeen: 3 }]);
    const now = Math.floor(Date.now() / 1000);
    for (let i = 0; i < 15; i++) made.heard(Array.from({ length: 100 }, (_, j) => ({ host: `n${String(i * 100 + j)}.example`, port: 1, lastSeen: now })));
    expect(made.size).toBe(NET_LIMITS.addressBook);
    expect(made.neighbours().map(({ text }) => text)).toEqual(['127.0.0.1:2']);
  });

  it('offers an address that was last seen later than a message can say', async () => {
    // A file by hand, or a clock that was set to a year after 2106 and back.
    const { book: made } = await book([{ address: '127.0.0.1:2', kept: true, lastSeen: 5e15 }]);
    expect(made.offer()).toEqual([{ host: '127.0.0.1', port: 2, lastSeen: 0xffff_ffff }]);
    expect(() => encodeMessage(REGTEST.magic, { type: 'addr', entries: made.offer() })).not.toThrow();
  });

  it('hears of a thousand new addresses at once, and then of ten a second', async () => {
    const { book: made } = await book();
    const hear = (from: number, count: number, lastSeen: number): void => {
      made.heard(Array.from({ length: count }, (_, i) => ({ host: `n${String(from + i)}.example`, port: 1, lastSeen })));
    };
    hear(0, NET_LIMITS.addressBook, 1);
    expect(made.size).toBe(NET_LIMITS.addressBook);
    // Newer ones would be offered first.
    hear(5_000, 100, 2);
    expect(made.offer().filter(({ lastSeen }) => lastSeen === 2)).toEqual([]);
    expect(NET_LIMITS.heardPerSecond).toBe(10);
  });

  it('saves a neighbour a moment after it came', async () => {
    const { book: made, saved, clock } = await book();
    made.seen(parseAddress('127.0.0.1:1'), true);
    await clock.advanceAsync(NET_LIMITS.saveMs);
    expect(saved).toMatchObject([[{ address: '127.0.0.1:1', kept: false, neighbour: true, lastSeen: expect.any(Number) as number }]]);
  });

  it('does not believe that a node was seen in the future', async () => {
    const { book: made, clock } = await book();
    const now = Math.floor(clock.now() / 1000);
    made.heard([{ host: 'late.example', port: 1, lastSeen: 0xffff_ffff }]);
    expect(made.offer()).toEqual([{ host: 'late.example', port: 1, lastSeen: now }]);
  });

  it('reads its own records and survives a store that fails', async () => {
    const { book: made } = await book([
      { address: 'localhost:5', kept: true, lastSeen: 3 },
      { address: '127.0.0.1:6', kept: false, neighbour: true, lastSeen: 3 },
      { address: 'rubbish', kept: true },
      null,
    ]);
    expect(made.kept().map(({ text }) => text)).toEqual(['localhost:5']);
    expect(made.neighbours().map(({ text }) => text)).toEqual(['127.0.0.1:6']);
    const failing = new AddressBook(
      { load: () => Promise.resolve([]), save: () => Promise.reject(new Error('disk full')) },
      new VirtualClock(),
      nullLogger,
    );
    failing.setKept(parseAddress('localhost:1'), true);
    await failing.flush();
    expect(failing.kept()).toHaveLength(1);
  });
});

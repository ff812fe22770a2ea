/** What a node with many quiet peers does not do: the same is seen from outside, for less. */
import { expect, it } from 'vitest';
import { makeAddress } from '../../../src/node/net/address.ts';
import { NET_LIMITS } from '../../../src/node/net/limits.ts';
import type { Peer } from '../../../src/node/net/peer.ts';
import { PeerTicks } from '../../../src/node/net/peer-ticks.ts';
import { PeerRows, type PeerRow } from '../../../src/node/net/rows.ts';
import { VirtualClock } from '../../../src/node/util/clock.ts';

it('looks at a peer when its time has come, at everybody after sleep, and never at one that closed', () => {
  const ticks = new PeerTicks();
  const log: string[] = [];
  const peer = (name: string, calm: (now: number) => number): { closed: boolean } => {
    const made = {
      closed: false,
      tick: (now: number, slept: boolean) => {
        log.push(`${name} ${String(now)}${slept ? ' slept' : ''}`);
        return calm(now);
      },
    };
    ticks.add(made as unknown as Peer);
    return made;
  };
  peer('busy', () => -Infinity);
  const quiet = peer('quiet', (now) => now + 1_000);
  for (const now of [0, 500, 1_000]) ticks.tick(now, false);
  expect(log.splice(0)).toEqual(['busy 0', 'quiet 0', 'busy 500', 'busy 1000', 'quiet 1000']);
  ticks.tick(1_500, true);
  expect(log.splice(0)).toEqual(['busy 1500 slept', 'quiet 1500 slept']);
  quiet.closed = true;
  for (const now of [2_000, 2_500, 3_000]) ticks.tick(now, false);
  expect(log.splice(0).filter((line) => line.startsWith('quiet'))).toEqual(['quiet 2500']);
});

it('tells nobody about rows while nobody listens, and sets no timer for it; the end of a row is told to who came later', () => {
  const clock = new VirtualClock();
  const told: string[] = [];
  let heard = false;
  const chain = { tip: {}, getEntry: () => undefined, isActive: () => false, getAncestor: () => undefined };
  const rows = new PeerRows(chain as unknown as ConstructorParameters<typeof PeerRows>[0], clock, {
    heard: () => heard,
    changed: (row: PeerRow) => told.push(row.key),
    removed: (key) => told.push(`${key} removed`),
  });
  const row = rows.add(makeAddress('10.0.0.1', 5001));
  rows.touch(row, true);
  rows.touch(row);
  expect([told, clock.timerCount]).toEqual([[], 0]);
  heard = true;
  rows.touch(row);
  clock.advance(NET_LIMITS.peerEventMs);
  expect(told).toEqual([row.key]);
  rows.remove(row);
  expect(told).toEqual([row.key, `${row.key} removed`]);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockSummary } from '../../../src/shared/blocks.ts';
import { MAX_HELD_HEIGHTS, MAX_HELD_SIDE_BLOCKS, MAX_NOTICES, MAX_REJECTIONS } from '../../../src/renderer/lib/limits.ts';
import { applyEvents, applySnapshot, emptyNodeState, type NodeState } from '../../../src/renderer/store/node-state.ts';
import { block, chainOf, chainState, hashOf, numbered, peer, snapshotOf } from './helpers.ts';

const start = (blocks: BlockSummary[] = chainOf('a', 3)): NodeState => applySnapshot(emptyNodeState, snapshotOf(blocks));
const namesOf = (state: NodeState): string[] => state.active.map((hash) => state.blocks.get(hash)?.dataPreview ?? '?');

describe('a snapshot', () => {
  it('gives the active chain in order and the heights once', () => {
    const state = start([...chainOf('a', 3), block('s3', 'a2', 3, 'side')]);
    expect(state.phase).toBe('live');
    expect(namesOf(state)).toEqual(['a0', 'a1', 'a2', 'a3']);
    expect(state.heights).toEqual([0, 1, 2, 3]);
    expect(state.blocks.size).toBe(5);
    expect(state.gap).toBe(false);
  });

  it('that starts above the first block is whole', () => {
    const state = start(chainOf('a', 9).slice(5));
    expect(state.gap).toBe(false);
    expect(state.heights).toEqual([5, 6, 7, 8, 9]);
  });

  it('gives known notices their old number and new ones a new number', () => {
    const notice = (code: string) => ({ level: 'info' as const, code, message: `${code} happened` });
    const first = applySnapshot(emptyNodeState, snapshotOf(chainOf('a', 1), 10, { notices: [notice('one')] }));
    const second = applySnapshot(first, snapshotOf(chainOf('a', 1), 20, { notices: [notice('one'), notice('one'), notice('two')] }));
    const [a, b, c] = second.notices;
    expect(a?.id).toBe(first.notices[0]?.id);
    expect(b?.id).toBeGreaterThan(a?.id ?? Infinity);
    expect(c?.id).toBeGreaterThan(b?.id ?? Infinity);
  });

  it('keeps notices in the order in which they were told, so that whoever has seen the last has seen all', () => {
    const notice = (code: string) => ({ level: 'warning' as const, code, message: `${code} happened` });
    const first = applySnapshot(emptyNodeState, snapshotOf(chainOf('a', 1), 10, { notices: [notice('again'), notice('one')] }));
    // The node has let go of the first one meanwhile, and it happened once more.
    const second = applySnapshot(first, snapshotOf(chainOf('a', 1), 20, { notices: [notice('one'), notice('two'), notice('again')] }));
    expect(second.notices.map(({ value }) => value.code)).toEqual(['again', 'one', 'two']);
    expect(second.notices.at(-1)?.id).toBeGreaterThan(first.notices.at(-1)?.id ?? Infinity);
  });

  it('keeps what only events tell', () => {
    const state = applyEvents(start(), numbered(11, { type: 'rejected', rejection: { by: 'us', violation: { rule: 'x', expected: '', got: '', message: 'No.' } } }));
    expect(applySnapshot(state, snapshotOf(chainOf('a', 3), 40)).rejections).toHaveLength(1);
  });
});

describe('events', () => {
  it('that are not newer change nothing, not even the object', () => {
    const state = start();
    expect(applyEvents(state, numbered(10, { type: 'mempool', mempool: { count: 9, bytes: 9 } }))).toBe(state);
    expect(applyEvents(state, [])).toBe(state);
  });

  it('leave the state before them as it was', () => {
    const before = start();
    const after = applyEvents(before, numbered(11, { type: 'block', block: block('a4', 'a3', 4) }, { type: 'peer', peer: peer('Birch') }));
    expect(before.blocks.size).toBe(4);
    expect(before.peers.size).toBe(0);
    expect(after.blocks.size).toBe(5);
    expect(after.seq).toBe(12);
  });

  it('may leave out numbers: the last one wins', () => {
    const state = applyEvents(start(), numbered(900, { type: 'mempool', mempool: { count: 2, bytes: 3 } }));
    expect(state.mempool).toEqual({ count: 2, bytes: 3 });
    expect(state.seq).toBe(900);
  });

  it('extend the chain', () => {
    const a4 = block('a4', 'a3', 4);
    const state = applyEvents(start(), numbered(11, { type: 'block', block: a4 }, { type: 'tip', chain: chainState(a4) }));
    expect(namesOf(state)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4']);
    expect(state.gap).toBe(false);
  });

  it('show a gap while the tip’s block is missing, and none when it has come', () => {
    const a4 = block('a4', 'a3', 4);
    const waiting = applyEvents(start(), numbered(11, { type: 'tip', chain: chainState(a4) }));
    expect(waiting.gap).toBe(true);
    expect(applyEvents(waiting, numbered(12, { type: 'block', block: a4 })).gap).toBe(false);
  });

  it('show a gap when a block between is missing', () => {
    const a5 = block('a5', 'a4', 5);
    const state = applyEvents(start(), numbered(11, { type: 'block', block: a5 }, { type: 'tip', chain: chainState(a5) }));
    expect(state.gap).toBe(true);
  });

  it('of a reorg move blocks between the branches and remember what happened', () => {
    const side = [block('b3', 'a2', 3, 'side'), block('b4', 'b3', 4, 'side')];
    const [b3, b4] = side as [BlockSummary, BlockSummary];
    const before = start([...chainOf('a', 3), b3]);
    const state = applyEvents(
      before,
      numbered(
        11,
        { type: 'block', block: b4 },
        {
          type: 'reorg',
          reorg: {
            forkHash: hashOf('a2'),
            forkHeight: 2,
            oldTip: chainState(block('a3', 'a2', 3)).tip,
            newTip: chainState(b4).tip,
            disconnected: [hashOf('a3')],
            connected: [b3.hash, b4.hash],
            returnedTransactions: 1,
          },
        },
        { type: 'tip', chain: chainState(b4) },
      ),
    );
    expect(namesOf(state)).toEqual(['a0', 'a1', 'a2', 'b3', 'b4']);
    expect(state.blocks.get(hashOf('a3'))?.branch).toBe('side');
    expect(state.blocks.get(b4.hash)?.branch).toBe('active');
    expect(state.lastReorg?.value.returnedTransactions).toBe(1);
    expect(before.blocks.get(hashOf('a3'))?.branch).toBe('active');
  });

  it('agree with the walk from the tip, whatever order the blocks come in', () => {
    const main = chainOf('m', 6);
    const fork = [block('f4', 'm3', 4, 'side'), block('f5', 'f4', 5, 'side'), block('f6', 'f5', 6, 'side'), block('f7', 'f6', 7, 'side')];
    const rest = [...main.slice(2), ...fork];
    fc.assert(
      fc.property(fc.shuffledSubarray(rest, { minLength: rest.length }), fc.boolean(), (order, forkWins) => {
        const tip = (forkWins ? fork.at(-1) : main.at(-1)) as BlockSummary;
        const bodies = order.map((each) => ({ type: 'block' as const, block: each }));
        const state = applyEvents(start(main.slice(0, 2)), numbered(11, ...bodies, { type: 'tip', chain: chainState(tip) }));
        const expected = forkWins ? ['m0', 'm1', 'm2', 'm3', 'f4', 'f5', 'f6', 'f7'] : ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'];
        expect(namesOf(state)).toEqual(expected);
        expect(state.gap).toBe(false);
        for (const each of state.blocks.values()) expect(each.branch).toBe(expected.includes(each.dataPreview) ? 'active' : 'side');
      }),
    );
  });

  it('remove peers and count the bytes of the wire', () => {
    const one = applySnapshot(emptyNodeState, snapshotOf(chainOf('a', 1), 10, { peers: [peer('B', { bytesIn: 100, bytesOut: 50 })] }));
    expect(one.wireBytes).toBe(0);
    const two = applyEvents(one, numbered(11, { type: 'peer', peer: peer('B', { bytesIn: 130, bytesOut: 55 }) }));
    expect(two.wireBytes).toBe(35);
    // A link that was made anew counts from zero.
    const three = applyEvents(two, numbered(12, { type: 'peer', peer: peer('B', { bytesIn: 10, bytesOut: 5 }) }));
    expect(three.wireBytes).toBe(50);
    const four = applyEvents(three, numbered(13, { type: 'peer-removed', key: 'B' }));
    expect([four.peers.size, four.lastLost]).toEqual([0, null]);
    const lost = { name: 'B', text: 'It was closed.' };
    expect(applyEvents(three, numbered(13, { type: 'peer-removed', key: 'B', lost })).lastLost?.value).toEqual(lost);
  });
});

describe('limits', () => {
  it('MAX_HELD_HEIGHTS: older blocks are let go, and that is no gap', () => {
    const blocks = chainOf('a', MAX_HELD_HEIGHTS + 20);
    const state = start(blocks);
    expect(state.heights).toHaveLength(MAX_HELD_HEIGHTS);
    expect(state.heights.at(-1)).toBe(MAX_HELD_HEIGHTS + 20);
    expect(state.active).toHaveLength(MAX_HELD_HEIGHTS);
    const next = block(`a${MAX_HELD_HEIGHTS + 21}`, `a${MAX_HELD_HEIGHTS + 20}`, MAX_HELD_HEIGHTS + 21);
    const grown = applyEvents(state, numbered(11, { type: 'block', block: next }, { type: 'tip', chain: chainState(next) }));
    expect(grown.heights).toHaveLength(MAX_HELD_HEIGHTS);
    expect(grown.gap).toBe(false);
  });

  it('MAX_HELD_SIDE_BLOCKS: the oldest side blocks go first', () => {
    const side = Array.from({ length: MAX_HELD_SIDE_BLOCKS + 5 }, (_, index) => block(`s${index}`, 'a1', index < 5 ? 2 : 3, 'side'));
    const state = start([...chainOf('a', 3), ...side]);
    expect(state.blocks.size).toBe(MAX_HELD_SIDE_BLOCKS + 4);
    expect(state.blocks.has(hashOf('s0'))).toBe(false);
    expect(state.blocks.has(hashOf('s5'))).toBe(true);
  });

  it('MAX_NOTICES and MAX_REJECTIONS: the newest stay', () => {
    const notices = Array.from({ length: MAX_NOTICES + 3 }, (_, index) => ({
      type: 'notice' as const,
      notice: { level: 'info' as const, code: 'n', message: String(index) },
    }));
    const rejections = Array.from({ length: MAX_REJECTIONS + 3 }, (_, index) => ({
      type: 'rejected' as const,
      rejection: { by: 'us' as const, violation: { rule: String(index), expected: '', got: '', message: '' } },
    }));
    const state = applyEvents(start(), numbered(11, ...notices, ...rejections));
    expect(state.notices).toHaveLength(MAX_NOTICES);
    expect(state.notices.at(-1)?.value.message).toBe(String(MAX_NOTICES + 2));
    expect(state.rejections).toHaveLength(MAX_REJECTIONS);
    expect(state.rejections.at(-1)?.value.violation.rule).toBe(String(MAX_REJECTIONS + 2));
  });
});

describe('a reorg that only a snapshot tells', () => {
  const mine = [...chainOf('g', 1), block('m2', 'g1', 2), block('m3', 'm2', 3)];
  const theirs = [...chainOf('g', 1), block('t2', 'g1', 2), block('t3', 't2', 3), block('t4', 't3', 4)];
  const both = [...theirs, ...mine.slice(2).map((each) => ({ ...each, branch: 'side' as const }))];
  const snapshot = (blocks: BlockSummary[], tip: BlockSummary | undefined, seq: number) => ({ ...snapshotOf(blocks, seq), chain: chainState(tip as BlockSummary) });

  it('is found by the walks from both tips, once', () => {
    const before = applySnapshot(emptyNodeState, snapshot(mine, mine.at(-1), 1));
    expect(before.lastReorg).toBeNull();
    const after = applySnapshot(before, snapshot(both, theirs.at(-1), 900));
    expect(after.lastReorg).toMatchObject({
      value: { forkHash: hashOf('g1'), forkHeight: 1, disconnected: [hashOf('m3'), hashOf('m2')], connected: [hashOf('t2'), hashOf('t3'), hashOf('t4')] },
    });
    expect(applySnapshot(after, snapshot(both, theirs.at(-1), 901)).lastReorg).toBe(after.lastReorg);
    // The next thing that happens has another number.
    expect(after.nextId).toBeGreaterThan(after.lastReorg?.id ?? 0);
  });

  it('is none when the chain only grew, and when where the branches meet is not held', () => {
    const before = applySnapshot(emptyNodeState, snapshot(mine.slice(0, 3), mine[2], 1));
    expect(applySnapshot(before, snapshot(mine, mine.at(-1), 2)).lastReorg).toBeNull();
    const far = chainOf('z', 9);
    expect(applySnapshot(before, snapshot(far.slice(5), far.at(-1), 3)).lastReorg).toBeNull();
  });
});

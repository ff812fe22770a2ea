import { describe, expect, it } from 'vitest';
import type { BlockSummary, HashHex } from '../../../../src/shared/blocks.ts';
import type { ChainIndexPage } from '../../../../src/shared/chain-view.ts';
import { ChainColumns, CHUNK } from '../../../../src/renderer/stage/index/columns.ts';
import { IndexFiller, type FillerEnvironment, type HeldChain } from '../../../../src/renderer/stage/index/filler.ts';
import { inventHash, ZERO_HASH } from '../visual/world.ts';

/** A chain of names; a branch shares the names below its fork. */
class Chain {
  readonly names: readonly string[];
  constructor(names: readonly string[]) {
    this.names = names;
  }
  static of(length: number, prefix = 'a'): Chain {
    return new Chain(Array.from({ length }, (_, height) => `${prefix}${height}`));
  }
  branch(forkHeight: number, length: number, prefix: string): Chain {
    return new Chain([...this.names.slice(0, forkHeight + 1), ...Array.from({ length: length - forkHeight - 1 }, (_, i) => `${prefix}${i}`)]);
  }
  grown(more: number): Chain {
    return new Chain([...this.names, ...Array.from({ length: more }, (_, i) => `more ${this.names.length + i}`)]);
  }
  hash(height: number): HashHex {
    return inventHash(this.names[height] ?? expect.fail(`no height ${height}`));
  }
  get tip(): { hash: HashHex; height: number } {
    return { hash: this.hash(this.names.length - 1), height: this.names.length - 1 };
  }
  /** What a window that keeps the last `heights` holds. */
  held(heights = 20): HeldChain {
    const blocks = new Map<HashHex, BlockSummary>();
    for (let height = Math.max(0, this.names.length - heights); height < this.names.length; height += 1) {
      const hash = this.hash(height);
      blocks.set(hash, {
        hash, height, previousHash: height === 0 ? ZERO_HASH : this.hash(height - 1), time: 1000 + height, bits: 1, nonce: 1, chainwork: '1', branch: 'active',
        dataPreview: '', dataTruncated: false, transactionCount: 1, size: 1, minerId: '', minerName: '', receivedAt: 0, origin: 'peer',
      });
    }
    return { tip: this.tip, blocks, active: [...blocks.keys()] };
  }
  page(from: number, limit: number): ChainIndexPage {
    const heights = Array.from({ length: Math.max(0, Math.min(limit, this.names.length - from)) }, (_, i) => from + i);
    return { tip: this.tip, from, count: heights.length, hashes: heights.map((height) => this.hash(height)).join(''), times: heights.map((height) => 1000 + height), bits: heights.map(() => 1) };
  }
}

/** A filler whose node, idle moments and timers obey the test. */
function setUp(start: Chain) {
  const columns = new ChainColumns();
  const asked: { from: number; limit: number }[] = [];
  const changes: [number, number][] = [];
  let node = start;
  let failing = false;
  let open: (() => void)[] = [];
  let most = 0;
  const wishes = new Set<() => void>();
  const timers = new Set<() => void>();
  const wish = (into: Set<() => void>) => (callback: () => void) => {
    into.add(callback);
    return () => into.delete(callback);
  };
  const environment: FillerEnvironment = { whenIdle: wish(wishes), after: (_, callback) => wish(timers)(callback) };
  const source = {
    chainIndex: (range: { from: number; limit: number }): Promise<ChainIndexPage> => {
      asked.push(range);
      // The node answers at once; its answer travels until the test lets it arrive.
      const page = node.page(range.from, range.limit);
      const fails = failing;
      return new Promise((resolve, reject) => {
        open.push(() => (fails ? reject(new Error('gone')) : resolve(page)));
        most = Math.max(most, open.length);
      });
    },
  };
  const filler = new IndexFiller(columns, source, environment, (from, to) => changes.push([from, to]));
  const turn = (): Promise<void> => new Promise((done) => setImmediate(done));
  const arrive = async (): Promise<void> => {
    const answers = open;
    open = [];
    for (const answer of answers) answer();
    await turn();
  };
  const fire = (from: Set<() => void>): boolean => {
    const [first] = from;
    if (first === undefined) return false;
    from.delete(first);
    first();
    return true;
  };
  return {
    columns, filler, asked, changes, arrive,
    idle: () => fire(wishes),
    time: () => fire(timers),
    follow: (chain: Chain, heights?: number) => filler.follow(chain.held(heights)),
    become: (chain: Chain) => (node = chain),
    fail: (does: boolean) => (failing = does),
    most: () => most,
    /** Lets everything happen until nothing more does. */
    settle: async () => {
      do await arrive();
      while (open.length > 0 || fire(wishes));
    },
    expectChain: (chain: Chain) => {
      const wrong = chain.names.flatMap((_, height) => (columns.matches(height, chain.hash(height)) ? [] : [height]));
      expect(wrong).toEqual([]);
      expect(columns.count).toBe(chain.names.length);
    },
  };
}

const LONG = Chain.of(3 * CHUNK + 500);

describe('IndexFiller', () => {
  it('takes the recent blocks from the window, asks for what is in sight at once and for the rest when idle, one page at a time', async () => {
    const { columns, filler, asked, arrive, idle, settle, follow, most, expectChain } = setUp(LONG);
    filler.open();
    follow(LONG);
    expect(columns.count).toBe(20);
    expect(asked).toEqual([]);
    filler.want(CHUNK + 5, CHUNK + 50);
    expect(asked).toEqual([{ from: CHUNK, limit: CHUNK }]);
    filler.want(10, 60);
    expect(asked).toHaveLength(1);
    await arrive();
    expect(columns.matches(CHUNK + 7, LONG.hash(CHUNK + 7))).toBe(true);
    expect(asked[1]).toEqual({ from: 0, limit: CHUNK });
    await arrive();
    // Nothing in sight is missing: the rest waits for an idle moment.
    expect(asked).toHaveLength(2);
    expect(idle()).toBe(true);
    expect(asked).toHaveLength(3);
    await settle();
    expectChain(LONG);
    expect(most()).toBe(1);
    expect(asked).toHaveLength(4);
  });

  it('tells which heights have come', async () => {
    const { filler, changes, arrive, follow } = setUp(LONG);
    filler.open();
    follow(LONG);
    filler.want(5, 9);
    await arrive();
    expect(changes).toEqual([[0, CHUNK - 1]]);
  });

  it('grows with the chain without asking', async () => {
    const { filler, asked, settle, follow, expectChain } = setUp(LONG);
    filler.open();
    follow(LONG);
    await settle();
    const before = asked.length;
    const grown = LONG.grown(15);
    follow(grown);
    await settle();
    expectChain(grown);
    expect(asked).toHaveLength(before);
  });

  it('cuts at the fork of a reorg, and drops an answer that was under way', async () => {
    const { filler, arrive, settle, follow, become, columns, expectChain } = setUp(LONG);
    filler.open();
    follow(LONG);
    const other = LONG.branch(3 * CHUNK + 400, 3 * CHUNK + 510, 'b');
    filler.want(3 * CHUNK + 5, 3 * CHUNK + 40);
    become(other);
    filler.reorganised(3 * CHUNK + 400);
    follow(other);
    await arrive();
    expect(columns.has(3 * CHUNK + 5)).toBe(false);
    await settle();
    expectChain(other);
  });

  it('shrinks to a shorter chain that has more work', async () => {
    const { filler, settle, follow, become, expectChain } = setUp(LONG);
    filler.open();
    follow(LONG);
    await settle();
    const shorter = LONG.branch(3 * CHUNK, 3 * CHUNK + 90, 'b');
    become(shorter);
    filler.reorganised(3 * CHUNK);
    follow(shorter);
    await settle();
    expectChain(shorter);
  });

  it('does without the news of a reorg: what the window holds wins', async () => {
    const { filler, settle, follow, become, expectChain } = setUp(LONG);
    filler.open();
    follow(LONG);
    await settle();
    const other = LONG.branch(3 * CHUNK + 495, 3 * CHUNK + 502, 'b');
    become(other);
    follow(other);
    await settle();
    expectChain(other);
  });

  it('starts anew when a branch was left below everything that the window holds, and nobody told', async () => {
    const { filler, settle, follow, become, expectChain } = setUp(LONG);
    filler.open();
    follow(LONG);
    await settle();
    const other = LONG.branch(2000, LONG.names.length + 3, 'b');
    become(other);
    follow(other);
    await settle();
    expectChain(other);
  });

  it('asks whether an old height is still right when there is a hole between, and keeps everything when it is', async () => {
    const { filler, asked, settle, follow, become, expectChain, columns } = setUp(LONG);
    filler.open();
    follow(LONG);
    await settle();
    asked.length = 0;
    const grown = LONG.grown(300);
    become(grown);
    follow(grown);
    expect(asked[0]).toEqual({ from: LONG.tip.height, limit: 1 });
    expect(columns.count).toBe(LONG.names.length + 20);
    await settle();
    expectChain(grown);
    expect(asked).toHaveLength(2);
  });

  it('and forgets everything when it is not', async () => {
    const { filler, settle, follow, become, expectChain } = setUp(LONG);
    filler.open();
    follow(LONG);
    await settle();
    const other = LONG.branch(100, LONG.names.length + 300, 'b');
    become(other);
    follow(other);
    await settle();
    expectChain(other);
  });

  it('drops a page of a chain that the window has left, and asks again later', async () => {
    const { filler, asked, arrive, time, settle, follow, become, columns, expectChain } = setUp(LONG);
    filler.open();
    become(LONG.branch(50, LONG.names.length - 5, 'old'));
    follow(LONG);
    filler.want(0, 40);
    await arrive();
    expect(columns.has(0)).toBe(false);
    expect(asked).toHaveLength(1);
    become(LONG);
    expect(time()).toBe(true);
    expect(asked).toHaveLength(2);
    await settle();
    expectChain(LONG);
  });

  it('uses a page of a chain that is ahead of the window', async () => {
    const { filler, arrive, follow, become, columns } = setUp(LONG);
    filler.open();
    become(LONG.grown(2));
    follow(LONG);
    filler.want(0, 40);
    await arrive();
    expect(columns.matches(30, LONG.hash(30))).toBe(true);
    expect(columns.has(LONG.names.length)).toBe(false);
  });

  it('tries again after a failure, and is quiet once closed', async () => {
    const { filler, asked, arrive, time, idle, follow, fail, columns } = setUp(LONG);
    filler.open();
    follow(LONG);
    fail(true);
    filler.want(0, 40);
    await arrive();
    expect(columns.has(0)).toBe(false);
    fail(false);
    expect(time()).toBe(true);
    filler.close();
    await arrive();
    expect(columns.has(0)).toBe(false);
    filler.want(0, 50);
    expect([asked.length, idle(), time()]).toEqual([2, false, false]);
  });
});

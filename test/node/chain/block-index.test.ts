import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockIndex } from '../../../src/node/chain/block-index.ts';
import type { IndexEntry } from '../../../src/node/chain/index-entry.ts';
import { anchorFor, type Anchor } from '../../../src/node/consensus/difficulty.ts';
import { MAIN } from '../../../src/node/consensus/params.ts';
import { blockWork } from '../../../src/node/consensus/target.ts';
import { encodeHeader, hashHeader, headerHash, type BlockHeader } from '../../../src/node/primitives/header.ts';
import { internalHash } from '../../../src/node/util/bytes.ts';

/** What the index says of a header, written down as simply as possible. */
interface Node {
  hash: string;
  header: BlockHeader;
  parent: Node | undefined;
  height: number;
  chainwork: bigint;
  anchor: Anchor;
  children: Node[];
  hasBlock: boolean;
  invalid: boolean;
  linked: boolean;
  sequence: number;
}

const pathOf = (node: Node | undefined): Node[] => (node === undefined ? [] : [...pathOf(node.parent), node]);

class Model {
  readonly genesis: Node;
  nodes: Node[];
  tip: Node;

  constructor() {
    const { header } = MAIN.genesis;
    const anchor = anchorFor(MAIN, { height: 0, times: [header.time] }, undefined);
    this.genesis = { hash: MAIN.genesisHash, header, parent: undefined, height: 0, chainwork: blockWork(header.bits), anchor, children: [], hasBlock: true, invalid: false, linked: true, sequence: 0 };
    this.nodes = [this.genesis];
    this.tip = this.genesis;
  }

  add(header: BlockHeader, parent: Node): Node {
    const height = parent.height + 1;
    const times = [...pathOf(parent), { header }].map((at) => at.header.time);
    const anchor = anchorFor(MAIN, { height, times }, parent.anchor);
    const node: Node = { hash: headerHash(header), header, parent, height, chainwork: parent.chainwork + blockWork(header.bits), anchor, children: [], hasBlock: false, invalid: parent.invalid, linked: false, sequence: 0 };
    parent.children.unshift(node);
    this.nodes.push(node);
    return node;
  }

  /** Linked: the body is there and so are those of all ancestors. */
  relink(): void {
    for (const node of this.nodes) node.linked = pathOf(node).every((at) => at.hasBlock);
  }

  isActive(node: Node): boolean {
    return pathOf(this.tip).includes(node);
  }
}

type Step =
  | { kind: 'header'; on: number; late: number; bits: number; draft: boolean }
  | { kind: 'body' | 'lose' | 'invalid' | 'remove'; at: number }
  | { kind: 'tip' };

/** Work of 2^20, a little less than 2^32, 2^60, 2^255: sums that overflow 32 bits, and 64. */
const BITS = [0x1e0fffff, 0x1d010100, 0x19000fff, 0x03000001];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('header' as const), on: fc.nat(), late: fc.integer({ min: -5, max: 9 }), bits: fc.nat(3), draft: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('body' as const, 'body' as const, 'lose' as const, 'invalid' as const, 'remove' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'tip' as const }) },
);

class Pair {
  readonly model = new Model();
  readonly index: BlockIndex;
  readonly removed: { node: Node; entry: IndexEntry }[] = [];
  readonly #slow: number;
  #nonce = 0;

  /** `slow`: seconds by which each block comes late, beside its own. */
  constructor(random: Int32Array | undefined, slow = 0) {
    this.#slow = slow;
    this.index = new BlockIndex(MAIN, random);
  }

  entry(node: Node): IndexEntry {
    const entry = this.index.get(node.hash);
    if (entry === undefined) throw new Error(`${node.hash} is missing`);
    return entry;
  }

  run(todo: Step): void {
    const { model, index } = this;
    if (todo.kind === 'header') {
      // Most often on one of the last, so that branches become long.
      const parent = model.nodes[Math.max(0, model.nodes.length - 1 - (todo.on % 3 === 0 ? todo.on % model.nodes.length : todo.on % 2))] as Node;
      const header = { version: 1, previousHash: internalHash(parent.hash), merkleRoot: new Uint8Array(32).fill(7), time: parent.header.time + 10 + this.#slow + todo.late, bits: BITS[todo.bits] as number, nonce: ++this.#nonce };
      const node = model.add(header, parent);
      expect(index.workAbove(this.entry(parent), header.bits)).toBe(node.chainwork);
      if (!todo.draft) index.insertHeader(internalHash(node.hash), encodeHeader(header), this.entry(parent));
      else {
        const draft = index.make(internalHash(node.hash), encodeHeader(header), this.entry(parent));
        expect(draft).toMatchObject({ hash: node.hash, height: node.height, chainwork: node.chainwork, parent: this.entry(parent) });
        expect(index.get(node.hash)).toBeUndefined();
        index.insert(draft, encodeHeader(header));
        expect(index.get(node.hash)).toBe(draft);
      }
    } else if (todo.kind === 'tip') {
      const best = index.bestCandidate(index.leaves);
      const rivals = model.nodes.filter((node) => node.linked && !node.invalid && node.chainwork > model.tip.chainwork);
      rivals.sort((a, b) => (a.chainwork === b.chainwork ? a.sequence - b.sequence : a.chainwork > b.chainwork ? -1 : 1));
      expect(best?.hash).toBe(rivals[0]?.hash);
      if (best === undefined || rivals[0] === undefined) return;
      index.setTip(best);
      model.tip = rivals[0];
    } else this.#change(todo.kind, model.nodes[todo.at % model.nodes.length] as Node);
  }

  #change(kind: 'body' | 'lose' | 'invalid' | 'remove', node: Node): void {
    const { model, index } = this;
    if (node === model.genesis) return;
    const entry = this.entry(node);
    if (kind === 'body' && !node.hasBlock) {
      node.hasBlock = true;
      node.sequence = ++this.#nonce;
      const before = model.nodes.filter(({ linked }) => linked);
      model.relink();
      index.setStored(entry, { hasBlock: true, invalid: false, mined: true, sequence: node.sequence, size: 9, transactionCount: 2, receivedAt: 5 });
      const linked = index.link(entry);
      const expected = model.nodes.filter((at) => at.linked && !before.includes(at));
      expect(linked.map(({ hash }) => hash).sort()).toEqual(expected.map(({ hash }) => hash).sort());
      expect(entry).toMatchObject({ origin: 'mined', size: 9, transactionCount: 2, receivedAt: 5, persisted: true });
    } else if (kind === 'lose' && node.hasBlock && !model.isActive(node)) {
      node.hasBlock = false;
      model.relink();
      index.setBody(entry, false);
      index.unlink(entry);
      index.findBestHeader();
    } else if (kind === 'invalid' && !model.isActive(node)) {
      const above = index.subtree(entry);
      for (const at of above) at.invalid = true;
      for (const at of model.nodes) if (pathOf(at).includes(node)) at.invalid = true;
      expect(above.every((at, i) => i === 0 || above.indexOf(at.parent as IndexEntry) < i)).toBe(true);
      index.findBestHeader();
    } else if (kind === 'remove' && !node.hasBlock && !entry.linked && node.children.length === 0) {
      index.remove(entry.row);
      index.findBestHeader();
      (node.parent as Node).children.splice((node.parent as Node).children.indexOf(node), 1);
      model.nodes.splice(model.nodes.indexOf(node), 1);
      this.removed.push({ node, entry });
    }
  }

  compare(): void {
    const { model, index } = this;
    expect([...index.all()].map(({ hash }) => hash).sort()).toEqual(model.nodes.map(({ hash }) => hash).sort());
    expect([index.size, index.bodies, index.headerOnly]).toEqual([model.nodes.length, model.nodes.filter((at) => at.hasBlock).length, model.nodes.filter((at) => !at.hasBlock).length]);
    for (const node of model.nodes) this.#compareNode(node);
    const leaves = model.nodes.filter((node) => node.linked && !node.children.some(({ linked }) => linked));
    expect([...index.leaves].map(({ hash }) => hash).sort()).toEqual(leaves.map(({ hash }) => hash).sort());
    const waiting = model.nodes.filter(({ linked }) => !linked);
    expect(index.linked.pending.size).toBe(waiting.length);
    const active = pathOf(model.tip);
    expect(active.map((node) => index.getActive(node.height)?.hash)).toEqual(active.map(({ hash }) => hash));
    expect(active.map(({ height }) => index.activeTime(height))).toEqual(active.map(({ header }) => header.time));
    expect(active.map(({ height }) => index.activeLine(height))).toEqual(active.map(({ hash, header }) => ({ hash, time: header.time, bits: header.bits })));
    expect([index.getActive(active.length), index.activeTime(active.length), index.activeLine(active.length), index.getActive(-1)]).toEqual([undefined, undefined, undefined, undefined]);
    expect(index.activeWithoutBody()).toEqual([]);
    // Of equally good ones any may be the best.
    const best = model.nodes.reduce((work, node) => (!node.invalid && node.chainwork > work ? node.chainwork : work), model.tip.chainwork);
    expect(index.bestHeader.chainwork).toBe(best);
    const found = [...index.search((hash) => hash.endsWith('3'))].filter((entry) => entry !== undefined);
    expect(found.map(({ hash }) => hash).sort()).toEqual(model.nodes.filter((node) => node.hasBlock && node.hash.endsWith('3')).map(({ hash }) => hash).sort());
    for (const { node, entry } of this.removed) {
      expect(entry).toMatchObject({ hash: node.hash, height: node.height, chainwork: node.chainwork, time: node.header.time, row: -1 });
      expect([entry.parent?.hash, index.get(node.hash), index.isActive(entry), index.headerBytes(entry)]).toEqual([node.parent?.hash, undefined, false, undefined]);
    }
  }

  #compareNode(node: Node): void {
    const { model, index } = this;
    const entry = this.entry(node);
    expect(entry).toMatchObject({ hash: node.hash, height: node.height, time: node.header.time, bits: node.header.bits, chainwork: node.chainwork, hasBlock: node.hasBlock, invalid: node.invalid, linked: node.linked, sequence: node.sequence, ...node.anchor });
    expect(entry.parent).toBe(node.parent === undefined ? undefined : this.entry(node.parent));
    expect([...entry.childEntries()].map(({ hash }) => hash)).toEqual(node.children.map(({ hash }) => hash));
    expect(index.own(entry)).toBe(entry);
    expect(index.isActive(entry)).toBe(model.isActive(node));
    expect(index.headerBytes(entry)).toEqual(encodeHeader(node.header));
    const path = pathOf(node);
    expect(path.map(({ height }) => index.ancestorAt(entry, height)?.hash)).toEqual(path.map(({ hash }) => hash));
    expect([index.ancestorAt(entry, -1), index.ancestorAt(entry, node.height + 1)]).toEqual([undefined, undefined]);
    expect(index.forkOf(entry).hash).toBe(path.filter((at) => model.isActive(at)).at(-1)?.hash);
    expect(index.highestLinked(entry).hash).toBe(path.filter((at) => at.linked).at(-1)?.hash);
    expect(index.lastTimes(entry, 11)).toEqual(path.slice(-11).map(({ header }) => header.time));
  }
}

describe('the block index beside a model', () => {
  it.each([
    ['random numbers in its look-up', undefined],
    ['every hash in one place', new Int32Array(8 * 256)],
  ])('says the same after any steps, with %s', (_name, random) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 80, size: 'max' }), fc.constantFrom(0, 30), (steps, slow) => {
        const pair = new Pair(random, slow);
        for (const todo of steps) pair.run(todo);
        pair.compare();
      }),
      { numRuns: 60 },
    );
  });

  it('has the best header below a branch whose end is invalid, whichever came first', () => {
    const header: Step = { kind: 'header', on: 0, late: 0, bits: 0, draft: false };
    for (const steps of [
      [header, { ...header, on: 2 }, { kind: 'body', at: 1 }, { kind: 'invalid', at: 2 }, { kind: 'body', at: 2 }],
      [header, { kind: 'body', at: 1 }, header, { kind: 'body', at: 2 }, { kind: 'invalid', at: 2 }],
    ] as Step[][]) {
      const pair = new Pair(undefined);
      for (const todo of steps) pair.run(todo);
      pair.compare();
      expect([pair.index.bestHeader.height, pair.index.tip.height]).toEqual([1, 0]);
    }
  });

  it('back to the genesis block it is as new', () => {
    const pair = new Pair(undefined);
    for (let i = 0; i < 50; i++) pair.run({ kind: 'header', on: i, late: 0, bits: 0, draft: false });
    pair.index.clear();
    expect([...pair.index.all()]).toEqual([pair.index.genesis]);
    expect([pair.index.size, pair.index.bodies, pair.index.tip, pair.index.bestHeader]).toEqual([1, 1, pair.index.genesis, pair.index.genesis]);
    expect([...pair.index.genesis.childEntries()]).toEqual([]);
    expect(pair.index.headerBytes(pair.index.genesis)).toEqual(encodeHeader(MAIN.genesis.header));
    const again = new Pair(undefined);
    const [header] = Array.from({ length: 1 }, () => ({ version: 1, previousHash: internalHash(MAIN.genesisHash), merkleRoot: new Uint8Array(32), time: 1_800_000_000, bits: MAIN.powLimitBits, nonce: 1 }));
    if (header === undefined) throw new Error('no header');
    expect(pair.index.insertHeader(hashHeader(header), encodeHeader(header), pair.index.genesis)).toMatchObject({ height: 1, chainwork: 2n * again.index.genesis.chainwork });
  });

  it('refuses what would make the tree wrong', () => {
    const { index } = new Pair(undefined);
    const header = { version: 1, previousHash: internalHash(MAIN.genesisHash), merkleRoot: new Uint8Array(32), time: 1_800_000_000, bits: MAIN.powLimitBits, nonce: 1 };
    const hash = hashHeader(header);
    const bytes = encodeHeader(header);
    const entry = index.insertHeader(hash, bytes, index.genesis);
    expect(() => index.insertHeader(hash, bytes, index.genesis)).toThrow('is in the index');
    expect(() => index.insert(entry, bytes)).toThrow('is in the index');
    expect(() => index.remove(index.genesis.row)).toThrow('holds up');
    const above = { ...header, previousHash: hash, nonce: 2 };
    const child = index.insertHeader(hashHeader(above), encodeHeader(above), entry);
    expect(() => index.remove(entry.row)).toThrow('holds up');
    index.remove(child.row);
    expect(() => index.insertHeader(hashHeader(above), encodeHeader(above), child)).toThrow('no parent');
  });

  it('finds nothing by a text that is no hash', () => {
    const { index } = new Pair(undefined);
    const { hash } = index.genesis;
    for (const text of ['', hash.slice(1), `${hash}0`, hash.toUpperCase(), hash.replace(/.$/, 'g'), hash.replace(/^0/, ' ')]) expect(index.get(text)).toBeUndefined();
    expect(index.get(hash)).toBe(index.genesis);
  });

  it('finds a header by its bytes as by its text', () => {
    const { index } = new Pair(undefined);
    const { header } = MAIN.genesis;
    const above = { ...header, previousHash: hashHeader(header), time: header.time + 10 };
    const internal = hashHeader(above);
    expect(index.getInternal(internal)).toBeUndefined();
    const child = index.insertHeader(internal, encodeHeader(above), index.genesis);
    expect(index.getInternal(internal)).toBe(child);
    expect(index.getInternal(hashHeader(header))).toBe(index.genesis);
    // One bit of any byte makes another hash.
    for (let i = 0; i < internal.length; i++) {
      const other = internal.slice();
      other[i] = (other[i] as number) ^ 0x80;
      expect(index.getInternal(other)).toBeUndefined();
    }
  });
});

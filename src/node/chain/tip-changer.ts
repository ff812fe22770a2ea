import type { HashHex } from '../../shared/blocks.ts';
import type { RuleError } from '../consensus/errors.ts';
import { invalidAncestor, parseBlock } from '../consensus/rules.ts';
import type { Block } from '../primitives/block.ts';
import { recordsOf } from './header-reader.ts';
import type { IndexEntry } from './index-entry.ts';
import { type BlockCache, checkPlan, planReorg, type ReorgPlan } from './reorg.ts';
import { StoreError } from './store/errors.ts';
import type { StoreOp } from './store/store.ts';
import type { BlockOrigin, Reorg } from './types.ts';
import type { WriterParts } from './writer-parts.ts';

/** The block whose arrival started it all: the events of the others carry what is left of their origin. */
export interface Trigger {
  readonly entry: IndexEntry;
  readonly origin: BlockOrigin;
}

export type Extension = { status: 'extended'; previous: IndexEntry } | { status: 'invalid'; error: RuleError };

function originOf(entry: IndexEntry, trigger: Trigger | undefined): BlockOrigin {
  if (trigger?.entry === entry) return trigger.origin;
  return { kind: entry.origin === 'mined' ? 'mined' : 'peer' };
}

/** The transactions of a block that was connected by these ops. */
function idsIn(ops: readonly StoreOp[], entry: IndexEntry): HashHex[] {
  return ops.flatMap((op) => (op.op === 'transaction' && op.place?.blockHash === entry.hash ? [op.id] : []));
}

/** Moves the tip: plan, check, one batch, memory, events; or nothing at all. */
export class TipChanger {
  readonly #parts: WriterParts;
  readonly #write: (ops: readonly StoreOp[]) => Promise<void>;

  constructor(parts: WriterParts, write: (ops: readonly StoreOp[]) => Promise<void>) {
    this.#parts = parts;
    this.#write = write;
  }

  /** A block on the tip: `body` and the new tip go to disk as one batch, then `enter` puts it into the index. */
  async extendTip(entry: IndexEntry, block: Block, body: readonly StoreOp[], enter: () => void): Promise<Extension> {
    const { index, store } = this.#parts;
    const previous = index.tip;
    const plan: ReorgPlan = { fork: previous, oldTip: previous, newTip: entry, disconnect: [], connect: [entry] };
    const checked = await checkPlan(plan, index, store, () => Promise.resolve(block));
    if (checked.status === 'invalid') return { status: 'invalid', error: checked.error };
    if (checked.status !== 'ok') throw new Error('the block in hand cannot be unreadable');
    await this.#write([...body, ...checked.ops]);
    enter();
    index.setTip(entry);
    return { status: 'extended', previous };
  }

  announceExtension(entry: IndexEntry, block: Block, previous: IndexEntry, origin: BlockOrigin): void {
    this.#parts.emitter.emit('connect', entry, block, origin);
    this.#parts.emitter.emit('tip', entry, previous);
  }

  /**
   * As long as a complete branch beats the tip: tries to make it active. A branch that turns out invalid is cut off where it
   * is, and what is left of it stands again for election. Returns the last reorg. Rejects with StoreError, the tip unchanged.
   */
  async activateBest(from: Iterable<IndexEntry>, cache: BlockCache, trigger: Trigger | undefined): Promise<Reorg | undefined> {
    const { index, store } = this.#parts;
    const candidates = new Set(from);
    let reorg: Reorg | undefined;
    for (;;) {
      const best = index.bestCandidate(candidates);
      if (best === undefined) return reorg;
      const plan = planReorg(index, best);
      const checked = await checkPlan(plan, index, store, (entry) => this.#read(entry, cache));
      if (checked.status === 'ok') {
        await this.#write(checked.ops);
        index.setTip(best);
        for (const entry of plan.disconnect) if (!entry.hasBlock) this.#forgetLost(entry);
        reorg = await this.#announce(plan, checked.ops, cache, trigger);
      } else if (checked.status === 'invalid') {
        await this.#condemn(checked.entry, checked.error, trigger);
      } else {
        this.#loseSideBody(checked.entry);
      }
      // Cutting a branch may leave another one, known for longer, as the best.
      if (checked.status !== 'ok') for (const leaf of index.leaves) candidates.add(leaf);
    }
  }

  /** Complete blocks that did not become active. */
  async announceSides(linked: readonly IndexEntry[], cache: BlockCache, trigger: Trigger): Promise<void> {
    for (const entry of linked) {
      if (entry.invalid || this.#parts.index.isActive(entry)) continue;
      const block = await this.#readOrNone(entry, cache);
      if (block !== undefined) this.#parts.emitter.emit('side', entry, block, originOf(entry, trigger));
    }
  }

  async #read(entry: IndexEntry, cache: BlockCache): Promise<Block | undefined> {
    const cached = cache.get(entry.hash);
    if (cached !== undefined) return cached;
    const bytes = entry.hasBlock ? await this.#parts.readBody(entry) : undefined;
    if (bytes === undefined) return undefined;
    const block = parseBlock(bytes);
    cache.put(entry, block, bytes.length);
    return block;
  }

  /** For an event about what is stored already: it must not fail because the disk does so now. */
  async #readOrNone(entry: IndexEntry, cache: BlockCache): Promise<Block | undefined> {
    try {
      return await this.#read(entry, cache);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#parts.logger.warn('a block could not be read for its event', { hash: entry.hash, error });
      return undefined;
    }
  }

  async #announce(plan: ReorgPlan, written: readonly StoreOp[], cache: BlockCache, trigger: Trigger | undefined): Promise<Reorg | undefined> {
    const { emitter, logger } = this.#parts;
    for (const entry of plan.disconnect) {
      const block = await this.#readOrNone(entry, cache);
      if (block !== undefined) emitter.emit('disconnect', entry, block);
      else logger.warn('a disconnected block is lost, and its transactions with it', { hash: entry.hash });
    }
    for (const entry of plan.connect) {
      const block = await this.#readOrNone(entry, cache);
      if (block !== undefined) emitter.emit('connect', entry, block, originOf(entry, trigger));
      else emitter.emit('connect-unread', entry, idsIn(written, entry));
    }
    const isReorg = plan.disconnect.length > 0 && plan.connect.length > 0;
    const { fork, oldTip, newTip } = plan;
    const reorg: Reorg = { fork, oldTip, newTip, disconnected: [...plan.disconnect], connected: [...plan.connect] };
    if (isReorg) {
      logger.info('reorg', { depth: plan.disconnect.length, connected: plan.connect.length, tip: newTip.hash });
      emitter.emit('reorg', reorg);
    }
    emitter.emit('tip', newTip, oldTip);
    return isReorg ? reorg : undefined;
  }

  /** Marks a stored block and all above it as invalid, on disk as far as it goes: a mark that is lost is found again by the next check. */
  async #condemn(entry: IndexEntry, error: RuleError, trigger: Trigger | undefined): Promise<void> {
    const { index, store, invalidHashes, emitter, logger } = this.#parts;
    const condemned = this.#mark(entry);
    invalidHashes.set(entry.hash, error);
    index.findBestHeader();
    const stored = condemned.filter((at) => at.persisted);
    try {
      const records = await recordsOf(index, store, stored);
      if (records.length > 0) await this.#write(records.map((record) => ({ op: 'index', record })));
    } catch (failure) {
      if (!(failure instanceof StoreError)) throw failure;
      logger.warn('an invalid branch could not be marked on disk', { hash: entry.hash, error: failure });
    }
    logger.warn('a stored branch is invalid', { hash: entry.hash, height: entry.height, rule: error.rule });
    emitter.emit('invalid', entry.hash, entry.height, error, originOf(entry, trigger));
  }

  /** A header in the tree whose block broke a rule: it and the headers above it can never be part of the chain. */
  condemnHeaders(entry: IndexEntry): void {
    const reason = this.#parts.invalidHashes.get(entry.hash);
    this.#mark(entry);
    if (reason !== undefined) this.#parts.invalidHashes.set(entry.hash, reason);
    this.#parts.index.findBestHeader();
  }

  /** Marks a subtree; headers that nothing stored stands on leave the tree, remembered by hash. Returns what stayed. */
  #mark(entry: IndexEntry): IndexEntry[] {
    const { index, invalidHashes } = this.#parts;
    const subtree = index.subtree(entry);
    for (const at of subtree) at.invalid = true;
    const stayed: IndexEntry[] = [];
    const above = invalidAncestor(entry.hash);
    // Children before parents.
    for (const at of subtree.reverse()) {
      if (at !== entry) invalidHashes.set(at.hash, above);
      if (at.hasBlock || at.linked || at.persisted || at.hasChildren) stayed.push(at);
      else index.remove(at.row);
    }
    return stayed;
  }

  /** The body of a block beside the chain is gone: it must be fetched again before the branch can be chosen. */
  #loseSideBody(entry: IndexEntry): void {
    const { index, emitter } = this.#parts;
    index.setBody(entry, false);
    index.unlink(entry);
    index.findBestHeader();
    emitter.emit('notice', 'warning', 'block-damaged', `Block ${entry.height.toLocaleString('en')} of a side branch is damaged on disk; it is fetched again from a peer.`);
  }

  /** A lost body that left the active chain: its branch is incomplete from now on. */
  #forgetLost(entry: IndexEntry): void {
    this.#parts.lostBodies.delete(entry);
    this.#parts.index.unlink(entry);
  }
}

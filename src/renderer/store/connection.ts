/**
 * Keeps a NodeState in step with the node: listens first, then takes a snapshot, then applies what came meanwhile. A push is applied at once when the
 * page is idle. When applying takes long, because the machine is busy or much happens, the pushes that come meanwhile are applied as one: drawing them
 * one by one would leave no time to answer keys. A push with several blocks is no news of one of them: it lets a key and its frame go first.
 */
import type { NodeEvent } from '../../shared/events.ts';
import type { Client } from '../lib/client.ts';
import { toApiError } from '../lib/client.ts';
import { APPLY_REST, GAP_PATIENCE_MS, IDLE_APPLY_MS, MAX_APPLY_REST_MS, MAX_BUFFERED_EVENTS, SNAPSHOT_RETRY_MS } from '../lib/limits.ts';
import { pageMoments, type IdleMoments } from './idle-moments.ts';
import { applyEvents, applySnapshot, type NodeState } from './node-state.ts';

interface StateHolder {
  get(): NodeState;
  set(state: NodeState): void;
}

/** Several blocks, and nothing that is news by itself: nobody sees one of them, and a key may go first. */
function isFlood(events: readonly NodeEvent[]): boolean {
  if (events.some(({ type }) => type === 'reorg' || type === 'rejected' || type === 'notice')) return false;
  return events.filter(({ type }) => type === 'block').length > 1;
}

export interface Connection {
  /** Asks for a snapshot now, as after a failure. */
  refresh: () => void;
  close: () => void;
}

export function connect(client: Pick<Client, 'on' | 'snapshot'>, holder: StateHolder, idle: IdleMoments = pageMoments()): Connection {
  let closed = false;
  let loading = false;
  let again = false;
  let overflow = false;
  let buffer: NodeEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Runs while pushes wait for the page's rest to end. */
  let resting: ReturnType<typeof setTimeout> | undefined;
  /** Takes back the wish for an idle moment, while there is one. */
  let waiting: (() => void) | undefined;
  /** What applying and drawing took last, in ms. */
  let lastMs = 0;

  function later(ms: number): void {
    if (timer !== undefined || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      void load();
    }, ms);
  }

  function apply(events: readonly NodeEvent[]): void {
    const before = holder.get();
    const next = applyEvents(before, events);
    if (next === before) return;
    holder.set(next);
    // The missing block is usually in the next push, so a snapshot is the second resort. Only once for a gap: a node
    // whose snapshot has the same hole would be asked for ever.
    if (next.gap && !before.gap) {
      timer ??= setTimeout(() => {
        timer = undefined;
        if (holder.get().gap) void load();
      }, GAP_PATIENCE_MS);
    }
  }

  /** Applies what waits: at once, or in a moment that is long enough when several blocks have come. */
  function applySoon(): void {
    rest(undefined);
    if (waiting !== undefined) return;
    if (!isFlood(buffer)) applyWaiting();
    else waitForIdle(performance.now() + IDLE_APPLY_MS);
  }

  /** @param latest when it is done in any case */
  function waitForIdle(latest: number): void {
    waiting = idle.wait((freeMs) => {
      waiting = undefined;
      // It would run into the next frame, and that may be the one that answers a key.
      if (freeMs > 0 && freeMs < lastMs && performance.now() < latest) waitForIdle(latest);
      else applyWaiting();
    }, Math.max(1, latest - performance.now()));
  }

  /** Applies what waits, then lets the page rest for a while that grows with how long that took. */
  function applyWaiting(): void {
    rest(undefined);
    // A snapshot that is on its way goes first.
    if (closed || loading || buffer.length === 0) return;
    const events = buffer;
    buffer = [];
    const startedAt = performance.now();
    apply(events);
    rest(0);
    // React draws in a microtask that it queued while the state was set; this one runs after it.
    queueMicrotask(() => {
      lastMs = performance.now() - startedAt;
      rest(lastMs * APPLY_REST);
    });
  }

  function rest(ms: number | undefined): void {
    if (resting !== undefined) clearTimeout(resting);
    resting = ms === undefined || closed ? undefined : setTimeout(applySoon, Math.min(MAX_APPLY_REST_MS, ms));
  }

  async function load(): Promise<void> {
    if (closed) return;
    if (loading) {
      again = true;
      return;
    }
    loading = true;
    try {
      const snapshot = await client.snapshot();
      if (closed) return;
      const held = buffer;
      buffer = [];
      holder.set(applySnapshot(holder.get(), snapshot));
      loading = false;
      apply(held);
    } catch (thrown) {
      loading = false;
      // A node that does not answer leaves what is on the screen, with a banner that says so.
      if (!closed) holder.set({ ...holder.get(), phase: 'lost', problem: toApiError(thrown).message });
      later(SNAPSHOT_RETRY_MS);
    }
    if (again || overflow) {
      again = false;
      overflow = false;
      void load();
    }
  }

  const off = client.on('events', (push) => {
    if (push.kind === 'resync') {
      void load();
      return;
    }
    buffer.push(...push.events);
    if (buffer.length > MAX_BUFFERED_EVENTS) {
      buffer = buffer.slice(-MAX_BUFFERED_EVENTS);
      overflow = true;
    }
    if (loading || holder.get().phase !== 'live') return;
    if (overflow) {
      overflow = false;
      void load();
    } else if (resting === undefined) applySoon();
  });
  void load();

  return {
    refresh: () => {
      if (timer !== undefined) clearTimeout(timer);
      timer = undefined;
      void load();
    },
    close: () => {
      closed = true;
      if (timer !== undefined) clearTimeout(timer);
      rest(undefined);
      waiting?.();
      off();
    },
  };
}

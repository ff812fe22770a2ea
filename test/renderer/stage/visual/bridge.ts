/** A `window.chainscope` that answers from a Show. `window.visual` lets a test send events. */
import type { ChainscopeBridge, EventPush, IpcPushes, IpcPushName, IpcResult } from '../../../../src/shared/ipc.ts';
import type { NodeEventBody } from '../../../../src/shared/events.ts';
import { defaultPreferences, type Preferences } from '../../../../src/shared/preferences.ts';
import { overviewOf, peer, snapshotOf, type Miner, type Show } from './world.ts';

export interface Visual {
  show: Show;
  send(bodies: readonly NodeEventBody[]): void;
  /** Adds blocks on the tip, one push for each. */
  arrive(count: number, miner: Miner): void;
}

export function installBridge(show: Show, preferences: Partial<Preferences>): Visual {
  let seq = 1;
  let current: Preferences = { ...defaultPreferences, ...preferences };
  const listeners = new Map<IpcPushName, Set<(payload: never) => void>>();
  const emit = <P extends IpcPushName>(name: P, payload: IpcPushes[P]): void => {
    for (const listener of listeners.get(name) ?? []) (listener as (payload: IpcPushes[P]) => void)(payload);
  };
  const ok = <T>(value: T): Promise<IpcResult<T>> => Promise.resolve({ ok: true, value });
  const first = snapshotOf(show);
  if (show.then !== undefined) {
    // The show's world is already at its end: the snapshot is what stood before.
    const later = new Set(show.then.flat().flatMap((body) => (body.type === 'block' ? [body.block.hash] : [])));
    const reorg = show.then.flat().find((body) => body.type === 'reorg');
    if (reorg?.type === 'reorg') {
      first.chain = { ...first.chain, tip: reorg.reorg.oldTip };
      first.blocks = first.blocks.filter((block) => !later.has(block.hash));
    }
  }
  const bridge: ChainscopeBridge = {
    snapshot: () => ok(first),
    getBlock: (ref) => ok(show.world.detail(ref)),
    tamper: (request) => ok(show.world.tamper(request)),
    checkBlock: (hash) => ok({ hash, ms: 0.2, times: { read: 0.1, work: 0.02, parent: 0.03, time: 0.01, data: 0.14 } }),
    findBlocks: () => ok({ blocks: [], searched: 0, complete: true }),
    getBlocks: ({ from = 0, limit = 100 }) => ok(show.world.active().slice(from, from + limit)),
    overview: ({ buckets }) => ok(overviewOf(show.world, buckets)),
    chainIndex: ({ from, limit }) => ok(show.world.index(from, limit)),
    forks: ({ from, to }) => ok({ forks: show.world.sideTips().filter((tip) => tip.height >= from && tip.forkHeight <= to), more: false }),
    mine: () => ok({ jobId: 1 }),
    stopMining: () => ok(true),
    addPeer: ({ address }) => ok(peer({ id: address, name: address }, show.world.tip, 'same-tip', { address })),
    removePeer: () => ok(true),
    cutPeer: ({ key }) => ok(peer({ id: key, name: key }, show.world.tip, 'same-tip', { key, state: 'cut', cutBy: 'us' })),
    mendPeer: ({ key }) => ok(peer({ id: key, name: key }, show.world.tip, 'same-tip', { key })),
    submitTransaction: ({ dataText }) => ok({ id: '0'.repeat(64), dataText, size: dataText.length, time: 0, receivedAt: 0 }),
    transactions: () => ok([]),
    spawnPeer: () => ok({ pid: 1 }),
    getPreferences: () => ok(current),
    setPreferences: (patch) => {
      current = { ...current, ...(patch as Partial<Preferences>) };
      emit('preferences', current);
      return ok(current);
    },
    copyText: () => ok(null),
    on: (name, listener) => {
      const all = listeners.get(name) ?? new Set();
      all.add(listener);
      listeners.set(name, all);
      return () => all.delete(listener);
    },
    platform: 'linux',
  };
  const visual: Visual = {
    show,
    send(bodies) {
      const events = bodies.map((body) => ({ ...body, seq: (seq += 1), at: Date.now() }));
      emit('events', { kind: 'events', events } satisfies EventPush);
    },
    arrive(count, miner) {
      for (let i = 0; i < count; i += 1) {
        show.world.activate(show.world.mine(miner));
        visual.send([
          { type: 'block', block: show.world.tip },
          { type: 'tip', chain: show.world.chain() },
        ]);
      }
    },
  };
  Object.assign(window, { chainscope: bridge, visual });
  return visual;
}

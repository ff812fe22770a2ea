/** A `window.chainscope` that answers from a Look. `window.visual` lets a test send events. */
import type { ChainscopeBridge, EventPush, IpcPushes, IpcPushName, IpcResult } from '../../../../src/shared/ipc.ts';
import type { NodeEventBody } from '../../../../src/shared/events.ts';
import { defaultPreferences, type Preferences } from '../../../../src/shared/preferences.ts';
import type { Look } from '../../../../e2e/harness/looks/states.ts';
import { overviewOf, peer, snapshotOf, type Miner } from './world.ts';

export interface Visual {
  show: Look;
  send(bodies: readonly NodeEventBody[]): void;
  /** Adds blocks on the tip, one push for each. */
  arrive(count: number, miner: Miner): void;
}

export function installBridge(show: Look, preferences: Partial<Preferences>): Visual {
  let seq = 1;
  let current: Preferences = { ...defaultPreferences, ...preferences };
  const listeners = new Map<IpcPushName, Set<(payload: never) => void>>();
  const emit = <P extends IpcPushName>(name: P, payload: IpcPushes[P]): void => {
    for (const listener of listeners.get(name) ?? []) (listener as (payload: IpcPushes[P]) => void)(payload);
  };
  const ok = <T>(value: T): Promise<IpcResult<T>> => Promise.resolve({ ok: true, value });
  const first = snapshotOf(show);
  // What the events of `then` tell of can be asked for from the start.
  const world = show.settled ?? show.world;
  const bridge: ChainscopeBridge = {
    snapshot: () => ok(first),
    getBlock: (ref) => ok(world.detail(ref)),
    tamper: (request) => ok(world.tamper(request)),
    checkBlock: (hash) => ok({ hash, ms: 0.2, times: { read: 0.1, work: 0.02, parent: 0.03, time: 0.01, data: 0.14 } }),
    findBlocks: () => ok({ blocks: [], searched: 0, complete: true }),
      stopFinding: () => ok(null),
    getBlocks: ({ from = 0, limit = 100 }) => ok(world.active().slice(from, from + limit)),
    overview: ({ buckets }) => ok(overviewOf(world, buckets)),
    chainIndex: ({ from, limit }) => ok(world.index(from, limit)),
    forks: ({ from, to }) => ok({ forks: world.sideTips().filter((tip) => tip.height >= from && tip.forkHeight <= to), more: false }),
    mine: () => ok({ jobId: 1 }),
    stopMining: () => ok(true),
    addPeer: ({ address }) => ok(peer({ id: address, name: address }, world.tip, 'same-tip', { address })),
    removePeer: () => ok(true),
    cutPeer: ({ key }) => ok(peer({ id: key, name: key }, world.tip, 'same-tip', { key, state: 'cut', cutBy: 'us' })),
    mendPeer: ({ key }) => ok(peer({ id: key, name: key }, world.tip, 'same-tip', { key })),
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
        world.activate(world.mine(miner));
        visual.send([
          { type: 'block', block: world.tip },
          { type: 'tip', chain: world.chain() },
        ]);
      }
    },
  };
  Object.assign(window, { chainscope: bridge, visual });
  return visual;
}

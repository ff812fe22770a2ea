import { afterEach, describe, expect, it, vi } from 'vitest';
import { SPAWN_WAIT_MS } from '../../../src/renderer/lib/limits.ts';
import { spawnPeerAndMeet } from '../../../src/renderer/panels/peers/actions.ts';
import { useNode } from '../../../src/renderer/store/index.ts';
import { peer } from '../store/helpers.ts';

const spawnPeer = vi.hoisted(() => vi.fn<() => Promise<void>>());
vi.mock('../../../src/renderer/lib/client.ts', async (original) => ({ ...(await original<object>()), client: () => ({ spawnPeer }) }));

const show = (...names: string[]): void => useNode.setState({ peers: new Map(names.map((name) => [name, peer(name, { key: name })])) });

/** Whether it has resolved, once everything that can has. */
async function over(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise(setImmediate);
  return done;
}

describe('spawnPeerAndMeet', () => {
  afterEach(() => {
    vi.useRealTimers();
    spawnPeer.mockReset();
    show();
  });

  it('waits for a node that was not there before, also when another one leaves', async () => {
    show('Birch', 'Cedar');
    const spawned = spawnPeerAndMeet();
    expect(await over(spawned)).toBe(false);
    show('Birch');
    expect(await over(spawned)).toBe(false);
    show('Birch', 'Dune');
    expect(await over(spawned)).toBe(true);
  });

  it('sees one that came before the answer', async () => {
    spawnPeer.mockImplementation(() => Promise.resolve(show('Dune')));
    expect(await over(spawnPeerAndMeet())).toBe(true);
  });

  it('waits no longer than anybody would, and not at all when nothing was started', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const silent = spawnPeerAndMeet();
    expect(await over(silent)).toBe(false);
    vi.advanceTimersByTime(SPAWN_WAIT_MS);
    expect(await over(silent)).toBe(true);
    spawnPeer.mockRejectedValue(new Error('no room'));
    expect(await over(spawnPeerAndMeet())).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { Camera, cameraRange, clampTo, reveal, type Ticker } from '../../../src/renderer/stage/camera.ts';
import { waitToSay } from '../../../src/renderer/stage/HeadlineText.tsx';
import { shortTries, workShare } from '../../../src/renderer/stage/Ghost.tsx';
import { ANNOUNCE_MS, SNAP_BLOCKS_PER_SECOND } from '../../../src/renderer/stage/limits.ts';
import { ArrivalMeter, CAMERA_MS, isNews, SceneKeeper } from '../../../src/renderer/stage/motion.ts';
import { wheelPixels } from '../../../src/renderer/stage/usePanning.ts';
import { makeTree, run, type Tree } from './make.ts';

function keeper(options: { reduced?: boolean; hidden?: boolean } = {}) {
  const clock = { now: 0 };
  const keep = new SceneKeeper({
    now: () => clock.now,
    reducedMotion: () => options.reduced ?? false,
    hidden: () => options.hidden ?? false,
  });
  return { clock, show: (tree: Tree, reorgId = 0) => keep.scene(tree.blocks, tree.active, reorgId) };
}
const chain = (length: number): Tree => makeTree('g', run('a', length, 'g'), length === 0 ? 'g' : `a${length}`);

describe('SceneKeeper', () => {
  it('calls nothing new that was there when the window opened', () => {
    const { show } = keeper();
    expect(show(chain(5)).fresh.size).toBe(0);
  });

  it('names what came since, and moves it', () => {
    const { show } = keeper();
    show(chain(5));
    const tree = chain(6);
    const scene = show(tree);
    expect([...scene.fresh]).toEqual([tree.hash('a6')]);
    expect(scene.motion).toBe('full');
  });

  it('gives the same scene for the same input', () => {
    const { show } = keeper();
    const tree = chain(5);
    expect(show(tree)).toBe(show(tree));
  });

  it('keeps the objects of blocks that stay as they are', () => {
    const { show } = keeper();
    const before = chain(5);
    const first = show(before);
    const blocks = new Map([...before.blocks, ...[...chain(6).blocks].filter(([hash]) => !before.blocks.has(hash))]);
    const after = show({ ...before, blocks, active: chain(6).active });
    expect(after.layout.blocks.get(before.hash('a3'))).toBe(first.layout.blocks.get(before.hash('a3')));
    expect(after.layout.blocks.get(before.hash('a5'))).not.toBe(first.layout.blocks.get(before.hash('a5')));
  });

  it(`snaps above ${SNAP_BLOCKS_PER_SECOND} blocks a second, and moves again when it is quiet`, () => {
    const { clock, show } = keeper();
    show(chain(1));
    const motions: string[] = [];
    for (let i = 2; i <= 7; i += 1) {
      clock.now += 100;
      motions.push(show(chain(i)).motion);
    }
    expect(motions).toEqual(['full', 'full', 'full', 'full', 'snap', 'snap']);
    clock.now += 2000;
    expect(show(chain(8)).motion).toBe('full');
  });

  it('snaps in a hidden window and fades when motion is reduced', () => {
    const hidden = keeper({ hidden: true });
    hidden.show(chain(1));
    expect(hidden.show(chain(2)).motion).toBe('snap');
    const reduced = keeper({ reduced: true });
    reduced.show(chain(1));
    expect(reduced.show(chain(2)).motion).toBe('fade');
  });

  it('packs lanes afresh at a reorg only', () => {
    const { show } = keeper();
    show(makeTree('g', [...run('a', 8, 'g'), ...run('d', 2, 'a2')], 'a8'));
    const rows = [...run('a', 8, 'g'), ...run('d', 3, 'a2'), 'e1<a3'];
    const tree = makeTree('g', rows, 'a8');
    expect(show(tree).layout.lanes.get(tree.hash('d3'))).toBe(1);
    expect(show(tree, 1).layout.lanes.get(tree.hash('d3'))).toBe(2);
  });
});

describe('ArrivalMeter', () => {
  it('counts the last second', () => {
    const meter = new ArrivalMeter();
    meter.add(3, 0);
    meter.add(2, 900);
    expect(meter.rate(950)).toBe(5);
    expect(meter.rate(1000)).toBe(2);
    expect(meter.rate(5000)).toBe(0);
  });
});

describe('Camera', () => {
  function withTicker() {
    const state = { now: 0, callbacks: new Map<number, () => void>(), next: 1 };
    const ticker: Ticker = {
      now: () => state.now,
      request: (callback) => {
        state.callbacks.set(state.next, callback);
        return state.next++;
      },
      cancel: (id) => state.callbacks.delete(id),
    };
    const frame = (ms: number): void => {
      state.now += ms;
      const due = [...state.callbacks.values()];
      state.callbacks.clear();
      for (const callback of due) callback();
    };
    return { camera: new Camera(ticker), frame, waiting: () => state.callbacks.size };
  }

  it('jumps at once and glides in its time, always onwards', () => {
    const { camera, frame, waiting } = withTicker();
    camera.jump(100);
    expect(camera.get()).toBe(100);
    camera.glide(200);
    const seen: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      frame(CAMERA_MS / 8);
      seen.push(camera.get());
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(camera.get()).toBe(200);
    expect(waiting()).toBe(0);
  });

  it('forgets a glide when it is sent elsewhere', () => {
    const { camera, frame, waiting } = withTicker();
    camera.glide(1000);
    frame(50);
    camera.jump(5);
    frame(1000);
    expect(camera.get()).toBe(5);
    camera.glide(9);
    camera.stop();
    expect(waiting()).toBe(0);
  });

  it('tells its listeners of changes only', () => {
    const { camera } = withTicker();
    let calls = 0;
    const off = camera.subscribe(() => (calls += 1));
    camera.jump(1);
    camera.jump(1);
    off();
    camera.jump(2);
    expect(calls).toBe(1);
  });

  it('stays within the strip, at its left end when everything fits', () => {
    expect(cameraRange(-40, 5000, 1280)).toEqual({ min: -40, max: 3720 });
    expect(cameraRange(-40, 500, 1280)).toEqual({ min: -40, max: -40 });
    expect(clampTo({ min: 0, max: 10 }, 99)).toBe(10);
    expect(clampTo({ min: 0, max: 10 }, -1)).toBe(0);
  });

  it('moves as little as it can to show a column', () => {
    expect(reveal(1000, 500, 1100, 1152, 68)).toBe(1000);
    expect(reveal(1000, 500, 900, 952, 68)).toBe(832);
    expect(reveal(1000, 500, 1500, 1552, 68)).toBe(1120);
  });
});

describe('wheelPixels', () => {
  const wheel = (deltaX: number, deltaY: number, more = {}) => ({ deltaX, deltaY, deltaMode: 0, shiftKey: false, ctrlKey: false, ...more });

  it('takes sideways always, up and down only where the page does not need it', () => {
    expect(wheelPixels(wheel(30, 2), true)).toBe(30);
    expect(wheelPixels(wheel(0, 30), false)).toBe(30);
    expect(wheelPixels(wheel(0, 30), true)).toBe(0);
    expect(wheelPixels(wheel(0, 30, { shiftKey: true }), true)).toBe(30);
    expect(wheelPixels(wheel(0, 2, { deltaMode: 1 }), false)).toBe(80);
    expect(wheelPixels(wheel(0, 30, { ctrlKey: true }), false)).toBe(0);
  });
});

describe('the ghost', () => {
  it('never fills: its mark is at 63% of the expected tries', () => {
    expect(workShare(1_000_000, 1_000_000)).toBeCloseTo(0.632, 3);
    expect(workShare(0, 100)).toBe(0);
    expect(workShare(5, 0)).toBe(0);
    expect(workShare(1e12, 100)).toBeLessThan(1);
  });

  it('writes tries in a tile\'s width', () => {
    expect(shortTries(812)).toBe('812');
    expect(shortTries(451_904)).toBe('0.45 M');
    expect(shortTries(12_345_678)).toBe('12.3 M');
    for (const tries of [1, 999, 1000, 99_999, 100_000, 999_999, 1_000_000, 123_456_789_012]) {
      expect(shortTries(tries).length).toBeLessThanOrEqual(7);
    }
  });
});

describe('news', () => {
  it('is new for a moment only', () => {
    expect(isNews(1000, 1010)).toBe(true);
    expect(isNews(1000, 2000)).toBe(false);
    expect(isNews(null, 0)).toBe(false);
  });
});

describe('announcements', () => {
  it('come at once after a pause, and otherwise wait their turn', () => {
    expect(waitToSay(0, 1_000_000, ANNOUNCE_MS)).toBe(0);
    expect(waitToSay(1_000_000, 1_000_500, ANNOUNCE_MS)).toBe(ANNOUNCE_MS - 500);
  });
});

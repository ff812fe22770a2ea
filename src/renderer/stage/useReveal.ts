import { useLayoutEffect } from 'react';
import { fetchDetail, knownActive, useUi } from '../store/index.ts';
import { useTamper } from '../tamper/tamper-store.ts';
import type { Camera } from './camera.ts';
import type { ChainView } from './canvas/chainView.ts';
import type { ChainPages } from './chainPages.ts';

/** Blocks after a changed one that come into sight with it. */
const FOLLOWERS = 3;

/**
 * Brings into sight what was asked for elsewhere: in the detail panel, a toast, a presentation, or in the table while that stood in place of the strip.
 *
 * @param revealColumn moves the camera to a height, or to as many of several as there is room for.
 */
export function useReveal(camera: Camera, view: ChainView, pages: ChainPages, revealColumn: (height: number, last?: number) => void): void {
  const selectedHash = useUi((state) => state.selectedHash);
  const selectedHeight = useUi((state) => state.selectedHeight);
  const replay = useUi((state) => state.replay);
  const change = useTamper((state) => state.change);

  useLayoutEffect(() => {
    if (selectedHash === null) {
      camera.revealed.chosen = null;
      return undefined;
    }
    const placed = view.get(selectedHash);
    // Whoever chose it by its height has it in full already: the page of its neighbours comes later.
    const known = placed === undefined ? knownActive(selectedHash) : undefined;
    if (known !== undefined) pages.take(known);
    if (camera.revealed.chosen === selectedHash) return undefined;
    const show = (height: number): void => {
      camera.revealed.chosen = selectedHash;
      revealColumn(height);
    };
    const height = placed?.block.height ?? selectedHeight;
    if (height !== null) {
      show(height);
      return undefined;
    }
    let stale = false;
    fetchDetail(selectedHash).then(
      (block) => {
        if (block !== null && !stale) show(block.height);
      },
      // The detail panel says that there is no answer.
      () => undefined,
    );
    return () => {
      stale = true;
    };
    // Once for each choice: what comes later must not pull the camera back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selectedHash]);

  // The fork of a replay, which is chosen with it, also where it was chosen before and left since.
  useLayoutEffect(() => {
    if (replay !== null) revealColumn(replay.forkHeight);
    // Once for each replay.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [replay]);

  // A block that was changed comes into sight with some of those that no longer follow: they are what there is to see.
  const changedHash = change?.hash ?? null;
  useLayoutEffect(() => {
    if (camera.revealed.changed === changedHash) return;
    camera.revealed.changed = changedHash;
    if (change !== null) revealColumn(change.height, Math.min(view.tipHeight, change.height + FOLLOWERS));
    // Once for each block that is changed.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [changedHash]);
}

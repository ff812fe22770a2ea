/** Whether the window presents, which scene is on, and what was true when it began. */
import { create } from 'zustand';
import type { HashHex } from '../../shared/blocks.ts';
import { toasts } from '../app/toast-manager.ts';
import { startMining, stopMining } from '../panels/mine/draft.ts';
import { cutAllPeers, mendAllPeers, spawnPeer } from '../panels/peers/actions.ts';
import { goToTip, select, useNode, useUi } from '../store/index.ts';
import { beginTamper, copyOf, restore, useTamper } from '../tamper/tamper-store.ts';
import { type Begun, type PresentFacts, presentFactsOf, type SceneId, scenesOf, tamperHeight } from './scenes.ts';

/** Id of the first scene's button: where the focus goes when the window begins to present. */
export const FIRST_SCENE = 'scene-mine';

interface PresentState {
  open: boolean;
  scene: Begun | null;
  /** A command of a scene is on its way. */
  busy: boolean;
}

export const usePresent = create<PresentState>()(() => ({ open: false, scene: null, busy: false }));

/** What had the focus last outside dialogs: whoever opened the presentation, also by way of the palette. */
let opener: HTMLElement | null = null;

/** Remembers where the focus is, for the way back. Returns the undo function. */
export function watchFocus(): () => void {
  const note = (event: FocusEvent): void => {
    const { target } = event;
    if (!(target instanceof HTMLElement) || usePresent.getState().open) return;
    if (target.closest('[role="dialog"], [role="alertdialog"]') === null) opener = target;
  };
  window.addEventListener('focusin', note);
  return () => window.removeEventListener('focusin', note);
}

export function enterPresent(): void {
  if (usePresent.getState().open) return;
  // The panel that it is typed in is hidden from now on.
  restore();
  looked = null;
  document.documentElement.dataset['present'] = '';
  // What they tell was before the room looked, and they would lie over the chain.
  toasts.dismissPassing();
  usePresent.setState({ open: true, scene: null, busy: false });
}

export function leavePresent(): void {
  if (!usePresent.getState().open) return;
  delete document.documentElement.dataset['present'];
  endTamper();
  usePresent.setState({ open: false, scene: null });
  // The panels are back only now, so that what had the focus in them can take it again.
  if (opener?.isConnected === true) opener.focus();
}

export function togglePresent(): void {
  if (usePresent.getState().open) leavePresent();
  else enterPresent();
}

/** The block that was chosen to be changed, and what was looked at before; null when that is looked at again. */
let looked: (Pick<ReturnType<typeof useUi.getState>, 'followTip' | 'selectedHash' | 'selectedHeight'> & { changed: HashHex }) | null = null;

/** Throws the copy away, also one that is on its way, and goes back to what was looked at, most often the tip; unless another block was chosen since. */
function endTamper(): void {
  restore();
  const before = looked;
  looked = null;
  if (before === null || useUi.getState().selectedHash !== before.changed) return;
  if (before.followTip) goToTip();
  // It may be older than what is followed: a chosen block stays chosen while the chain grows.
  if (before.selectedHash !== null || !before.followTip) select(before.selectedHash, before.selectedHeight);
}

/** Changes the data of a block below the tip, so that the room can read what was changed. */
async function tamper({ height, tampered }: PresentFacts): Promise<void> {
  endTamper();
  if (tampered !== null) return;
  const { followTip, selectedHash, selectedHeight } = useUi.getState();
  await beginTamper(tamperHeight(height), {
    change: (shown) => `${shown} (changed)`,
    told: true,
    begins: (changed) => {
      looked = { followTip, selectedHash, selectedHeight, changed };
    },
  });
}

/** A scene plays at the tip: whoever looks at old blocks is taken there. */
function atTip(act: (facts: PresentFacts) => Promise<void>): (facts: PresentFacts) => Promise<void> {
  return (facts) => {
    goToTip();
    return act(facts);
  };
}

const ACTS: Readonly<Record<SceneId, (facts: PresentFacts) => Promise<void>>> = {
  mine: atTip(({ mining }) => (mining ? stopMining() : startMining())),
  sync: atTip(spawnPeer),
  fork: atTip(async () => {
    await cutAllPeers();
    await startMining();
  }),
  reorg: atTip(mendAllPeers),
  tamper,
  freeze: atTip(({ frozen }) => (frozen ? mendAllPeers() : cutAllPeers())),
};

/** Does on this node what the scene shows; nothing when it is not possible now. */
export async function play(id: SceneId): Promise<void> {
  const facts = presentFactsOf(useNode.getState(), copyOf(useTamper.getState()));
  if (facts === null || usePresent.getState().busy) return;
  if (scenesOf(facts).find((scene) => scene.id === id)?.possible !== true) return;
  // Every other scene is about the chain as it is.
  if (id !== 'tamper') endTamper();
  usePresent.setState({
    busy: true,
    scene: { id, mends: id === 'reorg' || (id === 'freeze' && facts.frozen), height: facts.height, reorgId: facts.reorg?.id ?? 0, known: facts.peers.map(({ key }) => key), ...(facts.mining ? {} : { idleJob: facts.job }), restores: facts.tampered !== null },
  });
  try {
    await ACTS[id](facts);
  } finally {
    usePresent.setState({ busy: false });
  }
}

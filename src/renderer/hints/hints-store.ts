/** The hints that stand now, kept in step with the node and in the preferences. */
import { create } from 'zustand';
import type { Preferences } from '../../shared/preferences.ts';
import { toasts } from '../app/toast-manager.ts';
import { client } from '../lib/client.ts';
import { ctrlName } from '../lib/keys.ts';
import { useNode } from '../store/index.ts';
import { advance, factsOf, type Hints, opening, startAt, type Step } from './steps.ts';

/** null: no hints stand. */
export const useHints = create<{ hints: Hints | null }>()(() => ({ hints: null }));

/** A failure to keep it means that they begin again another time, which is not worth a word. */
function keep(step: Step | 'off'): void {
  client()
    .setPreferences({ hints: step })
    .catch(() => undefined);
}

function set(hints: Hints): void {
  const before = useHints.getState().hints;
  if (before === hints) return;
  useHints.setState({ hints });
  if (before?.step !== hints.step) keep(hints.step);
}

/**
 * Opens the hints where the preferences say that they are, or, for someone new, at their beginning; then follows the node. Returns
 * the undo function.
 */
export function startHints(): () => void {
  let kept: Preferences['hints'] | null = null;
  let opened = false;
  const follow = (): void => {
    const facts = factsOf(useNode.getState());
    const { hints } = useHints.getState();
    if (facts === null) return;
    if (hints !== null) set(advance(hints, facts));
    else if (kept !== null && !opened) {
      opened = true;
      const first = opening(kept, facts);
      if (first !== null) set(first);
    }
  };
  const off = useNode.subscribe(follow);
  client()
    .getPreferences()
    .then(
      (preferences) => {
        kept = preferences.hints;
        follow();
      },
      // A window that cannot read its preferences opens without hints; they can be asked for.
      () => undefined,
    );
  return off;
}

/** Takes the hints away until they are asked for. */
export function hideHints(): void {
  const { hints } = useHints.getState();
  if (hints === null) return;
  useHints.setState({ hints: null });
  keep('off');
  if (hints.step !== 'more') toasts.info('Hints are hidden', `Find or run (${ctrlName()} K) shows them again.`, { id: 'hints' });
}

/** Begins the hints again, past what is true already. */
export function showHints(): void {
  const facts = factsOf(useNode.getState());
  if (facts !== null) set(advance(startAt('mine'), facts));
}

import { create } from 'zustand';
import type { HashHex } from '../../shared/blocks.ts';
import type { ReorgInfo } from '../../shared/events.ts';
import type { Preferences } from '../../shared/preferences.ts';
import { client } from '../lib/client.ts';
import { useNode } from './node-store.ts';

export interface UiState {
  /** The block that the user chose; null means the tip, whichever it is. */
  selectedHash: HashHex | null;
  /** The height of that block, when whoever chose it knew it: then nobody has to ask for it. */
  selectedHeight: number | null;
  /** The Table of all blocks stands in place of the strip. */
  tableOpen: boolean;
  /** The view of the chain that opens takes the focus: the one that it replaces had it. */
  takesFocus: boolean;
  /** The strip stays at the tip when a block arrives. Kept in the preferences. */
  followTip: boolean;
  /** How near the chain is looked at: 0 is nearest, each step further out shows more of it. */
  zoom: number;
  /** The reorg that was asked to be shown once more, until a canvas takes it. */
  replay: ReorgInfo | null;
  /** What the user chose; `resolvedTheme` is what is painted. Kept in the preferences. */
  theme: Preferences['theme'];
  resolvedTheme: 'light' | 'dark';
  /** Single-letter shortcuts outside text fields. Kept in the preferences. */
  shortcuts: boolean;
}

// Not imported from shared/preferences.ts: that would bring the schema library into the page.
const initial: UiState = {
  selectedHash: null,
  selectedHeight: null,
  tableOpen: false,
  takesFocus: false,
  followTip: true,
  zoom: 0,
  replay: null,
  theme: 'system',
  resolvedTheme: 'light',
  shortcuts: true,
};

export const useUi = create<UiState>()(() => initial);

const systemIsDark = (): boolean => window.matchMedia('(prefers-color-scheme: dark)').matches;

/** Paints the theme that the preference and the system ask for. */
function paintTheme(theme: Preferences['theme']): void {
  const resolvedTheme = theme === 'system' ? (systemIsDark() ? 'dark' : 'light') : theme;
  document.documentElement.dataset['theme'] = resolvedTheme;
  useUi.setState({ theme, resolvedTheme });
}

function takePreferences(preferences: Preferences): void {
  useUi.setState({ followTip: preferences.followTip, shortcuts: preferences.shortcuts });
  paintTheme(preferences.theme);
}

/** Paints the system's theme at once, then loads the preferences and follows them. Returns the undo function. */
export function startPreferences(): () => void {
  paintTheme('system');
  const media = window.matchMedia('(prefers-color-scheme: dark)');
  const follow = (): void => paintTheme(useUi.getState().theme);
  media.addEventListener('change', follow);
  const off = client().on('preferences', takeAnswer);
  // A window without its preferences still works: it has the defaults.
  client().getPreferences().then(takeAnswer, () => undefined);
  return () => {
    media.removeEventListener('change', follow);
    off();
  };
}

/** Choices of this window that main has not answered yet. */
let keeping = 0;

/** What main says is older than what was chosen here meanwhile, until its last answer. */
function takeAnswer(preferences: Preferences): void {
  if (keeping === 0) takePreferences(preferences);
}

/** Shown at once, then kept by main; a failure to keep it is not worth a word. */
function keep(patch: Partial<Preferences>): void {
  keeping += 1;
  client()
    .setPreferences(patch)
    .finally(() => {
      keeping -= 1;
    })
    .then(takeAnswer, () => undefined);
}

/** Counts what was chosen. */
let choices = 0;

/** Shows a block in the detail panel and marks it in the strip; null goes back to the tip. */
export function select(hash: HashHex | null, height: number | null = null): void {
  choices += 1;
  useUi.setState({ selectedHash: hash, selectedHeight: height });
}

/** For a choice that waits for an answer: tells then whether it is still the last one. A later choice, waiting or not, overrules it. */
export function choosing(): () => boolean {
  const mine = (choices += 1);
  return () => mine === choices;
}

export function setZoom(zoom: number): void {
  useUi.setState({ zoom });
}

/** Brings the fork into sight and lets the blocks change places once more. */
export function replayReorg(reorg: ReorgInfo): void {
  select(reorg.forkHash, reorg.forkHeight);
  useUi.setState({ tableOpen: false, replay: { ...reorg } });
}

/** For the canvas: the reorg that was asked for, once. It may have been while the table stood there, and a canvas that comes later shows none. */
export function takeReplay(): ReorgInfo | null {
  const { replay } = useUi.getState();
  if (replay !== null) useUi.setState({ replay: null });
  return replay;
}

/** `takesFocus`: what is replaced has the focus, which goes to what replaces it. */
export function setTableOpen(tableOpen: boolean, takesFocus = false): void {
  useUi.setState({ tableOpen, takesFocus });
}

/** For the view that has opened: whether the focus is for it. True once. */
export function takeFocus(): boolean {
  const { takesFocus } = useUi.getState();
  if (takesFocus) useUi.setState({ takesFocus: false });
  return takesFocus;
}

/** Whoever asks to follow the tip wants to see it too: the choice of another block ends. */
export function setFollowTip(followTip: boolean): void {
  if (followTip) select(null);
  if (useUi.getState().followTip === followTip) return;
  useUi.setState({ followTip });
  keep({ followTip });
}

export function goToTip(): void {
  setFollowTip(true);
}

export function setTheme(theme: Preferences['theme']): void {
  paintTheme(theme);
  keep({ theme });
}

export function setShortcuts(shortcuts: boolean): void {
  useUi.setState({ shortcuts });
  keep({ shortcuts });
}

/** The block that the detail panel shows and the strip marks: the chosen one, or else the tip. */
export function useShownHash(): HashHex | null {
  const selected = useUi((state) => state.selectedHash);
  const tip = useNode((state) => state.chain?.tip.hash ?? null);
  return selected ?? tip;
}

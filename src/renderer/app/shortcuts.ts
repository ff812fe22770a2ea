/** Keys of the window. Single letters work only outside text fields, and only while the preference allows them. */
import { showHints } from '../hints/hints-store.ts';
import { client } from '../lib/client.ts';
import { closePalette, openPalette } from '../palette/palette-store.ts';
import { leavePresent, togglePresent } from '../present/present-store.ts';
import { goToTip, setTableOpen, setTheme, useUi } from '../store/index.ts';
import type { MenuCommand } from '../../shared/ipc.ts';

/** Ids of the elements that commands go to. */
export const IDS = { data: 'mine-data', mine: 'mine-button', address: 'peer-address', spawn: 'spawn-peer', tamper: 'tamper', tamperData: 'tamper-data' } as const;

/** Regions in the order of F6, by their `data-region`. */
const REGIONS = ['header', 'chain', 'present', 'block', 'mine', 'peers', 'hints', 'status', 'toasts'] as const;
export type RegionName = (typeof REGIONS)[number];

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), [tabindex]:not([tabindex="-1"])';

const inSight = (element: Element): boolean => element.getClientRects().length > 0;

function focusRegion(name: RegionName): boolean {
  const region = document.querySelector<HTMLElement>(`[data-region="${name}"]`);
  // Also one that is empty now: nobody could see where the focus is.
  if (region === null || region.childElementCount === 0) return false;
  const target = [...region.querySelectorAll<HTMLElement>(FOCUSABLE)].find(inSight) ?? region;
  target.focus();
  return document.activeElement === target;
}

/** Moves focus to the next region, or the one before; regions that cannot take focus are passed over. */
export function focusNextRegion(step: 1 | -1): void {
  const inside = document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset['region'];
  const at = REGIONS.findIndex((name) => name === inside);
  const start = at < 0 && step === -1 ? 0 : at;
  for (let i = 1; i <= REGIONS.length; i += 1) {
    const name = REGIONS[(start + step * i + REGIONS.length * 2) % REGIONS.length];
    if (name !== undefined && focusRegion(name)) return;
  }
}

function focusById(id: string): void {
  document.getElementById(id)?.focus();
}

/** What a command of the menu, or its key, does. Mining itself is handed in, since it belongs to its panel. */
export function runCommand(command: MenuCommand, mining: { start: () => void; stop: () => void }): void {
  switch (command) {
    case 'mine':
      mining.start();
      break;
    case 'stop-mining':
      mining.stop();
      break;
    case 'add-peer':
      focusById(IDS.address);
      break;
    case 'toggle-table':
      setTableOpen(!useUi.getState().tableOpen, document.activeElement?.closest('.table-frame, .strip-list') != null);
      break;
    case 'go-to-tip':
      goToTip();
      break;
    case 'palette':
      openPalette('run');
      break;
    case 'find':
      openPalette('find');
      break;
    case 'go-to-height':
      openPalette('height');
      break;
    case 'toggle-theme':
      setTheme(useUi.getState().resolvedTheme === 'dark' ? 'light' : 'dark');
      break;
    case 'present':
      togglePresent();
      break;
    case 'show-hints':
      leavePresent();
      showHints();
      break;
  }
}

/** Single letters and what they do, as the shortcuts list shows them. */
export const LETTERS: readonly { key: string; command: MenuCommand; label: string }[] = [
  { key: 'M', command: 'mine', label: 'Mine a block' },
  { key: 'S', command: 'stop-mining', label: 'Stop mining' },
  { key: 'P', command: 'add-peer', label: 'Type a peer address' },
  { key: 'T', command: 'toggle-table', label: 'Table of all blocks' },
  { key: 'L', command: 'go-to-tip', label: 'Go to the latest block' },
  { key: 'G', command: 'go-to-height', label: 'Go to a height' },
];

export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest('input, textarea, select, [role="combobox"], [role="textbox"]') !== null;
}

/** The command of a key press, or null. Pure, for its test. */
export function commandOfKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'repeat'>,
  context: { shortcuts: boolean; typing: boolean; dialogOpen: boolean },
): MenuCommand | null {
  if (!context.shortcuts || context.typing || context.dialogOpen) return null;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat) return null;
  return LETTERS.find(({ key }) => key.toLowerCase() === event.key.toLowerCase())?.command ?? null;
}

/** Keys that work everywhere, also in text fields; on a Mac with Command. */
export const CHORDS: readonly { key: string; command: MenuCommand; label: string }[] = [
  { key: 'K', command: 'palette', label: 'Find or run' },
  { key: 'F', command: 'find', label: 'Find in the data of blocks' },
];

/** The command of Ctrl and a letter, or null. Pure, for its test. A question that waits for an answer is not covered up. */
export function commandOfChord(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  context: { mac: boolean; questionOpen: boolean },
): MenuCommand | null {
  const held = context.mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!held || event.altKey || event.shiftKey || context.questionOpen) return null;
  return CHORDS.find(({ key }) => key.toLowerCase() === event.key.toLowerCase())?.command ?? null;
}

/** Whether a dialog is open: keys go to it and to nothing behind it. */
export const dialogOpen = (): boolean => document.querySelector('[role="alertdialog"], [role="dialog"][data-open]') !== null;

/** Listens to the window's keys. Returns the undo function. */
export function listenToKeys(run: (command: MenuCommand) => void): () => void {
  // Before everybody else: the toasts' own F6 would pull focus back to them from every region.
  const onF6 = (event: KeyboardEvent): void => {
    if (event.key !== 'F6' || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // Behind a dialog nothing may take the focus.
    if (!dialogOpen()) focusNextRegion(event.shiftKey ? -1 : 1);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    if (event.key === 'F5' && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      if (event.repeat || document.querySelector('[role="alertdialog"]') !== null) return;
      closePalette();
      run('present');
      return;
    }
    const chord = commandOfChord(event, {
      mac: client().platform === 'darwin',
      questionOpen: document.querySelector('[role="alertdialog"]') !== null,
    });
    if (chord !== null) {
      event.preventDefault();
      run(chord);
      return;
    }
    const command = commandOfKey(event, {
      shortcuts: useUi.getState().shortcuts,
      typing: takesText(event.target),
      dialogOpen: dialogOpen(),
    });
    if (command === null) return;
    event.preventDefault();
    run(command);
  };
  window.addEventListener('keydown', onF6, true);
  window.addEventListener('keydown', onKey);
  return () => {
    window.removeEventListener('keydown', onF6, true);
    window.removeEventListener('keydown', onKey);
  };
}

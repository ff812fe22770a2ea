import { create } from 'zustand';
import type { PaletteMode } from './query.ts';

interface PaletteState {
  open: boolean;
  mode: PaletteMode;
  text: string;
}

export const usePalette = create<PaletteState>()(() => ({ open: false, mode: 'run', text: '' }));

/** What had the focus when it was opened. */
let opener: HTMLElement | null = null;

/** Opens the palette; one that is open goes over to the other mode and keeps what was typed. */
export function openPalette(mode: PaletteMode): void {
  const { open, text } = usePalette.getState();
  if (!open) opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  usePalette.setState({ open: true, mode, text: open && mode !== 'height' ? text.replace(/^[>@]\s*/, '') : '' });
}

/** What gets the focus back when it is closed. */
export const openerOfPalette = (): HTMLElement | null => opener;

export function closePalette(): void {
  usePalette.setState({ open: false });
}

export function setPaletteText(text: string): void {
  usePalette.setState({ text });
}

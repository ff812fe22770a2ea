import { nativeTheme, type BrowserWindow } from 'electron';
import type { Preferences } from '../shared/preferences.ts';

/** The page's background in both themes (`bg` of the design's tokens), so that a window never flashes in the wrong one. */
const BACKGROUND = { dark: '#0e1116', light: '#f3f1ec' } as const;

export const backgroundColor = (): string => (nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light);

/** Makes the choice the theme of the native parts and of `prefers-color-scheme` in the page. */
export function applyTheme(theme: Preferences['theme']): void {
  nativeTheme.themeSource = theme;
}

/** Keeps a window's background in step with the theme; returns the undo. */
export function followTheme(window: BrowserWindow): () => void {
  const update = (): void => {
    if (!window.isDestroyed()) window.setBackgroundColor(backgroundColor());
  };
  nativeTheme.on('updated', update);
  return () => nativeTheme.off('updated', update);
}

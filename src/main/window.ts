import { join } from 'node:path';
import { BrowserWindow, screen, type Session } from 'electron';
import { MAIN_LIMITS, WINDOW_SIZE } from './limits.ts';
import { APP_URL } from './protocol.ts';
import { backgroundColor, followTheme } from './theme.ts';
import { fitToDisplays, readWindowState, saveWindowState } from './window-state.ts';

export interface WindowOptions {
  dataDir: string;
  session: Session;
  /** Folder with `preload/index.cjs`. */
  outDir: string;
  /** URL of the development server, in development only. */
  devServer: string | undefined;
}

/**
 * The window: a sandboxed page without Node, at the place and size that it had. It shows itself when the page has painted.
 */
export function createWindow(options: WindowOptions): BrowserWindow {
  const saved = readWindowState(options.dataDir);
  const fitted = saved && fitToDisplays(saved, screen.getAllDisplays().map((display) => display.workArea));
  const window = new BrowserWindow({
    show: false,
    title: 'Chainscope',
    width: WINDOW_SIZE.width,
    height: WINDOW_SIZE.height,
    minWidth: WINDOW_SIZE.minWidth,
    minHeight: WINDOW_SIZE.minHeight,
    // Sizes are the page's, whatever frame and menu bar the desktop draws around it.
    useContentSize: true,
    roundedCorners: process.platform !== 'linux',
    backgroundColor: backgroundColor(),
    webPreferences: {
      session: options.session,
      preload: join(options.outDir, 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      enableWebSQL: false,
      devTools: true,
    },
  });
  // Saved bounds include the frame, so they are set here and not as the size of the content.
  if (fitted !== undefined) window.setBounds(fitted);
  else shrinkToScreen(window);
  keepState(window, options.dataDir);
  if (saved?.maximized === true) window.maximize();
  const unfollow = followTheme(window);
  window.once('closed', unfollow);
  window.once('ready-to-show', () => window.show());
  // The title names the node; the page's own is for assistive technology.
  window.on('page-title-updated', (event) => event.preventDefault());
  void window.loadURL(options.devServer ?? APP_URL).catch(() => undefined);
  return window;
}

/** On a screen too small for the default size the whole window, frame included, stays inside it. */
function shrinkToScreen(window: BrowserWindow): void {
  const { workArea } = screen.getPrimaryDisplay();
  if (workArea.width >= WINDOW_SIZE.width && workArea.height >= WINDOW_SIZE.height) return;
  const fitted = fitToDisplays(window.getBounds(), [workArea]);
  if (fitted !== undefined) window.setBounds(fitted);
}

/**
 * Writes place and size a moment after they change, and once more on closing. Of a maximised window those are written that it had before:
 * on X11 `getNormalBounds` of one that was maximised before it was shown says 0, 0.
 */
function keepState(window: BrowserWindow, dataDir: string): void {
  let normal = window.getBounds();
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return;
    const maximized = window.isMaximized();
    if (!maximized) normal = window.getBounds();
    saveWindowState(dataDir, { ...normal, maximized });
  };
  const soon = (): void => {
    timer ??= setTimeout(save, MAIN_LIMITS.stateWriteDelay);
  };
  window.on('resize', soon);
  window.on('move', soon);
  window.on('maximize', soon);
  window.on('unmaximize', soon);
  window.on('close', save);
  window.once('closed', () => clearTimeout(timer));
}

/** Every number of the main process that bounds a file, a queue, a timer or a size. */
export const MAIN_LIMITS = {
  /** Bytes of `preferences.json` and `window-state.json`; a larger file is not ours. */
  stateFileBytes: 64 * 1024,
  /** Unreadable ones that are kept beside it. */
  setAsideFiles: 20,
  /** Ms that the window may take to report its changes before they are written. */
  stateWriteDelay: 400,
  /** Ms that closing the node may take on quitting; then the process ends all the same. */
  closeTimeout: 3000,
  /** Ms that opening the node may take before the window is shown without it. */
  openPatience: 1000,
  /** Ms between two pushes to a window that nobody sees. */
  hiddenPushInterval: 1000,
  /** Blocks in one second from which on they are a flood: the stage shows no motion any more either. */
  floodBlocks: 5,
  /** Ms between two pushes in a flood. Each costs the page a picture and a layout, and nobody can read more. */
  floodPushInterval: 200,
  /** Blocks that are missing from which on it is a long sync, and ms between two pushes then: drawing takes the processor from fetching and checking. */
  longSyncBlocks: 1000,
  syncPushInterval: 500,
  /** Notices of the main process that are kept for snapshots. */
  notices: 20,
  /** Directories tried beside a data directory that is in use: `<dir>-2` to `<dir>-99`. */
  besideLast: 99,
  /** Characters of one path of the app:// protocol. */
  protocolPath: 1024,
  /** Reloads without a question after a crash of the page, when no dialog may be shown. */
  silentReloads: 3,
} as const;

/** Sizes of the page inside the window frame, in density-independent pixels. */
export const WINDOW_SIZE = { width: 1280, height: 800, minWidth: 900, minHeight: 600 } as const;

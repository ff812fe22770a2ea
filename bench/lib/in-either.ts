/** The frame of a program of the bench that runs in Node and as Electron's main process. */

export const runtimeName = (): string => {
  const { node, electron } = process.versions;
  return electron === undefined ? `Node ${node}` : `Electron ${electron}`;
};

/** Resolves with what ends the program: in Electron once it is ready, with a window open as in the app. */
async function whenReady(): Promise<() => void> {
  if (process.versions['electron'] === undefined) return () => process.exit(process.exitCode);
  const { app, BrowserWindow } = await import('electron');
  await app.whenReady();
  const window = new BrowserWindow({ width: 400, height: 300 });
  await window.loadURL('data:text/html,<title>bench</title><p>The bench runs; this window closes by itself.');
  return () => {
    window.destroy();
    app.exit(Number(process.exitCode ?? 0));
  };
}

/** Runs `main`, then ends the program: with 1 when it failed. Not to be awaited at the top of a module: Electron would never be ready. */
export async function runInEither(main: () => Promise<void>): Promise<void> {
  const leave = await whenReady();
  try {
    await main();
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
  leave();
}

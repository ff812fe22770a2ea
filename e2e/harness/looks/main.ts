/**
 * The main process of the window that pictures are taken of: everything between node and page is the app's own (window, preload, protocol with
 * its policy, checked IPC, pushes), only the node is a state that holds still. Built and started by `launch.ts`.
 */
import { join } from 'node:path';
import { app, ipcMain, type BrowserWindow } from 'electron';
import { EventPusher } from '../../../src/main/event-pusher.ts';
import { createHandlers } from '../../../src/main/handlers.ts';
import { isTrustedSender, registerIpc } from '../../../src/main/ipc-main.ts';
import { isOurPage, lockNavigation } from '../../../src/main/navigation.ts';
import { openPageSession, prepareScheme } from '../../../src/main/page-session.ts';
import { PreferencesStore } from '../../../src/main/preferences.ts';
import { applyTheme } from '../../../src/main/theme.ts';
import { createWindow } from '../../../src/main/window.ts';
import { pushChannel } from '../../../src/shared/ipc.ts';
import type { Preferences } from '../../../src/shared/preferences.ts';
import { LookNode } from './look-node.ts';
import { lookNames, looks, type LookName } from './states.ts';

/** What a test does in this process, through `electron.evaluate`. */
export interface LooksHand {
  /** The node becomes one in this state; the page must be loaded again to see it. Returns the time of its clock, ms since 1970. */
  show(name: LookName): number;
  /** What the state holds for later happens now. */
  continue(): void;
  /** The node answers no more, and the window is told to ask. */
  lose(): void;
  setPreferences(patch: Partial<Preferences>): void;
  resize(width: number, height: number, zoom: number): void;
}

const dataDir = process.env['LOOKS_DATA_DIR'] ?? '';
const outDir = process.env['LOOKS_OUT_DIR'] ?? '';
// One pixel is one pixel, one colour one colour, and letters are grey: pictures must not depend on the desktop they are taken on.
for (const [name, value] of [['force-device-scale-factor', '1'], ['force-color-profile', 'srgb'], ['disable-lcd-text'], ['lang', 'en-US']] as const) {
  app.commandLine.appendSwitch(name, value);
}
app.setPath('userData', join(dataDir, 'window'));
const log = (line: string): void => void process.stderr.write(`${line}\n`);
prepareScheme(undefined);
lockNavigation(undefined, log);
app.on('window-all-closed', () => app.quit());

void app.whenReady().then(() => {
  const preferences = new PreferencesStore(dataDir);
  const shown: { window?: BrowserWindow } = {};
  let node = new LookNode(looks[lookNames[0] ?? 'first-launch']());
  let off = (): void => undefined;
  const push = (name: 'events' | 'preferences', payload: unknown): void => shown.window?.webContents.send(pushChannel(name), payload);
  const pusher = new EventPusher((events) => push('events', events));
  const session = openPageSession(join(outDir, 'renderer'), undefined, log);
  registerIpc(ipcMain, createHandlers({ node: async () => node, preferences, spawnPeer: () => Promise.reject(new Error('not here')) }), {
    isTrusted: (event) => isTrustedSender(event, (id) => shown.window?.webContents.id === id, (url) => isOurPage(url, undefined)),
    report: log,
  });
  preferences.onChange((changed) => {
    applyTheme(changed.theme);
    push('preferences', changed);
  });
  const hand: LooksHand = {
    show(name) {
      off();
      const look = looks[name]();
      node = new LookNode(look);
      off = node.subscribe((event) => pusher.push(event));
      return look.now;
    },
    continue: () => node.continue(),
    lose() {
      node.gone = true;
      pusher.resync();
    },
    setPreferences: (patch) => void preferences.set(patch),
    resize(width, height, zoom) {
      shown.window?.setContentSize(width, height);
      shown.window?.webContents.setZoomFactor(zoom);
    },
  };
  Object.assign(globalThis, { looksHand: hand });
  hand.show('first-launch');
  shown.window = createWindow({ dataDir, session, outDir, devServer: undefined });
});

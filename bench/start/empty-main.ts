/** The baseline of the app's memory: Electron with a window of the app's size and nothing in it. */
import { app, BrowserWindow } from 'electron';

void app.whenReady().then(async () => {
  const window = new BrowserWindow({ width: 1280, height: 800, useContentSize: true, webPreferences: { sandbox: true } });
  await window.loadURL('data:text/html,<title>empty</title><p>Nothing.');
});
app.on('window-all-closed', () => app.quit());

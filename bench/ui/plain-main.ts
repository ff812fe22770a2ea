/** The main process of the plain list: a window of the size of the app's, with the page beside it. */
import { join } from 'node:path';
import { app, BrowserWindow } from 'electron';

const blocks = process.argv.find((argument) => argument.startsWith('--blocks='))?.slice('--blocks='.length) ?? '1000';

void app.whenReady().then(async () => {
  const window = new BrowserWindow({ width: 1280, height: 800, useContentSize: true, webPreferences: { sandbox: true } });
  await window.loadFile(join(import.meta.dirname, 'plain-list.html'), { query: { blocks } });
});
app.on('window-all-closed', () => app.quit());

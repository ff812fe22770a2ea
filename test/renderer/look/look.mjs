// Takes pictures of the renderer with a made-up node, for the eye: node test/renderer/look/look.mjs [folder] [name…]
// Prints what axe finds, and Base UI or React complaints. Development only; the pictures that tests compare come from the real app.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { _electron } from 'playwright';
import { createServer } from 'vite';
import { electronExecutable, ensureElectron } from '../../../scripts/lib/electron.mjs';

const [folder = join(tmpdir(), 'chainscope-look'), ...wanted] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const repository = resolve(import.meta.dirname, '../../..');

const server = await createServer({
  configFile: false,
  root: join(repository, 'src/renderer'),
  cacheDir: join(folder, '.vite'),
  logLevel: 'error',
  server: { port: 0, host: '127.0.0.1', fs: { allow: [repository] } },
  plugins: [
    react(),
    {
      name: 'made-up-node',
      transformIndexHtml: () => [
        { tag: 'script', attrs: { type: 'module', src: `/@fs${repository}/test/renderer/look/bridge.ts` }, injectTo: 'head-prepend' },
      ],
    },
  ],
});
await server.listen();
const address = server.resolvedUrls?.local[0] ?? '';

writeFileSync(join(folder, 'package.json'), '{"name":"look","main":"main.cjs"}');
writeFileSync(
  join(folder, 'main.cjs'),
  `const { app, BrowserWindow } = require('electron');
  app.whenReady().then(() => {
    const window = new BrowserWindow({ width: 1280, height: 800, useContentSize: true, frame: false, show: true });
    window.loadURL('about:blank');
  });`,
);
process.env.ELECTRON_OVERRIDE_DIST_PATH = await ensureElectron();
electronExecutable(process.env.ELECTRON_OVERRIDE_DIST_PATH);
const app = await _electron.launch({ args: ['--no-sandbox', folder] });
const page = await app.firstWindow();
page.on('console', (message) => {
  if (message.text().includes('Security Warning')) return;
  if (message.type() === 'error' || message.type() === 'warning') console.log('page:', message.text());
});
page.on('response', (response) => {
  if (response.status() >= 400) console.log('page got', response.status(), response.url());
});
page.on('pageerror', (error) => console.log('page error:', error.message));

/** @param {number} width @param {number} height @param {number} [zoom] */
async function size(width, height, zoom = 1) {
  await app.evaluate(
    ({ BrowserWindow }, [w, h, z]) => {
      const [window] = BrowserWindow.getAllWindows();
      window.setContentSize(w, h);
      window.webContents.setZoomFactor(z);
    },
    [width, height, zoom],
  );
}

/** @type {Record<string, { scene: string, width?: number, height?: number, zoom?: number, full?: boolean, theme?: string, act?: () => Promise<void> }>} */
const pictures = {
  dark: { scene: 'mining', act: async () => { await pick(); } },
  light: { scene: 'mining', theme: 'light', act: async () => { await pick(); } },
  alone: { scene: 'alone' },
  found: { scene: 'found', theme: 'light' },
  trouble: {
    scene: 'trouble',
    act: async () => {
      await page.getByRole('textbox', { name: 'Peer address' }).fill('127.0.0.1:6006');
      await page.getByRole('button', { name: 'Add peer' }).click();
      await page.getByText('Nothing answers').first().waitFor();
      await page.locator('#peer-error').waitFor();
    },
  },
  dialog: {
    scene: 'found',
    act: async () => {
      await page.getByRole('textbox', { name: 'Peer address' }).fill('192.168.1.20:5001');
      await page.keyboard.press('Enter');
      await page.getByRole('alertdialog').waitFor();
    },
  },
  toasts: {
    scene: 'mining',
    act: async () => {
      await page.getByRole('button', { name: 'Spawn a peer' }).click();
      await page.getByText('No peer was spawned').first().waitFor();
      await page.evaluate(() => {
        const { scenario, pushEvents } = /** @type {any} */ (window);
        const tip = scenario.chain.tip;
        pushEvents(
          { type: 'rejected', rejection: { by: 'peer', peerKey: 'x', peerName: 'Birch', height: 1312, hash: tip.hash, violation: { rule: 'high-hash', expected: '20', got: '0', message: 'Its hash has 0 zero bits, 20 needed.' } } },
          { type: 'notice', notice: { level: 'info', code: 'port-moved', message: 'Port 5001 was taken, so this node listens on 5002.' } },
        );
      });
      await page.getByText('Birch rejected block 1,312').first().waitFor();
    },
  },
  peers4: { scene: 'peers4' },
  peers4light: { scene: 'peers4', theme: 'light' },
  peers4small: { scene: 'peers4', width: 900, height: 600 },
  peers30: { scene: 'peers30', theme: 'light' },
  peers200: { scene: 'peers200', act: async () => { await page.getByRole('button', { name: /^Cut the link/ }).first().focus(); await page.keyboard.press('End'); await page.getByRole('button', { name: 'Remove peer Juniper 99' }).waitFor(); } },
  peers200small: { scene: 'peers200', width: 900, height: 1010, theme: 'light' },
  lost: { scene: 'lost' },
  invalid: { scene: 'invalid', act: () => pick(1314) },
  long: { scene: 'long' },
  longSmall: { scene: 'long', width: 900, height: 1100 },
  longNarrow: { scene: 'long', width: 640, height: 1700 },
  keys: { scene: 'mining', act: async () => { await page.getByRole('button', { name: 'Keyboard shortcuts' }).click(); await page.getByText('Single letters').waitFor(); } },
  small: { scene: 'mining', width: 900, height: 600, act: async () => { await pick(); } },
  smallFull: { scene: 'mining', width: 900, height: 1010, act: async () => { await pick(); } },
  smallLight: { scene: 'trouble', width: 900, height: 1100, theme: 'light' },
  zoom: { scene: 'mining', width: 640, height: 400 },
  zoomPanels: { scene: 'mining', width: 640, height: 1500 },
  palette: { scene: 'mining', act: async () => { await page.keyboard.press('Control+k'); await page.getByRole('combobox', { name: 'Find or run' }).waitFor(); } },
  paletteHeight: { scene: 'mining', theme: 'light', act: async () => { await page.keyboard.press('Control+k'); await page.keyboard.type('1312'); } },
  paletteFind: { scene: 'mining', width: 900, height: 600, act: async () => { await page.keyboard.press('Control+f'); await page.keyboard.type('grace'); } },
  palettePeer: { scene: 'trouble', theme: 'light', act: async () => { await page.keyboard.press('Control+k'); await page.keyboard.type('@'); } },
  paletteNone: { scene: 'mining', width: 640, height: 400, act: async () => { await page.keyboard.press('Control+k'); await page.keyboard.type('zzz'); } },
  header: { scene: 'mining', act: async () => { await pick(); await page.getByRole('tab', { name: 'Header' }).click(); await page.getByRole('button', { name: 'Merkle root' }).focus(); } },
  headerLight: { scene: 'mining', theme: 'light', width: 900, height: 600, act: async () => { await page.getByRole('tab', { name: 'Header' }).click(); await page.getByRole('button', { name: 'Bits' }).focus(); } },
  merkle: { scene: 'mining', theme: 'light', act: async () => { await pick(); await page.getByRole('tab', { name: 'Merkle' }).click(); } },
  explained: { scene: 'mining', act: async () => { await pick(); await page.getByRole('button', { name: 'Explain' }).click(); await page.getByRole('button', { name: 'Copy' }).click(); } },
  order: { scene: 'trouble', theme: 'light', act: async () => { await page.getByRole('button', { name: /^Sort peers/ }).click(); } },
  smallAlone: { scene: 'alone', width: 900, height: 600, theme: 'light' },
  smallFound: { scene: 'found', width: 900, height: 600, theme: 'light' },
  low: { scene: 'mining', width: 1280, height: 640 },
  wide: { scene: 'mining', width: 1720, height: 1000 },
};

async function pick(height = 1312) {
  const hash = await page.evaluate((wantedHeight) => {
    const { scenario } = /** @type {any} */ (window);
    return scenario.blocks.find((/** @type {any} */ each) => each.height === wantedHeight).hash;
  }, height);
  await page.evaluate(async (chosen) => {
    const store = await import(/* @vite-ignore */ `${location.origin}/store/ui-store.ts`);
    store.select(chosen);
  }, hash);
}

/** The window when its motion has ended: two pictures in a row are the same. One in which something always moves is taken after so many. */
async function atRest(tries = 12) {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().filter((motion) => motion.effect?.getTiming().iterations !== Infinity).map((motion) => motion.finished.catch(() => undefined))),
  );
  let before = await page.screenshot();
  for (let taken = 1; taken < tries; taken += 1) {
    const after = await page.screenshot();
    if (after.equals(before)) break;
    before = after;
  }
  return before;
}

for (const [name, scene] of Object.entries(pictures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  await size(scene.width ?? 1280, scene.height ?? 800, scene.zoom);
  await page.goto(`${address}?scene=${scene.scene}&theme=${scene.theme ?? 'dark'}`);
  await page.getByRole('heading', { name: scene.scene === 'lost' ? 'Block' : /^Block [\d,]+$/ }).waitFor();
  await page.evaluate(() => document.fonts.ready);
  await scene.act?.();
  const picture = await atRest();
  const measured = await page.evaluate(() => {
    const root = document.documentElement;
    return { width: innerWidth, height: innerHeight, scrollWidth: root.scrollWidth, scrollHeight: root.scrollHeight };
  });
  writeFileSync(join(folder, `${name}.png`), picture);
  console.log(name, JSON.stringify(measured));
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const result = await /** @type {any} */ (window).axe.run();
    return result.violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ { html }) => html.slice(0, 160)).join('\n    ')}`);
  });
  for (const violation of violations) console.log('  axe', violation);
  const statuses = await page.getByRole('status').count();
  if (statuses !== 1) console.log('  elements with role status:', statuses);
}
await app.close();
await server.close();

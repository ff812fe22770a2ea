import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from './harness/test.ts';

const HOME = 'app://chainscope/index.html';

test('ELE-09 the window is sandboxed, isolated and without Node', async ({ apps }) => {
  const app = await apps.launch();
  expect(app.page.url()).toBe(HOME);
  const preferences = await app.electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => {
      const { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity } =
        (window.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> | null }).getLastWebPreferences() ?? {};
      return { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity };
    }),
  );
  expect(preferences).toEqual([{ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, webSecurity: true }]);
  expect(await app.page.evaluate('[typeof process, typeof require, typeof module, typeof Buffer, typeof electron]')).toEqual(Array(5).fill('undefined'));
  const bridge = await app.page.evaluate<[string, string][]>('Object.entries(window.chainscope).map(([name, value]) => [name, typeof value])');
  expect(bridge.filter(([, type]) => type !== 'function')).toEqual([['platform', 'string']]);
  expect(await app.page.evaluate('Object.isFrozen(window.chainscope) || (() => { try { window.chainscope = 1; } catch {} return typeof window.chainscope === "object"; })()')).toBe(true);
});

test('ELE-07 the policy stops inline code, eval, foreign scripts and every connection', async ({ apps }) => {
  const app = await apps.launch();
  let reached = 0;
  const server = createServer((_request, response) => {
    reached += 1;
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.end('1');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  try {
    const outcome = await app.page.evaluate(`(async () => {
      const violations = [];
      document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
      const settle = (element) => new Promise((resolve) => { element.onload = () => resolve('loaded'); element.onerror = () => resolve('stopped'); document.head.append(element); });
      const script = document.createElement('script'); script.textContent = 'window.inline = true'; document.head.append(script);
      const results = {};
      const handler = document.createElement('a'); handler.setAttribute('onclick', 'window.inline = true'); handler.click();
      results.foreign = await settle(Object.assign(document.createElement('script'), { src: '${origin}/x.js' }));
      results.dataScript = await settle(Object.assign(document.createElement('script'), { src: 'data:text/javascript,window.inline=true' }));
      results.image = await settle(Object.assign(document.createElement('img'), { src: '${origin}/x.png' }));
      results.fetch = await fetch('${origin}/').then(() => 'loaded', () => 'stopped');
      results.file = await fetch('file:///etc/passwd').then(() => 'loaded', () => 'stopped');
      results.socket = await new Promise((resolve) => { try { const s = new WebSocket('${origin}'.replace('http', 'ws')); s.onopen = () => resolve('loaded'); s.onerror = () => resolve('stopped'); } catch { resolve('stopped'); } });
      const frame = document.createElement('iframe'); frame.src = '${origin}/'; document.body.append(frame);
      const webview = document.createElement('webview'); webview.src = '${origin}/'; document.body.append(webview);
      results.inline = window.inline === true ? 'loaded' : 'stopped';
      frame.remove(); webview.remove();
      return { results, violations };
    })()`);
    const { results, violations } = outcome as { results: Record<string, string>; violations: string[] };
    expect(results).toEqual({ foreign: 'stopped', dataScript: 'stopped', image: 'stopped', fetch: 'stopped', file: 'stopped', socket: 'stopped', inline: 'stopped' });
    expect(violations).toEqual(expect.arrayContaining(['script-src-elem', 'script-src-attr', 'img-src', 'connect-src']));
    // \`eval\` from the page itself; code that a debugger evaluates is not under the policy.
    const evalAllowed = await app.page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', () => resolve(false), { once: true });
      setTimeout("document.title = 'taken'; ", 0);
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(document.title === 'taken')));
    })`);
    expect(evalAllowed).toBe(false);
    expect(reached).toBe(0);
  } finally {
    server.close();
  }
  // Each refusal above was logged in the console: that is what this test was for.
  expect(app.pageErrors.length).toBeGreaterThan(0);
  app.pageErrors.length = 0;
});

test('ELE-01 ELE-02 ELE-09 the window stays where it is: no navigation, no new window, no permission, no download', async ({ apps }) => {
  const app = await apps.launch();
  for (const target of ['https://example.org/', 'file:///etc/passwd', 'app://chainscope/other.html', 'app://elsewhere/index.html', 'data:text/html,x', 'javascript:document.title="taken"']) {
    await app.page.evaluate(`(() => { const link = document.createElement('a'); link.href = ${JSON.stringify(target)}; document.body.append(link); link.click(); link.remove(); })()`);
  }
  expect(await app.page.evaluate("window.open('https://example.org/')")).toBeNull();
  await app.page.evaluate(`(() => { const link = document.createElement('a'); link.href = 'https://example.org/'; link.target = '_blank'; document.body.append(link); link.click(); link.remove(); })()`);
  await app.page.evaluate(`(() => { const link = document.createElement('a'); link.href = 'data:text/plain,x'; link.download = 'x.txt'; document.body.append(link); link.click(); link.remove(); })()`);
  const permissions = await app.page.evaluate<string[]>(`Promise.all([
    Notification.requestPermission(),
    navigator.geolocation ? new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('granted'), () => resolve('denied'))) : 'denied',
    navigator.mediaDevices ? navigator.mediaDevices.getUserMedia({ audio: true }).then(() => 'granted', () => 'denied') : 'denied',
    navigator.clipboard ? navigator.clipboard.readText().then(() => 'granted', () => 'denied') : 'denied',
  ])`);
  expect(permissions).toEqual(['denied', 'denied', 'denied', 'denied']);

  await expect.poll(() => app.complaints).toContain('refused window for https://example.org/');
  expect(app.page.url()).toBe(HOME);
  expect(await app.electron.evaluate(({ BrowserWindow, webContents }) => [BrowserWindow.getAllWindows().length, webContents.getAllWebContents().length])).toEqual([1, 1]);
  // Playwright would wait for the ends of navigations that were stopped, so the page itself is asked.
  expect(await app.page.evaluate('document.querySelector("#mine-button")?.checkVisibility()')).toBe(true);
  expect(await app.page.evaluate('document.title')).not.toBe('taken');
  app.pageErrors.length = 0;
});

test('ELE-04 only the main frame of our own window may use the node', async ({ apps }) => {
  const app = await apps.launch();
  // Another window of the same process, even with the same preload and on our own page, is not the window.
  const answer = await app.electron.evaluate(async ({ app: main, BrowserWindow, session }) => {
    const ours = BrowserWindow.getAllWindows()[0];
    const stranger = new BrowserWindow({
      show: false,
      webPreferences: { preload: `${main.getAppPath()}/out/preload/index.cjs`, sandbox: true, contextIsolation: true, session: ours?.webContents.session ?? session.defaultSession },
    });
    await stranger.loadURL('app://chainscope/index.html');
    const result: unknown = await stranger.webContents.executeJavaScript('window.chainscope.mine({ dataText: "1" })');
    stranger.destroy();
    return result;
  });
  expect(answer).toMatchObject({ ok: false, error: { code: 'refused' } });
  expect((await app.snapshot()).mining.jobId).toBe(0);
  await expect.poll(() => app.complaints).toContain('IPC mine was refused');
});

test('ELE-08 app:// gives the files of the page and nothing else', async ({ apps }) => {
  const app = await apps.launch();
  const statuses = await app.electron.evaluate(async ({ BrowserWindow }, paths) => {
    const page = BrowserWindow.getAllWindows()[0]?.webContents.session;
    return Promise.all(paths.map(async (path) => (await page?.fetch(`app://chainscope/${path}`))?.status));
  }, ['index.html', '../main/index.js', '..%2fmain%2findex.js', '%2e%2e/package.json', 'package.json', 'absent.js', '']);
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404, 404]);
  const policy = await app.electron.evaluate(async ({ BrowserWindow }) =>
    (await BrowserWindow.getAllWindows()[0]?.webContents.session.fetch('app://chainscope/index.html'))?.headers.get('Content-Security-Policy'),
  );
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
});

import { app, protocol, session, type Session } from 'electron';
import { APP_ORIGIN, APP_SCHEME, serveFile } from './protocol.ts';

/** Must run before the app is ready: it names the scheme and keeps Chromium off the network. */
export function prepareScheme(devServer: string | undefined): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  for (const name of ['disable-background-networking', 'disable-component-update', 'disable-domain-reliability', 'disable-sync', 'no-pings', 'no-first-run']) {
    app.commandLine.appendSwitch(name);
  }
  // The node speaks through Node's own sockets; Chromium itself has nobody to look up.
  if (devServer === undefined) app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
}

/**
 * The session of all our windows. It lives in memory: what should survive a restart is in the data directory, and a page
 * that leaves nothing behind can leak nothing. Every permission is refused, every request but the page's own is stopped.
 *
 * @param root the built renderer's folder
 * @param devServer origin of the development server, in development only
 */
export function openPageSession(root: string, devServer: string | undefined, refuse: (what: string) => void): Session {
  const page = session.fromPartition('chainscope', { cache: false });
  page.protocol.handle(APP_SCHEME, (request) => serveFile(root, request));
  page.setPermissionRequestHandler((_contents, permission, answer) => {
    refuse(`permission ${permission}`);
    answer(false);
  });
  page.setPermissionCheckHandler(() => false);
  page.setDevicePermissionHandler(() => false);
  page.setSpellCheckerEnabled(false);
  page.on('will-download', (event, item) => {
    refuse(`download of ${item.getURL().slice(0, 200)}`);
    event.preventDefault();
  });
  if (devServer !== undefined) {
    const policy = developmentPolicy(devServer);
    page.webRequest.onHeadersReceived((details, answer) => {
      answer({ responseHeaders: { ...details.responseHeaders, 'Content-Security-Policy': [policy] } });
    });
  }
  const mayLoad = requestFilter(devServer);
  page.webRequest.onBeforeRequest((details, answer) => {
    const cancel = !mayLoad(details.url);
    if (cancel) refuse(`request to ${details.url.slice(0, 200)}`);
    answer({ cancel });
  });
  return page;
}

/** The development server's page needs inline code for hot reload; nothing else is looser than in the built app. */
function developmentPolicy(devServer: string): string {
  const socket = new URL(devServer).origin.replace(/^http/, 'ws');
  return [
    "default-src 'none'",
    "script-src 'self' 'unsafe-inline'",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${socket}`,
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-src 'none'",
  ].join('; ');
}

/** Whether the page may ask for a URL at all; the page's policy decides about the rest. */
export function requestFilter(devServer: string | undefined): (url: string) => boolean {
  const prefixes = [`${APP_ORIGIN}/`, 'devtools://', 'data:', 'blob:'];
  if (devServer !== undefined) {
    const origin = new URL(devServer).origin;
    prefixes.push(`${origin}/`, `${origin.replace(/^http/, 'ws')}/`);
  }
  return (url) => prefixes.some((prefix) => url.startsWith(prefix));
}

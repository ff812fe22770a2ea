import { app, type WebContents } from 'electron';
import { APP_ORIGIN } from './protocol.ts';

/**
 * Whether a frame's URL is our page. The origin is compared as text, because URL parsers give schemes of our own no
 * origin.
 */
export function isOurPage(url: string, devServer: string | undefined): boolean {
  if (url.startsWith(`${APP_ORIGIN}/`)) return true;
  if (devServer === undefined) return false;
  try {
    return new URL(url).origin === new URL(devServer).origin;
  } catch {
    return false;
  }
}

/**
 * Keeps every web contents of the process where it is: no navigation, no redirect, no new window, no webview, no veto when it is closed. A reload of
 * our own page is no navigation. Links to the outside are not opened either: the page has none, and what peers send is text.
 */
export function lockNavigation(devServer: string | undefined, refuse: (what: string) => void): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    const stop = (event: { preventDefault(): void }, url: string): void => {
      if (isOurPage(url, devServer) && isOurPage(contents.getURL(), devServer) && withoutHash(url) === withoutHash(contents.getURL())) return;
      refuse(`navigation to ${url.slice(0, 200)}`);
      event.preventDefault();
    };
    contents.on('will-navigate', (event) => stop(event, event.url));
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame) stop(event, event.url);
    });
    contents.on('will-redirect', (event) => stop(event, event.url));
    // Whoever quits has decided; a page that would rather stay, ours or one that took its place, is closed all the same.
    contents.on('will-prevent-unload', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => {
      refuse('webview');
      event.preventDefault();
    });
    contents.setWindowOpenHandler(({ url }) => {
      refuse(`window for ${url.slice(0, 200)}`);
      return { action: 'deny' };
    });
  });
}

const withoutHash = (url: string): string => url.split('#', 1)[0] ?? '';

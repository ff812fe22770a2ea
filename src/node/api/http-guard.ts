import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-errors.ts';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'] as const;

/**
 * Keeps web pages out. The server is bound to loopback, but a browser on this computer would carry any page's request to it; two headers that a page
 * cannot forge tell them apart. `Host` stops DNS rebinding (a foreign name that points to 127.0.0.1), `Origin` stops pages of other sites.
 * @throws HttpError 403
 */
export function guardRequest(incoming: IncomingMessage, port: number): void {
  const host = incoming.headers.host?.toLowerCase();
  const hosts: string[] = LOOPBACK_NAMES.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${String(port)}`]));
  if (host === undefined || !hosts.includes(host)) {
    throw new HttpError(403, 'foreign-host', `This node answers only to localhost. Use http://127.0.0.1:${String(port)}.`, {
      field: 'host',
      expected: `127.0.0.1:${String(port)}`,
      got: (host ?? 'none').slice(0, 100),
    });
  }
  const origin = incoming.headers.origin?.toLowerCase();
  if (origin !== undefined && !hosts.some((name) => origin === `http://${name}`)) {
    throw new HttpError(403, 'foreign-origin', 'Pages of other sites may not use this node. Open its own address instead.', {
      field: 'origin',
      expected: `http://127.0.0.1:${String(port)} or none`,
      got: origin.slice(0, 100),
    });
  }
}

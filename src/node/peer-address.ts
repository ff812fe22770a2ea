import { isIPv4, isIPv6 } from 'node:net';

export type ParsedPeerAddress = { ok: true; address: string; host: string; port: number } | { ok: false; reason: string };

const LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;

/**
 * Reads `host:port`, `[ipv6]:port` or either with `ws://` before it, and gives back `host:port` in one spelling (lower case,
 * IPv6 in brackets).
 */
export function parsePeerAddress(text: string): ParsedPeerAddress {
  const rest = text.trim().replace(/^ws:\/\//i, '').replace(/\/$/, '');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(rest)) return { ok: false, reason: 'only ws:// addresses can be dialled' };
  const match = /^(?:\[([^\]]+)\]|([^:/?#@\s[\]]+)):([0-9]+)$/.exec(rest);
  if (match === null) return { ok: false, reason: 'expected host:port' };
  const port = Number(match[3]);
  if (!(port >= 1 && port <= 65_535)) return { ok: false, reason: 'the port must be 1 to 65535' };
  const v6 = match[1];
  if (v6 !== undefined) {
    if (!isIPv6(v6)) return { ok: false, reason: 'not an IPv6 address' };
    return { ok: true, address: `[${v6.toLowerCase()}]:${String(port)}`, host: v6.toLowerCase(), port };
  }
  const host = (match[2] ?? '').toLowerCase();
  const looksLikeIPv4 = /^[0-9.]+$/.test(host);
  if (looksLikeIPv4 ? !isIPv4(host) : host.length > 253 || !host.split('.').every((label) => LABEL.test(label))) {
    return { ok: false, reason: 'not the name or address of a computer' };
  }
  return { ok: true, address: `${host}:${String(port)}`, host, port };
}

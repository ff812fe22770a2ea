import { isIPv4, isIPv6 } from 'node:net';
import { ApiError } from '../../shared/node-api.ts';
import type { DialTarget } from './transport.ts';

const MAX_HOST = 253;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

export interface PeerAddress extends DialTarget {
  /** `host:port`, IPv6 in brackets, lower case: how it is shown and stored. */
  text: string;
}

function notAnAddress(got: string): ApiError {
  return new ApiError({
    code: 'not-an-address',
    message: 'Not an address',
    field: 'address',
    expected: 'host:port or ws://host:port',
    got: got.slice(0, 100),
  });
}

function badPort(got: string): ApiError {
  return new ApiError({
    code: 'bad-port',
    message: 'Port must be 1-65535',
    field: 'address',
    expected: '1-65535',
    got: got.slice(0, 20),
  });
}

/**
 * Reads `host:port`, `ws://host:port` or either with an IPv6 address in brackets; white space around it and one `/` after it are
 * ignored. Throws ApiError `not-an-address` or `bad-port`.
 */
export function parseAddress(input: string): PeerAddress {
  const text = input.trim();
  const match = /^(?:ws:\/\/)?(\[[^\]]*\]|[^:/[\]@?#\s]+):([^/]*)\/?$/i.exec(text);
  if (match === null || text.length > MAX_HOST + 20) throw notAnAddress(text);
  const host = parseHost((match[1] ?? '').toLowerCase());
  if (host === undefined) throw notAnAddress(text);
  const digits = match[2] ?? '';
  // `a:b:c` without brackets, a scheme, credentials: not a port at all.
  if (/[^0-9a-z.+-]/i.test(digits)) throw notAnAddress(text);
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) throw badPort(digits);
  return makeAddress(host, port);
}

export function makeAddress(host: string, port: number): PeerAddress {
  return { host, port, text: isIPv6(host) ? `[${host}]:${String(port)}` : `${host}:${String(port)}` };
}

function parseHost(host: string): string | undefined {
  if (host.startsWith('[')) {
    const inner = host.slice(1, -1);
    return isIPv6(inner) && !inner.includes('%') ? inner : undefined;
  }
  if (isIPv4(host)) return host;
  if (host.length > MAX_HOST) return undefined;
  const labels = host.split('.');
  // A last label that is a number can be no name (RFC 3696, and "ends in a number" of the URL standard, which takes 0x1f as well): it is
  // a mistyped IPv4 address, and a dialled URL with it would be none.
  if (/^([0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return undefined;
  return labels.every((label) => LABEL.test(label)) ? host : undefined;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Equal for addresses that lead to the same place for certain: `localhost` is 127.0.0.1. */
export function addressKey(address: DialTarget): string {
  return `${address.host === 'localhost' ? '127.0.0.1' : address.host}:${String(address.port)}`;
}

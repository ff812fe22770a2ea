import type { ListenInfo } from './events.ts';

/** `127.0.0.1:5001`, `[::1]:5001`: an IPv6 address stands in brackets (RFC 3986, 3.2.2). */
export function hostPort({ host, port }: Pick<ListenInfo, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/** The same for whoever wants to connect from this computer: an address that stands for all of them is the loopback one. */
export function reachableAt({ host, port }: Pick<ListenInfo, 'host' | 'port'>): string {
  return hostPort({ host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port });
}

/** What the peer form must know about an address before it is sent. Whether it is a good one, the node decides. */

/** Host of `host:port`, `ws://host:port` or `[v6]:port`; null when there is none to be seen. */
export function hostOf(address: string): string | null {
  const text = address.trim().replace(/^wss?:\/\//i, '').replace(/[/?#].*$/, '');
  const bracketed = /^\[([^\]]+)\]/.exec(text);
  if (bracketed?.[1] !== undefined) return bracketed[1].toLowerCase();
  const host = /^([^:]+)(?::[^:]*)?$/.exec(text)?.[1];
  return host === undefined || host === '' ? null : host.toLowerCase();
}

/** Port part of an address, as typed; null when there is none. */
export function portOf(address: string): string | null {
  return /:(\d+)\/?$/.exec(address.trim())?.[1] ?? null;
}

/** True for 127.0.0.0/8, ::1 (also as mapped IPv4) and the name localhost (RFC 6761). */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  if (name === '::1' || /^(0{1,4}:){7}0{0,3}1$/.test(name)) return true;
  const four = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name);
  return four?.[1] === '127' && four.slice(2).every((part) => Number(part) <= 255);
}

/** What the node would dial: anything else it refuses, with a reason, before a byte leaves. */
const DIALLABLE = /^(?:ws:\/\/)?(?:\[[^\]]+\]|[^:/[\]@?#\s]+):(\d{1,5})\/?$/i;

/** Four numbers that are no IPv4 address (RFC 791): the node refuses them. */
function impossible(host: string): boolean {
  return /^\d+(?:\.\d+){3}$/.test(host) && host.split('.').some((part) => Number(part) > 255);
}

/** True when dialling this address would send something to another computer. */
export function leavesThisComputer(address: string): boolean {
  const port = Number(DIALLABLE.exec(address.trim())?.[1] ?? 0);
  if (port < 1 || port > 65_535) return false;
  const host = hostOf(address);
  return host !== null && !isLoopbackHost(host) && !impossible(host);
}

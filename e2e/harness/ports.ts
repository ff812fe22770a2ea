import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what the systems give away by themselves (32768 and up on Linux, 49152 and up elsewhere): between the moment that a port is found free
 * here and its use nobody gets it by asking for any port.
 */
const FIRST = 20_000;
const LAST = 32_000;

/** Whether nobody listens on this port of this computer now. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}

/** Ports of this computer that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  // Drawn by lot, since others look for ports at the same time.
  while (ports.size < count) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** Holds one port until `release` is called. */
export async function takePort(port = 0): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return { port: address.port, release: async () => void (await once(server.close(), 'close')) };
}

import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Of the addresses of this computer other than 127.0.0.1, those on which somebody takes a connection at this port. */
export async function reachableElsewhere(port: number): Promise<string[]> {
  const outside = Object.values(networkInterfaces()).flatMap((list) => list ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
  const reached: string[] = [];
  for (const host of [...outside, '::1', '127.0.0.2']) if (await reaches(host, port)) reached.push(host);
  return reached;
}

function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
